"""Connections to the register: SQLite's manners, short writing transactions, driver errors made ours."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import exc

from core.errors import Busy, NoSpace, RegisterError, WisselError
from core.model import CustodyLine
from core.register import chain, codec, migrate
from core.register.place import network_of
from core.register.schema import FIRST_STATE, VERSION, custody, metadata, state

Reading = AbstractContextManager[sa.Connection]
WritingBlock = AbstractContextManager["Writing"]
BUSY_SECONDS = 30
"""How long a writer waits for another one."""
FILE_NAME = "register.sqlite"
_LOCK_KEY = 0x77697373
"""PostgreSQL advisory lock under which the tables are made: `wiss`."""


def engine_for(url: str | os.PathLike[str], password: str | None = None) -> sa.Engine:
    """An engine that has not connected yet. A path is a SQLite file; text is a URL."""
    try:
        made = sa.make_url(url) if isinstance(url, str) else sa.URL.create("sqlite", database=os.fspath(url))
        if made.drivername == "postgresql":
            made = made.set(drivername="postgresql+psycopg")
        if password:
            made = made.set(password=password)
        if made.get_backend_name() == "sqlite":
            engine = sa.create_engine(made, hide_parameters=True, creator=partial(_sqlite_connect, made.database or ""))
        else:
            engine = sa.create_engine(made, hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError as problem:
        raise RegisterError("register-driver", module=problem.name or "?") from problem
    except exc.ArgumentError as problem:
        raise RegisterError("register-url") from problem
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _sqlite_connected)
        sa.event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_connect(path: str) -> sqlite3.Connection:
    # mode=rw: a register that somebody took away is not silently made anew, empty.
    address = f"file:{quote(os.path.abspath(path))}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)


def _sqlite_connected(connection: sqlite3.Connection, _record: object) -> None:
    # The one place for SQL that only SQLite has. isolation_level None: transactions begin where we say so.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _sqlite_begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("wissel_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Writing:
    """One writing transaction: what it executes and records becomes visible as a whole, or not at all."""

    def __init__(self, connection: sa.Connection, who: str, host: str) -> None:
        self.connection = connection
        self.who = who
        self.host = host
        self._changed = False
        # FOR UPDATE: on PostgreSQL this row is the lock that lets one writer in at a time, as SQLite does.
        head = connection.execute(sa.select(state).with_for_update()).one()
        self.again = f"again {head.pulse}"
        """A fingerprint that no judgement has: judge again. New in each transaction, so that none is overlooked."""
        self._seq: int = head.custody_seq
        self._hash: str = head.custody_hash

    def execute(self, statement: sa.Executable, values: Any = None) -> sa.CursorResult[Any]:
        """Run a statement that changes something."""
        self._changed = True
        return self.connection.execute(statement, values)

    def record(
        self,
        what: str,
        at: datetime,
        *,
        who: str | None = None,
        delivery: str | None = None,
        client: str | None = None,
        detail: Mapping[str, str | int] | None = None,
    ) -> int:
        """Add a line to the custody log. Returns its number."""
        line = chain.sealed(
            CustodyLine(self._seq + 1, at, who or self.who, self.host, what, delivery, client, dict(detail or {})),
            self._hash,
        )
        self.execute(
            sa.insert(custody).values(
                seq=line.seq, at=line.at, who=line.who, host=line.host, what=line.what, delivery=line.delivery,
                client=line.client, detail=codec.dump_params(line.detail), hash=line.hash,
            )
        )  # fmt: skip
        self._seq, self._hash = line.seq, line.hash
        return self._seq

    def finish(self) -> None:
        """Count the change and keep the head of the chain; nothing when nothing changed."""
        if self._changed:
            self.connection.execute(
                sa.update(state).values(pulse=state.c.pulse + 1, custody_seq=self._seq, custody_hash=self._hash)
            )


@contextlib.contextmanager
def writing(engine: sa.Engine, who: str, host: str) -> Iterator[Writing]:
    """A short transaction that holds the only right to write. Committed at the end of the block."""
    with speaking(), engine.connect() as bare, bare.execution_options(wissel_writes=True).begin():
        work = Writing(bare, who, host)
        yield work
        work.finish()


@contextlib.contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One consistent view of the register."""
    with speaking(), engine.connect() as connection, connection.begin():
        yield connection


def prepare(engine: sa.Engine, *, create: bool) -> None:
    """Make the register's file and tables when asked, or bring them up; look whether they are ours.

    Raises RegisterError: not there, on a network share, damaged, newer than we are, or older and not to be changed.
    """
    path = engine.url.database if engine.dialect.name == "sqlite" else None
    if path:
        _prepare_file(path, create=create)
    with speaking(), engine.connect() as bare:
        connection = bare.execution_options(wissel_writes=create)
        with connection.begin():
            if create and connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_KEY)))
            if not sa.inspect(connection).has_table(state.name):
                if not create:
                    raise RegisterError("register-missing", place=_shown(engine))
                metadata.create_all(connection)
                connection.execute(sa.insert(state).values(FIRST_STATE))
            # The lock that every writer takes first: who changes tables must not meet one half-way.
            asked = sa.select(state.c.version)
            version = connection.execute(asked.with_for_update() if create else asked).scalar()
            if version is None:
                raise RegisterError("register-damaged", reason=state.name)
            if version > VERSION:
                raise RegisterError("register-newer", theirs=version, ours=VERSION)
            if version < VERSION and not create:
                raise RegisterError("register-older", theirs=version, ours=VERSION)
            if version < VERSION:
                migrate.upgrade(connection, version)


def _prepare_file(path: str, *, create: bool) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    network = network_of(folder)
    if network is not None:
        raise RegisterError("register-network", path=folder, kind=network)
    if not create:
        if not os.path.isfile(path):
            raise RegisterError("register-missing", place=path)
        return
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        # SQLite gives its journal files the rights of the database file.
        os.close(os.open(path, flags, 0o600))
    except FileExistsError:
        return
    except OSError as problem:
        raise RegisterError("register-failed", reason=os.strerror(problem.errno or 0)) from problem


def _shown(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


@contextlib.contextmanager
def speaking() -> Iterator[None]:
    """Turn a driver's error into one of ours, the cause kept."""
    try:
        yield
    except exc.DBAPIError as problem:
        raise _ours(problem) from problem
    except exc.TimeoutError as problem:
        # More threads at once than connections.
        raise Busy("register-busy") from problem


def _ours(problem: exc.DBAPIError) -> WisselError:
    name = getattr(problem.orig, "sqlite_errorname", "") or ""
    state_code = getattr(problem.orig, "sqlstate", "") or ""
    reason = str(problem.orig).strip().splitlines()[0] if str(problem.orig).strip() else type(problem.orig).__name__
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or state_code in {"55P03", "40P01"}:
        return Busy("register-busy")
    if name == "SQLITE_FULL" or state_code == "53100":
        return NoSpace("register-full")
    if name.startswith("SQLITE_READONLY") or state_code in {"25006", "42501"}:
        return RegisterError("register-read-only")
    if name in {"SQLITE_NOTADB", "SQLITE_CORRUPT"} or name.startswith("SQLITE_CORRUPT"):
        return RegisterError("register-damaged", reason=reason)
    return RegisterError("register-failed", reason=reason)
