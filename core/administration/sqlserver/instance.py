"""One instance as the engine works with it: lines to it, and what stands there under a name."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.administration.engine import Work
from core.administration.sqlserver import running, statements
from core.administration.sqlserver.connecting import Connector, load
from core.administration.sqlserver.lost_reason import found_again
from core.administration.sqlserver.paths import Exchange
from core.errors import Refused, WisselError

if TYPE_CHECKING:
    import pyodbc


@dataclass(frozen=True, slots=True)
class Standing:
    """A database as the instance lists it."""

    name: str
    """As it is written there: the server may take another spelling for the same name."""
    id: int
    state: str
    single: bool
    """Only one session is let in."""
    read_only: bool
    standby: bool
    trustworthy: bool
    chaining: bool
    broker: bool
    encrypted: bool
    owner: str

    @property
    def whole(self) -> bool:
        """It can be worked in: no restore is under way or was cut off."""
        return self.state == "ONLINE" and not self.standby


class Line:
    """A connection to `master`, and what is said on it."""

    def __init__(self, connector: Connector, connection: pyodbc.Connection) -> None:
        self._connector = connector
        self._connection = connection

    def run(self, statement: str, work: Work) -> running.Answer:
        """Carry out a statement that changes something, or takes its time. Raises what `running.run` does."""
        target = self._connector.target
        try:
            return running.run(self._connection, statement, work, target=target, beside=self._connector.connect)
        except WisselError as problem:
            found = found_again(problem, self._connection, statement, target)
            if found is problem:
                raise
            raise found from None

    def rows(self, question: str, parameters: Sequence[object] = ()) -> list[running.Row]:
        """The rows of a question."""
        return running.rows(self._connection, question, parameters, target=self._connector.target)

    def standing(self, name: str) -> Standing | None:
        """What stands under this name, however it is written there; None: nothing."""
        return next(map(_standing, self.rows(statements.DATABASE, (name,))), None)

    def named(self, database_id: int) -> Standing | None:
        """The same by its number, which a rename leaves as it is."""
        return next(map(_standing, self.rows(statements.DATABASE_BY_ID, (database_id,))), None)


class Instance:
    """The instance of one target. Nothing is kept open between two calls; `patience` in seconds, for others at work."""

    def __init__(self, connector: Connector, patience: float) -> None:
        self.connector = connector
        self.patience = patience

    @property
    def target(self) -> str:
        """Name of the target, for messages."""
        return self.connector.target

    @property
    def exchange(self) -> Exchange:
        """The folder that both sides see. Raises Refused (`exchange-none`)."""
        here, there = self.connector.access.exchange_here, self.connector.access.exchange_there
        if here is None or there is None:
            raise Refused("exchange-none", target=self.target)
        return Exchange(here, there)

    @contextlib.contextmanager
    def line(self) -> Iterator[Line]:
        """A line of its own for the block. Raises what `Connector.connect` does."""
        connection = self.connector.connect()
        try:
            yield Line(self.connector, connection)
        finally:
            with contextlib.suppress(load().Error):
                connection.close()

    def standing(self, name: str) -> Standing | None:
        """What stands under this name now."""
        with self.line() as line:
            return line.standing(name)


def quiet(work: Work) -> Work:
    """The same, but nothing stops it: for what has to be put in order whatever happened."""
    return replace(work, check=_nothing, progress=_silent)


def measured(work: Work, first: int, last: int) -> Work:
    """The same for one part of a step: its progress goes from `first` to `last` percent of the whole."""

    def progress(done: int, total: int) -> None:
        work.progress(first + (last - first) * done // max(total, 1), 100)

    return replace(work, progress=progress)


def ticking(work: Work) -> Callable[[int, int], None]:
    """For readers and writers of files: hears bytes, may raise to stop."""

    def tick(done: int, total: int) -> None:
        work.check()
        work.progress(done, total)

    return tick


def _nothing() -> None:
    pass


def _silent(_done: int, _total: int) -> None:
    pass


def _standing(row: running.Row) -> Standing:
    return Standing(
        name=str(row["name"]),
        id=int(row["database_id"]),
        state=str(row["state_desc"]),
        single=row["user_access_desc"] == "SINGLE_USER",
        read_only=bool(row["is_read_only"]),
        standby=bool(row["is_in_standby"]),
        trustworthy=bool(row["is_trustworthy_on"]),
        chaining=bool(row["is_db_chaining_on"]),
        broker=bool(row["is_broker_enabled"]),
        encrypted=bool(row["is_encrypted"]),
        owner=str(row["owner_name"] or ""),
    )
