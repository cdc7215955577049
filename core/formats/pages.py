"""Database files: the file header page and the boot page, each verified.

Layout of the page header, the boot page and the file header: [observed] on files of SQL Server 2000
to 2025 and on the pages inside some 260 back-ups; the boot page offsets are the same in all of them.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.formats.mtf import guid
from core.formats.notes import NoteBook
from core.formats.report import DataFile, Note
from core.formats.source import CHUNK, Stream
from core.formats.tape import Tick
from core.formats.xor import SectorChecksum

PAGE = 8192
_SECTOR = 512
_SECTORS = PAGE // _SECTOR
BOOT_PAGE = 9
BOOT = 13
FILE_HEADER = 15
PAGE_VERSION = 1

_ENCRYPTED = 0x08
_TORN = 0x100
_CHECKSUM = 0x200
_SIZE_COLUMN = 4
"""Variable column of the file header record that holds the file's size in pages [observed]."""
_LONGEST_NAME = 256
"""Bytes of a database name: 128 characters."""
_EPOCH = datetime(1900, 1, 1)  # noqa: DTZ001 - the server's local time
_TICKS_A_DAY = 24 * 3600 * 300


@dataclass(frozen=True, slots=True)
class DataFileResult:
    """A database file as far as it could be read."""

    data_file: DataFile | None
    notes: tuple[Note, ...]
    checked: Mapping[str, int]


def read_data_file(stream: Stream, *, size: int | None, whole: bool, tick: Tick | None = None) -> DataFileResult:
    """Report a file of a database. Raises nothing but what `tick` and `stream` raise.

    Only the primary data file has a boot page; of a secondary file or a log just the size is known.
    `size`: length in bytes where it is known; with `whole` the file is read to its end and measured.
    """
    notes = NoteBook()
    checked = {"pages": 0}
    head = _page(stream, 0, notes, checked, tick)
    found = None
    if head is not None:
        found = _file_header(head, notes)
        if found.primary:
            stream.skip((BOOT_PAGE - 1) * PAGE)
            boot = _page(stream, BOOT_PAGE, notes, checked, tick)
            found = _boot_page(boot, found.size_bytes, notes) if boot is not None else found
    if whole:
        while data := stream.read(CHUNK):
            if tick is not None:
                tick(len(data))
        size = stream.tell()
    if found is not None and size is not None:
        _compare_size(size, found.size_bytes, notes)
    return DataFileResult(found, notes.all(), checked)


def page_checksum(page: bytes) -> int:
    """Checksum of a page (page verify option CHECKSUM), its own field taken as zero [observed]."""
    checksum = SectorChecksum()
    checksum.update(page[:60] + bytes(4) + page[64:])
    return checksum.value


def untorn(page: bytes) -> bytes | None:
    """A page with torn-page detection as it was before it was written; None when it is torn.

    The two low bits of the last byte of sectors 1 to 15 carry a signature, equal in all of them; what
    stood there is kept in the field at 60, next to the signature itself [observed].
    """
    kept = int.from_bytes(page[60:64], "little")
    restored = bytearray(page)
    for sector in range(1, _SECTORS):
        last = sector * _SECTOR + _SECTOR - 1
        if restored[last] & 3 != kept & 3:
            return None
        restored[last] = restored[last] & ~3 | kept >> 2 * sector & 3
    return bytes(restored)


def _page(stream: Stream, number: int, notes: NoteBook, checked: dict[str, int], tick: Tick | None) -> bytes | None:
    """The next page, verified and with its torn bits restored; None when the file ends inside."""
    page = stream.read(PAGE)
    if tick is not None:
        tick(len(page))
    if len(page) < PAGE:
        notes.add("truncated", proves_damage=True, what=f"page {number}", at=stream.tell())
        return None
    if not any(page):
        notes.add("zeros", proves_damage=True, what=f"page {number}", at=number * PAGE)
        return None
    if page[0] != PAGE_VERSION:
        notes.add("newer-format", what=f"page {number}", version=page[0])
    (flags,) = struct.unpack_from("<H", page, 4)
    if flags & _CHECKSUM:
        checked["pages"] += 1
        if page_checksum(page) != int.from_bytes(page[60:64], "little"):
            notes.add("checksum", proves_damage=True, what=f"page {number}", at=number * PAGE)
    elif flags & _TORN:
        checked["pages"] += 1
        restored = untorn(page)
        if restored is None:
            notes.add("checksum", proves_damage=True, what=f"page {number}", at=number * PAGE)
        else:
            page = restored
    if struct.unpack_from("<I", page, 32)[0] != number:
        notes.add("structure", proves_damage=True, what=f"page {number}", at=number * PAGE)
    return page


