"""What targets' instances said of themselves is kept whole, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from factory.records import Clock, moment

from core.errors import RegisterError, Unreadable
from core.model import Probe, Probed, ServerDatabase, Volume
from core.register.engine import engine_for
from core.register.register import Register
from core.register.schema import VERSION

WHOLE = Probe(
    version="13.0.7000.253",
    internal_version=852,
    edition="express",
    edition_said="Express Edition (64-bit)",
    collation="Latin1_General_CI_AS",
    data_path="E:\\data\\",
    log_path="L:\\log\\",
    backup_path="",
    separator="\\",
    volumes=(Volume("E:\\", 5 << 40), Volume("L:\\", 7)),
    free_bytes=5 << 40,
    login="DOM\\wissel",
    account="NT Service\\MSSQL$EXACT16",
    rights={"dbcreator": True, "view_server_state": False},
    databases=(ServerDatabase("120", "ONLINE", globe=True), ServerDatabase("éx", "RESTORING")),
    options={"clr enabled": 1},
    exchange="seen",
    driver="FreeTDS",
    certificate_checked=True,
    gaps=("volumes",),
)
SILENT = Unreadable("server-unreachable", target="sql16a", number=20009, text="no")


@pytest.mark.parametrize("probe", [WHOLE, Probe("9.0")])
def test_a_probe_comes_back_as_it_was(register: Register, probe: Probe) -> None:
    register.save_probe("sql16a", "SRV\\A", probe, at=moment())
    assert register.probed() == {"sql16a": Probed("sql16a", "SRV\\A", moment(), probe, moment())}


def test_trouble_leaves_the_answer_before_and_an_answer_ends_the_trouble(register: Register, clock: Clock) -> None:
    register.save_probe("sql16a", "SRV\\A", WHOLE, at=moment())
    clock.at += timedelta(hours=1)
    register.save_probe("sql16a", "SRV\\A", SILENT)
    found = register.probed()["sql16a"]
    assert (found.at, found.probe, found.problem) == (moment(), WHOLE, "server-unreachable")
    assert found.params == SILENT.params
    assert found.tried_at == clock.at
    register.save_probe("sql16a", "SRV\\A", Probe("13.0"))
    assert (register.probed()["sql16a"].problem, register.probed()["sql16a"].probe) == ("", Probe("13.0"))


def test_another_instance_forgets_what_the_first_said(register: Register) -> None:
    register.save_probe("sql16a", "SRV\\A", WHOLE)
    register.save_probe("sql16a", "SRV\\B", SILENT)
    found = register.probed()["sql16a"]
    assert (found.instance, found.at, found.probe) == ("SRV\\B", None, None)


def test_each_target_has_its_own_and_fronts_hear_of_it(register: Register) -> None:
    before = register.pulse()
    register.save_probe("a", "x", WHOLE)
    register.save_probe("b", "y", SILENT)
    assert set(register.probed()) == {"a", "b"}
    assert register.pulse() == before + 2


def test_a_probe_that_somebody_bent_is_damage(register: Register) -> None:
    register.save_probe("a", "x", WHOLE)
    with register._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE probes SET probe = '{\"v\":1}'")
    with pytest.raises(RegisterError, match="register-damaged"):
        register.probed()


def test_a_register_of_version_2_gets_the_table(url: str | Path) -> None:
    Register.open(url, create=True).close()
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE probes")
        connection.exec_driver_sql("UPDATE state SET version = 2")
    with pytest.raises(RegisterError, match="register-older"):
        Register.open(url)
    register = Register.open(url, create=True)
    register.save_probe("a", "x", WHOLE)
    assert register.probed()["a"].probe == WHOLE
    register.close()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT version FROM state")).scalar() == VERSION
    engine.dispose()
