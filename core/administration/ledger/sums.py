"""The ledger of an administration: control totals, trial balance, what does not look right, and its baseline.

A ledger line is a row of `gbkmut` with transtype N, C, P or F, and of no budget version; budgets, obligations, voids
and the other X rows are planning (facts.md section 3.3). Amounts are floats in Globe: each is taken to the cent first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import sqlalchemy as sa

from core.administration.ledger.checks import FINDINGS, Finding, code_of, findings
from core.administration.ledger.digest import Digest, digests
from core.administration.ledger.lines import amount, ledger_lines, plain
from core.errors import BadFormat

__all__ = [
    "FINDINGS", "Baseline", "Digest", "Finding", "Totals", "Year", "baseline", "digests", "findings", "totals",
    "trial_balance",
]  # fmt: skip

VERSION = 1
"""Of the JSON."""


@dataclass(frozen=True, slots=True)
class Year:
    """The control totals of one financial year."""

    year: int
    lines: int
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """The control totals of a ledger."""

    by_year: tuple[Year, ...]
    """In their order."""
    missing: tuple[str, ...] = ()
    """Tables and columns that are not there, or hold no numbers: what the totals do not know."""

    @property
    def lines(self) -> int:
        """How many."""
        return sum(each.lines for each in self.by_year)

    @property
    def debit(self) -> Decimal:
        """The sum of all positive amounts."""
        return sum((each.debit for each in self.by_year), Decimal(0))

    @property
    def credit(self) -> Decimal:
        """The sum of all negative amounts, as a positive one."""
        return sum((each.credit for each in self.by_year), Decimal(0))

    @property
    def total(self) -> Decimal:
        """Zero when the ledger balances."""
        return self.debit - self.credit

    def to_json(self) -> dict[str, object]:
        """An object that JSON can hold: amounts as text, exactly."""
        years = [[each.year, each.lines, str(each.debit), str(each.credit)] for each in self.by_year]
        return {"years": years, "missing": list(self.missing)}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Totals:
        """The totals of `to_json`. Raises BadFormat."""
        match dict(data):
            case {"years": [*years], "missing": [*missing]}:
                return cls(tuple(map(_year, years)), tuple(map(str, missing)))
        raise BadFormat("baseline-record")


def _year(data: object) -> Year:
    match data:
        case [int(year), int(lines), str(debit), str(credit)]:
            try:
                return Year(year, lines, Decimal(debit), Decimal(credit))
            except InvalidOperation as problem:
                raise BadFormat("baseline-record") from problem
    raise BadFormat("baseline-record")


def totals(connection: sa.Connection) -> Totals:
    """The control totals, by year; lines without a year count as year 0."""
    lines, missing = ledger_lines(connection)
    if lines is None:
        return Totals((), missing)
    year = [lines.table.c.bkjrcode] if lines.has("bkjrcode") else []
    query = lines.select(*year, sa.func.count(), lines.debit, lines.credit).group_by(*year)
    found: dict[int, Year] = {}
    for row in connection.execute(query):
        *years, count, debit, credit = row
        number = years[0] if years and isinstance(years[0], int) else 0
        plus, minus = amount(debit or 0), amount(credit or 0)
        if plus is None or minus is None:
            missing = (*missing, "gbkmut.bdr_hfl")
            plus = minus = Decimal(0)
        before = found.get(number, Year(number, 0, Decimal(0), Decimal(0)))
        found[number] = Year(number, before.lines + count, before.debit + plus, before.credit - minus)
    return Totals(tuple(found[number] for number in sorted(found) if found[number].lines), missing)


def trial_balance(connection: sa.Connection, accounts: Collection[str] | None = None) -> dict[str, Decimal]:
    """The balance of these accounts, by the code as it was asked, of all by default; zero for one without a line.

    Codes compare without the blanks of their width.
    """
    lines, _ = ledger_lines(connection)
    found: dict[str, Decimal] = {}
    if lines is not None and lines.has("reknr"):
        account = plain(lines.table.c.reknr)
        query = lines.select(account, lines.debit, lines.credit).group_by(account)
        for code, debit, credit in connection.execute(query):
            shown = "" if code is None else str(code)
            key = shown if accounts is None else code_of(shown)
            both = (amount(debit or 0) or Decimal(0)) + (amount(credit or 0) or Decimal(0))
            found[key] = found.get(key, Decimal(0)) + both
    if accounts is None:
        return found
    return {account: found.get(code_of(account), Decimal(0)) for account in accounts}


@dataclass(frozen=True, slots=True)
class Baseline:
    """An administration as it was at one moment: the register keeps it."""

    totals: Totals
    digests: Mapping[str, Digest]

    def changed(self, now: Mapping[str, Digest]) -> tuple[str, ...]:
        """Tables that differ, came or went."""
        return tuple(
            sorted(name for name in self.digests.keys() | now.keys() if self.digests.get(name) != now.get(name))
        )

    def to_json(self) -> dict[str, object]:
        """An object that JSON can hold."""
        return {
            "version": VERSION,
            "totals": self.totals.to_json(),
            "digests": {name: [each.rows, each.sha256] for name, each in self.digests.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Baseline:
        """The baseline of `to_json`. Raises BadFormat."""
        match dict(data):
            case {"version": 1, "totals": dict(totals), "digests": dict(found)}:
                return cls(Totals.from_json(totals), {str(name): _digest(each) for name, each in found.items()})
        raise BadFormat("baseline-record")


def _digest(data: object) -> Digest:
    match data:
        case [int(rows), str(sha256)]:
            return Digest(rows, sha256)
    raise BadFormat("baseline-record")


def baseline(
    connection: sa.Connection, check: Callable[[], None] = lambda: None, *, but: Collection[str] = ()
) -> Baseline:
    """Everything as it is now; without the rows of the tables in `but`. `check`: between small pieces of work."""
    return Baseline(totals(connection), digests(connection, check, but=but))
