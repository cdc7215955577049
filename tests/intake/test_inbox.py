"""What an inbox shows, on real files."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from core.errors import Unreadable
from core.formats.backup import open_regular
from core.intake.exclusive import free
from core.intake.inbox import scan, shown, temporary


@pytest.mark.parametrize(
    "name",
    [
        "a.ebu.part",
        "A.EBU.PART",
        "b.crdownload",
        "c.filepart",
        ".hidden",
        ".wissel-D-0001",
        "d.ebu~",
        "~$e.xls",
        "x.tmp",
    ],
)
def test_temporary_names(name: str) -> None:
    assert temporary(name)


@pytest.mark.parametrize(
    "name", ["a.ebu", "part.ebu", "a.part.ebu", "tmp", "20091001-394-SQL2008-Mijn Administratie.ebu"]
)
def test_names_that_mean_business(name: str) -> None:
    assert not temporary(name)


def test_only_regular_files_are_taken_and_the_rest_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.ebu").write_bytes(b"x")
    (tmp_path / "a.bak").write_bytes(b"yy")
    (tmp_path / "a.bak.part").write_bytes(b"z")
    (tmp_path / "map").mkdir()
    (tmp_path / "link.ebu").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.ebu")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(tmp_path)
        try:
            listener.bind("sock.ebu")
        finally:
            os.chdir(here)
    listing = scan(str(tmp_path))
    assert [(file.name, file.look.size) for file in listing.files] == [("a.bak", 2), ("b.ebu", 1)]
    assert {stray.name: stray.what for stray in listing.strays} == {
        "map": "folder",
        "link.ebu": "symlink",
        "pipe.ebu": "fifo",
        "sock.ebu": "socket",
    }


HOSTILE = [
    b"\xff\xfe.ebu",
    b"a\nb.ebu",
    b"\x1b[31mred.ebu",
    "\u202egpj.ebu".encode(),
    b"-rf.ebu",
    b"up\\..\\..\\x.ebu",
    b"CON.ebu",
    b"[red]x[bold].ebu",
    b"'; DROP TABLE x--].ebu",
    b"n" * 251 + b".ebu",
]


@pytest.mark.parametrize("raw", HOSTILE)
def test_hostile_names_are_data(tmp_path: Path, raw: bytes) -> None:
    with open(os.path.join(os.fsencode(tmp_path), raw), "wb") as file:
        file.write(b"x")
    (found,) = scan(str(tmp_path)).files
    assert os.fsencode(found.name) == raw
    shown(found.name).encode("utf-8")


def test_an_inbox_that_cannot_be_listed_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        scan(str(tmp_path / "nowhere"))
    assert caught.value.key == "inbox"


def test_the_mark_tells_a_later_file_with_the_same_inode_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "a.ebu"
    path.write_bytes(b"1")
    os.utime(path, ns=(1, 1))
    (first,) = scan(str(tmp_path)).files
    path.write_bytes(b"2")
    os.utime(path, ns=(1, 1))
    (second,) = scan(str(tmp_path)).files
    assert first.look == second.look
    assert first.mark != second.mark


def test_links_and_pipes_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(Unreadable) as caught:
            open_regular(str(tmp_path / name))
        assert caught.value.key in {"file-link", "file-special"}


def test_somebody_writing_is_noticed_and_a_reader_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.ebu"
    path.write_bytes(b"x")
    with open_regular(str(path)) as ours:
        assert free(str(path), ours) in {True, None}
        with path.open("rb"):
            assert free(str(path), ours) in {True, None}
        with path.open("ab"):
            assert free(str(path), ours) in {False, None}
        assert free(str(path), ours) in {True, None}
