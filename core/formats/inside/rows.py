"""From the records of one rowset to the columns of its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from core.formats.inside.catalog import Partition, Stored, TableColumn
from core.formats.inside.cells import PLAIN, Odd, Pointer, outside
from core.formats.inside.column import Column, Made, Undecoded
from core.formats.inside.common import Common
from core.formats.inside.damage import Damage, DamageBook
from core.formats.inside.fixed import values_of
from core.formats.inside.lob import Lobs
from core.formats.inside.page import Numbers
from core.formats.inside.records import Flags, Records, Spans
from core.formats.inside.sparse import SparseValues
from core.formats.inside.text import texts_of
from core.formats.inside.types import BYTES
from core.formats.inside.values import decoder_of

_MOST: Final = 1 << 25
"""Bytes outside the row that one batch may promise, unless a single value promises more."""


class RowReader:
    """Makes columns out of records; notes what does not hold as damage of its table."""

    def __init__(self, table: str, lobs: Lobs, damage: DamageBook) -> None:
        self._table = table
        self._lobs = lobs
        self._damage = damage

    def columns(self, records: Records, partition: Partition, wanted: Iterable[TableColumn]) -> tuple[Column, ...]:
        """These columns, decoded when they are first looked at."""
        vectors = SparseValues(records)
        places = [(column, partition.columns.get(column.number)) for column in wanted]
        common = Common(records, [(place, column.type) for column, place in places if place is not None])
        return tuple(
            self._sparse(records, column, vectors) if column.sparse else self._column(common, column, place)
            for column, place in places
        )

    def _column(self, common: Common, column: TableColumn, place: Stored | None) -> Column:
        records = common.records
        reason = column.unreadable or ("" if place is not None else column.unstored)
        if place is None or reason:
            gone = np.zeros(records.count, dtype=bool) if place is None else common.null(place.null_bit)
            return Column(column.name, column.type, gone, [Undecoded(reason, b"")] * records.count)
        null, odd = _absent(common, column, place)
        if place.offset >= 0:
            return Column(column.name, column.type, null, lambda: self._fixed(common, column, place, null, odd))
        if null.all():
            return Column(column.name, column.type, null, [None] * records.count)
        spans = records.variable(-place.offset)
        pointers = np.flatnonzero(spans.pointer & ~null)
        if column.type.lob and len(pointers):
            # Whether it is NULL says the record at the other end, so it has to be looked at now.
            far = self._far(records, column, spans, pointers)
            null = null.copy()
            null[[row for row, value in far.items() if value is None]] = True
            return Column(
                column.name, column.type, null, lambda: self._near(records, column, spans, null, {**far, **odd})
            )

        def made() -> Made:
            far = self._far(records, column, spans, pointers)
            return self._near(records, column, spans, null, {**far, **odd})

        return Column(column.name, column.type, null, made)

    def parts(self, records: Records, partition: Partition, wanted: Iterable[TableColumn]) -> Iterator[Records]:
        """The records in parts whose values outside the row are not too much for memory together."""
        promised = np.zeros(records.count, dtype=np.int64)
        for column in wanted:
            place = partition.columns.get(column.number)
            if place is not None and place.offset < 0 and not column.sparse:
                spans = records.variable(-place.offset)
                rows = np.flatnonzero(spans.pointer)
                if len(rows):
                    promised[rows] += self._lobs.promised(_cut(records, spans, rows))
        for first, end in portions(promised):
            yield records.part(first, end) if (first, end) != (0, records.count) else records

    def _sparse(self, records: Records, column: TableColumn, vectors: SparseValues) -> Column:
        cells, broken = vectors.of(column.number)
        which = np.zeros(records.count, dtype=bool)
        which[broken] = True
        odd = self._broken(records, which)
        odd |= self._behind([(row, cell) for row, cell in enumerate(cells) if isinstance(cell, Pointer)], column)
        null = np.array([cell is None for cell in cells], dtype=bool) & ~which

        def made() -> Made:
            values, strange = PLAIN.made_of(
                [None if isinstance(cell, Pointer) else cell for cell in cells], column.type
            )
            return values, {**strange, **odd}

        return Column(column.name, column.type, null, made)

    def _fixed(self, common: Common, column: TableColumn, place: Stored, null: Flags, odd: Odd) -> Made:
        records, width = common.records, column.type.width
        if width is None:
            return [Undecoded(column.type.name, b"")] * records.count, odd
        values, strange = values_of(common.fixed(place.offset, width), column.type, null, place.bit)
        if common.holds(place.offset + width):
            return values, strange | odd
        outside = (records.start + (place.offset + width) > records.fixed_end) & ~null
        outside[list(odd)] = False
        return values, {**strange, **self._broken(records, outside), **odd}

    def _near(self, records: Records, column: TableColumn, spans: Spans, null: Flags, odd: Odd) -> Made:
        """What stands in the record itself; `odd` rows are known already."""
        kind = column.type
        empty = null | spans.pointer
        broken = spans.broken & ~null
        broken[list(odd)] = False
        start, end = np.where(empty, 0, spans.start), np.where(empty, 0, spans.end)
        strange = {**self._broken(records, broken), **odd}
        if kind.encoding is not None:
            return texts_of(records.data, start, end, kind.encoding)[0], strange
        memory = records.memory
        slices = list(map(memory.__getitem__, map(slice, start.tolist(), end.tolist())))
        if kind.id in BYTES:
            return list[object](slices), strange
        decode = decoder_of(kind)
        return [None if gone else decode(raw) for raw, gone in zip(slices, empty.tolist(), strict=True)], strange

    def _far(self, records: Records, column: TableColumn, spans: Spans, rows: Numbers) -> Odd:
        """What stands outside the record, by row; None: NULL there."""
        if not len(rows):
            return {}
        return self._behind(list(zip(rows.tolist(), _cut(records, spans, rows), strict=True)), column)

    def _behind(self, cells: list[tuple[int, bytes]], column: TableColumn) -> Odd:
        return outside(cells, column.type, self._lobs, self._damage, self._table) if cells else {}

    def _broken(self, records: Records, which: Flags) -> Odd:
        """Rows whose record contradicts itself."""
        rows = np.flatnonzero(which).tolist()
        with self._damage.reading(self._table):
            for row in rows:
                self._damage.add(Damage("record", records.file_id, records.page_of(row)))
        return {row: Undecoded("record", b"") for row in rows}


def portions(promised: Numbers) -> Iterator[tuple[int, int]]:
    """First row and end of stretches whose values outside the row are not too much for memory together."""
    first = 0
    ends = np.flatnonzero(np.diff(np.cumsum(promised) // _MOST)) + 1
    for end in [*ends.tolist(), len(promised)]:
        if end > first:
            yield first, end
            first = end


def _cut(records: Records, spans: Spans, rows: Numbers) -> list[bytes]:
    """What stands in these rows."""
    memory = records.memory
    return [memory[start:end] for start, end in zip(spans.start[rows].tolist(), spans.end[rows].tolist(), strict=True)]


def _absent(common: Common, column: TableColumn, place: Stored) -> tuple[Flags, Odd]:
    """Which rows are NULL, and what the rows say that were written before the column came."""
    null, odd = common.null(place.null_bit), Odd()
    short = common.short(place.null_bit)
    if short is not None and short.any():
        if place.default is None and column.nullable:
            return null | short, odd
        value = Undecoded("default", b"") if place.default is None else place.default
        odd = dict.fromkeys(np.flatnonzero(short).tolist(), value)
    return null, odd
