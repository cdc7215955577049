"""Exactly one worker for each office."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from core.operations.lock import WorkerLock

RACER = """
import sys
from core.operations.lock import WorkerLock
lock = WorkerLock(sys.argv[1], patience=0.01)
for line in sys.stdin:
    if line == "take\\n":
        print("won" if lock.take() else "lost", flush=True)
    else:
        lock.free()
        print("free", flush=True)
"""


def racer(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RACER, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def order(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(word + "\n")
    process.stdin.flush()


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_of_two_racers_exactly_one_wins_every_time(tmp_path: Path) -> None:
    one, two = racer(tmp_path), racer(tmp_path)
    try:
        for _ in range(200):
            order(one, "take")
            order(two, "take")
            assert sorted([answer(one), answer(two)]) == ["lost", "won"]
            order(one, "free")
            order(two, "free")
            answer(one)
            answer(two)
    finally:
        for process in (one, two):
            process.communicate(timeout=10)


def test_a_killed_holder_leaves_the_lock_free(tmp_path: Path) -> None:
    holder = racer(tmp_path)
    order(holder, "take")
    assert answer(holder) == "won"
    assert WorkerLock(str(tmp_path)).held()
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate(timeout=10)
    assert not WorkerLock(str(tmp_path)).held()
    lock = WorkerLock(str(tmp_path))
    assert lock.take()
    lock.free()


def test_asking_is_no_taking(tmp_path: Path) -> None:
    ours = WorkerLock(str(tmp_path))
    assert not ours.held()
    assert ours.take()
    assert WorkerLock(str(tmp_path)).held()
    ours.free()
    assert not WorkerLock(str(tmp_path)).held()


def test_an_office_that_is_gone_has_no_worker(tmp_path: Path) -> None:
    lock = WorkerLock(str(tmp_path / "gone" / "deeper"))
    assert not lock.held()
