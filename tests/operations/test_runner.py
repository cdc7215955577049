"""One leg of an operation, over a real register, with toy steps."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from factory.toys import Scene, delivery, plan, settings_file, step

from core.errors import Busy, Cancelled, NoSpace, Refused, VaultError, WisselError
from core.model import Kind, OperationState, Order, PlanStep, StepState
from core.operations.dispatch import bench_maker
from core.operations.recorder import Recorder, Stopped
from core.operations.runner import Leg, Outcome, Word
from core.operations.step import Bench, Steps
from core.register.register import Register
from core.settings import load

ALL = (step("a"), step("b"), step("c"), step("custody", undo="", final=True), step("tell", undo=""))


@dataclass
class House:
    """A register with one delivery, a scene, and legs that run one after the other."""

    folder: Path
    scene: Scene = field(default_factory=Scene)
    stopped: bool = False
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.register = Register.open(self.folder / "register.sqlite", create=True, who="tester")
        self.settings = load(str(settings_file(self.folder)))

    def order(self, *steps: PlanStep, kind: Kind = Kind.RESTORE) -> str:
        order = Order(kind, delivery(self.register))
        return self.register.order(order, plan(order, steps))

    def steps(self) -> Steps:
        names = ("a", "b", "c", "custody", "tell")
        return {key: toy for kind in Kind for key, toy in self.scene.steps(kind, *names, guided=["ask"]).items()}

    def leg(self, **changes: object) -> Leg:
        given = {
            "register": self.register,
            "steps": self.steps(),
            "bench": bench_maker(self.register, self.settings),
            "stopping": lambda: self.stopped,
            "pause": self.pauses.append,
            "explain": lambda error: error.key,
        }
        return Leg(**(given | changes))  # type: ignore[arg-type]

    def run(self, operation: str) -> Word:
        return self.leg().run(operation)

    def states(self, operation: str) -> list[StepState]:
        return [each.state for each in self.register.operation(operation).steps]

    def state(self, operation: str) -> OperationState:
        return self.register.operation(operation).row.state

    def said(self, operation: str) -> list[str]:
        return [line.text for line in self.register.operation(operation).log]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.register.close()


def cancel(house: House) -> Callable[[Bench], None]:
    def ask(bench: Bench) -> None:
        house.register.ask_cancel(bench.id, who="jansen")
        bench.work.check()

    return ask


def test_every_step_is_asked_and_done_in_order(house: House) -> None:
    operation = house.order(*ALL)
    assert house.run(operation) is Word.OVER
    assert house.scene.calls == [
        "did a", "do a", "did b", "do b", "did c", "do c", "do custody", "did tell", "do tell",
    ]  # fmt: skip
    detail = house.register.operation(operation)
    assert detail.row.state is OperationState.DONE
    assert detail.row.outcome == "outcome.restore"
    assert [each.state for each in detail.steps] == [StepState.DONE] * 5
    assert detail.steps[0].result == {"made": "a"}


def test_what_happened_is_not_done_again(house: House) -> None:
    house.scene.happened.add("b")
    assert house.run(house.order(*ALL)) is Word.OVER
    assert "do b" not in house.scene.calls


def test_a_second_leg_of_what_is_over_does_nothing(house: House) -> None:
    operation = house.order(*ALL)
    house.run(operation)
    before, pulse = list(house.scene.calls), house.register.pulse()
    assert house.run(operation) is Word.OVER
    assert (house.scene.calls, house.register.pulse()) == (before, pulse)


def test_outputs_and_the_values_of_the_outcome(house: House) -> None:
    def leave(bench: Bench) -> None:
        bench.leave("/outbox/a", "aa")
        bench.leave("/outbox/b", "bb")
        bench.conclude(number="120", lines=7)

    house.scene.troubles["do b"] = [leave]
    operation = house.order(*ALL)
    house.run(operation)
    detail = house.register.operation(operation)
    assert [(each.path, each.sha256) for each in detail.outputs] == [("/outbox/a", "aa"), ("/outbox/b", "bb")]
    assert detail.row.params == {"number": "120", "lines": 7}


@pytest.mark.parametrize("at", ["did c", "do c"])
@pytest.mark.parametrize("error", [VaultError("vault-changed", id="D-0001"), ValueError("odd")])
def test_an_error_is_undone_the_last_first(house: House, at: str, error: Exception) -> None:
    house.scene.troubles[at] = [error]
    operation = house.order(*ALL)
    assert house.run(operation) is Word.OVER
    assert house.scene.done()[-3:] == ["undo c", "undo b", "undo a"]
    assert house.scene.happened == set()
    row = house.register.operation(operation).row
    assert row.state is OperationState.UNDONE
    assert row.outcome == f"error.{error.key if isinstance(error, WisselError) else 'unexpected'}"
    assert house.states(operation) == [
        StepState.UNDONE, StepState.UNDONE, StepState.FAILED, StepState.TODO, StepState.TODO,
    ]  # fmt: skip
    assert house.said(operation) == [error.key if isinstance(error, WisselError) else "unexpected"]


def test_the_undo_that_fails_ends_it_as_failed_and_goes_no_further(house: House) -> None:
    house.scene.troubles = {"do c": [VaultError("vault-missing")], "undo b": [Refused("number-taken")]}
    operation = house.order(*ALL)
    assert house.run(operation) is Word.OVER
    row = house.register.operation(operation).row
    assert (row.state, row.outcome) == (OperationState.FAILED, "error.number-taken")
    assert "undo a" not in house.scene.calls
    assert house.said(operation) == ["vault-missing", "number-taken"]


def test_a_passing_trouble_while_it_undoes_is_waited_out(house: House) -> None:
    house.scene.troubles = {"do b": [NoSpace("no-space")], "undo b": [Busy("x"), NoSpace("no-space")]}
    operation = house.order(*ALL)
    assert house.run(operation) is Word.OVER
    assert house.state(operation) is OperationState.UNDONE
    assert house.scene.happened == set()
    assert house.pauses == [0.2, 1.0]


def test_a_wish_to_cancel_in_the_middle_of_a_step(house: House) -> None:
    house.scene.troubles["do b"] = [cancel(house)]
    operation = house.order(*ALL)
    assert house.run(operation) is Word.OVER
    row = house.register.operation(operation).row
    assert (row.state, row.outcome) == (OperationState.CANCELLED, "outcome.cancelled")
    assert house.scene.done() == ["do a", "do b", "undo b", "undo a"]
    assert house.states(operation)[:3] == [StepState.UNDONE, StepState.UNDONE, StepState.TODO]


def test_a_wish_that_the_step_makes_another_error_of_is_still_a_wish(house: House) -> None:
    def interrupted(bench: Bench) -> None:
        house.register.ask_cancel(bench.id, who="jansen")
        try:
            bench.work.check()
        except Cancelled as wish:
            raise Busy("interrupted") from wish

    house.scene.troubles["do b"] = [interrupted]
    operation = house.order(*ALL)
    house.run(operation)
    assert house.state(operation) is OperationState.CANCELLED


def test_a_wish_between_two_steps(house: House) -> None:
    house.scene.troubles["do b"] = [lambda bench: house.register.ask_cancel(bench.id, who="jansen")]
    operation = house.order(*ALL)
    house.run(operation)
    assert house.state(operation) is OperationState.CANCELLED
    assert "do c" not in house.scene.calls


def test_a_wish_before_the_final_step_comes_in_time_and_after_it_too_late(house: House) -> None:
    house.scene.troubles["do c"] = [lambda bench: house.register.ask_cancel(bench.id, who="jansen")]
    first = house.order(*ALL)
    house.run(first)
    assert (house.state(first), "do custody" in house.scene.calls) == (OperationState.CANCELLED, False)

    def late(bench: Bench) -> None:
        with pytest.raises(Refused):
            house.register.ask_cancel(bench.id, who="jansen")
        bench.work.check()

    house.scene.troubles["do custody"] = [late]
    second = house.order(*ALL)
    house.run(second)
    assert house.state(second) is OperationState.DONE


def test_an_undo_is_not_cancelled(house: House) -> None:
    house.scene.troubles = {"do b": [cancel(house)], "undo a": [lambda bench: bench.work.check()]}
    operation = house.order(*ALL)
    house.run(operation)
    assert house.state(operation) is OperationState.CANCELLED


def test_a_final_step_that_fails_before_its_point_is_undone(house: House) -> None:
    house.scene.troubles["do custody"] = [VaultError("vault-changed")]
    operation = house.order(*ALL)
    assert house.run(operation) is Word.OVER
    assert house.state(operation) is OperationState.UNDONE
    assert house.scene.happened == set()


def test_after_its_point_it_is_tried_again_and_never_undone(house: House) -> None:
    def half(_bench: Bench) -> None:
        house.scene.happened.add("custody")
        raise NoSpace("no-space")

    house.scene.troubles["do custody"] = [half, NoSpace("no-space")]
    operation = house.order(*ALL)
    assert [house.run(operation) for _ in range(3)] == [Word.AGAIN, Word.AGAIN, Word.OVER]
    assert house.state(operation) is OperationState.DONE
    assert not any(each.startswith("undo") for each in house.scene.calls)


def test_an_error_after_the_final_step_is_tried_again(house: House) -> None:
    house.scene.troubles["do tell"] = [NoSpace("no-space")]
    operation = house.order(*ALL)
    assert house.run(operation) is Word.AGAIN
    assert house.state(operation) is OperationState.RUNNING
    assert house.run(operation) is Word.OVER
    assert house.scene.done() == ["do a", "do b", "do c", "do custody", "do tell", "do tell"]


@pytest.mark.parametrize("at", ["do ask", "do custody"])
def test_where_nothing_is_to_be_taken_back_a_passing_trouble_is_waited_out(house: House, at: str) -> None:
    house.scene.troubles[at] = [NoSpace("no-space"), OSError(errno.ENOSPC, "full")]
    operation = house.order(step("ask", undo="", guided=True), step("custody", undo="", final=True))
    words: list[Word] = []
    while len(words) < 9 and Word.OVER not in words:
        words.append(house.run(operation))
        if words[-1] is Word.WAITING:
            house.register.answer(operation, "sent", who="jansen")
    assert words.count(Word.AGAIN) == 2
    assert house.state(operation) is OperationState.DONE
    assert house.said(operation) == ["no-space", "no-space"]


def test_but_no_other_error(house: House) -> None:
    house.scene.troubles["do custody"] = [VaultError("vault-changed")]
    operation = house.order(step("custody", undo="", final=True))
    assert house.run(operation) is Word.OVER
    assert house.state(operation) is OperationState.UNDONE


def test_when_nobody_can_tell_whether_the_point_was_passed_nothing_is_undone(house: House) -> None:
    house.scene.troubles = {"do custody": [ValueError("odd")], "did custody": [ValueError("odder")]}
    operation = house.order(*ALL)
    assert house.run(operation) is Word.AGAIN
    assert house.scene.happened == {"a", "b", "c"}


@pytest.mark.parametrize("where", ["do b", "undo b"])
def test_a_worker_that_stops_leaves_it_to_the_next_one(house: House, where: str) -> None:
    def stop(bench: Bench) -> None:
        house.stopped = True
        bench.work.check()

    house.scene.troubles = {"do c": [VaultError("vault-missing")]} if where == "undo b" else {}
    house.scene.troubles[where] = [stop]
    operation = house.order(*ALL)
    with pytest.raises(Stopped):
        house.run(operation)
    assert house.state(operation) is OperationState.RUNNING
    house.stopped = False
    assert house.run(operation) is Word.OVER
    assert house.state(operation) is (OperationState.UNDONE if where == "undo b" else OperationState.DONE)


def test_an_error_that_a_step_makes_of_the_stop_counts_for_nothing(house: House) -> None:
    def stop(_bench: Bench) -> None:
        house.stopped = True
        raise Busy("interrupted")

    house.scene.troubles["do b"] = [stop]
    operation = house.order(*ALL)
    with pytest.raises(Stopped):
        house.run(operation)
    house.stopped = False
    house.run(operation)
    assert house.state(operation) is OperationState.DONE


def test_a_guided_step_waits_and_goes_on_with_the_answer(house: House) -> None:
    operation = house.order(step("a"), step("ask", guided=True), step("b"))
    assert [house.run(operation), house.run(operation)] == [Word.WAITING, Word.WAITING]
    assert house.state(operation) is OperationState.WAITING
    house.register.answer(operation, "sent by courier", who="jansen")
    assert house.run(operation) is Word.OVER
    detail = house.register.operation(operation)
    assert detail.row.state is OperationState.DONE
    assert detail.steps[1].result == {"said": "sent by courier"}
    assert house.scene.calls.count("do a") == 1


def test_an_answer_that_does_not_hold_is_said_and_asked_again(house: House) -> None:
    house.scene.troubles["prove ask"] = [Refused("not-there")]
    operation = house.order(step("ask", guided=True), step("b"))
    house.run(operation)
    house.register.answer(operation, "done", who="jansen")
    assert house.run(operation) is Word.WAITING
    assert house.said(operation) == ["not-there"]
    assert house.run(operation) is Word.WAITING
    house.register.answer(operation, "now really", who="jansen")
    assert house.run(operation) is Word.OVER


def test_cancelling_one_that_waits_undoes_what_was_done(house: House) -> None:
    operation = house.order(step("a"), step("ask", guided=True))
    house.run(operation)
    house.register.ask_cancel(operation, who="jansen")
    assert house.run(operation) is Word.OVER
    assert house.state(operation) is OperationState.CANCELLED
    assert house.scene.happened == set()


def test_a_step_that_another_version_planned_is_undone_as_an_error(house: House) -> None:
    operation = house.order(step("a"), step("from-the-future"), step("b"))
    assert house.run(operation) is Word.OVER
    row = house.register.operation(operation).row
    assert (row.state, row.outcome) == (OperationState.UNDONE, "error.step-unknown")
    assert house.scene.done() == ["do a", "undo a"]


def test_a_step_that_another_version_began_cannot_be_undone_here(house: House) -> None:
    operation = house.order(step("a"), step("from-the-past"), step("b"))
    house.register.begin(operation)
    house.register.step(operation, 2, StepState.RUNNING)
    assert house.run(operation) is Word.OVER
    assert house.state(operation) is OperationState.FAILED


class Broken(Exception):
    """The engine's own store is gone."""


