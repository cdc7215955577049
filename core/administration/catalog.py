"""What is really there: tables, columns and keys of one administration, asked of its own catalog.

A real administration has tables that globe.py does not know, and may lack columns that it does (facts.md section 3).
Values are read and written as the driver gives them, without a type of ours in between: nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from core.administration import own

BATCH = 500
"""Rows at a time: a ledger line has two hundred columns, and two administrations are read side by side."""

Line = tuple[object, ...]
"""One row, in the order of its table's columns."""

# SQLAlchemy's inspector guesses a type and warns of what it cannot guess; what a column was declared as, and what
# else hangs on a table, only SQLite's own catalog says.
_MASTER = sa.table("sqlite_master", *map(sa.column, ("type", "name", "tbl_name", "sql")))
_TRIGGERS = sa.table("triggers", sa.column("name"), sa.column("parent_id"), schema="sys")
_ROWID = ("rowid", "_rowid_", "oid")
"""Names of SQLite's own row number; a column of that name hides one."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column as its catalog describes it."""

    name: str
    kind: str
    rule: str
    """Whether it may be empty, and its default."""
    writable: bool
    """Computed columns and row versions are the server's."""


@dataclass(frozen=True)
class Shape:
    """One table as its catalog describes it."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """Its primary key; empty: it has none."""

    @property
    def places(self) -> tuple[int, ...]:
        """Where the primary key stands in a row."""
        names = [column.name for column in self.columns]
        return tuple(map(names.index, self.key))

    @cached_property
    def table(self) -> sa.Table:
        """For SQLAlchemy Core, without types; a column's key is its name in small letters."""
        single = len(self.key) == 1
        made = [
            sa.Column(
                each.name,
                # Only the type of a whole-number key matters: SQLAlchemy then lets SQL Server take a number of ours.
                sa.Integer() if single and each.name in self.key else sa.types.NullType(),
                key=each.name.casefold(),
                primary_key=each.name in self.key,
            )
            for each in self.columns
        ]
        return sa.Table(self.name, sa.MetaData(), *made, implicit_returning=False)


@lru_cache(maxsize=1024)
def _shape(name: str, columns: tuple[tuple[str, str, str, bool], ...], key: tuple[str, ...]) -> Shape:
    """The same for the same table: then a statement on it is compiled once."""
    return Shape(name, tuple(Column(*each) for each in columns), key)


def ours(name: str) -> bool:
    """Is this one of our own tables?"""
    return name.casefold().startswith(own.PREFIX)


def shapes(connection: sa.Connection) -> dict[str, Shape]:
    """Every table, ours included, by its name; in the order of their names."""
    if connection.dialect.name == "sqlite":
        return _of_sqlite(connection)
    return _inspected(connection)


def shape(known: Mapping[str, Shape], name: str) -> Shape | None:
    """The table of this name, in any case; None: there is none."""
    return next((each for each in known.values() if each.name.casefold() == name.casefold()), None)


def _of_sqlite(connection: sa.Connection) -> dict[str, Shape]:
    names = ("name", "type", "notnull", "dflt_value", "pk", "hidden")
    info = sa.func.pragma_table_xinfo(_MASTER.c.name).table_valued("cid", *names, joins_implicitly=True)
    query = (
        sa.select(_MASTER.c.name, *(info.c[name] for name in names))
        .where(_MASTER.c.type == "table", sa.not_(_MASTER.c.name.startswith("sqlite_", autoescape=True)))
        .order_by(_MASTER.c.name, info.c.cid)
    )
    columns: dict[str, list[tuple[str, str, str, bool]]] = {}
    keys: dict[str, list[tuple[int, str]]] = {}
    for table, name, kind, notnull, default, place, hidden in connection.execute(query):
        rule = f"{'not null' if notnull else 'null'} default {default}"
        columns.setdefault(table, []).append((name, kind, rule, not hidden))
        keys.setdefault(table, []).extend([(place, name)] if place else [])
    return {
        table: _shape(table, tuple(found), tuple(name for _, name in sorted(keys[table])))
        for table, found in columns.items()
    }


def _inspected(connection: sa.Connection) -> dict[str, Shape]:
    inspector = sa.inspect(connection)
    found = {}
    for table in sorted(inspector.get_table_names()):
        columns = tuple(
            (
                each["name"],
                repr(each["type"]),
                f"{'null' if each['nullable'] else 'not null'} default {each['default']}",
                not (each.get("computed") or isinstance(each["type"], mssql.TIMESTAMP)),
            )
            for each in inspector.get_columns(table)
        )
        found[table] = _shape(table, columns, tuple(inspector.get_pk_constraint(table)["constrained_columns"]))
    return found


def definitions(connection: sa.Connection) -> dict[str, str]:
    """Everything that is defined but ours: `table gbkmut` -> its definition; indexes, views and triggers too."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(sa.select(_MASTER).order_by(_MASTER.c.type, _MASTER.c.name))
        return {
            f"{row.type} {row.name}": row.sql or ""
            for row in rows
            if not (ours(row.tbl_name) or row.name.startswith("sqlite_"))
        }
    inspector = sa.inspect(connection)
    found = {}
    for table in shapes(connection).values():
        if not ours(table.name):
            found[f"table {table.name}"] = repr(table)
            found |= {f"index {each['name']}": repr(each) for each in inspector.get_indexes(table.name)}
    found |= {f"view {name}": inspector.get_view_definition(name) for name in inspector.get_view_names()}
    return found | {f"trigger {row.name}": str(row.parent_id) for row in connection.execute(sa.select(_TRIGGERS))}


def batches(connection: sa.Connection, table: Shape, size: int = BATCH) -> Iterator[list[Line]]:
    """All rows of a table in the order of their key, a few at a time: never all of them in memory."""
    target = table.table
    query = sa.select(target).order_by(*target.primary_key.columns)
    if not table.key and connection.dialect.name == "sqlite":
        taken = {each.name.casefold() for each in table.columns}
        query = query.order_by(*(sa.column(name) for name in _ROWID if name not in taken))
    found = connection.execute(query, execution_options={"yield_per": size})
    try:
        for rows in found.partitions():
            yield list(map(tuple, rows))
    finally:
        found.close()
