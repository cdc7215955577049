"""SQL Server's types: how they are declared, and which comes first when two meet.

SQLite holds a decimal, a moment and a GUID as text that sorts as it should (decimals by a collation of their own).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Final

from fakes.sqlserver.answers import error
from fakes.sqlserver.seam import Value

WHOLE: Final = {"bit": (0, 1), "tinyint": (0, 255), "smallint": (-(2**15), 2**15 - 1), "int": (-(2**31), 2**31 - 1),
                "bigint": (-(2**63), 2**63 - 1)}  # fmt: skip
TEXTS: Final = frozenset({"char", "varchar", "nchar", "nvarchar", "text", "ntext", "xml"})
WIDE: Final = frozenset({"nchar", "nvarchar", "ntext", "xml"})
OLD: Final = frozenset({"text", "ntext", "image"})
BYTES: Final = frozenset({"binary", "varbinary", "image", "timestamp"})
MOMENTS: Final = frozenset({"datetime", "smalldatetime", "datetime2", "date", "time", "datetimeoffset"})
EXACT: Final = frozenset({"decimal", "numeric", "money", "smallmoney"})
_ORDER: Final = (
    "sql_variant", "xml", "datetimeoffset", "datetime2", "datetime", "smalldatetime", "date", "time", "float", "real",
    "decimal", "numeric", "money", "smallmoney", "bigint", "int", "smallint", "tinyint", "bit", "ntext", "text",
    "image", "timestamp", "uniqueidentifier", "nvarchar", "nchar", "varchar", "char", "varbinary", "binary",
)  # fmt: skip
NUMBERS: Final[Mapping[str, tuple[int, int, int, int]]] = {
    "image": (34, 16, 0, 0), "text": (35, 16, 0, 0), "uniqueidentifier": (36, 16, 0, 0), "date": (40, 3, 10, 0),
    "time": (41, 5, 16, 7), "datetime2": (42, 8, 27, 7), "datetimeoffset": (43, 10, 34, 7), "tinyint": (48, 1, 3, 0),
    "smallint": (52, 2, 5, 0), "int": (56, 4, 10, 0), "smalldatetime": (58, 4, 16, 0), "real": (59, 4, 24, 0),
    "money": (60, 8, 19, 4), "datetime": (61, 8, 23, 3), "float": (62, 8, 53, 0), "sql_variant": (98, 8016, 0, 0),
    "ntext": (99, 16, 0, 0), "bit": (104, 1, 1, 0), "decimal": (106, 17, 38, 38), "numeric": (108, 17, 38, 38),
    "smallmoney": (122, 4, 10, 4), "bigint": (127, 8, 19, 0), "varbinary": (165, 8000, 0, 0),
    "varchar": (167, 8000, 0, 0), "binary": (173, 8000, 0, 0), "char": (175, 8000, 0, 0), "timestamp": (189, 8, 0, 0),
    "nvarchar": (231, 8000, 0, 0), "nchar": (239, 8000, 0, 0), "xml": (241, -1, 0, 0),
}  # fmt: skip
"""Name -> number, length, precision and scale, as sys.types has them."""


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type as declared. `length` in characters or bytes, -1 for MAX, 0 where it has none."""

    name: str
    length: int = 0
    precision: int = 0
    scale: int = 0

    @property
    def declared(self) -> str:
        if self.name in {"decimal", "numeric"}:
            return f"{self.name}({self.precision},{self.scale})"
        if self.name in {"datetime2", "time", "datetimeoffset"}:
            return f"{self.name}({self.scale})"
        if self.length:
            return f"{self.name}({'max' if self.length < 0 else self.length})"
        return "rowversion" if self.name == "timestamp" else self.name

    @property
    def text(self) -> bool:
        return self.name in TEXTS

    @property
    def kept(self) -> str:
        """How SQLite keeps it: `whole float exact text moment guid bytes any`."""
        name = self.name
        for kind, names in (("whole", WHOLE), ("text", TEXTS), ("bytes", BYTES), ("exact", EXACT)):
            if name in names:
                return kind
        other = {"float": "float", "real": "float", "uniqueidentifier": "guid", "sql_variant": "any"}
        return other.get(name, name if name in MOMENTS else "any")

    @property
    def max_length(self) -> int:
        """Bytes, as sys.columns has it."""
        if self.length:
            return self.length * (2 if self.name in WIDE and self.length > 0 else 1)
        if self.name in {"decimal", "numeric"}:
            return 5 + 4 * ((self.precision > 9) + (self.precision > 19) + (self.precision > 28))
        if self.name in {"time", "datetime2", "datetimeoffset"}:
            clock = 3 + (self.scale > 2) + (self.scale > 4)
            return clock + {"time": 0, "datetime2": 3, "datetimeoffset": 5}[self.name]
        return NUMBERS.get(self.name, (0, 16, 0, 0))[1]

    @property
    def rank(self) -> int:
        return _ORDER.index(self.name) if self.name in _ORDER else 0


