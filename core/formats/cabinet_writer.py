"""Writes cabinets ([MS-CAB]) that cabextract, gcab and Windows unpack; streaming, in constant memory."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from core.errors import BadFormat, LimitExceeded, UsageError
from core.formats.cabinet import MAX_MEMBER
from core.formats.folder import BLOCK
from core.formats.source import Stream
from core.formats.xor import cabinet_checksum

Packing = Literal["stored", "mszip"]
Entry = tuple[str, int, Stream]
"""Name, size in bytes, and the bytes."""

MAX_CABINET = 0x7FFF_FFFF
_HEADER = struct.Struct("<4sIIIIIBBHHHHH")
_FOLDER = struct.Struct("<IHH")
_FILE = struct.Struct("<IIHHHH")
_DATA = struct.Struct("<IHH")
_ARCHIVE, _UTF8_NAME = 0x20, 0x80
_SPARE = 12
"""[MS-MCI] 2: a packed block has at most 32 KB and 12 bytes."""
FIXED_STAMP = datetime.fromisoformat("2000-01-01")
"""Date of the members where the caller gives none: same members, same cabinet."""


class SeekableOutput(Protocol):
    """The part of a binary file that the writer uses."""

    def write(self, data: bytes, /) -> object:
        """Append bytes."""

    def seek(self, offset: int, /) -> object:
        """Go to a place, to patch it."""


@dataclass(slots=True)
class _Folder:
    entries: list[Entry] = field(default_factory=list)
    offset: int = 0
    blocks: int = 0
    size: int = 0


def write_cabinet(
    out: SeekableOutput,
    members: Iterable[Entry],
    packing: Packing = "stored",
    *,
    folder_each: bool = False,
    stamp: datetime = FIXED_STAMP,
    set_id: int = 0,
) -> int:
    """Write a cabinet at the start of `out`; its length in bytes.

    All members lie in one folder, as one stream, or each in its own (`folder_each`). Raises
    LimitExceeded where the format cannot hold them (2,147,450,880 bytes a folder, 2 GB a cabinet, 65,535
    members, 255 bytes a name) and BadFormat where a member delivers another number of bytes than stated.
    """
    if packing not in ("stored", "mszip"):
        raise UsageError("packing-choice", packing=packing)
    entries = list(members)
    names = [_name(name) for name, _, _ in entries]
    folders = _folders(entries, folder_each=folder_each)
    files_at = _HEADER.size + _FOLDER.size * len(folders)
    place = files_at + sum(_FILE.size + len(name) + 1 for name, _ in names)
    if packing == "stored":  # packed data may shrink: that is seen while it is written
        _within(place + sum(folder.size + _DATA.size * -(-folder.size // BLOCK) for folder in folders))
    out.seek(0)
    out.write(bytes(files_at))
    out.write(_file_table(folders, names, stamp))
    for folder in folders:
        folder.offset = place
        place = _write_folder(out, folder, place, packing)
    out.seek(0)
    out.write(_HEADER.pack(b"MSCF", 0, place, 0, files_at, 0, 3, 1, len(folders), len(entries), 0, set_id, 0))
    for folder in folders:
        out.write(_FOLDER.pack(folder.offset, folder.blocks, 1 if packing == "mszip" else 0))
    return place


def _name(name: str) -> tuple[bytes, int]:
    """The name as bytes and its attributes: UTF-8 where ASCII does not do."""
    raw = name.encode("utf-8", "backslashreplace")
    if not raw or b"\0" in raw or len(raw) > 255:
        raise LimitExceeded("member-name", name=name[:80])
    return raw, _ARCHIVE if raw.isascii() else _ARCHIVE | _UTF8_NAME


def _folders(entries: list[Entry], *, folder_each: bool) -> list[_Folder]:
    if len(entries) > 0xFFFF:
        raise LimitExceeded("too-many-members", found=len(entries))
    groups = [[entry] for entry in entries] if folder_each else [entries]
    folders = [_Folder(entries=group, size=sum(size for _, size, _ in group)) for group in groups]
    for folder in folders:
        if folder.size > MAX_MEMBER:
            raise LimitExceeded("cabinet-2gb", name=folder.entries[-1][0], size=folder.size)
    return folders


def _within(place: int) -> int:
    if place > MAX_CABINET:
        raise LimitExceeded("cabinet-2gb", name="", size=place)
    return place


def _file_table(folders: list[_Folder], names: list[tuple[bytes, int]], stamp: datetime) -> bytes:
    date = (stamp.year - 1980) << 9 | stamp.month << 5 | stamp.day
    time = stamp.hour << 11 | stamp.minute << 5 | stamp.second // 2
    table = bytearray()
    coming = iter(names)
    for number, folder in enumerate(folders):
        offset = 0
        for _, size, _ in folder.entries:
            name, attributes = next(coming)
            table += _FILE.pack(size, offset, number, date, time, attributes) + name + b"\0"
            offset += size
    return bytes(table)


def _write_folder(out: SeekableOutput, folder: _Folder, place: int, packing: Packing) -> int:
    """Write the blocks of one folder; the place after them."""
    rest = b""
    history = b""
    left = folder.size
    for name, size, stream in folder.entries:
        missing = size
        while missing:
            data = stream.read(min(missing, BLOCK - len(rest)))
            if not data:
                raise BadFormat("member-short", name=name, missing=missing)
            missing -= len(data)
            left -= len(data)
            rest += data
            if len(rest) == BLOCK or not left:
                packed = _pack(rest, history) if packing == "mszip" else rest
                sizes = struct.pack("<HH", len(packed), len(rest))
                checksum = cabinet_checksum(sizes, cabinet_checksum(packed))
                place = _within(place + _DATA.size + len(packed))
                out.write(struct.pack("<I", checksum) + sizes + packed)
                folder.blocks += 1
                history, rest = rest, b""
        if stream.read(1):
            raise BadFormat("member-long", name=name, stated=size)
    return place


def _pack(block: bytes, history: bytes) -> bytes:
    """One deflate stream of its own that may look back into the block before ([MS-MCI] 2)."""
    if history:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY, history)
    else:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = b"CK" + packer.compress(block) + packer.flush()
    if len(packed) > BLOCK + _SPARE:  # it grew: one stored deflate block, RFC 1951 3.2.4
        return b"CK\x01" + struct.pack("<HH", len(block), len(block) ^ 0xFFFF) + block
    return packed
