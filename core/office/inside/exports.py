"""The rows of one table as bytes that are written as they come: CSV, JSON lines, Parquet. Memory: one batch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from json import dumps

from core.files import atomic_write
from core.formats.inside.column import Column
from core.formats.inside.database import Batch
from core.model.inside import TableInside
from core.office.inside.forms import json_texts, plain, texts

FORMATS = ("csv", "jsonl", "parquet")
_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')
_SLICE = 20_000
"""Lines joined at a time."""


class Export:
    """The bytes of one export, in pieces; what was counted on the way stands in its fields afterwards."""

    def __init__(
        self,
        batches: Callable[[TableInside], Iterator[Batch]],
        table: TableInside,
        form: str,
        limit: int | None = None,
        heard: Callable[[int], None] | None = None,
    ) -> None:
        if form == "parquet":
            from core.office.inside.parquet import ready

            ready()
        self._batches = batches
        self._table = table
        self._limit = limit
        self._form = form
        self._heard = heard
        self.rows = 0
        self.undecoded = 0
        """Values in what was read that are `<type:hex>`."""
        self.emptied = 0
        """Of those, how many a Parquet column could not hold: null there."""

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces():
            yield piece
            if self._heard is not None:
                self._heard(self.rows)

    def save(self, path: str) -> None:
        """All of it to a new file, or nothing. Raises Refused (`exists`) and NoSpace."""
        atomic_write(path, self)

    def _lost(self, values: int) -> None:
        self.emptied += values

    def _pieces(self) -> Iterator[bytes]:
        if self._form == "parquet":
            from core.office.inside.parquet import parquet

            yield from parquet(self._table, self.batches(), self._lost)
            return
        if self._form == "csv":
            yield _encoded(",".join(_cell(each.name) for each in self._table.columns) + "\n")
            make, line = _csv, ""
        else:
            make, line = json_texts, _json_line(self._table)
        for batch, count in self.batches():
            rows = islice(zip(*map(make, batch.columns), strict=True), count)
            while lines := [line % row if line else f"{','.join(row)}\n" for row in islice(rows, _SLICE)]:
                yield _encoded("".join(lines))

    @property
    def table(self) -> TableInside:
        """With the rows that were read, where all of them were."""
        whole = self._limit is None or self.rows < self._limit
        return replace(self._table, rows=self.rows) if whole else self._table

    def batches(self) -> Iterator[tuple[Batch, int]]:
        """Each batch, and how many of its first rows belong to the export; both are counted."""
        if self._limit == 0:
            return
        for batch in self._batches(self._table):
            count = batch.rows if self._limit is None else min(batch.rows, self._limit - self.rows)
            self.rows += count
            self.undecoded += sum(column.undecoded for column in batch.columns)
            yield batch, count
            if self.rows == self._limit:
                return


def _csv(column: Column) -> list[str]:
    if plain(column):
        return [text or "" for text in texts(column)]
    return [_cell(text) for text in texts(column)]


def _cell(text: str | None) -> str:
    """NULL is nothing at all; an empty text is two quotes."""
    if text is None:
        return ""
    if not text or _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _json_line(table: TableInside) -> str:
    """What the values of a row are put into."""
    names = (dumps(each.name).replace("%", "%%") for each in table.columns)
    return "{" + ", ".join(f"{name}: %s" for name in names) + "}\n"


def _encoded(text: str) -> bytes:
    """UTF-8; half of a surrogate pair, which SQL Server stores and UTF-8 cannot, as an escape."""
    return text.encode("utf-8", "backslashreplace")
