"""Restore: from the sealed original to an administration that is with us, under its number and never over anything.

Everything happens in a working copy; it gets its place when it is finished. Until then nobody sees it, and to undo
is to throw it away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import sqlalchemy as sa

from core.administration import catalog, identity, ledger, own
from core.administration.engine import Engine, Mark
from core.administration.globe import bedryf, metadata
from core.errors import NoSpace, Refused
from core.model import Client, Params
from core.operations.checking import (
    Agreed,
    Plain,
    agree,
    agreed,
    by_person,
    engine_at,
    judge_of,
    live,
    perhaps,
    seal_holds,
)
from core.operations.engines import profile_of, target_of
from core.operations.facts import noted_of, side
from core.operations.plan import Facts, makes_room
from core.operations.step import Bench
from core.settings import Settings
from core.triage.rules.who_and_which import alike

NEEDED = ("amutak", "amutas", "bedryf", "dagbk", "gbkmut", "grtbk", "humres", "perdat")
"""Without these an administration can neither be worked on nor handed back."""


def firm_of(settings: Settings) -> identity.Firm:
    """Who the firm is."""
    firm = settings.firm
    return identity.Firm(firm.name, firm.licence or "", firm.users, firm.role)


class Check(Plain):
    """The verdict again, the seal again, the number still free."""

    def do(self, bench: Bench) -> Params:
        """Raises Refused, VaultError."""
        facts, made = live(bench)
        seal = seal_holds(bench, facts)
        old = asdict(facts.stands) if makes_room(facts) and facts.stands else None
        found = agree(bench, facts, made, old=old)
        engine = engine_at(bench, found)
        bench.keep("sides", _sides(bench, facts))
        verdict = made.verdict
        assert verdict is not None  # noqa: S101 - without one the plan was refused
        return {**seal, "work": verdict.work.value, "back": verdict.back.value, "free": engine.room() or 0}


def _sides(bench: Bench, facts: Facts) -> dict[str, object]:
    """Both sides as they are now: a return is judged against them."""
    judge = judge_of(bench)
    target = next(each for each in judge.targets if facts.target and each.name == facts.target.name)
    client = facts.client or Client("")
    return {
        "target": asdict(side(target, judge)),
        "client": {"product_update": facts.client_update, "sql_release": facts.client_release},
        "noted": noted_of(client),
    }


class Room(Plain):
    """Enough of it, before the first byte is written."""

    def do(self, bench: Bench) -> Params:
        """Raises NoSpace."""
        found = agreed(bench)
        need, free = found.need, engine_at(bench, found).room()
        if free is not None and free < need:
            raise NoSpace("target-full", target=found.target, need=need, free=free)
        return {"need": need, "free": -1 if free is None else free}


class Aside(Plain):
    """What went back already yields: renamed and read-only, its number free."""

    def do(self, bench: Bench) -> Params:
        """Harmless when done."""
        found = agreed(bench)
        old = old_mark(found)
        name = aside_name(old, bench.id)
        bench.work.log("note", f"{found.target}/{found.number} -> {name}")
        engine_at(bench, found).set_aside(found.number, name, old, bench.work)
        return {"name": name, "delivery": old.delivery}

    def undo(self, bench: Bench) -> None:
        """Bring it back."""
        found = perhaps(bench)
        if found is not None:
            engine_at(bench, found).bring_back(aside_name(old_mark(found), bench.id), found.number, bench.work)


def old_mark(found: Agreed) -> Mark:
    """Whose goes aside."""
    return Mark(**(found.old or {}))


def aside_name(mark: Mark, operation: str) -> str:
    """What an administration that was set aside is called: unique, and made of our own words only."""
    return f"{mark.number}-{mark.delivery}-{operation}"


class Unpack(Plain):
    """The sealed original, unpacked into a working copy. Asked again, so that nothing stays beside a whole one."""

    def do(self, bench: Bench) -> Params:
        """Raises NoSpace, BadFormat."""
        found = agreed(bench)
        engine = engine_at(bench, found)
        engine.bring_in(bench.vault.path(found.delivery), engine.draft(bench.id), bench.work)
        return {}

    def undo(self, bench: Bench) -> None:
        """Throw it away."""
        found = perhaps(bench)
        if found is not None:
            engine = engine_at(bench, found)
            engine.discard(engine.draft(bench.id), bench.work)


@contextmanager
def draft(bench: Bench, *, write: bool = False) -> Iterator[sa.Connection]:
    """The working copy."""
    engine = engine_at(bench, agreed(bench))
    with engine.open(engine.draft(bench.id), bench.work, write=write) as connection:
        yield connection


@contextmanager
def _brought_in(bench: Bench) -> Iterator[sa.Connection]:
    """The administration as it came."""
    if bench.register.plan(bench.id).route != "guided":
        with draft(bench) as connection:
            yield connection
        return
    found = agreed(bench)
    engine = engine_at(bench, found)
    with engine.open(engine.place(found.number), bench.work) as connection:
        yield connection


class Look(Plain):
    """Is it what the verdict was given on, and nothing besides? Nothing changes."""

    def do(self, bench: Bench) -> Params:
        """Raises Refused (`look-...`)."""
        found = agreed(bench)
        with draft(bench) as connection:
            names = [name for name in catalog.names(connection) if not catalog.ours(name)]
            _known_tables(names, found, bench)
            company = right_company(bench, found, connection)
        return {"company": company, "tables": len(names)}


def _known_tables(names: list[str], found: Agreed, bench: Bench) -> None:
    there, known = {name.casefold() for name in names}, {name.casefold() for name in metadata.tables}
    missing = next((name for name in NEEDED if name not in there), None)
    if missing:
        raise Refused("look-missing", table=missing)
    strange = next(iter(sorted(there - known)), None)
    # A practice package is ours and holds what we know; a real administration has hundreds of tables that we do not.
    if strange and target_of(bench.settings, found.target).engine == "embedded":
        raise Refused("look-strange", table=strange)


def right_company(bench: Bench, found: Agreed, connection: sa.Connection) -> str:
    """One company, the right number, the right name: that name. Nothing changes. Raises Refused (`look-...`)."""
    rows = connection.execute(sa.select(bedryf.c.bedrnr, bedryf.c.bedrnm)).all()
    if len(rows) != 1:
        raise Refused("look-companies", count=len(rows))
    number, company = (str(value or "").strip() for value in rows[0])
    if number != found.number:
        raise Refused("look-number", inside=number, number=found.number)
    right_name(bench, found, company)
    return company


def right_name(bench: Bench, found: Agreed, company: str) -> None:
    """The name inside against the register's; bound by hand, the operator has answered that already (rule 502).

    Raises Refused (`look-company`).
    """
    if bench.register.delivery(found.delivery).bound_how == "operator":
        return
    client = bench.register.client(found.client)
    known = [each.name for each in client.administrations if each.number == found.number] or [client.name]
    known = [name for name in (*known, client.name) if name]
    if known and not any(alike(company, name, "company_name") for name in known):
        raise Refused("look-company", inside=company, client=found.client, registered=", ".join(known))


class Baseline:
    """What it was when it came: totals, and row count and digest of every table."""

    def did(self, bench: Bench) -> bool:
        """It is in the register."""
        return bench.kept("baseline") is not None

    def do(self, bench: Bench) -> Params:
        """Read everything once: the working copy, or what the wizard brought in."""
        with _brought_in(bench) as connection:
            made = ledger.baseline(connection, bench.work.check)
        bench.keep("baseline", made.to_json())
        return {"tables": len(made.digests), "lines": made.totals.lines, "total": str(made.totals.total)}

    def undo(self, bench: Bench) -> None:
        """A note in the register hurts nobody."""


class Upgrade:
    """What Globe does when it opens an administration of an older product update (rule 303)."""

    def did(self, bench: Bench) -> bool:
        """Has it the target's already?"""
        with draft(bench) as connection:
            return connection.execute(sa.select(bedryf.c.Batchlevel)).scalar() == _theirs_and_ours(bench)[1]

    def do(self, bench: Bench) -> Params:
        """One statement."""
        theirs, ours = _theirs_and_ours(bench)
        with draft(bench, write=True) as connection:
            connection.execute(sa.update(bedryf).values(Batchlevel=ours))
        return {"theirs": theirs, "ours": ours}

    def undo(self, bench: Bench) -> None:
        """The working copy goes as a whole."""


