"""The entry numbers and sequence numbers that entries get, so that nobody else has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.administration.corrections.entries import Entry
from core.administration.corrections.masters import Journal, Masters, as_known, key
from core.administration.globe import amutak, code, gbkmut

_HIGHEST = 99_999_999
"""`amutak.bkstnr` is char(8)."""
_HIGHEST_SEQUENCE = 99_999
"""`volgnr5` is char(5)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry comes to stand in its journal."""

    number: str = ""
    """Of the entry, as Globe writes it; empty: the one asked for is taken, or none is left."""
    sequence: int = 0
    """Within its journal, year and period: `volgnr5` (facts.md section 3.2)."""


def places(connection: sa.Connection, known: Masters, entries: Sequence[Entry]) -> list[Place]:
    """One for each entry, in order; an empty one where there is no such journal."""
    books: dict[str, _Book] = {}
    for entry in entries:
        name = key(entry.journal)
        if name in known.journals and name not in books:
            books[name] = _Book(connection, known.journals[name])
        if name in books and entry.number:
            books[name].asked.add(int(entry.number))
    return [books[name].place(entry) if (name := key(entry.journal)) in books else Place() for entry in entries]


def whole(text: str | None) -> int:
    """The number in a code; 0: it is none."""
    text = (text or "").strip(" ")
    return int(text) if text.isascii() and text.isdigit() else 0


class _Book:
    """What one journal has given away already, and gives next."""

    def __init__(self, connection: sa.Connection, journal: Journal) -> None:
        self.asked: set[int] = set()
        self._journal = journal
        self._taken: set[tuple[int, int]] = set()
        self._anywhere: set[int] = set()
        self._sequences: dict[tuple[int, int], int] = {}
        self._last: dict[int, int] = {}
        for table in (amutak, gbkmut):
            c = table.c
            # Of a function's value SQLite compares bytes; its collation would be asked a million times.
            mine = sa.func.upper(sa.func.ltrim(sa.func.rtrim(c.dagbknr))) == journal.stored.strip(" ").upper()
            rows = connection.execute(sa.select(c.bkjrcode, c.periode, c.bkstnr, c.volgnr5).where(mine))
            with as_known(table):
                for year, period, number, sequence in rows:
                    self._taken.add((year, whole(number)))
                    where = (year, whole(period))
                    self._sequences[where] = max(self._sequences.get(where, 0), whole(sequence))
        self._anywhere.update(number for _, number in self._taken)

    def place(self, entry: Entry) -> Place:
        """The next place, or the one asked for."""
        where = (entry.year, entry.period)
        sequence = self._sequences[where] = self._sequences.get(where, 0) + 1
        number = int(entry.number) if entry.number else self._next(entry.year)
        if (entry.year, number) in self._taken or number > _HIGHEST or sequence > _HIGHEST_SEQUENCE:
            return Place(sequence=sequence)
        self._taken.add((entry.year, number))
        self._anywhere.add(number)
        return Place(code(number, 8), sequence)

    def _next(self, year: int) -> int:
        number = self._last.get(year) or self._start(year)
        number += 1
        while number in self._anywhere or number in self.asked:
            number += 1
        self._last[year] = number
        return number

    def _start(self, year: int) -> int:
        """The highest of the journal in this year: many offices let a number begin with the year.

        Its own last number counts too, unless an entry of another year has it.
        """
        last = whole(self._journal.last)
        mine = max((number for each, number in self._taken if each == year), default=0)
        if not mine:
            return max(last, max(self._anywhere, default=0))
        return mine if last in self._anywhere else max(mine, last)
