"""Blocks, streams and field types of the Microsoft Tape Format, as SQL Server writes them.

Layouts: MTF 1.00a, section 5 (blocks) and 6 (streams); what SQL Server adds is marked [observed].
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime

from core.formats.xor import xor16

BLOCK_HEADER = 52
STREAM_HEADER = 22
LOGICAL_BLOCK = 1024
"""Unit of the format logical address (MTF 1.00a 3.3; the only size SQL Server writes [observed])."""

MOST_TEXT = 1024
"""Bytes of a string; the longest of SQL Server, a file's path, has 260 characters (sys.master_files)."""

STREAM_ENCRYPTED = 0x08
STREAM_CHECKSUMMED = 0x100
"""Media attribute: a CSUM stream follows [observed]."""

SPACER = b"SPAD"
"""The stream that ends a block."""


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """The 52 bytes that start every block (MTF 1.00a 5.1)."""

    kind: bytes
    first_event: int
    """Bytes from the block's start to its first stream; all of the block for a soft filemark."""
    address: int
    """Format logical address: `LOGICAL_BLOCK`s since the SSET."""
    system_data: tuple[int, int]
    wide: bool
    """Strings are UTF-16LE."""
    intact: bool
    """The header checksum matches."""


@dataclass(frozen=True, slots=True)
class StreamHeader:
    """The 22 bytes in front of a stream's data (MTF 1.00a 6.1)."""

    kind: bytes
    media_attributes: int
    length: int
    encryption: int
    intact: bool


def block_header(data: bytes) -> BlockHeader:
    """Read the first `BLOCK_HEADER` bytes of a block."""
    first_event, address, size, offset, strings = struct.unpack_from("<8xH10xQ16xHHB", data)
    intact = xor16(data[:50]) == int.from_bytes(data[50:52], "little")
    return BlockHeader(data[:4], first_event, address, (size, offset), strings == 2, intact)


def stream_header(data: bytes) -> StreamHeader:
    """Read `STREAM_HEADER` bytes."""
    kind, _, media, length, encryption, _, checksum = struct.unpack("<4sHHQHHH", data)
    return StreamHeader(kind, media, length, encryption, xor16(data[:20]) == checksum)


def is_name(kind: bytes) -> bool:
    """Can these four bytes name a block or a stream?"""
    return all(0x41 <= byte <= 0x5A or 0x30 <= byte <= 0x39 for byte in kind)


def text(data: bytes, at: int, *, wide: bool = True) -> str | None:
    """The string whose (size, offset) pair stands at `at`; None when it does not lie inside `data` or is too long.

    A name is whole or absent: half of a name would be another name.
    """
    size, offset = struct.unpack_from("<HH", data, at)
    raw = data[offset : offset + size]
    if len(raw) != size or size > MOST_TEXT or (wide and size % 2):
        return None
    return raw.decode("utf-16-le" if wide else "cp1252", "replace").rstrip("\0")


def date5(data: bytes, at: int) -> datetime | None:
    """Five bytes, big-endian: 14 bits year, 4 month, 5 day, 5 hour, 6 minute, 6 second (MTF 1.00a 3.5).

    None for zeros and for dates that do not exist.
    """
    bits = int.from_bytes(data[at : at + 5], "big")
    try:
        return datetime(  # noqa: DTZ001 - the server's local time; the format has no zone worth trusting
            bits >> 26, (bits >> 22) & 15, (bits >> 17) & 31, (bits >> 12) & 31, (bits >> 6) & 63, bits & 63
        )
    except ValueError:
        return None


def guid(data: bytes, at: int) -> str | None:
    """Sixteen bytes as text, the first three groups little-endian; None for zeros."""
    raw = data[at : at + 16]
    if len(raw) != 16 or not any(raw):
        return None
    first, second, third = struct.unpack_from("<IHH", raw)
    return f"{first:08x}-{second:04x}-{third:04x}-{raw[8:10].hex()}-{raw[10:].hex()}"


def lsn(data: bytes, at: int) -> str | None:
    """Ten bytes as `vlf:block:slot`; None for zeros."""
    parts: tuple[int, int, int] = struct.unpack_from("<IIH", data, at)
    return ":".join(map(str, parts)) if any(parts) else None
