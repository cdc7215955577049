"""An inbox is the senders' ground: what they plant there touches nothing of ours, and loses nothing of theirs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from factory.bench import Bench
from factory.tape import Set, tape

from core.errors import Unreadable
from core.formats.backup import inspect_file
from core.intake.inbox import Found, found, scan, temporary
from core.intake.removal import Removal, finish, take_out, unfinished
from core.intake.vault import Vault
from core.intake.watch import MOST_TOLD, STUCK_SECONDS

TAPE = tape(Set())
posix = pytest.mark.skipif(os.name == "nt", reason="links, leases and folder handles of POSIX")


def look(path: Path) -> Found:
    return found(path.name, os.stat(path, follow_symlinks=False))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.register.close()


def settle(bench: Bench) -> None:
    bench.tick(2.0, times=4)


@posix
def test_a_link_where_our_folder_would_be_destroys_no_original(bench: Bench) -> None:
    (bench.inbox / "150.bak").write_bytes(TAPE)
    settle(bench)
    (bench.inbox / ".wissel-D-0002").symlink_to(Path(bench.vault.path("D-0001")).parent)
    (bench.inbox / "original").write_bytes(TAPE + b"hostile")
    settle(bench)
    assert bench.original("D-0001") == TAPE
    assert bench.original("D-0002") == TAPE + b"hostile"
    assert (bench.inbox / "original").read_bytes() == TAPE + b"hostile"
    assert len(bench.rows()) == 2
    assert [text for text in bench.said if "cannot be taken out" in text]


def test_what_lies_in_our_folder_already_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".wissel-D-0001").mkdir()
    (tmp_path / ".wissel-D-0001" / "a.ebu").write_bytes(b"theirs")
    (tmp_path / "a.ebu").write_bytes(b"sealed")
    assert take_out(str(tmp_path), "a.ebu", look(tmp_path / "a.ebu"), "D-0001") is Removal.STUCK
    assert (tmp_path / ".wissel-D-0001" / "a.ebu").read_bytes() == b"theirs"
    assert (tmp_path / "a.ebu").read_bytes() == b"sealed"


@posix
def test_a_writer_at_the_last_moment_gets_his_file_back(tmp_path: Path) -> None:
    path = tmp_path / "a.ebu"
    path.write_bytes(b"sealed")
    seen = look(path)
    with path.open("ab") as writer:
        assert take_out(str(tmp_path), "a.ebu", seen, "D-0001") is Removal.STUCK
        (tmp_path / ".wissel-D-0001").mkdir()
        path.rename(tmp_path / ".wissel-D-0001" / "a.ebu")
        assert finish(str(tmp_path), "D-0001", "a.ebu", seen) is Removal.OTHER
        writer.write(b" and more")
    assert path.read_bytes() == b"sealed and more"


@posix
def test_a_folder_swapped_in_under_the_name_goes_back_whole(tmp_path: Path) -> None:
    (tmp_path / "a.ebu").write_bytes(b"sealed")
    seen = look(tmp_path / "a.ebu")
    (tmp_path / "a.ebu").unlink()
    (tmp_path / "a.ebu").mkdir()
    (tmp_path / "a.ebu" / "inside").write_bytes(b"theirs")
    assert take_out(str(tmp_path), "a.ebu", seen, "D-0001") in {Removal.OTHER, Removal.STUCK}
    assert (tmp_path / "a.ebu" / "inside").read_bytes() == b"theirs"


@posix
def test_the_longest_name_goes_back_beside_a_newcomer(tmp_path: Path) -> None:
    name = "é" * 125 + ".ebu"
    (tmp_path / ".wissel-D-0001").mkdir()
    (tmp_path / ".wissel-D-0001" / name).write_bytes(b"old")
    (tmp_path / name).write_bytes(b"new")
    assert finish(str(tmp_path), "D-0001", name, None) is Removal.OTHER
    assert sorted(path.read_bytes() for path in tmp_path.iterdir() if path.is_file()) == [b"new", b"old"]


@posix
def test_a_link_that_looks_like_our_folder_is_not_walked(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").write_bytes(b"x")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / ".wissel-D-0001").symlink_to(tmp_path / "elsewhere")
    assert list(unfinished(str(tmp_path / "inbox"))) == []
    assert (tmp_path / "elsewhere" / "secret").exists()


@posix
def test_a_leftover_that_cannot_go_back_holds_up_no_other(bench: Bench) -> None:
    for number in (8, 9):
        (bench.inbox / f".wissel-D-000{number}").mkdir()
        (bench.inbox / f".wissel-D-000{number}" / f"{number}.bak").write_bytes(TAPE)
    for at in range(1, 1000):
        (bench.inbox / ("8.bak" if at == 1 else f"8 ({at}).bak")).mkdir()
    again = bench.restart()
    assert (again.inbox / "9.bak").read_bytes() == TAPE
    again.register.close()


def test_a_stuck_file_is_tried_again(bench: Bench) -> None:
    (bench.inbox / ".wissel-D-0001").write_bytes(b"in the way")
    (bench.inbox / "150.bak").write_bytes(TAPE)
    settle(bench)
    assert (bench.inbox / "150.bak").exists()
    (bench.inbox / ".wissel-D-0001").unlink()
    bench.tick(STUCK_SECONDS)
    assert bench.lying() == []
    assert bench.story() == ["arrived", "sealed", "judged"]


def test_a_register_that_was_taken_away_empties_no_inbox(bench: Bench) -> None:
    bench.sealing._stands = lambda: False
    (bench.inbox / "150.bak").write_bytes(TAPE)
    settle(bench)
    assert (bench.inbox / "150.bak").read_bytes() == TAPE


@posix
def test_one_name_that_gives_no_look_hides_no_other(tmp_path: Path) -> None:
    """A path that is too long for the system stands for a file that a failing disk does not show."""
    start, place = os.getcwd(), str(tmp_path)
    try:
        os.chdir(tmp_path)
        while len(place) < 4040:
            name = "d" * min(200, 4080 - len(place) - 1)
            os.mkdir(name)
            os.chdir(name)
            place += "/" + name
        for name in ("a.bak", "b" * 60 + ".bak"):
            Path(name).write_bytes(b"x")
    finally:
        os.chdir(start)
    listing = scan(place)
    assert [file.name for file in listing.files] == ["a.bak"]
    assert [stray.what for stray in listing.strays] == ["hidden"]


def test_a_path_that_no_system_takes_is_an_inbox_that_cannot_be_read() -> None:
    with pytest.raises(Unreadable):
        scan("in\0box")
    with pytest.raises(Unreadable):
        list(unfinished("in\0box"))


def test_a_name_that_climbs_is_a_delivery_and_no_temporary_file() -> None:
    assert not temporary("..\\..\\x.bak")
    assert temporary(".x.bak")


def test_another_mount_is_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "a.ebu").write_bytes(b"x")
    one = look(tmp_path / "a.ebu")
    inode = one.look.identity.partition(":")[2]
    other = replace(one, look=replace(one.look, identity=f"ffff:{inode}"))
    assert (one.mark, one.lasting_mark) == (other.mark, other.lasting_mark)


@posix
def test_a_change_whose_time_was_set_back_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.ebu"
    path.write_bytes(b"first")
    seen = look(path)
    path.write_bytes(b"other")
    os.utime(path, ns=(seen.look.mtime_ns, seen.look.mtime_ns))
    with pytest.raises(Unreadable) as caught:
        Vault(str(tmp_path / "vault"), reserve=0).seal(
            "D-0001", str(path), seen, lambda file, sink: inspect_file(file, name="a", sink=sink)
        )
    assert caught.value.key == "file-changed"


def test_a_hundred_thousand_links_fill_no_log(bench: Bench) -> None:
    for number in range(MOST_TOLD + 50):
        (bench.inbox / f"{number}.bak").mkdir()
    bench.tick(times=2)
    assert len(bench.said) == MOST_TOLD
