"""The administration in a practice package, looked into like a database of SQL Server: the same tables, rows, checks.

It is unpacked into a private folder that goes when it is closed. Types are those that SQLite's declarations come to;
what a value really is, SQLite decides for each value, and so do the forms.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from core.administration.sqlite_file import speaking_sqlite
from core.errors import Cancelled, WisselError
from core.formats.inside.catalog import NONE, Partition, Table, TableColumn
from core.formats.inside.column import Column
from core.formats.inside.damage import DamageBook
from core.formats.inside.database import Batch
from core.formats.inside.types import BIGINT, FLOAT, VARBINARY, VARCHAR, ColumnType
from core.formats.inside.verifying import TableCheck, Verified
from core.intake.practice_reader import BATCH, open_copy, quoted, tables_of

Cancel = Callable[[], bool]
SCHEMA = "main"
"""SQLite's own name of it."""
_AFFINITY = (("INT", BIGINT, "bigint"), ("CHAR", VARCHAR, "varchar"), ("CLOB", VARCHAR, "varchar"),
             ("TEXT", VARCHAR, "varchar"), ("BLOB", VARBINARY, "varbinary"))  # fmt: skip
"""Part of a declaration -> the type of what is kept, the first that fits [documented: sqlite.org/datatype3.html]."""


class PracticeDatabase:
    """What `core.office.inside.opened.Readable` asks for. Not for use in several threads at once."""

    def __init__(self, path: str, cancel: Cancel | None) -> None:
        """Unpacks it and proves it whole. Raises BadFormat, Cancelled, NoSpace and Unreadable."""
        self.damage = DamageBook()
        self._path = path
        self._cancel = cancel
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wissel-"))
            self._connection = stack.enter_context(open_copy(path, folder, self._check))
            self._tables = tuple(
                self._table(number, real)
                for number, real in enumerate(sorted(tables_of(self._connection).values(), key=str.casefold), 1)
            )
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Throw the copy away."""
        self._stack.close()

    def tables(self) -> tuple[Table, ...]:
        """By name."""
        return self._tables

    def read(self, table: Table, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        """The rows as they lie; only these columns when named."""
        wanted = [each for each in table.columns if columns is None or each.name in columns]
        listed = ", ".join(quoted(each.name) for each in wanted) or "null"
        with self._speaking():
            cursor = self._connection.execute(f"select {listed} from {quoted(table.name)}")  # noqa: S608 - own names
        while True:
            with self._speaking():
                rows = cursor.fetchmany(BATCH)
            self._check()
            if not rows:
                return
            values = zip(*rows, strict=True) if wanted else ()
            yield Batch(len(rows), tuple(map(_column, wanted, values)))

    def verify(self, cancel: Cancel | None = None, progress: Callable[[int, int], None] | None = None) -> Verified:
        """Every row once more; that the file is whole was proven when it was opened."""
        checks = []
        for table in self._tables:
            rows = 0
            for batch in self.read(table):
                rows += batch.rows
                if cancel is not None and cancel():
                    raise Cancelled("stopped")
            checks.append(TableCheck(table, rows, 0, 0))
            if progress is not None:
                progress(len(checks), len(self._tables))
        pages, free = self._pragma("page_count"), self._pragma("freelist_count")
        return Verified(pages - free, 0, free, tuple(checks))

    @contextlib.contextmanager
    def _speaking(self) -> Iterator[None]:
        """As `speaking_sqlite`; an interruption is what asked for it. Raises Cancelled, BadFormat and Unreadable."""
        try:
            with speaking_sqlite(self._path):
                yield
        except WisselError:
            self._check()
            raise

    def _check(self) -> None:
        if self._cancel is not None and self._cancel():
            raise Cancelled("stopped")

    def _table(self, number: int, name: str) -> Table:
        with self._speaking():
            found = self._connection.execute(f"pragma table_xinfo({quoted(name)})").fetchall()
            ((rows,),) = self._connection.execute(f"select count(*) from {quoted(name)}")  # noqa: S608 - its own name
        columns = tuple(TableColumn(str(each[1]), kind_of(str(each[2])), place) for place, each in enumerate(found, 1))
        return Table(number, SCHEMA, name, False, columns, (Partition(0, int(rows), NONE),))

    def _pragma(self, name: str) -> int:
        with self._speaking():
            return int(self._connection.execute(f"pragma {name}").fetchone()[0])


def kind_of(declared: str) -> ColumnType:
    """The type that a column of SQLite comes to. Whole numbers are kept in eight bytes, whatever they are called."""
    text = declared.upper()
    number, name = next(((number, name) for part, number, name in _AFFINITY if part in text), (FLOAT, "float"))
    if name not in {"varchar", "varbinary"}:
        return ColumnType(number, name, 8, 0, 0, None)
    size = re.search(r"\(\s*([0-9]{1,4})\s*\)", text)
    return ColumnType(number, name, int(size[1]) if size else -1, 0, 0, "utf-8" if name == "varchar" else None)


def _column(column: TableColumn, values: Sequence[object]) -> Column:
    null = np.fromiter((value is None for value in values), dtype=bool, count=len(values))
    return Column(column.name, column.type, null, list(values))
