"""Correction and reversal: one entry set, booked in one transaction that carries its own before-image."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.administration import corrections, ledger, own
from core.administration.corrections import booking
from core.administration.corrections.entries import EntrySet
from core.administration.globe import humres
from core.administration.identity.people import same_text
from core.errors import Refused
from core.model import Kind, Params
from core.operations.checking import Plain, agree, agreed, engine_at, live
from core.operations.choice import chosen
from core.operations.step import Bench

TOUCHED = frozenset(booking.CHANGED)
"""The tables in which a correction writes: all others stay as they were, to the byte."""


@contextmanager
def at_place(bench: Bench, *, write: bool = False) -> Iterator[sa.Connection]:
    """The administration where it stands."""
    found = agreed(bench)
    engine = engine_at(bench, found)
    with engine.open(engine.place(found.number), bench.work, write=write) as connection:
        yield connection


class Check(Plain):
    """With us, bound as it should be, and the entry set fits: on the ledger as it is now."""

    def do(self, bench: Bench) -> Params:
        """Raises Refused, UsageError."""
        facts, made = live(bench)
        agree(bench, facts, made)
        with at_place(bench) as connection:
            entries, reverses = chosen(connection, bench.order)
        if entries is None:
            raise Refused("plan-changed", delivery=facts.delivery)
        bench.keep("entries", entries.to_json())
        return {"entries": len(entries.entries), "reverses": reverses}


def _entries(bench: Bench) -> EntrySet:
    kept: Any = bench.kept("entries")
    if kept is None:
        raise Refused("step-order", name=bench.step.name)
    return EntrySet.from_json(kept)


class Before:
    """What the ledger was: its totals, and the rows of every table that is to stay as it was."""

    def did(self, bench: Bench) -> bool:
        """It is in the register."""
        return bench.kept("before") is not None

    def do(self, bench: Bench) -> Params:
        """Read everything once but the tables that will change: they are compared by their totals."""
        with at_place(bench) as connection:
            made = ledger.baseline(connection, bench.work.check, but=TOUCHED)
        bench.keep("before", made.to_json())
        return {"lines": made.totals.lines, "total": str(made.totals.total)}

    def undo(self, bench: Bench) -> None:
        """A note in the register hurts nobody."""


class Book:
    """The entries, their before-image and the note that they were booked: one transaction."""

    def did(self, bench: Bench) -> bool:
        """The administration says it itself; and the register has the numbers that it got."""
        if bench.kept("booked") is None:
            return False
        with at_place(bench) as connection:
            return own.did(connection, bench.id, booking.STEP)

    def do(self, bench: Bench) -> Params:
        """Raises Refused."""
        entries = _entries(bench)
        with at_place(bench, write=True) as connection:
            author = _author(connection, bench)
            # Globe keeps local time, without a zone.
            now = bench.now().astimezone().replace(tzinfo=None)
            booked = corrections.book(connection, entries, operation=bench.id, author=author, now=now)
        numbers = ", ".join(booked.numbers)
        bench.keep("booked", {"numbers": list(booked.numbers)})
        bench.keep("outcome", {**agreed(bench).told, "numbers": numbers})
        return {"numbers": numbers, "rows": booked.rows}

    def undo(self, bench: Bench) -> None:
        """The before-image back."""
        if bench.kept("entries") is None:
            return
        with at_place(bench, write=True) as connection:
            corrections.unbook(connection, bench.id)


def _author(connection: sa.Connection, bench: Bench) -> int:
    """Who books, as the administration knows them: whoever ordered it, else the first user of the firm."""
    rows = connection.execute(sa.select(humres.c.res_id, humres.c.usr_id)).all()
    users = bench.settings.firm.users
    mine = [login for login in users if same_text(login.rpartition("\\")[2], bench.who)]
    for login in (*mine, *users):
        for row in rows:
            if same_text(row.usr_id, login):
                return int(row.res_id)
    raise Refused("author-unknown", login=", ".join(users))


class Verify(Plain):
    """The totals are those before plus the entry set, and nothing else changed."""

    def do(self, bench: Bench) -> Params:
        """Raises Refused (`verify-...`)."""
        kept: Any = bench.kept("before")
        before = ledger.Baseline.from_json(kept)
        with at_place(bench) as connection:
            after = ledger.baseline(connection, bench.work.check)
        expected = _together(before.totals, corrections.expected_change(_entries(bench)))
        if after.totals != expected:
            raise Refused("verify-totals", expected=str(expected.total), found=str(after.totals.total))
        strange = [name for name in before.changed(after.digests) if name.casefold() not in TOUCHED]
        if strange:
            raise Refused("verify-tables", tables=", ".join(strange))
        bench.keep("after", after.to_json())
        return {"lines": after.totals.lines, "total": str(after.totals.total)}


def _together(before: ledger.Totals, change: ledger.Totals) -> ledger.Totals:
    """Both, year by year."""
    found = {each.year: each for each in before.by_year}
    for each in change.by_year:
        there = found.get(each.year, ledger.Year(each.year, 0, Decimal(0), Decimal(0)))
        found[each.year] = ledger.Year(
            each.year, there.lines + each.lines, there.debit + each.debit, there.credit + each.credit
        )
    return ledger.Totals(tuple(found[year] for year in sorted(found)), before.missing)


class Custody(Plain):
    """It counts from here on: what is to go, is reversed."""

    def did(self, bench: Bench) -> bool:
        """Past the point of no return, the note before the line in the log?"""
        return bench.kept("counts") is not None

    def do(self, bench: Bench) -> Params:
        """One line in the log that nobody can change."""
        found = agreed(bench)
        booked: Any = bench.kept("booked") or {"numbers": []}
        what = "corrected" if bench.order.kind is Kind.CORRECT else "reversed"
        entries = _entries(bench)
        bench.keep("counts", {})
        detail: Params = {
            "number": found.number, "target": found.target, "entries": ", ".join(booked["numbers"]),
            "digest": entries.digest, "reversed": entries.reverses,
        }  # fmt: skip
        bench.register.once(
            bench.id, bench.step.number, what, who=bench.who, delivery=found.delivery, client=found.client,
            detail=detail, at=bench.now(),
        )  # fmt: skip
        return {}
