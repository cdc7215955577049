"""Small pieces of SQLite's text: literals, types as numbers, collations."""

from __future__ import annotations

from fakes.sqlserver.scope import Code
from fakes.sqlserver.sqltypes import EXACT, SqlType

_TYPES: list[SqlType] = []


def number_of(of: SqlType) -> int:
    """A type as a number that can stand in a statement."""
    if of not in _TYPES:
        _TYPES.append(of)
    return _TYPES.index(of)


def type_number(number: int) -> SqlType:
    return _TYPES[number]


def literal(value: object) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return "NULL" if value is None else repr(value)


def collated(code: Code) -> str:
    """With the collation that compares it."""
    if code.type is None:
        return code.sql
    return (
        f"({code.sql} COLLATE sqltext)"
        if code.type.text
        else (f"({code.sql} COLLATE sqlexact)" if code.type.name in EXACT else code.sql)
    )
