"""XOR checksums of three formats, fast without any dependency.

An XOR over words does not care about order inside a word column, so a buffer is read as one big
whole number and folded upon itself: the interpreter then moves hundreds of megabytes a second.
"""

from __future__ import annotations

import struct

_MASK32 = 0xFFFF_FFFF
_LANES = 32
"""A 32-bit rotation repeats after 32 steps: words whose places differ by 32 may be merged."""
_LANE_BITS = 32 * _LANES
SECTOR = 512
_SECTOR_BITS = SECTOR * 8
_GROUP = SECTOR * _LANES
_SLICE = 1 << 18
"""Bytes turned into one number at a time: stays in the processor's cache."""


def _fold(data: bytes | memoryview, lane_bytes: int) -> int:
    """XOR of all pieces of `lane_bytes`, the last one zero-padded, as a little-endian number."""
    total = 0
    lane_bits = lane_bytes * 8
    for at in range(0, len(data), _SLICE):
        number = int.from_bytes(data[at : at + _SLICE], "little")
        width = min(_SLICE, len(data) - at) * 8
        while width > lane_bits:
            half = -(-width // (2 * lane_bits)) * lane_bits
            number = (number & ((1 << half) - 1)) ^ (number >> half)
            width = half
        total ^= number
    return total


def rol32(value: int, places: int) -> int:
    """A 32-bit rotation to the left."""
    places &= 31
    return ((value << places) | (value >> (32 - places))) & _MASK32


def cabinet_checksum(data: bytes | memoryview, seed: int = 0) -> int:
    """CSUMCompute of [MS-CAB] 3.1: XOR of little-endian words; one to three last bytes big-endian."""
    whole = len(data) & ~3
    return seed ^ _fold(data[:whole], 4) ^ int.from_bytes(data[whole:], "big")


def rolling_dwords(data: bytes | memoryview) -> int:
    """Rotate left by one, XOR the next word, over the zero-padded data: the record checksum of MSSQLBAK [observed]."""
    count = -(-len(data) // 4)
    lanes = struct.unpack("<32I", _fold(data, 4 * _LANES).to_bytes(4 * _LANES, "little"))
    value = 0
    for place, lane in enumerate(lanes):
        value ^= rol32(lane, count - 1 - place)
    return value


class SectorChecksum:
    """The CSUM of a data stream [observed]: r = rol32(r, 1) ^ (XOR of the 128 words of a sector).

    Feed pieces of any length; `value` holds for the whole sectors seen so far.
    """

    def __init__(self) -> None:
        self.value = 0
        self._rest = b""

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes of the stream."""
        if self._rest:
            missing = SECTOR - len(self._rest)
            self._rest += bytes(data[:missing])
            data = data[missing:]
            if len(self._rest) < SECTOR:
                return
            self._sectors(self._rest)
        whole = len(data) - len(data) % SECTOR
        self._rest = bytes(data[whole:])
        if whole:
            self._sectors(data[:whole])

    def _sectors(self, data: bytes | memoryview) -> None:
        number = _fold(data, _GROUP)
        width = _SECTOR_BITS
        while width > 32:  # the low half of each sector takes the high half in; what spills over is never read
            width //= 2
            number ^= number >> width
        count = len(data) // SECTOR
        value = rol32(self.value, count)
        for place in range(min(count, _LANES)):
            word = (number >> (place * _SECTOR_BITS)) & _MASK32
            value ^= rol32(word, count - 1 - place)
        self.value = value


def xor16(data: bytes | memoryview) -> int:
    """XOR of little-endian 16-bit words (an even number of bytes): MTF 1.00a block and stream headers."""
    value = 0
    for word in struct.unpack(f"<{len(data) // 2}H", data):
        value ^= word
    return value