INT, BIGINT, FLOAT, BIT = SqlType("int"), SqlType("bigint"), SqlType("float"), SqlType("bit")
SYSNAME, DATETIME = SqlType("nvarchar", 128), SqlType("datetime")
VARIANT = SqlType("sql_variant")


@lru_cache(maxsize=1024)
def typed(declaration: str, *, cast: bool = False) -> SqlType:
    """`nvarchar(40)`, `decimal(19,4)`, `int`. `cast`: a text without a length has 30. Raises ServerError 2715."""
    found = re.fullmatch(r"\s*([a-z_0-9 ]+?)\s*(?:\(\s*(max|\d+)\s*(?:[, ]\s*(\d+)\s*)?\))?\s*", declaration.lower())
    if found is None:
        raise error(2715, 1, declaration)
    name = {
        "rowversion": "timestamp", "integer": "int", "double precision": "float", "dec": "decimal", "character": "char",
        "double": "float", "uuid": "uniqueidentifier",
    }.get(found[1], found[1])  # fmt: skip
    if name == "sysname":
        return SYSNAME
    if name not in NUMBERS:
        raise error(2715, 1, declaration)
    first, second = found[2], found[3]
    if name in {"decimal", "numeric"}:
        return SqlType(name, 0, int(first or 18), int(second or 0))
    if name in {"datetime2", "time", "datetimeoffset"}:
        return SqlType(name, 0, 0, 7 if first is None else int(first))
    if name in {"char", "varchar", "nchar", "nvarchar", "binary", "varbinary"}:
        return SqlType(name, -1 if first == "max" else int(first or (30 if cast else 1)))
    if name == "float" and int(first or 53) <= 24:
        return SqlType("real")
    return SqlType(name)


def of_value(value: Value) -> SqlType | None:  # noqa: C901 - a list
    """The type a driver sends this with; None: NULL says nothing."""
    match value:
        case None:
            return None
        case bool():
            return BIT
        case int():
            return INT if abs(value) < 2**31 else BIGINT if abs(value) < 2**63 else SqlType("decimal", 0, 38, 0)
        case float():
            return FLOAT
        case str():
            return SqlType("nvarchar", len(value) if 0 < len(value) <= 4000 else -1 if value else 1)
        case bytes():
            return SqlType("varbinary", len(value) if 0 < len(value) <= 8000 else -1 if value else 1)
        case Decimal():
            _, digits, exponent = value.as_tuple()
            scale = max(0, -int(exponent))
            return SqlType("decimal", 0, min(38, max(len(digits), scale, 1)), scale)
        case datetime():
            return SqlType("datetime2", 0, 0, 7)
        case date():
            return SqlType("date")
        case time():
            return SqlType("time", 0, 0, 7)
        case uuid.UUID():
            return SqlType("uniqueidentifier")


def higher(one: SqlType | None, other: SqlType | None) -> SqlType | None:
    """What both become when they meet."""
    if one is None or other is None:
        return one or other
    first, second = sorted((one, other), key=lambda each: each.rank)
    if first.text and second.text:
        length = -1 if -1 in {one.length, other.length} else max(one.length, other.length)
        return SqlType(first.name, length)
    if first.name in {"decimal", "numeric"}:
        if second.name in {"decimal", "numeric"}:
            scale = max(one.scale, other.scale)
            whole = max(one.precision - one.scale, other.precision - other.scale)
            return SqlType(first.name, 0, min(38, whole + scale), scale)
        if second.kept == "whole":
            return SqlType(first.name, 0, min(38, max(first.precision, 10 + first.scale)), first.scale)
    return first
