"""`check`: break each thing once, and exactly that check turns red."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import pytest
import tomli_w
from factory.bench import Bench
from factory.running import Running
from factory.tape import Set, tape

from core.model import Check
from core.office.checks import all_checks
from core.office.finding import Finding
from core.office.probes import PROBES
from core.operations.lock import WorkerLock
from core.settings import Settings, load
from core.texts.checks import TEXTS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    running = Running(tmp_path)
    (tmp_path / "outbox").mkdir()
    target = {"name": "oefen16", "engine": "embedded", "sql_release": "2016", "product_update": 421, "family": "next"}
    running.settle(outbox="outbox", targets=[target])
    bench = Bench(tmp_path)
    (bench.inbox / "150.bak").write_bytes(tape(Set()))
    bench.tick(times=5)
    bench.register.close()
    return tmp_path


def checks(folder: Path, **changes: object) -> dict[str, Check]:
    """By name; the last finding of each. The worker's lock is ours, so that a worker seems to run."""
    if changes:
        import tomllib

        config = folder / "wissel.toml"
        config.write_text(tomli_w.dumps(tomllib.loads(config.read_text("utf-8")) | changes), "utf-8")
    lock = WorkerLock(str(folder / "office"))
    assert lock.take()
    try:
        return {check.name: check for check in all_checks(load(folder / "wissel.toml"))}
    finally:
        lock.free()


def red(found: dict[str, Check]) -> set[str]:
    return {name for name, check in found.items() if check.ok is False}


def test_all_is_well(folder: Path) -> None:
    found = checks(folder)
    assert list(found) == list(PROBES)
    assert red(found) <= {"space"}
    assert all(check.text for check in found.values())


def no_inbox(folder: Path) -> None:
    (folder / "inbox").rmdir()


def no_outbox(folder: Path) -> None:
    (folder / "outbox").rmdir()


def open_office(folder: Path) -> None:
    (folder / "office").chmod(0o755)


def changed_original(folder: Path) -> None:
    original = folder / "office" / "vault" / "D-0001" / "original"
    original.chmod(0o600)
    original.write_bytes(b"other")


def missing_original(folder: Path) -> None:
    (folder / "office" / "vault" / "D-0001" / "original").unlink()


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        (no_inbox, "inbox"),
        (no_outbox, "outbox"),
        (open_office, "office"),
        (changed_original, "vault"),
        (missing_original, "vault"),
    ],
)
def test_what_is_broken_is_red(folder: Path, broken: Callable[[Path], None], name: str) -> None:
    broken(folder)
    found = checks(folder)
    assert red(found) - {"space"} == {name}
    assert found[name].hint


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"inboxes": []}, "inbox"),
        ({"targets": []}, "targets"),
        ({"targets": [{"name": "x", "engine": "embedded", "sql_release": "2006"}]}, "targets"),
        ({"tables": "nowhere.toml"}, "tables"),
    ],
)
def test_settings_that_cannot_work_are_red(folder: Path, changes: dict[str, object], name: str) -> None:
    assert name in red(checks(folder, **changes))


def test_a_target_with_gaps_is_a_question(folder: Path) -> None:
    check = checks(folder, targets=[{"name": "sql16", "product_update": 421}])["targets"]
    assert check.ok is None
    assert "sql_release" in check.text


SERVER = {"name": "sql16", "sql_release": "2016", "product_update": 421, "family": "next"}


def driver(folder: Path, **changes: object) -> Check:
    return checks(folder, targets=[SERVER], **changes)["driver"]


def broken_pyodbc(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is installed, and whose libodbc is not."""
    (place / "pyodbc.py").write_text('raise ImportError("libodbc.so.2: cannot open shared object file")', "utf-8")
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.delitem(sys.modules, "pyodbc", raising=False)


def test_the_driver_is_asked_for_only_where_a_sql_server_is_called(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_pyodbc(tmp_path, monkeypatch)
    assert checks(folder)["driver"].text == "not needed: no SQL Server target"
    practice = driver(folder, practice=True)
    assert practice.ok is True
    assert "sql16" in practice.text


def test_a_driver_that_does_not_load_is_one_line_with_what_to_install(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as there:
        there.setitem(sys.modules, "pyodbc", ModuleType("pyodbc"))
        assert driver(folder).ok is True
    with monkeypatch.context() as absent:
        absent.setitem(sys.modules, "pyodbc", None)
        found = driver(folder)
        assert (found.ok, found.hint) == (False, "pip install pyodbc")
    broken_pyodbc(tmp_path, monkeypatch)
    found = driver(folder)
    assert (found.ok, found.hint) == (False, "apt install unixodbc")
    assert "libodbc" in found.text
    assert "sql16" in found.text


def test_a_worker_that_is_not_there_is_red(folder: Path) -> None:
    found = {check.name: check for check in all_checks(load(folder / "wissel.toml"))}
    assert found["worker"].ok is False


def test_strays_are_named(folder: Path) -> None:
    (folder / "inbox" / "link.ebu").symlink_to("/etc/passwd")
    check = checks(folder)["inbox"]
    assert check.ok is None
    assert "link.ebu" in check.text


def test_a_changed_log_is_red(folder: Path) -> None:
    import sqlite3

    database = sqlite3.connect(folder / "office" / "register.sqlite")
    database.execute("drop trigger custody_no_update")
    database.execute("update custody set who = 'nobody' where seq = 2")
    database.commit()
    database.close()
    found = checks(folder)
    assert found["custody"].ok is False
    assert "2" in found["custody"].text


def test_an_office_that_was_never_opened_is_said_without_making_it(tmp_path: Path) -> None:
    Running(tmp_path).settle()
    found = {check.name: check for check in all_checks(load(tmp_path / "wissel.toml"))}
    assert found["register"].ok is False
    assert found["office"].ok is None
    assert not (tmp_path / "office").exists()


def test_a_hanging_check_is_a_failed_check_and_no_hanging_tool(folder: Path) -> None:
    never = threading.Event()

    def hangs(_settings: Settings) -> Iterable[Finding]:
        never.wait()
        return ()

    def breaks(_settings: Settings) -> Iterable[Finding]:
        raise OSError(5, "broken")

    found = all_checks(load(folder / "wissel.toml"), 0.2, {"share": hangs, "disk": breaks, "worker": PROBES["worker"]})
    never.set()
    assert [(check.name, check.ok) for check in found] == [("share", False), ("disk", None), ("worker", False)]


def test_every_sentence_has_its_advice() -> None:
    bad = ("missing", "open", "unwritable", "low", "none", "dead", "back", "stale", "broken", "changed", "unreadable")
    for key in TEXTS:
        if key.endswith(bad) and key != "check.settings.none":
            assert f"{key}.hint" in TEXTS, key
