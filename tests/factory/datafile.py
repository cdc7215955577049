"""Builds small database files: file header page, boot page, real page checksums or torn bits."""

from __future__ import annotations

import struct
import uuid
from datetime import datetime

PAGE = 8192
EPOCH = datetime.fromisoformat("1900-01-01T00:00:00")
MADE = datetime.fromisoformat("2016-01-02T03:04:05")
FAMILY = uuid.UUID(int=0x52)
FORK = uuid.UUID(int=0x53)


def data_file(
    database: str = "150",
    *,
    internal: int = 852,
    creation: int = 611,
    level: int = 130,
    pages: int = 16,
    stated: int | None = None,
    file_id: int = 1,
    protection: str = "checksum",
    created: datetime = MADE,
    family: uuid.UUID = FAMILY,
    fork: uuid.UUID = FORK,
    flags: int = 0,
) -> bytes:
    """`protection`: `checksum torn none`; `stated`: pages that the file header counts; `flags`: of the boot page."""
    out = bytearray(pages * PAGE)
    _put(out, 0, _file_header(pages if stated is None else stated, file_id), protection)
    if file_id == 1:
        boot = _page(13, 9, file_id)
        struct.pack_into("<HH", boot, 0x64, internal, creation)
        days, seconds = divmod((created - EPOCH).total_seconds(), 86400)
        struct.pack_into("<II", boot, 0x8C, int(seconds * 300), int(days))
        name = database.encode("utf-16-le")
        boot[0x94:0x194] = name.ljust(256, b" ")
        struct.pack_into("<HHHH", boot, 0x194, len(name), 0, 7, level)
        struct.pack_into("<I", boot, 0x1E8, 0x3400D008)
        boot[0x1F8:0x208] = family.bytes_le
        boot[0x228:0x238] = fork.bytes_le
        struct.pack_into("<H", boot, 4, flags)
        _put(out, 9, boot, protection)
    return bytes(out)


def _page(kind: int, number: int, file_id: int) -> bytearray:
    page = bytearray(PAGE)
    page[0], page[1] = 1, kind
    struct.pack_into("<H", page, 22, 1)
    struct.pack_into("<IH", page, 32, number, file_id)
    struct.pack_into("<H", page, PAGE - 2, 96)
    page[4096:4200] = bytes(range(104))
    page[511::512] = bytes(range(0xA0, 0xB0))
    struct.pack_into("<H", page, PAGE - 2, 96)
    return page


def _file_header(pages: int, file_id: int) -> bytearray:
    """Slot 0 does not stand at 96: a reader has to follow the slot."""
    page = _page(15, 0, file_id)
    values = [bytes(16), b"", struct.pack("<H", 1), struct.pack("<H", 1), struct.pack("<I", pages), b"\xff" * 4]
    columns = len(values) + 1
    start = 8 + 2 + (columns + 7) // 8 + 2 + 2 * len(values)
    ends, body = [], b""
    for value in values:
        body += value
        ends.append(start + len(body))
    record = struct.pack("<BBHI", 0x30, 0, 8, 0) + struct.pack("<H", columns) + bytes((columns + 7) // 8)
    record += struct.pack(f"<H{len(values)}H", len(values), *ends) + body
    page[2258 : 2258 + len(record)] = record
    struct.pack_into("<H", page, PAGE - 2, 2258)
    return page


def _put(out: bytearray, number: int, page: bytearray, protection: str) -> None:
    (flags,) = struct.unpack_from("<H", page, 4)
    if protection == "checksum":
        struct.pack_into("<H", page, 4, flags | 0x200)
        struct.pack_into("<I", page, 60, page_sum(bytes(page)))
    elif protection == "torn":
        struct.pack_into("<H", page, 4, flags | 0x100)
        kept = signature = 1
        for sector in range(1, 16):
            last = sector * 512 + 511
            kept |= (page[last] & 3) << 2 * sector
            page[last] = page[last] & ~3 | signature
        struct.pack_into("<I", page, 60, kept)
    out[number * PAGE : (number + 1) * PAGE] = page


def page_sum(page: bytes) -> int:
    value = 0
    for sector in range(16):
        word = 0
        for place in range(sector * 512, sector * 512 + 512, 4):
            if place != 60:
                word ^= int.from_bytes(page[place : place + 4], "little")
        places = 15 - sector
        value ^= (word << places | word >> (32 - places)) & 0xFFFFFFFF
    return value
