"""What goes wrong on the wire of the test SQL Server: attentions, held and dropped lines, faults by script."""

from __future__ import annotations

import re
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from fakes.sqlserver.canned import Canned, Said, table
from fakes.sqlserver.conversation import Conversation, Shared
from fakes.sqlserver.faults import Faults
from fakes.sqlserver.ground import PASSWORD, USER, Driver
from fakes.sqlserver.line import CALL, LAST, Message
from fakes.sqlserver.login import Login
from fakes.sqlserver.seam import Done, Event, Info, Pause, Value
from fakes.sqlserver.server import TestServer

pyodbc = pytest.importorskip("pyodbc", reason="the driver manager: apt install libodbc2", exc_type=ImportError)

ONE = table(("a", "int"), rows=[[1]])
RESTORE: Sequence[Event] = [
    *(Info(3211, f"{part} percent processed.", live=True) for part in range(10, 100, 10)),
    Info(3014, "RESTORE DATABASE successfully processed 330 pages."),
]
TEXT: Sequence[int | str] = ["f @P1", "@P1 int", 7]
DROPPED = {"freetds": r"20017|20006|08S01|Unknown error \(0\)", "ms18": "08S01"}
"""How each of them says that the line is gone."""


class Endless:
    """A statement that runs until somebody stops it."""

    def __init__(self) -> None:
        self.running = threading.Event()

    def __call__(self, params: Sequence[Value]) -> Iterator[Event]:
        self.running.set()
        while True:
            threading.Event().wait(0.002)
            yield Pause()


@contextmanager
def served(
    driver: Driver, answers: dict[str, Said], *, autocommit: bool = True
) -> Iterator[tuple[TestServer, Canned, Any]]:
    """A server with these answers, what stands behind it, and a connection."""
    backend = Canned(answers)
    with TestServer(backend) as server, driver.connect(server.port, autocommit=autocommit) as connection:
        yield server, backend, connection


class TestAttention:
    def test_a_statement_that_takes_too_long_is_stopped(self, driver: Driver) -> None:
        with served(driver, {"slow": Endless(), "q": ONE}) as (_, backend, connection):
            connection.timeout = 1
            with pytest.raises(pyodbc.OperationalError, match="HYT00"):
                connection.execute("slow")
            assert connection.execute("q").fetchval() == 1
        assert backend.sessions[0].done == ["stopped", "close"]

    def test_another_thread_stops_it(self, driver: Driver) -> None:
        slow = Endless()
        with served(driver, {"slow": slow, "q": ONE}) as (_, backend, connection):
            cursor = connection.cursor()
            watcher = threading.Thread(target=lambda: (slow.running.wait(10), cursor.cancel()))
            watcher.start()
            if driver.microsoft:
                cursor.execute("slow")  # it says nothing of it
            else:
                with pytest.raises(pyodbc.Error, match="HY008"):
                    cursor.execute("slow")
            watcher.join()
            assert connection.execute("q").fetchval() == 1
        assert backend.sessions[0].done == ["stopped", "close"]

    @pytest.mark.parametrize("closes", ["cursor", "connection"])
    def test_whoever_leaves_early_stops_a_restore(self, driver: Driver, closes: str) -> None:
        with served(driver, {"RESTORE": RESTORE}) as (server, backend, connection):
            hold = server.faults.hold(text="RESTORE", after=3)
            cursor = connection.execute("RESTORE")
            hold.wait()
            if closes == "cursor":
                cursor.close()
            connection.close()
            server.quiet()
        assert backend.sessions[0].done == ["stopped", "close"]

    def test_whoever_stays_gets_it_done(self, driver: Driver) -> None:
        with served(driver, {"RESTORE": RESTORE}) as (_, backend, connection):
            cursor = connection.execute("RESTORE")
            heard = [text for _, text in cursor.messages]
            while cursor.nextset():
                heard += [text for _, text in cursor.messages]
        assert sum("percent processed" in text for text in heard) == 9
        assert backend.sessions[0].done == ["close"]

    def test_a_session_that_the_server_ends(self, driver: Driver) -> None:
        with served(driver, {"slow": Endless()}) as (server, backend, connection):
            backend.killed = 3  # looks, then somebody else's KILL
            with pytest.raises(pyodbc.Error, match=DROPPED[driver.name]):
                connection.execute("slow")
            server.quiet()

    def test_one_waits_and_another_works(self, driver: Driver) -> None:
        with served(driver, {"q": ONE, "slow": ONE}) as (server, _, connection):
            hold = server.faults.hold(text="slow")
            found: list[object] = []
            waiting = threading.Thread(target=lambda: found.append(connection.execute("slow").fetchval()))
            waiting.start()
            hold.wait()
            with driver.connect(server.port) as other:
                assert other.execute("q").fetchval() == 1
            assert not found
            hold.release()
            waiting.join()
        assert found == [1]


