"""The vault on real files: sealed in one read, read-only, whole or not at all, whatever breaks."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from fakes.disk import FaultyDisk, PowerCut, SmallDisk

from core.errors import NoSpace, Unreadable, VaultError, WisselError
from core.formats.report import Inspection
from core.intake.inbox import Found, found
from core.intake.vault import Reader, Sink, Vault

DATA = bytes(range(256)) * 40
SHA = hashlib.sha256(DATA).hexdigest()


def reading(meanwhile: Callable[[], None] = lambda: None) -> Reader:
    """Reads in pieces; `meanwhile` happens after the first."""

    def read(file: IO[bytes], sink: Sink | None) -> Inspection:
        digest, size = hashlib.sha256(), 0
        while data := file.read(4000):
            digest.update(data)
            if sink is not None:
                sink(data)
            if not size:
                meanwhile()
            size += len(data)
        return Inspection("x", size, "unknown", complete=True, sha256=digest.hexdigest())

    return read


def look(path: Path) -> Found:
    return found(path.name, os.stat(path, follow_symlinks=False))


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    path = tmp_path / "a.ebu"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "vault")


def names(folder: str) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


def test_an_original_is_sealed_read_only_under_our_name(folder: str, incoming: Path) -> None:
    sealed = Vault(folder).seal("D-0001", str(incoming), look(incoming), reading())
    assert (sealed.sha256, sealed.size) == (SHA, len(DATA))
    assert names(folder) == ["D-0001/original"]
    assert Path(sealed.path).read_bytes() == DATA
    assert stat.S_IMODE(os.stat(sealed.path).st_mode) == 0o400
    assert stat.S_IMODE(os.stat(os.path.dirname(sealed.path)).st_mode) == 0o700
    assert incoming.read_bytes() == DATA


@pytest.mark.parametrize("change", ["grow", "touch", "swap", "vanish", "link"])
def test_a_file_that_changes_under_our_hands_is_not_sealed(folder: str, incoming: Path, change: str) -> None:
    def meanwhile() -> None:
        if change == "grow":
            with incoming.open("ab") as file:
                file.write(b"more")
        elif change == "touch":
            os.utime(incoming, ns=(5, 5))
        else:
            incoming.unlink()
            if change == "swap":
                incoming.write_bytes(DATA)
            elif change == "link":
                incoming.symlink_to("/etc/hostname")

    with pytest.raises(Unreadable) as caught:
        Vault(folder).seal("D-0001", str(incoming), look(incoming), reading(meanwhile))
    assert caught.value.key == "file-changed"
    assert names(folder) == []


def test_a_file_that_changed_before_is_not_even_begun(folder: str, incoming: Path) -> None:
    seen = look(incoming)
    incoming.write_bytes(DATA + b"more")
    disk = FaultyDisk()
    with pytest.raises(Unreadable):
        Vault(folder, disk).seal("D-0001", str(incoming), seen, reading())
    assert "create" not in disk.done


def test_room_is_asked_for_before_the_first_byte(folder: str, incoming: Path) -> None:
    with pytest.raises(NoSpace) as caught:
        Vault(folder, SmallDisk(len(DATA) - 1), reserve=0).seal("D-0001", str(incoming), look(incoming), reading())
    assert caught.value.params["need"] == len(DATA)
    assert names(folder) == []
    Vault(folder, SmallDisk(len(DATA)), reserve=0).seal("D-0001", str(incoming), look(incoming), reading())


def steps_of_one_sealing(tmp_path: Path) -> int:
    disk = FaultyDisk()
    path = tmp_path / "probe"
    path.write_bytes(DATA)
    Vault(str(tmp_path / "probe-vault"), disk).seal("D-0001", str(path), look(path), reading())
    return len(disk.done)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EACCES])
def test_a_disk_that_fails_at_any_step_leaves_nothing_half_and_the_next_try_works(
    tmp_path: Path, folder: str, incoming: Path, code: int
) -> None:
    for step in range(1, steps_of_one_sealing(tmp_path) + 1):
        delivery = f"D-{step:04d}"
        disk = FaultyDisk(step, code)
        with pytest.raises(WisselError) as caught:
            Vault(folder, disk).seal(delivery, str(incoming), look(incoming), reading())
        assert isinstance(caught.value, NoSpace if code in {errno.ENOSPC, errno.EDQUOT} else VaultError), disk.done
        assert incoming.read_bytes() == DATA
        vault = Vault(folder)
        again = (
            vault.adopt(delivery, reading())
            if vault.holds(delivery)
            else vault.seal(delivery, str(incoming), look(incoming), reading())
        )
        assert again.sha256 == SHA
        assert names(os.path.join(folder, delivery)) == ["original"]


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_power_cut_at_any_step_is_recovered(tmp_path: Path, folder: str, incoming: Path, *, late: bool) -> None:
    for step in range(1, steps_of_one_sealing(tmp_path) + 1):
        delivery = f"D-{step:04d}"
        disk = FaultyDisk(step, None, late=late)
        with pytest.raises(PowerCut):
            Vault(folder, disk).seal(delivery, str(incoming), look(incoming), reading())
        vault = Vault(folder)
        again = (
            vault.adopt(delivery, reading())
            if vault.holds(delivery)
            else vault.seal(delivery, str(incoming), look(incoming), reading())
        )
        assert (again.sha256, again.size) == (SHA, len(DATA))
        assert names(os.path.join(folder, delivery)) == ["original"]
        assert stat.S_IMODE(os.stat(again.path).st_mode) == 0o400


def test_an_original_is_proven_by_its_hash(folder: str, incoming: Path) -> None:
    vault = Vault(folder)
    sealed = vault.seal("D-0001", str(incoming), look(incoming), reading())
    assert vault.verify("D-0001", SHA, reading()).sha256 == SHA
    os.chmod(sealed.path, 0o600)
    with open(sealed.path, "r+b") as file:
        file.write(b"!")
    with pytest.raises(VaultError) as caught:
        vault.verify("D-0001", SHA, reading())
    assert caught.value.key == "vault-changed"


@pytest.mark.parametrize("how", ["gone", "link"])
def test_a_missing_or_swapped_original_is_said(folder: str, incoming: Path, how: str) -> None:
    vault = Vault(folder)
    sealed = vault.seal("D-0001", str(incoming), look(incoming), reading())
    os.unlink(sealed.path)
    if how == "link":
        os.symlink(incoming, sealed.path)
    with pytest.raises(VaultError) as caught:
        vault.verify("D-0001", SHA, reading())
    assert caught.value.key == "vault-missing"


def test_an_original_is_never_written_over(folder: str, incoming: Path) -> None:
    vault = Vault(folder)
    vault.seal("D-0001", str(incoming), look(incoming), reading())
    incoming.write_bytes(b"another")
    with pytest.raises(VaultError) as caught:
        vault.seal("D-0001", str(incoming), look(incoming), reading())
    assert caught.value.key == "vault-taken"
    assert Path(vault.path("D-0001")).read_bytes() == DATA
