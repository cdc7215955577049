"""Out of the inbox, and never the wrong file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.intake.inbox import Found, found, scan
from core.intake.removal import Removal, finish, take_out, unfinished


def look(path: Path) -> Found:
    return found(path.name, os.stat(path, follow_symlinks=False))


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.fixture
def arrived(tmp_path: Path) -> Path:
    path = tmp_path / "a.ebu"
    path.write_bytes(b"sealed")
    return path


def test_the_sealed_file_is_removed(tmp_path: Path, arrived: Path) -> None:
    assert take_out(str(tmp_path), "a.ebu", look(arrived), "D-0001") is Removal.REMOVED
    assert names(tmp_path) == []


def test_a_second_file_of_the_same_name_stays(tmp_path: Path, arrived: Path) -> None:
    seen = look(arrived)
    arrived.unlink()
    arrived.write_bytes(b"second")
    os.utime(arrived, ns=(7, 7))
    assert take_out(str(tmp_path), "a.ebu", seen, "D-0001") is Removal.OTHER
    assert arrived.read_bytes() == b"second"
    assert names(tmp_path) == ["a.ebu"]


def test_a_file_that_is_gone_already_is_no_trouble(tmp_path: Path, arrived: Path) -> None:
    seen = look(arrived)
    arrived.unlink()
    assert take_out(str(tmp_path), "a.ebu", seen, "D-0001") is Removal.OTHER
    assert names(tmp_path) == []


def crash_after_rename(folder: Path, arrived: Path) -> None:
    (folder / ".wissel-D-0001").mkdir()
    arrived.rename(folder / ".wissel-D-0001" / arrived.name)


def test_a_crash_between_rename_and_removal_is_finished(tmp_path: Path, arrived: Path) -> None:
    seen = look(arrived)
    crash_after_rename(tmp_path, arrived)
    assert scan(str(tmp_path)).files == ()
    (left,) = unfinished(str(tmp_path))
    assert (left.delivery, left.name, left.file.look) == ("D-0001", "a.ebu", seen.look)
    assert finish(str(tmp_path), "D-0001", "a.ebu", seen) is Removal.REMOVED
    assert names(tmp_path) == []


def test_what_was_never_sealed_goes_back_beside_a_newcomer(tmp_path: Path, arrived: Path) -> None:
    crash_after_rename(tmp_path, arrived)
    arrived.write_bytes(b"newcomer")
    assert finish(str(tmp_path), "D-0001", "a.ebu", None) is Removal.OTHER
    assert names(tmp_path) == ["a (2).ebu", "a.ebu"]
    assert (tmp_path / "a (2).ebu").read_bytes() == b"sealed"
    assert arrived.read_bytes() == b"newcomer"


def test_an_empty_folder_of_ours_is_tidied(tmp_path: Path) -> None:
    (tmp_path / ".wissel-D-0009").mkdir()
    assert list(unfinished(str(tmp_path))) == []
    assert names(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may remove anything")
def test_a_file_that_we_may_not_remove_is_said(tmp_path: Path, arrived: Path) -> None:
    seen = look(arrived)
    tmp_path.chmod(0o500)
    try:
        assert take_out(str(tmp_path), "a.ebu", seen, "D-0001") is Removal.STUCK
    finally:
        tmp_path.chmod(0o700)
    assert arrived.read_bytes() == b"sealed"