class TestScript:
    def test_an_error_at_the_second_of_them(self, driver: Driver) -> None:
        with served(driver, {"q": ONE, "other": ONE}) as (server, _, connection):
            fault = server.faults.fail(9002, "The transaction log is full.", text="^Q$", at=2)
            for statement in ("other", "q", "other"):
                connection.execute(statement).fetchall()
            with pytest.raises(pyodbc.Error, match=r"\(9002\)"):
                connection.execute("q")
            assert fault.struck
            assert connection.execute("q").fetchval() == 1
            assert server.texts == ["other", "q", "other", "q", "q"]

    @pytest.mark.parametrize("late", [False, True])
    def test_an_error_before_it_took_effect_and_after(self, driver: Driver, late: bool) -> None:
        changed: list[Sequence[Value]] = []
        with served(driver, {"f @P1": writes(changed)}) as (server, backend, connection):
            server.faults.fail(8645, text="^f", late=late)
            with pytest.raises(pyodbc.Error, match=r"\(8645\)"):
                connection.execute("f ?", 5)
            assert backend.sessions[0].done == ["struck"]
        assert changed == ([[5]] if late else [])

    @pytest.mark.parametrize("late", [False, True])
    def test_a_line_that_drops(self, driver: Driver, late: bool) -> None:
        changed: list[Sequence[Value]] = []
        with served(driver, {"f @P1": writes(changed)}) as (server, backend, connection):
            server.faults.drop(text="^f", late=late)
            with pytest.raises(pyodbc.Error, match=DROPPED[driver.name]):
                connection.execute("f ?", 5)
            server.quiet()
        assert changed == ([[5]] if late else [])
        assert backend.sessions[0].done == ["close"]

    @pytest.mark.parametrize("after", [1, 5, 9])
    def test_a_line_that_drops_in_the_middle(self, driver: Driver, after: int) -> None:
        """Microsoft's driver raises nothing: the results are at an end, and only a message tells of the loss."""
        with served(driver, {"RESTORE": RESTORE}) as (server, backend, connection):
            server.faults.drop(text="RESTORE", after=after)
            told, raised = drain(connection, "RESTORE")
            server.quiet()
        assert any(re.search(r"08S01|\(20017\)", f"{state} {text}") for state, text in told)
        assert raised == ("" if driver.microsoft else "HY000")
        assert backend.sessions[0].done == ["stopped", "close"]

    @pytest.mark.parametrize("late", [False, True])
    def test_a_line_that_drops_at_the_commit(self, driver: Driver, late: bool) -> None:
        with served(driver, {"q": [Done(1)]}, autocommit=False) as (server, backend, connection):
            server.faults.drop(text="^COMMIT", late=late)
            connection.execute("q")
            with pytest.raises(pyodbc.Error):
                connection.commit()
            server.quiet()
        assert backend.sessions[0].done == ["begin", *(["commit"] if late else []), "close"]

    def test_an_error_at_the_commit(self, driver: Driver) -> None:
        with served(driver, {"q": [Done(1)]}, autocommit=False) as (server, _, connection):
            server.faults.fail(3930, "The current transaction cannot be committed.", text="^COMMIT")
            connection.execute("q")
            with pytest.raises(pyodbc.Error, match=r"\(3930\)"):
                connection.commit()

    def test_a_fatal_error_ends_the_connection(self, driver: Driver) -> None:
        with served(driver, {"q": ONE}) as (server, _, connection):
            server.faults.fail(824, "A logical consistency-based I/O error.", severity=24)
            with pytest.raises(pyodbc.Error, match=r"\(824\)"):
                connection.execute("q")
            server.quiet()
            with pytest.raises(pyodbc.Error, match=DROPPED[driver.name]):
                connection.execute("q")

    def test_a_login_that_drops(self, driver: Driver) -> None:
        with TestServer(Canned()) as server:
            server.faults.drop(text="^LOGIN")
            with pytest.raises(pyodbc.Error):
                pyodbc.connect(driver.string(server.port))
            with driver.connect(server.port):
                pass

    def test_a_server_that_stops(self, driver: Driver) -> None:
        with served(driver, {"q": ONE}) as (server, _, connection):
            server.drop_all()
            server.quiet()
            with pytest.raises(pyodbc.Error, match=DROPPED[driver.name]):
                connection.execute("q")

    def test_a_slow_answer(self, driver: Driver) -> None:
        with served(driver, {"q": ONE}) as (server, _, connection):
            fault = server.faults.slow(0.02, text="q")
            assert connection.execute("q").fetchval() == 1
            assert fault.struck

    def test_a_bug_of_the_engine_is_no_answer(self, driver: Driver) -> None:
        def broken(params: Sequence[Value]) -> list[Event]:
            raise ZeroDivisionError

        told = pytest.raises(pyodbc.Error, match="has a bug")
        with pytest.raises(ZeroDivisionError), served(driver, {"q": broken}) as (_, _, connection), told:
            connection.execute("q")


