"""A database that is open for looking: light to import, safe in several threads, stopped between two batches."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, Self

from core.errors import BadFormat, Cancelled, NotFound, UsageError
from core.model.inside import DamageInside, TableInside, Verified

if TYPE_CHECKING:
    from core.formats.inside.catalog import Table
    from core.formats.inside.damage import DamageBook
    from core.formats.inside.database import Batch
    from core.formats.inside.verifying import Verified as Checked
    from core.office.inside.exports import Export
    from core.office.inside.glimpses import RowReader

AnyPath = str | os.PathLike[str]
Cancel = Callable[[], bool]
Progress = Callable[[int, int], None]
"""So much of so much: first bytes of the files; 0 of 0 once these are checked; then pages and rows."""


class Readable(Protocol):
    """What is looked into: a database of SQL Server, or the administration of a practice package."""

    @property
    def damage(self) -> DamageBook:
        """What did not hold so far."""

    def tables(self) -> tuple[Table, ...]:
        """The user tables, by schema and name."""

    def read(self, table: Table, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        """The rows; only these columns when named. Raises BadFormat (`inside-storage`)."""

    def verify(self, cancel: Cancel | None = None, progress: Progress | None = None) -> Checked:
        """Everything checked. Raises Cancelled."""

    def close(self) -> None:
        """Give back files and scratch."""


def open_inside(
    paths: AnyPath | Sequence[AnyPath],
    *,
    full: AnyPath | None = None,
    set_number: int | None = None,
    member: str | None = None,
    cancel: Cancel | None = None,
) -> Inside:
    """Open what lies in these files as one database: all stripes of a back-up, or all data files of a database.

    `full` lies under a differential, `set_number` chooses a set by its position, `member` one of several databases
    in a container. A practice package is looked into as well. Raises NotFound (`file`) and what
    `core.formats.inside.opening.open_backup` raises; of a practice package what reading one raises.
    """
    several = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    for path in (*several, *([] if full is None else [full])):
        if not os.path.lexists(path):
            raise NotFound("file", path=os.fspath(path))
    from core.formats.inside.opening import open_backup

    database: Readable
    try:
        database = open_backup(several, position=set_number, full=full, member=member, cancel=cancel)
    except BadFormat as error:
        if error.key != "inside-none" or len(several) > 1 or member is not None or not _is_practice(several[0]):
            raise
        from core.office.inside.practice import PracticeDatabase

        database = PracticeDatabase(os.fspath(several[0]), cancel)
    around = tuple(os.fspath(path) for path in (several if full is None else (*several, full)))
    return Inside(database, around, cancel)


def _is_practice(path: AnyPath) -> bool:
    from core.formats.backup import inspect

    return inspect(path, whole=False).kind == "practice"


class Inside:
    """One open database. Close it again. A call after that, or after `cancel` said so, raises Cancelled."""

    def __init__(self, database: Readable, paths: tuple[str, ...] = (), cancel: Cancel | None = None) -> None:
        self._database = database
        self._paths = paths
        self._cancel = cancel
        self._turn = threading.RLock()
        self._closed = False
        self._tables: dict[int, Table] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back files and scratch, once whoever reads just now has its batch."""
        with self._turn:
            if not self._closed:
                self._closed = True
                self._database.close()

    def tables(self) -> tuple[TableInside, ...]:
        """The user tables, by schema and name, not counted yet."""
        from core.office.inside.views import table_inside

        with self._step():
            found = self._database.tables()
        self._tables = {table.id: table for table in found}
        return tuple(map(table_inside, found))

    def find(self, name: str) -> TableInside:
        """`table`, `schema.table`, `[schema].[table]`, in any case where that is not ambiguous.

        Raises NotFound (`inside-table`) and UsageError (`inside-table-several`).
        """
        tables = self.tables()
        bare = name.replace("].[", ".").removeprefix("[").removesuffix("]") if name.startswith("[") else name
        for same in (str, str.casefold):
            fitting = [each for each in tables if same(bare) in (same(each.name), same(each.full_name))]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                names = ", ".join(each.full_name for each in fitting[:10])
                raise UsageError("inside-table-several", table=name, names=names)
        from difflib import get_close_matches

        near = get_close_matches(bare, [each for table in tables for each in (table.name, table.full_name)], 1, 0.0)
        raise NotFound("inside-table", table=name, count=len(tables), nearest=near[0] if near else "-")

    def counted(self, table: TableInside) -> TableInside:
        """The same table, its rows counted page by page; not where they are kept in a way that nobody reads here."""
        try:
            return replace(table, rows=sum(batch.rows for batch in self.batches(table, ())))
        except BadFormat as error:
            if error.key != "inside-storage":
                raise
            return table

    def batches(self, table: TableInside, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        """The rows in batches of columns; only these columns when named. The reader takes turns with others."""
        with self._step():
            source = self._database.read(self._tables[table.id], columns)
        while True:
            with self._step():
                batch = next(source, None)
            if batch is None:
                return
            yield batch

    def export(
        self,
        table: TableInside,
        form: str,
        limit: int | None = None,
        heard: Callable[[int], None] | None = None,
    ) -> Export:
        """The rows as bytes, in pieces: `csv`, `jsonl` or `parquet`. `heard` is told how many rows were read.

        Raises DriverMissing (`parquet-missing`).
        """
        from core.office.inside.exports import Export

        return Export(self.batches, table, form, limit, heard)

    def reader(self, table: TableInside) -> RowReader:
        """The rows as short texts, some at a time."""
        from core.office.inside.glimpses import RowReader

        return RowReader(self.batches(table))

    @property
    def damage(self) -> tuple[DamageInside, ...]:
        """What did not hold so far, in the order of discovery; a table's other count is in its own `differs`."""
        from core.office.inside.views import COUNTED, damage_inside

        return tuple(damage_inside(each) for each in self._database.damage.all if each.code != COUNTED)

    @property
    def more_damage(self) -> int:
        """How many beyond those."""
        return self._database.damage.more

    def verify(self, progress: Progress | None = None, cancel: Cancel | None = None) -> Verified:
        """Check everything there is to check. Raises Cancelled, when `cancel` says so too, and Unreadable."""
        from core.office.inside.verifying import verify

        def stopped() -> bool:
            return self.stopped() or (cancel is not None and cancel())

        with self._step():
            return verify(self._database, self._paths, progress, stopped)

    def stopped(self) -> bool:
        """Somebody closed it, or asked to stop."""
        return self._closed or (self._cancel is not None and self._cancel())

    @contextmanager
    def _step(self) -> Iterator[None]:
        with self._turn:
            if self.stopped():
                raise Cancelled("stopped")
            yield
