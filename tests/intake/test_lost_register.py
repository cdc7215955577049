"""A register that is lost, or another one put in its place, while the vault is full of originals."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from factory.bench import Bench
from factory.running import Running
from factory.tape import Set, tape

from core.errors import RegisterError
from core.intake.rooms import open_register, register_stamp
from core.model import StateWord
from core.settings import load

TAPE = tape(Set())
OTHER = tape(Set(database="007"), seed=2)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    (made.inbox / "150.bak").write_bytes(TAPE)
    made.tick(2.0, times=4)
    yield made
    made.register.close()


def forget(bench: Bench) -> Bench:
    """A new register beside the old vault."""
    bench.register.close()
    for file in (bench.folder / "office").glob("register.sqlite*"):
        file.unlink()
    return bench.restart()


def test_no_new_register_is_made_beside_originals(bench: Bench) -> None:
    Running(bench.folder).settle()
    settings = load(bench.folder / "wissel.toml")
    stamp = register_stamp(settings)
    assert stamp is not None
    bench.register.close()
    for file in (bench.folder / "office").glob("register.sqlite*"):
        file.unlink()
    assert register_stamp(settings) != stamp
    with pytest.raises(RegisterError) as caught:
        open_register(settings, who="x", create=True)
    assert caught.value.key == "register-lost"
    os.rename(bench.folder / "office" / "vault", bench.folder / "vault.old")
    open_register(settings, who="x", create=True).close()


def test_an_original_of_another_register_is_never_taken_over(bench: Bench) -> None:
    old = Path(bench.vault.path("D-0001"))
    os.utime(old, (1e9, 1e9))
    again = forget(bench)
    (again.inbox / "007.bak").write_bytes(OTHER)
    again.tick(2.0, times=4)
    assert again.words() == [StateWord.UNKNOWN]
    assert again.record().sha256 is None
    assert (again.inbox / "007.bak").read_bytes() == OTHER
    assert old.read_bytes() == TAPE
    assert len([text for text in again.said if "vault-foreign" in text]) == 1
    old.parent.rename(again.folder / "aside")
    again.tick(6.0, times=4)
    assert again.original() == OTHER
    assert again.lying() == []
    again.register.close()


def test_nor_at_start(bench: Bench) -> None:
    again = forget(bench)
    again.register.arrive(str(again.inbox), "007.bak", "x", len(OTHER), again.clock.now())
    (again.inbox / "007.bak").write_bytes(OTHER)
    os.utime(again.vault.path("D-0001"), (1e9, 1e9))
    last = again.restart()
    assert last.record().sha256 is None
    assert [text for text in last.said if "vault-foreign" in text]
    last.register.close()


def test_the_very_same_file_is_taken_over_whatever_the_clock_says(bench: Bench) -> None:
    os.utime(bench.vault.path("D-0001"), (1e9, 1e9))
    again = forget(bench)
    (again.inbox / "150.bak").write_bytes(TAPE)
    again.tick(2.0, times=4)
    assert again.original() == TAPE
    assert again.record().sha256 is not None
    assert again.lying() == []
    again.register.close()
