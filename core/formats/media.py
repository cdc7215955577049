"""What the blocks of a tape say, gathered into `Media` and `BackupSet`."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace

from core.formats.mtf import BlockHeader, guid, text
from core.formats.notes import NoteBook
from core.formats.report import BackupSet, DatabaseFile, Media

PAGE = 8192
FILLER = 128
"""Pages in a megabyte: SQL Server fills the data stream up to such a boundary [observed]."""

_TAPE_FIXED = 94
_SSET_FIXED = 98
_RAID_FIXED = 26


@dataclass(frozen=True, slots=True)
class SetPages:
    """Where the pages of one back-up set are in the medium."""

    position: int
    regions: tuple[tuple[tuple[int, int], ...], ...]
    """For each MSDA block: (byte offset, pages) of each of its data streams."""
    counts: tuple[tuple[int, int], ...]
    """(file id, pages) of each data file in the first region, in the order of the stream."""


@dataclass(slots=True)
class SetDraft:
    """One back-up set while its blocks go by."""

    at: int
    """Byte position of its SSET: logical addresses count from here."""
    label: BackupSet
    """What the SSET block says."""
    opening: BackupSet | None = None
    """Configuration at the start of the back-up (MSCI)."""
    closing: BackupSet | None = None
    """Configuration at its end (MSLS): the one that counts."""
    regions: list[int] = field(default_factory=list)
    """Pages in each MSDA block."""
    spans: list[list[tuple[int, int]]] = field(default_factory=list)
    """(byte offset, pages) of the data streams of each MSDA block."""
    encrypted: bool = False
    closing_seen: bool = False
    """MSLS was there, understood or not."""
    end_seen: bool = False
    """ESET was there."""

    @property
    def missing(self) -> str | None:
        """The closing block that has not been seen yet."""
        if not self.closing_seen:
            return "MSLS"
        return None if self.end_seen else "ESET"

    def check_pages(self, notes: NoteBook, family_count: int | None) -> int:
        """Compare the page counts of the header with the data; the number of comparisons.

        With two regions (2019 and later) the opening copy counts the first and the closing copy the
        second [observed]. A stripe holds only a part of what is counted, and a log holds no pages.
        """
        first, last = self.opening, self.closing
        if first is None or last is None or last.backup_type == "log" or family_count != 1:
            return 0
        if notes.has("limit") or len(self.regions) not in (1, 2) or any(file.kind == "other" for file in last.files):
            return 0
        copies = (last,) if len(self.regions) == 1 else (first, last)
        for copy, found in zip(copies, self.regions, strict=True):
            stated = sum(file.pages for file in copy.files if file.kind == "data")
            if not stated <= found < stated + FILLER:
                notes.add(
                    "page-count", proves_damage=found < stated, set=self.label.position, expected=stated, found=found
                )
        return len(copies)

    def pages(self) -> SetPages:
        """Where its pages are. With two regions the opening copy counts the first one [observed]."""
        said = self.opening if len(self.regions) > 1 else self.closing or self.opening
        files = said.files if said else ()
        counts = tuple((file.file_id, file.pages) for file in files if file.kind == "data")
        return SetPages(self.label.position, tuple(map(tuple, self.spans)), counts)

    def finish(self) -> BackupSet:
        """The set; the closing configuration wins where it was seen."""
        said = self.closing or self.opening or self.label
        return replace(
            said,
            position=self.label.position,
            name=self.label.name,
            description=self.label.description,
            user=self.label.user,
            password=self.label.password,
            set_guid=self.label.set_guid,
            files=self._files(),
            encrypted=self.encrypted,
            ended=self.missing is None,
        )

    def _files(self) -> tuple[DatabaseFile, ...]:
        first, last = self.opening, self.closing
        if first is None or last is None or len(self.regions) < 2:
            said = last or first
            return said.files if said else ()
        before = {file.file_id: file.pages for file in first.files if file.kind == "data"}
        return tuple(replace(file, pages=file.pages + before.get(file.file_id, 0)) for file in last.files)


def media_of(block: bytes, header: BlockHeader, notes: NoteBook) -> Media:
    """The TAPE block (MTF 1.00a 5.2.1)."""
    if len(block) < _TAPE_FIXED:
        notes.add("structure", proves_damage=True, what="TAPE", at=0)
        return Media()
    algorithm, filemark = struct.unpack_from("<62xHH", block)
    (password_size,) = struct.unpack_from("<H", block, 76)
    if (major := block[93]) != 1:
        notes.add("newer-format", what="MTF", version=major)
    return Media(
        password=bool(algorithm or password_size),
        software=text(block, 80, wide=header.wide),
        name=text(block, 68, wide=header.wide) or "",
        description=text(block, 72, wide=header.wide) or "",
        block_size=filemark * 512,
    )


def with_family(media: Media, raid: bytes) -> Media:
    """The RAID stream [observed]: media set, number of stripes, mirrors, and which stripe this is."""
    if len(raid) < _RAID_FIXED:
        return media
    count, mirrors, ordinal = struct.unpack_from("<20xHHH", raid)
    return replace(media, guid=guid(raid, 0), family_count=count, mirrors=mirrors, family_ordinal=ordinal)


def label_of(block: bytes, header: BlockHeader, notes: NoteBook, at: int) -> BackupSet:
    """The SSET block (MTF 1.00a 5.2.2)."""
    if len(block) < _SSET_FIXED:
        notes.add("structure", proves_damage=True, what="SSET", at=at)
        return BackupSet(position=0)
    algorithm, position = struct.unpack_from("<56xH4xH", block)
    (password_size,) = struct.unpack_from("<H", block, 72)
    size, offset = header.system_data
    return BackupSet(
        position=position,
        name=text(block, 64, wide=header.wide) or "",
        description=text(block, 68, wide=header.wide) or "",
        user=text(block, 76, wide=header.wide) or None,
        password=bool(algorithm or password_size),
        engine_version=f"{block[93]}.{block[94]}",
        set_guid=guid(block, offset) if size >= 16 else None,
    )
