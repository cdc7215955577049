"""Columns of a result on the wire: how each type announces itself and how its values are written.

Types are declared as `factory.sqlserver.kinds` reads them. Layout: MS-TDS 2.2.5.4 (types), 2.2.5.5 (values).
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from factory.sqlserver.kinds import MAX, Kind, kind
from fakes.sqlserver.seam import ColumnOut, Value

COLLATION = bytes.fromhex("0904d00034")
"""SQL_Latin1_General_CP1_CI_AS: what the drivers take from it is code page 1252."""
CODE_PAGE = "cp1252"
NOTHING = 0xFFFF
"""Length of a NULL where two bytes tell the length."""
UNKNOWN = b"\xff" * 8
"""A NULL of unlimited length."""
EPOCH = date(1900, 1, 1).toordinal()
TEXT_POINTER = b"\x10" + b"dummy textptr\0\0\0" + b"dummyTS\0"
"""What stands before a text, ntext or image."""

Encoder = Callable[[Value], bytes]

_FIXED = {
    "tinyint": (0x30, 0x26, 1), "smallint": (0x34, 0x26, 2), "int": (0x38, 0x26, 4), "bigint": (0x7F, 0x26, 8),
    "bit": (0x32, 0x68, 1), "real": (0x3B, 0x6D, 4), "float": (0x3E, 0x6D, 8),
    "smallmoney": (0x7A, 0x6E, 4), "money": (0x3C, 0x6E, 8),
    "smalldatetime": (0x3A, 0x6F, 4), "datetime": (0x3D, 0x6F, 8),
}  # fmt: skip
"""Type that is never NULL, type that may be, width."""
_SIZED = {"varbinary": 0xA5, "varchar": 0xA7, "binary": 0xAD, "char": 0xAF, "nvarchar": 0xE7, "nchar": 0xEF}
_OUTSIDE = {"image": 0x22, "text": 0x23, "ntext": 0x63}
_MOMENTS = {"date": 0x28, "time": 0x29, "datetime2": 0x2A, "datetimeoffset": 0x2B}


class WireColumn(NamedTuple):
    """A column as it is announced (COLMETADATA), and what writes one value of it."""

    announced: bytes
    encode: Encoder


@lru_cache(maxsize=4096)
def column(out: ColumnOut) -> WireColumn:
    """How a column goes over the wire. Raises `ValueError` for a type that nobody knows."""
    what = kind(out.type)
    info, encode = announced(what, nullable=out.nullable)
    flags = struct.pack("<IH", 80 if what.name == "timestamp" else 0, 0x08 | out.nullable)
    table = b"\x01\x00\x00" if what.pointer else b""  # text and its like name their table; this one has no name
    name = out.name.encode("utf-16-le", "surrogatepass")
    return WireColumn(flags + info + table + bytes([len(name) // 2]) + name, encode)


def announced(what: Kind, *, nullable: bool) -> tuple[bytes, Encoder]:
    """The TYPE_INFO of a type, and what writes a value."""
    name = what.name
    if name == "sql_variant":
        return b"\x62" + struct.pack("<I", 8009), _variant
    encode = plain(what)
    if name in _FIXED:
        fixed, flexible, width = _FIXED[name]
        return (bytes([flexible, width]), _prefixed(encode, "B")) if nullable else (bytes([fixed]), encode)
    if name == "timestamp":
        return b"\xad\x08\x00", _prefixed(encode, "<H")
    if name == "uniqueidentifier":
        return b"\x24\x10", _prefixed(encode, "B")
    if name in {"decimal", "numeric"}:
        number = 0x6A if name == "decimal" else 0x6C
        return bytes([number, what.length, what.precision, what.scale]), _prefixed(encode, "B")
    if name in _MOMENTS:
        scale = b"" if name == "date" else bytes([what.scale])
        return bytes([_MOMENTS[name]]) + scale, _prefixed(encode, "B")
    if name == "xml":
        return b"\xf1\x00", _unlimited(encode)
    collation = COLLATION if what.text else b""
    if name in _OUTSIDE:
        longest = struct.pack("<I", 0x7FFFFFFE if name == "ntext" else 0x7FFFFFFF)
        return bytes([_OUTSIDE[name]]) + longest + collation, _outside(encode)
    info = bytes([_SIZED[name]]) + struct.pack("<H", NOTHING if what.length == MAX else what.length) + collation
    return info, _unlimited(encode) if what.length == MAX else _prefixed(encode, "<H")


def plain(what: Kind) -> Encoder:
    """What writes the bare bytes of a value that is not NULL."""
    name = what.name
    if name in {"tinyint", "smallint", "int", "bigint", "bit"}:
        width = what.length
        return lambda value: int(value).to_bytes(width, "little", signed=width > 1)  # type: ignore[arg-type]
    if name in {"real", "float"}:
        packed = struct.Struct("<f" if name == "real" else "<d").pack
        return lambda value: packed(float(value))  # type: ignore[arg-type]
    if name in {"money", "smallmoney"}:
        return _money if name == "money" else lambda value: scaled(value, 4).to_bytes(4, "little", signed=True)
    if name in {"decimal", "numeric"}:
        return lambda value: _decimal(value, what)
    if name == "uniqueidentifier":
        return lambda value: (value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))).bytes_le
    if name in {"datetime", "smalldatetime"}:
        small = name == "smalldatetime"
        return lambda value: _old(moment(value), small=small)
    if name in _MOMENTS:
        return lambda value: _moment(what, value)
    if what.wide:
        return _filled(lambda value: str(value).encode("utf-16-le", "surrogatepass"), what, b" \0")
    if what.text:
        return _filled(lambda value: str(value).encode(CODE_PAGE, "replace"), what, b" ")
    return _filled(bytes, what, b"\0")  # type: ignore[arg-type]  # binary values are bytes


def _filled(encode: Encoder, what: Kind, filler: bytes) -> Encoder:
    """Checked against the declared length; char, nchar and binary are filled up to it."""
    longest = what.length
    fixed = what.name in {"char", "nchar", "binary"}

    def write(value: Value) -> bytes:
        made = encode(value)
        if longest != MAX and len(made) > longest:
            raise ValueError(f"{value!r} is too long for {what.name} of {longest} bytes")
        return made + filler * ((longest - len(made)) // len(filler)) if fixed else made

    return write


def _prefixed(encode: Encoder, form: str) -> Encoder:
    """The length in one byte (0: NULL) or in two (FFFF: NULL), then the bytes."""
    length = struct.Struct(form).pack
    null = length(NOTHING if form == "<H" else 0)

    def write(value: Value) -> bytes:
        if value is None:
            return null
        made = encode(value)
        return length(len(made)) + made

    return write


def _unlimited(encode: Encoder) -> Encoder:
    """Partially length-prefixed: the whole length, one chunk, an empty one."""

    def write(value: Value) -> bytes:
        if value is None:
            return UNKNOWN
        made = encode(value)
        chunk = struct.pack("<I", len(made)) + made if made else b""
        return struct.pack("<Q", len(made)) + chunk + b"\0\0\0\0"

    return write


def _outside(encode: Encoder) -> Encoder:
    """A pointer, a time stamp, four bytes of length."""

    def write(value: Value) -> bytes:
        if value is None:
            return b"\0"
        made = encode(value)
        return TEXT_POINTER + struct.pack("<I", len(made)) + made

    return write


def _variant(value: Value) -> bytes:
    """A value that brings its own type: bit, int, bigint, datetime, and nvarchar for everything else."""
    if value is None:
        return b"\0\0\0\0"
    if isinstance(value, bool):
        made = b"\x32\x00" + bytes([value])
    elif isinstance(value, int):
        small = -(2**31) <= value < 2**31
        made = b"\x38\x00" + struct.pack("<i", value) if small else b"\x7f\x00" + struct.pack("<q", value)
    elif isinstance(value, datetime):
        made = b"\x3d\x00" + _old(value, small=False)
    else:
        made = b"\xe7\x07" + COLLATION + struct.pack("<H", 8000) + str(value).encode("utf-16-le")
    return struct.pack("<I", len(made)) + made


def scaled(value: Value, scale: int) -> int:
    """A number as a whole count of its smallest unit; what is beyond is rounded, as the server does."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise TypeError(f"{value!r} is no number")
    shifted = Decimal((sign, digits, exponent + scale))
    return int(shifted.to_integral_value("ROUND_HALF_UP"))


