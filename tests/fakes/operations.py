"""The operations of a desk without an office: plans, what was ordered, what is with us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.errors import NotFound
from core.model import (
    Answer,
    Consent,
    DryRun,
    EntryLine,
    Held,
    Kind,
    OperationDetail,
    OperationLine,
    OperationRow,
    OperationState,
    Order,
    Output,
    Plan,
    PlanStep,
    Reason,
    Severity,
    Step,
    StepState,
    TrialLine,
    Verdict,
)

NOW = datetime(2026, 11, 3, 14, 2, 30, tzinfo=UTC)
SHA = "3f9c0b6f8d2e4a7195c3d8e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3a1"
SEAL = "SHA-256 3f9c..a1"
DATABASE = "humres HRRoles pwrole PracticeLicence"
PACKAGE = "20261103 418 2014 Bakkerij Smit.ebu"

RESTORE_STEPS = (
    PlanStep(1, "check", {"delivery": "D-2417"}, SEAL),
    PlanStep(2, "room", {"target": "sql14"}, need={"room": 1_900_000_000}),
    PlanStep(3, "unpack", {"delivery": "D-2417"}, undo="discard"),
    PlanStep(4, "look", {"number": "007"}),
    PlanStep(5, "baseline"),
    PlanStep(6, "upgrade", {"theirs": 418, "ours": 421}, "bedryf.Batchlevel 418 -> 421", undo="discard"),
    PlanStep(
        7, "swap", {}, DATABASE, undo="discard", statements=("UPDATE humres SET blocked = 1 WHERE res_id = 1", "COMMIT")
    ),
    PlanStep(8, "place", {"number": "007", "target": "sql14"}, "-> sql14/007", undo="take-back"),
    PlanStep(9, "custody", final=True),
)
CORRECT_STEPS = (
    PlanStep(1, "check", {"delivery": "D-2418"}),
    PlanStep(2, "before"),
    PlanStep(3, "book", {"entries": 1, "lines": 3}, "amutak +1 amutas +3 gbkmut +3", undo="unbook"),
    PlanStep(4, "verify"),
    PlanStep(5, "custody", final=True),
)
RETURN_STEPS = (
    PlanStep(1, "check", {"delivery": "D-2418"}, SEAL),
    PlanStep(2, "sound"),
    PlanStep(3, "copy", undo="discard", need={"room": 950_000_000}),
    PlanStep(4, "swap", effect=DATABASE, undo="discard"),
    PlanStep(5, "pack", {"file": PACKAGE}, PACKAGE, undo="remove"),
    PlanStep(6, "prove", {"file": PACKAGE}),
    PlanStep(7, "outbox", {"file": PACKAGE}, undo="remove"),
    PlanStep(8, "release", {"client": "KLM-044"}, final=True),
    PlanStep(9, "handover"),
)
HAND_OVER_STEPS = (
    PlanStep(1, "send", {"file": PACKAGE, "client": "KLM-044"}, guided=True),
    PlanStep(2, "confirm", {"file": PACKAGE}, SEAL, final=True),
)
AWAY_STEPS = (
    PlanStep(1, "check", {"delivery": "D-2418"}, SEAL),
    PlanStep(2, "aside", {"number": "120", "target": "sql16a"}, "sql16a/120", undo="bring-back"),
    PlanStep(3, "custody", final=True),
)
STEPS = {
    Kind.RESTORE: RESTORE_STEPS,
    Kind.CORRECT: CORRECT_STEPS,
    Kind.REVERSE: CORRECT_STEPS,
    Kind.RETURN: RETURN_STEPS,
    Kind.HAND_OVER: HAND_OVER_STEPS,
    Kind.SET_ASIDE: AWAY_STEPS,
    Kind.REOPEN: AWAY_STEPS,
}


def entry_line(account: str, name: str, text: str, amount: str) -> EntryLine:
    """A line of the one entry."""
    return EntryLine(
        "26900012", "90", 2026, 10, "2026-10-31", account, name, text, Decimal(amount), "VERV" * (amount[0] != "-")
    )


DRY_RUN = DryRun(
    lines=(
        entry_line("4200", "Autokosten", "Brandstof oktober", "1210.00"),
        entry_line("1520", "Te vorderen BTW", "Brandstof oktober", "254.10"),
        entry_line("1600", "Tussenrekening", "Brandstof oktober", "-1464.10"),
    ),
    trial=(
        TrialLine("1520", "Te vorderen BTW", Decimal("10480.55"), Decimal("10734.65")),
        TrialLine("1600", "Tussenrekening", Decimal("0.00"), Decimal("-1464.10")),
        TrialLine("4200", "Autokosten", Decimal("22019.80"), Decimal("23229.80")),
    ),
    total_before=Decimal(0),
    total_after=Decimal(0),
)


def plan_of(order: Order, client: str, name: str, number: str, verdict: Verdict | None) -> Plan:
    """What the order would do."""
    one_way = order.kind is Kind.RESTORE and verdict is not None and verdict.back is Answer.NO
    typed = one_way or order.kind is Kind.RETURN
    needs_verdict = order.kind in {Kind.RESTORE, Kind.RETURN}
    return Plan(
        order=order,
        client=client,
        client_name=name,
        number=number,
        administration=name,
        target=order.target or "sql16a",
        route="machine",
        route_why="practice",
        consent=Consent.TYPED if typed else Consent.YES,
        steps=STEPS[order.kind],
        verdict=verdict if needs_verdict else None,
        conditions=tuple(each for each in verdict.reasons if each.override) if verdict and needs_verdict else (),
        dry_run=DRY_RUN if order.kind in {Kind.CORRECT, Kind.REVERSE} else None,
    )


REFUSAL = Reason(501, Severity.WARNING, Answer.CONDITIONAL, Answer.UNKNOWN)


def step(planned: PlanStep, state: StepState, *, percent: int | None = None) -> Step:
    """A step as it went: each took as many seconds as its number."""
    began = NOW - timedelta(minutes=20 - planned.number)
    over = state in {StepState.DONE, StepState.UNDONE, StepState.FAILED}
    return Step(
        planned.number, planned.name, state, planned.params, planned.undo, planned.effect, planned.guided,
        planned.final, percent, began if state is not StepState.TODO else None,
        began + timedelta(seconds=planned.number) if over else None,
    )  # fmt: skip


def went(kind: Kind, done: int, now: StepState = StepState.DONE, percent: int | None = None) -> tuple[Step, ...]:
    """The first `done` steps are done, the next one is `now`, the others wait their turn."""
    steps = []
    for planned in STEPS[kind]:
        state = StepState.DONE if planned.number <= done else now if planned.number == done + 1 else StepState.TODO
        steps.append(step(planned, state, percent=percent if state is StepState.RUNNING else None))
    return tuple(steps)


def operation(
    number: int,
    kind: Kind,
    delivery: str,
    state: OperationState,
    *,
    client: str = "KLM-044",
    adm: str = "120",
    target: str = "sql16a",
    at: int = 0,
    percent: int | None = None,
    who: str = "anja",
    **more: object,
) -> OperationRow:
    """One line of the list."""
    asked = NOW - timedelta(minutes=10 * (9 - number)) if number > 5 else NOW - timedelta(days=9 - number)
    return OperationRow(
        f"O-{number:04d}", kind, delivery, client, adm, target, state, who, asked, asked + timedelta(seconds=1),
        asked + timedelta(minutes=4) if state.over else None, at, len(STEPS[kind]), percent, **more,  # type: ignore[arg-type]
    )  # fmt: skip


RUNNING = operation(
    8, Kind.RESTORE, "D-2417", OperationState.RUNNING, client="ABC-012", adm="007", target="sql14", at=4, percent=61
)
WAITING = operation(7, Kind.HAND_OVER, "D-2410", OperationState.WAITING, client="GHI-310", adm="003", target="", at=1)
QUEUED = operation(9, Kind.RESTORE, "D-2416", OperationState.REQUESTED, client="ABC-013", adm="031", target="sql14")
OPERATIONS = (
    QUEUED,
    RUNNING,
    WAITING,
    operation(6, Kind.RETURN, "D-2410", OperationState.DONE, client="GHI-310", adm="003", at=9),
    operation(5, Kind.CORRECT, "D-2418", OperationState.DONE, at=5),
    operation(
        4,
        Kind.CORRECT,
        "D-2418",
        OperationState.UNDONE,
        at=3,
        outcome="error.limit",
        params={"what": "gbkmut", "found": 9},
    ),
    operation(3, Kind.RESTORE, "D-2410", OperationState.CANCELLED, client="GHI-310", adm="003", at=6, who="bram"),
    operation(2, Kind.RESTORE, "D-2418", OperationState.DONE, at=9),
    operation(1, Kind.SET_ASIDE, "D-2405", OperationState.FAILED, client="DEF-201", adm="112", at=2),
)


def held(number: str, name: str, client: str, delivery: str, target: str, **more: object) -> Held:
    """An administration at a target."""
    return Held(target, number, name, client, name, delivery, **more)  # type: ignore[arg-type]


AGO = timedelta(minutes=1)
HELD = (
    held(
        "003",
        "Hofman Groen",
        "GHI-310",
        "D-2410",
        "sql16a",
        since=NOW - timedelta(days=40),
        returned_at=NOW - 20 * AGO,
        corrections=2,
    ),
    held("120", "Kalma Transport", "KLM-044", "D-2418", "sql16a", since=NOW - timedelta(days=8), corrections=1),
    held("007", "Bakkerij Smit", "ABC-012", "D-2417", "sql14", since=NOW - 4 * AGO, operation="O-0008"),
)


def detail_of(row: OperationRow) -> OperationDetail:
    """Steps, log and files that fit the row."""
    match row.state:
        case OperationState.RUNNING:
            steps = went(row.kind, row.step - 1, StepState.RUNNING, row.percent)
        case OperationState.WAITING:
            steps = went(row.kind, row.step - 1, StepState.WAITING)
        case OperationState.REQUESTED:
            steps = went(row.kind, 0, StepState.TODO)
        case OperationState.DONE:
            steps = went(row.kind, row.steps)
        case _:
            back = StepState.FAILED if row.state is OperationState.FAILED else StepState.UNDONE
            steps = tuple(step(each, back if each.number <= row.step else StepState.TODO) for each in STEPS[row.kind])
    log = tuple(
        OperationLine(place, NOW - timedelta(minutes=19) + timedelta(seconds=place), 1 + place // 2, kind, text)
        for place, (kind, text) in enumerate(LOG)
    )
    done = row.state is OperationState.DONE and row.kind is Kind.RETURN
    outputs = (Output(f"/srv/wissel/outbox/GHI-310/D-2410/{PACKAGE}", SHA),) if done else ()
    order = Order(row.kind, row.delivery, row.target)
    return OperationDetail(row, order, steps, outputs, log, DRY_RUN if row.kind is Kind.CORRECT else None)


LOG = (
    ("file", "sha256 vault/D-2417/original 3f9c0b6f8d2e4a7195c3d8e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3a1"),
    ("note", "seal as noted at intake"),
    ("file", "statvfs administrations/sql14"),
    ("file", "write work/O-0008-draft.sqlite"),
    ("sql", "SELECT name, type FROM sqlite_master ORDER BY name"),
    ("sql", "UPDATE humres SET blocked = 1, emp_stat = 'I' WHERE res_id IN (1, 2, 3)"),
)


class FakeOperations:
    """The part of the fake desk that plans, takes orders and follows them."""

    fail: dict[str, Exception]
    ordered: list[tuple[str, ...]]
    beat: int

    def __init__(self) -> None:
        self.rows_of_operations: list[OperationRow] = []
        self.details: dict[str, OperationDetail] = {}
        self.held_ones: tuple[Held, ...] = ()
        self.planned: list[Order] = []
        self.plans: dict[Kind, Plan] = {}

    def work(self) -> None:
        """From now on there is something of everything."""
        self.rows_of_operations, self.held_ones = list(OPERATIONS), HELD

    def _call(self, name: str) -> None:
        raise NotImplementedError

    def _whose(self, delivery: str) -> tuple[str, str, str]:
        raise NotImplementedError

    def _verdict(self, delivery: str, target: str) -> Verdict | None:
        raise NotImplementedError

    def plan(self, order: Order, /) -> Plan:
        """As prepared, or one that fits."""
        self._call("plan")
        self.planned.append(order)
        if order.kind in self.plans:
            return replace(self.plans[order.kind], order=order)
        return plan_of(order, *self._whose(order.delivery), self._verdict(order.delivery, order.target))

    def order(self, order: Order, /, *, consent: str = "") -> OperationRow:
        """Noted, and running."""
        self._call("order")
        self.ordered.append(("order", str(order.kind), order.delivery, consent))
        number = 10 + len(self.rows_of_operations)
        client, _, adm = self._whose(order.delivery)
        row = operation(
            number,
            order.kind,
            order.delivery,
            OperationState.RUNNING,
            client=client,
            adm=adm,
            target=order.target,
            at=1,
        )
        self.rows_of_operations.insert(0, row)
        self.beat += 1
        return row

    def operations(
        self, *, open_only: bool = False, delivery: str | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[Sequence[OperationRow], int]:
        """Newest first."""
        self._call("operations")
        found = [row for row in self.rows_of_operations if not (open_only and row.state.over)]
        found = [row for row in found if delivery in {None, row.delivery}]
        return found[offset : offset + limit], len(found)

    def operation(self, operation: str, /) -> OperationDetail:
        """A detail that fits the row."""
        self._call("operation")
        row = next((each for each in self.rows_of_operations if each.id == operation), None)
        if row is None:
            raise NotFound("operation", id=operation)
        return self.details.get(operation) or detail_of(row)

    def now_is(self, name: str, **changes: object) -> None:
        """The operation went on."""
        changed = [replace(row, **changes) if row.id == name else row for row in self.rows_of_operations]  # type: ignore[arg-type]
        self.rows_of_operations = changed
        self.beat += 1

    def cancel(self, operation: str, /) -> OperationRow:
        """Noted."""
        self._call("cancel")
        self.ordered.append(("cancel", operation))
        self.now_is(operation, cancelling="anja")
        return self.operation(operation).row

    def answer(self, operation: str, text: str, /) -> OperationRow:
        """Noted, and it goes on."""
        self._call("answer")
        self.ordered.append(("answer", operation, text))
        self.now_is(operation, state=OperationState.RUNNING, step=2)
        return self.operation(operation).row

    def held(self) -> Sequence[Held]:
        """As set."""
        self._call("held")
        return self.held_ones
