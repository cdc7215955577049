"""A worker among garbage: it says what is wrong in a sentence, once, and works on as soon as it can."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from factory.running import Running, wait_until
from factory.tape import Set, tape

from core.errors import NoSpace, NotFound, Unreadable
from core.office.starting import start_worker
from core.operations import worker as workers
from core.operations.journal import Troubles, log, sentence, written
from core.operations.lock import WorkerLock
from core.settings import load

TAPE = tape(Set())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    made.settle()
    yield made
    made.end()


@pytest.mark.parametrize("garbage", [b"a=" + b"[" * 5000, b"\xff\xfe\x00", b"", b"office = 3"])
def test_garbage_in_the_settings_ends_no_worker(office: Running, garbage: bytes) -> None:
    worker = office.start()
    office.watching()
    good = office.config.read_bytes()
    office.config.write_bytes(garbage)
    wait_until(lambda: "ERROR" in office.log, "the garbage is said")
    office.config.write_bytes(good + b"\n")
    wait_until(lambda: "settings read again" in office.log, "the good settings are taken")
    (office.inbox / "150.bak").write_bytes(TAPE)
    wait_until(lambda: office.sealed(1), "the work goes on")
    assert worker.poll() is None


def test_settings_under_which_no_shift_can_begin_are_mended_without_a_restart(office: Running) -> None:
    worker = office.start()
    office.watching()
    office.settle(tables="nowhere.toml")
    wait_until(lambda: "nowhere.toml" in office.log, "it is said")
    office.settle()
    (office.inbox / "150.bak").write_bytes(TAPE)
    wait_until(lambda: office.sealed(1), "the mended settings are taken")
    assert worker.poll() is None
    assert "Traceback" not in office.log


def test_a_register_that_is_taken_away_stops_the_sealing_until_it_is_back(office: Running) -> None:
    worker = office.start()
    office.watching()
    (office.inbox / "first.bak").write_bytes(TAPE)
    wait_until(lambda: office.sealed(1), "the first is sealed")
    assert office.opened is not None
    office.opened.close()
    office.opened = None
    register = office.folder / "office" / "register.sqlite"
    register.rename(office.folder / "register.copy")
    wait_until(lambda: "There is no register" in office.log, "the loss is said")
    (office.inbox / "second.bak").write_bytes(TAPE + b"more")
    assert not register.exists()
    (office.folder / "register.copy").rename(register)
    wait_until(lambda: office.sealed(2), "the second is sealed as well")
    assert worker.poll() is None
    assert "Traceback" not in office.log


def test_a_round_that_waited_long_is_followed_by_a_short_pause() -> None:
    assert workers.LONGEST_PAUSE <= 2.0


def lines_of(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def test_a_name_with_a_line_end_forges_no_line(tmp_path: Path) -> None:
    with written(str(tmp_path / "log")):
        log.info("taken: %s", "a\n2026-01-01 INFO forged\x1b[31m\udcff.bak")
    assert len(lines_of(tmp_path / "log")) == 1
    assert "\x1b" not in lines_of(tmp_path / "log")[0]


def test_the_same_trouble_is_said_once_and_in_words(tmp_path: Path) -> None:
    troubles = Troubles()
    with written(str(tmp_path / "log")):
        for _ in range(100):
            troubles.tell(NoSpace("register-full"), "x", "en")
        troubles.tell(ValueError("odd"), "what nobody foresaw", "en")
    lines = lines_of(tmp_path / "log")
    assert sum(sentence(NoSpace("register-full"), "en") in line for line in lines) == 1
    assert "register-full" not in "".join(lines)
    assert lines[-1].endswith("ValueError: odd")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_log_on_a_full_disk_says_nothing_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", True)
    (tmp_path / "log").symlink_to("/dev/full")
    with written(str(tmp_path / "log")):
        log.error("no room for this")
    assert capfd.readouterr() == ("", "")


def test_a_lock_that_cannot_be_made_is_an_error_and_no_second_worker(tmp_path: Path) -> None:
    (tmp_path / "worker.lock").mkdir()
    with pytest.raises(Unreadable):
        WorkerLock(str(tmp_path)).take()


def test_a_worker_that_cannot_be_started_is_an_error_of_ours(office: Running) -> None:
    with pytest.raises(NotFound):
        start_worker(load(office.config))