def _file_header(page: bytes, notes: NoteBook) -> DataFile:
    (file_id,) = struct.unpack_from("<H", page, 36)
    pages = _stated_pages(page)
    if page[1] != FILE_HEADER:
        notes.add("structure", proves_damage=True, what="page 0", at=0)
    return DataFile(size_bytes=None if pages is None else pages * PAGE, primary=file_id == 1)


def _stated_pages(page: bytes) -> int | None:
    """Size in pages, from the record in slot 0, which need not stand at 96; None where it cannot be found."""
    (slot,) = struct.unpack_from("<H", page, PAGE - 2)
    record = page[slot : PAGE - 2]
    try:
        (fixed,) = struct.unpack_from("<H", record, 2)
        (columns,) = struct.unpack_from("<H", record, fixed)
        counts = fixed + 2 + (columns + 7) // 8
        (variable,) = struct.unpack_from("<H", record, counts)
        ends = struct.unpack_from(f"<{_SIZE_COLUMN + 1}H", record, counts + 2)
        start, end = ends[_SIZE_COLUMN - 1], ends[_SIZE_COLUMN]
        if variable <= _SIZE_COLUMN or end - start != 4:
            return None
        return int(struct.unpack_from("<I", record, start)[0])
    except struct.error:
        return None


def _boot_page(page: bytes, size_bytes: int | None, notes: NoteBook) -> DataFile:
    if page[1] != BOOT:
        notes.add("structure", proves_damage=True, what=f"page {BOOT_PAGE}", at=BOOT_PAGE * PAGE)
        return DataFile(size_bytes=size_bytes)
    internal, creation = struct.unpack_from("<HH", page, 0x64)
    ticks, days = struct.unpack_from("<Ii", page, 0x8C)
    length, number, level = struct.unpack_from("<H2xHH", page, 0x194)
    (flags,) = struct.unpack_from("<H", page, 4)
    encrypted = bool(flags & _ENCRYPTED)
    if encrypted:
        notes.add("encrypted", what=f"page {BOOT_PAGE}", at=BOOT_PAGE * PAGE)
    if length > _LONGEST_NAME or length % 2:
        if not encrypted:
            notes.add("structure", proves_damage=True, what=f"page {BOOT_PAGE}", at=BOOT_PAGE * PAGE)
        return DataFile(size_bytes=size_bytes, encrypted=encrypted)
    return DataFile(
        internal_version=internal,
        creation_version=creation,
        compatibility_level=level,
        database=page[0x94 : 0x94 + length].decode("utf-16-le", "replace") or None,
        database_id=number,
        created_at=_moment(ticks, days),
        size_bytes=size_bytes,
        collation=f"{int.from_bytes(page[0x1E8:0x1EC], 'little'):08x}",
        family_guid=guid(page, 0x1F8),
        recovery_fork=guid(page, 0x228),
        encrypted=encrypted,
    )


def _moment(ticks: int, days: int) -> datetime | None:
    """A datetime value: days since 1900 and ticks of 1/300 s; None for zeros and impossible ones."""
    if not (ticks or days) or ticks >= _TICKS_A_DAY:
        return None
    try:
        return _EPOCH + timedelta(days=days, milliseconds=round(ticks * 10 / 3))
    except OverflowError:
        return None


def _compare_size(size: int, stated: int | None, notes: NoteBook) -> None:
    if size % PAGE or (stated is not None and size < stated):
        if not notes.has("truncated"):
            notes.add("truncated", proves_damage=True, what="pages", at=size)
    elif stated is not None and size > stated:
        notes.add("trailing", at=stated, bytes=size - stated)
