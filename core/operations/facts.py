"""Gathers what a plan rests on, as it is now. Only looks: no package is unpacked, nothing is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa

from core.administration.engine import FOREIGN, Engine, Mark, Watching
from core.administration.types import compare
from core.errors import NotFound
from core.formats.filename import SUFFIX, compose
from core.intake.judging import Judge
from core.intake.rooms import vault_of
from core.model import Answer, Circumstances, Client, FactValue, Held, Kind, Order, Target, Verdict
from core.operations.binding import Bound, broken
from core.operations.engines import engine_of, profile_of, target_of
from core.operations.outbox import tidy
from core.operations.plan import MOMENTS, Facts, Side
from core.operations.route import PRACTICE, Route, route_of
from core.register.register import Register
from core.settings import Settings
from core.triage.evidence import with_told
from core.triage.rules.case import Case, release_of

NOTED_OF_CLIENT = ("sql_release", "product_update", "service_pack", "edition", "family")
"""What the register may learn of a client's side while its administration is with us."""
WIZARD = "wizard"
"""Under this name a guided restore keeps what the server says of the database that Globe's wizard brought in."""
NATIVE = ".bak"
"""How the name of a back-up ends that no cabinet holds."""
NAME_BYTES = 180
"""Of an administration's name in a file name: with date, release and suffix it stays below 255."""


def gather(order: Order, register: Register, judge: Judge, settings: Settings, *, running: str = "") -> Facts:
    """The facts for an order. `running` is the operation that asks, when one does: it is not in its own way.

    Raises NotFound (`delivery`), UsageError (an entry file that cannot be read), and what the engine raises.
    """
    return _Gathering(order, register, judge, settings, running).facts()


def side(target: Target, judge: Judge) -> Side:
    """A target as it is now."""
    release = release_of(target, judge.tables)
    label = release.label if release else target.sql_release
    return Side(label, target.product_update, target.service_pack, target.edition, target.family)


def noted_of(client: Client) -> dict[str, str | int]:
    """What the register says of a client's side, to be kept at the restore."""
    values = {fact: getattr(client, fact) for fact in NOTED_OF_CLIENT}
    return {fact: value for fact, value in values.items() if value is not None}


