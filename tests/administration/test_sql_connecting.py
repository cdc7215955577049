"""The line to an instance: which driver, how it is spelled, and what a login can meet; over both drivers."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from factory.instances import TARGET, access, connector
from fakes.sqlserver.canned import Canned, CannedSession, Said, table
from fakes.sqlserver.ground import PASSWORD, USER, Driver
from fakes.sqlserver.login import Tls
from fakes.sqlserver.seam import Done, Event, ServerError, Value
from fakes.sqlserver.server import TestServer

from core.administration.sqlserver import connecting, running, statements
from core.administration.sqlserver.connecting import Access, choose, connection_string
from core.errors import DriverMissing, NotFound, Refused, SettingsError, Unreadable, WisselError

pyodbc = pytest.importorskip("pyodbc", reason="the driver manager: apt install libodbc2", exc_type=ImportError)

READY: dict[str, Said | ServerError] = {statements.SESSION: [Done()]}


def reached(
    backend: Canned, driver: Driver, *, tls: Tls = Tls.NONE, database: str = "master", **changes: object
) -> None:
    with TestServer(backend, tls=tls) as server:
        connector(server.port, driver, **changes).connect(database).close()
        server.quiet()


def refusal(
    backend: Canned, driver: Driver, *, tls: Tls = Tls.NONE, database: str = "master", **changes: object
) -> WisselError:
    with pytest.raises(WisselError) as caught:
        reached(backend, driver, tls=tls, database=database, **changes)
    assert caught.value.params["target"] == TARGET
    return caught.value


def test_a_login_brings_user_password_database_and_who_we_are(driver: Driver) -> None:
    backend = Canned(READY)
    reached(backend, driver, database="120")
    assert backend.logins == [(USER, "120", connecting.APPLICATION)]
    assert backend.sessions[0].done == ["close"]


def test_an_administrative_line_has_no_transaction(driver: Driver) -> None:
    with TestServer(Canned(READY | {"SELECT 1": [Done()]})) as server:
        line = connector(server.port, driver).connect()
        assert (line.autocommit, line.timeout, pyodbc.pooling) == (True, 0, False)
        line.execute("SELECT 1")
        line.close()
        assert server.texts == [statements.SESSION, "SELECT 1"]


def test_a_wrong_password_is_the_same_error_over_every_driver(driver: Driver) -> None:
    error = refusal(Canned(READY), driver, password=lambda: "wrong")
    assert isinstance(error, Refused)
    assert (error.key, error.params["number"]) == ("server-login", 18456)
    assert "wrong" not in str(error)


def test_a_database_that_does_not_open_is_said(driver: Driver) -> None:
    error = refusal(Canned(READY), driver, database="999")
    assert isinstance(error, NotFound)
    assert error.key == "server-database-closed"


def test_nobody_there_is_unreachable(driver: Driver) -> None:
    with TestServer(Canned()) as server:
        port = server.port
    with pytest.raises(Unreadable) as caught:
        connector(port, driver, login_seconds=2).connect()
    assert caught.value.key in {"server-unreachable", "server-no-answer"}


def test_encryption_is_asked_for_in_each_drivers_own_words(driver: Driver) -> None:
    reached(Canned(READY), driver, tls=Tls.OFFERED, encrypt="yes", trust_certificate=True)
    error = refusal(Canned(READY), driver, encrypt="yes", trust_certificate=True)
    assert error.key in {"server-unreachable", "server-no-answer", "server-certificate"}


def test_a_certificate_of_nobody_is_refused_where_the_driver_looks(driver: Driver) -> None:
    """FreeTDS never looks: that is told, not hidden."""
    if driver.microsoft:
        error = refusal(Canned(READY), driver, tls=Tls.OFFERED, encrypt="yes")
        assert (type(error), error.key) == (Refused, "server-certificate")
    else:
        reached(Canned(READY), driver, tls=Tls.OFFERED, encrypt="yes")
    asked = access(1, driver, encrypt="yes")
    assert connecting.checks_certificate(asked, driver.path) is driver.microsoft
    assert not connecting.checks_certificate(replace(asked, trust_certificate=True), driver.path)


@pytest.mark.parametrize("secret", ["a;b", "}", "{", "a}}b", "=", "é€\U0001f600", " x ", "a{b}c", "'\"", "x};y"])
def test_any_password_arrives_as_it_is(driver: Driver, secret: str) -> None:
    heard: list[str] = []

    class Listening(Canned):
        def login(self, user: str, password: str, database: str, app: str) -> CannedSession:
            heard.append(password)
            return super().login(user, PASSWORD, database, app)

    backend = Listening(READY)
    if "};" in secret and not driver.microsoft:
        with pytest.raises(SettingsError, match="server-value"):
            reached(backend, driver, password=lambda: secret)
        return
    reached(backend, driver, password=lambda: secret)
    assert heard == [secret]


def test_the_password_is_nowhere_to_be_seen(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), TestServer(Canned()) as server:
        line = connector(server.port, driver)
        with pytest.raises(WisselError) as caught:
            line.connect()
        assert PASSWORD not in f"{line.access!r} {caught.value!r} {caplog.text}"


@pytest.mark.parametrize("asked", ["host;UID=x", "host}", "a=b", "", "a\nb"])
def test_an_instance_that_smuggles_is_refused(asked: str) -> None:
    with pytest.raises(SettingsError, match="server-instance"):
        connection_string(Access("x", asked), "FreeTDS", "master")


def spelled(driver: str, **changes: object) -> dict[str, str]:
    asked = replace(Access("x", "SRV01\\EXACT16"), **changes)  # type: ignore[arg-type] # of a test
    return dict(pair.split("=", 1) for pair in connection_string(asked, driver, "master").split(";") if pair)


def test_each_driver_is_told_in_its_own_spelling() -> None:
    microsoft, free = "ODBC Driver 18 for SQL Server", "FreeTDS"
    assert spelled(microsoft)["SERVER"] == spelled(free)["SERVER"] == "SRV01\\EXACT16"
    assert spelled(microsoft, instance="h,1444")["SERVER"] == "h,1444"
    assert {name: spelled(free, instance="h, 1444")[name] for name in ("SERVER", "PORT")} == {
        "SERVER": "h",
        "PORT": "1444",
    }
    assert spelled(microsoft)["Trusted_Connection"] == "yes"
    assert (spelled(microsoft)["Encrypt"], spelled(microsoft)["TrustServerCertificate"]) == ("yes", "no")
    assert spelled(microsoft, encrypt="strict")["Encrypt"] == "strict"
    assert (spelled(free)["Encryption"], "Encrypt" in spelled(free)) == ("require", False)
    assert spelled(free, encrypt="no")["Encryption"] == "off"
    with pytest.raises(SettingsError, match="driver-strict"):
        spelled(free, encrypt="strict")
    with pytest.raises(SettingsError, match="server-user"):
        spelled(free, authentication="sql", user="wissel")


def test_the_best_driver_is_chosen(tmp_path: Path) -> None:
    eighteen, seventeen = connecting.MICROSOFT
    assert choose(None, ["FreeTDS", seventeen, "SQLite3", eighteen]) == eighteen
    assert choose(None, ["FreeTDS", seventeen]) == seventeen
    assert choose(None, ["SQLite3", "FreeTDS"]) == "FreeTDS"
    assert choose("freetds", ["FreeTDS", eighteen]) == "FreeTDS"
    file = tmp_path / "libmsodbcsql-18.6.so"
    file.touch()
    assert choose(str(file), []) == str(file)
    for wanted, key in (
        (None, "driver-none"),
        ("Oracle", "driver-unknown"),
        (str(tmp_path / "no.so"), "driver-unknown"),
    ):
        with pytest.raises(DriverMissing, match=key):
            choose(wanted, ["SQLite3"])


def test_a_machine_without_the_library_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as there:
        there.setitem(sys.modules, "pyodbc", None)
        with pytest.raises(DriverMissing) as caught:
            connecting.load()
        assert caught.value.params == {"what": "pyodbc", "todo": "pip install pyodbc"}
    (tmp_path / "pyodbc.py").write_text('raise ImportError("libodbc.so.2: cannot open shared object file")', "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "pyodbc")
    with pytest.raises(DriverMissing) as caught:
        connecting.load()
    assert caught.value.params["what"] == "libodbc"


VERSION, SCHEMA, VIEWS, LEVEL, LONG, COMMENTS = statements.SQLALCHEMY_START
ANSWERS: dict[str, Said | ServerError] = {
    VERSION: table(("", "varchar(30)"), rows=[("15.0.4382.1",)]),
    SCHEMA: table(("", "nvarchar(128)"), rows=[("dbo",)]),
    VIEWS: table(("name", "nvarchar(128)"), rows=[("dm_exec_sessions",)]),
    LEVEL: table(("TRANSACTION_ISOLATION_LEVEL", "varchar(20)"), rows=[("READ COMMITTED",)]),
    LONG: table(("", "nvarchar(max)"), rows=[("test max support",)]),
    COMMENTS: table(("", "int"), rows=[]),
}
INSERT = "INSERT INTO humres (fullname, picture, born, rate, notes) VALUES (@P1, @P2, @P3, @P4, @P5)"


class Blanks(Canned):
    """Takes a batch with its blanks made one, as the closed list has it."""

    def login(self, user: str, password: str, database: str, app: str) -> CannedSession:
        made = super().login(user, password, database, app)
        run = made.run
        made.run = lambda sql, *more: run(" ".join(sql.split()), *more)  # type: ignore[method-assign]
        return made


def test_sqlalchemy_asks_what_we_know_and_sends_texts_wide(driver: Driver) -> None:
    heard: list[object] = []
    humres = sa.table(
        "humres",
        sa.column("fullname", sa.VARCHAR(20)), sa.column("picture", sa.LargeBinary), sa.column("born", sa.DateTime),
        sa.column("rate", sa.Numeric(10, 2)), sa.column("notes", sa.Text),
    )  # fmt: skip
    given = {"fullname": "Ж€", "picture": None, "born": None, "rate": None, "notes": "é" * 9000}

    def keep(params: Sequence[Value]) -> list[Event]:
        heard.extend(params)
        return [Done(1)]

    answers: dict[str, Said | ServerError] = {**READY, **ANSWERS, INSERT: keep}
    types = {INSERT: ("nvarchar(20)", "varbinary(max)", "datetime", "decimal(10,2)", "ntext")}
    with TestServer(Blanks(answers, types)) as server:
        engine = connector(server.port, driver).sqlalchemy_engine("120")
        with engine.begin() as connection:
            connection.execute(sa.insert(humres).values(given))
        engine.dispose()
        ends = ("BEGIN TRANSACTION", "COMMIT", "ROLLBACK")
        asked = [" ".join(text.split()) for text in server.texts if text not in ends]
        declared = " ".join(each.declared for each in server.log).casefold().strip()
    assert asked == [statements.SESSION, *statements.SQLALCHEMY_START, INSERT]
    assert heard == [*given.values()]
    if declared:  # Microsoft's driver says the types with the values, when it has asked the server for them
        assert re.search(r"@p1 nvarchar", declared)
        assert re.search(r"@p2 (var)?binary", declared)
        assert re.search(r"@p5 n(varchar|text)", declared)


def test_rows_come_by_name_in_small_letters(driver: Driver) -> None:
    said = table(("BackupName", "nvarchar(128)"), ("Position", "smallint"), rows=[("é", 1), (None, 2)])
    with TestServer(Canned(READY | {"ASK": said})) as server:
        line = connector(server.port, driver).connect()
        assert running.rows(line, "ASK") == [{"backupname": "é", "position": 1}, {"backupname": None, "position": 2}]
        line.close()
