"""Writes an administration row by row: Globe's tables and columns, codes right-aligned, amounts as floats.

Everything comes from the seed: the same calls make the same bytes.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import count, islice
from typing import Any, NamedTuple

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from core.administration import globe
from core.administration.globe import code
from core.administration.types import COLLATION, compare

_DIALECT = sqlite.dialect()
_BATCH = 4000
"""Entries written at a time."""
_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "amutak": (("sysguid",), ("bkjrcode", "periode", "dagbknr", "volgnr5")),
    "dagbk": (("dagbknr",),),
    "gbkmut": (("TransactionGuid",), ("EntryGuid", "ID")),
    "grtbk": (("CompanyCode", "reknr"),),
    "kstdr": (("kstdrcode",),),
    "kstpl": (("kstplcode",),),
}
"""Some of the unique keys of the scaffold (facts.md, source C1)."""


class Line(NamedTuple):
    """One line of an entry. Debit is positive."""

    account: str
    amount: float
    kind: str = "B"
    """`regelcode`: A on the journal's own account, B a line of the entry, K value added tax."""
    cost_centre: str = ""
    cost_unit: str = ""


class Entry(NamedTuple):
    """One entry as somebody booked it."""

    journal: str
    day: date
    text: str
    lines: tuple[Line, ...]
    author: int
    """`humres.res_id`."""
    transtype: str = "N"


_HEAD = (
    "ID", "bkjrcode", "periode", "dagbknr", "volgnr5", "bkstnr", "datum", "docdate", "oms25", "bedrag", "reknr",
    "status", "entrytype", "entryorigin", "oorsprong", "valcode", "koers", "syscreated", "syscreator", "sysmodified",
    "sysmodifier", "sysguid",
)  # fmt: skip
_PART = (
    "ID", "bkjrcode", "periode", "dagbknr", "volgnr5", "regel", "bkstnr", "datum", "docdate", "oms25", "bedrag",
    "reknr", "kstplcode", "kstdrcode", "transtype", "transsubtype", "valcode", "koers", "CSPickITCWOrsrgIDCWDB",
    "syscreated", "syscreator", "sysmodified", "sysmodifier", "sysguid",
)  # fmt: skip
_LEDGER = (
    "ID", "bkjrcode", "periode", "dagbknr", "volgnr5", "regel", "bkstnr", "datum", "docdate", "oms25", "reknr",
    "bdr_hfl", "bdr_val", "AmountCentral", "kstplcode", "kstdrcode", "transtype", "transsubtype", "regelcode",
    "oorsprong", "CompanyCode", "CurrencyCode", "valcode", "koers", "dbk_verwnr", "verwerknrl", "CSPickITCWOrsrgIDCWDB",
    "CSPickITModifyQuantity", "EntryGuid", "TransactionGuid", "syscreated", "syscreator", "sysmodified",
    "sysmodifier", "sysguid",
)  # fmt: skip


