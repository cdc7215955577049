"""Walk over an uncompressed back-up medium: block by block, never by searching.

Order of blocks [observed]: TAPE SFMB, then for every set SSET VOLB MSCI MSDA... MSTL... MSLS SFMB ESET ESET SFMB.
A block holds streams up to its SPAD; the next block starts where the data of SPAD ends (MTF 1.00a 3.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from core.formats.media import PAGE, SetDraft, SetPages, label_of, media_of, with_family
from core.formats.mqci import read_configuration
from core.formats.mtf import (
    BLOCK_HEADER,
    LOGICAL_BLOCK,
    SPACER,
    STREAM_CHECKSUMMED,
    STREAM_ENCRYPTED,
    STREAM_HEADER,
    BlockHeader,
    StreamHeader,
    block_header,
    is_name,
    stream_header,
)
from core.formats.notes import NoteBook
from core.formats.report import Media, Note
from core.formats.source import CHUNK, Stream
from core.formats.xor import SectorChecksum

Tick = Callable[[int], None]
"""Told how many bytes were just read; may raise Cancelled."""

MOST_HEADERS = 250_000
"""Block and stream headers of a medium."""
MOST_SETS = 5_000
MOST_FILES = 40_000
"""Files in all configurations of a medium together."""
MOST_STREAMS = 256
"""In one block; SQL Server writes at most five [observed]."""
MOST_CONFIGURATION = 4 << 20
"""Bytes of one MQCI stream: some 3,400 files."""
MOST_CONFIGURATIONS = 64 << 20
"""Bytes of all MQCI streams of a medium that are looked into."""
_LEAD = 2
"""Zero bytes in front of the pages of a data stream [observed]."""


@dataclass(frozen=True, slots=True)
class TapeResult:
    """A medium as far as it could be read."""

    media: Media | None
    notes: tuple[Note, ...]
    checked: Mapping[str, int]
    pages: tuple[SetPages, ...] = ()
    """Where the pages of each set are."""


def read_tape(stream: Stream, *, whole: bool, tick: Tick | None = None, reach: int | None = None) -> TapeResult:
    """Report all sets of a medium and what is wrong with it. Raises nothing but what `tick` and `stream` raise.

    Every block and stream header is verified. With `whole`, all data is read and each CSUM compared; else data
    is skipped, and with `reach` the walk ends, without a note, before it would pass that byte.
    """
    return _Walk(stream, whole=whole, tick=tick, reach=None if whole else reach).run()


class _Stop(Exception):
    """The walk cannot or need not go on."""


class _Walk:
    def __init__(self, stream: Stream, *, whole: bool, tick: Tick | None, reach: int | None) -> None:
        self.stream = stream
        self.whole = whole
        self.tick = tick
        self.reach = reach
        self.notes = NoteBook()
        self.media: Media | None = None
        self.sets: list[SetDraft] = []
        self.last = b""
        """Kind of the last block that was whole."""
        self.checked = {"blocks": 0, "streams": 0, "checksums": 0, "page-counts": 0}
        self.files = 0
        self.configuration = 0
        self.sum: int | None = None
        """Checksum of the last stream that announced one."""

    def run(self) -> TapeResult:
        try:
            while self.checked["blocks"] + self.checked["streams"] < MOST_HEADERS:
                self._block()
            self.notes.add("limit", what="MTF", found=MOST_HEADERS)
        except _Stop:
            pass
        family = self.media.family_count if self.media else None
        self.checked["page-counts"] = sum(draft.check_pages(self.notes, family) for draft in self.sets)
        media = self.media and replace(self.media, sets=tuple(draft.finish() for draft in self.sets))
        return TapeResult(media, self.notes.all(), self.checked, tuple(draft.pages() for draft in self.sets))

    # -- moving ------------------------------------------------------------------------------------------------

    def _take(self, n: int, what: str) -> bytes:
        """Exactly `n` bytes, or the file ends inside `what`."""
        data = self.stream.read(n)
        if self.tick is not None:
            self.tick(len(data))
        if len(data) < n:
            self.notes.add("truncated", proves_damage=True, what=what, at=self.stream.tell())
            raise _Stop
        return data

    def _pass(self, n: int, what: str, checksum: SectorChecksum | None = None) -> None:
        """Go over `n` bytes of data: read in whole mode, skipped in head mode."""
        if self.whole:
            while n:
                data = self._take(min(n, CHUNK), what)
                n -= len(data)
                if checksum is not None:
                    checksum.update(data)
            return
        if self.reach is not None and self.stream.tell() + n > self.reach:
            raise _Stop
        if self.stream.skip(n) < n:
            self.notes.add("truncated", proves_damage=True, what=what, at=self.stream.tell())
            raise _Stop

    # -- blocks ------------------------------------------------------------------------------------------------

    def _block(self) -> None:
        at = self.stream.tell()
        if self.reach is not None and at > self.reach:
            raise _Stop
        head = self.stream.read(BLOCK_HEADER)
        if len(head) < BLOCK_HEADER:
            raise self._end(head, at)
        header = block_header(head)
        if not (is_name(header.kind) and (header.intact or header.kind in _KNOWN)):
            raise self._end(head, at)
        if not header.intact:
            self.notes.add("checksum", proves_damage=True, what=header.kind.decode(), at=at)
        if header.first_event < BLOCK_HEADER:
            raise self._contradiction(header.kind, at)
        if header.kind not in _KNOWN:
            self.notes.add("record-unknown", what=header.kind.decode(), at=at)
        block = head + self._take(header.first_event - BLOCK_HEADER, header.kind.decode())
        self.checked["blocks"] += 1
        self._begin(block, header, at)
        if header.kind != b"SFMB":
            self._streams(header, at)
        if self.sets:
            self.sets[-1].closing_seen |= header.kind == b"MSLS"
            self.sets[-1].end_seen |= header.kind == b"ESET"
        self.last = header.kind

    def _end(self, head: bytes, at: int) -> _Stop:
        """No block starts here: the end of the medium, or something that does not belong."""
        missing = self.sets[-1].missing if self.sets else "SSET"
        if missing is None and self.last != b"SFMB":
            missing = "SFMB"
        if missing is None:
            if head:
                self._trailing(at)
        elif len(head) < BLOCK_HEADER:
            self.notes.add("truncated", proves_damage=True, what=missing, at=at)
        elif not any(head):
            self.notes.add("zeros", proves_damage=True, what=missing, at=at)
        else:
            self.notes.add("structure", proves_damage=True, what=missing, at=at)
        return _Stop()

    def _trailing(self, at: int) -> None:
        if self.whole:
            while data := self.stream.read(CHUNK):
                if self.tick is not None:
                    self.tick(len(data))
        size = None if self.whole else self.stream.size
        self.notes.add("trailing", at=at, bytes=(size or self.stream.tell()) - at)

    def _contradiction(self, kind: bytes, at: int) -> _Stop:
        self.notes.add("structure", proves_damage=True, what=kind.decode(), at=at)
        return _Stop()

    def _begin(self, block: bytes, header: BlockHeader, at: int) -> None:
        """Take over what the block itself says."""
        kind = header.kind
        if kind == b"TAPE" and self.media is None:
            self.media = media_of(block, header, self.notes)
        elif self.media is None:
            raise self._contradiction(kind, at)
        elif kind == b"SSET":
            if self.sets and (missing := self.sets[-1].missing):
                self.notes.add("truncated", proves_damage=True, what=missing, at=at)
            if len(self.sets) == MOST_SETS:
                self.notes.add("limit", what="SSET", found=MOST_SETS)
                raise _Stop
            self.sets.append(SetDraft(at, label_of(block, header, self.notes, at)))
        elif kind in _ADDRESSED:
            if not self.sets:
                raise self._contradiction(kind, at)
            if at != self.sets[-1].at + header.address * LOGICAL_BLOCK:
                self.notes.add("structure", proves_damage=True, what=kind.decode(), at=at)
            if kind == b"MSDA":
                self.sets[-1].regions.append(0)
                self.sets[-1].spans.append([])

    # -- streams -----------------------------------------------------------------------------------------------

    def _streams(self, owner: BlockHeader, at: int) -> None:
        for _ in range(MOST_STREAMS):
            place = self.stream.tell()
            head = self._take(STREAM_HEADER, owner.kind.decode())
            if not any(head):
                self.notes.add("zeros", proves_damage=True, what=owner.kind.decode(), at=place)
                raise _Stop
            header = stream_header(head)
            if not is_name(header.kind):
                raise self._contradiction(owner.kind, place)
            if not header.intact:
                self.notes.add("checksum", proves_damage=True, what=header.kind.decode(), at=place)
            self.checked["streams"] += 1
            if (header.encryption or header.media_attributes & STREAM_ENCRYPTED) and self.sets:
                self.sets[-1].encrypted = True
                self.notes.add("encrypted", what=header.kind.decode(), at=place)
            self._stream(owner, header, place)
            if header.kind == SPACER:
                return
            self._take(-(self.stream.tell() - at) % 4, owner.kind.decode())
        raise self._contradiction(owner.kind, at)

    def _stream(self, owner: BlockHeader, header: StreamHeader, place: int) -> None:
        name, length = header.kind.decode(), header.length
        if header.kind == b"RAID" and length <= LOGICAL_BLOCK and self.media is not None:
            self.media = with_family(self.media, self._take(length, name))
        elif header.kind == b"MQCI" and self._readable(length) and owner.kind in (b"MSCI", b"MSLS"):
            self.configuration += length
            records = self._take(length, name)
            said = read_configuration(records, self.notes, place + STREAM_HEADER, MOST_FILES - self.files)
            self.files += len(said.files) if said else 0
            if owner.kind == b"MSCI":
                self.sets[-1].opening = said
            else:
                self.sets[-1].closing = said
        elif header.kind == b"CSUM" and length == 4:
            self._compare(int.from_bytes(self._take(4, name), "little"), owner, place)
        elif header.kind in (b"MQDA", b"MQTL") and length >= _LEAD:
            self._take(_LEAD, name)
            if owner.kind == b"MSDA" and length > _LEAD:
                self.sets[-1].spans[-1].append((self.stream.tell(), (length - _LEAD) // PAGE))
            checksum = SectorChecksum() if self.whole and header.media_attributes & STREAM_CHECKSUMMED else None
            if (length - _LEAD) % PAGE:
                self.notes.add("structure", proves_damage=True, what=name, at=place)
            self._pass(length - _LEAD, name, checksum)
            self.sum = checksum.value if checksum is not None else None
            if owner.kind == b"MSDA":
                self.sets[-1].regions[-1] += (length - _LEAD) // PAGE
        else:
            if header.kind == b"MQCI" and not self._readable(length):
                self.notes.add("limit", what=name, found=length)
            self._pass(length, name)

    def _readable(self, length: int) -> bool:
        return length <= MOST_CONFIGURATION and self.configuration + length <= MOST_CONFIGURATIONS

    def _compare(self, stated: int, owner: BlockHeader, place: int) -> None:
        if self.sum is None:
            return
        self.checked["checksums"] += 1
        if self.sum != stated:
            self.notes.add("checksum", proves_damage=True, what=f"{owner.kind.decode()} CSUM", at=place)


_ADDRESSED = frozenset((b"VOLB", b"MSCI", b"MSDA", b"MSTL", b"MSLS"))
_KNOWN = _ADDRESSED | {b"TAPE", b"SSET", b"ESET", b"SFMB"}
