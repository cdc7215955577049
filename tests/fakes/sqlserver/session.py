"""One session of the test server: options, transactions, and which statement goes where."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from fakes.sqlserver import server_facts
from fakes.sqlserver.alterations import alter
from fakes.sqlserver.answers import error, unlisted
from fakes.sqlserver.attaching import create_database, drop_database
from fakes.sqlserver.backing import backup
from fakes.sqlserver.calling import execute
from fakes.sqlserver.conversion import Kept
from fakes.sqlserver.databases import Database
from fakes.sqlserver.executor import Executor
from fakes.sqlserver.lexer import Reader, Token, statements
from fakes.sqlserver.principals import check_database, create_user, drop_user, kill, trigger
from fakes.sqlserver.restoring import restore
from fakes.sqlserver.rights import Login
from fakes.sqlserver.schema import Table
from fakes.sqlserver.seam import Done, Event, Info, ServerError, Value

if TYPE_CHECKING:
    from fakes.sqlserver.instance import Instance

SWITCHES = frozenset({
    "NOCOUNT", "XACT_ABORT", "ANSI_NULLS", "QUOTED_IDENTIFIER", "ANSI_WARNINGS", "ANSI_PADDING", "ARITHABORT",
    "CONCAT_NULL_YIELDS_NULL", "NUMERIC_ROUNDABORT", "IMPLICIT_TRANSACTIONS", "ANSI_DEFAULTS", "ANSI_NULL_DFLT_ON",
    "CURSOR_CLOSE_ON_COMMIT", "FMTONLY", "NOEXEC",
})  # fmt: skip
NUMBERED = frozenset({"TEXTSIZE", "LOCK_TIMEOUT", "ROWCOUNT", "DATEFIRST"})
LEVELS = {"READ UNCOMMITTED": 1, "READ COMMITTED": 2, "REPEATABLE READ": 3, "SERIALIZABLE": 4, "SNAPSHOT": 5}
DOOMING = frozenset({241, 245, 1205, 8114, 8169})
"""Errors that undo the transaction in any case."""
Command = Callable[["FakeSession", Reader], Iterator[Event]]
ALONE: dict[str, Command] = {
    "RESTORE": restore, "BACKUP": backup, "ALTER": alter, "DBCC": check_database, "KILL": kill, "EXEC": execute,
    "EXECUTE": execute, "DISABLE": trigger, "ENABLE": trigger,
}  # fmt: skip


class FakeSession:
    """A login's session (the seam's `Session`, and `functions.Asked`)."""

    def __init__(self, instance: Instance, number: int, login: Login, home: Database, app: str) -> None:
        self.instance, self.number, self.login, self.home, self.app = instance, number, login, home, app
        self.rights = instance.rights
        self.executor = Executor(self)
        self.cancelled = threading.Event()
        self.killed = False
        self.failure: ServerError | None = None
        self.trancount = self.rowcount = self.last_error = 0
        self.last_identity: int | None = None
        self.nocount = self.xact_abort = self.implicit = False
        self.lock_timeout, self.isolation = -1, 2
        self.identity_insert: tuple[int, str] | None = None
        self.undo: list[tuple[Database, dict[str, Table]]] = []
        self.since = datetime.now()  # noqa: DTZ005 - SQL Server's clock has no zone
        self.running = False
        self.command, self.sql_text, self.percent = "", "", 0.0

    @property
    def database(self) -> str:
        return self.home.name

    @property
    def in_transaction(self) -> bool:
        return self.trancount > 0

    # -- the seam ------------------------------------------------------------------------------------------------

    def run(self, sql: str, params: Sequence[Value], cancelled: threading.Event) -> Iterator[Event]:
        self._alive()
        self.cancelled, self.running, self.sql_text, self.failure = cancelled, True, sql[:4000], None
        try:
            for text, words in statements(sql):
                self.percent, self.command = 0.0, words[0].upper
                yield from self._one(text, words, params)
                self.last_error = 0
                self._alive()
        except ServerError as problem:
            self._failed(problem)
            raise
        finally:
            self.running = False

    def describe(self, sql: str) -> Sequence[str]:
        """Only the columns that a parameter is compared with or put into tell its type."""
        return self.instance.described(self, sql)

    def begin(self) -> None:
        self._alive()
        self.trancount += 1

    def commit(self) -> None:
        self._alive()
        if not self.trancount:
            raise error(3902)
        self.trancount -= 1
        if not self.trancount:
            self.executor.end(commit=True)
            self.undo.clear()

    def rollback(self) -> None:
        self._alive()
        if not self.trancount:
            raise error(3903)
        self.undone()

    def close(self) -> None:
        # Somebody may be throwing it out at this very moment.
        with self.instance.lock:
            self.undone()
            self.executor.close()
            self.instance.left(self)

    # -- what others do to it ------------------------------------------------------------------------------------

    def struck(self, error: ServerError) -> None:
        """A fault by script ended a batch: what such an error does to the transaction."""
        self._failed(error)

    def undone(self) -> None:
        """Everything since BEGIN, also by those who have an open transaction of several levels."""
        self.trancount = 0
        self.executor.end(commit=False)
        while self.undo:
            database, tables = self.undo.pop()
            database.schema.tables = tables
            database.schema.version += 1

    def _alive(self) -> None:
        if self.killed:
            raise error(596)

    def _failed(self, problem: ServerError) -> None:
        self.last_error = problem.number
        if self.trancount and (self.xact_abort or problem.number in DOOMING):
            self.undone()

    # -- functions.Asked -----------------------------------------------------------------------------------------

    def variable(self, name: str) -> Kept:
        return server_facts.variable(self, name)

    def function(self, name: str, args: tuple[Kept, ...]) -> Kept:
        return server_facts.function(self, name, args)

    def next_identity(self, table: str) -> int:
        own = self.home.schema.tables[table.casefold()]
        own.last += 1
        self.last_identity = own.last
        return own.last

    def next_version(self) -> bytes:
        self.home.schema.counter += 1
        return self.home.schema.counter.to_bytes(8, "big")

    # -- statements ----------------------------------------------------------------------------------------------

    def _one(self, text: str, words: list[Token], params: Sequence[Value]) -> Iterator[Event]:
        first, second = words[0].upper, words[1].upper if len(words) > 1 else ""
        read = Reader(words, params)
        if first == "SET":
            self._set(read)
            yield Done(None)
        elif first == "USE":
            self._use(read)
            yield Done(None)
        elif first in {"BEGIN", "COMMIT", "ROLLBACK", "IF"}:
            self._transaction(read)
            yield Done(None)
        elif first == "PRINT":
            read.phrase("PRINT")
            yield Info(0, read.text())
            yield Done(None)
        elif first in {"CREATE", "DROP"} and second in {"DATABASE", "USER"}:
            call = {("CREATE", "DATABASE"): create_database, ("DROP", "DATABASE"): drop_database,
                    ("CREATE", "USER"): create_user, ("DROP", "USER"): drop_user}[first, second]  # fmt: skip
            yield from call(self, read)
        elif first in ALONE:
            yield from ALONE[first](self, read)
        elif first.startswith(("SP_", "XP_")):
            yield from execute(self, read)
        else:
            yield from self.executor.run(text, words, params)

    def alone(self, what: str) -> None:
        """Statements that no transaction may hold. Raises ServerError 226."""
        if self.trancount:
            raise error(226, what)

    def _use(self, read: Reader) -> None:
        read.phrase("USE")
        name = read.name()
        read.end()
        self.instance.move(self, name)

    def _transaction(self, read: Reader) -> None:
        if read.has("IF"):
            if read.take().upper != "@@TRANCOUNT":
                raise unlisted("IF")
            sign, wanted = read.take().raw, read.number()
            if sign not in {"=", ">"}:
                raise read.wrong()
            if not (self.trancount == wanted if sign == "=" else self.trancount > wanted):
                return
        what = read.word("BEGIN", "COMMIT", "ROLLBACK")
        if not (read.has("TRANSACTION") or read.has("TRAN") or read.has("WORK")) and what == "BEGIN":
            raise read.wrong()
        if not read.done:
            raise unlisted("a named transaction")
        {"BEGIN": self.begin, "COMMIT": self.commit, "ROLLBACK": self.rollback}[what]()

    def _set(self, read: Reader) -> None:
        read.phrase("SET")
        if read.has("TRANSACTION", "ISOLATION", "LEVEL"):
            level = " ".join(read.word() for _ in range(len(read.words) - read.at))
            if level not in LEVELS:
                raise error(102, level)
            self.isolation = LEVELS[level]
            return
        name = read.word()
        if name == "IDENTITY_INSERT":
            parts = read.dotted()
            self._identity(parts, on=read.word("ON", "OFF") == "ON")
        elif name in NUMBERED:
            number = read.number()
            if name == "LOCK_TIMEOUT":
                self.lock_timeout = number
            elif name == "ROWCOUNT" and number:
                raise unlisted("ROWCOUNT")
        elif name in {"LANGUAGE", "DATEFORMAT", "DEADLOCK_PRIORITY"}:
            read.take()
        else:
            names = [name]
            while read.has(","):
                names.append(read.word())
            on = read.word("ON", "OFF") == "ON"
            for each in names:
                self._switch(each, on=on)
        read.end()

    def _switch(self, name: str, *, on: bool) -> None:
        if name not in SWITCHES or (name in {"FMTONLY", "NOEXEC"} and on):
            raise error(102, name)
        if name == "NOCOUNT":
            self.nocount = on
        elif name == "XACT_ABORT":
            self.xact_abort = on
        elif name == "IMPLICIT_TRANSACTIONS":
            self.implicit = on

    def _identity(self, parts: Sequence[str], *, on: bool) -> None:
        table = self.home.schema.find(parts[-2] if len(parts) > 1 else "dbo", parts[-1])
        if table is None:
            raise error(208, ".".join(parts))
        if table.identity is None:
            raise error(8106, table.name)
        mine = (id(self.home), table.full)
        if on and self.identity_insert not in {None, mine}:
            raise error(8107, self.identity_insert[1] if self.identity_insert else "", table.name)
        self.identity_insert = mine if on else None