def _money(value: Value) -> bytes:
    """The upper half first."""
    high, low = divmod(scaled(value, 4), 2**32)
    return struct.pack("<iI", high, low)


def _decimal(value: Value, what: Kind) -> bytes:
    whole = scaled(value, what.scale)
    if abs(whole) >= 10**what.precision:
        raise ValueError(f"{value!r} does not fit a decimal({what.precision},{what.scale})")
    return bytes([whole >= 0]) + abs(whole).to_bytes(what.length - 1, "little")


def moment(value: Value) -> datetime:
    """A moment, also from its text or from a date."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time()) if isinstance(value, date) else datetime.fromisoformat(str(value))


def _old(at: datetime, *, small: bool) -> bytes:
    """Days since 1900; `datetime` counts 300ths of a second, `smalldatetime` minutes."""
    days = at.toordinal() - EPOCH
    seconds = at.hour * 3600 + at.minute * 60 + at.second
    if small:
        return struct.pack("<HH", days, seconds // 60)
    return struct.pack("<iI", days, seconds * 300 + round(at.microsecond * 3 / 10_000))


def _moment(what: Kind, value: Value) -> bytes:
    """Units of 10**-scale since midnight, days since the year 1, minutes of offset."""
    if what.name == "date":
        return (moment(value).toordinal() - 1).to_bytes(3, "little")
    at: datetime | time
    if what.name == "time":
        at = value if isinstance(value, time) else time.fromisoformat(str(value))
    else:
        at = moment(value)
    ticks = ((at.hour * 60 + at.minute) * 60 + at.second) * 10**6 + at.microsecond
    scale = what.scale
    made: bytes = (ticks * 10**scale // 10**6).to_bytes(3 + (scale > 2) + (scale > 4), "little")
    made += (at.toordinal() - 1).to_bytes(3, "little") if isinstance(at, datetime) else b""
    return made + (b"\0\0" if what.name == "datetimeoffset" else b"")
