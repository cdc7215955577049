"""The harness on toy steps, and what the runtime promises whatever the steps are: killed anywhere, it ends whole."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from factory.running import DEADLINE, wait_until
from factory.toys import AT, plan, step
from faults.ground import Ground
from faults.striker import BROKEN, FULL, Strike

from core.model import Client, Kind, OperationState, Order, StepState

pytestmark = pytest.mark.timeout(300)
LABELS = ("check", "draft", "rows", "place", "custody", "tell")


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    made.make()
    made.register.save_client(Client("c1", "Bakker"))
    yield made
    made.end()


def ordered(ground: Ground, name: str = "120.bak", *, number: str = "120", instance: str = "here") -> str:
    delivery = ground.register.arrive("inbox", name, identity=name, size=1, at=AT)
    steps = [step(each, final=each == "custody") for each in LABELS]
    order = Order(Kind.RESTORE, delivery)
    return ground.register.order(order, plan(order, steps, number=number, instance=instance), who="jansen")


def world(ground: Ground) -> dict[str, object]:
    """Everything that the toys leave behind."""
    toys = ground.folder / "office" / "toys"
    files = {path.name: path.read_bytes() for path in sorted(toys.glob("*")) if not path.name.startswith("ledger")}
    files |= {path.name: b"" for path in toys.glob(".*")}
    rows = []
    if (toys / "ledger.sqlite").exists():
        with sqlite3.connect(toys / "ledger.sqlite") as ledger:
            rows = ledger.execute("SELECT * FROM rows ORDER BY 1, 2").fetchall()
        ledger.close()
    held = [(each.target, each.number, each.delivery) for each in ground.register.held()]
    return {"files": files, "rows": rows, "held": held}


WHOLE = {
    "files": {"120": b"".join(b"%d\n" % at for at in range(40)), "O-0001.letter": b"with us\n"},
    "rows": [("O-0001", line) for line in range(5)],
    "held": [("oefen16", "120", "D-0001")],
}
NOTHING: dict[str, object] = {"files": {}, "rows": [], "held": []}


def whole(ground: Ground, operation: str = "O-0001") -> None:
    """It is done, once, and nothing is left over."""
    detail = ground.register.operation(operation)
    assert detail.row.state is OperationState.DONE
    assert [each.state for each in detail.steps] == [StepState.DONE] * len(LABELS)
    assert ground.custody(operation) == ["ordered", "with-us"]
    assert len(detail.outputs) == 1
    assert world(ground) == WHOLE
    assert ground.register.verify_custody() is None


def undone(ground: Ground, operation: str, state: OperationState) -> None:
    """As if it never happened, but for what is written of it."""
    assert ground.state(operation) is state
    assert world(ground) == NOTHING
    assert ground.custody(operation) == ["ordered", f"operation-{state}"]


def test_undisturbed_it_is_done_once_and_asks_nothing_of_the_network(ground: Ground) -> None:
    operation = ordered(ground)
    worker = ground.send()
    assert ground.over(operation) is OperationState.DONE
    whole(ground)
    counts = ground.counts()
    assert {label.split(".")[1] for label in counts} >= {f"{each} do" for each in LABELS}
    assert counts["restore.draft do"] > 5
    assert [call for call in ground.calls() if "network" in call] == []
    state = ground.folder / "office" / "state.sqlite"
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    ground.stop(worker)
    assert "Traceback" not in ground.log


KILLS = [
    ("restore.draft do", 9), ("restore.rows after", 1), ("restore.place do", 4), ("restore.custody do", 12),
    ("restore.custody after", 4), ("restore.tell do", 1), ("restore.tell after", 8),
]  # fmt: skip


@pytest.mark.parametrize(("label", "at"), KILLS)
def test_killed_it_is_finished_by_the_next_worker_as_if_nothing_had_happened(
    ground: Ground, label: str, at: int
) -> None:
    operation = ordered(ground)
    ground.struck(ground.send(Strike(label, at)))
    ground.send()
    assert ground.over(operation) is OperationState.DONE
    whole(ground)


def test_of_two_workers_started_at_once_one_finishes_it(ground: Ground) -> None:
    operation = ordered(ground)
    ground.struck(ground.send(Strike("restore.rows after", 2)))
    ground.send()
    ground.send()
    assert ground.over(operation) is OperationState.DONE
    whole(ground)
    wait_until(lambda: sum(worker.poll() is None for worker in ground.workers) == 1, "the other one has gone")


def test_without_its_state_the_register_is_enough(ground: Ground) -> None:
    operation = ordered(ground)
    ground.struck(ground.send(Strike("restore.place after", 2)))
    for path in (ground.folder / "office").glob("state.sqlite*"):
        path.unlink()
    ground.send()
    assert ground.over(operation) is OperationState.DONE
    whole(ground)


def test_a_damaged_state_is_laid_aside(ground: Ground) -> None:
    operation = ordered(ground)
    ground.struck(ground.send(Strike("restore.place after", 2)))
    for path in (ground.folder / "office").glob("state.sqlite*"):
        path.write_bytes(b"no database at all, and certainly none of ours" * 200)
    ground.send()
    assert ground.over(operation) is OperationState.DONE
    whole(ground)
    assert len(list((ground.folder / "office").glob("state.sqlite.*.damaged"))) == 1


def test_what_another_shape_of_the_runtime_began_is_taken_over(ground: Ground) -> None:
    operation = ordered(ground)
    ground.struck(ground.send(Strike("restore.rows do", 3), "--shape", "0"))
    ground.send()
    assert ground.over(operation) is OperationState.DONE
    whole(ground)


def test_told_to_stop_it_leaves_the_step_to_the_next_worker(ground: Ground) -> None:
    operation = ordered(ground)
    (ground.folder / "office" / "hold").touch()
    worker = ground.send()
    wait_until(lambda: ground.register.operation(operation).row.step == 2, "the draft is being written")
    ground.stop(worker)
    assert ground.state(operation) is OperationState.RUNNING
    (ground.folder / "office" / "hold").unlink()
    ground.send()
    assert ground.over(operation) is OperationState.DONE
    whole(ground)


def test_a_step_that_does_not_hear_is_cut_off_and_taken_up_again(ground: Ground) -> None:
    operation = ordered(ground)
    (deaf := ground.folder / "office" / "deaf").touch(0o400)
    worker = ground.send()
    wait_until(lambda: stat.S_IMODE(deaf.stat().st_mode) == 0o600, "the step is at it")
    ground.stop(worker)
    assert "cut off" in ground.log
    deaf.unlink()
    ground.send()
    assert ground.over(operation) is OperationState.DONE
    whole(ground)


def test_an_order_given_while_it_runs_and_one_that_waits_for_a_person(ground: Ground) -> None:
    ground.settle(practice=True, idle_seconds=2.0)
    worker = ground.send()
    wait_until(lambda: "watching" in ground.log, "the worker listens")
    assert not (ground.folder / "office" / "state.sqlite").exists(), "the engine sleeps until something is open"
    order = Order(Kind.HAND_OVER, ground.register.arrive("inbox", "1", identity="1", size=1, at=AT))
    operation = ground.register.order(order, plan(order, [step("send", guided=True), step("tell")]), who="jansen")
    wait_until(lambda: ground.state(operation) is OperationState.WAITING, "it is a person's turn")
    ground.register.answer(operation, "not yet", who="jansen")
    wait_until(lambda: "not-there" in str(ground.register.operation(operation).log), "the answer does not hold")
    wait_until(lambda: ground.state(operation) is OperationState.WAITING, "it is asked again")
    assert worker.wait(DEADLINE) == 0, "what waits for a person keeps no worker awake"
    ground.register.answer(operation, "sent", who="jansen")
    ground.send()
    assert ground.over(operation) is OperationState.DONE
    assert ground.custody(operation) == ["ordered", "answered", "answered"]


def test_cancelled_in_the_middle_of_a_step_while_another_waits_for_the_instance(ground: Ground) -> None:
    first = ordered(ground)
    second = ordered(ground, "121.bak", number="121")
    elsewhere = ordered(ground, "122.bak", number="122", instance="there")
    (ground.folder / "office" / "hold").touch()
    ground.send()
    wait_until(lambda: ground.register.operation(first).row.step == 2, "the draft is being written")
    wait_until(lambda: ground.register.operation(elsewhere).row.step == 2, "another instance is not held up")
    assert ground.state(second) is OperationState.REQUESTED
    ground.register.ask_cancel(elsewhere, who="jansen")
    ground.register.ask_cancel(first, who="jansen")
    assert ground.over(first) is OperationState.CANCELLED
    (ground.folder / "office" / "hold").unlink()
    assert ground.over(elsewhere) is OperationState.CANCELLED
    assert ground.over(second) is OperationState.DONE
    ended = ground.register.operation(first).row.finished_at
    began = ground.register.operation(second).row.started_at
    assert ended is not None
    assert began is not None
    assert ended <= began
    assert ground.custody(first) == ["ordered", "operation-cancelled"]


def test_killed_while_it_undoes_the_next_worker_undoes_the_rest(ground: Ground) -> None:
    operation = ordered(ground)
    (ground.folder / "office" / "hold").touch()
    worker = ground.send(Strike("restore.draft undo", 2))
    wait_until(lambda: ground.register.operation(operation).row.step == 2, "the draft is being written")
    ground.register.ask_cancel(operation, who="jansen")
    ground.struck(worker)
    (ground.folder / "office" / "hold").unlink()
    ground.send()
    ground.over(operation)
    undone(ground, operation, OperationState.CANCELLED)


ERRORS = [
    ("restore.draft do", 9, FULL), ("restore.place do", 3, BROKEN), ("restore.rows after", 4, FULL),
    ("restore.rows after", 10, FULL),
]  # fmt: skip


@pytest.mark.parametrize(("label", "at", "errno"), ERRORS)
def test_a_disk_that_is_full_or_broken_for_once_leaves_it_done_or_undone(
    ground: Ground, label: str, at: int, errno: int
) -> None:
    operation = ordered(ground)
    worker = ground.send(Strike(label, at, errno))
    state = ground.over(operation)
    if state is OperationState.DONE:
        whole(ground)
    else:
        undone(ground, operation, OperationState.UNDONE)
    assert any("struck" in call for call in ground.calls())
    assert worker.poll() is None


def test_new_settings_disturb_nothing_that_runs(ground: Ground) -> None:
    operation = ordered(ground)
    (ground.folder / "office" / "hold").touch()
    worker = ground.send()
    wait_until(lambda: ground.register.operation(operation).row.step == 2, "the draft is being written")
    ground.settle(firm={"name": "Voorbeeld"})
    wait_until(lambda: "settings read again" in ground.log, "the settings are read again")
    (ground.folder / "office" / "hold").unlink()
    assert ground.over(operation) is OperationState.DONE
    whole(ground)
    assert ground.custody(operation) == ["ordered", "with-us"]
    assert len(ground.counts()) > 0
    ground.stop(worker)


def test_a_practice_office_stays_awake_while_an_operation_runs(ground: Ground) -> None:
    ground.settle(practice=True, idle_seconds=1.0)
    operation = ordered(ground)
    (ground.folder / "office" / "hold").touch()
    worker = ground.send()
    wait_until(lambda: ground.register.operation(operation).row.step == 2, "the draft is being written")
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(3.0)
    (ground.folder / "office" / "hold").unlink()
    assert worker.wait(DEADLINE) == 0
    whole(ground)
