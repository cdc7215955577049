"""Packs a tape into the compressed container, and a small MS-XCA LZ77+Huffman encoder."""

from __future__ import annotations

import struct
from collections.abc import Callable

RECORD = 32768
"""Expanded bytes in a record: literals alone do not shrink, and a record's length is a 16-bit number."""
FULL_RECORD = 65536
"""As real media have it."""
Packer = Callable[[bytes], bytes]


def compress(tape: bytes, version: int = 2, *, dense: bool = False, packer: Packer | None = None) -> bytes:
    """A compressed medium that expands to `tape`. `dense` searches for matches, which is slow.

    `packer` makes full records, whose pieces must shrink: `huffman.pack`.
    """
    step = RECORD if packer is None else FULL_RECORD
    chosen = packer or (encode if dense else literals)
    header = 4 if version == 1 else 24
    kinds = (0x81, 0x84, 0x8C) if version == 1 else (0x21, 0x24, 0x2C)
    out = bytearray(b"MSSQLBAK" + struct.pack("<II", version, 1 if version == 1 else 3))
    out += bytes((0x10 if version == 1 else 0x1E0) - len(out))
    done, index = 0, []
    for segment in _segments(tape):
        if segment.startswith(b"SFMB"):
            _pad(out, kinds[1], header)
            out += segment
            done += len(segment)
            continue
        for at in range(0, len(segment), step):
            piece = segment[at : at + step]
            if at:
                index.append((done, len(out)))
            packed = chosen(piece)
            out += struct.pack("<BBH", kinds[0], len(piece) // 512, len(packed))
            out += bytes(header - 4) + struct.pack("<I", record_sum(packed)) + packed
            done += len(piece)
        if len(segment) > step:
            entries = b"".join(struct.pack("<QQ", *entry) for entry in index)
            head = struct.pack("<HHIII", 1, 1, len(index), 32 + len(entries), record_sum(entries))
            out += struct.pack("<BBH", kinds[2], 0, 0) + bytes(header - 4) + head + entries + head
            index = []
    return bytes(out)


def _segments(tape: bytes) -> list[bytes]:
    """The tape cut before and after each filemark, found by walking."""
    cuts, at = [0], 0
    while at < len(tape):
        first = int.from_bytes(tape[at + 8 : at + 10], "little")
        if tape.startswith(b"SFMB", at):
            cuts += [at, at + first]
            at += first
            continue
        place = at + first
        while True:
            kind, length = struct.unpack_from("<4s4xQ", tape, place)
            place += 22 + length
            if kind == b"SPAD":
                break
            place += -place % 4
        at = place
    return [tape[a:b] for a, b in zip(cuts, [*cuts[1:], len(tape)], strict=True) if a != b]


def _pad(out: bytearray, kind: int, header: int) -> None:
    room = -(len(out) + header) % 512
    out += struct.pack("<BBH", kind, 0, room) + bytes(header - 4 + room)


def record_sum(data: bytes) -> int:
    data += bytes(-len(data) % 4)
    value = 0
    for (word,) in struct.iter_unpack("<I", data):
        value = (value << 1 | value >> 31) & 0xFFFFFFFF ^ word
    return value


def literals(data: bytes) -> bytes:
    """All 256 literals have codes of 8 bits, so the code of a byte is the byte: only the words are swapped."""
    swapped = bytearray(data + bytes(len(data) % 2))
    swapped[::2], swapped[1::2] = swapped[1::2], swapped[::2]
    return b"\x88" * 128 + bytes(128) + bytes(swapped)


def encode(data: bytes) -> bytes:
    """[MS-XCA] 2.1.4.3 with a fixed table: all 512 symbols have codes of 9 bits, so a symbol's code is its number."""
    bits = _Bits()
    seen: dict[bytes, int] = {}
    at = 0
    while at < len(data):
        before = seen.get(data[at : at + 3])
        length = 0
        if before is not None and at - before < 1 << 15:
            while at + length < len(data) and data[before + length] == data[at + length] and length < 60_000:
                length += 1
        if length >= 3 and before is not None:
            bits.match(at - before, length)
        else:
            bits.put(data[at], 9)
            length = 1
        for place in range(at, at + length):
            seen[data[place : place + 3]] = place
        at += length
    return b"\x99" * 256 + bits.finish()


class _Bits:
    """The order of [MS-XCA] 2.1.4.3: two words are reserved ahead of the bytes."""

    def __init__(self) -> None:
        self.out = bytearray(4)
        self.first, self.second = 0, 2
        self.word, self.free = 0, 16

    def put(self, value: int, width: int) -> None:
        if self.free >= width:
            self.free -= width
            self.word = self.word << width | value
            return
        self.free -= width
        struct.pack_into("<H", self.out, self.first, self.word << (self.free + width) | value >> -self.free)
        self.first, self.second = self.second, len(self.out)
        self.out += bytes(2)
        self.word = value & ((1 << -self.free) - 1)
        self.free += 16

    def match(self, distance: int, length: int) -> None:
        width = distance.bit_length() - 1
        length -= 3
        self.put(256 + (width << 4 | min(length, 15)), 9)
        if length >= 15:
            self.out.append(min(length - 15, 255))
            if length - 15 >= 255:
                self.out += struct.pack("<H", length)
        self.put(distance - (1 << width), width)

    def finish(self) -> bytes:
        struct.pack_into("<H", self.out, self.first, self.word << self.free)
        return bytes(self.out)
