from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from factory.orders import GUIDED, STEPS, full_plan, planned, sealed
from factory.records import Clock, moment

from core.errors import Busy, NotFound, Refused, RegisterError
from core.model import Kind, OperationState, Order, Output, Plan, StateWord, StepState
from core.register import carrying, plan_codec
from core.register.register import Register, register_file


def ordered(register: Register, plan: Plan) -> str:
    return register.order(plan.order, plan, who="jansen")


def whats(register: Register) -> list[str]:
    return [line.what for line in reversed(register.custody())]


@pytest.fixture
def delivery(register: Register) -> str:
    return sealed(register)


@pytest.fixture
def operation(register: Register, delivery: str) -> str:
    return ordered(register, planned(delivery))


def test_a_whole_operation(register: Register, delivery: str, operation: str, clock: Clock) -> None:
    assert operation == "O-0001"
    clock.at = moment(1)
    register.begin(operation)
    register.step(operation, 1, StepState.RUNNING, percent=40)
    running = register.operation(operation)
    assert (running.row.state, running.row.step, running.row.steps, running.row.percent) == (
        OperationState.RUNNING, 1, 3, 40,
    )  # fmt: skip
    assert register.delivery(delivery).row.state is StateWord.RUNNING
    clock.at = moment(2)
    register.step(operation, 1, StepState.DONE, result={"bytes": 9})
    for number in (2, 3):
        register.step(operation, number, StepState.RUNNING)
        register.step(operation, number, StepState.DONE)
    register.end(operation, OperationState.DONE, "outcome.restore", {"number": "120"}, [Output("/out/a", "ab")])
    over = register.operation("o1")
    assert (over.row.state, over.row.outcome, over.row.params) == (
        OperationState.DONE, "outcome.restore", {"number": "120"},
    )  # fmt: skip
    assert (over.row.requested_at, over.row.started_at, over.row.finished_at) == (moment(), moment(1), moment(2))
    assert (over.row.who, over.row.client, over.row.number, over.row.target) == (
        "jansen", "KLM-044", "120", "oefen16",
    )  # fmt: skip
    assert over.outputs == (Output("/out/a", "ab"),)
    first = over.steps[0]
    assert (first.state, first.result, first.params, first.started_at, first.finished_at) == (
        StepState.DONE, {"bytes": 9}, {"sha256": "3f9c"}, moment(1), moment(2),
    )  # fmt: skip
    assert [(each.name, each.undo, each.effect, each.guided, each.final) for each in over.steps] == [
        (each.name, each.undo, each.effect, each.guided, each.final) for each in STEPS
    ]
    assert register.plan(operation) == planned(delivery)
    assert over.order == planned(delivery).order
    assert register.delivery(delivery).row.state is StateWord.ARRIVING
    assert whats(register)[-1] == "ordered"


def test_doing_it_again_changes_nothing(register: Register, operation: str) -> None:
    def all_of_it() -> None:
        register.begin(operation)
        register.step(operation, 1, StepState.RUNNING, percent=40)
        register.once(operation, 1, "restored", delivery="d-0001", client="KLM-044", detail={"target": "t"})
        register.keep(operation, "k", {"a": 1})

    all_of_it()
    before, pulse = register.operation(operation), register.pulse()
    all_of_it()
    assert (register.operation(operation), register.pulse()) == (before, pulse)
    register.end(operation, OperationState.UNDONE, "error.no-space", {"path": "/x"})
    before, pulse = register.operation(operation), register.pulse()
    register.end(operation, OperationState.DONE, "outcome.restore")
    assert (register.operation(operation), register.pulse()) == (before, pulse)


@pytest.mark.parametrize("name", ["O-0001", "o-1", "o1", "1", " 0001 ", "O1"])
def test_an_operation_goes_by_many_names(register: Register, operation: str, name: str) -> None:
    assert register.operation(name).row.id == operation


@pytest.mark.parametrize("name", ["O-4000", "", "O", "D-0001", "-1", "O-\u0661", "1.2", "9" * 16, "'; DROP"])
def test_unknown_operations_are_not_found(shared: Register, name: str) -> None:
    for ask in (shared.operation, shared.plan, shared.begin, shared.cancel_wanted, shared.ask_cancel):
        with pytest.raises(NotFound, match=r"operation"):
            ask(name)


def test_unknown_deliveries_and_steps_are_not_found(register: Register, operation: str) -> None:
    with pytest.raises(NotFound, match="delivery"):
        ordered(register, planned("D-0009"))
    with pytest.raises(NotFound, match="operation"):
        register.step(operation, 4, StepState.RUNNING)


