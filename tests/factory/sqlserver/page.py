"""One page: header, records with their slots, checksum or torn bits. Layout: as the corpus has it."""

from __future__ import annotations

import struct

import numpy as np

SIZE = 8192
HEADER = 96
DATA, INDEX, TEXT_MIX, TEXT_TREE = 1, 2, 3, 4
GAM, SGAM, IAM, PFS, BOOT, FILE_HEADER, DIFF, BULK = 8, 9, 10, 11, 13, 15, 16, 17
ROOM = SIZE - HEADER
Address = tuple[int, int]
"""(file id, page number)."""


class Page:
    """A page while it fills up."""

    def __init__(self, kind: int, file_id: int, number: int, *, owner: int = 99, index: int = 0, low: int = 0) -> None:
        """`owner` and `index` name the allocation unit; `low` is the length of the fixed part of a record."""
        self.data = bytearray(SIZE)
        self.file_id, self.number = file_id, number
        self.used = HEADER
        self.count = 0
        struct.pack_into("<BBBBHH", self.data, 0, 1, kind, 4 if kind == DATA else 0, 0, 0, index)
        struct.pack_into("<H", self.data, 14, low)
        struct.pack_into("<I", self.data, 24, owner)
        struct.pack_into("<IH", self.data, 32, number, file_id)
        struct.pack_into("<IIH", self.data, 40, 34, 281, 3)

    @property
    def kind(self) -> int:
        """Its type."""
        return self.data[1]

    @property
    def room(self) -> int:
        """Bytes for one record more, its slot left out."""
        return SIZE - self.used - 2 * self.count - 2

    def add(self, record: bytes) -> int:
        """Append a record; its slot."""
        if len(record) > self.room:
            raise ValueError("the page is full")
        self.data[self.used : self.used + len(record)] = record
        struct.pack_into("<H", self.data, SIZE - 2 - 2 * self.count, self.used)
        self.used += len(record)
        self.count += 1
        struct.pack_into("<H", self.data, 22, self.count)
        struct.pack_into("<HH", self.data, 28, max(0, self.room + 2), self.used)
        return self.count - 1

    def record_at(self, slot: int) -> int:
        """Where the record of a slot starts."""
        return int.from_bytes(self.data[SIZE - 2 - 2 * slot : SIZE - 2 * slot], "little")

    def link(self, before: Address | None, after: Address | None) -> None:
        """Its neighbours in the chain."""
        for at, other in ((8, before), (16, after)):
            if other is not None:
                struct.pack_into("<IH", self.data, at, other[1], other[0])


def sealed(data: bytes | bytearray, protection: str) -> bytes:
    """The page with its checksum or torn bits, as it goes to disk."""
    page = bytearray(data)
    (flags,) = struct.unpack_from("<H", page, 4)
    flags &= ~0x300
    if protection == "checksum":
        struct.pack_into("<H", page, 4, flags | 0x200)
        struct.pack_into("<I", page, 60, checksum(page))
    elif protection == "torn":
        struct.pack_into("<H", page, 4, flags | 0x100)
        kept = signature = 2
        for sector in range(1, 16):
            last = sector * 512 + 511
            kept |= (page[last] & 3) << 2 * sector
            page[last] = page[last] & ~3 | signature
        struct.pack_into("<I", page, 60, kept)
    else:
        struct.pack_into("<H", page, 4, flags)
    return bytes(page)


def checksum(page: bytes | bytearray) -> int:
    """Sixteen sectors, each the XOR of its words and turned by 15 less its number; the field itself counts as 0."""
    words = np.frombuffer(bytes(page), dtype="<u4").copy()
    words[15] = 0
    total = 0
    for sector, value in enumerate(np.bitwise_xor.reduce(words.reshape(16, 128), axis=1).tolist()):
        total ^= turned(value, 15 - sector)
    return total


def turned(value: int, places: int) -> int:
    """A 32-bit rotation to the left."""
    return (value << places | value >> (32 - places)) & 0xFFFFFFFF


def renumbered(template: bytes, number: int) -> bytes:
    """A sealed page (checksum or none) under another page number."""
    (old,) = struct.unpack_from("<I", template, 32)
    page = bytearray(template)
    struct.pack_into("<I", page, 32, number)
    if page[5] & 2:
        (said,) = struct.unpack_from("<I", page, 60)
        struct.pack_into("<I", page, 60, said ^ turned(old ^ number, 15))
    return bytes(page)
