"""Cabinets made byte by byte, honest or lying: independent of the writer."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

from core.formats.cabinet_writer import Packing, write_cabinet
from core.formats.source import BytesStream

BLOCK = 32768


def packed(members: Sequence[tuple[str, bytes]], packing: Packing = "stored", *, folder_each: bool = False) -> bytes:
    """What our writer makes of these members."""
    out = BytesIO()
    entries = [(name, len(data), BytesStream(data)) for name, data in members]
    write_cabinet(out, entries, packing, folder_each=folder_each)
    return out.getvalue()


def checksum(data: bytes, seed: int = 0) -> int:
    whole = len(data) & ~3
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        seed ^= word
    return seed ^ int.from_bytes(data[whole:], "big")


def deflated(block: bytes, history: bytes = b"") -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 8, 0, history) if history else zlib.compressobj(9, 8, -15)
    return b"CK" + packer.compress(block) + packer.flush()


@dataclass(frozen=True)
class Block:
    """A data block: its bytes as they lie in the file, its unpacked size, and what to lie about."""

    data: bytes
    size: int
    sum: int | None = None
    reserve: bytes = b""

    def pack(self) -> bytes:
        sizes = struct.pack("<HH", len(self.data), self.size)
        total = checksum(sizes, checksum(self.data)) if self.sum is None else self.sum
        return struct.pack("<I", total) + sizes + self.reserve + self.data


@dataclass(frozen=True)
class Raw:
    """A cabinet of whatever shape."""

    blocks: Sequence[Sequence[Block]] = ()
    """For each folder."""
    files: Sequence[tuple[bytes, int, int, int]] = ()
    """Name, size, offset, folder."""
    packing: Sequence[int] = ()
    counts: dict[int, int] = field(default_factory=dict)
    """Block counts to state instead of the true ones."""
    flags: int = 0
    head_reserve: bytes = b""
    folder_reserve: bytes = b""
    data_reserve: int = 0
    set_names: bytes = b""
    size: int | None = None
    attributes: int = 0x20
    places: dict[int, int] = field(default_factory=dict)
    """Folder -> the folder whose data it claims."""

    def build(self) -> bytes:
        flags = self.flags | (4 if self.head_reserve or self.folder_reserve or self.data_reserve else 0)
        reserve = b""
        if flags & 4:
            sizes = struct.pack("<HBB", len(self.head_reserve), len(self.folder_reserve), self.data_reserve)
            reserve = sizes + self.head_reserve
        files = b"".join(
            struct.pack("<IIHHHH", size, offset, folder, 0, 0, self.attributes) + name + b"\0"
            for name, size, offset, folder in self.files
        )
        files_at = 36 + len(reserve) + len(self.set_names) + len(self.blocks) * (8 + len(self.folder_reserve))
        bodies = [b"".join(block.pack() for block in blocks) for blocks in self.blocks]
        starts = []
        at = files_at + len(files)
        for body in bodies:
            starts.append(at)
            at += len(body)
        folders = b"".join(
            struct.pack(
                "<IHH",
                starts[self.places.get(number, number)],
                self.counts.get(number, len(blocks)),
                self.packing[number] if self.packing else 0,
            )
            + self.folder_reserve
            for number, blocks in enumerate(self.blocks)
        )
        total = at if self.size is None else self.size
        header = struct.pack(
            "<4sIIIIIBBHHHHH", b"MSCF", 0, total, 0, files_at, 0, 3, 1, len(self.blocks), len(self.files), flags, 7, 0
        )
        return header + reserve + self.set_names + folders + files + b"".join(bodies)


def stored(data: bytes) -> list[Block]:
    """Honest stored blocks."""
    return [Block(data[at : at + BLOCK], len(data[at : at + BLOCK])) for at in range(0, len(data), BLOCK)]


def mszip(data: bytes) -> list[Block]:
    """Honest MSZIP blocks, each looking back into the one before."""
    blocks, history = [], b""
    for at in range(0, len(data), BLOCK):
        piece = data[at : at + BLOCK]
        blocks.append(Block(deflated(piece, history), len(piece)))
        history = piece
    return blocks