def test_one_open_operation_for_each_delivery_and_each_place(register: Register, delivery: str, operation: str) -> None:
    other = sealed(register, client="ABC-012", name="b")
    for plan in (planned(delivery, target="elsewhere"), planned(other, client="ABC-012")):
        with pytest.raises(Busy) as caught:
            ordered(register, plan)
        assert (caught.value.key, caught.value.params) == ("operation-open", {"id": operation, "delivery": delivery})
    second = ordered(register, planned(other, number="121", client="ABC-012"))
    register.end(operation, OperationState.UNDONE, "error.no-space")
    third = ordered(register, planned(delivery))
    rows, total = register.operations()
    assert ([row.id for row in rows], total) == ([third, second, operation], 3)
    assert [row.id for row in register.open_operations()] == [second, third]
    assert [row.id for row in register.operations(open_only=True, offset=1)[0]] == [second]
    assert register.operations(delivery=delivery, limit=1) == ((register.operation(third).row,), 2)


def test_operations_without_a_place_are_in_nobody_s_way(register: Register, delivery: str) -> None:
    other = sealed(register, name="b")
    ordered(register, planned(delivery, Kind.REOPEN, target="", number=""))
    ordered(register, planned(other, Kind.REOPEN, target="", number=""))
    assert len(register.open_operations()) == 2


def test_a_hand_over_waits_beside_others_and_leaves_the_delivery_its_word(register: Register, delivery: str) -> None:
    first = ordered(register, planned(delivery, Kind.RETURN))
    waiting = ordered(register, planned(delivery, Kind.HAND_OVER, steps=GUIDED))
    assert register.delivery(delivery).row.operation == register.operation(first).row
    with pytest.raises(Busy, match=waiting):
        ordered(register, planned(delivery, Kind.HAND_OVER, steps=GUIDED))
    another = planned(delivery, Kind.HAND_OVER, steps=GUIDED)
    last = ordered(register, replace(another, order=replace(another.order, operation="O-0099")))
    assert register.page()[0][0].operation == register.operation(first).row
    register.begin(waiting)
    register.wait(waiting, 1)
    register.end(first, OperationState.DONE, "outcome.return")
    register.life(delivery, StateWord.RETURNED)
    for operation, word in ((last, StateWord.RUNNING), (waiting, StateWord.RETURNED)):
        for row in (register.delivery(delivery).row, register.page(f"state:{word}")[0][0]):
            assert (row.state, row.operation) == (word, register.operation(operation).row)
        register.end(last, OperationState.CANCELLED, "outcome.cancelled")
    register.reopen(delivery, "jansen", moment())
    assert ordered(register, planned(delivery)) == "O-0004"
    assert register.delivery(delivery).row.state is StateWord.RUNNING


def test_who_looks_for_open_operations_all_the_time_reads_no_others(tmp_path: Path) -> None:
    register = Register.open(Path(register_file(tmp_path)), create=True)
    asked: list[tuple[str, Any]] = []
    sa.event.listen(
        register._engine, "before_cursor_execute", lambda _c, _u, text, values, *_: asked.append((text, values))
    )
    register.open_operations()
    text, values = next(each for each in asked if "operations" in each[0])
    with closing(sqlite3.connect(register_file(tmp_path))) as connection:
        way = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    assert way[0] == "SEARCH operations USING INDEX operations_state (state=?)"
    register.close()


# A person's turn


@pytest.fixture
def waiting(register: Register, delivery: str) -> str:
    operation = ordered(register, planned(delivery, Kind.HAND_OVER, steps=GUIDED))
    register.begin(operation)
    register.wait(operation, 1)
    return operation


def test_a_person_answers_once(register: Register, waiting: str) -> None:
    row = register.operation(waiting).row
    assert (row.state, row.step, register.answered(waiting, 1)) == (OperationState.WAITING, 1, None)
    register.begin(waiting)
    assert register.operation(waiting).row.state is OperationState.WAITING, "nobody answered yet"
    register.answer(waiting, "by mail\x00\udcff", who="devries", at=moment(3))
    assert register.answered(waiting, 1) == ("devries", "by mail\x00\udcff", moment(3))
    with pytest.raises(Refused, match="operation-not-waiting"):
        register.answer(waiting, "again", who="jansen")
    register.wait(waiting, 1)
    assert register.answered(waiting, 1) is not None, "a leg that is run again does not ask again"
    line = register.custody(1)[0]
    assert (line.what, line.who, line.detail["text"]) == ("answered", "devries", "by mail\\x00\\xff")
    register.begin(waiting)
    assert register.operation(waiting).row.state is OperationState.RUNNING


