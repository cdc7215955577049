"""The administration in a practice package as plain columns, from a private copy that nobody writes."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence

from core.administration.package import DATABASE, read_package
from core.administration.sqlite_file import Pulse, connect, speaking_sqlite
from core.formats.inside.tally import Rows

BATCH = 10_000
"""Rows at a time."""


class PracticeTables:
    """What `core.triage.company.Reader` asks for. Names come from SQLite's own catalog, never from outside."""

    def __init__(self, connection: sqlite3.Connection, check: Callable[[], None]) -> None:
        self._connection = connection
        self._check = check
        self._tables = tables_of(connection)

    def columns(self, table: str) -> frozenset[str]:
        """Names of its columns in small letters; empty: there is no such table."""
        return frozenset(self._columns(table))

    def rows(self, table: str) -> int | None:
        """Counted; None: there is no such table."""
        name = self._tables.get(table.casefold())
        if name is None:
            return None
        ((count,),) = self._connection.execute(f"select count(*) from {quoted(name)}")  # noqa: S608 - its own name
        return int(count)

    def read(self, table: str, columns: Sequence[str]) -> Iterator[Rows]:
        """Batches of those of these columns that are there."""
        names = {name: real for name, real in self._columns(table).items() if name in columns}
        if not names:
            return
        listed = ", ".join(map(quoted, names.values()))
        query = f"select {listed} from {quoted(self._tables[table.casefold()])}"  # noqa: S608 - its own names
        cursor = self._connection.execute(query)
        while rows := cursor.fetchmany(BATCH):
            self._check()
            yield dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))

    def large_bytes(self) -> int | None:
        """SQLite keeps no account of it."""
        return None

    def _columns(self, table: str) -> dict[str, str]:
        name = self._tables.get(table.casefold())
        if name is None:
            return {}
        found = self._connection.execute(f"pragma table_xinfo({quoted(name)})")
        return {str(column[1]).casefold(): str(column[1]) for column in found if not column[6]}


def tables_of(connection: sqlite3.Connection) -> dict[str, str]:
    """Names of the tables: in small letters -> as they are written."""
    listed = connection.execute("pragma table_list").fetchall()
    own = (name for schema, name, kind, *_ in listed if schema == "main" and kind == "table")
    return {name.casefold(): name for name in own if not name.startswith("sqlite_")}


@contextlib.contextmanager
def open_practice(path: str, folder: str, check: Callable[[], None]) -> Iterator[PracticeTables]:
    """The administration of the package at `path` as columns. Raises as `open_copy` does."""
    with open_copy(path, folder, check) as connection:
        yield PracticeTables(connection, check)


@contextlib.contextmanager
def open_copy(path: str, folder: str, check: Callable[[], None]) -> Iterator[sqlite3.Connection]:
    """Unpack the package at `path` into `folder`, and read that. `check` may raise, to stop; nothing is left behind.

    Raises BadFormat for whatever a package may not hold, Unreadable and NoSpace.
    """
    copy = os.path.join(folder, DATABASE)
    pulse = Pulse(check)
    try:
        read_package(path, copy, tick=lambda _done, _total: check())
        with speaking_sqlite(copy, pulse), contextlib.closing(connect(copy, "ro", pulse, look=True)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            yield connection
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(copy)


def quoted(name: str) -> str:
    """A name as SQLite takes it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
