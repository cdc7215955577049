"""Column types as SQL Server declares them, and their values as bytes; shares nothing with `core.formats.inside`.

Type numbers, widths and storage: documented in sys.types and "Data types (Transact-SQL)"; bytes as in the corpus.
"""

from __future__ import annotations

import re
import struct
import uuid
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

Value = bool | int | float | Decimal | str | bytes | datetime | date | time | uuid.UUID | None
MAX = -1
LATIN = 0x3400_D008
"""SQL_Latin1_General_CP1_CI_AS, as syscolpars and the boot page of the corpus hold it."""

_FIXED = {
    "uniqueidentifier": (36, 16), "date": (40, 3), "tinyint": (48, 1), "smallint": (52, 2), "int": (56, 4),
    "smalldatetime": (58, 4), "real": (59, 4), "money": (60, 8), "datetime": (61, 8), "float": (62, 8),
    "bit": (104, 1), "smallmoney": (122, 4), "bigint": (127, 8), "timestamp": (189, 8),
}  # fmt: skip
_SIZED = {"varbinary": 165, "varchar": 167, "binary": 173, "char": 175, "nvarchar": 231, "nchar": 239}
_SCALED = {"time": 41, "datetime2": 42, "datetimeoffset": 43}
_OUTSIDE = {"image": 34, "text": 35, "ntext": 99}
_OTHER = {"sql_variant": (98, 8016), "xml": (241, MAX), "clr": (240, 892)}
_SPECS = {"tinyint": "B", "smallint": "<h", "int": "<i", "bigint": "<q", "real": "<f", "float": "<d"}


@dataclass(frozen=True)
class Raw:
    """Bytes that go into the record as they are."""

    data: bytes


@dataclass(frozen=True)
class Kind:
    """A declared type. `length` in bytes, `MAX` where unlimited."""

    name: str
    id: int
    length: int
    precision: int = 0
    scale: int = 0

    @property
    def fixed(self) -> bool:
        """It stands in the fixed part of a record."""
        return (
            self.name in _FIXED
            or self.name in _SCALED
            or self.name in {"decimal", "numeric", "binary", "char", "nchar"}
        )

    @property
    def wide(self) -> bool:
        """Text of two bytes a unit."""
        return self.name in {"nvarchar", "nchar", "ntext", "xml"}

    @property
    def text(self) -> bool:
        """It has a collation."""
        return self.wide or self.name in {"varchar", "char", "text"}

    @property
    def pointer(self) -> bool:
        """The record holds 16 bytes that point to the value: text, ntext, image."""
        return self.name in _OUTSIDE

    @property
    def unlimited(self) -> bool:
        """varchar(max) and its like."""
        return self.length == MAX and not self.pointer

    @property
    def declared(self) -> int:
        """Length as the catalog holds it."""
        return 16 if self.pointer else self.length


def kind(declaration: str) -> Kind:
    """`int`, `nvarchar(40)`, `varbinary(max)`, `decimal(19,4)`, `datetime2(7)`."""
    found = re.fullmatch(r"([a-z_0-9]+?)(?:\(\s*(max|\d+)\s*(?:[,\s]\s*(\d+)\s*)?\))?", declaration.strip().lower())
    if found is None:
        raise ValueError(declaration)
    name, first, second = found.groups()
    name = {"rowversion": "timestamp", "integer": "int", "sysname": "nvarchar"}.get(name, name)
    if name in _FIXED:
        number, width = _FIXED[name]
        return Kind(name, number, width, *{"int": (10, 0), "bigint": (19, 0), "money": (19, 4)}.get(name, (0, 0)))
    if name in _OUTSIDE:
        return Kind(name, _OUTSIDE[name], MAX)
    if name in _OTHER:
        return Kind(name, *_OTHER[name])
    if name in _SCALED:
        scale = 7 if first is None else int(first)
        clock = 3 + (scale > 2) + (scale > 4)
        return Kind(name, _SCALED[name], clock + {"time": 0, "datetime2": 3, "datetimeoffset": 5}[name], 0, scale)
    if name in {"decimal", "numeric"}:
        precision, scale = int(first or 18), int(second or 0)
        width = next(width for most, width in ((9, 5), (19, 9), (28, 13), (38, 17)) if precision <= most)
        return Kind(name, 106 if name == "decimal" else 108, width, precision, scale)
    if name in _SIZED:
        unit = 2 if name in {"nvarchar", "nchar"} else 1
        declared = 128 if declaration.strip().lower() == "sysname" else first or "1"
        return Kind(name, _SIZED[name], MAX if declared == "max" else int(declared) * unit)
    raise ValueError(declaration)