def test_what_was_answered_wrongly_is_asked_again(register: Register, waiting: str) -> None:
    register.answer(waiting, "no", who="jansen")
    register.begin(waiting)
    register.wait(waiting, 1)
    assert (register.answered(waiting, 1), register.operation(waiting).row.state) == (None, OperationState.WAITING)
    register.answer(waiting, "yes", who="jansen")


def test_nobody_answers_what_does_not_wait(register: Register, operation: str) -> None:
    for state in (OperationState.REQUESTED, OperationState.RUNNING, OperationState.UNDONE):
        if state is OperationState.RUNNING:
            register.begin(operation)
        elif state.over:
            register.end(operation, state, "error.no-space")
        with pytest.raises(Refused, match="operation-not-waiting"):
            register.answer(operation, "x", who="jansen")


# Cancelling


@pytest.mark.parametrize("begun", [False, True])
def test_where_nobody_is_at_work_a_cancel_ends_it_at_once(register: Register, delivery: str, begun: bool) -> None:
    operation = ordered(register, planned(delivery, Kind.HAND_OVER, steps=GUIDED))
    if begun:
        register.begin(operation)
        register.wait(operation, 1)
    register.ask_cancel(operation, who="devries")
    detail = register.operation(operation)
    assert (detail.row.state, detail.row.outcome, detail.row.params) == (
        OperationState.CANCELLED, "outcome.cancelled", {"who": "devries"},
    )  # fmt: skip
    assert StepState.WAITING not in {each.state for each in detail.steps}
    line = register.custody(1)[0]
    assert (line.what, line.who, line.delivery, line.client) == (
        "operation-cancelled", "devries", delivery, "KLM-044",
    )  # fmt: skip
    for late in (register.begin, register.ask_cancel, lambda name: register.step(name, 1, StepState.RUNNING)):
        with pytest.raises(Refused, match="operation-over"):
            late(operation)


def test_what_runs_is_asked_to_stop(register: Register, operation: str) -> None:
    register.begin(operation)
    assert register.cancel_wanted(operation) == ""
    register.ask_cancel(operation, who="devries")
    register.ask_cancel(operation, who="jansen")
    assert register.cancel_wanted(operation) == register.operation(operation).row.cancelling == "devries"
    register.end(operation, OperationState.CANCELLED, "outcome.cancelled")
    assert register.custody(1)[0].who == "devries"


def test_one_that_waits_but_has_to_be_undone_is_left_to_the_worker(register: Register, delivery: str) -> None:
    steps = (*STEPS[:2], replace(GUIDED[0], number=3))
    operation = ordered(register, planned(delivery, steps=steps))
    register.begin(operation)
    register.step(operation, 2, StepState.DONE)
    register.wait(operation, 3)
    register.ask_cancel(operation, who="devries")
    assert (register.operation(operation).row.state, register.cancel_wanted(operation)) == (
        OperationState.WAITING, "devries",
    )  # fmt: skip
    with pytest.raises(Refused, match="operation-not-waiting"):
        register.answer(operation, "x", who="jansen")
    register.begin(operation)
    assert register.operation(operation).row.state is OperationState.RUNNING


def test_one_that_was_answered_is_left_to_the_worker(register: Register, waiting: str) -> None:
    register.answer(waiting, "yes", who="jansen")
    register.ask_cancel(waiting, who="devries")
    assert register.operation(waiting).row.state is OperationState.WAITING


@pytest.mark.parametrize("state", [StepState.RUNNING, StepState.DONE, StepState.FAILED])
def test_once_a_final_step_runs_a_cancel_comes_too_late(register: Register, operation: str, state: StepState) -> None:
    register.begin(operation)
    register.step(operation, 3, state)
    with pytest.raises(Refused, match="operation-too-late"):
        register.ask_cancel(operation, who="devries")
    assert register.cancel_wanted(operation) == ""


# The log, what is kept, what is written once


