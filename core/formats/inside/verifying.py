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
from core.formats.inside.store import BATCH, PageStore, Seen


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
Progress = Callable[[int, int], None] | None
"""(done, of how many) in rows that the catalog counts and pages that are there."""


def verify(
    tables: tuple[Table, ...],
    read: Reader,
    store: PageStore,
    allocation: Allocation,
    *,
    cancel: Cancel = None,
    progress: Progress = None,
) -> Verified:
    """Check every table, and every page that none of them has. Raises Cancelled."""
    rows, pages = sum(max(0, each.rows) for each in tables), sum(store.count(each) for each in store.files)
    steps = _Steps(cancel, progress, rows + pages)
    before = store.damage.checked.copy()
    store.seen = seen = Seen()
    try:
        checks = tuple(_table(table, read, store, steps) for table in tables)
        looked = [_pages(store, allocation, file_id, seen, steps) for file_id in store.files]
    finally:
        store.seen = None
    checked = store.damage.checked - before
    del checked["pages"]
    return Verified(
        sum(pages for pages, _, _ in looked),
        sum(summed for _, summed, _ in looked),
        sum(rest for _, _, rest in looked),
        checks,
        checked,
        store.damage.all,
        len(store.damage.found) + store.damage.more,
    )


class _Steps:
    """Between two pieces of work: whether to go on, and how far it is."""

    def __init__(self, cancel: Cancel, progress: Progress, total: int) -> None:
        self._cancel, self._progress, self._total = cancel, progress, total
        self._done = 0

    def on(self, more: int) -> None:
        """So much more is done. Raises Cancelled."""
        self._done += more
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)
        if self._cancel is not None and self._cancel():
            raise Cancelled("stopped")


def _pages(store: PageStore, allocation: Allocation, file_id: int, seen: Seen, steps: _Steps) -> tuple[int, int, int]:
    """Look at the allocated pages of a file that nobody looked at yet.

    How many are allocated, how many of those carry a check, and how many are not allocated.
    """
    numbers = store.numbers(file_id)
    looked = summed = 0
    for at in range(0, len(numbers), BATCH):
        part = numbers[at : at + BATCH]
        steps.on(len(part))
        part = part[allocation.state(file_id, part) & ALLOCATED != 0]
        store.pages(file_id, part[~seen.of(file_id, numbers, part)[0]])
        looked += len(part)
        summed += int(seen.of(file_id, numbers, part)[1].sum())
    return looked, summed, len(numbers) - looked


def _table(table: Table, read: Reader, store: PageStore, steps: _Steps) -> TableCheck:
    rows: int | None = 0
    undecoded = 0
    try:
        for batch in read(table):
            steps.on(batch.rows)
            rows = (rows or 0) + batch.rows
            undecoded += sum(column.undecoded for column in batch.columns)
    except BadFormat:
        rows = None
    return TableCheck(table, rows, undecoded, store.damage.tables[table.full_name])