class _Gathering:
    """One order's facts, one source after the other."""

    def __init__(self, order: Order, register: Register, judge: Judge, settings: Settings, running: str) -> None:
        self._order = order
        self._register = register
        self._judge = judge
        self._settings = settings
        self._running = running
        self._record = register.delivery(order.delivery)
        self._delivery = self._record.row.id
        self._evidence = with_told(self._record.evidence, self._record.told)
        self._held = next(iter(register.held(self._delivery)), None)
        self._restore = _last(register, self._delivery, Kind.RESTORE)
        self._sides = (register.kept(self._restore, "sides") or {}) if self._restore else {}
        self._targets = tuple(self._live(each) for each in judge.targets)
        self._around = self._circumstances()
        self._case = Case.of(self._evidence, self._around, judge.tables)

    def facts(self) -> Facts:
        """Everything, by the kind of order."""
        record, number = self._record, self._number()
        facts = Facts(
            delivery=self._delivery,
            client=self._around.client,
            number=number,
            administration=self._name(),
            sha256=record.sha256,
            original=record.sha256 is None or vault_of(self._settings).holds(self._delivery),
            life=record.life,
            held=self._held,
            restored_by=self._restore,
            client_update=self._case.update,
            client_release=self._case.release.label if self._case.release else None,
            firm=bool(self._settings.firm.users and self._settings.firm.licence),
            outbox=self._settings.outbox is not None,
            need=self._case.data_bytes,
            colleagues=self._order.colleagues,
            shared=self._shared(),
        )
        facts = self._at_target(facts)
        facts = replace(facts, busy=self._busy(facts))
        match self._order.kind:
            case Kind.CORRECT | Kind.REVERSE:
                return self._with_entries(facts)
            case Kind.RETURN:
                return self._going_back(facts)
            case Kind.HAND_OVER:
                return self._released(facts)
        return facts

    def _shared(self) -> str:
        """A login of the firm's, or a colleague's, that is the client's as well: nobody could tell them apart."""
        client, firm = self._around.client, (*self._settings.firm.users, *self._order.colleagues)
        theirs = client.logins if client else ()
        return next((login for login in firm if any(compare(login, each) == 0 for each in theirs)), "")

    def _number(self) -> str | None:
        """Where it is at a target, that is its number; what the evidence says by now is compared with it."""
        if self._held is not None and self._order.kind is not Kind.RESTORE:
            return self._held.number
        return self._case.number

    def _name(self) -> str:
        client, known = self._around.client, self._evidence.value("administration_name")
        noted = client.administrations if client else ()
        listed = next((each.name for each in noted if each.number == self._case.number), "")
        return str(known or listed)

    def _circumstances(self) -> Circumstances:
        moment = MOMENTS.get(self._order.kind, "arrival")
        around = self._register.circumstances(self._delivery, self._targets, moment)
        around = replace(around, stage=self._record.stage, firm=self._judge.firm)
        if moment != "return":
            return around
        # Our own swap left a record; where Globe's wizard swapped, it was proven and noted.
        swapped = self._restore and any(self._register.kept(self._restore, name) for name in ("dormant", WIZARD))
        return replace(around, client_now=self._news(around.client), swapped_in=bool(swapped))

    def _news(self, client: Client | None) -> dict[str, FactValue]:
        """What was noted of the client since the restore counts more than its file."""
        before = self._sides.get("noted")
        if client is None or not isinstance(before, Mapping):
            return {}
        return {fact: value for fact, value in noted_of(client).items() if before.get(fact) != value}

    def _live(self, target: Target) -> Target:
        if target.engine != "embedded":
            return target
        return replace(target, free_bytes=engine_of(self._settings, target.name).room())

    def _at_target(self, facts: Facts) -> Facts:
        """The target, its verdict, and what stands there under the number."""
        target = self._target()
        if target is None:
            return facts
        facts = replace(facts, target=target, now=side(target, self._judge))
        if self._order.kind in MOMENTS:
            from core.triage.verdict import judge

            verdict = judge(self._evidence, target, self._around, self._judge.tables, self._targets)
            facts = replace(facts, verdict=verdict)
        route = self._route(target)
        facts = replace(facts, swapped=" ".join(profile_of(self._settings, target.name).tables))
        facts = replace(facts, route=route.word, route_why=route.why, closed=route.closed, laid=self._laid())
        if route.closed or facts.number is None:
            return facts
        engine = engine_of(self._settings, target.name)
        stands = self._stands(engine, facts)
        facts = replace(facts, stands=stands, neighbour=self._neighbour(target, facts.number))
        facts = replace(facts, by_wizard=stands is not None and self._came_by(stands.operation) == "guided")
        if facts.held is None or self._order.kind is Kind.RESTORE:
            return facts
        return replace(facts, broken=self._broken(facts, facts.held, engine))

    def _route(self, target: Target) -> Route:
        if target.engine == "embedded":
            return PRACTICE
        from core.administration.original import mirror_of

        came_by = self._came_by(self._restore) if self._held is not None else ""
        package = ""
        if not came_by and self._record.sha256 is not None:
            mirror = mirror_of(vault_of(self._settings).path(self._delivery))
            package = mirror.why or mirror.unread
        return route_of(target_of(self._settings, target.name), package, came_by)

    def _came_by(self, restore: str) -> str:
        """The route of the restore that brought it in; empty: none did."""
        try:
            return self._register.plan(restore).route if restore else ""
        except NotFound:  # a mark of another office's
            return ""

    def _stands(self, engine: Engine, facts: Facts) -> Mark | None:
        """Whose it is, by the mark inside; of what the wizard brought in, by what the server says of it."""
        number = facts.number or ""
        mark = engine.occupied(number)
        held = [each for each in self._register.held() if facts.target and each.target == facts.target.name]
        known = next((each for each in held if each.number == number), None)
        if mark != FOREIGN or known is None or not isinstance(engine, Watching):
            return mark
        restore = _last(self._register, known.delivery, Kind.RESTORE)
        seen = self._register.kept(restore, WIZARD) if restore else None
        if seen is None or engine.databases().get(number) != seen.get("database"):
            return mark
        sha256 = self._register.delivery(known.delivery).sha256 or ""
        return Mark(known.delivery, known.client, number, sha256, restore)

    def _laid(self) -> str:
        """The sealed original's name where the wizard finds it: its own, as far as a path can hold it."""
        name = self._record.file_name
        stem, dot, suffix = name.rpartition(".")
        return f"{tidy(stem or name, NAME_BYTES)}{dot}{tidy(suffix, 8)}" if dot else tidy(name, NAME_BYTES)

    def _target(self) -> Target | None:
        """Where it is; for a restore where it is to go, or the recommended one."""
        wanted = self._order.target
        if self._order.kind is not Kind.RESTORE:
            wanted = self._held.target if self._held else ""
        elif not wanted:
            from core.triage import verdict

            judged = verdict.judge_all(self._evidence, self._targets, self._around, self._judge.tables)
            # Where none promises anything, the one that comes nearest says why.
            wanted = verdict.best(judged, self._targets) or min(judged, key=_nearest, default=_NOWHERE).target
        found = next((each for each in self._targets if each.name == wanted), None)
        if found is None and self._order.target and self._order.kind is Kind.RESTORE:
            raise NotFound("target", name=self._order.target)
        return found

    def _neighbour(self, target: Target, number: str) -> Held | None:
        there = ((each.target, each.number, each) for each in self._register.held())
        return next(
            (each for at, its, each in there if (at, its) == (target.name, number) and each.delivery != self._delivery),
            None,
        )

    def _broken(self, facts: Facts, held: Held, engine: Engine) -> str:
        bound = Bound(
            delivery=self._delivery,
            client=facts.client.code if facts.client else None,
            number=self._case.number,
            sha256=self._record.sha256,
            restored_by=self._restore,
        )
        found = broken(bound, held, facts.stands)
        return found or ("" if _company(engine, held.number)[0] == held.number else "inside")

    def _busy(self, facts: Facts) -> str:
        """An operation on this delivery, or on what has the number at the target."""
        place = (facts.target.name if facts.target else "", facts.number)
        for row in self._register.open_operations():
            mine = row.delivery == self._delivery or (row.target and (row.target, row.number) == place)
            # A hand-over touches no administration; but two returns of one delivery must not both wait to be sent.
            apart = row.kind is Kind.HAND_OVER and self._order.kind is not Kind.RETURN
            if mine and row.id != self._running and not apart:
                return row.id
        return ""

    def _with_entries(self, facts: Facts) -> Facts:
        """An entry set against the ledger as it is: what is wrong with it, and what it would book."""
        if facts.broken or facts.held is None or facts.target is None or facts.route == "guided":
            return facts
        from core.administration import corrections
        from core.operations.choice import chosen

        engine = engine_of(self._settings, facts.target.name)
        with engine.open(engine.place(facts.held.number)) as connection:
            entries, reverses = chosen(connection, self._order)
            if entries is None:
                return facts
            wrong = corrections.check(connection, entries)
            made = None if wrong else corrections.dry_run(connection, entries)
        return replace(facts, entries=wrong, dry_run=made, reverses=reverses)

    def _going_back(self, facts: Facts) -> Facts:
        noted = self._sides.get("target")
        if isinstance(noted, Mapping):
            facts = replace(facts, noted=Side(**noted))
        if facts.broken or facts.held is None or facts.target is None:
            return facts
        update = _company(engine_of(self._settings, facts.target.name), facts.held.number)[1]
        # At a SQL Server it is Globe that upgrades, and it alone knows: the name says what the client has.
        update = facts.client_update if facts.native else update
        name = _file_name(today(), update, facts.client_release, facts.administration)
        if name and self._bare(facts):
            name = name.removesuffix(SUFFIX) + NATIVE
        return replace(facts, package=name, inside=update)

    def _bare(self, facts: Facts) -> bool:
        """A native back-up goes back as it came: without a cabinet around it."""
        if not facts.native or facts.route != "machine" or not facts.original:
            return False
        from core.administration.original import mirror_of

        return mirror_of(vault_of(self._settings).path(self._delivery)).kind == "bare"

    def _released(self, facts: Facts) -> Facts:
        """What the return that ordered the hand-over laid into the outbox."""
        kept = self._register.kept(self._order.operation, "package") if self._order.operation else None
        if kept is None:
            return facts
        return replace(facts, package=str(kept["file"]), sha256_package=str(kept["sha256"]))


