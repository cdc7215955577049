"""A page of compressed rows, and what its rows share: beginnings of values by column, and whole values by number.

*Built from documentation*: BusinessCentral.BakReader and mssqlbak, which checked it against a server. A page whose
type flags have 0x80 has behind its header, at 96:

    u8      2 = anchor record, 4 = dictionary; bit 0 is clear (a record has it set)
    u16     changes since it was made
    u16 ... end of each part that is there, from 96
            anchor record: a compressed record with a beginning for each column, NULL where it has none
            dictionary: u16 number of values, u16 ... ends (from the start of the dictionary), the values

A column with an anchor stores how many bytes to take of it (one byte; two from 128 on, high one first, with 0x80)
and the rest; nothing at all means the anchor itself. Symbols stand for such stored values.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from core.formats.inside.cd_records import (
    FORWARDED,
    INDEX,
    PRIMARY,
    BadRecord,
    cells_of,
    kind_of,
)
from core.formats.inside.cells import Cell, Pointer
from core.formats.inside.page import PAGE

_HEADER: Final = 96
_HAS_SHARED: Final = 0x80
_ANCHOR, _DICTIONARY = 0x02, 0x04
_LONG_PREFIX: Final = 0x80
_KIND_BITS, _PLAIN_STUB = 0x0F, 0x04
"""Kind and format of an uncompressed record: a stub."""


class Shared:
    """What the rows of one page share."""

    def __init__(self, anchors: list[Cell], symbols: list[bytes], end: int) -> None:
        self._anchors, self._symbols = anchors, symbols
        self._known: dict[tuple[int, int], bytes] = {}
        self.end = end
        """Byte of the page where the records may start."""

    def resolve(self, column: int, stored: bytes) -> bytes:
        """The bytes of a value. Raises BadRecord where it takes more of the anchor than there is."""
        anchor = self._anchors[column] if column < len(self._anchors) else None
        if not anchor:
            return stored
        if not stored:
            return anchor
        length, at = stored[0], 1
        if length & _LONG_PREFIX:
            length, at = (length & ~_LONG_PREFIX) << 8 | stored[1], 2
        if length > len(anchor):
            raise BadRecord
        return anchor[:length] + stored[at:]

    def lookup(self, column: int, symbol: int) -> bytes:
        """What a symbol stands for in this column. Raises BadRecord for one that there is not."""
        if (column, symbol) not in self._known:
            if symbol >= len(self._symbols):
                raise BadRecord
            self._known[column, symbol] = self.resolve(column, self._symbols[symbol])
        return self._known[column, symbol]


NOTHING: Final = Shared([], [], _HEADER)
"""Rows that share nothing: row compression, or a page that page compression left alone."""


def shared_of(page: bytes) -> Shared:
    """What the rows of this page of 8192 bytes share. Raises BadRecord."""
    if not page[2] & _HAS_SHARED:
        return NOTHING
    flags = page[_HEADER]
    if flags & 1:
        raise BadRecord
    parts = [part for part in (_ANCHOR, _DICTIONARY) if flags & part]
    ends = struct.unpack_from(f"<{len(parts)}H", page, _HEADER + 3)
    start = _HEADER + 3 + 2 * len(parts)
    anchors: list[Cell] = []
    symbols: list[bytes] = []
    for part, length in zip(parts, ends, strict=True):
        end = _HEADER + length
        if not start <= end <= PAGE:
            raise BadRecord
        if part == _ANCHOR:
            anchors = cells_of(page[start:end])
            if any(isinstance(each, Pointer) for each in anchors):
                raise BadRecord
        else:
            symbols = _symbols(page[start:end])
        start = end
    return Shared(anchors, symbols, start)


def _symbols(data: bytes) -> list[bytes]:
    try:
        (count,) = struct.unpack_from("<H", data)
        ends = struct.unpack_from(f"<{count}H", data, 2)
    except struct.error:
        raise BadRecord from None
    starts = (2 + 2 * count, *ends)
    if any(b < a for a, b in zip(starts, ends, strict=False)) or starts[-1] > len(data):
        raise BadRecord
    return [data[a:b] for a, b in zip(starts, ends, strict=False)]


def slots_of(page: bytes) -> dict[int, int]:
    """Slot -> byte of the page where its record starts; empty slots left out, wild ones in."""
    count = min(int.from_bytes(page[22:24], "little"), (PAGE - _HEADER) // 2)
    offsets = struct.unpack(f"<{count}H", page[PAGE - 2 * count :])[::-1] if count else ()
    return {slot: offset for slot, offset in enumerate(offsets) if offset}


def is_compressed(page: bytes) -> bool:
    """Whether any record of it is of this format."""
    return bool(page[2] & _HAS_SHARED) or any(page[start] & 1 for start in slots_of(page).values() if start < PAGE)


def rows_of(page: bytes) -> Iterator[tuple[int, list[Cell] | None]]:
    """(slot, columns in physical order) of each row of a page of 8192 bytes, in slot order; None: its record is broken.

    A record ends at the latest where the next one starts, so together they never hold more than the page does. Ghosts
    and stubs left out. Raises BadRecord where what the rows share is broken: then none of them can be told.
    """
    shared = shared_of(page)
    slots = slots_of(page)
    floor, ceiling = shared.end, PAGE - 2 * int.from_bytes(page[22:24], "little")
    starts = sorted({start for start in slots.values() if floor <= start < ceiling})
    ends = dict(zip(starts, [*starts[1:], ceiling], strict=False))
    for slot, start in slots.items():
        try:
            cells = _row(page[start : ends.pop(start, start)], shared)
        except BadRecord:
            yield slot, None
        else:
            if cells is not None:
                yield slot, cells


def _row(record: bytes, shared: Shared) -> list[Cell] | None:
    """None: no row. A stub may be one of either format: no source says. Raises BadRecord."""
    if record and record[0] & _KIND_BITS == _PLAIN_STUB:
        return None
    kind = kind_of(record)
    if kind == INDEX:
        raise BadRecord
    return cells_of(record, shared.resolve, shared.lookup) if kind in {PRIMARY, FORWARDED} else None
