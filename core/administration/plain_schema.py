"""A database from outside: nothing in it may do something by itself, or pass for ours."""

from __future__ import annotations

import re
import sqlite3

from core.administration.catalog import PREFIX
from core.errors import BadFormat, LimitExceeded
from core.formats.notes import printable

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
"""What SQLite reads as a name, a text or a comment: words in it mean nothing."""
_PLAIN = {
    "table": re.compile(r"create\s+table\b", re.IGNORECASE),
    "index": re.compile(r"create\s+(?:unique\s+)?index\b", re.IGNORECASE),
}
_MORE_THAN_COLUMNS = re.compile(
    r"\b(?:check|references|foreign|generated|as|conflict|where|strict|autoincrement)\b", re.IGNORECASE
)
"""Words that make a table or an index more than columns and keys."""
_MOST_OBJECTS = 10_000
_EXPRESSION = -2
"""What SQLite calls the column of an index that is none."""


def refuse_more_than_tables(connection: sqlite3.Connection, path: str) -> None:
    """Tables and indexes, of columns and nothing else, that are not ours.

    What the schema table calls an object and what SQLite makes of its text need not be the same: both count.
    """
    listed = set()
    for number, (kind, name, sql) in enumerate(connection.execute("select type, name, sql from sqlite_master")):
        if number == _MOST_OBJECTS:
            raise LimitExceeded("limit", what="sqlite_master", found=number)
        own_index = kind == "index" and sql is None and str(name).startswith("sqlite_autoindex_")
        if not own_index and not _plain(kind, name, sql):
            raise BadFormat("package-hostile", path=path, what=printable(f"{kind} {name}"[:200]))
        if kind == "table":
            listed.add(name)
    parsed = connection.execute("pragma table_list").fetchall()
    tables = {name: kind for schema, name, kind, *_ in parsed if schema == "main" and name != "sqlite_schema"}
    for name in listed ^ tables.keys():
        raise BadFormat("package-hostile", path=path, what=printable(f"table {name}"[:200]))
    for name, kind in tables.items():
        if kind != "table" or _computed(connection, name):
            raise BadFormat("package-hostile", path=path, what=printable(f"{kind} {name}"[:200]))


def _plain(kind: object, name: object, sql: object) -> bool:
    if kind not in _PLAIN or not isinstance(name, str) or not isinstance(sql, str):
        return False
    if name.casefold().startswith((PREFIX, "sqlite_")):
        return False
    words = _QUOTED.sub(" x ", sql)
    return bool(_PLAIN[str(kind)].match(words)) and not _MORE_THAN_COLUMNS.search(words)


def _computed(connection: sqlite3.Connection, table: str) -> bool:
    """Is a column, or what an index sorts by, worked out by an expression?"""
    if any(column[6] for column in connection.execute(f"pragma table_xinfo({_name(table)})")):
        return True
    indexes = [row[1] for row in connection.execute(f"pragma index_list({_name(table)})")]
    return any(
        column[1] == _EXPRESSION
        for each in indexes
        for column in connection.execute(f"pragma index_xinfo({_name(each)})")
    )


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
