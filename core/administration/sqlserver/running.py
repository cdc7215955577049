"""Carrying out a statement at the server: logged before it runs, drained to its end, stopped when it is to stop.

BACKUP and RESTORE answer with one result set for each message; whoever closes before the last one stops the statement
and leaves the database RESTORING, without any error. So every result set is taken, however many there are. The
statement runs in a thread of its own; `work` is called from the caller's thread alone.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from core.administration.engine import Work
from core.administration.sqlserver import messages, statements
from core.administration.sqlserver.connecting import load
from core.errors import Cancelled, Unreadable, WisselError

if TYPE_CHECKING:
    import pyodbc

T = TypeVar("T")
Row = dict[str, Any]
"""One row by column name, in small letters: HEADERONLY and its like gain columns with each release."""

BEAT = 0.2
"""Seconds between two questions whether to stop."""
QUIET = 5.0
"""Seconds without a message before a second connection is asked how far it is."""
PATIENCE = 60.0
"""Seconds that a statement gets to stop. A server that does not hear by then is left, and that is said."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the server that is no error."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything a statement gave: rows of all its result sets, its messages, and what it counted (-1: nothing)."""

    rows: tuple[Row, ...] = ()
    messages: tuple[Said, ...] = ()
    count: int = -1


def run(
    connection: pyodbc.Connection,
    statement: str,
    work: Work,
    parameters: Sequence[object] = (),
    *,
    target: str = "",
    beside: Callable[[], pyodbc.Connection] | None = None,
) -> Answer:
    """Carry out one statement, however long it takes; its answer when the server has said everything.

    The statement is logged (`sql`) before it begins. Message 3211 goes to `work.progress` as (percent, 100). With
    `beside`, a second connection is asked how far it is when the server stays quiet (needs VIEW SERVER STATE).
    `work.check` is asked all the time; when it raises, the statement is stopped at the server and that error goes on:
    a RESTORE then leaves its database RESTORING.
    Raises what messages.py makes of the server's numbers, Unreadable (`connection-lost`: whether it took effect is
    not known), and `work.check`'s own.
    """
    call = _Call(connection, statement, tuple(parameters), target)
    work.log("sql", _logged(statement, parameters))
    watch = _Percent(connection, beside) if beside is not None else None
    call.start()
    try:
        heard = time.monotonic()
        while not call.done.wait(0 if not call.heard.empty() else BEAT):
            if _tell(call, work):
                heard = time.monotonic()
            elif watch is not None and time.monotonic() - heard >= QUIET:
                heard = time.monotonic()
                found = watch.ask()
                if found is not None:
                    work.progress(found, 100)
            work.check()
        _tell(call, work)
    except BaseException:
        call.stop()
        raise
    finally:
        if watch is not None:
            watch.close()
    answer = call.answer()
    _stands(connection, target)
    return answer


def rows(
    connection: pyodbc.Connection, statement: str, parameters: Sequence[object] = (), *, target: str = ""
) -> list[Row]:
    """The rows of a question that is quickly answered, by column name in small letters. Drained like any other.

    Not logged: it changes nothing. Raises as `run` does.
    """
    call = _Call(connection, statement, tuple(parameters), target)
    call.carry_out()
    return list(call.answer().rows)


def one(connection: pyodbc.Connection, statement: str, parameters: Sequence[object] = (), *, target: str = "") -> Row:
    """The first row of a question that has one; without any, an empty one."""
    return next(iter(rows(connection, statement, parameters, target=target)), {})


@dataclass(slots=True)
class _Call:
    """One statement on its way. `carry_out` is the only one to touch its cursor, save for the cancel.

    A cancel may meet a call of the driver, and nothing else: beside a cursor that is being closed, or between two of
    its calls, it ends the process (FreeTDS). So whoever holds `_between` keeps the other where it is.
    """

    connection: pyodbc.Connection
    statement: str
    parameters: tuple[object, ...]
    target: str
    heard: queue.SimpleQueue[Said] = field(default_factory=queue.SimpleQueue)
    done: threading.Event = field(default_factory=threading.Event)
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _between: threading.Lock = field(default_factory=threading.Lock)
    _cursor: pyodbc.Cursor | None = None
    _rows: list[Row] = field(default_factory=list)
    _said: list[Said] = field(default_factory=list)
    _count: int = -1
    _problem: BaseException | None = None

    def start(self) -> None:
        threading.Thread(target=self.carry_out, name="sql", daemon=True).start()

    def carry_out(self) -> None:
        with self._between:
            try:
                self._drain(cursor := self.connection.cursor())
                cursor.close()
            except BaseException as problem:  # noqa: BLE001 - told by `answer`, in the caller's thread
                self._problem = problem
            self._cursor = None
        self.done.set()

    def _drain(self, cursor: pyodbc.Cursor) -> None:
        """All result sets, the last one too. One that is cancelled is left: closing it stops the server."""
        self._cursor = cursor
        self._at_the_server(lambda: cursor.execute(self.statement, *self.parameters))
        self._take(cursor)
        while not self._cancelled.is_set() and self._at_the_server(cursor.nextset):
            self._take(cursor)

    def _at_the_server(self, call: Callable[[], T]) -> T:
        """A call of the driver that waits for the server, and that may be cancelled."""
        if self._cancelled.is_set():
            raise Cancelled("stopped")
        self._between.release()
        try:
            return call()
        finally:
            self._between.acquire()

    def _take(self, cursor: pyodbc.Cursor) -> None:
        for number, text in messages.said(cursor.messages):
            self._said.append(Said(number, text))
            self.heard.put(Said(number, text))
        if cursor.description is not None:
            names = [str(column[0]).casefold() for column in cursor.description]
            self._rows += [dict(zip(names, row, strict=True)) for row in self._at_the_server(cursor.fetchall)]
        elif cursor.rowcount >= 0:
            self._count = max(self._count, 0) + cursor.rowcount

    def stop(self) -> None:
        """Cancel it at the server, again and again: one that comes between two result sets is not heard."""
        self._cancelled.set()
        until = time.monotonic() + PATIENCE
        while not self.done.wait(BEAT):
            with self._between:
                if self._cursor is not None:
                    with contextlib.suppress(load().Error):  # it ended this very moment
                        self._cursor.cancel()
            if time.monotonic() > until:
                raise Unreadable("server-deaf", target=self.target)

    def answer(self) -> Answer:
        if self._problem is None:
            return Answer(tuple(self._rows), tuple(self._said), self._count)
        if not isinstance(self._problem, load().Error):
            raise self._problem
        error = messages.error(self._problem, self.target)
        if error.params.get("number") == 0:
            _stands(self.connection, self.target)  # FreeTDS has no words for a line that dropped: `Unknown error`
        raise error from None


def _stands(connection: pyodbc.Connection, target: str) -> None:
    """Raises Unreadable (`connection-lost`) when the line is down.

    Microsoft's driver takes a line that drops between two result sets for the last one: nothing raises, and half a
    restore would look like a whole one.
    """
    try:
        connection.execute(statements.SESSION_ID).fetchall()
    except load().Error as problem:
        found = messages.report(problem)
        raise Unreadable("connection-lost", target=target, number=found.number, text=found.text) from None


class _Percent:
    """Asks a second connection how far the first one's statement is. Whatever goes wrong there is no trouble here."""

    def __init__(self, first: pyodbc.Connection, beside: Callable[[], pyodbc.Connection]) -> None:
        self._beside: Callable[[], pyodbc.Connection] | None = beside
        self._second: pyodbc.Connection | None = None
        self._session = one(first, statements.SESSION_ID).get("id")

    def ask(self) -> int | None:
        if self._beside is None:
            return None
        try:
            if self._second is None:
                self._second = self._beside()
            found = one(self._second, statements.PERCENT, (self._session,)).get("percent_complete")
        except WisselError:
            self._beside = None
            return None
        return int(found) if found else None

    def close(self) -> None:
        if self._second is not None:
            self._second.close()


def _tell(call: _Call, work: Work) -> bool:
    told = False
    while not call.heard.empty():
        each = call.heard.get()
        told = True
        if each.number == messages.PROGRESS:
            found = messages.percent(each.text)
            if found is not None:
                work.progress(found, 100)
        elif each.text:
            work.log("note", f"{each.number}: {each.text}")
    return told


def _logged(statement: str, parameters: Sequence[object]) -> str:
    from core.administration.spoken import values

    text = " ".join(statement.split())
    return f"{text} -- {values(parameters)}" if parameters else text