def _theirs_and_ours(bench: Bench) -> tuple[int, int]:
    return int(bench.step.params["theirs"]), int(bench.step.params["ours"])


class Swap:
    """The client's identity becomes dormant, the firm's active: one transaction. The register keeps the record."""

    def did(self, bench: Bench) -> bool:
        """Here and in the register."""
        if bench.kept("dormant") is None:
            return False
        with draft(bench) as connection:
            return own.did(connection, bench.id, identity.STEP)

    def do(self, bench: Bench) -> Params:
        """Raises Refused where the firm and the client share a login."""
        found = agreed(bench)
        client = bench.register.client(found.client)
        with draft(bench, write=True) as connection:
            own.prepare(connection, found.mark)
            dormant = identity.swap_in(
                connection, firm_of(bench.settings), bench.order.colleagues, operation=bench.id,
                client_logins=client.logins, profile=profile_of(bench.settings, found.target),
            )  # fmt: skip
        bench.keep("dormant", dormant.to_json())
        return {"asleep": len(dormant.users), "awake": len(dormant.people)}

    def undo(self, bench: Bench) -> None:
        """The working copy goes as a whole; without it the record says nothing."""


class Place:
    """The working copy gets its place."""

    def did(self, bench: Bench) -> bool:
        """Does it stand there, with our mark?"""
        found = agreed(bench)
        return engine_at(bench, found).occupied(found.number) == found.mark

    def do(self, bench: Bench) -> Params:
        """Raises Refused (`number-taken`): never over anything."""
        found = agreed(bench)
        engine: Engine = engine_at(bench, found)
        engine.put(engine.draft(bench.id), found.number, bench.work)
        return {"number": found.number, "target": found.target}

    def undo(self, bench: Bench) -> None:
        """Away from its place again, if it is ours."""
        found = perhaps(bench)
        if found is not None:
            engine = engine_at(bench, found)
            engine.take_back(found.number, engine.draft(bench.id), found.mark, bench.work)


