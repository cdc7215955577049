"""`wissel check` and the office at a SQL Server target: asked for real, over whichever driver is here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from factory.running import Running
from fakes.sqlserver.databases import File
from fakes.sqlserver.ground import DRIVERS, PASSWORD, Driver, drivers
from fakes.sqlserver.instance import Instance
from fakes.sqlserver.rights import Login
from fakes.sqlserver.server import TestServer

from core.errors import NotFound, Refused, WisselError
from core.model import Check
from core.office import Office
from core.office.checks import all_checks
from core.settings import load
from tui.cli import main

pytest.importorskip("pyodbc", reason="the driver manager: apt install libodbc2", exc_type=ImportError)
THERE = "C:\\Uitwisseling"


@pytest.fixture(scope="module")
def any_driver() -> Driver:
    found = next((drivers()[name] for name in DRIVERS if name in drivers()), None)
    if found is None:
        pytest.skip("no driver for SQL Server here: apt install tdsodbc")
    return found


class Ground:
    """An office with one SQL Server target, and the server."""

    def __init__(self, folder: Path, driver: Driver) -> None:
        self.folder = folder
        self.instance = Instance(
            folder=folder / "server", logins=[Login("wissel", PASSWORD, {"dbcreator"}), Login("klein", PASSWORD, set())]
        )
        master = self.instance.database("master")
        master.files.append(
            File("master", self.instance.disk.join(self.instance.disk.data, "master.mdf"), "D", 1, 4 << 20)
        )
        self.here = self.instance.disk.here(THERE)
        self.here.mkdir(parents=True)
        secret = folder / "sql.secret"
        secret.write_text(PASSWORD, "utf-8")
        secret.chmod(0o600)
        self.target: dict[str, object] = {
            "name": "sql16", "driver": driver.path, "authentication": "sql", "user": "wissel", "encrypt": "no",
            "password": {"file": "sql.secret"}, "product_update": 421, "family": "next", "accountancy": True,
            "isolated": True, "exchange_here": os.fspath(self.here), "exchange_there": THERE,
        }  # fmt: skip

    def settle(self, port: int, **changes: object) -> Path:
        """Write the settings."""
        target = {**self.target, "instance": f"127.0.0.1,{port}", **changes}
        running = Running(self.folder)
        running.settle(targets=[{name: value for name, value in target.items() if value is not None}])
        return running.config


@pytest.fixture
def ground(tmp_path: Path, any_driver: Driver) -> Ground:
    return Ground(tmp_path, any_driver)


@pytest.fixture
def port(ground: Ground) -> Iterator[int]:
    with TestServer(ground.instance) as server:
        yield server.port


def checked(config: Path) -> list[Check]:
    return [each for each in all_checks(load(config)) if each.name == "server:sql16"]


def words(found: list[Check], ok: bool | None) -> str:
    return " | ".join(each.text for each in found if each.ok is ok)


def test_a_server_as_it_should_be_is_green(ground: Ground, port: int) -> None:
    found = checked(ground.settle(port))
    assert found[0].ok is True
    assert "13.0" in found[0].text
    assert not words(found, ok=False)


@pytest.mark.parametrize(
    ("changes", "said", "ok"),
    [
        ({"sql_release": "2019"}, "the settings say sql_release = 2019, the server says 2016", False),
        ({"edition": "express"}, "the settings say edition = express, the server says standard", False),
        ({"user": "klein"}, "lacks CREATE ANY DATABASE", False),
        ({"user": "sa"}, "is sysadmin", None),
        ({"user": "niemand"}, "refuses our login", False),
        ({"exchange_there": "C:\\Elders"}, "does not see the folder", False),
        ({"exchange_here": "/nergens"}, "is not there, or we may not write in it", False),
        ({"exchange_here": None, "exchange_there": None}, "no exchange folder is set", None),
        ({"encrypt": "no"}, "the line is not encrypted", None),
        ({"password": None}, 'authentication = "sql"', False),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    ground: Ground, port: int, changes: dict[str, object], said: str, ok: bool | None
) -> None:
    found = checked(ground.settle(port, **changes))
    (one,) = [each for each in found if said in each.text]
    assert one.ok is ok
    assert one.hint


def test_databases_that_do_not_belong_there_and_options_are_named(ground: Ground, port: int) -> None:
    ground.instance.add(ground.instance.new("Payroll"))
    ground.instance.configuration["xp_cmdshell"] = 1
    found = checked(ground.settle(port))
    assert "Payroll" in words(found, ok=False)
    assert "xp_cmdshell" in words(found, ok=None)
    assert "Payroll" in words(checked(ground.settle(port, isolated=False)), ok=None)


def test_a_server_that_is_not_there_is_one_red_line(ground: Ground) -> None:
    with TestServer(ground.instance) as server:
        port = server.port
    (found,) = checked(ground.settle(port))
    assert found.ok is False
    assert "sql16" in found.text
    assert found.hint


def test_a_practice_office_calls_nobody(ground: Ground, port: int) -> None:
    config = ground.settle(port)
    running = Running(ground.folder)
    running.settle(practice=True, targets=[{**ground.target, "instance": f"127.0.0.1,{port}"}])
    assert checked(config) == []


def test_a_probe_by_hand_is_kept_and_counts(ground: Ground, port: int) -> None:
    office = Office.open(ground.settle(port))
    assert office.target("sql16").probed is None
    assert office.targets()[0].sql_release is None
    view = office.probe_target("SQL16")
    assert (view.release, view.target.sql_release, view.target.edition) == ("2016", "2016", "standard")
    assert view.probed is not None
    assert view.probed.probe is not None
    assert view.probed.probe.exchange == "seen"
    assert office.targets()[0].sql_release == "2016"
    assert office.target("sql16") == view
    with pytest.raises(NotFound, match="target"):
        office.target("sql17")
    office.close()


def test_a_console_that_only_looks_keeps_nothing(ground: Ground, port: int) -> None:
    config = ground.settle(port)
    Office.open(config).close()
    office = Office.open(config, read_only=True)
    assert office.probe_target("sql16").release == "2016"
    assert office.target("sql16").probed is None
    office.close()


def test_a_probe_that_fails_is_kept_too(ground: Ground) -> None:
    with TestServer(ground.instance) as server:
        port = server.port
    office = Office.open(ground.settle(port))
    with pytest.raises(WisselError):
        office.probe_target("sql16")
    probed = office.target("sql16").probed
    assert probed is not None
    assert probed.problem
    office.close()


def test_a_target_without_a_server_cannot_be_asked(ground: Ground) -> None:
    running = Running(ground.folder)
    running.settle(targets=[{"name": "oefen16", "engine": "embedded"}])
    office = Office.open(running.config)
    with pytest.raises(Refused, match="target-no-instance"):
        office.probe_target("oefen16")
    office.close()


def test_the_verb_shows_and_probes(ground: Ground, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(ground.settle(port, sql_release="2019"))

    def run(*arguments: str) -> tuple[int, str]:
        code = main([*arguments, "--config", config, "--read-only"])
        return code, capsys.readouterr().out

    Office.open(config).close()
    code, out = run("target", "probe", "sql16")
    assert code == 0
    assert "13.0" in out
    assert "sql_release = 2019" in out
    code, out = run("target", "probe", "sql16", "--json", "--lang", "nl")
    told = json.loads(out)
    assert (told["release"], told["differs"]["sql_release"]) == ("2016", {"settings": "2019", "server": "2016"})
    assert told["probe"]["rights"]["dbcreator"] is True
    code, out = run("target", "show", "sql16", "--json")
    assert (code, json.loads(out)["probe"]) == (0, None)
    assert run("target", "show", "sql16")[0] == 0
    assert run("target", "show", "elders")[0] == 4
