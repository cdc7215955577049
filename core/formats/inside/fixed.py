"""Columns of the fixed part, decoded for all rows of a batch at once. Storage of each type: see `values`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.formats.inside import types as kinds
from core.formats.inside.column import Made
from core.formats.inside.common import Cells, Scattered
from core.formats.inside.page import Bytes, Numbers
from core.formats.inside.records import Flags
from core.formats.inside.text import texts_of
from core.formats.inside.types import ColumnType
from core.formats.inside.values import (
    DAY,
    DAY_TICKS,
    FIRST_DATETIME,
    LAST_DATETIME,
    LAST_DAY,
    NUMBERS,
    decoder_of,
)

_DAY_US: Final = 86_400_000_000
_FROM_1900: Final = -25_567
"""1900-01-01 in days since 1970."""
_FROM_0001: Final = -719_162
"""0001-01-01 in days since 1970."""
_DIGITS: Final = np.frombuffer(b"0123456789ABCDEF", dtype=np.uint8)
_GUID_BYTES: Final = (3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15)
_GUID_DASHES: Final = (8, 13, 18, 23)
_GUID_CELLS: Final = tuple(cell for cell in range(36) if cell not in _GUID_DASHES)
_VECTOR_DIGITS: Final = 18
"""Digits of a decimal that surely fit 64 bits."""

Parts = tuple[NDArray[Any], Flags]
"""Values, and which of the stored ones are no value of the type."""


def fixed_of(data: Bytes, places: Numbers, kind: ColumnType, null: Flags, bit: int = 0) -> Made:
    """The values at these byte places of `data`, flat and padded: see `values_of`."""
    return values_of(Scattered(data, places), kind, null, bit)


def values_of(cells: Cells, kind: ColumnType, null: Flags, bit: int = 0) -> Made:
    """The values of all rows; `null` rows are not looked at. `bit`: position of a bit column in its byte."""
    if kind.encoding is not None:
        if null.all():
            return [None] * len(null), {}
        places = cells.places
        return texts_of(cells.data, places, places + (kind.length * ~null), kind.encoding)
    if kind.id == kinds.BIT:
        return (cells.take(0, "u1") >> bit & 1).astype(bool), {}
    if kind.id in NUMBERS:
        return cells.take(0, NUMBERS[kind.id]), {}
    if kind.id in kinds.BYTES:
        return cells.take(0, f"V{kind.width}").tolist(), {}
    if kind.id == kinds.GUID:
        return ([None] * len(null) if null.all() else _guids(cells.take(0, "V16"))), {}
    maker = _MAKERS.get(kind.id)
    long = kind.id in kinds.DECIMALS and kind.precision > _VECTOR_DIGITS
    if maker is None or long or kind.scale > _VECTOR_DIGITS:
        return _singly(cells, kind, null), {}
    values, bad = maker(cells, kind)
    odd: dict[int, object] = {}
    if bad.any():
        decode = decoder_of(kind)
        places = cells.places
        for row in np.flatnonzero(bad & ~null).tolist():
            odd[row] = decode(_raw(cells.data, int(places[row]), kind))
    return values, odd


def _raw(data: Bytes, place: int, kind: ColumnType) -> bytes:
    return data[place : place + (kind.width or 0)].tobytes()


def _singly(cells: Cells, kind: ColumnType, null: Flags) -> list[object]:
    decode = decoder_of(kind)
    return [
        None if gone else decode(_raw(cells.data, place, kind))
        for place, gone in zip(cells.places.tolist(), null.tolist(), strict=True)
    ]


def _guids(items: NDArray[Any]) -> list[object]:
    """Items of 16 bytes to text, the first three groups turned round."""
    raw = items.view(np.uint8).reshape(-1, 16)
    if len(raw) > 1 and (raw == raw[0]).all():  # often none at all
        return _guids(items[:1]) * len(raw)
    turned = raw[:, _GUID_BYTES]
    cells = np.full((len(raw), 36), ord("-"), dtype="<u4")
    cells[:, _GUID_CELLS[::2]] = _DIGITS[turned >> 4]
    cells[:, _GUID_CELLS[1::2]] = _DIGITS[turned & 15]
    found: list[object] = cells.view("<U36")[:, 0].tolist()
    return found


def _decimals(cells: Cells, kind: ColumnType) -> Parts:
    sign = cells.take(0, "u1")
    size = cells.take(1, "<u4" if kind.width == 5 else "<u8").astype(np.uint64)
    bad = (sign > 1) | (size >= np.uint64(10**kind.precision))
    number = np.where(bad, 0, size).astype(np.int64)
    return np.where(sign == 1, number, -number), bad


def _datetimes(cells: Cells, _kind: ColumnType) -> Parts:
    ticks, days = cells.take(0, "<u4").astype(np.int64), cells.take(4, "<i4").astype(np.int64)
    bad = (ticks >= DAY_TICKS) | (days < FIRST_DATETIME) | (days > LAST_DATETIME)
    moment = (days + _FROM_1900) * _DAY_US + (ticks * 10 + 1) // 3 * 1000
    return np.where(bad, 0, moment).view("<M8[us]"), bad


def _small_datetimes(cells: Cells, _kind: ColumnType) -> Parts:
    minutes, days = cells.take(0, "<u2").astype(np.int64), cells.take(2, "<u2").astype(np.int64)
    bad = minutes >= 1440
    moment = (days + _FROM_1900) * _DAY_US + minutes * 60_000_000
    return np.where(bad, 0, moment).view("<M8[us]"), bad


def _days(cells: Cells, offset: int = 0) -> tuple[Numbers, Flags]:
    days = cells.take(offset, "<u4").astype(np.int64) & 0xFF_FFFF
    bad = days > LAST_DAY
    return np.where(bad, 0, days + _FROM_0001), bad


def _dates(cells: Cells, _kind: ColumnType) -> Parts:
    days, bad = _days(cells)
    return days.view("<M8[D]"), bad


def _clocks(cells: Cells, kind: ColumnType) -> tuple[Numbers, Flags]:
    """Microseconds of the day, and which are none or have a seventh digit."""
    raw = cells.take(0, "<u8").view(np.int64) & ((1 << 8 * kind.clock) - 1)
    ticks = raw * 10 ** (7 - kind.scale)
    bad = (ticks >= DAY) | (ticks % 10 != 0)
    return np.where(bad, 0, ticks // 10), bad


def _times(cells: Cells, kind: ColumnType) -> Parts:
    clock, bad = _clocks(cells, kind)
    return clock.view("<m8[us]"), bad


def _datetime2s(cells: Cells, kind: ColumnType) -> Parts:
    clock, bad = _clocks(cells, kind)
    days, wrong = _days(cells, kind.clock)
    return (days * _DAY_US + clock).view("<M8[us]"), bad | wrong


_MAKERS: Final[dict[int, Callable[[Cells, ColumnType], Parts]]] = {
    kinds.DECIMAL: _decimals,
    kinds.NUMERIC: _decimals,
    kinds.DATETIME: _datetimes,
    kinds.SMALLDATETIME: _small_datetimes,
    kinds.DATE: _dates,
    kinds.TIME: _times,
    kinds.DATETIME2: _datetime2s,
}