def drain(connection: Any, statement: str) -> tuple[list[tuple[str, str]], str]:
    """Every message of a statement, and the state of the error that it ended with."""
    told: list[tuple[str, str]] = []
    try:
        cursor = connection.execute(statement)
        told += cursor.messages
        while cursor.nextset():
            told += cursor.messages
    except pyodbc.Error as error:
        return told, error.args[0]
    return told, ""


def writes(kept: list[Sequence[Value]]) -> Callable[[Sequence[Value]], list[Event]]:
    """A statement with an effect."""

    def answer(params: Sequence[Value]) -> list[Event]:
        kept.append(params)
        return [Done(1)]

    return answer


class TestCalls:
    """Calls that pyodbc leaves out, other programs do not."""

    def said(self, *calls: tuple[int | str, Sequence[int | str]]) -> tuple[bytes, list[Sequence[Value]]]:
        """The answer to calls of one message, and what the statement behind them was given."""
        kept: list[Sequence[Value]] = []
        conversation = Conversation(Shared(Canned({"f @P1": writes(kept)}), Faults()), 51, lambda _: None)
        conversation.login(Login(USER, PASSWORD, "", "", "", "", 4096, b"\x04\0\0\x74", False, False))
        body = struct.pack("<I", 4) + b"\xff".join(call(name, *arguments) for name, arguments in calls)
        return conversation.answer(Message(CALL, LAST, body), threading.Event()).data, kept

    def test_prepared_once_and_executed_twice(self) -> None:
        data, kept = self.said(
            (11, [0, "@P1 int", "f @P1", 1]), (12, [1, 5]), (12, [1, 6]), (15, [1]), ("sys.sp_executesql", TEXT)
        )  # fmt: skip
        assert kept == [[5], [6], [7]]
        assert data.count(b"\xfe") == 5
        assert data[-13:-11] == b"\xfe\0"

    @pytest.mark.parametrize(
        ("name", "arguments", "number"),
        [
            (2, [0, "select 1"], 16937),
            (12, [9], 8179),
            (15, [9], 8179),
            ("xp_cmdshell", ["dir"], 2812),
            (10, [5], 214),
        ],
    )
    def test_what_is_refused(self, name: int | str, arguments: Sequence[int | str], number: int) -> None:
        data, _ = self.said((name, arguments))
        assert data[8] == 0xAA
        assert struct.unpack_from("<i", data, 11)[0] == number

    def test_nonsense_is_refused(self) -> None:
        conversation = Conversation(Shared(Canned(), Faults()), 51, lambda _: None)
        conversation.login(Login(USER, PASSWORD, "", "", "", "", 4096, b"\x04\0\0\x74", False, False))
        for body in (b"", struct.pack("<IH", 4, 9), struct.pack("<I", 4) + call(10, 1)[:-3]):
            assert conversation.answer(Message(CALL, LAST, body), threading.Event()).data[8] == 0xAA


def call(name: int | str, *arguments: int | str) -> bytes:
    """A call as bytes: numbers as int, texts as nvarchar."""
    made = struct.pack("<HHH", 0xFFFF, name, 0) if isinstance(name, int) else b""
    if isinstance(name, str):
        made = struct.pack("<H", len(name)) + name.encode("utf-16-le") + b"\0\0"
    for given in arguments:
        if isinstance(given, int):
            made += b"\0\0\x26\x04\x04" + struct.pack("<i", given)
        else:
            data = given.encode("utf-16-le")
            made += b"\0\0\xe7" + struct.pack("<H", 8000) + bytes(5) + struct.pack("<H", len(data)) + data
    return made
