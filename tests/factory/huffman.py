"""A real LZ77+Huffman encoder ([MS-XCA] 2.1.4), quick enough for hundreds of megabytes of pages that repeat.

Each block of 8 KiB finds its matches in itself alone: repeated pages are not copies of each other, so what is written
shrinks no better than a stranger's pages do.
"""

from __future__ import annotations

import heapq
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK = 8192
_LEAD = 64
"""The start of a page, where its number and checksum stand, is written as it is."""
_SHORTEST, _LONG, _LONGEST = 3, 15, 255
_BITS = 15
Array = NDArray[Any]


class _Tokens(NamedTuple):
    """Literals and matches of a block, and the bytes for lengths that a symbol cannot say."""

    symbols: Array
    distances: Array
    """Without their highest bit."""
    widths: Array
    """Bits of a distance."""
    sizes: Array
    """Bytes of a length."""
    lengths: bytes


def pack(data: bytes) -> bytes:
    """The code table and the bits of one record."""
    parts = [
        part for at in range(0, len(data), BLOCK) for part in (_plain(data[at : at + _LEAD]), _found(data, at + _LEAD))
    ]
    symbols, distances, widths, sizes = (np.concatenate([part[field] for part in parts]) for field in range(4))
    depths = np.array(_depths(np.bincount(symbols, minlength=512).tolist()))
    table = (depths[1::2] << 4 | depths[::2]).astype(np.uint8).tobytes()
    value, width, size = (np.zeros(2 * len(symbols), dtype=np.int64) for _ in range(3))
    value[::2], value[1::2] = _codes(depths)[symbols], distances
    width[::2], width[1::2] = depths[symbols], widths
    size[::2] = sizes
    packed: bytes = table + _laid(value, width, size, b"".join(part.lengths for part in parts))
    return packed


def _laid(value: Array, width: Array, size: Array, lengths: bytes) -> bytes:
    """Bits in words of 16, and whole bytes between them where a decoder is when it wants them.

    It holds two words to begin with, and takes the next one as soon as it has no more than 16 bits left.
    """
    ends = np.cumsum(width)
    total = int(ends[-1])
    which = np.repeat(np.arange(len(width)), width)
    bits = np.zeros(-(-total // 16) * 16 + 16, dtype=np.uint8)
    bits[:total] = value[which] >> (ends[which] - 1 - np.arange(total)) & 1
    words = np.packbits(bits).view(">u2").astype("<u2").view(np.uint8).reshape(-1, 2)
    before = np.cumsum(size) - size
    number = np.arange(len(words))
    taker = np.searchsorted(ends, 16 * (number - 1), side="right")
    taker[:2] = 0
    places = 2 * number + before[taker]
    out = np.zeros(2 * len(words) + len(lengths), dtype=np.uint8)
    out[places], out[places + 1] = words[:, 0], words[:, 1]
    if lengths:
        long = np.flatnonzero(size)
        start = 2 * (2 + (ends[long] - 1) // 16) + before[long]
        step = np.arange(len(lengths)) - np.repeat(np.cumsum(size[long]) - size[long], size[long])
        out[np.repeat(start, size[long]) + step] = np.frombuffer(lengths, dtype=np.uint8)
    return out.tobytes()


def _plain(data: bytes) -> _Tokens:
    none = np.zeros(len(data), dtype=np.int64)
    return _Tokens(np.frombuffer(data, dtype=np.uint8).astype(np.int64), none, none, none, b"")


def _found(data: bytes, at: int) -> _Tokens:
    return _matched(data[at : at - _LEAD + BLOCK])


@lru_cache(maxsize=4096)
def _matched(data: bytes) -> _Tokens:
    """Greedy: of two places with the same three bytes the longer match."""
    rows: list[tuple[int, int, int, int]] = []
    lengths = bytearray()
    seen: dict[bytes, tuple[int, ...]] = {}
    at = 0
    while at < len(data):
        best, source = 0, 0
        for before in seen.get(data[at : at + _SHORTEST], ()):
            length = _common(data, before, at)
            if length > best:
                best, source = length, before
        if best < _SHORTEST:
            rows.append((data[at], 0, 0, 0))
            best = 1
        else:
            width = (at - source).bit_length() - 1
            more = best - _SHORTEST
            said = _said(more)
            lengths += said
            rows.append((256 + (width << 4 | min(more, _LONG)), at - source - (1 << width), width, len(said)))
        for place in range(at, at + best):
            key = data[place : place + _SHORTEST]
            seen[key] = (place, *seen.get(key, ())[:1])
        at += best
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return _Tokens(columns[0], columns[1], columns[2], columns[3], bytes(lengths))


def _common(data: bytes, before: int, at: int) -> int:
    length, room = 0, len(data) - at
    while length < room and data[before + length] == data[at + length]:
        length += 1
    return length


def _said(more: int) -> bytes:
    if more < _LONG:
        return b""
    if more - _LONG < _LONGEST:
        return bytes([more - _LONG])
    return b"\xff" + more.to_bytes(2, "little")


def _depths(counts: list[int]) -> list[int]:
    """Length of the code of each symbol, 0: it has none."""
    while True:
        depths = [0] * len(counts)
        heap: list[tuple[int, int, tuple[int, ...]]] = [
            (count, symbol, (symbol,)) for symbol, count in enumerate(counts) if count
        ]
        if len(heap) == 1:  # a code has at least one bit
            heap.append((0, len(counts), ((heap[0][1] + 1) % len(counts),)))
        heapq.heapify(heap)
        while len(heap) > 1:
            (few, _, left), (many, number, right) = heapq.heappop(heap), heapq.heappop(heap)
            for symbol in left + right:
                depths[symbol] += 1
            heapq.heappush(heap, (few + many, number, left + right))
        if max(depths) <= _BITS:
            return depths
        counts = [-(-count // 2) for count in counts]


def _codes(depths: Array) -> Array:
    """Canonical: ascending by length, then by symbol."""
    codes = np.zeros(len(depths), dtype=np.int64)
    code = 0
    for depth in range(1, _BITS + 1):
        own = np.flatnonzero(depths == depth)
        codes[own] = code + np.arange(len(own))
        code = code + len(own) << 1
    return codes
