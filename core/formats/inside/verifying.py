"""Everything that can be checked in a database, checked: pages, records, moved rows, values outside rows, counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import BadFormat, Cancelled
from core.formats.inside.allocation import ALLOCATED, Allocation
from core.formats.inside.catalog import Table
from core.formats.inside.column import Column
from core.formats.inside.damage import Damage
from core.formats.inside.store import BATCH, PageStore


@dataclass(frozen=True, slots=True)
class TableCheck:
    """One table, read to the end."""

    table: Table
    rows: int | None
    """Rows that were found; None: they are kept in a way that nobody reads here (`Table.storage`)."""
    undecoded: int
    """Values that nobody can tell."""
    damage: int
    """Findings that touch it, from whatever was read of it so far."""

    @property
    def good(self) -> bool:
        """As many rows as the catalog counts, and nothing damaged."""
        return self.rows == self.table.rows and not self.damage


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked, and what did not hold."""

    pages: int
    """Allocated pages that were looked at."""
    summed: int
    """Of those, how many carry a checksum or torn bits, which were compared."""
    unallocated: int
    """Pages that are there but belong to nothing: what they hold means nothing, and is not looked at."""
    tables: tuple[TableCheck, ...]
    checked: Mapping[str, int] = field(default_factory=dict)
    """Counts of checks by kind: `records forwards lobs tables`."""
    damage: tuple[Damage, ...] = ()
    """The first thousand findings."""
    findings: int = 0
    """All of them."""

    @property
    def good(self) -> bool:
        """Nothing is damaged and every table that can be read has the rows that the catalog counts."""
        return not self.findings and all(each.good or each.rows is None for each in self.tables)


class Rows(Protocol):
    """A batch of rows."""

    @property
    def rows(self) -> int:
        """How many."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Their values."""


Reader = Callable[[Table], Iterator[Rows]]
Cancel = Callable[[], bool] | None


def verify(
    tables: tuple[Table, ...], read: Reader, store: PageStore, allocation: Allocation, cancel: Cancel = None
) -> Verified:
    """Check every page and every table. Raises Cancelled."""
    before = store.damage.checked.copy()
    summed = store.damage.checked["pages"]
    looked = [_pages(store, allocation, file_id, cancel) for file_id in store.files]
    summed = store.damage.checked["pages"] - summed
    checks = tuple(_table(table, read, store, cancel) for table in tables)
    checked = store.damage.checked - before
    del checked["pages"]
    return Verified(
        sum(pages for pages, _ in looked),
        summed,
        sum(rest for _, rest in looked),
        checks,
        checked,
        store.damage.all,
        len(store.damage.found) + store.damage.more,
    )


def _stop(cancel: Cancel) -> None:
    if cancel is not None and cancel():
        raise Cancelled("stopped")


def _pages(store: PageStore, allocation: Allocation, file_id: int, cancel: Cancel) -> tuple[int, int]:
    """Look at all allocated pages of a file: how many, and how many are not allocated."""
    numbers = store.numbers(file_id)
    looked = 0
    for at in range(0, len(numbers), BATCH):
        _stop(cancel)
        part = numbers[at : at + BATCH]
        part = part[allocation.state(file_id, part) & ALLOCATED != 0]
        looked += len(part)
        store.pages(file_id, part)
    return looked, len(numbers) - looked


def _table(table: Table, read: Reader, store: PageStore, cancel: Cancel) -> TableCheck:
    rows: int | None = 0
    undecoded = 0
    try:
        for batch in read(table):
            _stop(cancel)
            rows = (rows or 0) + batch.rows
            undecoded += sum(column.undecoded for column in batch.columns)
    except BadFormat:
        rows = None
    return TableCheck(table, rows, undecoded, store.damage.tables[table.full_name])
