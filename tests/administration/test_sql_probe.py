"""An instance asked about itself: over both drivers, as it was set up, and with less than we would like to know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from factory.instances import connector
from fakes.sqlserver.databases import File
from fakes.sqlserver.faults import Faults
from fakes.sqlserver.ground import PASSWORD, Driver
from fakes.sqlserver.instance import Instance
from fakes.sqlserver.rights import Login
from fakes.sqlserver.server import TestServer

from core.administration.sqlserver import probe as probing
from core.administration.sqlserver.connecting import Connector
from core.administration.sqlserver.probe import edition_of, free_at, missing_rights, probe, risky, strangers
from core.errors import Refused, Unreadable
from core.model import Probe, ServerDatabase, Volume

pytest.importorskip("pyodbc", reason="the driver manager: apt install libodbc2", exc_type=ImportError)


@contextmanager
def served(
    folder: Path, driver: Driver, *, faults: Faults | None = None, **changes: Any
) -> Iterator[tuple[Instance, Connector]]:
    asked = {name: changes.pop(name) for name in ("user", "exchange_there", "data_path") if name in changes}
    instance = Instance(folder=folder, **changes)
    master = instance.database("master")
    master.files.append(File("master", instance.disk.join(instance.disk.data, "master.mdf"), "D", 1, 4 << 20))
    with TestServer(instance, faults=faults) as server:
        yield instance, connector(server.port, driver, password=lambda: PASSWORD, **asked)


@pytest.mark.parametrize("shape", ["windows", "linux"])
def test_an_instance_says_what_it_is(tmp_path: Path, driver: Driver, shape: str) -> None:
    with served(tmp_path, driver, shape=shape, release="2016", edition="Standard") as (instance, line):
        instance.add(instance.new("120"))
        instance.add(instance.new("Payroll"))
        found = probe(line)
        disk = instance.disk
    assert (found.version.partition(".")[0], found.internal_version) == ("13", 852)
    assert (found.edition, found.edition_said.partition(" ")[0]) == ("standard", "Standard")
    assert found.collation == instance.collation
    assert found.separator == ("\\" if shape == "windows" else "/")
    assert found.data_path.rstrip("\\/") == disk.data.rstrip("\\/")
    assert found.log_path
    assert found.free_bytes is not None
    assert found.rights["sysadmin"]
    assert [(each.name, each.state, each.globe) for each in found.databases] == [
        ("120", "ONLINE", False), ("Payroll", "ONLINE", False),
    ]  # fmt: skip
    assert strangers(found) == ("Payroll",)
    assert found.options["xp_cmdshell"] == 0
    assert found.login == "sa"
    assert not found.certificate_checked


def test_what_is_on_and_reaches_out_is_named(tmp_path: Path, driver: Driver) -> None:
    with served(tmp_path, driver) as (instance, line):
        instance.configuration |= {"xp_cmdshell": 1, "clr enabled": 1}
        assert risky(probe(line)) == ("xp_cmdshell", "clr enabled")


def test_a_login_that_may_hardly_look_leaves_gaps_and_breaks_nothing(tmp_path: Path, driver: Driver) -> None:
    small = Login("klein", PASSWORD, set())
    with served(tmp_path, driver, logins=[small], user="klein") as (_, line):
        found = probe(line)
    assert found.version
    assert missing_rights(found) == ("CREATE ANY DATABASE",)
    assert not found.rights["view_server_state"]


def test_the_smallest_login_that_can_restore_lacks_nothing(tmp_path: Path, driver: Driver) -> None:
    with served(tmp_path, driver, logins=[Login("maker", PASSWORD, {"dbcreator"})], user="maker") as (_, line):
        assert missing_rights(probe(line)) == ()


def test_the_exchange_folder_is_seen_or_not(tmp_path: Path, driver: Driver) -> None:
    with served(tmp_path, driver, exchange_there="C:\\Uitwisseling") as (instance, line):
        assert probe(line).exchange == "missing"
        instance.disk.here("C:\\Uitwisseling").mkdir(parents=True)
        assert probe(line).exchange == "seen"


@pytest.mark.parametrize("statement", ["HAS_PERMS", "sys.configurations", "sys.databases", "dm_os_volume", "dm_server"])
def test_what_may_not_be_asked_is_a_gap(tmp_path: Path, driver: Driver, statement: str) -> None:
    faults = Faults()
    faults.fail(300, "VIEW SERVER STATE permission was denied.", text=statement)
    with served(tmp_path, driver, faults=faults) as (_, line):
        found = probe(line)
    assert found.gaps
    assert found.version


def test_a_line_that_drops_on_the_way_is_no_gap(tmp_path: Path, driver: Driver) -> None:
    faults = Faults()
    faults.drop(text="sys.configurations")
    with served(tmp_path, driver, faults=faults) as (_, line), pytest.raises(Unreadable) as caught:
        probe(line)
    assert caught.value.key == "connection-lost"


def test_a_server_that_hangs_over_a_question_takes_its_seconds_and_no_more(tmp_path: Path, driver: Driver) -> None:
    faults = Faults()
    faults.hold(text="sys.configurations")
    with served(tmp_path, driver, faults=faults) as (_, line), pytest.raises(Unreadable) as caught:
        probe(line, seconds=1)
    assert caught.value.key == "server-timeout"


def test_nobody_gets_in_with_a_wrong_password(tmp_path: Path, driver: Driver) -> None:
    with served(tmp_path, driver, user="niemand") as (_, line), pytest.raises(Refused, match="server-login"):
        probe(line)


@pytest.mark.parametrize(
    ("said", "edition"),
    [
        ("Express Edition (64-bit)", "express"), ("Express Edition with Advanced Services", "express"),
        ("Standard Edition (64-bit)", "standard"), ("Enterprise Edition: Core-based Licensing (64-bit)", "enterprise"),
        ("Enterprise Evaluation Edition (64-bit)", "evaluation"), ("Developer Edition (64-bit)", "developer"),
        ("Business Intelligence Edition", "business-intelligence"), ("Web Edition", "web"), ("SQL Azure", None),
        ("", None),
    ],
)  # fmt: skip
def test_editions_in_the_words_of_the_settings(said: str, edition: str | None) -> None:
    assert edition_of(said) == edition


def test_free_bytes_are_those_of_the_volume_the_path_is_on() -> None:
    disks = (Volume("C:\\", 1), Volume("D:\\", 2), Volume("D:\\mount\\", 3))
    assert free_at("d:\\MOUNT\\data", disks) == 3
    assert free_at("D:\\mounted\\data\\", disks) == 2
    assert free_at("E:\\data", disks) is None
    assert free_at("/var/opt/mssql/data", (Volume("/", 4), Volume("/var/opt", 5))) == 5
    assert free_at("", disks) is None


def test_numbers_and_our_own_are_no_strangers() -> None:
    names = ("000", "999", "wissel-O-0001-draft", "wissel-aside-D-0001", "1200", "Globe", "wissel")
    found = Probe("15", databases=tuple(ServerDatabase(name, "ONLINE") for name in names))
    assert strangers(found) == ("1200", "Globe", "wissel")


def test_every_risky_option_is_asked_for() -> None:
    assert set(probing.RISKY) < set(probing.OPTIONS)
