from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from factory.orders import GUIDED, planned, sealed
from factory.records import moment

from core.errors import NoSpace, RegisterError, WisselError
from core.model import Kind, OperationState, StateWord, StepState
from core.register import engine
from core.register.operation_tables import operations
from core.register.register import Register, register_file

SPAWN = multiprocessing.get_context("spawn")
COUNT = 200


def tried(act: Callable[[], object]) -> str:
    """`ok`, or the key of what was refused."""
    try:
        act()
    except WisselError as problem:
        return problem.key
    return "ok"


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What came of each, all begun at the same moment."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        start.wait(20)
        return tried(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def order_many(url: str | Path, count: int, start: object, answers: object) -> None:
    """Order the same delivery again and again; end what was ordered, so that there is a next time."""
    register = Register.open(url)
    plan = planned("D-0001")
    start.wait(30)  # type: ignore[attr-defined]
    made = [tried(partial(register.order, plan.order, plan)) for _ in range(count)]
    answers.put((made.count("ok"), made.count("operation-open")))  # type: ignore[attr-defined]
    register.close()


def test_processes_that_order_the_same_delivery_make_exactly_one(url: str | Path) -> None:
    register = Register.open(url, create=True)
    sealed(register)
    start, answers = SPAWN.Barrier(2), SPAWN.Queue()
    racers = [SPAWN.Process(target=order_many, args=(url, COUNT // 2, start, answers)) for _ in range(2)]
    for racer in racers:
        racer.start()
    found = [answers.get(timeout=50) for _ in racers]
    for racer in racers:
        racer.join(50)
    assert (sum(made for made, _ in found), sum(busy for _, busy in found)) == (1, COUNT - 1)
    assert register.operations()[1] == 1
    assert [line.what for line in register.custody()].count("ordered") == 1
    register.close()


def test_threads_that_order_one_place_make_exactly_one(register: Register) -> None:
    deliveries = [sealed(register, name=f"f{number}") for number in range(4)]
    for _ in range(COUNT // 4):
        plans = [planned(each) for each in deliveries]
        made = at_once(*(partial(register.order, plan.order, plan) for plan in plans))
        assert sorted(made) == ["ok", *["operation-open"] * 3]
        register.end(register.open_operations()[0].id, OperationState.UNDONE, "error.no-space")


@pytest.mark.parametrize("same", [["delivery"], ["target", "number"]])
def test_even_the_database_refuses_a_second_one(register: Register, same: list[str]) -> None:
    for name in "ab":
        sealed(register, name=name)
    plan = planned("D-0001")
    register.order(plan.order, plan, who="x")
    with engine.reading(register._engine) as connection:
        row = dict(connection.execute(sa.select(operations)).mappings().one())
    other = {"id": 9, "delivery": 2, "target": "t", "number": "9"} | {name: row[name] for name in same}
    with pytest.raises(RegisterError), engine.writing(register._engine, "w", "h") as work:
        work.execute(sa.insert(operations).values(row | other))
    assert register.operations()[1] == 1


def test_a_cancel_meets_the_end(register: Register) -> None:
    delivery = sealed(register)
    for _ in range(15):
        plan = planned(delivery)
        operation = register.order(plan.order, plan, who="x")
        register.begin(operation)
        cancelled, ended = at_once(
            partial(register.ask_cancel, operation),
            partial(register.end, operation, OperationState.DONE, "outcome.restore"),
        )
        row = register.operation(operation).row
        assert (row.state, ended) == (OperationState.DONE, "ok")
        assert cancelled == ("ok" if row.cancelling else "operation-over")


def test_a_cancel_meets_the_point_of_no_return(register: Register) -> None:
    """Whoever says after `running` that nobody wants to cancel is right for good."""
    delivery = sealed(register)
    for _ in range(15):
        plan = planned(delivery)
        operation = register.order(plan.order, plan, who="x")
        register.begin(operation)
        wanted: list[str] = []

        def go(operation: str = operation, wanted: list[str] = wanted) -> None:
            register.step(operation, 3, StepState.RUNNING)
            wanted.append(register.cancel_wanted(operation))

        cancelled, _ = at_once(partial(register.ask_cancel, operation, who="y"), go)
        assert (cancelled, wanted) in [("ok", ["y"]), ("operation-too-late", [""])]
        register.end(operation, OperationState.UNDONE, "error.no-space")


def test_a_cancel_meets_the_beginning(register: Register) -> None:
    delivery = sealed(register)
    for _ in range(15):
        plan = planned(delivery)
        operation = register.order(plan.order, plan, who="x")
        cancelled, begun = at_once(
            partial(register.ask_cancel, operation),
            partial(register.begin, operation),
        )
        row = register.operation(operation).row
        assert cancelled == "ok"
        assert (begun, row.state) in [
            ("ok", OperationState.RUNNING), ("operation-over", OperationState.CANCELLED),
        ]  # fmt: skip
        register.end(operation, OperationState.CANCELLED, "outcome.cancelled")


def test_two_answer_and_one_is_heard(register: Register) -> None:
    delivery = sealed(register)
    for _ in range(10):
        plan = planned(delivery, Kind.HAND_OVER, steps=GUIDED)
        operation = register.order(plan.order, plan, who="x")
        register.begin(operation)
        register.wait(operation, 1)
        made = at_once(*(partial(register.answer, operation, who, who=who) for who in "abc"))
        answer = register.answered(operation, 1)
        assert answer is not None
        assert made == ["ok" if who == answer[0] == answer[1] else "operation-not-waiting" for who in "abc"]
        register.end(operation, OperationState.DONE, "outcome.hand-over")
    assert [line.what for line in register.custody()].count("answered") == 10


def test_one_line_however_many_write_it(register: Register) -> None:
    plan = planned(sealed(register))
    operation = register.order(plan.order, plan, who="x")
    at_once(*[partial(register.once, operation, 3, "restored")] * 4)
    assert [line.what for line in register.custody()].count("restored") == 1
    at_once(*[partial(register.log_operation, operation, 1, [("note", "x")] * 5)] * 4)
    assert [line.seq for line in register.operation(operation).log] == list(range(1, 21))


def test_two_places_take_one_number(register: Register) -> None:
    deliveries = [sealed(register, name=name) for name in "abc"]
    plan = planned(deliveries[0])
    operation = register.order(plan.order, plan, who="x")
    hold = partial(register.hold, "t", "120", name="", client="KLM-044", operation=operation)
    made = at_once(*(partial(hold, delivery=each) for each in deliveries))
    assert sorted(made) == ["number-held", "number-held", "ok"]
    assert len(register.held()) == 1


def die_while_ordering(path: Path) -> None:
    from core.register import operations as orders

    register = Register.open(path)
    plan = planned("D-0001")
    with register._write() as work:
        orders.order(work, plan.order, plan, who="x", at=moment())
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_order_killed_in_the_middle_was_never_given(tmp_path: Path) -> None:
    path = Path(register_file(tmp_path))
    register = Register.open(path, create=True)
    sealed(register)
    before = register.custody()
    victim = SPAWN.Process(target=die_while_ordering, args=(path,))
    victim.start()
    victim.join(50)
    assert victim.exitcode == -signal.SIGKILL
    assert (register.operations(), register.custody()) == (((), 0), before)
    plan = planned("D-0001")
    assert register.order(plan.order, plan, who="x") == "O-0001"
    register.close()


def work_until_full(path: Path, answers: object) -> None:
    register = Register.open(path)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
    done = 0
    try:
        for done in range(500):
            register.log_operation("O-0001", 1, [("sql", "x" * 4000)])
            register.once("O-0001", done, "restored")
    except WisselError as problem:
        answers.put((problem.key, isinstance(problem, NoSpace | RegisterError), done))  # type: ignore[attr-defined]


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
def test_a_full_disk_stops_an_operation_between_two_whole_lines(tmp_path: Path) -> None:
    path = Path(register_file(tmp_path))
    register = Register.open(path, create=True)
    plan = planned(sealed(register))
    operation = register.order(plan.order, plan, who="x")
    register.begin(operation)
    answers = SPAWN.Queue()
    writer = SPAWN.Process(target=work_until_full, args=(path, answers))
    writer.start()
    key, ours, done = answers.get(timeout=50)
    writer.join(50)
    assert (key in {"register-full", "register-failed"}, ours, done > 3) == (True, True, True)
    lines = len(register.operation(operation, lines=1000).log)
    assert [line.what for line in register.custody(1000)].count("restored") in {lines - 1, lines}
    assert register.verify_custody() is None
    register.end(operation, OperationState.UNDONE, "error.no-space")
    assert register.delivery("D-0001").row.state is StateWord.ARRIVING
    register.close()


def test_a_register_that_may_not_be_written_is_looked_at(register: Register) -> None:
    plan = planned(sealed(register))
    operation = register.order(plan.order, plan, who="x")
    forbid = "PRAGMA query_only = ON"
    if register._engine.dialect.name == "postgresql":
        forbid = "SET default_transaction_read_only = on"

    def forbidden(connection: Any, _record: object) -> None:
        connection.cursor().execute(forbid)
        connection.commit()

    register._engine.dispose()
    sa.event.listen(register._engine, "connect", forbidden)
    assert register.operation(operation).row == register.open_operations()[0]
    assert register.page()[0][0].state is StateWord.RUNNING
    acts = (register.begin, register.ask_cancel, partial(register.keep, name="a", value={}))
    assert [tried(partial(act, operation)) for act in acts] == ["register-read-only"] * 3
