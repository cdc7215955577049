"""Statements over the wire: drained, told, stopped, and what is left when the line drops; over both drivers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import pytest
from factory.instances import TARGET, Watched, connector
from fakes.sqlserver.canned import Canned, Said, table
from fakes.sqlserver.faults import Faults, Hold
from fakes.sqlserver.ground import Driver
from fakes.sqlserver.seam import ColumnOut, Columns, Done, Event, Failed, Info, Row, ServerError, Value
from fakes.sqlserver.server import TestServer

from core.administration.sqlserver import running, statements
from core.administration.sqlserver.connecting import Connector
from core.errors import BadFormat, Cancelled, NotFound, Unreadable, WisselError

pytest.importorskip("pyodbc", reason="the driver manager: apt install libodbc2", exc_type=ImportError)

RESTORE = "RESTORE DATABASE [120] FROM DISK = N'E:\\x.bak' WITH STATS = 5"
STEPS = tuple(range(10, 101, 10))


def told(*steps: int) -> list[Event]:
    """What a restore says on its way."""
    live = [Info(3211, f"{step} percent processed.", live=True) for step in steps]
    return [*live, Info(4035, "Processed 8 pages for database '120'.", live=True)]


def whole() -> list[Event]:
    done = Info(3014, "RESTORE DATABASE successfully processed 8 pages.", live=True)
    return [*told(*STEPS), done, Done()]


@contextmanager
def served(
    said: dict[str, Said | ServerError], driver: Driver, faults: Faults | None = None
) -> Iterator[tuple[TestServer, Canned, Connector]]:
    own: dict[str, Said | ServerError] = {
        statements.SESSION: [Done()],
        statements.SESSION_ID: table(("id", "smallint"), rows=[(51,)]),
    }
    backend = Canned({**own, **said})
    with TestServer(backend, faults=faults) as server:
        yield server, backend, connector(server.port, driver)


def carry_out(line: Connector, statement: str, watched: Watched) -> running.Answer:
    with closing(line.connect()) as connection:
        return running.run(connection, statement, watched.work, target=TARGET)


def stopping(hold: Hold, watched: Watched) -> None:
    """As soon as the statement is at the server, somebody asks to stop."""
    hold.wait()
    watched.stop = Cancelled("stopped")


def failing(said: Said | ServerError, driver: Driver, statement: str = RESTORE) -> WisselError:
    with served({statement: said}, driver) as (_, _, line), pytest.raises(WisselError) as caught:
        carry_out(line, statement, Watched())
    assert caught.value.params.get("target") == TARGET
    return caught.value


def test_every_message_is_taken_and_told(driver: Driver) -> None:
    watched = Watched()
    with served({RESTORE: whole()}, driver) as (_, backend, line):
        answer = carry_out(line, RESTORE, watched)
    assert watched.steps == list(STEPS)
    assert [each.number for each in answer.messages] == [3211] * 10 + [4035, 3014]
    assert watched.lines[0] == ("sql", RESTORE)
    assert [kind for kind, _ in watched.lines[1:]] == ["note", "note"]
    assert "stopped" not in backend.sessions[0].done


def test_progress_is_told_while_it_works(driver: Driver) -> None:
    faults = Faults()
    hold = faults.hold(text="^RESTORE", after=6)
    watched = Watched()
    seen = threading.Event()
    note = watched.work.progress

    def progress(done: int, of: int) -> None:
        note(done, of)
        if done >= 30:
            seen.set()
            hold.release()

    object.__setattr__(watched.work, "progress", progress)
    with served({RESTORE: whole()}, driver, faults) as (_, _, line):
        carry_out(line, RESTORE, watched)
    assert seen.is_set()
    assert watched.steps == list(STEPS)


def test_rows_of_several_results_are_all_taken(driver: Driver) -> None:
    said = [
        *table(("A", "int"), rows=[(1,), (2,)]), Info(0, "between"), Done(3), *table(("A", "int"), rows=[(3,)]),
    ]  # fmt: skip
    with served({"ASK": said}, driver) as (_, _, line), closing(line.connect()) as connection:
        answer = running.run(connection, "ASK", Watched().work)
        assert [row["a"] for row in answer.rows] == [1, 2, 3]
        assert answer.count == 3
        assert running.one(connection, "ASK") == {"a": 1}


def test_an_error_at_once_is_ours(driver: Driver) -> None:
    error = failing(ServerError(3101, "Exclusive access could not be obtained."), driver)
    assert (error.key, error.params["number"]) == ("server-database-in-use", 3101)


def test_an_error_after_messages_is_ours_too(driver: Driver) -> None:
    said = [*told(10, 20), ServerError(3183, "RESTORE detected an error on page (1:9).")]
    error = failing(said, driver)
    assert (type(error), error.key) == (BadFormat, "server-damaged")


def test_the_first_of_two_errors_counts(driver: Driver) -> None:
    first = ServerError(3201, "Cannot open backup device 'E:\\x.bak'. Operating system error 2(not found.).")
    error = failing([Failed(first), ServerError(3013, "RESTORE DATABASE is terminating abnormally.")], driver)
    assert (type(error), error.key, error.params["system"]) == (NotFound, "server-file-missing", 2)


def test_an_error_that_nobody_knows_comes_with_its_words(driver: Driver) -> None:
    error = failing(ServerError(55555, "Something \x1b[31mnew."), driver)
    assert (error.key, error.params["number"]) == ("server-said", 55555)
    assert "\x1b" not in str(error.params["text"])


@pytest.mark.parametrize("after", [None, 1, 4])
def test_a_cancel_stops_the_statement_at_the_server(driver: Driver, after: int | None) -> None:
    faults = Faults()
    hold = faults.hold(text="^RESTORE", after=after)
    watched = Watched()
    with served({RESTORE: whole()}, driver, faults) as (server, backend, line):
        stopper = threading.Thread(target=stopping, args=(hold, watched))
        stopper.start()
        with pytest.raises(Cancelled):
            carry_out(line, RESTORE, watched)
        stopper.join()
        server.quiet()
        assert ("stopped" in backend.sessions[0].done) is bool(after)


def test_the_line_can_be_used_after_a_cancel(driver: Driver) -> None:
    faults = Faults()
    hold = faults.hold(text="^RESTORE", after=2)
    watched = Watched()
    with served({RESTORE: whole(), "ASK": table(("A", "int"), rows=[(1,)])}, driver, faults) as (_, _, line):
        threading.Thread(target=stopping, args=(hold, watched)).start()
        with closing(line.connect()) as connection:
            with pytest.raises(Cancelled):
                running.run(connection, RESTORE, watched.work)
            assert running.rows(connection, "ASK") == [{"a": 1}]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("after", [None, 3])
def test_a_line_that_drops_is_said_and_nothing_hangs(driver: Driver, after: int | None, late: bool) -> None:
    if late and after:
        pytest.skip("late is after everything")
    faults = Faults()
    faults.drop(text="^RESTORE", after=after, late=late)
    with served({RESTORE: whole()}, driver, faults) as (_, _, line), pytest.raises(Unreadable) as caught:
        carry_out(line, RESTORE, Watched())
    assert caught.value.key == "connection-lost"


def test_a_question_has_a_time_limit_and_a_restore_has_none(driver: Driver) -> None:
    faults = Faults()
    faults.hold(text="^ASK")
    with served({"ASK": table(("A", "int"), rows=[(1,)])}, driver, faults) as (_, _, line):
        with closing(line.connect(seconds=1)) as connection, pytest.raises(Unreadable) as caught:
            running.rows(connection, "ASK", target=TARGET)
        assert caught.value.key == "server-timeout"


def test_parameters_are_sent_beside_the_statement(driver: Driver) -> None:
    heard: list[object] = []
    text = "SELECT a FROM t WHERE b = ?"

    def keep(params: Sequence[Value]) -> Iterator[Event]:
        heard.extend(params)
        yield Columns((ColumnOut("a", "int"),))
        yield Row((7,))
        yield Done(1)

    watched = Watched()
    with served({text.replace("?", "@P1"): keep}, driver) as (_, _, line), closing(line.connect()) as connection:
        assert running.run(connection, text, watched.work, ("x'; --",)).rows == ({"a": 7},)
    assert heard == ["x'; --"]
    assert watched.lines == [("sql", 'SELECT a FROM t WHERE b = ? -- "x\'; --"')]


def test_a_quiet_server_is_asked_how_far_it_is(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "QUIET", 0.0)
    faults = Faults()
    hold = faults.hold(text="^RESTORE")
    watched = Watched()
    said: dict[str, Said | ServerError] = {
        RESTORE: [Done()],
        statements.PERCENT.replace("?", "@P1"): table(("percent_complete", "real"), rows=[(42.5,)]),
    }
    note = watched.work.progress

    def progress(done: int, of: int) -> None:
        note(done, of)
        hold.release()

    object.__setattr__(watched.work, "progress", progress)
    with served(said, driver, faults) as (server, _, line), closing(line.connect()) as connection:
        running.run(connection, RESTORE, watched.work, beside=line.connect)
        assert set(watched.steps) == {42}
    assert server.sessions == 0


def test_a_second_line_that_fails_is_no_trouble(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "QUIET", 0.0)
    faults = Faults()
    hold = faults.hold(text="^RESTORE")
    said: dict[str, Said | ServerError] = {
        RESTORE: [Done()],
        statements.PERCENT.replace("?", "@P1"): ServerError(300, "VIEW SERVER STATE permission was denied.", 14),
    }  # fmt: skip

    def beside() -> Any:
        hold.release()
        return line.connect()

    with served(said, driver, faults) as (_, _, line), closing(line.connect()) as connection:
        watched = Watched()
        running.run(connection, RESTORE, watched.work, beside=beside)
        assert watched.steps == []
