"""The wire of the test SQL Server under real drivers: logins, values in and out, results, messages, transactions."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fakes.sqlserver import login as entry
from fakes.sqlserver.canned import Canned, Said, table
from fakes.sqlserver.ground import PASSWORD, USER, Driver, needed
from fakes.sqlserver.login import Tls
from fakes.sqlserver.seam import Done, Event, Failed, Info, ServerError, Value
from fakes.sqlserver.server import TestServer

pyodbc = pytest.importorskip("pyodbc", reason="the driver manager: apt install libodbc2", exc_type=ImportError)

GUID = uuid.UUID("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0")
AT = datetime.fromisoformat("2026-07-21 14:02:03.457")
PRECISE = datetime.fromisoformat("2026-07-21 14:02:03.123456")
LONG = "é€𝄞" * 9000
BYTES = b"\0\xff" * 50_000
CELLS: Sequence[tuple[str, Value, Any]] = (
    ("int", -(2**31), -(2**31)), ("bigint", 2**63 - 1, 2**63 - 1), ("smallint", -32768, -32768), ("tinyint", 255, 255),
    ("bit", True, True), ("bit", 0, False), ("float", 1.25e-300, 1.25e-300), ("real", 0.5, 0.5),
    ("decimal(19,4)", Decimal("-123456789012345.6789"), Decimal("-123456789012345.6789")),
    ("decimal(9,2)", "1234567.89", Decimal("1234567.89")), ("numeric(38,10)", Decimal(10) ** 27, Decimal(10) ** 27),
    ("money", Decimal("-922337203685477.5808"), Decimal("-922337203685477.5808")),
    ("smallmoney", Decimal("1.5"), Decimal("1.5")),
    ("datetime", AT, AT), ("datetime", "1753-01-01 00:00:00", datetime.fromisoformat("1753-01-01")),
    ("smalldatetime", AT, AT.replace(second=0, microsecond=0)), ("datetime2(7)", PRECISE, PRECISE),
    ("datetime2(3)", AT, AT), ("date", "0001-01-01", date.min), ("date", date.max, date.max),
    ("time(7)", time(23, 59, 59, 999_999), time(23, 59, 59, 999_999)),
    ("uniqueidentifier", GUID, str(GUID).upper()), ("uniqueidentifier", str(GUID), str(GUID).upper()),
    ("char(5)", "ab", "ab   "), ("varchar(20)", "€uro é", "€uro é"), ("varchar(max)", "x" * 70_000, "x" * 70_000),
    ("nchar(3)", "é", "é  "), ("nvarchar(40)", "'] \t\U0001f600", "'] \t\U0001f600"), ("nvarchar(40)", "", ""),
    ("nvarchar(max)", LONG, LONG), ("nvarchar(max)", "", ""), ("sysname", "dbo", "dbo"),
    ("xml", "<a>é</a>", "<a>é</a>"),
    ("binary(4)", b"\x01", b"\x01\0\0\0"), ("varbinary(16)", b"", b""), ("varbinary(max)", BYTES, BYTES),
    ("image", BYTES, BYTES), ("text", "old é", "old é"), ("ntext", LONG, LONG), ("ntext", "", ""),
    ("rowversion", b"\0\0\0\0\0\0\x07\xd1", b"\0\0\0\0\0\0\x07\xd1"),
)  # fmt: skip
GIVEN: Sequence[Value] = (
    0, -1, 2**31 - 1, 2**40, -(2**63), True, False, 1.5, Decimal("-12.50"), Decimal("12345678901234567890.12345678"),
    "", "é'; --", "\U0001f600" * 100, LONG, b"", b"\0\xff", b"x" * 20_000, date(2026, 7, 21), AT, PRECISE,
    datetime.fromisoformat("1753-01-01"), time(14, 2, 3), GUID, None,
)  # fmt: skip


@contextlib.contextmanager
def served(answers: dict[str, Said], driver: Driver, **said: Any) -> Iterator[tuple[TestServer, Any]]:
    """A server with these answers, and a connection to it."""
    with TestServer(Canned(answers)) as server, driver.connect(server.port, **said) as connection:
        yield server, connection


def echo(kept: list[Sequence[Value]]) -> Callable[[Sequence[Value]], list[Event]]:
    """Keeps the parameters, and changes one row."""

    def answer(params: Sequence[Value]) -> list[Event]:
        kept.append(params)
        return [Done(1)]

    return answer


class TestLogin:
    def test_user_database_and_password_arrive(self, driver: Driver) -> None:
        backend = Canned()
        with TestServer(backend) as server, driver.connect(server.port, database="120") as connection:
            assert backend.logins[0][:2] == (USER, "120")
            assert connection.getinfo(pyodbc.SQL_DATABASE_NAME) == "120"
            assert connection.getinfo(pyodbc.SQL_SERVER_NAME) == "FEASSQL01"
            assert connection.getinfo(pyodbc.SQL_DBMS_VER).startswith("16.00.4165")
        assert backend.sessions[0].done == ["close"]

    def test_a_wrong_password_is_18456(self, driver: Driver) -> None:
        with TestServer(Canned()) as server:
            with pytest.raises(pyodbc.Error, match=r"Login failed for user 'sa'\. \(18456\)") as caught:
                pyodbc.connect(driver.string(server.port, password="other"))
            assert caught.value.args[0] == ("28000" if driver.microsoft else "42000")
            server.quiet()
            assert [heard.text for heard in server.log] == ["LOGIN sa "]

    def test_a_database_that_is_not_there_is_4060(self, driver: Driver) -> None:
        shown = r"\(4060\)" if driver.microsoft else r"\(18456\)"  # the server says both
        with TestServer(Canned()) as server, pytest.raises(pyodbc.Error, match=shown):
            pyodbc.connect(driver.string(server.port, database="nowhere"))

    @pytest.mark.parametrize("tls", list(Tls))
    @pytest.mark.parametrize("encrypt", [False, True])
    def test_encryption_is_agreed_on(self, driver: Driver, tls: Tls, encrypt: bool) -> None:
        possible = tls is not Tls.NONE or not encrypt  # a client that wants none still gives in to a server that does
        with TestServer(Canned({"q": table(("x", "nvarchar(max)"), rows=[[LONG]])}), tls=tls) as server:
            if not possible:
                with pytest.raises(pyodbc.Error):
                    pyodbc.connect(driver.string(server.port, encrypt=encrypt), timeout=5)
                return
            with driver.connect(server.port, encrypt=encrypt) as connection:
                assert connection.execute("q").fetchval() == LONG

    def test_who_signed_the_certificate_is_asked_by_one_of_them(self, driver: Driver) -> None:
        with TestServer(Canned(), tls=Tls.REQUIRED) as server:
            string = driver.string(server.port, encrypt=True, trust=False)
            if driver.microsoft:
                with pytest.raises(pyodbc.OperationalError, match="certificate verify failed"):
                    pyodbc.connect(string)
            else:
                pyodbc.connect(string).close()

    @pytest.mark.parametrize("known", [False, True])
    def test_the_strict_way_knows_no_trust_without_a_certificate(self, known: bool, tmp_path: Path) -> None:
        (tmp_path / "server.pem").write_bytes(entry.certificate().pem)
        more = f"ServerCertificate={tmp_path / 'server.pem'}" if known else ""
        with TestServer(Canned({"q": [Done(7)]}), tls=Tls.OFFERED) as server:
            string = needed("ms18").string(server.port, trust=not known, more=more)
            string = string.replace("Encrypt=no", "Encrypt=strict")  # TDS 8.0: TLS first, PRELOGIN inside it
            if known:
                connection = pyodbc.connect(string, autocommit=True)
                assert connection.execute("q").rowcount == 7
                connection.close()
            else:
                with pytest.raises(pyodbc.OperationalError, match="certificate verify failed"):
                    pyodbc.connect(string)

    def test_the_table_of_encryption(self) -> None:
        off, on, unsupported, required = entry.OFF, entry.ON, entry.NOT_SUPPORTED, entry.REQUIRED
        expected = {
            Tls.NONE: [unsupported] * 4,
            Tls.OFFERED: [off, on, unsupported, on],
            Tls.REQUIRED: [required, on, required, on],
        }
        for tls, answers in expected.items():
            assert [entry.agreed(asked, tls) for asked in (off, on, unsupported, required)] == answers


class TestValues:
    @pytest.mark.parametrize("nullable", [True, False])
    def test_every_type_comes_out_as_it_went_in(self, driver: Driver, nullable: bool) -> None:
        columns = [(f"c{number}", declared) for number, (declared, _, _) in enumerate(CELLS)]
        rows: list[Sequence[Value]] = [[value for _, value, _ in CELLS]]
        if nullable:
            rows = [*rows, [None] * len(CELLS), *rows]
        with served({"q": table(*columns, rows=rows, nullable=nullable)}, driver) as (_, connection):
            cursor = connection.execute("q")
            found = [tuple(row) for row in cursor.fetchall()]
            told = [column[6] for column in cursor.description]
        expected = tuple(value for _, _, value in CELLS)
        assert found == ([expected, (None,) * len(CELLS), expected] if nullable else [expected])
        assert set(told) == {nullable}

    def test_a_variant_is_beyond_one_of_them(self, driver: Driver) -> None:
        with served({"q": table(("", "sql_variant"), rows=[["16.0.4165.4"]])}, driver) as (_, connection):
            if driver.microsoft:
                assert connection.execute("q").fetchval() == "16.0.4165.4"
            else:
                with pytest.raises(pyodbc.Error, match="HY091"):
                    connection.execute("q").fetchall()

    def test_a_number_in_a_variant_is_beyond_both(self, driver: Driver) -> None:
        answers: dict[str, Said] = {"q": table(("", "sql_variant"), rows=[[3]])}
        with served(answers, driver) as (_, connection), pytest.raises(pyodbc.Error, match=r"HY106|HY091"):
            connection.execute("q").fetchall()

    @pytest.mark.parametrize("value", GIVEN, ids=lambda value: f"{type(value).__name__}-{value!r:.12}")
    def test_every_parameter_arrives_as_it_was_given(self, driver: Driver, value: Value) -> None:
        kept: list[Sequence[Value]] = []
        with served({"f @P1, @P2": echo(kept)}, driver) as (server, connection):
            connection.execute("f ?, ?", value, "end")
        assert kept == [[value, "end"]]
        assert [heard.text for heard in server.log] == ["LOGIN sa ", "f @P1, @P2"]

    def test_a_null_takes_the_type_that_the_server_tells(self, driver: Driver) -> None:
        backend = Canned({"f @P1": [Done(1)]}, types={"f @P1": ["varbinary(16)"]})
        with TestServer(backend) as server, driver.connect(server.port) as connection:
            connection.execute("f ?", None)
        assert server.log[-1].params == [None]
        assert server.log[-1].declared.lower() == f"@p1 {'varbinary(1)' if driver.microsoft else 'varchar(1)'}"

    def test_one_statement_with_many_parameters(self, driver: Driver) -> None:
        kept: list[Sequence[Value]] = []
        with served({"f @P1, @P2": echo(kept)}, driver) as (server, connection):
            cursor = connection.cursor()
            cursor.executemany("f ?, ?", [(number, "x" * number) for number in range(5)])
        assert kept == [[number, "x" * number] for number in range(5)]
        assert [heard.kind for heard in server.log] == ["login", *["call"] * 5]

    def test_rows_by_the_ten_thousand(self, driver: Driver) -> None:
        rows: list[list[Value]] = [[number, f"Boeking {number}", Decimal(number) / 4] for number in range(20_000)]
        columns = (("a", "int"), ("b", "nvarchar(60)"), ("c", "decimal(19,4)"))
        with served({"q": table(*columns, rows=rows)}, driver) as (_, connection):
            assert [list(row) for row in connection.execute("q").fetchall()] == rows


class TestResults:
    def test_counts_and_several_results(self, driver: Driver) -> None:
        rows = table(("a", "int"), rows=[[1], [2]])
        with served({"q": [Done(3), *rows, Done(), *rows, Done(0)]}, driver) as (_, connection):
            cursor = connection.execute("q")
            counted = [(cursor.rowcount, cursor.description and len(cursor.fetchall()))]
            while cursor.nextset():
                counted.append((cursor.rowcount, cursor.description and len(cursor.fetchall())))
        assert [rows or count for count, rows in counted] == [3, 2, 2, 0]

    def test_another_database_is_told(self, driver: Driver) -> None:
        with served({}, driver) as (_, connection):
            connection.execute("USE [120]")
            assert connection.getinfo(pyodbc.SQL_DATABASE_NAME) == "120"

    def test_a_syntax_error_is_102(self, driver: Driver) -> None:
        with served({}, driver) as (_, connection):
            for _ in range(2):  # and the connection stays usable
                with pytest.raises(pyodbc.ProgrammingError, match=r"Incorrect syntax near 'nonsense'\. \(102\)"):
                    connection.execute("nonsense")

    def test_an_error_in_a_call(self, driver: Driver) -> None:
        answers: dict[str, Said] = {"f @P1": ServerError(2627, "Violation of PRIMARY KEY.", 14)}
        with served(answers, driver) as (_, connection), pytest.raises(pyodbc.IntegrityError, match=r"\(2627\)"):
            connection.execute("f ?", 1)

    def test_an_error_behind_a_result_is_raised_by_the_next_one(self, driver: Driver) -> None:
        answers: dict[str, Said] = {
            "q": [*table(("a", "int"), rows=[[1]]), ServerError(3013, "BACKUP DATABASE is terminating abnormally.")]
        }
        with served(answers, driver) as (_, connection):
            cursor = connection.execute("q")
            assert len(cursor.fetchall()) == 1  # to the end: FreeTDS forgets the error where rows are left behind
            with pytest.raises(pyodbc.Error, match=r"\(3013\)"):
                cursor.nextset()

    def test_only_the_first_of_two_errors_is_seen(self, driver: Driver) -> None:
        first, second = ServerError(3201, "Cannot open backup device."), ServerError(3013, "RESTORE is terminating.")
        answers: dict[str, Said] = {"q": [Failed(first), second]}
        with served(answers, driver) as (_, connection), pytest.raises(pyodbc.Error, match=r"\(3201\)") as caught:
            connection.execute("q")
        assert "(3013)" not in str(caught.value)

    def test_messages_of_the_live_kind_come_one_by_one(self, driver: Driver) -> None:
        progress = [Info(3211, f"{part} percent processed.", live=True) for part in (10, 20, 30)]
        with served({"RESTORE": [*progress, Info(3014, "RESTORE DATABASE successfully processed.")]}, driver) as (
            server, connection,
        ):  # fmt: skip
            hold = server.faults.hold(text="RESTORE", after=2)
            cursor = connection.execute("RESTORE")
            hold.wait()  # the client has its answer while the statement still runs
            heard = [[text.rpartition("]")[2] for _, text in cursor.messages]]
            hold.release()
            while cursor.nextset():
                heard.append([text.rpartition("]")[2] for _, text in cursor.messages])
        assert heard[0] == ["10 percent processed."]
        assert [text for texts in heard for text in texts][:3] == [
            f"{part} percent processed." for part in (10, 20, 30)
        ]


class TestTransactions:
    def test_commit_and_rollback(self, driver: Driver) -> None:
        backend = Canned({"q": [Done(1)]})
        with TestServer(backend) as server, driver.connect(server.port, autocommit=False) as connection:
            connection.execute("q")
            connection.commit()
            connection.execute("q")
            connection.rollback()
        assert backend.sessions[0].done[:4] == ["begin", "commit", "begin", "rollback"]
        told = [heard.text for heard in server.log if heard.kind == "transaction"]
        assert told[:1] == ["BEGIN TRANSACTION"]
        assert [text for text in told if text != "BEGIN TRANSACTION"][:2] == ["COMMIT", "ROLLBACK"]

    def test_a_deadlock_ends_the_transaction_and_the_next_one_works(self, driver: Driver) -> None:
        backend = Canned({"q": [Done(1)]})
        with TestServer(backend) as server, driver.connect(server.port, autocommit=False) as connection:
            server.faults.fail(1205, "You are the victim.", severity=13, text="^q$")
            with pytest.raises(pyodbc.Error, match=r"\(1205\)"):
                connection.execute("q")
            assert not backend.sessions[0].in_transaction
            connection.rollback()
            connection.execute("q")
            connection.commit()
            assert backend.sessions[0].done[:2] == ["begin", "struck"]
            assert "commit" in backend.sessions[0].done

    def test_the_password_is_what_connection_strings_trip_over(self) -> None:
        assert set(";}{= ") <= set(PASSWORD)
