"""The framing of compressed back-ups (`MSSQLBAK`): records around the pieces of an ordinary tape.

No exact description is public; the framing is [observed] on media of SQL Server 2008, 2016, 2019
and 2022: the walk over the records ends at the end of every file and all checksums hold.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from core.errors import BadFormat
from core.formats.mtf import BLOCK_HEADER
from core.formats.notes import NoteBook
from core.formats.report import Note
from core.formats.source import Stream
from core.formats.tape import TapeResult, Tick, read_tape
from core.formats.xor import rolling_dwords
from core.formats.xpress import Expander

MAGIC = b"MSSQLBAK"
_UNIT = 512
_FILEMARK = b"SFMB"
_HEAD = 16
"""A trailer's head: u16 1, u16 1, u32 entries, u32 length of all, u32 checksum of the entries. The end repeats it."""
_ENTRY = 16
MOST_TRAILER = 1 << 20
MOST_EXPANDED = 10_000
"""Records expanded, a millisecond each: what stands between the data fits into a few for each set."""
MOST_EXPANDED_HEAD = 500
_BREAKS = ("truncated", "zeros", "structure", "record-unknown", "newer-format", "limit")
"""Notes after which there is nothing more to expand."""
HEAD_REACH = 128 << 20
"""Expanded bytes that a quick look hops over by record headers: a dozen milliseconds."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand in one container version."""

    first: int
    """Offset of the first record."""
    short: int
    """Header bytes of pads and trailers."""
    header: int
    """Header bytes of data records; the last four are the checksum of the compressed bytes."""
    data: int
    pad: int
    trailer: int


_LAYOUTS = {
    1: _Layout(first=0x10, short=4, header=8, data=0x81, pad=0x84, trailer=0x8C),
    2: _Layout(first=0x1E0, short=24, header=28, data=0x21, pad=0x24, trailer=0x2C),
}


@dataclass(slots=True)
class _Record:
    """The piece of the expanded stream that is being read."""

    at: int
    """Byte position in the file."""
    size: int
    """Expanded."""
    packed: int
    """Compressed bytes that still stand in the file; 0 once they are loaded."""
    checksum: int
    done: int = 0
    raw: bytes | None = None
    """A filemark stands uncompressed between the records."""
    expander: Expander | None = None


