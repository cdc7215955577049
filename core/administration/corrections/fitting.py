"""Does an entry set fit an administration? Each objection is a sentence `refused.entry-<variant>` of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import sqlalchemy as sa

from core.administration.corrections.applied import reversals, standing
from core.administration.corrections.entries import Entry, EntrySet, Line, plain
from core.administration.corrections.masters import GENERAL, Masters, key
from core.administration.corrections.numbering import Place
from core.model import Reason, Severity

_MOST = 50
"""Whoever has to read more starts with these."""

Objection = tuple[str, Mapping[str, str | int]]


def objections(
    connection: sa.Connection, entries: EntrySet, known: Masters, places: Sequence[Place]
) -> tuple[Reason, ...]:
    """Why it cannot be booked, each reason once, in the order of the file; the first fifty."""
    found: dict[tuple[object, ...], Reason] = {}
    for variant, params in _all(connection, entries, known, places):
        reason = Reason(0, Severity.BLOCK, variant=f"entry-{variant}", params=params)
        # The same account is wrong on a thousand lines: the first place says enough.
        found.setdefault((variant, *(value for name, value in params.items() if name != "place")), reason)
        if len(found) == _MOST:
            break
    return tuple(found.values())


def _all(connection: sa.Connection, entries: EntrySet, known: Masters, places: Sequence[Place]) -> Iterator[Objection]:
    yield from _once(connection, entries)
    for entry, place in zip(entries.entries, places, strict=True):
        yield from _journal(entry, known, place)
        yield from _period(entry, known)
        for line in entry.lines:
            yield from _line(line, known)
        yield from _balance(entry)


def _once(connection: sa.Connection, entries: EntrySet) -> Iterator[Objection]:
    by = reversals(connection)
    if entries.reverses in by:
        yield "reversed", {"operation": entries.reverses, "by": by[entries.reverses]}
    for each in standing(connection):
        if each.digest == entries.digest and not each.reversed_by:
            yield "applied", {"operation": each.operation}


def _journal(entry: Entry, known: Masters, place: Place) -> Iterator[Objection]:
    journal = known.journals.get(key(entry.journal))
    at = {"place": entry.place, "journal": entry.journal}
    if journal is None:
        yield "journal", at
    elif journal.kind != GENERAL:
        yield "journal-kind", {**at, "kind": journal.kind or "?"}
    elif journal.blocked:
        yield "journal-blocked", at
    elif not place.number and entry.number:
        yield "number", {**at, "number": entry.number, "year": entry.year}
    elif not place.number:
        yield "numbers", {**at, "year": entry.year}


def _period(entry: Entry, known: Masters) -> Iterator[Objection]:
    period = known.periods.get((entry.year, entry.period))
    at: dict[str, str | int] = {"place": entry.place, "year": entry.year, "period": entry.period}
    if period is None:
        yield "period", at
        return
    if period.closed:
        yield "period-closed", at
    if not period.first <= entry.date <= period.last:
        days = {"date": entry.date, "first": period.first, "last": period.last}
        yield "date", {**at, **{name: day.isoformat() for name, day in days.items()}}


def _line(line: Line, known: Masters) -> Iterator[Objection]:
    at = {"place": line.place, "account": line.account}
    account = known.accounts.get(key(line.account))
    if account is None:
        yield "account", at
    elif account.blocked:
        yield "account-blocked", at
    elif account.control:
        yield "control", at
    yield from _dimension("centre", line.cost_centre, known.centres, at, wanted=bool(account and account.wants_centre))
    yield from _dimension("unit", line.cost_unit, known.units, at, wanted=bool(account and account.wants_unit))
    if not line.amount:
        yield "zero", {"place": line.place}
    exponent = line.amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -2:
        yield "decimals", {"place": line.place, "amount": str(line.amount)}


def _dimension(
    what: str, code: str, known: Mapping[str, str], at: Mapping[str, str | int], *, wanted: bool
) -> Iterator[Objection]:
    if code and key(code) not in known:
        yield what, {"place": at["place"], "code": code}
    if wanted and not code:
        yield f"{what}-missing", at


def _balance(entry: Entry) -> Iterator[Objection]:
    if len(entry.lines) < 2:
        yield "single", {"place": entry.place}
        return
    difference = sum((line.amount for line in entry.lines), Decimal(0))
    if difference:
        yield "balance", {"place": entry.place, "difference": plain(difference)}
