"""Small administrations in memory: a fresh copy each time, and every row of one as it is stored."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from core.administration import globe, own
from core.administration.engine import Mark
from core.administration.types import COLLATION, Moment, compare

MARK = Mark("D-0001", "BAK-001", "120", "0" * 64, "O-0001")
Stored = dict[tuple[str, int], dict[str, object]]
"""Table and row number -> column -> value with its type."""

_NOTHING: dict[type, object] = {
    Moment: datetime(2026, 1, 1),  # noqa: DTZ001 - Globe keeps no zone
    sa.Integer: 0,
    sa.SmallInteger: 0,
    sa.FLOAT: 0.0,
    sa.LargeBinary: b"",
}
_next: list[bytes] = [b""]


def _connect() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    database.create_collation(COLLATION, compare)
    if _next[0]:
        database.deserialize(_next[0])
    return database


ENGINE = sa.create_engine("sqlite://", creator=_connect, poolclass=NullPool)
"""One for all, so that a statement is compiled once."""


@sa.event.listens_for(ENGINE, "begin")
def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN")


@contextlib.contextmanager
def opened(data: bytes = b"") -> Iterator[sa.Connection]:
    """An administration of its own with these bytes; no transaction has begun."""
    _next[0] = data
    with ENGINE.connect() as connection:
        yield connection


def driver(connection: sa.Connection) -> sqlite3.Connection:
    """The driver's own connection: tests look at what is stored without the code that they test."""
    database: Any = connection.connection.driver_connection
    assert isinstance(database, sqlite3.Connection)
    return database


def saved(connection: sa.Connection) -> bytes:
    """The administration as a file would hold it; what is not committed does not count."""
    return driver(connection).serialize()


def stored(connection: sa.Connection) -> Stored:
    """Every row of every table, ours too; 1 and 1.0 differ."""
    database = driver(connection)
    found: Stored = {}
    names = database.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    for (table,) in names.fetchall():
        cursor = database.execute(f'select rowid, * from "{table}"')
        columns = [each[0] for each in cursor.description]
        for row in cursor:
            found[table, row[0]] = {name: (type(value), value) for name, value in zip(columns, row, strict=True)}
    return found


def empty(*tables: sa.Table) -> bytes:
    """These tables of Globe without a row, by default all; and our own."""
    with opened() as connection:
        globe.metadata.create_all(connection, tables or None)
        own.prepare(connection, MARK)
        connection.commit()
        return saved(connection)


def put(connection: sa.Connection, table: sa.Table, **values: object) -> None:
    """A row; a column that must not be empty and has no default gets nothing much."""
    for column in table.c:
        if not (column.nullable or column.primary_key or column.server_default is not None):
            values.setdefault(column.name, _NOTHING.get(type(column.type), ""))
    connection.execute(sa.insert(table).values(values))