class CompressedStream:
    """The expanded tape inside a compressed medium. Passing over data never expands it.

    Ends early, with a note, where the framing breaks. `whole`: compare the checksum of every record,
    also of those that are only passed over.
    """

    def __init__(self, inner: Stream, *, whole: bool, tick: Tick | None = None) -> None:
        self.notes = NoteBook()
        self.checked = {"records": 0, "checksums": 0}
        self.version: int | None = None
        self._inner = inner
        self._whole = whole
        self._tick = tick
        self._at = 0
        self._over = False
        self._expanded = 0
        self._record: _Record | None = None
        self._layout = self._start()

    @property
    def size(self) -> None:
        """Nobody knows before the end."""
        return

    def tell(self) -> int:
        """Expanded bytes passed so far."""
        return self._at

    def read(self, n: int, /) -> bytes:
        """The next `n` expanded bytes; fewer only at the end."""
        parts = []
        while n and (record := self._current()) is not None:
            piece = self._expand(record, n)
            if not piece:
                break
            parts.append(piece)
            n -= len(piece)
        return b"".join(parts)

    def skip(self, n: int, /) -> int:
        """Pass over `n` expanded bytes; the number passed, less only at the end."""
        start, end = self._at, self._at + n
        while self._at < end and (record := self._current()) is not None:
            step = min(end - self._at, record.size - record.done)
            if record.done + step == record.size and record.packed and not self._drop(record):
                break
            record.done += step
            self._at += step
        return self._at - start

    # -- framing -----------------------------------------------------------------------------------------------

    def _start(self) -> _Layout:
        head = self._inner.read(16)
        if len(head) < 16 or not head.startswith(MAGIC):
            self._stop("truncated" if MAGIC.startswith(head[:8]) else "structure", what="MSSQLBAK", at=0)
            return _LAYOUTS[1]
        self.version = int.from_bytes(head[8:12], "little")
        layout = _LAYOUTS.get(self.version)
        if layout is None:
            self._over = True
            self.notes.add("newer-format", what="MSSQLBAK", version=self.version)
            return _LAYOUTS[1]
        self._inner.skip(layout.first - len(head))
        return layout

    def _stop(self, code: str, what: str, at: int) -> None:
        self._over = True
        self.notes.add(code, proves_damage=True, what=what, at=at)

    def _current(self) -> _Record | None:
        """The record that the next byte comes from; None at the end."""
        while not self._over and (self._record is None or self._record.done == self._record.size):
            self._record = None
            self._next()
        return self._record

    def _next(self) -> None:
        """Go to the next record that carries a piece of the tape."""
        at = self._inner.tell()
        head = self._inner.read(4)
        if not head:
            self._over = True
        elif len(head) < 4:
            self._stop("truncated", what="record", at=at + len(head))
        elif head == _FILEMARK:
            self._filemark(head, at)
        elif head[0] == self._layout.data:
            self._data(head, at)
        elif head[0] == self._layout.pad:
            self._leave(self._layout.short - 4 + int.from_bytes(head[2:], "little"))
        elif head[0] == self._layout.trailer:
            self._trailer(at)
        elif not any(head):
            self._stop("zeros", what="record", at=at)
        else:
            self._over = True
            self.notes.add("record-unknown", what=f"record {head[0]:02x}", at=at)

    def _fill(self, n: int) -> bytes | None:
        """Exactly `n` bytes of the file, or a note that it ends."""
        data = self._inner.read(n)
        if self._tick is not None:
            self._tick(len(data))
        if len(data) < n:
            self._stop("truncated", what="record", at=self._inner.tell())
            return None
        return data

    def _leave(self, n: int) -> None:
        if self._inner.skip(n) < n:
            self._stop("truncated", what="record", at=self._inner.tell())

    def _filemark(self, head: bytes, at: int) -> None:
        if (rest := self._fill(BLOCK_HEADER - len(head))) is None:
            return
        size = int.from_bytes(rest[4:6], "little")
        if size < BLOCK_HEADER:
            self._stop("structure", what="SFMB", at=at)
        elif (tail := self._fill(size - BLOCK_HEADER)) is not None:
            self._record = _Record(at, size, 0, 0, raw=head + rest + tail)

    def _data(self, head: bytes, at: int) -> None:
        if (rest := self._fill(self._layout.header - len(head))) is None:
            return
        size, packed = head[1] * _UNIT, int.from_bytes(head[2:], "little")
        if not size or not packed:
            self._stop("structure", what="record", at=at)
            return
        self.checked["records"] += 1
        self._record = _Record(at, size, packed, int.from_bytes(rest[-4:], "little"))

    def _trailer(self, at: int) -> None:
        """An index of the records after the payloads. Passed over, but compared in whole mode."""
        if (head := self._fill(self._layout.short - 4 + _HEAD)) is None:
            return
        head = head[-_HEAD:]
        entries, length, checksum = struct.unpack_from("<4xIII", head)
        size = entries * _ENTRY
        if not 2 * _HEAD + size <= length <= MOST_TRAILER:
            self._stop("structure", what="trailer", at=at)
        elif not self._whole:
            self._leave(length - _HEAD)
        elif (rest := self._fill(length - _HEAD)) is not None:
            self.checked["checksums"] += 1
            if rolling_dwords(rest[:size]) != checksum or rest[-_HEAD:] != head:
                self.notes.add("checksum", proves_damage=True, what="trailer", at=at)

    # -- data --------------------------------------------------------------------------------------------------

    def _load(self, record: _Record) -> bytes | None:
        """The compressed bytes, compared with their checksum; None when the file ends inside."""
        data = self._fill(record.packed)
        if data is None:
            return None
        record.packed = 0
        self.checked["checksums"] += 1
        if rolling_dwords(data) != record.checksum:
            self.notes.add("checksum", proves_damage=True, what="record", at=record.at)
        return data

    def _drop(self, record: _Record) -> bool:
        """Pass over the compressed bytes without expanding them; False when the file ends inside."""
        if self._whole:
            return self._load(record) is not None
        self._leave(record.packed)
        record.packed = 0
        return not self._over

    def _expand(self, record: _Record, n: int) -> bytes:
        end = min(record.done + n, record.size)
        if record.raw is not None:
            piece = record.raw[record.done : end]
        else:
            if record.expander is None:
                if self._expanded >= (MOST_EXPANDED if self._whole else MOST_EXPANDED_HEAD):
                    self._over = True
                    self.notes.add("limit", what="record", found=self._expanded)
                    return b""
                data = self._load(record)
                if data is None:
                    return b""
                record.expander = Expander(data, record.size)
                self._expanded += 1
            try:
                piece = bytes(record.expander.upto(end)[record.done : end])
            except BadFormat:
                self._stop("structure", what="record", at=record.at)
                return b""
        record.done += len(piece)
        self._at += len(piece)
        return piece


