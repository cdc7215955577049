"""Columns from values that come one by one, each as its own bytes: those of compressed rows, and sparse ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from core.formats.inside import types as kinds
from core.formats.inside.column import Made, Undecoded
from core.formats.inside.common import Strip
from core.formats.inside.damage import DamageBook
from core.formats.inside.fixed import values_of
from core.formats.inside.lob import Broken, Lobs
from core.formats.inside.types import ColumnType
from core.formats.inside.values import decoder_of

Cell = bytes | None
"""What stands in the row for a column: its bytes, `Pointer`, None for NULL."""
_PADDING = 16
Odd = dict[int, object]


class Pointer(bytes):
    """What stands in a row in place of a value that stands outside."""

    __slots__ = ()


class Inside:
    """How values are made that stand in the row itself."""

    def __init__(
        self,
        inflate: Callable[[bytes, ColumnType], bytes | None],
        decoder: Callable[[ColumnType], Callable[[bytes], object]],
    ) -> None:
        self._inflate, self._decoder = inflate, decoder

    def made_of(self, cells: list[Cell], kind: ColumnType) -> Made:
        """The values of all rows; None (NULL, or `odd` knows) has no meaning in it."""
        if kind.width is not None and kind.id not in kinds.PADDED:
            return self._fixed(cells, kind, kind.width)
        decode = self._decoder(kind)
        known: dict[bytes, object] = {}
        for raw in cells:
            if raw is not None and raw not in known:
                known[raw] = decode(raw)
        return [None if raw is None else known[raw] for raw in cells], {}

    def _fixed(self, cells: list[Cell], kind: ColumnType, width: int) -> Made:
        """Lay them side by side as uncompressed rows hold them."""
        odd: Odd = {}
        parts: list[bytes] = []
        blank = bytes(width)
        for row, raw in enumerate(cells):
            stored = blank if raw is None else self._inflate(raw, kind)
            if stored is None:
                odd[row], stored = Undecoded(kind.name, raw or b""), blank
            parts.append(stored)
        data = np.frombuffer(b"".join((*parts, bytes(_PADDING))), dtype=np.uint8)
        absent = np.array([raw is None or row in odd for row, raw in enumerate(cells)], dtype=bool)
        values, strange = values_of(Strip(data, 0, width, len(cells)), kind, absent)
        for row, value in strange.items():
            raw = cells[row]
            odd[row] = Undecoded(kind.name, raw) if isinstance(value, Undecoded) and raw is not None else value
        return values, odd


def exact(raw: bytes, kind: ColumnType) -> bytes | None:
    """A value of fixed width as it is; None: too short or too long."""
    return raw if len(raw) == kind.width else None


PLAIN = Inside(exact, decoder_of)
"""Values as uncompressed rows hold them."""


def outside(cells: Iterable[tuple[int, bytes]], kind: ColumnType, lobs: Lobs, damage: DamageBook, table: str) -> Odd:
    """The values behind pointers, by row; None: NULL there. What is broken is noted, and `Undecoded`."""
    rows = dict(cells)
    decode, found = decoder_of(kind), Odd()
    with damage.reading(table):
        lobs.prepare(rows.values())
        for row, raw in rows.items():
            try:
                value = lobs.value(raw)
            except Broken:
                found[row] = Undecoded("lob", bytes(raw))
            else:
                found[row] = None if value is None else decode(value)
    return found