class Book:
    """An administration being written to an empty database. `close` it: the indexes come last."""

    def __init__(self, connection: sqlite3.Connection, number: str, seed: str, made: datetime) -> None:
        self.number = number
        self.lines = 0
        """Rows of `gbkmut` so far."""
        self._connection = connection
        # Not for secrets: the same seed has to give the same bytes.
        self._random = random.Random(seed)  # noqa: S311
        self._made = moment(made)
        self._volumes: dict[tuple[int, str], int] = {}
        self._heads, self._parts = count(1), count(1)
        connection.create_collation(COLLATION, compare)
        for table in globe.metadata.sorted_tables:
            connection.execute(str(CreateTable(table).compile(dialect=_DIALECT)))

    def guid(self) -> str:
        """A uniqueidentifier that nobody else has."""
        digits = f"{self._random.getrandbits(128):032X}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"

    def noise(self, size: int) -> bytes:
        """Bytes without any meaning."""
        return self._random.randbytes(size)

    def add(self, table: str, **values: object) -> None:
        """One row of a small table; what every table has is filled in."""
        row: dict[str, object] = {}
        for column in globe.table(table).columns:
            default = str(getattr(column.server_default, "arg", ""))
            if "strftime" in default:
                row[column.name] = self._made
            elif "randomblob" in default:
                row[column.name] = self.guid()
            elif not (default or column.nullable or column.primary_key):
                row[column.name] = 0
        self._insert(table, {**row, **values})

    def post(self, entries: Iterable[Entry]) -> None:
        """Write entries: a header in `amutak`, lines in `amutas`, and the ledger's in `gbkmut`."""
        coming = iter(entries)
        while batch := list(islice(coming, _BATCH)):
            heads: list[tuple[object, ...]] = []
            parts: list[tuple[object, ...]] = []
            ledger: list[tuple[object, ...]] = []
            for entry in batch:
                self._post(entry, heads, parts, ledger)
            for table, columns, rows in (
                ("amutak", _HEAD, heads),
                ("amutas", _PART, parts),
                ("gbkmut", _LEDGER, ledger),
            ):
                self._connection.executemany(_insertion(table, columns), rows)

    def close(self) -> None:
        """Note each journal's last entry number, make the indexes, commit."""
        last: dict[str, int] = {}
        for (year, journal), volume in self._volumes.items():
            last[journal] = max(last.get(journal, 0), _entry_number(year, journal, volume))
        for journal, number in last.items():
            self._connection.execute(
                "update dagbk set lbkstnr = ? where dagbknr = ?", (code(number, 8), code(journal, 3))
            )
        for name, keys in _INDEXES.items():
            for columns in keys:
                listed = ", ".join(f'"{column}"' for column in columns)
                index = f"IX_{name}_{'_'.join(columns)}"
                self._connection.execute(f'create unique index "{index}" on "{name}" ({listed})')
        self._connection.commit()

    def _insert(self, table: str, row: Mapping[str, object]) -> None:
        self._connection.execute(_insertion(table, tuple(row)), tuple(row.values()))

    def _post(self, entry: Entry, heads: list[Any], parts: list[Any], ledger: list[Any]) -> None:
        year, period = entry.day.year, f"{entry.day.month:>3}"
        volume = self._volumes[year, entry.journal] = self._volumes.get((year, entry.journal), 0) + 1
        number = f"{_entry_number(year, entry.journal, volume):>8}"
        journal, order = f"{entry.journal:>3}", f"{volume % 100_000:>5}"
        when, guid = f"{entry.day.isoformat()} 00:00:00.000", self.guid()
        stamp = (self._made, entry.author, self._made, entry.author)
        own = next((line for line in entry.lines if line.kind == "A"), None)
        heads.append((
            next(self._heads), year, period, journal, order, number, when, when, entry.text, own.amount if own else 0.0,
            own and f"{own.account:>9}", "P", entry.transtype, "N", "A", "EUR", 1.0, *stamp, guid,
        ))  # fmt: skip
        for place, line in enumerate(entry.lines, 1):
            self.lines += 1
            account, regel = f"{line.account:>9}", f"{place:>4}"
            if line.kind == "B":
                parts.append((
                    next(self._parts), year, period, journal, order, regel, number, when, when, entry.text, line.amount,
                    account, _dimension(line.cost_centre, 8),
                    _dimension(line.cost_unit, 8), entry.transtype, "N", "EUR", 1.0, 0, *stamp,
                    self.guid(),
                ))  # fmt: skip
            ledger.append((
                self.lines, year, period, f"{entry.journal:>10}", order, regel, number, when, when, entry.text, account,
                line.amount, line.amount, line.amount, _dimension(line.cost_centre, 10),
                _dimension(line.cost_unit, 10), entry.transtype, "N", line.kind, "A", self.number,
                "EUR", "EUR", 1.0, volume, self.lines, 0, 0, guid, self.guid(), *stamp, self.guid(),
            ))  # fmt: skip


def moment(when: datetime | date) -> str:
    """As `datetime` is kept: without zone, to the thousandth."""
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day)  # noqa: DTZ001 - Globe keeps no zone
    return when.isoformat(" ", "milliseconds")


def _dimension(value: str, width: int) -> str | None:
    return f"{value:>{width}}" if value else None


def _entry_number(year: int, journal: str, volume: int) -> int:
    """Year, journal, and a number that counts on: `26900001`."""
    return (year % 100 * 100 + int(journal)) * 10_000 + volume


def _insertion(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    # Names of our own data file, quoted; every value is a parameter.
    return f'insert into "{table}" ({names}) values ({", ".join("?" * len(columns))})'  # noqa: S608
