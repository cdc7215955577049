"""A database out of a real back-up or data file, read with core.formats.inside; and back into one.

What such a file tells the reader: tables, columns, types, NULL, identity, the clustered key, rows. Defaults of Globe's
own tables come from globe.toml. All else (users, triggers, other indexes, options) is remembered by the file's digest,
as long as this process lives.
"""

from __future__ import annotations

import copy
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from factory.sqlserver.kinds import Raw
from factory.sqlserver.kinds import Value as FactoryValue
from factory.sqlserver.model import Column as FactoryColumn
from factory.sqlserver.model import Database as FactoryDatabase
from factory.sqlserver.model import Table as FactoryTable
from fakes.sqlserver.conversion import Kept, kept
from fakes.sqlserver.databases import Database
from fakes.sqlserver.schema import Column, Index, Schema, Table, key_name, known
from fakes.sqlserver.sqltypes import NUMBERS, SqlType
from fakes.sqlserver.storage import create_text, load, rows_of

from core.formats.inside import opening
from core.formats.inside.catalog import Table as FoundTable
from core.formats.inside.column import Undecoded
from core.formats.inside.database import Database as Inside
from core.formats.inside.system import Layout

_PLACES = Layout({"rowset": (4, "<i8"), "column": (12, "<u4"), "order": (36, "<i2")})
"""sysrscols: `ordkey`, the place of a column in the clustered key."""
REMEMBERED: dict[str, Database] = {}
"""SHA-256 of a file that a test server wrote -> what it was, without its rows."""
_AS_THEY_ARE = {"whole", "float", "bytes"}


def digest(paths: Sequence[Path]) -> str:
    made = hashlib.sha256()
    for path in paths:
        made.update(path.read_bytes())
    return made.hexdigest()


def remember(database: Database, paths: Sequence[Path]) -> None:
    what = copy.copy(database)
    what.schema, what.options, what.inside = copy.deepcopy(database.schema), dict(database.options), set()
    what._storage = None
    REMEMBERED[digest(paths)] = what


def remembered(paths: Sequence[Path]) -> Database | None:
    return REMEMBERED.get(digest(paths))


def loaded(
    database: Database, paths: Sequence[Path], position: int | None, former: Database | None
) -> Iterator[tuple[int, int]]:
    """Fill a database from these files; gives rows done and rows in all. Damage is in `database.damaged` afterwards."""
    storage = database.renew()
    connection = storage.opened()
    database.schema = copy.deepcopy(former.schema) if former is not None else Schema()
    try:
        connection.execute("BEGIN")
        with opening.open_backup([str(path) for path in paths], position=position) as inside:
            tables = [each for each in inside.tables() if not each.ms_shipped and each.storage != "elsewhere"]
            total, done = sum(each.rows for each in tables), 0
            keys = _keys(inside)
            for found in tables:
                table = database.schema.find(found.schema, found.name) or _described(database.schema, found, keys)
                connection.execute(create_text(table))
                for count in _rows(connection, database, inside, found, table):
                    done += count
                    yield done, total
            if inside.damage.found:
                first = next(iter(inside.damage.found))
                database.damaged = (first.file_id, first.page)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _keys(inside: Inside) -> dict[int, dict[int, int]]:
    """Rowset -> column number -> place in the clustered key, from 1. 2005 keeps it elsewhere: nothing then."""
    if inside.internal_version < 655:
        return {}
    rows = inside._system.read(3, _PLACES)
    made: dict[int, dict[int, int]] = {}
    for at in np.flatnonzero(rows["order"] > 0).tolist():
        made.setdefault(int(rows["rowset"][at]), {})[int(rows["column"][at])] = int(rows["order"][at])
    return made


