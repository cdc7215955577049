"""What all columns of a batch of records need, made once: NULL bits and fixed parts, laid side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.inside.catalog import Stored
from core.formats.inside.page import Bytes, Numbers
from core.formats.inside.records import Flags, Records, gather
from core.formats.inside.types import ColumnType

_FEW = 3
"""Fewer columns than these are looked up one by one."""
_BEYOND = 8
"""Bytes that may be looked at behind a value, which is masked then."""


@dataclass(frozen=True, slots=True)
class Scattered:
    """Values of a column that stand anywhere in flat, padded bytes."""

    data: Bytes
    places: Numbers

    def take(self, offset: int, kind: str) -> NDArray[Any]:
        """The items of NumPy type `kind` at `offset` of each value."""
        return gather(self.data, self.places + offset, kind)


@dataclass(frozen=True, slots=True)
class Strip:
    """Values of a column at even distances, `step` bytes, in flat bytes with some more behind the last."""

    data: Bytes
    first: int
    step: int
    count: int

    @property
    def places(self) -> Numbers:
        """Of the values in `data`."""
        return self.first + self.step * np.arange(self.count)

    def take(self, offset: int, kind: str) -> NDArray[Any]:
        """The items of NumPy type `kind` at `offset` of each value."""
        found: NDArray[Any] = np.ndarray((self.count,), kind, self.data.data, self.first + offset, (self.step,))
        return found.copy()


Cells = Scattered | Strip


class Common:
    """Of records whose `places` are wanted: where the column is stored, and its type."""

    def __init__(self, records: Records, places: Iterable[tuple[Stored, ColumnType]]) -> None:
        known = list(places)
        self.records = records
        self._fewest = int(records.columns.min(initial=1 << 16))
        self._shortest = int((records.fixed_end - records.start).min(initial=1 << 16))
        bits = [place.null_bit for place, _ in known if place.null_bit <= self._fewest]
        self._bits = max(bits, default=0) if len(bits) >= _FEW else 0
        ends = [place.offset + (kind.width or 0) for place, kind in known if place.offset >= 0]
        ends = [end for end in ends if end <= self._shortest]
        self._width = max(ends, default=0) if len(ends) >= _FEW else 0

    def null(self, bit: int) -> Flags:
        """Which are NULL by the bitmap: see `Records.null`. Not to be changed."""
        return self._nulls[bit - 1] if 0 < bit <= self._bits else self.records.null(bit)

    def short(self, bit: int) -> Flags | None:
        """Which were written before the column with this null bit came; None: none of them."""
        return None if bit <= self._fewest else self.records.short(bit)

    def holds(self, end: int) -> bool:
        """All fixed parts are so long."""
        return end <= self._shortest

    def fixed(self, offset: int, width: int) -> Cells:
        """The `width` bytes at `offset` of all records."""
        if self.records.count and offset + width <= self._width:
            return Strip(self._strip, offset, self._width + _BEYOND, self.records.count)
        return Scattered(self.records.data, self.records.start + offset)

    @cached_property
    def _nulls(self) -> Flags:
        """(bits, rows)"""
        records = self.records
        size = (self._bits + 7) // 8
        raw = gather(records.data, records.nulls, f"V{size}").view(np.uint8).reshape(records.count, size)
        return np.ascontiguousarray(np.unpackbits(raw, axis=1, bitorder="little").T).view(np.bool_)

    @cached_property
    def _strip(self) -> Bytes:
        """Row after row, as many bytes of each as the columns take, and a few of what follows."""
        strip: Bytes = gather(self.records.data, self.records.start, f"V{self._width + _BEYOND}").view(np.uint8)
        return strip