_NOWHERE = Verdict("", Answer.NO, Answer.NO)


def _nearest(verdict: Verdict) -> tuple[int, int, int]:
    return verdict.back.badness, verdict.work.badness, -len(verdict.reasons)


def today() -> date:
    """As the people here count it: it stands in the name of a return back-up."""
    return datetime.now().astimezone().date()


def _file_name(day: date, update: int | None, release: str | None, administration: str) -> str:
    """By the convention; empty where something that it needs is not known."""
    if update is None or not release or not administration:
        return ""
    try:
        return compose(day, update, release, tidy(administration, NAME_BYTES))
    except ValueError:
        return ""


def _company(engine: Engine, number: str) -> tuple[str | None, int | None]:
    """The number that an administration gives itself, and its product update; None: it does not say."""
    from core.administration import catalog

    with engine.open(engine.place(number)) as connection:
        company = catalog.shape(catalog.shapes(connection), "bedryf")
        if company is None or "bedrnr" not in company.table.c:
            return None, None
        there = company.table.c
        update = there["batchlevel"] if "batchlevel" in there else sa.null()
        row = connection.execute(sa.select(there["bedrnr"], update)).first()
    if row is None:
        return None, None
    return str(row[0]).strip(), None if row[1] is None else int(row[1])


def _last(register: Register, delivery: str, kind: Kind) -> str:
    """The last operation of this kind that was carried out on a delivery; empty: none."""
    from core.model import OperationState

    found, _ = register.operations(delivery=delivery, limit=1000)
    return next((each.id for each in found if each.kind is kind and each.state is OperationState.DONE), "")