def test_the_log_of_an_operation(register: Register, operation: str, clock: Clock) -> None:
    register.log_operation(operation, 1, [("sql", "SELECT 1\nFROM x\x00\x1b[1m"), ("note", "y" * 5000)])
    clock.at = moment(1)
    register.log_operation(operation, 2, (("file", f"file {number}") for number in range(3)))
    pulse = register.pulse()
    register.log_operation(operation, 2, ())
    assert register.pulse() == pulse
    log = register.operation(operation).log
    assert [(line.seq, line.at, line.step, line.kind) for line in log] == [
        (1, moment(), 1, "sql"), (2, moment(), 1, "note"), *((number, moment(1), 2, "file") for number in (3, 4, 5)),
    ]  # fmt: skip
    assert log[0].text == "SELECT 1\nFROM x\\x00\\x1b[1m"
    assert len(log[1].text) == carrying.LONGEST
    assert [line.seq for line in register.operation(operation, lines=2).log] == [4, 5]
    assert [line.seq for line in register.operation_log(operation, before=4, limit=2)] == [2, 3]


def test_what_a_step_keeps(register: Register, operation: str) -> None:
    assert register.kept(operation, "baseline") is None
    for value in ({"a": [1, {"b": None}], "text": "\x00\udcff漢"}, {"a": 2.5}):
        register.keep(operation, "baseline", value)
        assert register.kept(operation, "baseline") == value
    with pytest.raises(NotFound, match="operation"):
        register.keep("O-0009", "baseline", {})
    with pytest.raises(ValueError, match="JSON"):
        register.keep(operation, "x", {"a": float("nan")})


def test_a_line_of_a_step_is_written_once(register: Register, delivery: str, operation: str) -> None:
    first = register.once(operation, 3, "restored", who="jansen", delivery=delivery, detail={"target": "t"})
    assert register.once(operation, 3, "restored", who="devries", delivery=delivery, detail={"target": "u"}) == first
    assert register.once(operation, 3, "set-aside") != first
    assert register.once(operation, 2, "restored") != first
    line = register.custody(delivery=delivery)[0]
    assert (line.seq, line.who, line.detail) == (first, "jansen", {"operation": operation, "target": "t"})
    with pytest.raises(NotFound, match="operation"):
        register.once("O-0009", 1, "restored")
    assert register.verify_custody() is None


def test_reopening_as_a_step_happens_once(register: Register, delivery: str) -> None:
    operation = ordered(register, planned(delivery, Kind.REOPEN))
    with pytest.raises(Busy, match="operation-open"):
        register.reopen(delivery, "jansen", moment())
    for _ in range(2):
        register.reopen(delivery, "jansen", moment(), operation=operation, step=2)
    assert (register.delivery(delivery).opened, whats(register).count("reopened")) == (1, 1)


@pytest.mark.parametrize("state", [OperationState.FAILED, OperationState.UNDONE])
def test_what_went_wrong_is_in_the_log(register: Register, operation: str, state: OperationState) -> None:
    register.begin(operation)
    register.step(operation, 2, StepState.RUNNING)
    register.end(operation, state, "error.no-space", {"path": "/x"})
    line = register.custody(1)[0]
    assert (line.what, dict(line.detail)) == (
        f"operation-{state}", {"operation": operation, "order": "restore", "step": 2, "outcome": "error.no-space"},
    )  # fmt: skip


def test_an_operation_does_not_end_where_more_is_to_come(register: Register, operation: str) -> None:
    with pytest.raises(ValueError, match="waiting"):
        register.end(operation, OperationState.WAITING, "outcome.restore")


# Plans as JSON


def test_a_plan_comes_back_as_it_was(register: Register, delivery: str) -> None:
    plan = full_plan(delivery)
    operation = ordered(register, plan)
    found = register.operation(operation)
    assert register.plan(operation) == plan
    assert (found.order, found.dry_run) == (plan.order, plan.dry_run)
    assert repr(register.plan(operation)) == repr(plan), "amounts keep their digits"


@pytest.mark.parametrize(
    "damage",
    [("restore", "nonsense"), ('"steps":[', '"steps":[1,'), ('"v":1', '"v":2'), ('"guided":false', '"guided":0'),
     ('"-0.10"', '"x"'), ('"-0.10"', "-0.1"), ('"colleagues":["DOM', '"colleagues":"a","c":["DOM')],
)  # fmt: skip
def test_a_plan_that_does_not_fit_is_a_damaged_register(damage: tuple[str, str]) -> None:
    text = plan_codec.dump_plan(replace(full_plan("D-0001"), order=Order(Kind.RESTORE, "D-0001", colleagues=("DOM",))))
    assert damage[0] in text
    with pytest.raises(RegisterError, match="register-damaged"):
        plan_codec.load_plan(text.replace(*damage))
    with pytest.raises(RegisterError, match="register-damaged"):
        plan_codec.load_order("{}")
