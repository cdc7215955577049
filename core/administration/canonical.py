"""One value, one form: whoever read it. A driver, SQLAlchemy over SQLite, or our own reader of pages.

Numbers are numbers, texts keep every blank that means something, moments are as fine as their type is. What a value
should be follows from the type that the package declares; a value that cannot be one of these keeps its own form, and
differs then.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from decimal import Context, Decimal, InvalidOperation

from core.formats.inside import types as kinds
from core.formats.inside.types import ColumnType

Plain = int | float | str | bytes | tuple[str, str] | None
Column = Callable[[Sequence[object]], list[Plain]]
"""A column of values -> the same in one form, NULL as None."""

UNTOLD = frozenset({kinds.XML, kinds.CLR, kinds.JSON, kinds.VECTOR})
"""Types that our reader does not decode."""
_WHOLE = frozenset({kinds.TINYINT, kinds.SMALLINT, kinds.INT, kinds.BIGINT, kinds.BIT})
_EXACT = Context(prec=80)
_DAY = 86_400_000_000
"""Microseconds."""
_TICKS = 3
"""A tick of `datetime` is 1/300 s: three to ten milliseconds."""


def of_type(kind: ColumnType) -> Column:
    """What brings the values of a column of this type into their one form."""
    if kind.id in _WHOLE:
        return _quick(_whole, int)
    if kind.id in {kinds.FLOAT, kinds.REAL}:
        return _quick(_float, float)
    if kind.id in kinds.DECIMALS or kind.id in kinds.MONEYS:
        places = kind.places
        return _each(lambda value: _scaled(value, places))
    if kind.id == kinds.GUID:
        return _each(_guid)
    if kind.id in {kinds.CHAR, kinds.NCHAR}:
        width = kind.length // 2 if kind.id == kinds.NCHAR else kind.length
        return _each(lambda value: _text(value).ljust(width))
    if kind.encoding is not None:
        return _quick(_text, str)
    if kind.id == kinds.BINARY:
        return _each(lambda value: _bytes(value).ljust(kind.length, b"\0"))
    if kind.id in kinds.BYTES:
        return _quick(_bytes, bytes)
    return _each(_MOMENTS.get(kind.id, _seen))


def _quick(one: Callable[[object], Plain], already: type) -> Column:
    """Most columns hold one kind of value, in its form already: that is seen much sooner than it is made."""
    done = {already, type(None)}

    def column(values: Sequence[object]) -> list[Plain]:
        if set(map(type, values)) <= done:
            return list(values)  # type: ignore[arg-type]
        return _made(one, values)

    return column


def _each(one: Callable[[object], Plain]) -> Column:
    return lambda values: _made(one, values)


def _made(one: Callable[[object], Plain], values: Sequence[object]) -> list[Plain]:
    return [None if value is None else _or_seen(one, value) for value in values]


def _or_seen(one: Callable[[object], Plain], value: object) -> Plain:
    try:
        return one(value)
    except (TypeError, ValueError, InvalidOperation, OverflowError):
        return _seen(value)


def _seen(value: object) -> Plain:
    """Of no type that is known here: by what Python makes of it."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float | str | bytes):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, Decimal):
        return ("Decimal", str(value.normalize(_EXACT)))
    return (type(value).__name__, str(value))


def _whole(value: object) -> Plain:
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Decimal | float) and value == int(value):
        return int(value)
    raise TypeError(value)


def _float(value: object) -> Plain:
    if isinstance(value, int | float | Decimal):
        return float(value)
    raise TypeError(value)


def _scaled(value: object, places: int) -> Plain:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise TypeError(value)
    exact = _EXACT.create_decimal(value if isinstance(value, Decimal) else str(value))
    moved = exact.scaleb(places, _EXACT)
    return int(moved) if moved == moved.to_integral_value() else ("Decimal", str(exact.normalize(_EXACT)))


def _guid(value: object) -> Plain:
    return str(value if isinstance(value, uuid.UUID) else uuid.UUID(_text(value))).upper()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(value)


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise TypeError(value)


def _moment(value: object) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the server's local time
    text = _text(value)
    whole, point, part = text.partition(".")
    digits = len(part) - len(part.lstrip("0123456789"))
    return dt.datetime.fromisoformat(f"{whole}{point}{part[: min(6, digits)]}{part[digits:]}")


def _micros(value: object) -> int:
    """Microseconds since the first day; the tenth of one that `datetime2(7)` has is beyond every driver."""
    moment = _moment(value)
    if moment.tzinfo is not None:
        raise ValueError(value)
    clock = ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000_000 + moment.microsecond
    return moment.toordinal() * _DAY + clock


def _old_moment(value: object) -> Plain:
    """In ticks: drivers differ in how many digits they show of a third of a hundredth."""
    return (_micros(value) * _TICKS + 5_000) // 10_000


def _day(value: object) -> Plain:
    moment = _moment(value)
    if moment.time() != dt.time():
        raise ValueError(value)
    return moment.toordinal()


def _clock(value: object) -> Plain:
    if isinstance(value, dt.time):
        return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    return _micros(f"0001-01-01 {_text(value)}") - _DAY


def _offset(value: object) -> Plain:
    """The moment in UTC and the minutes of its zone."""
    moment = _moment(value)
    away = moment.utcoffset()
    if away is None:
        raise ValueError(value)
    utc = _micros(moment.replace(tzinfo=None)) - away // dt.timedelta(microseconds=1)
    return ("datetimeoffset", f"{utc} {away // dt.timedelta(minutes=1)}")


_MOMENTS: dict[int, Callable[[object], Plain]] = {
    kinds.DATETIME: _old_moment,
    kinds.SMALLDATETIME: _micros,
    kinds.DATETIME2: _micros,
    kinds.DATE: _day,
    kinds.TIME: _clock,
    kinds.OFFSET: _offset,
}
