"""Rows for somebody who looks: short texts, some at a time."""

from __future__ import annotations

from collections.abc import Iterator

from core.formats.inside.database import Batch
from core.office.inside.forms import text_of

LONGEST = 2000
"""Characters of one value; the rest is for an export."""

Glimpse = tuple[str | None, ...]
"""The values of one row, None for NULL."""


class RowReader:
    """Hands out rows as far as somebody asks for them."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._columns: list[tuple[str, list[object]]] = []
        self._rows = 0
        self._at = 0
        self.over = False
        """There are no more."""

    def more(self, count: int) -> list[Glimpse]:
        """Up to `count` of the next rows; fewer only at the end. Raises Cancelled and Unreadable."""
        found: list[Glimpse] = []
        while len(found) < count and not self.over:
            if self._at >= self._rows:
                self._next()
                continue
            stop = min(self._at + count - len(found), self._rows)
            found += self._glimpses(self._at, stop)
            self._at = stop
        return found

    def _next(self) -> None:
        batch = next(self._batches, None)
        self.over = batch is None
        self._at, self._rows, self._columns = 0, 0, []
        if batch is not None:
            self._columns = [(column.type.name, column.to_list()) for column in batch.columns]
            self._rows = batch.rows

    def _glimpses(self, start: int, stop: int) -> Iterator[Glimpse]:
        columns = [
            [None if value is None else _short(value, kind) for value in values[start:stop]]
            for kind, values in self._columns
        ]
        return zip(*columns, strict=True)


def _short(value: object, kind: str) -> str:
    if isinstance(value, str | bytes):
        value = value[:LONGEST]
    return text_of(value, kind)[:LONGEST]
