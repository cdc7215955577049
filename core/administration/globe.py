"""Exact Globe's tables, as far as they are known, for SQLAlchemy Core: one description for both engines.

The data file beside this module says where each column is known from. A real administration has more tables and may
lack columns: whoever works on one asks its own catalog first.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from core.administration.types import COLLATION, ExactDecimal, Guid, Moment

metadata = sa.MetaData()
"""Every table of the data file."""

_COLUMN = re.compile(
    r"(?P<name>\w+) (?P<type>[a-z]+)(?:\((?P<size>[^)]+)\))?(?P<null> null)?(?P<identity> identity)?"
    r"(?: default (?P<default>.+))?"
)
_FUNCTIONS = {"getdate": "(strftime('%Y-%m-%d %H:%M:%f', 'now'))", "newid": f"({Guid.NEW})"}


def _text(size: str | None, *, fixed: bool) -> sa.types.TypeEngine[Any]:
    length = None if size in {None, "max"} else int(size or 0)
    plain = sa.CHAR(length, collation=COLLATION) if fixed else sa.VARCHAR(length, collation=COLLATION)
    # On SQL Server a column has the collation of its database; it is never stated.
    return plain.with_variant(mssql.VARCHAR(length) if not fixed else mssql.CHAR(length), "mssql")


def _type(name: str, size: str | None) -> sa.types.TypeEngine[Any]:
    match name:
        case "char" | "varchar" | "text":
            return _text(size, fixed=name == "char")
        case "float":
            return sa.FLOAT(53)
        case "datetime":
            return Moment()
        case "uniqueidentifier":
            return Guid()
        case "decimal":
            return ExactDecimal()
        case "image" | "rowversion":
            return sa.LargeBinary()
    return {"bit": sa.SmallInteger, "tinyint": sa.SmallInteger, "smallint": sa.SmallInteger}.get(name, sa.Integer)()


def _column(text: str) -> sa.Column[Any]:
    found = _COLUMN.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    name, kind = found["name"], found["type"]
    default = found["default"]
    server_default = None
    if kind == "rowversion":
        server_default = sa.text("x'0000000000000000'")
    elif default is not None:
        server_default = sa.text(_FUNCTIONS.get(default, default))
    return sa.Column(
        name,
        _type(kind, found["size"]),
        nullable=bool(found["null"]),
        primary_key=bool(found["identity"]),
        server_default=server_default,
    )


def _read() -> None:
    text = files("core.administration").joinpath("data/globe.toml").read_text(encoding="utf-8")
    for tables in tomllib.loads(text).values():
        for name, columns in tables.items():
            sa.Table(name, metadata, *map(_column, " ".join(columns.split()).split(", ")), implicit_returning=False)


_read()


@cache
def table(name: str) -> sa.Table:
    """A table by its name, in any case. Raises KeyError."""
    return {each.casefold(): made for each, made in metadata.tables.items()}[name.casefold()]


amutak, amutas, gbkmut = table("amutak"), table("amutas"), table("gbkmut")
dagbk, grtbk, perdat = table("dagbk"), table("grtbk"), table("perdat")
kstpl, kstdr = table("kstpl"), table("kstdr")
bedryf, humres, pwrole, hr_roles = table("bedryf"), table("humres"), table("pwrole"), table("HRRoles")
integration_servers = table("IntegrationServers")
practice_licence = table("PracticeLicence")


def code(value: str | int, width: int) -> str:
    """A code as Globe writes it: right-aligned in its fixed width (facts.md section 3.1)."""
    return f"{value:>{width}}"
