"""Every step of every kind: an error before it undoes everything, a kill right after its effect changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from factory.journey import ENTRY, Killed, Office, rows

from core.errors import NoSpace
from core.model import Kind, OperationState, Order, Params
from core.operations.plan import Facts, plan
from core.operations.step import Bench, StepWork
from core.operations.steps import STEPS


@dataclass
class KilledAfter:
    """The step happens, and nobody hears of it."""

    work: StepWork
    left: int = 1

    def did(self, bench: Bench) -> bool:
        return self.work.did(bench)

    def do(self, bench: Bench) -> Params:
        result = self.work.do(bench)
        if self.left:
            self.left -= 1
            raise Killed
        return result

    def undo(self, bench: Bench) -> None:
        self.work.undo(bench)


def nothing(_office: Office, _delivery: str) -> None:
    """As delivered."""


def with_us(office: Office, delivery: str) -> None:
    office.restore(delivery)


def corrected(office: Office, delivery: str) -> None:
    office.restore(delivery)
    office.correct(delivery)


def before_the_next(office: Office, delivery: str) -> None:
    """The client's last one went back and still stands there; this one is older than it by its age, not by its id."""
    older, _ = office.delivery()
    office.restore(older)
    office.done(Order(Kind.RETURN, older))


@dataclass(frozen=True)
class Case:
    kind: Kind
    ready: Callable[[Office, str], None]
    steps: str
    update: int = 421


CASES = {
    "restore": Case(Kind.RESTORE, nothing, "check room unpack look baseline swap place"),
    "upgrade": Case(Kind.RESTORE, nothing, "upgrade swap place", 418),
    "next": Case(Kind.RESTORE, before_the_next, "aside unpack place"),
    "correct": Case(Kind.CORRECT, with_us, "check before book verify"),
    "reverse": Case(Kind.REVERSE, corrected, "check before book verify"),
    "return": Case(Kind.RETURN, with_us, "check sound copy swap pack prove outbox"),
    "set-aside": Case(Kind.SET_ASIDE, with_us, "check aside"),
    "reopen": Case(Kind.REOPEN, with_us, "check aside"),
}
LAST = {"restore": "custody", "correct": "custody", "return": "release handover", "set-aside": "custody",
        "reopen": "custody", "next": "custody"}  # fmt: skip
UNDONE = [
    (name, step) for name, case in CASES.items() for step in (*case.steps.split(), *LAST.get(name, "").split()[:1])
]
KILLED = [(name, step) for name, case in CASES.items() for step in (*case.steps.split(), *LAST.get(name, "").split())]


def ordered(office: Office, name: str) -> tuple[str, str]:
    case = CASES[name]
    delivery, _ = office.delivery(product_update=case.update)
    case.ready(office, delivery)
    order = Order(case.kind, delivery, entry=ENTRY if case.kind is Kind.CORRECT else "", entry_name="a.toml")
    return delivery, office.order(order)


def seen(office: Office, delivery: str) -> object:
    """Everything that anybody could see of it."""
    place = office.place()
    return (
        office.files(),
        rows(place) if place.exists() else None,
        office.register.held(),
        office.register.delivery(delivery).life,
        [word for word in office.story(delivery) if word not in {"ordered", "operation-undone"}],
        {path.name for path in (office.folder / "outbox").rglob("*.ebu")},
    )


@pytest.mark.parametrize(("name", "step"), UNDONE)
def test_an_error_before_a_step_leaves_everything_as_it_was(office: Office, name: str, step: str) -> None:
    delivery, operation = ordered(office, name)
    office.register.ask_cancel(operation, who="jansen")
    before = seen(office, delivery)
    again = office.order(office.register.operation(operation).order)

    def fail(bench: Bench) -> None:
        if bench.step.name == step:
            office.before = None
            raise NoSpace("no-space", path="here")

    office.before = fail
    detail = office.run(again)
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.no-space"), detail.log
    after = seen(office, delivery)
    assert isinstance(before, tuple)
    assert isinstance(after, tuple)
    for one, other in zip(before, after, strict=True):
        assert _quiet(other) == _quiet(one)


def _quiet(value: object) -> object:
    return [word for word in value if word != "operation-cancelled"] if isinstance(value, list) else value


@pytest.mark.parametrize(("name", "step"), KILLED)
def test_a_kill_after_the_effect_and_before_anybody_knew(office: Office, name: str, step: str) -> None:
    delivery, operation = ordered(office, name)
    kind = CASES[name].kind
    office.steps[kind, step] = KilledAfter(STEPS[kind, step])
    with pytest.raises(Killed):
        office.leg(operation)
    detail = office.run(operation)
    assert detail.row.state is OperationState.DONE, detail.log
    story = office.story(delivery)
    for word in ("restored", "corrected", "reversed", "returned", "set-aside", "reopened"):
        assert story.count(word) <= 1 or (word == "restored" and kind is Kind.REOPEN)
    assert not any(path.split("/")[:2] == ["office", "work"] for path in office.files())
    assert office.register.verify_custody() is None
    if kind is Kind.RETURN:
        assert office.register.delivery(delivery).life == "returned"
        assert len(office.register.open_operations()) == 1, "one hand-over, not two"


def test_there_is_work_for_every_step_that_a_plan_can_name() -> None:
    for kind in Kind:
        for step in plan(Order(kind, "D-0001"), Facts("D-0001")).steps:
            assert (kind, step.name) in STEPS
