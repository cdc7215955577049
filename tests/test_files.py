from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core import files
from core.errors import Cancelled, NoSpace, NotFound, Refused, Unreadable

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX modes and links")


def test_writes_bytes_text_and_chunks(tmp_path: Path) -> None:
    files.atomic_write(tmp_path / "a", b"bytes")
    files.atomic_write(tmp_path / "b", "tekst é")
    files.atomic_write(tmp_path / "c", iter([b"in ", b"pieces"]))
    assert [(tmp_path / name).read_bytes() for name in "abc"] == [b"bytes", "tekst é".encode(), b"in pieces"]
    assert sorted(os.listdir(tmp_path)) == ["a", "b", "c"]


def test_an_existing_file_is_kept_unless_asked(tmp_path: Path) -> None:
    target = tmp_path / "a"
    files.atomic_write(target, b"first")
    with pytest.raises(Refused, match="exists"):
        files.atomic_write(target, b"second")
    assert target.read_bytes() == b"first"
    files.atomic_write(target, b"second", overwrite=True)
    assert target.read_bytes() == b"second"


@posix
def test_mode_does_not_depend_on_the_umask(tmp_path: Path) -> None:
    code = (
        "import os, sys; os.umask(0); from core import files;"
        "files.private_dir(sys.argv[1]); files.atomic_write(sys.argv[1] + '/f', b'x')"
    )
    folder = tmp_path / "private"
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "f").stat().st_mode) == 0o600


@posix
def test_links_are_replaced_or_refused_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    (tmp_path / "link").symlink_to(outside)
    files.atomic_write(tmp_path / "link", b"new", overwrite=True)
    assert outside.read_bytes() == b"mine"
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Refused):
        files.atomic_write(tmp_path / "dangling", b"x")
    (tmp_path / "sealed").symlink_to(outside)
    with pytest.raises(Refused, match="not-a-file"):
        files.seal(tmp_path / "sealed")
    (tmp_path / "folder").symlink_to(tmp_path, target_is_directory=True)
    with pytest.raises(Refused, match="not-a-folder"):
        files.private_dir(tmp_path / "folder")


def test_a_failing_source_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> object:
        yield b"half"
        raise RuntimeError("source")

    with pytest.raises(RuntimeError):
        files.atomic_write(tmp_path / "a", broken())  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == []


@posix
def test_no_space_is_one_error_and_no_half_file(tmp_path: Path) -> None:
    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))

    code = (
        "import sys; from core import files; from core.errors import NoSpace\n"
        "try: files.atomic_write(sys.argv[1], (b'x' * 4096 for _ in range(100)))\n"
        "except NoSpace as problem: print(problem.key)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "big")],
        preexec_fn=limited,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "no-space\n"
    assert os.listdir(tmp_path) == []


@posix
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is a Linux device")
def test_a_full_device_says_no_space() -> None:
    with pytest.raises(NoSpace), files.speaking("/dev/full"), open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")


def test_missing_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        files.sha256_of(tmp_path / "none")
    with pytest.raises((Unreadable, NotFound)):
        files.atomic_write(tmp_path / "no" / "folder", b"x")


def test_seal_makes_read_only(tmp_path: Path) -> None:
    target = tmp_path / "original"
    target.write_bytes(b"x")
    files.seal(target)
    assert not stat.S_IMODE(target.stat().st_mode) & 0o222


def test_copy_hashes_what_it_wrote(tmp_path: Path) -> None:
    data = os.urandom(3 * files.CHUNK + 7)
    (tmp_path / "in").write_bytes(data)
    digest = files.copy_new(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == data
    assert digest == files.sha256_of(tmp_path / "in") == files.sha256_of(tmp_path / "out")
    with pytest.raises(Refused):
        files.copy_new(tmp_path / "in", tmp_path / "out")


def test_cancel_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"x" * 10)
    with pytest.raises(Cancelled):
        files.copy_new(tmp_path / "in", tmp_path / "out", cancel=lambda: True)
    assert os.listdir(tmp_path) == ["in"]


def test_progress_counts_bytes(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"x" * (files.CHUNK + 5))
    seen: list[int] = []
    files.sha256_of(tmp_path / "in", progress=seen.append)
    assert seen == [files.CHUNK, files.CHUNK + 5]


def test_one_of_many_racing_writers_wins(tmp_path: Path) -> None:
    code = (
        "import sys; from core import files; from core.errors import Refused\n"
        "try: files.atomic_write(sys.argv[1], sys.argv[2].encode() * 1000); print('won')\n"
        "except Refused: print('lost')"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "one"), str(number)], stdout=subprocess.PIPE, text=True
        )
        for number in range(4)
    ]
    answers = [run.communicate(timeout=30)[0].strip() for run in runs]
    winner = str(answers.index("won"))
    assert sorted(answers) == ["lost", "lost", "lost", "won"]
    assert (tmp_path / "one").read_bytes() == winner.encode() * 1000
    assert os.listdir(tmp_path) == ["one"]


@posix
def test_a_folder_is_opened_once_and_no_link_leads_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    (tmp_path / "a").write_bytes(b"a")
    with pytest.raises(Refused, match="not-a-folder"):
        files.Folder(str(tmp_path / "link"))
    with files.Folder(str(tmp_path / "ours")) as folder:
        (tmp_path / "ours").rename(tmp_path / "moved")
        (tmp_path / "ours").symlink_to(tmp_path / "theirs")
        folder.take(str(tmp_path / "a"), "a")
        assert folder.names() == ["a"]
    assert (tmp_path / "moved" / "a").read_bytes() == b"a"
    assert os.listdir(tmp_path / "theirs") == []


@posix
def test_nothing_in_a_folder_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "a").write_bytes(b"there")
    (tmp_path / "a").write_bytes(b"new")
    with files.Folder(str(tmp_path / "ours")) as folder, pytest.raises(Refused, match="exists"):
        folder.take(str(tmp_path / "a"), "a")
    assert (tmp_path / "ours" / "a").read_bytes() == b"there"
    assert (tmp_path / "a").read_bytes() == b"new"


@posix
def test_out_of_a_folder_and_never_over_anything(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "map").mkdir()
    (tmp_path / "ours" / "map" / "inside").write_bytes(b"x")
    (tmp_path / "taken").mkdir()
    with files.Folder(str(tmp_path / "ours")) as folder:
        with pytest.raises(Refused, match="exists"):
            files.rename_new("map", tmp_path / "taken", source_folder=folder)
        files.rename_new("map", tmp_path / "map", source_folder=folder)
    assert (tmp_path / "map" / "inside").read_bytes() == b"x"
    assert os.listdir(tmp_path / "ours") == []
