"""Corrections inside an administration: do they fit, what would they change, book them, take them out, reverse them.

A reversal (tegenboeking) is an entry set like any other, the same lines negated in the same periods. A reversal is not
reversed in turn: the original entry file can simply be booked again, since it stands no longer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from core.administration import own
from core.administration.corrections import booking
from core.administration.corrections.applied import Standing, record, reversals, standing
from core.administration.corrections.booking import CHANGED, STEP, Booked
from core.administration.corrections.entries import Entry, EntrySet, Line
from core.administration.corrections.fitting import objections
from core.administration.corrections.masters import Account, Masters, key, masters
from core.administration.corrections.numbering import Place, places, whole
from core.administration.globe import gbkmut
from core.administration.ledger.sums import Totals, Year, totals, trial_balance
from core.errors import Refused
from core.model import DryRun, EntryLine, Reason, TrialLine

__all__ = [
    "CHANGED", "STEP", "Booked", "Standing", "book", "check", "dry_run", "expected_change", "reversal", "standing",
    "unbook",
]  # fmt: skip

_GUIDS = 500
"""In one statement: SQL Server takes 2,100 parameters."""
_DESCRIPTION = 60
"""Globe's `oms25 varchar(60)`."""
_ZERO = Decimal(0)


def check(connection: sa.Connection, entries: EntrySet) -> tuple[Reason, ...]:
    """Why it cannot be booked, in the order of the file; empty: it can. At most fifty reasons, each once."""
    return objections(connection, entries, *_against(connection, entries))


def dry_run(connection: sa.Connection, entries: EntrySet) -> DryRun:
    """What it would book. Nothing changes."""
    known, found = _against(connection, entries)
    lines = []
    changes: dict[str, Decimal] = {}
    names: dict[str, str] = {}
    for entry, place in zip(entries.entries, found, strict=True):
        for line in entry.lines:
            shown = _shown(entry, line, place, known.accounts.get(key(line.account)))
            changes[shown.account] = changes.get(shown.account, _ZERO) + line.amount
            names[shown.account] = shown.account_name
            lines.append(shown)
    balances = trial_balance(connection, changes.keys())
    trial = tuple(
        TrialLine(account, names[account], balances[account], balances[account] + changes[account])
        for account in sorted(changes, key=lambda each: (len(each), each))
        if changes[account]
    )
    total = totals(connection).total
    return DryRun(tuple(lines), trial, total, total + sum(changes.values(), _ZERO))


def book(connection: sa.Connection, entries: EntrySet, *, operation: str, author: int, now: datetime) -> Booked:
    """Book it: part of the caller's transaction, and only once for an operation. `author` is `humres.res_id`.

    Raises Refused: `entries-unfit` when it does not fit (any more), `entries-table` when the administration does not
    keep what we write; the caller rolls back.
    """
    if own.did(connection, operation, STEP):
        return booking.booked(record(connection, operation))
    known, found = _against(connection, entries)
    for reason in objections(connection, entries, known, found):
        raise Refused("entries-unfit", place=str(reason.params.get("place", "")), why=reason.variant)
    made = booking.write(connection, entries, known, found, operation=operation, author=author, now=now)
    if _ledger_lines(connection, made.guids) != _expected_lines(entries, made.guids):
        # A trigger, or a column that keeps something else than it is given.
        raise Refused("entries-table", table=gbkmut.name)
    return made


def unbook(connection: sa.Connection, operation: str) -> None:
    """As if it was never booked. Harmless when it was not.

    Raises Refused when somebody changed it since (`entries-changed`) or reversed it (`correction-reversed`).
    """
    if not own.did(connection, operation, STEP):
        return
    _not_reversed(connection, operation)
    booking.take_out(connection, operation, record(connection, operation))


