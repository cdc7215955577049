"""A database as plain columns, its tables and columns found by name in any case. Bounded by whoever asks.

What cannot be found for certain is not there: two tables of one name without one in `dbo`, two columns of one name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from core.errors import BadFormat
from core.formats.inside.catalog import Table
from core.formats.inside.column import Column
from core.formats.inside.database import Database
from core.formats.inside.page import PAGE
from core.formats.inside.tally import Rows, Values
from core.formats.inside.types import DECIMALS, MONEYS


class PlainTables:
    """Reads a database for questions about a few tables. `check` is called between batches, and may raise."""

    def __init__(self, database: Database, check: Callable[[], None]) -> None:
        self._database = database
        self._check = check
        self._tables = _by_name(database.tables())

    def columns(self, table: str) -> frozenset[str]:
        """Names of its columns in small letters; empty: there is no such table."""
        found = self._tables.get(table.casefold())
        return frozenset() if found is None else frozenset(_columns(found))

    def rows(self, table: str) -> int | None:
        """As the catalog counts them; None: there is no such table."""
        found = self._tables.get(table.casefold())
        return None if found is None else found.rows

    def read(self, table: str, columns: Sequence[str]) -> Iterator[Rows]:
        """Batches of these columns, by their names in small letters; those that are not there are left out.

        Raises BadFormat (`inside-damaged`, `table`) at the end when not all rows could be read.
        """
        found = self._tables.get(table.casefold())
        if found is None:
            return
        names = {real: name for name, real in _columns(found).items() if name in {each.casefold() for each in columns}}
        self._check()
        for batch in self._database.read(found, tuple(names)):
            self._check()
            yield {names[each.name]: _values(each) for each in batch.columns}
        if self._database.damage.tables[found.full_name]:
            raise BadFormat("inside-damaged", table=found.name)

    def large_bytes(self) -> int | None:
        """Bytes of the pages that hold values outside the rows, of all tables."""
        pages = 0
        for table in self._tables.values():
            self._check()
            pages += self._database.outside_pages(table)
        return pages * PAGE


def _by_name(tables: Sequence[Table]) -> dict[str, Table]:
    found: dict[str, list[Table]] = {}
    for table in tables:
        if not table.ms_shipped:
            found.setdefault(table.name.casefold(), []).append(table)
    chosen = {name: [each for each in own if each.schema.casefold() == "dbo"] or own for name, own in found.items()}
    return {name: own[0] for name, own in chosen.items() if len(own) == 1}


def _columns(table: Table) -> dict[str, str]:
    """Name in small letters -> as it is written."""
    found: dict[str, list[str]] = {}
    for column in table.columns:
        found.setdefault(column.name.casefold(), []).append(column.name)
    return {name: own[0] for name, own in found.items() if len(own) == 1}


def _values(column: Column) -> Values:
    """Numbers stay what they are; everything else becomes Python values."""
    values = column.values
    scaled = column.type.id in DECIMALS or column.type.id in MONEYS
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub" and not scaled and not column.odd:
        return np.where(column.null, np.nan, values.astype(np.float64))
    return column.to_list()
