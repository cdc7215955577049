"""The configuration stream MQCI: the back-up header that RESTORE HEADERONLY and FILELISTONLY show.

Records `SCIN` (one), `SFGI` (one a filegroup), `SFIN` (one a file), each a tag and its length. No
description is public: all offsets are [observed] on some 260 back-ups of SQL Server 2005 to 2025
and were compared with the boot pages inside.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from core.formats.mtf import date5, guid, lsn, text
from core.formats.notes import NoteBook
from core.formats.report import BackupSet, DatabaseFile

SCIN_FIXED = 344
"""Bytes before the strings in the oldest layout (2005); later ones only add."""
SFIN_FIXED = 56
MOST_FILES = 32_767
"""Files a database can have (Maximum capacity specifications for SQL Server)."""
_MOST_RECORDS = 2 * MOST_FILES + 1

_TYPES = {b"D": "full", b"I": "differential", b"L": "log"}
_KINDS = {1: "data", 2: "log"}
_CHECKSUMS = 0x10


def read_configuration(data: bytes, notes: NoteBook, at: int, most_files: int = MOST_FILES) -> BackupSet | None:
    """What the data of an MQCI stream at byte `at` says; None when it holds no usable SCIN.

    The position and everything that stands in other blocks is left at its default. The finish time
    is in the closing copy (MSLS) only.
    """
    scin: bytes | None = None
    files: list[DatabaseFile] = []
    for tag, place, record in _records(data, notes, at):
        if tag == b"SCIN" and scin is None:
            if len(record) >= SCIN_FIXED:
                scin = record
            else:
                notes.add("record-unknown", what="SCIN", at=place)
        elif tag == b"SFIN" and len(record) >= SFIN_FIXED:
            if len(files) >= min(most_files, MOST_FILES):
                notes.add("limit", what="SFIN", found=len(files))
                break
            if (file := _file(record)) is not None:
                files.append(file)
            else:
                notes.add("structure", proves_damage=True, what="SFIN", at=place)
        elif tag not in (b"SCIN", b"SFGI"):
            notes.add("record-unknown", what=repr(tag)[2:-1], at=place)
    return None if scin is None else _header(scin, tuple(files), notes, at)


def _records(data: bytes, notes: NoteBook, at: int) -> Iterator[tuple[bytes, int, bytes]]:
    """(tag, place in the file, record) of each record; a length that cannot be ends the walk."""
    place = count = 0
    while place < len(data):
        if (count := count + 1) > _MOST_RECORDS:
            notes.add("limit", what="MQCI", found=count)
            return
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        if length < 8 or length > len(data) - place:
            notes.add("structure", proves_damage=True, what="MQCI", at=at + place)
            return
        yield data[place : place + 4], at + place, data[place : place + length]
        place += length


def _file(record: bytes) -> DatabaseFile | None:
    file_id, pages, kind, size = struct.unpack_from("<20xIII8xQ", record)
    logical, physical = text(record, 48), text(record, 52)
    if logical is None or physical is None:
        return None
    return DatabaseFile(logical, physical, _KINDS.get(kind, "other"), file_id, size, pages)


def _header(scin: bytes, files: tuple[DatabaseFile, ...], notes: NoteBook, at: int) -> BackupSet:
    flags, build, minor, major = struct.unpack_from("<8xI12xHBB", scin)
    letter, level, internal, size = struct.unpack_from("<87xc3xB2xHQ", scin)
    collation, sort = struct.unpack_from("<216xII", scin)
    if letter not in _TYPES:
        notes.add("record-unknown", what=f"SCIN {letter.hex()}", at=at)
    database, server = text(scin, 104), text(scin, 108)
    if database is None or server is None:
        notes.add("structure", proves_damage=True, what="SCIN", at=at)
    return BackupSet(
        position=0,
        backup_type=_TYPES.get(letter),
        database=database or None,
        server=server or None,
        started_at=date5(scin, 77),
        finished_at=date5(scin, 82),
        database_created_at=date5(scin, 72),
        engine_version=f"{major}.{minor}.{build}",
        internal_version=internal,
        compatibility_level=level,
        collation=f"{collation:08x}/{sort:02x}",
        lcid=int.from_bytes(scin[116:120], "little"),
        checksums=bool(flags & _CHECKSUMS),
        files=files,
        base_guid=guid(scin, 272) if letter == b"I" else None,
        previous_full_guid=guid(scin, 200),
        family_guid=guid(scin, 224),
        recovery_fork=guid(scin, 156),
        first_lsn=lsn(scin, 32),
        last_lsn=lsn(scin, 42),
        checkpoint_lsn=lsn(scin, 52),
        database_lsn=lsn(scin, 62),
        backup_bytes=size,
        status=int.from_bytes(scin[244:248], "little"),
    )