class Custody(Plain):
    """It is with us from here on."""

    def did(self, bench: Bench) -> bool:
        """The register says so: past this nothing is undone."""
        found = perhaps(bench)
        return found is not None and any(
            (each.target, each.number, each.returned_at) == (found.target, found.number, None)
            for each in bench.register.held(found.delivery)
        )

    def do(self, bench: Bench) -> Params:
        """Note it where everybody looks, and in the log that nobody can change."""
        found = agreed(bench)
        bench.register.hold(
            found.target, found.number, name=found.name, client=found.client, delivery=found.delivery,
            operation=bench.id, at=bench.now(),
        )  # fmt: skip
        if found.old is not None:
            old = old_mark(found)
            detail: Params = {"number": old.number, "target": found.target, "by": found.delivery}
            bench.register.once(
                bench.id, bench.step.number, "made-room", who=bench.who, delivery=old.delivery, client=old.client,
                detail=detail, at=bench.now(),
            )  # fmt: skip
        detail = {"number": found.number, "target": found.target, "sha256": found.sha256, **by_person(bench)}
        if bench.order.not_isolated:
            detail["override"] = "not-isolated"
        bench.register.once(
            bench.id, bench.step.number, "restored", who=bench.who, delivery=found.delivery, client=found.client,
            detail=detail, at=bench.now(),
        )  # fmt: skip
        return {}
