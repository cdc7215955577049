"""The worker as a process: it takes in, stops when told, and loses nothing however it ends."""

from __future__ import annotations

import hashlib
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from factory.running import DEADLINE, Running, strange, wait_until
from factory.tape import Set, tape

from core.operations.lock import WorkerLock

TAPE = tape(Set())
MB = 1 << 20


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    made.settle()
    yield made
    made.end()


def sha(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def originals(office: Running, least: int) -> bool:
    return len(list((office.folder / "office").glob("vault/*/original"))) >= least


def reached(moment: float) -> bool:
    return time.monotonic() > moment


def test_it_takes_in_what_lies_there_and_what_comes(office: Running) -> None:
    (office.inbox / "first.bak").write_bytes(TAPE)
    office.start()
    wait_until(lambda: office.sealed(1), "the first is sealed")
    (office.inbox / "second.bak").write_bytes(TAPE + b"more")
    wait_until(lambda: office.sealed(2), "the second is sealed")
    wait_until(lambda: list(office.inbox.iterdir()) == [], "the inbox is empty")
    status = office.register.worker()
    assert status is not None
    assert status.pid == office.workers[0].pid


def test_it_stops_when_told_and_frees_the_office(office: Running) -> None:
    worker = office.start()
    office.watching()
    assert WorkerLock(str(office.folder / "office")).held()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(DEADLINE) == 0
    assert not WorkerLock(str(office.folder / "office")).held()
    assert "stopped" in office.log


def test_a_second_worker_ends_at_once_with_nothing_done(office: Running) -> None:
    first = office.start()
    office.watching()
    second = office.start()
    assert second.wait(DEADLINE) == 0
    assert first.poll() is None
    assert f"pid {second.pid}" not in office.log


def test_kill_9_while_it_seals_loses_nothing_and_doubles_nothing(office: Running) -> None:
    strange(office.inbox / "big.ebu", 700 * MB)
    expected = sha(office.inbox / "big.ebu")
    worker = office.start()
    wait_until(lambda: any(part.stat().st_size > MB for part in office.parts()), "the copy grows")
    worker.send_signal(signal.SIGKILL)
    worker.wait(DEADLINE)
    assert office.parts()
    assert (office.inbox / "big.ebu").exists()
    office.start()
    wait_until(lambda: office.sealed(1), "it is sealed after all")
    (row,) = office.rows()
    assert sha(office.original(row.id)) == expected
    assert office.register.delivery(row.id).sha256 == expected
    assert office.parts() == []
    wait_until(lambda: list(office.inbox.iterdir()) == [], "the inbox is empty")


def test_told_to_stop_while_it_seals_it_leaves_nothing_half(office: Running) -> None:
    strange(office.inbox / "big.ebu", 700 * MB)
    worker = office.start()
    wait_until(lambda: any(part.stat().st_size > MB for part in office.parts()), "the copy grows")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(DEADLINE) == 0
    assert office.parts() == []
    assert (office.inbox / "big.ebu").exists()
    assert [row.id for row in office.rows()] == ["D-0001"]


def test_kill_9_again_and_again(office: Running) -> None:
    data = {f"{number:02d}.bak": TAPE + bytes([number]) for number in range(30)}
    for name, content in data.items():
        (office.inbox / name).write_bytes(content)
    for least in (1, 6, 12):
        worker = office.start()
        wait_until(partial(originals, office, least), "some are in the vault")
        worker.send_signal(signal.SIGKILL)
        worker.wait(DEADLINE)
    office.start()
    wait_until(lambda: office.sealed(len(data)), "all are sealed")
    wait_until(lambda: list(office.inbox.iterdir()) == [], "the inbox is empty")
    assert {row.file: office.original(row.id).read_bytes() for row in office.rows()} == data
    assert office.register.verify_custody() is None


def test_a_slow_copy_is_one_delivery(office: Running) -> None:
    office.start()
    office.watching()
    with (office.inbox / "slow.bak").open("wb", buffering=0) as upload:
        for at in range(0, len(TAPE), len(TAPE) // 5):
            upload.write(TAPE[at : at + len(TAPE) // 5])
            wait_until(partial(reached, time.monotonic() + 0.6), "the sender pauses")
        assert [str(row.state) for row in office.rows()] == ["arriving"]
    wait_until(lambda: office.sealed(1), "it is sealed")
    assert office.original("D-0001").read_bytes() == TAPE


def test_a_large_file_does_not_hold_up_a_small_one(office: Running) -> None:
    strange(office.inbox / "big.ebu", 900 * MB)
    office.start()
    wait_until(lambda: any(part.stat().st_size > MB for part in office.parts()), "the large copy grows")
    (office.inbox / "small.bak").write_bytes(TAPE)
    wait_until(lambda: office.sealed(2), "both are sealed")
    sealed = [line.delivery for line in reversed(office.register.custody()) if line.what == "sealed"]
    assert sealed == ["D-0002", "D-0001"]


def test_changed_settings_are_noticed_and_bad_ones_said(office: Running) -> None:
    office.start()
    office.watching()
    good = office.config.read_text("utf-8")
    office.config.write_text("nonsense = [", "utf-8")
    wait_until(lambda: "settings:" in office.log, "the bad settings are said")
    office.config.write_text(good, "utf-8")
    (office.folder / "other").mkdir()
    office.settle(inboxes=[{"path": "inbox"}, {"path": "other"}])
    wait_until(lambda: "settings read again" in office.log, "the good ones are taken")
    (office.folder / "other" / "a.bak").write_bytes(TAPE)
    wait_until(lambda: office.sealed(1), "the new inbox is watched")


def test_an_inbox_that_goes_away_and_comes_back(office: Running) -> None:
    office.start()
    office.watching()
    office.inbox.rmdir()
    wait_until(lambda: str(office.inbox) in office.log.partition("watching")[2].partition("\n")[2], "it is said")
    office.inbox.mkdir()
    (office.inbox / "a.bak").write_bytes(TAPE)
    wait_until(lambda: office.sealed(1), "it is taken up again")


def test_the_worker_of_a_practice_office_ends_when_idle(office: Running) -> None:
    office.settle(practice=True, idle_seconds=1.0)
    assert office.start().wait(DEADLINE) == 0


def test_and_when_its_folder_is_gone(office: Running) -> None:
    import shutil

    office.settle(practice=True)
    worker = office.start()
    office.watching()
    while office.folder.exists():  # the worker may write into it meanwhile
        shutil.rmtree(office.folder, ignore_errors=True)
    assert worker.wait(DEADLINE) == 0


def test_settings_that_cannot_be_read_are_an_exit_code(office: Running) -> None:
    office.config.write_text("office = 3\n", "utf-8")
    assert office.start().wait(DEADLINE) == 3
