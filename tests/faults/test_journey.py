"""Restore, correction and return, killed at some of the places where it would hurt. All of them: `faults.table`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from factory.running import wait_until
from faults.journey import KINDS, Undisturbed, compared, copied, latest, settled, strike, uncounted
from faults.striker import FULL, Strike
from terminal import Terminal

from core.model import Kind, OperationState

pytestmark = pytest.mark.timeout(300)
Example = Callable[[Kind], Undisturbed]
PLACES = {
    # In the middle of renaming, unpacking, writing; between an effect and the register, and the engine's mark.
    Kind.RESTORE: (
        ("aside do", 12), ("aside after", 1), ("unpack do", 14), ("swap do", 60), ("swap after", 20), ("place do", 14),
        ("place after", 1), ("custody do", 12),
    ),
    Kind.CORRECT: (("book do", 40), ("book after", 1), ("custody do", 12)),
    Kind.RETURN: (
        ("swap do", 40), ("pack do", 30), ("outbox do", 50), ("release do", 50), ("release after", 1),
        ("handover do", 50),
    ),
}  # fmt: skip
KILLS = [(kind, Strike(f"{kind}.{label}", at)) for kind, places in PLACES.items() for label, at in places]


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """How each kind goes undisturbed."""

    @cache
    def made(kind: Kind) -> Undisturbed:
        return uncounted(tmp_path_factory.mktemp("faults") / kind, kind)

    return made


@pytest.mark.parametrize("kind", KINDS)
def test_undisturbed_a_worker_does_what_a_leg_without_one_does(tmp_path: Path, example: Example, kind: Kind) -> None:
    ground = copied(example(kind).prepared, tmp_path, kind)
    operation = latest(ground)
    try:
        ground.send()
        ground.over(operation)
        settled(ground)
        assert compared(example(kind), ground, operation) == "finished"
        assert [call for call in ground.calls() if "network" in call] == []
    finally:
        ground.end()


@pytest.mark.parametrize(("kind", "blow"), KILLS, ids=[blow.label.replace(" ", "-") for _kind, blow in KILLS])
def test_killed_it_is_finished_as_if_nothing_had_happened(
    tmp_path: Path, example: Example, kind: Kind, blow: Strike
) -> None:
    assert strike(example(kind), tmp_path, blow) == "finished"


@pytest.mark.parametrize(
    ("kind", "blow"),
    [
        (Kind.RESTORE, Strike("restore.unpack do", 14, FULL)),
        (Kind.CORRECT, Strike("correct.book do", 40, FULL)),
        (Kind.RETURN, Strike("return.outbox do", 50, FULL)),
    ],
)
def test_a_full_disk_undoes_it(tmp_path: Path, example: Example, kind: Kind, blow: Strike) -> None:
    assert strike(example(kind), tmp_path, blow) == "undone"


def test_the_terminal_that_ordered_it_hangs_up(tmp_path: Path, example: Example) -> None:
    prepared = example(Kind.CORRECT)
    ground = copied(prepared.prepared, tmp_path, Kind.CORRECT)
    ground.register.ask_cancel(latest(ground), who="jansen")
    (entry := tmp_path / "november.toml").write_text(ground.register.operation(latest(ground)).order.entry, "utf-8")
    command = [sys.executable, "-m", "tui", "--config", str(ground.config)]
    command += ["correct", "D-0001", "--entry", str(entry), "--yes", "--wait"]
    try:
        with Terminal(command, environ={"PYTHONPATH": str(Path(__file__).parents[2])}) as terminal:
            wait_until(lambda: ground.register.operations()[1] == 3, "it is ordered")
            terminal.hang_up()
        operation = latest(ground)
        wait_until(lambda: ground.state(operation).over, "the worker finishes it")
        assert ground.state(operation) is OperationState.DONE
        assert ground.custody(operation) == ["ordered", "corrected"]
    finally:
        ground.end()