def read_compressed(stream: Stream, *, whole: bool, tick: Tick | None = None, reach: int | None = None) -> TapeResult:
    """Report all sets of a compressed medium. Raises nothing but what `tick` and `stream` raise.

    `reach` counts expanded bytes. The data is never expanded: its records' checksums stand for it,
    and a CSUM inside is not compared.
    """
    inner = CompressedStream(stream, whole=whole, tick=tick)
    bound = None if whole else min(reach or HEAD_REACH, HEAD_REACH)
    result = read_tape(inner, whole=False, reach=bound)
    notes = inner.notes.all()
    broken = any(map(inner.notes.has, _BREAKS))
    for note in result.notes:
        if note.code in ("truncated", "zeros", "structure") and broken:
            continue  # the tape ends because the framing did
        notes += (_placed(note, stream.tell()),)
    media = result.media and replace(result.media, container_version=inner.version)
    return TapeResult(media, notes, {**result.checked, **_sum(result, inner)}, result.pages)


def _placed(note: Note, at: int) -> Note:
    """A note that the end is missing points into the file, not into the expanded tape."""
    return replace(note, detail={**note.detail, "at": at}) if note.code == "truncated" else note


def _sum(result: TapeResult, inner: CompressedStream) -> dict[str, int]:
    return {**inner.checked, "checksums": inner.checked["checksums"] + result.checked["checksums"]}


class Placed(Protocol):
    """Bytes at a place."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def read_at(self, offset: int, n: int, /) -> bytes:
        """Up to `n` bytes from `offset`."""


def records_of(medium: Placed) -> Iterator[tuple[int, int, int, int]]:
    """(place of the bytes, packed length or 0, expanded length, checksum) of each piece of the tape, in order.

    One pass over the headers. Ends where the framing breaks: `read_compressed` says why.
    """
    head = medium.read_at(0, 16)
    layout = _LAYOUTS.get(int.from_bytes(head[8:12], "little"))
    if not head.startswith(MAGIC) or layout is None:
        return
    at = layout.first
    while at < medium.size:
        head = medium.read_at(at, BLOCK_HEADER)
        if len(head) < 4:
            return
        packed = int.from_bytes(head[2:4], "little")
        if head[:4] == _FILEMARK:
            size = int.from_bytes(head[8:10], "little")
            if size < BLOCK_HEADER:
                return
            yield at, 0, size, 0
            at += size
        elif head[0] == layout.data:
            if not packed or not head[1]:
                return
            checksum = int.from_bytes(head[layout.header - 4 : layout.header], "little")
            yield at + layout.header, packed, head[1] * _UNIT, checksum
            at += layout.header + packed
        elif head[0] == layout.pad:
            at += layout.short + packed
        elif head[0] == layout.trailer:
            length = int.from_bytes(head[layout.short + 8 : layout.short + 12], "little")
            at += layout.short + max(length, _HEAD)
        else:
            return
