"""Tables, columns, keys and whatever else is defined, as SQL Server's own catalog says it: a few questions in all.

Types and flags: Microsoft Learn, *sys.columns*, *sys.types*, *sys.indexes*, *sys.index_columns*, *sys.objects*.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from core.administration.sqlserver import statements

Described = tuple[str, str, str, bool, bool, str]
"""Name, type, rule, writable, identity, read_as: the fields of `core.administration.catalog.Column`."""

_KNOWN = "wissel.tables"
_DEFAULT = "dbo"
_AS_TEXT = frozenset({"datetimeoffset"})
_AS_BYTES = frozenset({"sql_variant"})
"""Types that not every driver reads; those of the CLR are among them."""
_SIZED = frozenset({"char", "varchar", "binary", "varbinary", "nchar", "nvarchar"})
_SCALED = frozenset({"datetime2", "time", "datetimeoffset"})


def names(connection: sa.Connection) -> list[str]:
    """Names of all tables, in their order."""
    return sorted(_name(row) for row in _asked(connection, statements.TABLE_NAMES))


def tables(connection: sa.Connection) -> list[tuple[str, str, tuple[Described, ...], tuple[str, ...]]]:
    """Name, schema (empty: dbo), columns and key of each table, in the order of their names.

    Asked once for each connection, until `forget`. A key is the primary key, else the first unique index whose columns
    may not be empty: Globe's tables often have no more than that.
    """
    known: list[tuple[str, str, tuple[Described, ...], tuple[str, ...]]] | None = connection.info.get(_KNOWN)
    if known is None:
        known = connection.info[_KNOWN] = _tables(connection)
    return known


def forget(connection: sa.Connection) -> None:
    """A table was made or dropped on this connection."""
    connection.info.pop(_KNOWN, None)


def definitions(connection: sa.Connection) -> dict[str, tuple[str, str]]:
    """What else is defined: `sql_trigger gbkmut_ins` -> the table it hangs on, or itself, and its definition."""
    found = {}
    for name, indexes in _indexes(connection).items():
        for index, rows in indexes.items():
            parts = [
                f"{row['column_name']}{' desc' * row['is_descending_key']}{' included' * row['is_included_column']}"
                for row in rows
            ]
            kind = f"{rows[0]['type_desc']} unique={bool(rows[0]['is_unique'])} key={bool(rows[0]['is_primary_key'])}"
            # The server names the index of a key by itself, anew in each database.
            shown = f"{name} key" if rows[0]["is_primary_key"] else f"{name}.{index}"
            found[f"index {shown}"] = (name, f"{kind} ({', '.join(parts)})")
    for row in _asked(connection, statements.OBJECTS):
        kind = str(row["type_desc"]).casefold()
        if kind not in {"user_table", "primary_key_constraint"}:
            name = str(row["object_name"])
            found[f"{kind} {name}"] = (str(row["parent_name"] or name), str(row["definition"] or ""))
    return found


def _tables(connection: sa.Connection) -> list[tuple[str, str, tuple[Described, ...], tuple[str, ...]]]:
    columns: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in _asked(connection, statements.TABLE_COLUMNS):
        columns[_name(row)].append(row)
    indexes = _indexes(connection)
    return [
        (name, _schema(rows[0]), tuple(map(_described, rows)), _key(rows, indexes.get(name, {})))
        for name, rows in sorted(columns.items())
    ]


def _key(columns: list[Mapping[str, Any]], indexes: Mapping[str, list[Mapping[str, Any]]]) -> tuple[str, ...]:
    empty = {row["column_name"] for row in columns if row["is_nullable"]}
    keys = [
        (not rows[0]["is_primary_key"], place, tuple(str(row["column_name"]) for row in rows if row["key_ordinal"]))
        for place, rows in enumerate(indexes.values())
        if rows[0]["is_unique"] and not empty & {row["column_name"] for row in rows if row["key_ordinal"]}
    ]
    return min(keys)[2] if keys else ()


def _described(row: Mapping[str, Any]) -> Described:
    own, base = str(row["type_name"]), str(row["base_name"] or "")
    kind = base or own
    rule = f"{'null' if row['is_nullable'] else 'not null'} default {row['default_text']}"
    computed = bool(row["is_computed"]) or kind == "timestamp"
    read_as = "text" if kind in _AS_TEXT else "bytes" if kind in _AS_BYTES or not base else ""
    return str(row["column_name"]), _typed(kind, row), rule, not computed, bool(row["is_identity"]), read_as


def _typed(kind: str, row: Mapping[str, Any]) -> str:
    """As it is declared, with the collation that decides how it compares."""
    length = int(row["max_length"])
    if kind in _SIZED:
        size = "max" if length < 0 else str(length // 2 if kind.startswith("n") else length)
        kind = f"{kind}({size})"
    elif kind in {"decimal", "numeric"}:
        kind = f"{kind}({row['precision']},{row['scale']})"
    elif kind in _SCALED:
        kind = f"{kind}({row['scale']})"
    return f"{kind} {row['collation_name']}" if row["collation_name"] else kind


def _indexes(connection: sa.Connection) -> dict[str, dict[str, list[Mapping[str, Any]]]]:
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in _asked(connection, statements.TABLE_INDEXES):
        found[_name(row)][str(row["index_name"])].append(row)
    return found


def _name(row: Mapping[str, Any]) -> str:
    schema, name = _schema(row), str(row["table_name"])
    return f"{schema}.{name}" if schema else name


def _schema(row: Mapping[str, Any]) -> str:
    schema = str(row["schema_name"])
    return "" if schema == _DEFAULT else schema


def _asked(connection: sa.Connection, question: str) -> Iterator[Mapping[str, Any]]:
    return (dict(row) for row in connection.exec_driver_sql(question).mappings())
