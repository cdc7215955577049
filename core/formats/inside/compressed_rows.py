"""From pages of compressed rows to columns. *Built from documentation*, see `cd_records` and `page_compression`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from core.formats.inside.catalog import Partition, Stored, TableColumn
from core.formats.inside.cd_records import BadRecord
from core.formats.inside.cd_values import decoder_in_row, inflate
from core.formats.inside.cells import Cell, Inside, Odd, Pointer, outside
from core.formats.inside.column import Column, Made, Undecoded
from core.formats.inside.damage import Damage, DamageBook
from core.formats.inside.lob import Lobs
from core.formats.inside.page import Bytes, Numbers
from core.formats.inside.page_compression import is_compressed, rows_of
from core.formats.inside.records import Flags
from core.formats.inside.rows import portions

PAGES: Final = 16
"""Pages to hand over at a time: every value is an object of its own."""
_MOST: Final = 1 << 26
"""Bytes that the columns of fixed width of one batch would have uncompressed."""
_COMPRESSED: Final = Inside(inflate, decoder_in_row)

Row = list[Cell]


class CompressedReader:
    """Makes columns out of pages of compressed rows; notes what does not hold as damage of its table."""

    def __init__(self, table: str, lobs: Lobs, damage: DamageBook) -> None:
        self._table = table
        self._lobs = lobs
        self._damage = damage

    def read(
        self, pages: Bytes, file_id: int, numbers: Numbers, partition: Partition, wanted: Sequence[TableColumn]
    ) -> Iterator[tuple[int, tuple[Column, ...]]]:
        """(rows, columns) in the order of the pages; these are (n, 8192) and whole, `numbers` are their page numbers.

        A row whose record is broken is left out, and all rows of a page where what they share is broken: damage
        `record`.
        """
        rows = self._rows(pages, file_id, numbers)
        step = max(1, _MOST // max(1, sum(each.type.width or 0 for each in wanted)))
        places = [partition.columns.get(each.number) for each in wanted]
        for first, end in portions(self._promised(rows, places)):
            for at in range(first, end, step):
                part = rows[at : min(end, at + step)]
                yield len(part), tuple(self._column(part, *each) for each in zip(wanted, places, strict=True))

    def _promised(self, rows: list[Row], places: list[Stored | None]) -> Numbers:
        """How long the values outside each row are together."""
        made = np.zeros(len(rows), dtype=np.int64)
        for at in [place.null_bit - 1 for place in places if place is not None and place.null_bit > 0]:
            far = {row: cell for row, own in enumerate(rows) if at < len(own) and isinstance(cell := own[at], Pointer)}
            if far:
                made[list(far)] += self._lobs.promised(list(far.values()))
        return made

    def _rows(self, pages: Bytes, file_id: int, numbers: Numbers) -> list[Row]:
        found: list[Row] = []
        for page, number in zip(pages, numbers.tolist(), strict=True):
            own: list[Row] = []
            try:
                for slot, cells in rows_of(page.tobytes()):
                    if cells is None:
                        self._damage.add(Damage("record", file_id, number, slot))
                    else:
                        own.append(cells)
            except BadRecord:
                self._damage.add(Damage("record", file_id, number))
            self._damage.checked["records"] += len(own)
            found += own
        return found

    def _column(self, rows: list[Row], column: TableColumn, place: Stored | None) -> Column:
        reason = column.unreadable or (column.unstored if place is None else "" if place.null_bit > 0 else "catalog")
        at = place.null_bit - 1 if place is not None else -1
        cells = [row[at] if 0 <= at < len(row) else None for row in rows]
        null = np.array([cell is None for cell in cells], dtype=bool)
        if place is None or reason:
            gone = null if at >= 0 else np.zeros(len(rows), dtype=bool)
            return Column(column.name, column.type, gone, [Undecoded(reason, b"")] * len(rows))
        odd = _absent([len(row) <= at for row in rows], column, place)
        null[list(odd)] = False
        far: list[tuple[int, bytes]] = [(row, cell) for row, cell in enumerate(cells) if isinstance(cell, Pointer)]
        if column.type.lob and far:
            # Whether it is NULL says the record at the other end, so it has to be looked at now.
            odd |= self._far(far, column)
            null[[row for row, value in odd.items() if value is None]] = True
            far = []

        def made() -> Made:
            values, strange = _COMPRESSED.made_of(
                [None if isinstance(cell, Pointer) else cell for cell in cells], column.type
            )
            return values, {**strange, **odd, **self._far(far, column)}

        return Column(column.name, column.type, null, made)

    def _far(self, cells: list[tuple[int, bytes]], column: TableColumn) -> Odd:
        return outside(cells, column.type, self._lobs, self._damage, self._table) if cells else {}


def compressed_pages(pages: Bytes) -> Flags:
    """(n,) which pages hold compressed rows: a compressed rowset may have pages from before."""
    return np.array([is_compressed(page.tobytes()) for page in pages], dtype=bool)


def _absent(short: list[bool], column: TableColumn, place: Stored) -> Odd:
    """What the rows say that were written before the column came; nothing where they say NULL."""
    if place.default is None and column.nullable:
        return {}
    value = Undecoded("default", b"") if place.default is None else place.default
    return {row: value for row, gone in enumerate(short) if gone}
