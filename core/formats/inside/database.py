"""One database, open for reading: its tables, their rows, and what was checked on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from core.errors import BadFormat
from core.formats.inside.catalog import COLUMNSTORE, NONE, Partition, Table, TableColumn, read_catalog
from core.formats.inside.column import Column
from core.formats.inside.compressed_rows import PAGES, CompressedReader, compressed_pages
from core.formats.inside.damage import Damage, DamageBook
from core.formats.inside.lob import Lobs
from core.formats.inside.records import Moves, records_of
from core.formats.inside.rows import RowReader
from core.formats.inside.store import BATCH, PageStore
from core.formats.inside.system import SystemTables, data_pages
from core.formats.inside.verifying import Verified, verify

_LOB, _OVERFLOW = 2, 3
"""Kinds of allocation units."""
_COLUMNS = 64
"""With more columns than these a batch has fewer pages."""
_ROW = 8060
"""Bytes that a row can have in its page: only where columns are declared longer together can one stand outside."""
_BATCH_LOB = 16
"""Pages at a time where values may stand outside the row: each can be much longer than its row."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table, column by column."""

    rows: int
    columns: tuple[Column, ...]


class Database:
    """Everything of one database. Not for use in several threads at once."""

    def __init__(self, store: PageStore) -> None:
        self._store = store
        self._system = SystemTables(store)
        self._lobs = Lobs(store)
        self._tables: tuple[Table, ...] | None = None
        self._close: Callable[[], object] = _nothing

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def at_close(self, close: Callable[[], object]) -> None:
        """What gives back the files that it is read from."""
        self._close = close

    def close(self) -> None:
        """Give back files and scratch."""
        self._close()

    @property
    def damage(self) -> DamageBook:
        """What was checked so far, and what did not hold."""
        return self._store.damage

    @property
    def internal_version(self) -> int:
        """Of the database, from its boot page."""
        return self._system.version

    def tables(self) -> tuple[Table, ...]:
        """The user tables, by schema and name."""
        if self._tables is None:
            self._tables = read_catalog(self._system)
        return self._tables

    def table(self, name: str) -> Table | None:
        """The table of this name, `name` or `schema.name`, whatever the case; a schema `dbo` goes first."""
        wanted = name.casefold()
        found = [each for each in self.tables() if wanted in (each.name.casefold(), each.full_name.casefold())]
        return min(found, key=lambda each: each.schema.casefold() != "dbo", default=None)

    def read(self, table: Table, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        """The rows, in the order of their pages; only these columns when named.

        Read to the end, the rows are compared with the catalog's count: damage `row-count`. Raises BadFormat
        (`inside-storage`) for rows that are kept in a way that nobody reads here: see `Table.storage`.
        """
        wanted = [each for each in table.columns if columns is None or each.name in columns]
        far = any(each.type.lob or each.type.length == -1 for each in wanted)
        # Records may end early: many columns that came later make little bytes much.
        most = _BATCH_LOB if far else max(_BATCH_LOB, BATCH * _COLUMNS // max(_COLUMNS, len(wanted)))
        split = far or sum(each.type.length for each in table.columns) > _ROW
        rows = 0
        for partition in _readable(table):
            for batch in self._batches(table, partition, wanted, most, split=split):
                rows += batch.rows
                yield batch
        self._counted(table, rows)

    def count(self, table: Table) -> int:
        """Rows that are there, without decoding them. Compared with the catalog's as in `read`."""
        return sum(batch.rows for batch in self.read(table, ()))

    def outside_pages(self, table: Table) -> int:
        """How many pages hold values outside its rows. Only allocation pages are read."""
        return sum(
            len(numbers)
            for partition in table.partitions
            for kind in (_LOB, _OVERFLOW)
            for _, numbers in self._system.unit(partition.rowset, kind)
        )

    def verify(
        self, cancel: Callable[[], bool] | None = None, progress: Callable[[int, int], None] | None = None
    ) -> Verified:
        """Check every page, every table, every value outside its row. Raises Cancelled.

        `progress` hears how much is done, of how much: rows that the catalog counts and pages that are there.
        """
        return verify(self.tables(), self.read, self._store, self._system.allocation, cancel=cancel, progress=progress)

    def _batches(
        self, table: Table, partition: Partition, wanted: list[TableColumn], most: int, *, split: bool
    ) -> Iterator[Batch]:
        damage = self._store.damage
        with damage.reading(table.full_name):
            units = self._system.unit(partition.rowset)
        moves = Moves()
        plain = RowReader(table.full_name, self._lobs, damage)
        packed = CompressedReader(table.full_name, self._lobs, damage)
        found = data_pages(self._store, units, most if partition.compression == NONE else PAGES)
        while True:
            with damage.reading(table.full_name):
                some = next(found, None)
                if some is None:
                    moves.check(damage)
                    return
                pages, file_id, numbers = some
                made: list[Batch] = []
                if partition.compression != NONE:
                    small = compressed_pages(pages)
                    own = packed.read(pages[small], file_id, numbers[small], partition, wanted)
                    made = [Batch(rows, columns) for rows, columns in own]
                    pages, numbers = pages[~small], numbers[~small]
                if len(pages):
                    records = records_of(pages, damage, file_id, numbers, moves)
                    made += [
                        Batch(part.count, plain.columns(part, partition, wanted))
                        for part in (plain.parts(records, partition, wanted) if split else (records,))
                    ]
            yield from made

    def _counted(self, table: Table, rows: int) -> None:
        self._store.damage.checked["tables"] += 1
        if rows != table.rows:
            self._store.damage.add(Damage("row-count", 0, 0, table=table.full_name))


def _readable(table: Table) -> tuple[Partition, ...]:
    if table.storage == "elsewhere" or any(each.compression >= COLUMNSTORE for each in table.partitions):
        raise BadFormat("inside-storage", table=table.full_name, storage=table.storage)
    return table.partitions


def _nothing() -> None:
    """Nothing to give back."""
