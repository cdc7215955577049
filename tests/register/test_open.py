from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from factory.records import evidence, moment

from core.errors import NoSpace, RegisterError
from core.model import Claim, StateWord
from core.register import codec
from core.register.place import kind_at, network_of
from core.register.register import Register, register_file
from core.register.schema import VERSION

SPAWN = multiprocessing.get_context("spawn")


def test_a_register_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="register-missing"):
        Register.open(Path(register_file(tmp_path)))
    assert os.listdir(tmp_path) == []


def test_an_unmade_postgresql_register_is_missing(postgresql_url: str) -> None:
    with pytest.raises(RegisterError, match="register-missing"):
        Register.open(postgresql_url)


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_the_file_is_ours_alone(tmp_path: Path) -> None:
    path = Path(register_file(tmp_path))
    register = Register.open(path, create=True)
    register.note("office")
    assert {stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in os.listdir(tmp_path)} == {0o600}
    register.close()


def test_opening_twice_keeps_what_is_there(tmp_path: Path) -> None:
    path = Path(register_file(tmp_path))
    for _ in range(2):
        register = Register.open(path, create=True)
        register.note("office")
        register.close()
    register = Register.open(f"sqlite:///{path}")
    assert len(register.custody()) == 2
    register.close()


def test_a_register_that_was_taken_away_is_not_made_anew(tmp_path: Path) -> None:
    path = Path(register_file(tmp_path / "odd %41?#&name"))
    path.parent.mkdir()
    register = Register.open(path, create=True)
    assert os.listdir(tmp_path) == ["odd %41?#&name"]
    register.close()
    path.unlink()
    with pytest.raises(RegisterError):
        register.pulse()
    assert not path.exists()


def test_a_newer_register_is_left_alone(tmp_path: Path) -> None:
    path = Path(register_file(tmp_path))
    Register.open(path, create=True).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE state SET version = ?", (VERSION + 1,))
    for create in (True, False):
        with pytest.raises(RegisterError, match="register-newer"):
            Register.open(path, create=create)


@pytest.mark.parametrize("content", [b"", b"not a database at all " * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_register(tmp_path: Path, content: bytes) -> None:
    path = Path(register_file(tmp_path))
    path.write_bytes(content)
    with pytest.raises(RegisterError):
        Register.open(path)


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x", "postgresql://u@127.0.0.1:1/x?connect_timeout=2"])
def test_addresses_that_lead_nowhere(url: str) -> None:
    with pytest.raises(RegisterError):
        Register.open(url)


def test_a_secret_in_the_address_never_shows() -> None:
    with pytest.raises(RegisterError) as caught:
        Register.open("postgresql://u@127.0.0.1:1/x?connect_timeout=2", password="kanarie")
    assert "kanarie" not in str(caught.value)


MOUNTS = """\
22 1 254:0 / / rw - ext4 /dev/vda rw
30 22 0:30 / /mnt/share rw shared:1 - cifs //srv/share rw
31 22 0:31 / /mnt/share/local rw - ext4 /dev/vdb rw
32 22 0:32 / /mnt/with\\040blank rw - nfs4 srv:/x rw
33 22 0:33 / /mnt/twice rw - ext4 /dev/vdc rw
34 22 0:34 / /mnt/twice rw - fuse.sshfs srv:/x rw
garbage
""".splitlines()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home", "ext4"), ("/mnt/share", "cifs"), ("/mnt/share/a/b", "cifs"), ("/mnt/shared", "ext4"),
        ("/mnt/share/local/a", "ext4"), ("/mnt/with blank/a", "nfs4"), ("/mnt/twice", "fuse.sshfs"),
    ],
)  # fmt: skip
def test_the_file_system_of_a_folder(path: str, kind: str) -> None:
    assert kind_at(path, MOUNTS) == kind


def test_the_temporary_folder_is_no_share(tmp_path: Path) -> None:
    assert network_of(str(tmp_path)) is None


def write_many(url: str | Path, name: str, count: int) -> None:
    register = Register.open(url, create=True, who=name)
    for number in range(count):
        delivery = register.arrive("/in", f"file-{number}", str(number), 1, moment())
        register.seal(delivery, f"{number:064x}", delivery, moment(), evidence())
        register.judge(delivery, None, (), None, StateWord.OK, "f")
    register.close()


def test_writers_race_from_the_first_moment_and_nothing_is_twice(url: str | Path) -> None:
    count = 25
    writers = [SPAWN.Process(target=write_many, args=(url, f"w{number}", count)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(50)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    register = Register.open(url)
    rows, total = register.page(limit=1000)
    assert total == count
    assert {row.file for row in rows} == {f"file-{number}" for number in range(count)}
    whats = [line.what for line in register.custody(1000)]
    assert {what: whats.count(what) for what in set(whats)} == {"arrived": count, "sealed": count, "judged": count}
    assert register.verify_custody() is None
    register.close()


def die_in_a_transaction(path: Path) -> None:
    from core.register import engine

    register = Register.open(path)
    with engine.writing(register._engine, "w", "h") as work:
        work.record("office", moment())
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_writer_killed_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    path = Path(register_file(tmp_path))
    register = Register.open(path, create=True)
    register.note("office")
    victim = SPAWN.Process(target=die_in_a_transaction, args=(path,))
    victim.start()
    victim.join(50)
    assert victim.exitcode == -signal.SIGKILL
    register.note("office")
    assert [line.seq for line in register.custody()] == [2, 1]
    assert register.verify_custody() is None
    register.close()


def fill_up(path: Path, answers: object) -> None:
    register = Register.open(path)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    try:
        for _ in range(500):
            register.note("office", text="x" * 5000)
    except (NoSpace, RegisterError) as problem:
        answers.put(problem.key)  # type: ignore[attr-defined]


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
def test_a_full_disk_is_an_error_and_the_register_goes_on_after(tmp_path: Path) -> None:
    path = Path(register_file(tmp_path))
    register = Register.open(path, create=True)
    answers = SPAWN.Queue()
    writer = SPAWN.Process(target=fill_up, args=(path, answers))
    writer.start()
    assert answers.get(timeout=50) in {"register-full", "register-failed"}
    writer.join(50)
    assert register.verify_custody() is None
    register.note("office")
    assert register.verify_custody() is None
    register.close()


def test_threads_share_a_register(register: Register) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda number: register.arrive("/in", f"f{number % 5}", "1", 1, moment()), range(20)))
    assert len(set(ids)) == 5
    assert register.verify_custody() is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"v":2}', '{"v":1,"kind":1,"stranger":false,"complete":true,"claims":[],"findings":[]}', '{"v":1}',
     '{"v":1,"kind":"x","stranger":0,"complete":true,"claims":[],"findings":[]}',
     '{"v":1,"kind":"x","stranger":false,"complete":true,"claims":[["a",null,"name",false,null,null]],"findings":[]}'],
)  # fmt: skip
def test_stored_evidence_that_does_not_fit_is_a_damaged_register(text: str) -> None:
    with pytest.raises(RegisterError, match="register-damaged"):
        codec.load_evidence(text)


def test_hostile_text_survives_storing(register: Register) -> None:
    delivery = register.arrive("/in", "a", "1", 1, moment())
    read = evidence(database="\x00\udcff\u202e漢", administration_name="a\x00b")
    register.seal(delivery, "0" * 64, "v", moment(), read, members=(("..\\x\x00", 1),))
    register.tell(delivery, Claim("server", "\x00", read.claims[0].source, by="j", at=moment()))
    record = register.delivery(delivery)
    assert (record.evidence, record.members) == (read, (("..\\x\x00", 1),))