def _described(schema: Schema, found: FoundTable, keys: dict[int, dict[int, int]]) -> Table:
    facts = known().get(found.name.casefold(), {})
    table = Table(found.schema, found.name, found.id, [])
    for each in found.columns:
        identity, default = facts.get(each.name.casefold(), (False, None))
        whole = each.type.name in {"int", "bigint", "smallint", "tinyint"}
        table.columns.append(
            Column(
                each.name,
                _type(each.type),
                each.nullable,
                each.identity or (identity and whole),
                default,
                each.computed,
            )
        )
    for part in found.partitions[:1]:
        order = keys.get(part.rowset, {})
        if part.clustered and order and 0 not in order:
            numbers = sorted(order, key=order.__getitem__)
            names = {each.number: each.name for each in found.columns}
            if all(number in names for number in numbers):
                columns = tuple(names[number] for number in numbers)
                table.indexes.append(Index(key_name(table.name), columns, "PK", unique=True, clustered=True))
    schema.add(table)
    return table


def _type(of: Any) -> SqlType:
    if of.name not in NUMBERS:
        return SqlType("sql_variant")
    length = of.length if of.name in {"char", "varchar", "binary", "varbinary", "nchar", "nvarchar"} else 0
    if of.name in {"nchar", "nvarchar"} and length > 0:
        length //= 2
    scaled = of.name in {"decimal", "numeric"}
    return SqlType(
        of.name,
        length,
        of.precision if scaled else 0,
        of.scale if scaled or of.name in {"time", "datetime2", "datetimeoffset"} else 0,
    )


def _rows(
    connection: sqlite3.Connection, database: Database, inside: Inside, found: FoundTable, table: Table
) -> Iterator[int]:
    makers = [_maker(column.type) for column in table.columns]
    for batch in inside.read(found):
        columns = []
        for part, make in zip(batch.columns, makers, strict=True):
            values = part.to_list()
            if part.undecoded:
                database.approximate.add(table.full)
                values = [None if isinstance(value, Undecoded) else value for value in values]
            columns.append([None if value is None else make(value) for value in values] if make else values)
        load(connection, table, zip(*columns, strict=True) if columns else [])
        at = next((place for place, column in enumerate(table.columns) if column.identity), None)
        if at is not None:
            table.last = max([table.last, *(value for value in columns[at] if isinstance(value, int))])
        yield batch.rows


def _maker(of: SqlType) -> Callable[[Any], Kept] | None:
    if of.kept in _AS_THEY_ARE or of.kept == "guid":
        return None
    if of.kept == "exact":
        return str
    if of.kept == "text":
        return lambda value: (
            value if not isinstance(value, str) or value.isascii() else kept(value, SqlType("nvarchar", -1))
        )
    if of.kept == "any":
        return lambda value: value if isinstance(value, int | float | str | bytes) else str(value)
    return lambda value: kept(value, of)


def as_factory(database: Database) -> FactoryDatabase:
    """The same database for the writer of real files."""
    connection = database.storage.opened()
    try:
        tables = [_factory_table(connection, table) for table in database.schema.tables.values()]
    finally:
        connection.close()
    return FactoryDatabase(
        tables=sorted(tables, key=lambda each: each.name), name=database.name, version=database.internal,
        level=database.level, family=database.family, fork=database.fork, created=database.created,
    )  # fmt: skip


def _factory_table(connection: sqlite3.Connection, table: Table) -> FactoryTable:
    index = next((each for each in table.indexes if each.clustered), None)
    columns = [FactoryColumn(each.name, each.type.declared, nullable=each.nullable) for each in table.columns]
    back = [_back(each.type) for each in table.columns]
    rows = [
        [None if value is None else make(value) for value, make in zip(row, back, strict=True)]
        for row in rows_of(connection, table)
    ]
    clustered = tuple(table.columns[_at(table, name)].name for name in index.columns) if index else ()
    return FactoryTable(table.name, columns, rows, schema=table.schema, clustered=clustered)


def _at(table: Table, name: str) -> int:
    return [each.name.casefold() for each in table.columns].index(name.casefold())


def _back(of: SqlType) -> Callable[[Any], FactoryValue | Raw]:
    match of.kept:
        case "exact":
            return Decimal
        case "text":
            return lambda value: value.decode("utf-16-le", "surrogatepass") if isinstance(value, bytes) else value
        case "datetime" | "smalldatetime":
            return datetime.fromisoformat
        case "whole" if of.name == "bit":
            return bool
    return lambda value: value
