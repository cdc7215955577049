"""Expands MS-XCA "LZ77+Huffman" ([MS-XCA] 2.1 and 2.2), only as far as it is asked to."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from core.errors import BadFormat

TABLE = 256
"""Bytes of the 512 code lengths, two in a byte, the low nibble first."""
_BITS = 15
"""Longest code."""
_LITERALS = 256
_SHORTEST = 3


class Expander:
    """One compressed block. Raises BadFormat where the bits cannot be what a compressor wrote."""

    def __init__(self, data: bytes, size: int) -> None:
        """`data`: code table and bits; `size`: bytes that they expand to, at most 64 KiB."""
        self.size = size
        self.out = bytearray()
        self._data = data
        self._target = 0
        self._run = self._decode()

    def upto(self, n: int) -> bytearray:
        """The expanded bytes so far, at least `n` of them or all."""
        self._target = min(n, self.size)
        if len(self.out) < self._target:
            next(self._run, None)
        return self.out

    def _decode(self) -> Iterator[None]:  # noqa: C901, PLR0915 - one loop: calls would cost four fifths of the speed
        table = _decoding_table(self._data[:TABLE])
        data = self._data + bytes(4)  # the last refill may look one word past the end
        words = struct.Struct("<H").unpack_from
        out = self.out
        cursor = TABLE + 4
        accumulator = words(data, TABLE)[0] << 16 | words(data, TABLE + 2)[0]
        left = 32  # bits in the accumulator, the next one on top; 16 to 32 of them before each code
        have = 0
        try:
            while True:
                while have < self._target:
                    entry = table[accumulator >> (left - _BITS)]
                    left -= entry & 15
                    accumulator &= (1 << left) - 1
                    if left < 16:
                        accumulator = accumulator << 16 | words(data, cursor)[0]
                        cursor += 2
                        left += 16
                    symbol = entry >> 4
                    if symbol < _LITERALS:
                        out.append(symbol)
                        have += 1
                        continue
                    length = symbol & 15
                    if length == 15:
                        length = data[cursor] + 15
                        cursor += 1
                        if length == 270:
                            length = words(data, cursor)[0]
                            cursor += 2
                    length += _SHORTEST
                    width = (symbol >> 4) & 15
                    left -= width
                    distance = (1 << width) + (accumulator >> left)
                    accumulator &= (1 << left) - 1
                    if left < 16:
                        accumulator = accumulator << 16 | words(data, cursor)[0]
                        cursor += 2
                        left += 16
                    if distance > have:
                        raise _broken()
                    start = have - distance
                    if distance >= length:
                        out += out[start : start + length]
                    else:
                        piece = out[start:]
                        out += (piece * (length // distance + 1))[:length]
                    have += length
                if have > self.size:
                    raise _broken()
                yield
        except (IndexError, struct.error, ValueError) as error:
            raise _broken() from error


def _decoding_table(lengths: bytes) -> list[int]:
    """For each value of the next 15 bits: symbol * 16 + code length. The code is canonical.

    A value that no code covers has no entry: asking for it is an IndexError.
    """
    if len(lengths) < TABLE:
        raise _broken()
    by_length: list[list[int]] = [[] for _ in range(_BITS + 1)]
    for place, pair in enumerate(lengths):
        by_length[pair & 15].append(2 * place)
        by_length[pair >> 4].append(2 * place + 1)
    table: list[int] = []
    for length in range(1, _BITS + 1):
        for symbol in by_length[length]:
            table += [symbol << 4 | length] * (1 << (_BITS - length))
    if len(table) > 1 << _BITS:
        raise _broken()
    return table


def _broken() -> BadFormat:
    return BadFormat("structure", what="LZ77+Huffman")
