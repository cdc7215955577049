"""When a file is whole: clock and observations are given, nothing waits."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.intake.settle import Decision, Look, Patience, Settling, decide, observe, quiet

PATIENCE = Patience(settle_seconds=3.0, patience_seconds=900.0)


@dataclass
class Story:
    """One file, told by looks at moments."""

    state: Settling | None = None

    def look(self, now: float, size: int, mtime: int = 1, identity: str = "1:1") -> Settling:
        self.state = observe(self.state, Look(identity, size, mtime), now)
        return self.state

    def decide(self, now: float, *, free: bool | None = True, ended: bool | None = True) -> Decision:
        assert self.state is not None
        return decide(self.state, now, PATIENCE, free=free, ended=ended)


def still(story: Story, start: float, size: int, mtime: int = 1) -> float:
    """Three looks at the same file over four seconds."""
    for step in (0.0, 2.0, 4.0):
        story.look(start + step, size, mtime)
    return start + 4.0


def test_a_file_that_stands_still_is_taken() -> None:
    story = Story()
    assert story.decide(still(story, 0.0, 100)) is Decision.TAKE


def test_one_look_is_never_enough_however_long_ago() -> None:
    story = Story()
    story.look(0.0, 100)
    assert story.decide(5000.0) is Decision.WAIT


def test_two_quick_looks_are_not_enough_either() -> None:
    story = Story()
    for now in (0.0, 0.1, 0.2, 0.3):
        story.look(now, 100)
    assert story.decide(0.3) is Decision.WAIT


@pytest.mark.parametrize(
    ("size", "mtime", "identity"),
    [(101, 1, "1:1"), (99, 1, "1:1"), (100, 2, "1:1"), (100, 0, "1:1"), (100, 1, "1:2")],
    ids=["grown", "truncated", "touched", "touched back", "replaced"],
)
def test_any_change_starts_the_wait_anew(size: int, mtime: int, identity: str) -> None:
    story = Story()
    now = still(story, 0.0, 100)
    state = story.look(now, size, mtime, identity)
    assert not quiet(state, now, PATIENCE)
    assert state.since == 0.0
    assert story.decide(now + 2.9) is Decision.WAIT


def test_a_pause_shorter_than_the_end_demands_is_waited_out() -> None:
    story = Story()
    now = still(story, 0.0, 5_000)
    assert story.decide(now, ended=False) is Decision.WAIT
    story.look(now + 3600, 5_000)
    resumed = story.look(now + 800, 9_000, 2)
    assert resumed.changed == now + 800
    assert story.decide(still(story, now + 801, 9_000, 2), ended=True) is Decision.TAKE


def test_a_missing_end_is_taken_as_broken_only_after_the_patience() -> None:
    story = Story()
    still(story, 0.0, 5_000)
    assert story.decide(899.9, ended=False) is Decision.WAIT
    assert story.decide(900.0, ended=False) is Decision.TAKE_BROKEN


def test_a_file_that_somebody_writes_is_never_taken() -> None:
    story = Story()
    still(story, 0.0, 5_000)
    assert story.decide(1e6, free=False, ended=True) is Decision.WAIT
    assert story.decide(1e6, free=False, ended=False) is Decision.WAIT


def test_a_system_that_cannot_tell_and_a_format_without_an_end_rely_on_standing_still() -> None:
    story = Story()
    assert story.decide(still(story, 0.0, 5_000), free=None, ended=None) is Decision.TAKE
