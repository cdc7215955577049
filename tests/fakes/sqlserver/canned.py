"""A backend that says what a test has put into its mouth: for tests of the wire itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fakes.sqlserver.ground import PASSWORD, USER
from fakes.sqlserver.seam import ColumnOut, Columns, Done, Event, Row, ServerError, Value

Word = Event | ServerError
"""An event, or an error that is raised in its place."""
Said = ServerError | Sequence[Word] | Callable[[Sequence[Value]], Iterable[Event]]
"""What is answered: always the same, or made from the parameters."""


def table(*columns: tuple[str, str], rows: Iterable[Sequence[Value]] = (), nullable: bool = True) -> list[Word]:
    """A result set of (name, declared type) and rows."""
    told = [Row(row) for row in rows]
    return [Columns(tuple(ColumnOut(*column, nullable) for column in columns)), *told, Done(len(told))]


@dataclass
class CannedSession:
    """One login."""

    backend: Canned
    database: str
    in_transaction: bool = False
    done: list[str] = field(default_factory=list)
    """begin, commit, rollback, struck, close, stopped: in order."""

    def run(self, sql: str, params: Sequence[Value], cancelled: threading.Event) -> Iterator[Event]:
        """The answer by the text of the batch; USE changes the database."""
        if sql.startswith("USE "):
            self.database = sql.removeprefix("USE ").strip("[]")
            return
        said = self.backend.answers.get(sql)
        if said is None:
            raise ServerError(102, f"Incorrect syntax near '{sql[:40]}'.", 15)
        if isinstance(said, ServerError):
            raise said
        try:
            for number, event in enumerate(said(params) if callable(said) else said):
                if number == self.backend.killed:
                    cancelled.set()
                if isinstance(event, ServerError):
                    raise event
                yield event
        except GeneratorExit:
            self.done.append("stopped")
            raise

    def describe(self, sql: str) -> Sequence[str]:
        """As the test says."""
        if sql not in self.backend.types:
            raise ServerError(11507, "It cannot be told.")
        return self.backend.types[sql]

    def begin(self) -> None:
        """Noted."""
        self.in_transaction = True
        self.done.append("begin")

    def commit(self) -> None:
        """Noted."""
        self.in_transaction = False
        self.done.append("commit")

    def rollback(self) -> None:
        """Noted."""
        self.in_transaction = False
        self.done.append("rollback")

    def struck(self, error: ServerError) -> None:
        """1205 ends the transaction."""
        self.in_transaction = self.in_transaction and error.number != 1205
        self.done.append("struck")

    def close(self) -> None:
        """Noted."""
        self.done.append("close")


@dataclass
class Canned:
    """An instance with one login, some databases, and answers by the text of a batch."""

    answers: Mapping[str, Said] = field(default_factory=dict)
    types: Mapping[str, Sequence[str]] = field(default_factory=dict)
    name: str = "FEASSQL01"
    version: tuple[int, int, int] = (16, 0, 4165)
    databases: tuple[str, ...] = ("master", "120")
    killed: int = -1
    """After so many events, a session is ended by somebody else."""
    sessions: list[CannedSession] = field(default_factory=list)
    logins: list[tuple[str, str, str]] = field(default_factory=list)

    def login(self, user: str, password: str, database: str, app: str) -> CannedSession:
        """In, or 18456, or 4060."""
        self.logins.append((user, database, app))
        if (user, password) != (USER, PASSWORD):
            raise ServerError(18456, f"Login failed for user '{user}'.", 14)
        if database and database not in self.databases:
            raise ServerError(4060, f'Cannot open database "{database}" requested by the login. The login failed.', 11)
        made = CannedSession(self, database or "master")
        self.sessions.append(made)
        return made
