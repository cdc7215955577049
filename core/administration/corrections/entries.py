"""Corrections as an accountant writes them: general-journal entries in a TOML or a CSV file, read within bounds.

Keys and column names are English or Dutch; amounts have a decimal comma or point. What only the administration
can answer (does the account exist, is the period open, does it balance) is asked in correcting.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from core.administration.corrections import entry_text as read
from core.errors import UsageError

MOST_BYTES = 2 << 20
MOST_LINES = 20_000
MOST_LINES_OF_ENTRY = 9_999
"""Globe numbers the lines of an entry in four digits (`regel char(4)`)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an entry. Debit is positive."""

    account: str
    amount: Decimal
    description: str
    cost_centre: str = ""
    cost_unit: str = ""
    place: str = field(default="", compare=False)
    """Where it was read, for messages: `file.csv:12`, `file.toml:entry[1].line[2]`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a general journal."""

    journal: str
    year: int
    period: int
    date: date
    description: str
    lines: tuple[Line, ...]
    number: str = ""
    """The entry number asked for; empty: the next one of the journal."""
    place: str = field(default="", compare=False)


@dataclass(frozen=True)
class EntrySet:
    """What is booked at once, and reversed at once."""

    entries: tuple[Entry, ...]
    reverses: str = ""
    """The operation that this one books back; empty: it is no reversal."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content: the same for every spelling, and for every order of entries and lines."""
        told = self.to_json()
        for entry in told["entries"]:
            entry["lines"].sort()
        told["entries"].sort(key=json.dumps)
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """As plain values, amounts as text."""
        return {
            "reverses": self.reverses,
            "entries": [
                {
                    "journal": entry.journal,
                    "year": entry.year,
                    "period": entry.period,
                    "date": entry.date.isoformat(),
                    "description": entry.description,
                    "number": entry.number,
                    "lines": [
                        [line.account, plain(line.amount), line.description, line.cost_centre, line.cost_unit]
                        for line in entry.lines
                    ],
                }
                for entry in self.entries
            ],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any], place: str = "") -> EntrySet:
        """The entry set of `to_json`; `place` says in messages where it comes from."""
        entries = []
        for number, entry in enumerate(told["entries"], 1):
            here = f"{place}:entry[{number}]" if place else f"entry[{number}]"
            lines = tuple(
                Line(account, Decimal(amount), description, centre, unit, f"{here}.line[{at}]")
                for at, (account, amount, description, centre, unit) in enumerate(entry["lines"], 1)
            )
            head = {name: entry[name] for name in ("journal", "year", "period", "description", "number")}
            entries.append(Entry(**head, date=date.fromisoformat(entry["date"]), lines=lines, place=here))
        return cls(tuple(entries), told["reverses"])


def plain(amount: Decimal) -> str:
    """An amount in one spelling, whatever its trailing zeros."""
    return format(amount.normalize(), "f") if amount else "0"


def decode(data: bytes, name: str) -> str:
    """The text of an entry file: UTF-8, UTF-16 with its mark, or else Windows-1252, as a spreadsheet writes it.

    Raises UsageError.
    """
    if len(data) > MOST_BYTES:
        raise UsageError("entry-large", place=read.shown(name), most=MOST_BYTES >> 20)
    codecs = ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252")
    for codec in codecs:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    raise UsageError("entry-encoding", place=read.shown(name))


def parse(text: str, name: str) -> EntrySet:
    """The entries of a file: TOML when its name ends in `.toml`, else CSV. Raises UsageError with line or key."""
    name = read.shown(name)
    if len(text) > MOST_BYTES:
        raise UsageError("entry-large", place=name, most=MOST_BYTES >> 20)
    text = text.removeprefix("\ufeff")
    tables = read.toml_tables(text, name) if name.casefold().endswith(".toml") else _csv_tables(text, name)
    entries = []
    count = 0
    for place, head, lines in tables:
        entries.append(_entry(place, head, lines))
        count += len(lines)
        if count > MOST_LINES:
            raise UsageError("entry-many", place=place, most=MOST_LINES)
    if not entries:
        raise UsageError("entry-none", place=name)
    return EntrySet(tuple(entries))


def _csv_tables(text: str, name: str) -> Iterator[read.Table]:
    """Rows with the same label in the column `entry` are one entry; an empty cell says: as in the row above."""
    tables: dict[str, read.Table] = {}
    label = ""
    for count, (place, row) in enumerate(read.csv_rows(text, name), 1):
        if count > MOST_LINES:
            raise UsageError("entry-many", place=place, most=MOST_LINES)
        label = row.get("entry") or label
        head = {key: row[column] for key, column in read.CSV_HEAD.items() if row.get(column)}
        line = {key: row[key] for key in read.LINE if row.get(key)}
        if label not in tables:
            tables[label] = (place, head, [(place, line)])
            continue
        _, first, lines = tables[label]
        for key, value in head.items():
            if first.setdefault(key, value) != value:
                raise UsageError(
                    "entry-differs", place=place, field=key, value=read.shown(value), first=read.shown(first[key])
                )
        lines.append((place, line))
    yield from tables.values()


def _entry(place: str, head: Mapping[str, str], lines: list[tuple[str, Mapping[str, str]]]) -> Entry:
    if len(lines) > MOST_LINES_OF_ENTRY:
        raise UsageError("entry-lines", place=place, most=MOST_LINES_OF_ENTRY)
    description = read.description(place, head)
    made = tuple(_line(where, line, description) for where, line in lines)
    if not description and made:
        description = made[0].description
    return Entry(
        journal=read.code(place, head, "journal", 3),
        year=read.whole(place, head, "year", 1900, 2199),
        period=read.whole(place, head, "period", 1, 999),
        date=read.day(place, head),
        description=description,
        lines=made,
        number=str(read.whole(place, head, "number", 1, 99_999_999)) if head.get("number") else "",
        place=place,
    )


def _line(place: str, line: Mapping[str, str], description: str) -> Line:
    text = read.description(place, line) or description
    if not text:
        raise UsageError("entry-missing", place=place, field="description")
    return Line(
        account=read.code(place, line, "account", 9),
        amount=read.amount(place, line),
        description=text,
        cost_centre=read.code(place, line, "cost_centre", 8, required=False),
        cost_unit=read.code(place, line, "cost_unit", 8, required=False),
        place=place,
    )
