"""What is really there: tables, columns and keys of one administration, asked of its own catalog.

A real administration has tables that globe.py does not know, and may lack columns that it does (facts.md section 3).
Values are read and written as the driver gives them, without a type of ours in between: nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import sqlalchemy as sa

from core.administration.sqlserver import tables as sqlserver

BATCH = 500
"""Rows at a time: a ledger line has two hundred columns, and two administrations are read side by side."""

Line = tuple[object, ...]
"""One row, in the order of its table's columns."""

# SQLAlchemy's inspector guesses a type and warns of what it cannot guess, and asks SQL Server several questions for
# each table; what a column was declared as, and what else hangs on a table, only the engine's own catalog says.
_MASTER = sa.table("sqlite_master", *map(sa.column, ("type", "name", "tbl_name", "sql")))
_ROWID = ("rowid", "_rowid_", "oid")
"""Names of SQLite's own row number; a column of that name hides one."""
PREFIX = "wissel_"
"""Of the names of our own tables inside an administration."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column as its catalog describes it."""

    name: str
    kind: str
    rule: str
    """Whether it may be empty, and its default."""
    writable: bool
    """Computed columns and row versions are the server's."""
    identity: bool = False
    """The engine numbers it: SQL Server takes another number only where that is said, and never changes one."""
    read_as: str = ""
    """How the server is asked for it where no driver reads its type: `text` or `bytes`."""


@dataclass(frozen=True)
class Shape:
    """One table as its catalog describes it."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Its primary key; empty: it has none."""
    schema: str = ""
    """Empty: the one where names without a schema are looked for. Otherwise `name` begins with it."""

    @property
    def places(self) -> tuple[int, ...]:
        """Where the primary key stands in a row."""
        names = [column.name for column in self.columns]
        return tuple(map(names.index, self.key))

    @cached_property
    def table(self) -> sa.Table:
        """For SQLAlchemy Core, without types; a column's key is its name in small letters."""
        made = [
            sa.Column(
                each.name,
                # Only the type of a numbered column matters: SQLAlchemy then lets SQL Server take a number of ours.
                sa.Integer() if each.identity else sa.types.NullType(),
                key=each.name.casefold(),
                # A number of the server's is a key for SQLAlchemy: else it would not know that one is being given.
                primary_key=each.name in self.key or each.identity,
                autoincrement=each.identity,
            )
            for each in self.columns
        ]
        name = self.name.removeprefix(f"{self.schema}.") if self.schema else self.name
        return sa.Table(name, sa.MetaData(), *made, schema=self.schema or None, implicit_returning=False)

    @cached_property
    def readable(self) -> list[sa.ColumnElement[Any]]:
        """Its columns in their order, as they are to be asked for."""
        kinds: dict[str, sa.types.TypeEngine[Any]] = {"text": sa.Unicode(), "bytes": sa.VARBINARY()}
        return [
            sa.cast(column, kinds[each.read_as]).label(each.name) if each.read_as else column
            for each, column in zip(self.columns, self.table.c, strict=True)
        ]


@lru_cache(maxsize=2048)
def _shape(name: str, columns: tuple[Column, ...], key: tuple[str, ...], schema: str = "") -> Shape:
    """The same for the same table: then a statement on it is compiled once."""
    return Shape(name, columns, key, schema)


def ours(name: str) -> bool:
    """Is this one of our own tables?"""
    return name.casefold().startswith(PREFIX)


def shapes(connection: sa.Connection) -> dict[str, Shape]:
    """Every table, ours included, by its name; in the order of their names."""
    if connection.dialect.name == "sqlite":
        return _of_sqlite(connection)
    return _of_sql_server(connection)


def names(connection: sa.Connection) -> list[str]:
    """Names of all tables, ours included, in their order."""
    if connection.dialect.name == "sqlite":
        query = sa.select(_MASTER.c.name).where(
            _MASTER.c.type == "table", sa.not_(_MASTER.c.name.startswith("sqlite_", autoescape=True))
        )
        return sorted(connection.execute(query).scalars())
    return sqlserver.names(connection)


def has(connection: sa.Connection, name: str) -> bool:
    """Is there a table of this name, in any case?"""
    return name.casefold() in {each.casefold() for each in names(connection)}


def shape(known: Mapping[str, Shape], name: str) -> Shape | None:
    """The table of this name, in any case; None: there is none."""
    return next((each for each in known.values() if each.name.casefold() == name.casefold()), None)


def changed(connection: sa.Connection) -> None:
    """A table was made or dropped: what is known of the catalog is asked anew."""
    sqlserver.forget(connection)


def _of_sqlite(connection: sa.Connection) -> dict[str, Shape]:
    names = ("name", "type", "notnull", "dflt_value", "pk", "hidden")
    info = sa.func.pragma_table_xinfo(_MASTER.c.name).table_valued("cid", *names, joins_implicitly=True)
    query = (
        sa.select(_MASTER.c.name, *(info.c[name] for name in names))
        .where(_MASTER.c.type == "table", sa.not_(_MASTER.c.name.startswith("sqlite_", autoescape=True)))
        .order_by(_MASTER.c.name, info.c.cid)
    )
    columns: dict[str, list[Column]] = {}
    keys: dict[str, list[tuple[int, str]]] = {}
    for table, name, kind, notnull, default, place, hidden in connection.execute(query):
        rule = f"{'not null' if notnull else 'null'} default {default}"
        columns.setdefault(table, []).append(Column(name, kind, rule, not hidden))
        keys.setdefault(table, []).extend([(place, name)] if place else [])
    found = {}
    for table, made in columns.items():
        key = tuple(name for _, name in sorted(keys[table]))
        # A whole number that is the key by itself is SQLite's own row number.
        numbered = [each for each in made if key == (each.name,) and each.kind.upper() == "INTEGER"]
        found[table] = _shape(table, tuple(replace(each, identity=each in numbered) for each in made), key)
    return found


def _of_sql_server(connection: sa.Connection) -> dict[str, Shape]:
    return {
        name: _shape(name, tuple(Column(*each) for each in columns), key, schema)
        for name, schema, columns, key in sqlserver.tables(connection)
    }


def definitions(connection: sa.Connection) -> dict[str, str]:
    """Everything that is defined but ours: `table gbkmut` -> its definition; indexes, views and triggers too."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(sa.select(_MASTER).order_by(_MASTER.c.type, _MASTER.c.name))
        return {
            f"{row.type} {row.name}": row.sql or ""
            for row in rows
            if not (ours(row.tbl_name) or row.name.startswith("sqlite_"))
        }
    found = {f"table {each.name}": repr(each) for each in shapes(connection).values() if not ours(each.name)}
    more = sqlserver.definitions(connection)
    return found | {name: text for name, (table, text) in more.items() if not ours(table)}


def batches(connection: sa.Connection, table: Shape, size: int = BATCH) -> Iterator[list[Line]]:
    """All rows of a table in the order of their key, a few at a time: never all of them in memory."""
    target = table.table
    key = [target.c[name.casefold()] for name in table.key]
    query = sa.select(*table.readable).order_by(*key)
    if not table.key and connection.dialect.name == "sqlite":
        taken = {each.name.casefold() for each in table.columns}
        query = query.order_by(*(sa.column(name) for name in _ROWID if name not in taken))
    found = connection.execute(query, execution_options={"yield_per": size})
    try:
        for rows in found.partitions():
            yield list(map(tuple, rows))
    finally:
        found.close()
