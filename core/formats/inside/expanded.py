"""The expanded tape inside a compressed medium (`MSSQLBAK`), at any place: an index of records, expanded when asked.

Framing: see `core.formats.compressed` [observed]. The packing is LZ77 with Huffman codes ([MS-XCA] 2.1, 2.2).
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from core.errors import BadFormat
from core.formats.compressed import records_of
from core.formats.inside.medium import Medium

KEPT = 32 << 20
"""Bytes of expanded records kept."""


@dataclass(frozen=True, slots=True)
class _Piece:
    at: int
    """Where its compressed bytes are."""
    packed: int
    """0: they stand uncompressed."""
    size: int
    checksum: int


class ExpandedMedium:
    """Reads at any place; each record's checksum is compared when it is expanded."""

    def __init__(self, inner: Medium, kept: int = KEPT) -> None:
        self._inner = inner
        self._most = max(1, kept >> 16)
        self._turn = threading.Lock()
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._pieces: list[_Piece] = []
        self._starts: list[int] = []
        self.broken: list[int] = []
        """Expanded offsets of records that do not hold."""
        size = 0
        for at, packed, length, checksum in records_of(inner):
            self._pieces.append(_Piece(at, packed, length, checksum))
            self._starts.append(size)
            size += length
        self._size = size

    @property
    def size(self) -> int:
        """Expanded length in bytes."""
        return self._size

    def read_at(self, offset: int, n: int, /) -> bytes:
        """Up to `n` expanded bytes, fewer only at the end; a record that does not hold is zeros."""
        parts: list[bytes] = []
        end = min(self._size, offset + n)
        number = bisect_right(self._starts, offset) - 1
        while offset < end and number < len(self._pieces):
            data = self._expanded(number)
            inside = offset - self._starts[number]
            piece = data[inside : inside + end - offset]
            if not piece:
                break
            parts.append(piece)
            offset += len(piece)
            number += 1
        return b"".join(parts)

    def _expanded(self, number: int) -> bytes:
        with self._turn:
            known = self._cache.get(number)
            if known is not None:
                self._cache.move_to_end(number)
                return known
        piece = self._pieces[number]
        raw = self._inner.read_at(piece.at, piece.packed or piece.size)
        data = raw if not piece.packed else self._unpacked(raw, piece)
        if number < len(self._pieces) - 1:
            data = data.ljust(piece.size, b"\0")
        with self._turn:
            self._cache[number] = data
            if len(self._cache) > self._most:
                self._cache.popitem(last=False)
        return data

    def _unpacked(self, raw: bytes, piece: _Piece) -> bytes:
        if _checksum(raw) != piece.checksum:
            self.broken.append(piece.at)
            return b""
        try:
            return expand(raw, piece.size)
        except BadFormat:
            self.broken.append(piece.at)
            return b""


def _checksum(raw: bytes) -> int:
    """The checksum of a record, as `core.formats.xor.rolling_dwords` has it, for all words at once.

    A word that stands n words before the end ends up turned n places; of every 32nd word that is the same turn.
    """
    words = -(-len(raw) // 128) * 32
    data = bytes(4 * (words - -(-len(raw) // 4))) + raw + bytes(-len(raw) % 4)
    turned = np.bitwise_xor.reduce(np.frombuffer(data, dtype="<u4").reshape(-1, 32).astype(np.uint64), axis=0)
    turned <<= np.arange(31, -1, -1, dtype=np.uint64)
    return int(np.bitwise_xor.reduce((turned & 0xFFFF_FFFF) ^ (turned >> 32)))


def expand(raw: bytes, size: int) -> bytes:
    """One record expanded to `size` bytes, in C where the library is there. Raises BadFormat."""
    try:
        import pyfwnt
    except ImportError:
        from core.formats.xpress import Expander

        return bytes(Expander(raw, size).upto(size))
    try:
        data = bytes(pyfwnt.lzxpress_huffman_decompress(raw, size))
    except OSError as error:
        raise BadFormat("structure", what="record") from error
    if len(data) != size:
        raise BadFormat("structure", what="record")
    return data
