"""The worker asks instances about themselves: in time, beside its work, and whatever they answer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factory.records import Clock
from factory.running import Running

from core.errors import Unreadable
from core.intake.judging import Judge
from core.intake.rooms import judge_of, open_register
from core.model import Probe
from core.operations.dispatch import Dispatch
from core.operations.probing import AGAIN_SECONDS, Probing
from core.operations.shift import Shift
from core.operations.worker import shipped
from core.register.register import Register
from core.settings import Settings, load

SQL16 = {"name": "sql16", "instance": "SRV\\A", "product_update": 421}
SAID = Probe("13.0.7000.253", 852, "standard", free_bytes=7)


class Ground:
    """A shift's probing with a clock of ours, and instances that answer as the test says."""

    def __init__(self, settings: Settings, register: Register) -> None:
        self.register, self.settings = register, settings
        self.judge: Judge = judge_of(settings, register)
        self.answers: dict[str, Probe | Exception] = {}
        self.asked: list[str] = []
        self.wake = threading.Event()
        self.clock = Clock()
        self.seconds = 0.0
        self.probing = Probing(
            register, self.judge, settings, self.wake, asked=self._ask, clock=self.clock,
            monotonic=lambda: self.seconds,
        )  # fmt: skip

    def _ask(self, _settings: Settings, name: str) -> Probe:
        self.asked.append(name)
        found = self.answers.get(name, SAID)
        if isinstance(found, Exception):
            raise found
        return found

    def turn(self, hours: float = 0.0) -> bool:
        """One round, so much later; and one more when an answer has come."""
        self.clock.at += timedelta(hours=hours)
        self.seconds += 3600 * hours + 61
        before = len(self.asked)
        changed = self.probing.turn()
        if self.probing._running or len(self.asked) > before:
            assert self.wake.wait(10)
            self.wake.clear()
            changed |= self.probing.turn()
        return changed


def ground(folder: Path, *targets: Mapping[str, object], **changes: object) -> Iterator[Ground]:
    running = Running(folder)
    running.settle(targets=[*targets], **changes)
    settings = load(folder / "wissel.toml")
    register = open_register(settings, who="tester", create=True)
    yield Ground(settings, register)
    register.close()


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Ground]:
    yield from ground(tmp_path, SQL16)


def test_an_instance_is_asked_at_the_start_and_the_verdicts_hear_of_it(one: Ground) -> None:
    before = one.judge.fingerprint
    assert one.turn()
    assert one.register.probed()["sql16"].probe == SAID
    assert (one.judge.targets[0].sql_release, one.judge.targets[0].free_bytes) == ("2016", 7)
    assert one.judge.fingerprint != before


def test_it_is_asked_again_only_when_the_answer_is_old(one: Ground) -> None:
    one.turn()
    assert not one.turn(hours=23.5)
    assert one.asked == ["sql16"]
    one.turn(hours=0.6)
    assert one.asked == ["sql16", "sql16"]


def test_silence_is_said_once_and_asked_again_soon(one: Ground, caplog: pytest.LogCaptureFixture) -> None:
    one.answers["sql16"] = Unreadable("server-unreachable", target="sql16", number=20009, text="no")
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            one.turn(hours=AGAIN_SECONDS / 3600)
        assert one.asked == ["sql16"] * 3
        assert sum("cannot be reached" in record.message for record in caplog.records) == 1
        assert one.register.probed()["sql16"].problem == "server-unreachable"
        one.answers.clear()
        one.turn(hours=AGAIN_SECONDS / 3600)
    assert "sql16 answers again" in caplog.text


def test_whatever_a_driver_does_the_worker_goes_on(one: Ground) -> None:
    one.answers["sql16"] = RuntimeError("a driver of somebody else's")
    one.turn()
    assert one.register.probed()["sql16"].problem == "server-said"


def test_an_answer_becomes_too_old_while_nobody_answers(one: Ground) -> None:
    one.turn()
    one.answers["sql16"] = Unreadable("server-unreachable", target="sql16", number=20009, text="no")
    one.turn(hours=25)
    assert [each.stale for each in one.judge.targets] == [False]
    assert one.turn(hours=24)
    assert [(each.stale, each.sql_release) for each in one.judge.targets] == [(True, None)]


def test_an_instance_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    for made in ground(tmp_path, SQL16, SQL16 | {"name": "other", "instance": "SRV\\B"}):
        hanging = threading.Event()
        came = threading.Event()

        def ask(_settings: Settings, name: str, hanging: threading.Event = hanging) -> Probe:
            if name == "sql16":
                hanging.wait(20)
            return SAID

        made.wake = came
        made.probing = Probing(
            made.register, made.judge, made.settings, came, asked=ask, monotonic=lambda: 0.0,
        )  # fmt: skip
        made.probing.turn()
        assert came.wait(10)
        made.probing.turn()
        assert set(made.register.probed()) == {"other"}
        hanging.set()


def test_a_practice_office_and_embedded_targets_call_nobody(tmp_path: Path) -> None:
    for made in ground(tmp_path, SQL16, practice=True):
        assert not made.probing.turn()
        assert made.asked == []
    embedded = {"name": "oefen16", "engine": "embedded"}
    for made in ground(tmp_path / "two", embedded, {"name": "nowhere"}):
        assert not made.probing.turn()
        assert made.asked == []


def test_a_shift_asks_by_itself_and_goes_on_without_an_answer(tmp_path: Path) -> None:
    """Really asked: nobody listens there, or no driver is installed; both are said, and the shift works on."""
    nobody = {**SQL16, "instance": "127.0.0.1,1", "login_seconds": 1, "authentication": "sql", "user": "x"}
    running = Running(tmp_path)
    (tmp_path / "secret").write_text("x", "utf-8")
    (tmp_path / "secret").chmod(0o600)
    running.settle(targets=[{**nobody, "password": {"file": "secret"}}])
    shift = Shift(load(running.config), datetime.now(UTC), Dispatch(shipped, lambda: None))
    try:
        shift.begin()
        shift.turn()
        assert shift.wake.wait(30)
        shift.turn()
        found = shift._register.probed()["sql16"]
    finally:
        shift.close()
    assert found.problem in {"server-unreachable", "server-no-answer", "driver-none", "driver-library"}
    assert found.probe is None
