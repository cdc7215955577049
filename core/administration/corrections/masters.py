"""What entries are held against: accounts, journals, periods, cost centres and units of one administration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from core.administration.globe import bedryf, dagbk, grtbk, kstdr, kstpl, perdat
from core.errors import Refused

GENERAL = "M"
"""`dagbk.type_dgbk` of a general journal (facts.md section 3.4)."""


@dataclass(frozen=True, slots=True)
class Account:
    """One row of `grtbk`."""

    stored: str
    """The code as it stands there: aligned as this administration aligns it."""
    name: str
    blocked: bool
    control: bool
    """Subtype D or C: a line on it belongs to a debtor or creditor."""
    wants_centre: bool
    """`kstplrek` is IsCostcenterAccount (facts.md, source C4); that it then must be given is inferred."""
    wants_unit: bool


@dataclass(frozen=True, slots=True)
class Journal:
    """One row of `dagbk`."""

    id: int
    stored: str
    kind: str
    blocked: bool
    last: str | None
    """`lbkstnr`, its last entry number."""


@dataclass(frozen=True, slots=True)
class Period:
    """One row of `perdat`."""

    first: date
    last: date
    closed: bool
    """`YearPeriodStatus`; that 1 means closed is inferred, facts.md section 3.2 only names the column."""


@dataclass(frozen=True, slots=True)
class Masters:
    """What there is. Codes are found by `key`."""

    accounts: Mapping[str, Account]
    journals: Mapping[str, Journal]
    periods: Mapping[tuple[int, int], Period]
    centres: Mapping[str, str]
    """Enabled cost centres: the code as it stands there."""
    units: Mapping[str, str]
    number: str
    """Of the administration, `bedrnr`."""
    currency: str
    division: int | None


def key(code: str | None) -> str:
    """A code as two are compared: without the blanks that align it, and without case."""
    return (code or "").strip(" ").casefold()


@contextmanager
def as_known(table: sa.Table) -> Iterator[None]:
    """What a table of the client's holds need not be what its columns promise. Raises Refused (`entries-table`)."""
    try:
        yield
    except (AttributeError, TypeError, ValueError) as problem:
        raise Refused("entries-table", table=table.name) from problem


def masters(connection: sa.Connection, years: Iterable[int]) -> Masters:
    """Read them; periods of these years only."""
    company = connection.execute(sa.select(bedryf.c.bedrnr, bedryf.c.valcode, bedryf.c.Division)).first()
    enabled = sa.select(kstpl.c.kstplcode).where(kstpl.c.Enabled != 0)
    with as_known(kstpl):
        centres = {key(code): code for code in connection.scalars(enabled) if code}
    with as_known(kstdr):
        units = {key(code): code for code in connection.scalars(sa.select(kstdr.c.kstdrcode)) if code}
    return Masters(
        _accounts(connection),
        _journals(connection),
        _periods(connection, years),
        centres,
        units,
        number=(company.bedrnr if company else "").strip(),
        currency=(company.valcode if company else None) or "EUR",
        division=company.Division if company else None,
    )


@as_known(grtbk)
def _accounts(connection: sa.Connection) -> dict[str, Account]:
    c = grtbk.c
    found: dict[str, Account] = {}
    query = sa.select(c.reknr, c.oms25_0, c.blokkeer, c.omzrek, c.kstplrek, c.kstdrrek).order_by(c.ID)
    for code, name, blocked, subtype, centre, unit in connection.execute(query):
        control = key(subtype) in {"c", "d"}
        found.setdefault(key(code), Account(code or "", name or "", bool(blocked), control, bool(centre), bool(unit)))
    return found


@as_known(dagbk)
def _journals(connection: sa.Connection) -> dict[str, Journal]:
    c = dagbk.c
    query = sa.select(c.ID, c.dagbknr, c.type_dgbk, c.blokkeer, c.lbkstnr)
    return {
        key(code): Journal(row, code or "", key(kind).upper(), bool(blocked), last)
        for row, code, kind, blocked, last in connection.execute(query)
    }


@as_known(perdat)
def _periods(connection: sa.Connection, years: Iterable[int]) -> dict[tuple[int, int], Period]:
    c = perdat.c
    query = sa.select(c.bkjrcode, c.per_fin, c.bgdatum, c.eddatum, c.YearPeriodStatus)
    return {
        (year, period): Period(first.date(), last.date(), bool(status))
        for year, period, first, last, status in connection.execute(query.where(c.bkjrcode.in_(sorted({*years}))))
    }
