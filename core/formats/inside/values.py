"""Single values, from their bytes as a record stores them. Storage of each type: [observed] but where it says so."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final

import numpy as np

from core.formats.inside import types as kinds
from core.formats.inside.column import Column, Undecoded
from core.formats.inside.text import text_of
from core.formats.inside.types import ColumnType, type_of

__all__ = ["Column", "Undecoded", "decoder_of", "variant_of"]

_DAY_ONE: Final = 1
"""Ordinal of 0001-01-01, where dates count from."""
_EPOCH: Final = datetime(1900, 1, 1)  # noqa: DTZ001 - the server's local time
LAST_DAY: Final = date.max.toordinal() - _DAY_ONE
FIRST_DATETIME: Final = -53_690
"""1753-01-01 in days since 1900."""
LAST_DATETIME: Final = 2_958_463
DAY_TICKS: Final = 300 * 86_400
"""Of datetime: 1/300 s."""
DAY: Final = 864_000_000_000
"""A day in units of 100 ns."""
_MOST_OFFSET: Final = 14 * 60
NUMBERS: Final = {
    kinds.TINYINT: "u1", kinds.SMALLINT: "<i2", kinds.INT: "<i4", kinds.BIGINT: "<i8", kinds.REAL: "<f4",
    kinds.FLOAT: "<f8", kinds.MONEY: "<i8", kinds.SMALLMONEY: "<i4",
}  # fmt: skip
"""NumPy type of what is stored."""

Decoder = Callable[[bytes], object]


def decoder_of(kind: ColumnType) -> Decoder:
    """From the bytes of one value to the value; `Undecoded` for bytes that are no value of the type.

    bit: one byte, 0 or 1. Types without a decoder (xml, CLR types, json, vector) are always `Undecoded`.
    """
    if kind.encoding is not None:
        encoding = kind.encoding
        return lambda raw: text_of(raw, encoding)
    if kind.id in kinds.BYTES:
        return bytes
    if kind.id == kinds.VARIANT:
        return variant_of
    known = _DECODERS.get(kind.id)
    if known is None:
        return lambda raw: Undecoded(kind.name, raw)

    def decode(raw: bytes) -> object:
        value = known(raw, kind) if len(raw) == kind.width else None
        return Undecoded(kind.name, raw) if value is None else value

    return decode


def variant_of(raw: bytes) -> object:
    """The value inside a sql_variant: type, version 1, what the type needs to be told, value.

    int, bigint, bit and nvarchar [observed: 7,100 of the catalog's own]; the others [recalled, no source at hand].
    """
    if len(raw) < 2 or raw[1] != 1:
        return Undecoded("sql_variant", raw)
    number, length, precision, scale, collation, at = raw[0], 0, 0, 0, 0, 2
    if number in kinds.DECIMALS:
        precision, scale, at = raw[2] if len(raw) > 2 else 0, raw[3] if len(raw) > 3 else 0, 4
    elif number in {kinds.TIME, kinds.DATETIME2, kinds.OFFSET}:
        scale, at = raw[2] if len(raw) > 2 else 0, 3
    elif number in {kinds.BINARY, kinds.VARBINARY}:
        length, at = len(raw) - 4, 4
    elif number in {kinds.CHAR, kinds.VARCHAR, kinds.NCHAR, kinds.NVARCHAR}:
        length, collation, at = len(raw) - 8, int.from_bytes(raw[4:8], "little"), 8
    kind = type_of(number, length, precision, scale, collation)
    if len(raw) < at or number in {kinds.VARIANT, kinds.IMAGE, kinds.TEXT, kinds.NTEXT}:
        return Undecoded("sql_variant", raw)
    value = decoder_of(kind)(raw[at:])
    return Undecoded("sql_variant", raw) if isinstance(value, Undecoded) else value


def clock_text(ticks: int) -> str:
    """A time of day of which Python loses the last digit; `ticks` of 100 ns."""
    seconds, rest = divmod(ticks, 10**7)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:07d}"


def _number(raw: bytes, kind: ColumnType) -> object:
    found: object = np.frombuffer(raw, dtype=NUMBERS[kind.id])[0].item()
    return found


def _bit(raw: bytes, _kind: ColumnType) -> object:
    return bool(raw[0]) if raw[0] <= 1 else None


def _money(raw: bytes, _kind: ColumnType) -> object:
    return _exact(int.from_bytes(raw, "little", signed=True), 4)


def _decimal(raw: bytes, kind: ColumnType) -> object:
    number = int.from_bytes(raw[1:], "little")
    if raw[0] > 1 or number >= 10**kind.precision:
        return None
    return _exact(number if raw[0] else -number, kind.scale)


def _exact(number: int, places: int) -> Decimal:
    return Decimal((int(number < 0), tuple(map(int, str(abs(number)))), -places))


def _guid(raw: bytes, _kind: ColumnType) -> object:
    return str(uuid.UUID(bytes_le=raw)).upper()


def _date(raw: bytes, _kind: ColumnType) -> object:
    days = int.from_bytes(raw, "little")
    return date.fromordinal(_DAY_ONE + days) if days <= LAST_DAY else None


def _small_datetime(raw: bytes, _kind: ColumnType) -> object:
    minutes, days = int.from_bytes(raw[:2], "little"), int.from_bytes(raw[2:], "little")
    return _EPOCH + timedelta(days=days, minutes=minutes) if minutes < 1440 else None


def _datetime(raw: bytes, _kind: ColumnType) -> object:
    ticks, days = int.from_bytes(raw[:4], "little"), int.from_bytes(raw[4:], "little", signed=True)
    if ticks >= DAY_TICKS or not FIRST_DATETIME <= days <= LAST_DATETIME:
        return None
    return _EPOCH + timedelta(days=days, milliseconds=(ticks * 10 + 1) // 3)


def _clock(raw: bytes, kind: ColumnType) -> int | None:
    ticks = int.from_bytes(raw[: kind.clock], "little") * 10 ** (7 - kind.scale) if kind.scale <= 7 else DAY
    return ticks if ticks < DAY else None


def _time(raw: bytes, kind: ColumnType) -> object:
    ticks = _clock(raw, kind)
    if ticks is None or ticks % 10:
        return None if ticks is None else clock_text(ticks)
    seconds, rest = divmod(ticks // 10, 10**6)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest)


def _datetime2(raw: bytes, kind: ColumnType) -> object:
    ticks, days = _clock(raw, kind), int.from_bytes(raw[kind.clock :], "little")
    if ticks is None or days > LAST_DAY:
        return None
    day = date.fromordinal(_DAY_ONE + days)
    if ticks % 10:
        return f"{day.isoformat()}T{clock_text(ticks)}"
    return datetime(day.year, day.month, day.day) + timedelta(microseconds=ticks // 10)  # noqa: DTZ001


def _offset(raw: bytes, kind: ColumnType) -> object:
    """The moment in UTC, beside it the minutes of its time zone [recalled from MS-TDS, not looked up; no sample]."""
    at = kind.clock
    ticks, days = _clock(raw, kind), int.from_bytes(raw[at : at + 3], "little")
    minutes = int.from_bytes(raw[at + 3 :], "little", signed=True)
    if ticks is None or days > LAST_DAY or abs(minutes) > _MOST_OFFSET:
        return None
    whole = days * DAY + ticks + minutes * 600_000_000
    days, ticks = divmod(whole, DAY)
    if not 0 <= days <= LAST_DAY:
        return None
    day = date.fromordinal(_DAY_ONE + days)
    if ticks % 10:
        sign, far = "-" if minutes < 0 else "+", abs(minutes)
        return f"{day.isoformat()}T{clock_text(ticks)}{sign}{far // 60:02d}:{far % 60:02d}"
    zone = timezone(timedelta(minutes=minutes)) if minutes else UTC
    return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(microseconds=ticks // 10)


_DECODERS: Final[dict[int, Callable[[bytes, ColumnType], object]]] = {
    **dict.fromkeys((kinds.TINYINT, kinds.SMALLINT, kinds.INT, kinds.BIGINT, kinds.REAL, kinds.FLOAT), _number),
    **dict.fromkeys(kinds.MONEYS, _money),
    **dict.fromkeys(kinds.DECIMALS, _decimal),
    kinds.BIT: _bit,
    kinds.GUID: _guid,
    kinds.DATE: _date,
    kinds.SMALLDATETIME: _small_datetime,
    kinds.DATETIME: _datetime,
    kinds.TIME: _time,
    kinds.DATETIME2: _datetime2,
    kinds.OFFSET: _offset,
}