def encode(what: Kind, value: Value | Raw, encoding: str = "cp1252") -> bytes:
    """The bytes of a value that is not NULL. Texts may stand for moments beyond Python's own types."""
    if isinstance(value, Raw):
        return value.data
    made = _encode(what, value, encoding)
    if what.fixed:
        filler = b" \0" if what.name == "nchar" else b" " if what.name == "char" else b"\0"
        made += filler * ((what.length - len(made)) // len(filler))
    if what.length != MAX and len(made) > what.length:
        raise ValueError(f"{value!r} is too long for {what.name}")
    return made


def _encode(what: Kind, value: Value, encoding: str) -> bytes:
    name = what.name
    if name in _SPECS:
        return struct.pack(_SPECS[name], value)
    if name == "bit":
        return bytes([bool(value)])
    if name in {"decimal", "numeric"}:
        whole = _scaled(value, what.scale)
        return bytes([whole >= 0]) + abs(whole).to_bytes(what.length - 1, "little")
    if name in {"money", "smallmoney"}:
        return _scaled(value, 4).to_bytes(what.length, "little", signed=True)
    if what.text and isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass") if what.wide else value.encode(encoding)
    if name == "uniqueidentifier":
        return (value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))).bytes_le
    if name in {"datetime", "smalldatetime"}:
        return _old_moment(name, value)
    if name in {"date", "time", "datetime2", "datetimeoffset"}:
        return _moment(what, value)
    if isinstance(value, bytes):
        return value
    raise TypeError(f"{value!r} for {name}")


def _scaled(value: Value, scale: int) -> int:
    whole = Decimal(str(value)).scaleb(scale, None) if not isinstance(value, Decimal) else _exact(value, scale)
    if whole != int(whole):
        raise ValueError(f"{value!r} has more than {scale} decimals")
    return int(whole)


def _exact(value: Decimal, scale: int) -> Decimal:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise TypeError("not a number")
    return Decimal((sign, digits, exponent + scale))


def _old_moment(name: str, value: Value) -> bytes:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    days = moment.toordinal() - date(1900, 1, 1).toordinal()
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    if name == "smalldatetime":
        return struct.pack("<HH", seconds // 60, days)
    return struct.pack("<Ii", seconds * 300 + (moment.microsecond * 3 + 5_000) // 10_000, days)


def _moment(what: Kind, value: Value) -> bytes:
    """Units of 10**-scale since midnight, days since 0001-01-01, minutes of offset; the moment in UTC."""
    said = value if isinstance(value, str) else value.isoformat()  # type: ignore[union-attr]
    found = re.fullmatch(
        r"(?:(\d{4}-\d\d-\d\d)[T ]?)?(?:(\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?(?: ?([+-]\d\d):(\d\d))?", said
    )
    if found is None:
        raise ValueError(said)
    day, hour, minute, second, part, zone, rest = found.groups()
    seconds = int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    offset = int(zone or 0) * 60 + (-int(rest or 0) if (zone or "").startswith("-") else int(rest or 0))
    days = date.fromisoformat(day).toordinal() - 1 if day else 0
    if what.name == "datetimeoffset":
        seconds -= offset * 60
        days, seconds = days + seconds // 86_400, seconds % 86_400
    ticks = seconds * 10**what.scale + int((part or "").ljust(what.scale, "0")[: what.scale] or 0)
    width = 3 + (what.scale > 2) + (what.scale > 4)
    made = b"" if what.name == "date" else ticks.to_bytes(width, "little")
    made += b"" if what.name == "time" else days.to_bytes(3, "little")
    return made + (struct.pack("<h", offset) if what.name == "datetimeoffset" else b"")
