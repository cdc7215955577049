"""Columns of many rows as numbers: codes of texts, sums by code, sums by a key. Knows no table and no meaning.

Memory follows the number of different values, and for `Keyed` the number of rows (34 bytes each); callers bound both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import LimitExceeded

Values = Sequence[object] | NDArray[Any]
"""One column of a batch: Python values with None for NULL, or float64 with NaN for NULL."""
Rows = Mapping[str, Values]
"""A batch: column -> values."""
Amounts = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Marks = NDArray[np.uint8]
Keys = NDArray[np.uint64]

NO_KEY: Final = "0" * 32
"""The guid that stands for none."""


def amounts_of(values: Values) -> Amounts:
    """(rows,) float64; NULL counts as nothing. Raises ValueError for a value that is no number."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        made: Amounts = values.astype(np.float64)
    else:
        made = np.array([_amount(value) for value in values], dtype=np.float64)
    return np.where(np.isnan(made), 0.0, made)


def _amount(value: object) -> float:
    if value is None:
        return 0.0
    if isinstance(value, int | float | str | Decimal):
        return float(value)
    raise ValueError(type(value).__name__)


def some(values: Values, chosen: Codes) -> Values:
    """The values at these places."""
    if isinstance(values, np.ndarray):
        made: NDArray[Any] = values[chosen]
        return made
    return [values[place] for place in chosen.tolist()] if len(chosen) < len(values) else values


def list_of(values: Values) -> list[object]:
    """Python values, None for NULL."""
    if not isinstance(values, np.ndarray):
        return list(values)
    plain: list[object] = values.tolist()
    return [None if isinstance(each, float) and each != each else each for each in plain]  # noqa: PLR0124 - NaN


def tidy(value: object) -> str:
    """A code as SQL Server compares it and as Globe pads it: no case, no blanks around, whole numbers as such."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().casefold()


def is_set(value: object) -> bool:
    """Is a flag set, however it is stored? NULL is not."""
    return tidy(value) not in {"", "0", "false"}


class Coder:
    """Numbers texts in the order in which they first appear. Raises LimitExceeded (`inside-many-values`)."""

    def __init__(self, most: int) -> None:
        self._raw: dict[object, int] = {}
        self._codes: dict[str, int] = {}
        self._most = most

    def __len__(self) -> int:
        return len(self._codes)

    def of(self, values: Values) -> Codes:
        """(rows,) the code of each."""
        plain = list_of(values)
        for new in set(plain).difference(self._raw):
            self._raw[new] = self._codes.setdefault(tidy(new), len(self._codes))
        if len(self._raw) > self._most:
            raise LimitExceeded("inside-many-values", most=self._most)
        return np.fromiter(map(self._raw.__getitem__, plain), dtype=np.int64, count=len(plain))

    def codes(self, values: Sequence[str]) -> Codes:
        """Codes of those of these values that were seen."""
        found = [self._codes[each] for each in map(tidy, values) if each in self._codes]
        return np.array(found, dtype=np.int64)

    def names(self) -> list[str]:
        """Tidy texts by code."""
        return list(self._codes)


class Sums:
    """How many rows, and what they come to, by code."""

    def __init__(self) -> None:
        self.counts: Codes = np.zeros(0, dtype=np.int64)
        self.totals: Amounts = np.zeros(0, dtype=np.float64)

    def add(self, codes: Codes, amounts: Amounts | None = None) -> None:
        """One batch."""
        size = max(len(self.counts), int(codes.max(initial=-1)) + 1)
        self.counts = _grown(self.counts, size) + np.bincount(codes, minlength=size)
        self.totals = _grown(self.totals, size)
        if amounts is not None:
            self.totals = self.totals + np.bincount(codes, weights=amounts, minlength=size)


def _grown(values: NDArray[Any], size: int) -> NDArray[Any]:
    return np.concatenate([values, np.zeros(size - len(values), dtype=values.dtype)])


def guids_of(values: Values) -> tuple[Keys, Keys, Flags]:
    """(rows,) high and low half of each guid, and which have one: not those that are NULL, zero, or no guid."""
    plain = list_of(values)
    digits = ["" if value is None else str(value).strip("{} ").replace("-", "") for value in plain]
    there = np.array([len(each) == len(NO_KEY) and each != NO_KEY and _is_hex(each) for each in digits], dtype=bool)
    joined = "".join(each if kept else NO_KEY for each, kept in zip(digits, there.tolist(), strict=True))
    halves = np.frombuffer(bytes.fromhex(joined), dtype=">u8").reshape(-1, 2)
    return halves[:, 0].astype(np.uint64), halves[:, 1].astype(np.uint64), there


_HEX = frozenset("0123456789abcdefABCDEF")


def _is_hex(text: str) -> bool:
    return _HEX.issuperset(text)


@dataclass(frozen=True, slots=True)
class Groups:
    """What `Keyed` found, one place for each key."""

    totals: Amounts
    marks: Marks
    """The marks of its rows, together."""
    kinds: Marks
    first: Codes
    """The smallest `place` of its rows."""


class Keyed:
    """Rows that share a key. `add` raises LimitExceeded (`inside-many-values`) and adds nothing beyond `most` rows."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.rows = 0
        self._parts: list[tuple[Marks, Keys, Keys, Amounts, Marks, Codes]] = []

    def add(self, kind: Codes, key: tuple[Keys, Keys], amounts: Amounts, marks: Marks, at: Codes) -> None:
        """One batch: the key of a row is its kind and two numbers; `marks` are bits, `at` is a place to go back to."""
        if self.rows + len(amounts) > self._most:
            raise LimitExceeded("inside-many-values", most=self._most)
        self.rows += len(amounts)
        self._parts.append((kind.astype(np.uint8), *key, amounts, marks, at))

    def groups(self) -> Groups:
        """One for each key, in no order that means anything. What was added is given back."""
        if not self.rows:
            none = np.zeros(0, dtype=np.uint8)
            return Groups(np.zeros(0), none, none, np.zeros(0, dtype=np.int64))
        columns: list[NDArray[Any]] = [np.concatenate(part) for part in zip(*self._parts, strict=True)]
        self._parts.clear()
        kind, high, low, amounts, marks, at = columns
        order = np.lexsort((at, low, high, kind))
        kind, high, low = kind[order], high[order], low[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = (kind[1:] != kind[:-1]) | (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        start = np.flatnonzero(new)
        return Groups(
            np.add.reduceat(amounts[order], start),
            np.bitwise_or.reduceat(marks[order], start),
            kind[start],
            at[order][start],
        )
