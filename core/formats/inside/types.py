"""Column types, by the numbers of the catalog (sys.types; [observed] for what the corpus holds)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.formats.inside.collation import encoding_of

IMAGE, TEXT, GUID, DATE, TIME, DATETIME2, OFFSET = 34, 35, 36, 40, 41, 42, 43
TINYINT, SMALLINT, INT, SMALLDATETIME, REAL, MONEY, DATETIME, FLOAT = 48, 52, 56, 58, 59, 60, 61, 62
VARIANT, NTEXT, BIT, DECIMAL, NUMERIC, SMALLMONEY, BIGINT = 98, 99, 104, 106, 108, 122, 127
VARBINARY, VARCHAR, BINARY, CHAR, TIMESTAMP, NVARCHAR, NCHAR = 165, 167, 173, 175, 189, 231, 239
CLR, XML, JSON, VECTOR = 240, 241, 244, 255

_NAMES: Final = {
    IMAGE: "image", TEXT: "text", GUID: "uniqueidentifier", DATE: "date", TIME: "time", DATETIME2: "datetime2",
    OFFSET: "datetimeoffset", TINYINT: "tinyint", SMALLINT: "smallint", INT: "int", SMALLDATETIME: "smalldatetime",
    REAL: "real", MONEY: "money", DATETIME: "datetime", FLOAT: "float", VARIANT: "sql_variant", NTEXT: "ntext",
    BIT: "bit", DECIMAL: "decimal", NUMERIC: "numeric", SMALLMONEY: "smallmoney", BIGINT: "bigint",
    VARBINARY: "varbinary", VARCHAR: "varchar", BINARY: "binary", CHAR: "char", TIMESTAMP: "timestamp",
    NVARCHAR: "nvarchar", NCHAR: "nchar", CLR: "clr", XML: "xml", JSON: "json", VECTOR: "vector",
}  # fmt: skip
_WIDTHS: Final = {
    GUID: 16, TINYINT: 1, SMALLINT: 2, INT: 4, SMALLDATETIME: 4, REAL: 4, MONEY: 8, DATETIME: 8, FLOAT: 8, BIT: 1,
    SMALLMONEY: 4, BIGINT: 8, TIMESTAMP: 8, DATE: 3,
}  # fmt: skip
_WIDE: Final = frozenset({NTEXT, NVARCHAR, NCHAR})
_NARROW: Final = frozenset({TEXT, VARCHAR, CHAR})
BYTES: Final = frozenset({IMAGE, VARBINARY, BINARY, TIMESTAMP})
"""Types whose values are bytes."""
PADDED: Final = frozenset({BINARY, CHAR, NCHAR})
"""Types that fill up with blanks or zeros."""
DECIMALS: Final = frozenset({DECIMAL, NUMERIC})
MONEYS: Final = frozenset({MONEY, SMALLMONEY})
_LOB: Final = frozenset({IMAGE, TEXT, NTEXT})
_DAY: Final = {TIME: 0, DATETIME2: 3, OFFSET: 5}
"""Bytes behind the time of day."""
_MONEY_PLACES: Final = 4
_MOST_DIGITS, _MOST_SCALE, _MOST_BYTES = 38, 7, 8000
"""Of a decimal, of a time of day, of char and binary [documented: "Data types (Transact-SQL)"]."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type as declared. `length` in bytes, -1 for MAX; 0 where it has none."""

    id: int
    name: str
    length: int
    precision: int
    scale: int
    encoding: str | None
    """Python codec of text; None: no text."""
    user_type: int = 0
    """Number of the alias type that it was declared with; else `id`."""

    @property
    def width(self) -> int | None:
        """Bytes in the fixed part of a record; None: variable, or declared as no type can be."""
        if self.id in _WIDTHS:
            return _WIDTHS[self.id]
        if self.id in DECIMALS and 0 < self.precision <= _MOST_DIGITS:
            return 5 + 4 * ((self.precision > 9) + (self.precision > 19) + (self.precision > 28))
        if self.id in _DAY and self.scale <= _MOST_SCALE:
            return self.clock + _DAY[self.id]
        return self.length if self.id in PADDED and 0 < self.length <= _MOST_BYTES else None

    @property
    def clock(self) -> int:
        """Bytes of the time of day in time, datetime2 and datetimeoffset."""
        return 3 + (self.scale > 2) + (self.scale > 4)

    @property
    def lob(self) -> bool:
        """text, ntext or image: kept outside the row, with a pointer of 16 bytes inside."""
        return self.id in _LOB

    @property
    def places(self) -> int:
        """Decimal places of money, decimal and numeric."""
        return _MONEY_PLACES if self.id in MONEYS else self.scale if self.id in DECIMALS else 0


def type_of(number: int, length: int, precision: int, scale: int, collation: int, *, user_type: int = 0) -> ColumnType:
    """The type of a column of syscolpars."""
    encoding = "utf-16-le" if number in _WIDE else encoding_of(collation) if number in _NARROW else None
    return ColumnType(number, _NAMES.get(number, f"type {number}"), length, precision, scale, encoding, user_type)