def reversal(connection: sa.Connection, operation: str) -> EntrySet:
    """The entry set that books it back: the same lines negated, in the same periods.

    Raises NotFound (`correction`), and Refused when it is reversed already (`correction-reversed`), is a reversal
    itself (`correction-is-reversal`), or when its lines in the ledger are no longer those that were booked
    (`entries-changed`).
    """
    kept = record(connection, operation)
    booked, made = EntrySet.from_json(kept["set"], operation), booking.booked(kept)
    if booked.reverses:
        raise Refused("correction-is-reversal", operation=operation, reverses=booked.reverses)
    _not_reversed(connection, operation)
    if _ledger_lines(connection, made.guids) != _expected_lines(booked, made.guids):
        raise Refused("entries-changed", operation=operation, table=gbkmut.name)
    pairs = zip(booked.entries, made.numbers, strict=True)
    return EntrySet(tuple(_negated(entry, number) for entry, number in pairs), operation)


def expected_change(entries: EntrySet) -> Totals:
    """What the control totals of the ledger gain."""
    years: dict[int, list[Decimal]] = {}
    for entry in entries.entries:
        years.setdefault(entry.year, []).extend(line.amount for line in entry.lines)
    return Totals(tuple(Year(year, len(found), *_sides(found)) for year, found in sorted(years.items())))


def _sides(amounts: list[Decimal]) -> tuple[Decimal, Decimal]:
    """Debit and credit, both positive."""
    return sum((each for each in amounts if each > 0), _ZERO), -sum((each for each in amounts if each < 0), _ZERO)


def _against(connection: sa.Connection, entries: EntrySet) -> tuple[Masters, list[Place]]:
    known = masters(connection, (entry.year for entry in entries.entries))
    return known, places(connection, known, entries.entries)


def _not_reversed(connection: sa.Connection, operation: str) -> None:
    by = reversals(connection).get(operation)
    if by is not None:
        raise Refused("correction-reversed", operation=operation, by=by)


def _shown(entry: Entry, line: Line, place: Place, account: Account | None) -> EntryLine:
    return EntryLine(
        entry=place.number.strip() or entry.number,
        journal=entry.journal,
        year=entry.year,
        period=entry.period,
        date=entry.date.isoformat(),
        account=account.stored.strip() if account else line.account,
        account_name=account.name if account else "",
        description=line.description,
        amount=line.amount,
        cost_centre=line.cost_centre,
        cost_unit=line.cost_unit,
    )


def _negated(entry: Entry, number: str) -> Entry:
    """Named after what it takes back; the word is Globe's own (its column `storno`), in both languages."""
    lines = tuple(
        replace(line, amount=-line.amount, description=_storno(number, line.description)) for line in entry.lines
    )
    return replace(entry, number="", description=_storno(number, entry.description), lines=lines)


def _storno(number: str, description: str) -> str:
    return f"Storno {number} {description}"[:_DESCRIPTION].rstrip()


LedgerLine = tuple[str, str, int, str, str, int, int]


def _ledger_lines(connection: sa.Connection, guids: tuple[str, ...]) -> list[LedgerLine]:
    """What the ledger holds of these entries, as far as it counts."""
    c = gbkmut.c
    query = sa.select(c.EntryGuid, c.reknr, c.bdr_hfl, c.kstplcode, c.kstdrcode, c.bkjrcode, c.periode)
    found = []
    for at in range(0, len(guids), _GUIDS):
        rows = connection.execute(query.where(c.EntryGuid.in_(guids[at : at + _GUIDS])))
        for guid, account, amount, centre, unit, year, period in rows:
            cents = round((amount or 0) * 100)
            found.append((guid, key(account), cents, key(centre), key(unit), year or 0, whole(period)))
    return sorted(found)


def _expected_lines(entries: EntrySet, guids: tuple[str, ...]) -> list[LedgerLine]:
    found = []
    for entry, guid in zip(entries.entries, guids, strict=True):
        for line in entry.lines:
            codes = (key(line.cost_centre), key(line.cost_unit))
            found.append((guid, key(line.account), int(line.amount * 100), *codes, entry.year, entry.period))
    return sorted(found)
