"""A fault or a power cut at every step of sealing, then a restart: nothing lost, nothing twice."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from factory.bench import Bench
from factory.tape import Set, tape
from fakes.disk import FaultyDisk, PowerCut, SmallDisk

from core.intake.disk import RealDisk
from core.intake.judging import Judge, Read
from core.model import StateWord

TAPE = tape(Set())
OTHER = tape(Set(database="007"), seed=2)


def drop(bench: Bench, name: str = "150.bak", data: bytes = TAPE) -> Path:
    path = bench.inbox / name
    path.write_bytes(data)
    return path


def settle(bench: Bench) -> None:
    bench.tick(6.0, times=6)


def all_is_well(bench: Bench) -> None:
    """One delivery, sealed and judged, its bytes in the vault, nothing left anywhere else."""
    row = bench.only()
    assert row.state not in {StateWord.ARRIVING, StateWord.READING, StateWord.GONE}
    assert bench.original(row.id) == TAPE
    assert bench.lying() == []
    assert bench.story().count("sealed") == 1
    assert bench.story()[-1] == "judged"
    vault = Path(bench.vault.folder)
    assert [str(path.relative_to(vault)) for path in vault.rglob("*") if path.is_file()] == [f"{row.id}/original"]
    assert bench.register.verify_custody() is None


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> int:
    disk = FaultyDisk()
    bench = Bench(tmp_path_factory.mktemp("steps"), disk)
    drop(bench)
    settle(bench)
    bench.register.close()
    assert {"create", "write", "sync", "protect", "rename", "sync-folder"} <= set(disk.done)
    return len(disk.done)


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_power_cut_at_any_step_of_the_disk(tmp_path: Path, steps: int, *, late: bool) -> None:
    for step in range(1, steps + 1):
        bench = Bench(tmp_path / str(step), FaultyDisk(step, None, late=late))
        drop(bench)
        with pytest.raises(PowerCut):
            settle(bench)
        again = bench.restart()
        settle(again)
        all_is_well(again)
        again.register.close()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_once_at_any_step(tmp_path: Path, steps: int, code: int) -> None:
    for step in range(1, steps + 1):
        bench = Bench(tmp_path / str(step), FaultyDisk(step, code))
        drop(bench)
        settle(bench)
        all_is_well(bench)
        bench.register.close()


def test_a_full_disk_is_said_on_the_row_and_the_rest_goes_on_when_there_is_room(tmp_path: Path) -> None:
    disk = SmallDisk(10)
    bench = Bench(tmp_path, disk)
    drop(bench)
    settle(bench)
    assert bench.only().state is StateWord.UNKNOWN
    assert bench.story() == ["arrived", "unreadable"]
    assert bench.rules() >= {103}
    assert len(bench.said) == 1
    disk.free = 1 << 40
    settle(bench)
    assert bench.original() == TAPE
    assert bench.lying() == []
    bench.register.close()


class CutJudge(Judge):
    """The lights go out at the verdict: the row is sealed, the inbox file still lies there."""

    def judge(self, delivery: str, read: Read | None = None, *, related: bool = True) -> None:
        raise PowerCut


def cut_at_the_verdict(bench: Bench) -> None:
    bench.judge.__class__ = CutJudge
    drop(bench)
    with pytest.raises(PowerCut):
        settle(bench)
    assert bench.record().stage == "sealed"


def test_a_power_cut_between_register_and_verdict(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    cut_at_the_verdict(bench)
    assert bench.lying() == ["150.bak"]
    again = bench.restart()
    settle(again)
    all_is_well(again)
    again.register.close()


def test_another_file_put_there_while_the_worker_was_down(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    cut_at_the_verdict(bench)
    drop(bench, data=OTHER)
    again = bench.restart()
    settle(again)
    assert [again.original(row.id) for row in again.rows()] == [TAPE, OTHER]
    assert again.lying() == []
    again.register.close()


def test_the_same_when_only_the_vault_has_it(tmp_path: Path, steps: int) -> None:
    bench = Bench(tmp_path, FaultyDisk(steps, None, late=True))
    drop(bench)
    with pytest.raises(PowerCut):
        settle(bench)
    drop(bench, data=OTHER)
    again = bench.restart()
    settle(again)
    assert [again.original(row.id) for row in again.rows()] == [TAPE, OTHER]
    assert again.lying() == []
    again.register.close()


@pytest.fixture
def set_aside(tmp_path: Path) -> Bench:
    """Sealed, renamed into our folder in the inbox, not removed yet."""
    bench = Bench(tmp_path)
    cut_at_the_verdict(bench)
    (bench.inbox / ".wissel-D-0001").mkdir()
    (bench.inbox / "150.bak").rename(bench.inbox / ".wissel-D-0001" / "150.bak")
    return bench


def test_a_power_cut_between_setting_aside_and_removing(set_aside: Bench) -> None:
    again = set_aside.restart()
    settle(again)
    all_is_well(again)
    again.register.close()


def test_a_strange_file_set_aside_comes_back_as_a_delivery(set_aside: Bench) -> None:
    (set_aside.inbox / ".wissel-D-0001" / "150.bak").write_bytes(OTHER)
    again = set_aside.restart()
    settle(again)
    assert [again.original(row.id) for row in again.rows()] == [TAPE, OTHER]
    assert again.lying() == []
    again.register.close()


def test_folders_that_only_look_like_ours_do_no_harm(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    folder = bench.inbox / ".wissel-D-9999"
    folder.mkdir()
    (folder / "x.bak").write_bytes(OTHER)
    (bench.inbox / ".wissel-nonsense").mkdir()
    (bench.inbox / ".wissel-nonsense" / "y.bak").write_bytes(TAPE)
    again = bench.restart()
    settle(again)
    assert sorted(again.original(row.id) for row in again.rows()) == sorted([TAPE, OTHER])
    assert again.lying() == []
    again.register.close()


def test_a_stale_part_is_thrown_away(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    os.makedirs(os.path.join(bench.vault.folder, "D-0001"))
    Path(bench.vault.path("D-0001") + ".part").write_bytes(b"half")
    drop(bench)
    settle(bench)
    all_is_well(bench)
    bench.register.close()


def test_the_real_disk_gives_what_the_fake_counts(tmp_path: Path) -> None:
    disk = RealDisk()
    disk.make_folder(str(tmp_path / "a" / "b"))
    with disk.create(str(tmp_path / "a" / "b" / "c")) as file:
        disk.write(file, b"x" * 100_000)
        disk.sync(file)
    disk.sync_folder(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b" / "c").stat().st_size == 100_000
    disk.remove(str(tmp_path / "a" / "b" / "c"))
    disk.remove(str(tmp_path / "a" / "b" / "c"))
