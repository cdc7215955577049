"""Zip files, looked through without unpacking (APPNOTE 6.3: local headers, stored and deflate, zip64).

The central directory gives names and sizes where it can be read; the bytes are always taken from the
local headers, in the order of the file, so that a zip inside another container works as well.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Generator, Iterator
from typing import IO, cast

from core.formats.cabinet import unsafe_name
from core.formats.limits import Budget
from core.formats.notes import NoteBook
from core.formats.source import PeekStream, ReadableFile, file_size
from core.formats.zip_entry import ZipEntry, ZipStream

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_ENCRYPTED, _SIZES_FOLLOW, _UTF8_NAME = 0x1, 0x8, 0x800
_DIRECTORY_BYTES = 8 << 20
"""65,535 names of 80 bytes; the entries take ten times as much memory."""
_END = b"PK\x05\x06"


def read_directory(file: ReadableFile, notes: NoteBook, budget: Budget) -> tuple[ZipEntry, ...] | None:
    """The central directory, in the order of the data; None where there is none that can be read."""
    import zipfile  # late: a third of the start of `inspect`, and most files are no zip

    if _directory_bytes(file) > _DIRECTORY_BYTES:
        notes.add("limit", what="directory", found=_directory_bytes(file))
        return None
    try:
        infos = zipfile.ZipFile(cast("IO[bytes]", file)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, OverflowError, OSError, EOFError):
        notes.add("truncated", proves_damage=True, what="zip", at=file_size(file))
        return None
    if len(infos) > budget.limits.members:
        notes.add("limit", what="members", found=len(infos))
        infos = infos[: budget.limits.members]
    entries = [
        ZipEntry(
            name=info.filename[: budget.limits.zip_name_bytes],
            size=info.file_size,
            packed=info.compress_size,
            crc=info.CRC,
            method=info.compress_type,
            flags=info.flag_bits,
            offset=info.header_offset,
        )
        for info in infos
    ]
    return tuple(sorted(entries, key=lambda entry: entry.offset or 0))


def _directory_bytes(file: ReadableFile) -> int:
    """Size of the central directory as the end record states it (APPNOTE 4.3.16); zip64 is at most the file."""
    size = file_size(file)
    start = max(0, size - 65_557)
    file.seek(start, os.SEEK_SET)
    tail = file.read(size - start)
    at = tail.rfind(_END)
    if at < 0 or at + 16 > len(tail):
        return 0
    (stated,) = struct.unpack_from("<I", tail, at + 12)
    if stated == 0xFFFF_FFFF and at >= 20:
        (record,) = struct.unpack_from("<Q", tail, at - 12)
        return max(0, start + at - int(record))
    return min(int(stated), size)


def walk_zip(
    stream: PeekStream, directory: tuple[ZipEntry, ...] | None, notes: NoteBook, budget: Budget
) -> Iterator[tuple[ZipEntry, ZipStream | None]]:
    """Each entry with its bytes, in the order of the file; without a directory, from local header to header.

    The bytes are None where they are encrypted or packed in a way that is not ours.
    """
    origin = stream.tell()
    end = 0
    if directory is None:
        left = budget.limits.peek_entries if budget.head_only else budget.limits.members
        while (left := left - 1) >= 0 and (entry := _local(stream, None, notes, budget)) is not None:
            if not _met(notes, budget) or not (yield from _offer(stream, entry, notes, budget)):
                return
        return
    for told in directory:
        if not _met(notes, budget):
            return
        if told.offset is None or told.offset < end:
            notes.add("structure", proves_damage=True, what="overlap", member=told.name)
            continue
        entry = _local(stream, told, notes, budget) if stream.go(origin + told.offset) else None
        if entry is None:
            notes.add("structure", proves_damage=True, what="local header", member=told.name)
            continue
        end = stream.tell() - origin + (entry.packed or 0)
        yield from _offer(stream, entry, notes, budget)


def _offer(
    stream: PeekStream, entry: ZipEntry, notes: NoteBook, budget: Budget
) -> Generator[tuple[ZipEntry, ZipStream | None], None, bool]:
    """Yield an entry; the generator's value says whether the next local header can be found."""
    if unsafe_name(entry.name.rstrip("/")):
        notes.add("unsafe-name", member=entry.name)
    data: ZipStream | None = None
    if entry.flags & _ENCRYPTED:
        notes.add("zip-encrypted", member=entry.name)
    elif entry.method not in (0, 8):
        notes.add("packing-unknown", member=entry.name, packing=entry.packing)
    else:
        data = ZipStream(stream, entry, notes, budget)
    start = stream.tell()
    yield entry, data
    if data is None or budget.head_only:
        return entry.packed is not None and stream.go(start + entry.packed)
    data.drain()
    if entry.flags & _SIZES_FOLLOW:
        _pass_descriptor(stream)
    return not data.broken


def _pass_descriptor(stream: PeekStream) -> None:
    """APPNOTE 4.3.9: perhaps a signature, the CRC-32, two sizes of 4 or 8 bytes; then the next header."""
    seen = stream.peek(26)
    for length in (16, 24, 12, 20):
        if seen[length : length + 2] == b"PK":
            stream.skip(length)
            return


def _met(notes: NoteBook, budget: Budget) -> bool:
    if budget.meet():
        return True
    notes.add("limit", what="members", found=budget.members)
    return False


def _local(stream: PeekStream, told: ZipEntry | None, notes: NoteBook, budget: Budget) -> ZipEntry | None:
    """The local header that starts here, completed from the directory's entry; None where there is none."""
    seen = stream.peek(_LOCAL.size)
    if len(seen) < _LOCAL.size or seen[:4] != b"PK\x03\x04":
        return None
    _, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = _LOCAL.unpack(seen)
    stream.skip(_LOCAL.size)
    raw, extra = stream.read(name_bytes), stream.read(extra_bytes)
    if told is not None:
        return told
    if len(raw) < name_bytes or len(extra) < extra_bytes:
        notes.add("truncated", proves_damage=True, what="zip", at=stream.tell())
        return None
    name = raw[: budget.limits.zip_name_bytes].decode("utf-8" if flags & _UTF8_NAME else "cp437", "backslashreplace")
    follow = bool(flags & _SIZES_FOLLOW) and not packed
    if 0xFFFF_FFFF in (packed, size):
        size, packed = _zip64(extra, size, packed)
    return ZipEntry(
        name=name,
        size=None if follow else size,
        packed=None if follow else packed,
        crc=None if follow else crc,
        method=method,
        flags=flags,
        offset=None,
    )


def _zip64(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    """APPNOTE 4.5.3: extra field 1 holds the sizes that do not fit into 32 bits."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1 and length >= 16 and at + 20 <= len(extra):
            size, packed = struct.unpack_from("<QQ", extra, at + 4)
        at += 4 + length
    return size, packed
