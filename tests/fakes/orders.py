"""Plans and operations for the command line's tests, and the part of the fake office that deals in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from core.errors import Busy, NotFound, Refused
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
from core.office.orders import agree

AT = datetime(2026, 3, 2, 13, 1, 5, tzinfo=UTC)
FINISHED = {"operation", "state", "steps", "outputs"}
"""What ordering answers with as JSON: a fixed contract."""

UPDATE = Reason(303, Severity.WARNING, None, Answer.CONDITIONAL, params={"client": 418, "target": 421})
VERDICT = Verdict("sql19", Answer.YES, Answer.CONDITIONAL, (UPDATE,))
STEPS = (
    PlanStep(1, "check", {"delivery": "D-0001"}, effect="SHA-256 3f9c..a1"),
    PlanStep(2, "swap", effect="humres", undo="discard", statements=("UPDATE humres SET blocked = 1",)),
    PlanStep(3, "custody", final=True),
)
BOOKED = DryRun(
    lines=(
        EntryLine("26900001", "90", 2026, 2, "2026-02-28", "4000", "Huur", "Huur februari", Decimal("1234.50")),
        EntryLine("26900001", "90", 2026, 2, "2026-02-28", "1600", "Crediteuren", "Huur", Decimal("-1234.50")),
    ),
    trial=(TrialLine("4000", "Huur", Decimal(0), Decimal("1234.50")),),
    total_before=Decimal(0),
    total_after=Decimal(0),
)


def planned(order: Order, **changes: object) -> Plan:
    """A plan that may be carried out."""
    consent = Consent.TYPED if order.kind is Kind.RETURN else Consent.YES
    made = Plan(
        order=replace(order, target=order.target or "sql19"),
        client="ABC-012",
        client_name="Bakker BV",
        number="120",
        administration="Bakker",
        target="sql19",
        route="machine",
        route_why="practice",
        consent=consent,
        steps=STEPS,
        verdict=VERDICT,
        conditions=(UPDATE,),
        dry_run=BOOKED if order.kind is Kind.CORRECT else None,
        instance="sql19",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names fields that exist


def operation(number: int, state: OperationState = OperationState.REQUESTED, **changes: object) -> OperationRow:
    """A line of the list of operations."""
    made = OperationRow(
        id=f"O-{number:04d}",
        kind=Kind.RESTORE,
        delivery="D-0001",
        client="ABC-012",
        number="120",
        target="sql19",
        state=state,
        who="jan",
        requested_at=AT,
        steps=len(STEPS),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # as above


def detail(row: OperationRow, order: Order | None = None) -> OperationDetail:
    """Everything of an operation, its steps as its state says."""
    done = {OperationState.DONE: StepState.DONE, OperationState.REQUESTED: StepState.TODO}
    state = done.get(row.state, StepState.UNDONE)
    return OperationDetail(
        row=row,
        order=order or Order(row.kind, row.delivery),
        steps=tuple(Step(each.number, each.name, state, each.params, each.undo, each.effect) for each in STEPS),
        outputs=(Output("/outbox/ABC-012/a.ebu", "3f" * 32),) if row.state is OperationState.DONE else (),
        log=(OperationLine(1, AT, 2, "sql", "UPDATE humres SET blocked = 1"),),
        dry_run=BOOKED if row.kind is Kind.CORRECT else None,
    )


HELD = Held("sql19", "120", "Bakker", "ABC-012", "Bakker BV", "D-0001", AT, corrections=1)


@dataclass
class FakeOrders:
    """What the verbs that order ask of an office. What becomes of an order, the test says."""

    read_only: bool = False
    orders: list[tuple[object, ...]] = field(default_factory=list)
    planner: Callable[[Order], Plan] = planned
    ends: OperationState = OperationState.DONE
    """How an ordered operation stands when it is looked at for the second time."""
    row_changes: dict[str, object] = field(default_factory=dict)
    ordered: list[tuple[OperationRow, Order]] = field(default_factory=list)
    stood: list[Held] = field(default_factory=list)
    looks: int = 0

    def plan(self, order: Order, /) -> Plan:
        """As the test says."""
        return self.planner(order)

    def order(self, order: Order, /, *, consent: str = "") -> OperationRow:
        """Refused, busy, or noted."""
        self._order("order", order.kind, consent)
        for row, _ in self.ordered:
            if not row.state.over:
                raise Busy("operation-open", id=row.id, delivery=row.delivery)
        plan = self.planner(order)
        if plan.refusal is not None:
            raise Refused("plan-refused", rule=plan.refusal.rule, text="because")
        agree(plan, consent)
        made = operation(len(self.ordered) + 1, kind=order.kind, delivery=order.delivery)
        self.ordered.append((made, order))
        return made

    def operations(
        self, *, open_only: bool = False, delivery: str | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[Sequence[OperationRow], int]:
        """Newest first."""
        found = [row for row, _ in reversed(self.ordered)]
        found = [row for row in found if not (open_only and row.state.over) and delivery in (None, row.delivery)]
        return found[offset : offset + limit], len(found)

    def operation(self, operation: str, /, *, lines: int = 200) -> OperationDetail:
        """It comes to its end when it is looked at for the second time."""
        place = next((place for place, (row, _) in enumerate(self.ordered) if row.id == operation), None)
        if place is None:
            raise NotFound("operation", id=operation)
        row, order = self.ordered[place]
        self.looks += 1
        if self.looks > 1 and not row.state.over:
            ended = replace(row, state=self.ends, **self.row_changes)  # type: ignore[arg-type]  # as above
            self.ordered[place] = ended, order
        return detail(self.ordered[place][0], order)

    def cancel(self, operation: str, /) -> OperationRow:
        """As the register would."""
        self._order("cancel", operation)
        row = self.operation(operation).row
        if row.state.over:
            raise Refused("operation-over", id=row.id)
        at_once = row.state is OperationState.REQUESTED
        return replace(row, state=OperationState.CANCELLED if at_once else row.state, cancelling="jan")

    def answer(self, operation: str, text: str, /) -> OperationRow:
        """Noted."""
        self._order("answer", operation, text)
        return self.operation(operation).row

    def held(self) -> Sequence[Held]:
        """As the test says."""
        return tuple(self.stood)

    def _order(self, *order: object) -> None:
        if self.read_only:
            raise Refused("read-only")
        self.orders.append(order)
