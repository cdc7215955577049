"""One column of a batch: what is stored as numbers stays numbers, until somebody wants Python values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Context, Decimal
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.inside.page import Numbers
from core.formats.inside.records import Flags
from core.formats.inside.types import DECIMALS, MONEYS, TIME, ColumnType

_EXACT = Context(prec=80)
_SECOND, _MINUTE, _HOUR = 1_000_000, 60_000_000, 3_600_000_000
"""In microseconds."""


@dataclass(frozen=True, slots=True)
class Undecoded:
    """A value that we cannot decode: its bytes, never a guess.

    `type` says why: the name of its type, `computed` (never stored), `default` (in the catalog's care),
    `filestream`, `sparse`, `lob` (what stands outside the row is broken) or `record` (the record is).
    """

    type: str
    raw: bytes


Values = NDArray[Any] | list[object]
Made = tuple[Values, dict[int, object]]
"""The values of all rows, and by row number those that the values cannot hold."""


@dataclass(slots=True, eq=False)
class Column:
    """One column of a batch of rows; decoded when first asked for."""

    name: str
    type: ColumnType
    null: Flags
    """(rows,) true where NULL."""
    source: Values | Callable[[], Made]
    """What `values` and `odd` say, or what makes them."""
    _odd: dict[int, object] = field(default_factory=dict)

    @property
    def values(self) -> Values:
        """(rows,) without meaning where NULL or where `odd` has the row.

        An array for numbers (bit: bool), money and decimals of up to 18 digits (int64, as many decimal places as
        `type.places`), date (datetime64[D]), datetime, datetime2, smalldatetime (datetime64[us]), time
        (timedelta64[us]); a list of Python values for the rest.
        """
        source = self.source
        if not callable(source):
            return source
        made, odd = source()
        self.source = made
        self._odd = odd
        return made

    @property
    def odd(self) -> Mapping[int, object]:
        """Row -> the value that the array cannot hold: `Undecoded`, or ISO text of a seventh digit of a second."""
        _ = self.values
        return self._odd

    @property
    def plain(self) -> bool:
        """The values are an array whose items are the numbers themselves, in every row that is not NULL."""
        values = self.values
        whole = isinstance(values, np.ndarray) and values.dtype.kind in "biuf" and not self._odd
        return whole and self.type.id not in DECIMALS and self.type.id not in MONEYS

    @property
    def undecoded(self) -> int:
        """How many values that are not NULL are `Undecoded`."""
        values = self.values
        if isinstance(values, np.ndarray) or not list(map(type, values)).count(Undecoded):
            return sum(isinstance(each, Undecoded) for each in self._odd.values())
        return sum(isinstance(each, Undecoded) for each in self.to_list())

    def to_list(self) -> list[object]:
        """Python values without loss, None for NULL.

        Numbers as int, float or bool; money and decimals as Decimal; text as str (a lone surrogate stays one);
        date, datetime (no time zone: the server's local time), time; datetimeoffset as a datetime with its offset;
        uniqueidentifier as upper-case text; binary as bytes. What Python's own types cannot hold comes as ISO
        text, what nobody can tell as `Undecoded`.
        """
        if self.null.all():
            return [None] * len(self.null)
        values = self.values
        plain = _python(values, self.type) if isinstance(values, np.ndarray) else values.copy()
        for row, value in self._odd.items():
            plain[row] = value
        for row in np.flatnonzero(self.null).tolist():
            plain[row] = None
        return plain


def _python(values: NDArray[Any], kind: ColumnType) -> list[object]:
    if kind.id in DECIMALS or kind.id in MONEYS:
        unit = Decimal((0, (1,), -kind.places))
        return list(map(_EXACT.multiply, values.tolist(), repeat(unit)))
    if kind.id == TIME:
        return _times(values.view("<i8"))
    found: list[object] = values.tolist()
    return found


def _times(values: Numbers) -> list[object]:
    return [time(each // _HOUR, each // _MINUTE % 60, each // _SECOND % 60, each % _SECOND) for each in values.tolist()]
