"""The seam of the test SQL Server: what the wire (TDS) asks of the engine behind it, and what the engine hands back.

Everything of one session, `Backend.login` included, is called from one thread of its own: SQLite connections may live
in it. Sessions run beside each other. The wire knows nothing of SQL, the engine nothing of packets:

* a statement is `Session.run`, which yields events; a batch, `sp_executesql`, `sp_prepexec` and `sp_execute` all end
  there, the latter three with `@P1`, `@P2`, ... in the text and their values beside it;
* an error raised as `ServerError` ends the batch with that number; `Failed` is an error after which more comes
  (3201 and then 3013);
* the wire itself answers `sp_datatype_info_100`, refuses `sp_cursor*`, and says where database or transaction changed:
  it looks at `database` and `in_transaction` after each statement.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

Value = None | bool | int | float | Decimal | str | bytes | datetime | date | time | uuid.UUID
"""A parameter, or a cell. In a cell, decimals, moments and GUIDs may also be their ISO text, and bits may be 0 or 1."""


class ServerError(Exception):
    """An error as a client sees it. `severity` 20 and above also ends the connection."""

    def __init__(self, number: int, message: str, severity: int = 16, state: int = 1) -> None:
        super().__init__(number, message)
        self.number = number
        self.message = message
        self.severity = severity
        self.state = state


@dataclass(frozen=True, slots=True)
class ColumnOut:
    """A column of a result. `type` as declared: `int`, `nvarchar(40)`, `varbinary(max)`, `decimal(19,4)`, `ntext`."""

    name: str
    type: str
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Columns:
    """A result set begins. Its rows follow, then `Done`."""

    columns: tuple[ColumnOut, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the result set that was begun last, as many cells as it has columns."""

    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Done:
    """A statement of the batch is ready. `count` rows were found or changed; None: it counts none (DDL, NOCOUNT)."""

    count: int | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """A message that is no error.

    `live`: as BACKUP and RESTORE send theirs: at once, in a packet of its own, followed by DONE with "more", so that
    the client gets it as a result set of its own while the statement goes on. Otherwise it goes with the next result.
    """

    number: int
    message: str
    severity: int = 0
    state: int = 1
    live: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """An error after which the batch goes on: further events, or another error that is raised."""

    error: ServerError


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing to send: the wire looks whether the client has asked to stop. To be yielded during long work."""


Event = Columns | Row | Done | Info | Failed | Pause


class Session(Protocol):
    """One login. Closed exactly once, also when the line dropped."""

    @property
    def database(self) -> str:
        """The present database. The wire tells the client when a statement has changed it."""
        ...

    @property
    def in_transaction(self) -> bool:
        """Is @@TRANCOUNT above 0? The wire tells the client when a statement has changed it (an error may)."""
        ...

    def run(self, sql: str, params: Sequence[Value], cancelled: threading.Event) -> Iterator[Event]:
        """Carry out a batch; raises `ServerError`, at once or while events are taken.

        `params` are the values of `@P1`, `@P2`, ... `cancelled` is set when the client sends an attention or is gone;
        the wire then closes the iterator at the next event (`GeneratorExit`: a RESTORE leaves its database RESTORING).
        Whoever waits inside, for a lock say, waits on `cancelled` too, and returns when it is set. An engine that sets
        it itself (KILL, SINGLE_USER WITH ROLLBACK IMMEDIATE) ends the session: the line is cut.
        """
        ...

    def describe(self, sql: str) -> Sequence[str]:
        """Declared types of `@P1`, `@P2`, ... as `sp_describe_undeclared_parameters` tells them.

        Microsoft's driver asks when a parameter is NULL. Raises `ServerError`; that driver then takes `varchar(1)`.
        """
        ...

    def begin(self) -> None:
        """Begin a transaction (a transaction manager request: pyodbc without autocommit)."""
        ...

    def commit(self) -> None:
        """Commit. Raises `ServerError` 3902 where there is no transaction."""
        ...

    def rollback(self) -> None:
        """Roll everything back. Raises `ServerError` 3903 where there is no transaction."""
        ...

    def struck(self, error: ServerError) -> None:
        """A fault by script ended a batch with this error: do to the transaction what such an error does.

        1205 rolls back, as does nearly every error under XACT_ABORT ON. The batch's iterator is closed already.
        """
        ...

    def close(self) -> None:
        """The client is gone: roll back, let go of the database."""
        ...


class Backend(Protocol):
    """The engine: one instance of SQL Server."""

    @property
    def name(self) -> str:
        """What the instance calls itself in messages: `FEASSQL01`."""
        ...

    @property
    def version(self) -> tuple[int, int, int]:
        """Major, minor, build: (16, 0, 4165). Said in PRELOGIN and LOGINACK."""
        ...

    def login(self, user: str, password: str, database: str, app: str) -> Session:
        """A session. `database` is "" where the client names none. Raises `ServerError` 18456 or 4060."""
        ...
