"""Parameters of a remote procedure call, read off the wire: TYPE_INFO and value. Layout: MS-TDS 2.2.5.4, 2.2.5.5."""

from __future__ import annotations

import struct
import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from fakes.sqlserver.cells import CODE_PAGE, NOTHING
from fakes.sqlserver.seam import Value

_BARE = {0x30: 1, 0x32: 1, 0x34: 2, 0x38: 4, 0x7F: 8}
_DATE, _TIME, _DATETIME2, _OFFSET = 0x28, 0x29, 0x2A, 0x2B
_WIDE = {0xE7, 0xEF, 0x63}
_TEXT = {0xA7, 0xAF, 0x23} | _WIDE
_SIZED = {0xE7, 0xEF, 0xA7, 0xAF, 0xA5, 0xAD}
_OUTSIDE = {0x63, 0x23, 0x22}
_SHORT = {0x26, 0x68, 0x6D, 0x6E, 0x6F, 0x24}
"""One byte of width, one byte of length."""


class Unknown(Exception):
    """A parameter of a type that this server does not read."""


class Reader:
    """Bytes, taken from the front."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    @property
    def more(self) -> bool:
        """Is there anything left?"""
        return self.at < len(self.data)

    def peek(self) -> int:
        """The next byte, which stays."""
        return self.data[self.at]

    def take(self, count: int) -> bytes:
        """The next bytes. Raises `EOFError` where there are fewer."""
        taken = self.data[self.at : self.at + count]
        if len(taken) < count:
            raise EOFError
        self.at += count
        return taken

    def number(self, width: int, *, signed: bool = False) -> int:
        """A whole number."""
        return int.from_bytes(self.take(width), "little", signed=signed)

    def text(self, units: int) -> str:
        """Text of so many UTF-16 units."""
        return self.take(units * 2).decode("utf-16-le", "surrogatepass")


def value(reader: Reader) -> Value:
    """One parameter's type and value. Raises `Unknown` for types that no console of this kind sends."""
    number = reader.number(1)
    if number == 0x1F:
        return None
    if number in _BARE:
        return reader.number(_BARE[number], signed=number not in (0x30, 0x32))
    if number in _SHORT:
        reader.take(1)
        return _short(number, reader.take(reader.number(1)))
    if number in (0x6A, 0x6C):
        reader.take(2)
        return _decimal(reader.number(1), reader.take(reader.number(1)))
    if number in (_DATE, _TIME, _DATETIME2, _OFFSET):
        scale = 0 if number == _DATE else reader.number(1)
        return _moment(number, scale, reader.take(reader.number(1)))
    if number in _SIZED | _OUTSIDE or number == 0xF1:
        return _long(number, reader)
    raise Unknown(f"{number:#x}")


def _short(number: int, data: bytes) -> Value:
    width = len(data)
    if not width:
        return None
    if number == 0x26:
        return int.from_bytes(data, "little", signed=width > 1)
    if number == 0x68:
        return bool(data[0])
    if number == 0x6D:
        real: float = struct.unpack("<f" if width == 4 else "<d", data)[0]
        return real
    if number == 0x24:
        return uuid.UUID(bytes_le=data)
    if number == 0x6E:
        high, low = struct.unpack("<iI", data) if width == 8 else (0, int.from_bytes(data, "little", signed=True))
        return Decimal((high << 32) + low).scaleb(-4)
    days, part = struct.unpack("<HH" if width == 4 else "<iI", data)
    # thirds of a hundredth, shown to the thousandth as the server shows them
    passed = timedelta(minutes=part) if width == 4 else timedelta(milliseconds=round(part * 10 / 3))
    return datetime(1900, 1, 1) + timedelta(days=days) + passed  # noqa: DTZ001  # the server's own clock


def _decimal(scale: int, data: bytes) -> Value:
    if not data:
        return None
    digits = tuple(int(each) for each in str(int.from_bytes(data[1:], "little")))
    return Decimal((0 if data[0] else 1, digits, -scale))


def _moment(number: int, scale: int, data: bytes) -> Value:
    if not data:
        return None
    if number == _DATE:
        return date.fromordinal(int.from_bytes(data, "little") + 1)
    width = 3 + (scale > 2) + (scale > 4)
    passed = timedelta(microseconds=int.from_bytes(data[:width], "little") * 10**6 // 10**scale)
    if number == _TIME:
        return (datetime.min + passed).time()  # noqa: DTZ901  # a time of day
    return datetime.min + passed + timedelta(days=int.from_bytes(data[width : width + 3], "little"))  # noqa: DTZ901


def _long(number: int, reader: Reader) -> Value:
    data: bytes | None
    if number == 0xF1:
        if reader.number(1):
            raise Unknown("xml with a schema")
        return _said(number, _chunks(reader))
    longest = reader.number(4 if number in _OUTSIDE else 2)
    if number in _TEXT:
        reader.take(5)
    if number in _OUTSIDE:
        length = reader.number(4, signed=True)
        data = None if length < 0 else reader.take(length)
    elif longest == NOTHING:
        data = _chunks(reader)
    else:
        length = reader.number(2)
        data = None if length == NOTHING else reader.take(length)
    return _said(number, data)


def _said(number: int, data: bytes | None) -> Value:
    if data is None or number not in _TEXT | {0xF1}:
        return data
    wide = number in _WIDE or number == 0xF1
    return data.decode("utf-16-le", "surrogatepass") if wide else data.decode(CODE_PAGE, "replace")


def _chunks(reader: Reader) -> bytes | None:
    if reader.number(8) == 0xFFFF_FFFF_FFFF_FFFF:
        return None
    made = b""
    while length := reader.number(4):
        made += reader.take(length)
    return made