def played(house: House, operation: str, kept: list[tuple[str, Outcome]], until: int) -> Word:
    """Run a leg whose outcomes are kept, as the durable engine does; its store breaks after `until` new acts."""
    position = 0
    fresh = 0

    def act(name: str, do: Callable[[], Outcome]) -> Outcome:
        nonlocal position, fresh
        if position < len(kept):
            assert kept[position][0] == name, "the leg is played again act by act"
        else:
            outcome = do()
            if fresh >= until:
                raise Broken
            fresh += 1
            kept.append((name, outcome))
        position += 1
        return kept[position - 1][1]

    return house.leg().run(operation, act)


@pytest.mark.parametrize("trouble", ["", "do c", "undo b", "do custody"])
def test_played_again_from_every_kept_outcome_it_ends_the_same(house: House, trouble: str) -> None:
    house.scene.troubles = {"do c": [VaultError("vault-missing")]} if trouble in {"do c", "undo b"} else {}
    if trouble == "undo b":
        house.scene.troubles["undo b"] = [Refused("number-taken")]
    if trouble == "do custody":
        house.scene.troubles["do custody"] = [VaultError("vault-missing")]
    operation = house.order(*ALL)
    kept: list[tuple[str, Outcome]] = []
    word = None
    while word is None:
        try:
            word = played(house, operation, kept, until=0 if len(kept) % 2 else 1)
        except Broken:
            # The effect is there, its checkpoint is not; the next try may keep one.
            try:
                word = played(house, operation, kept, until=1)
            except Broken:
                continue
    ends = {"": "done", "do c": "undone", "undo b": "failed", "do custody": "undone"}
    assert (word, house.state(operation)) == (Word.OVER, ends[trouble])
    done = house.scene.done()
    assert [each for each in done if each.startswith("do ")] == sorted(
        {each for each in done if each.startswith("do ")}, key=done.index
    ), "nothing was done twice"


