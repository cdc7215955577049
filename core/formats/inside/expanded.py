"""The expanded tape inside a compressed medium (`MSSQLBAK`), at any place: an index of records, expanded when asked.

Framing: see `core.formats.compressed` [observed]. The packing is LZ77 with Huffman codes ([MS-XCA] 2.1, 2.2).
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.errors import BadFormat
from core.formats.compressed import records_of
from core.formats.inside.medium import Medium
from core.formats.inside.unpacking import expand, libwim

KEPT = 32 << 20
"""Bytes of expanded records kept."""
_MOST_THREADS = 4


@dataclass(frozen=True, slots=True)
class _Piece:
    at: int
    """Where its compressed bytes are."""
    packed: int
    """0: they stand uncompressed."""
    size: int
    checksum: int


class ExpandedMedium:
    """Reads at any place; each record's checksum is compared when it is expanded.

    Several records at a time are expanded in threads: the library works outside Python's lock. Where that is quick
    anyway threads cost more than they bring.
    """

    def __init__(self, inner: Medium, kept: int = KEPT, threads: int | None = None) -> None:
        """`threads`: so many; None: as it is best here, four at most."""
        self._inner = inner
        self._most = max(1, kept >> 16)
        self._threads = _fitting() if threads is None else threads
        self._turn = threading.Lock()
        self._cache: OrderedDict[int, Future[bytes]] = OrderedDict()
        self._promised: set[int] = set()
        """Records that threads were given and nobody has read yet."""
        self._pieces: list[_Piece] = []
        self._starts: list[int] = []
        self._broken: set[int] = set()
        """Records that do not hold."""
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
        end = min(self._size, offset + n)
        numbers = self._numbers(offset, end)
        with self._turn:
            self._promised.difference_update(numbers)
            found = {number: future for number in numbers if (future := self._known(number)) is not None}
            missing = [number for number in numbers if number not in found]
            if self._threads > 1 and len(missing) > 1:
                found |= {number: self._begun(number) for number in missing}
        parts: list[memoryview] = []
        for number in numbers:
            start = self._starts[number]
            data = found[number].result() if number in found else self._now(number)
            parts.append(memoryview(data)[max(0, offset - start) : end - start])
        return b"".join(parts)

    def expect(self, offset: int, n: int, /) -> None:
        """These bytes are read next: threads begin with them. As far as half of what is kept."""
        if self._threads > 1:
            with self._turn:
                for number in self._numbers(offset, min(self._size, offset + n)):
                    if self._known(number) is None and len(self._promised) < self._most // 2:
                        self._promised.add(number)
                        self._begun(number)

    def lost(self, offset: int, n: int, /) -> list[tuple[int, int]]:
        """Of these bytes, which were read: start and end of the stretches of records that do not hold."""
        numbers = self._numbers(offset, min(self._size, offset + n)) if self._broken else ()
        return [
            (self._starts[each], self._starts[each] + self._pieces[each].size)
            for each in numbers
            if each in self._broken
        ]

    def _numbers(self, start: int, end: int) -> range:
        """The records that hold these bytes."""
        if start >= end:
            return range(0)
        return range(bisect_right(self._starts, start) - 1, bisect_left(self._starts, end))

    def _known(self, number: int) -> Future[bytes] | None:
        known = self._cache.get(number)
        if known is not None:
            self._cache.move_to_end(number)
        return known

    def _begun(self, number: int) -> Future[bytes]:
        return self._keep(number, self._pool.submit(self._made, number))

    def _now(self, number: int) -> bytes:
        future = Future[bytes]()
        future.set_result(self._made(number))
        with self._turn:
            return self._keep(number, future).result()

    def _keep(self, number: int, future: Future[bytes]) -> Future[bytes]:
        self._cache[number] = future
        if len(self._cache) > self._most:
            self._promised.discard(self._cache.popitem(last=False)[0])
        return future

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "expand")

    def _made(self, number: int) -> bytes:
        piece = self._pieces[number]
        raw = self._inner.read_at(piece.at, piece.packed or piece.size)
        data = raw if not piece.packed else self._unpacked(raw, piece)
        if len(data) < piece.size:
            self._broken.add(number)
        # Only the last one may end early: what follows has its place.
        return data.ljust(piece.size, b"\0") if number < len(self._pieces) - 1 else data

    def _unpacked(self, raw: bytes, piece: _Piece) -> bytes:
        if _checksum(raw) != piece.checksum:
            return b""
        try:
            return expand(raw, piece.size)
        except BadFormat:
            return b""


def _fitting() -> int:
    """One for each processor that this process may use."""
    if libwim() is not None:
        return 1
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MOST_THREADS, own)


def _checksum(raw: bytes) -> int:
    """The checksum of a record, as `core.formats.xor.rolling_dwords` has it, for all words at once.

    A word that stands n words before the end ends up turned n places; of every 32nd word that is the same turn.
    """
    words = -(-len(raw) // 128) * 32
    data = bytes(4 * (words - -(-len(raw) // 4))) + raw + bytes(-len(raw) % 4)
    turned = np.bitwise_xor.reduce(np.frombuffer(data, dtype="<u4").reshape(-1, 32), axis=0).astype(np.uint64)
    turned <<= np.arange(31, -1, -1, dtype=np.uint64)
    return int(np.bitwise_xor.reduce((turned & 0xFFFF_FFFF) ^ (turned >> 32)))
