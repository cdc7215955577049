"""The rows of one database: a SQLite file, with SQL Server's way of comparing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from fakes.sqlserver.conversion import Kept
from fakes.sqlserver.schema import Table

AFFINITY = {"whole": "INTEGER", "float": "REAL", "text": "TEXT COLLATE sqltext", "exact": "TEXT COLLATE sqlexact",
            "bytes": "BLOB", "guid": "TEXT", "any": "BLOB"}  # fmt: skip


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@lru_cache(maxsize=8192)
def _insensitive(text: str) -> str:
    return text.rstrip(" ").casefold()


def by_case(left: str, right: str) -> int:
    """Blanks at the end do not count, nor does case; accents do."""
    first, second = _insensitive(left), _insensitive(right)
    return (first > second) - (first < second)


def exactly(left: str, right: str) -> int:
    """Case-sensitive and binary collations: blanks at the end still do not count."""
    first, second = left.rstrip(" "), right.rstrip(" ")
    return (first > second) - (first < second)


def as_numbers(left: str, right: str) -> int:
    """Decimals, which are kept as text."""
    first, second = Decimal(left), Decimal(right)
    return (first > second) - (first < second)


def sensitive(collation: str) -> bool:
    parts = collation.upper().split("_")
    return "CS" in parts or "BIN" in parts or "BIN2" in parts


class Storage:
    """One SQLite file."""

    def __init__(self, path: Path, collation: str) -> None:
        self.path, self.collation = path, collation
        path.unlink(missing_ok=True)
        # Open as long as the file is there: who closes the last connection would take the log away from under others.
        self._kept = self.opened()
        self._kept.execute("PRAGMA journal_mode = WAL")

    def opened(self) -> sqlite3.Connection:
        """A connection of its own; its caller closes it."""
        made = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
        made.execute("PRAGMA synchronous = OFF")
        # Another one that closes holds the door for a moment; who is in is not locked out any more.
        made.execute("SELECT count(*) FROM sqlite_master").fetchall()
        made.execute("PRAGMA busy_timeout = 0")
        made.create_collation("sqltext", exactly if sensitive(self.collation) else by_case)
        made.create_collation("sqlexact", as_numbers)
        return made

    def remove(self) -> None:
        self._kept.close()
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


def create_text(table: Table) -> str:
    """CREATE TABLE, with its keys."""
    parts = [
        f"{quoted(column.name)} {AFFINITY.get(column.type.kept, 'TEXT')}{'' if column.nullable else ' NOT NULL'}"
        for column in table.columns
    ]
    parts += [f"UNIQUE ({', '.join(map(quoted, index.columns))})" for index in table.indexes if index.unique]
    return f"CREATE TABLE {quoted(table.full)} ({', '.join(parts)})"


def load(connection: sqlite3.Connection, table: Table, rows: Iterable[Sequence[Kept]]) -> None:
    marks = ", ".join("?" * len(table.columns))
    connection.executemany(f"INSERT INTO {quoted(table.full)} VALUES ({marks})", rows)


def rows_of(connection: sqlite3.Connection, table: Table) -> Iterator[tuple[Kept, ...]]:
    """All rows; in the order of the clustered index where there is one."""
    index = next((each for each in table.indexes if each.clustered), None)
    order = ", ".join(map(quoted, index.columns)) if index else "rowid"
    yield from connection.execute(f"SELECT * FROM {quoted(table.full)} ORDER BY {order}")