def test_lines_stand_in_the_register_before_their_act(house: House) -> None:
    seen: list[list[str]] = []

    def act(bench: Bench) -> None:
        bench.work.log("file", "rename a b")
        seen.append(house.said(bench.id))

    house.scene.troubles["do a"] = [act]
    house.run(house.order(*ALL))
    assert seen == [["rename a b"]]


def recorder(house: House, operation: str, clock: list[float], *, cancellable: bool = True) -> Recorder:
    house.register.step(operation, 1, StepState.RUNNING)
    return Recorder(
        house.register, operation, 1,
        stopping=lambda: house.stopped, cancellable=cancellable, monotonic=lambda: clock[0],
    )  # fmt: skip


def test_statements_wait_half_a_second_at_most(house: House) -> None:
    operation, clock = house.order(*ALL), [100.0]
    pen = recorder(house, operation, clock)
    pen.log("sql", "SELECT 0")
    assert house.said(operation) == ["SELECT 0"]
    for at in range(1, 4):
        clock[0] += 0.125
        pen.log("sql", f"SELECT {at}")
    assert len(house.said(operation)) == 1
    clock[0] += 0.125
    pen.check()
    assert house.said(operation) == [f"SELECT {at}" for at in range(4)]


def test_progress_is_told_twice_a_second_at_most(house: House) -> None:
    operation, clock = house.order(*ALL), [100.0]
    pen = recorder(house, operation, clock)
    before = house.register.pulse()
    for done in range(1000):
        clock[0] += 0.01
        pen.progress(done, 1000)
    assert 15 <= house.register.pulse() - before <= 21
    assert house.register.operation(operation).steps[0].percent is not None


def test_a_wish_is_heard_within_a_quarter_of_a_second_and_looked_for_no_more_often(house: House) -> None:
    operation, clock = house.order(*ALL), [100.0]
    house.register.begin(operation)
    pen = recorder(house, operation, clock)
    pen.check()
    house.register.ask_cancel(operation, who="jansen")
    clock[0] += 0.2
    pen.check()
    clock[0] += 0.05
    with pytest.raises(Cancelled):
        pen.check()
    with pytest.raises(Cancelled):
        pen.check()
