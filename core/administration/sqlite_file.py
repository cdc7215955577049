"""SQLite's manners where a file may come from a stranger: how it is opened, stopped, and what its errors mean."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from core.administration.types import COLLATION, compare
from core.errors import BadFormat, Busy, NoSpace, Refused, Unreadable, WisselError
from core.files import speaking
from core.formats.notes import printable

Mode = Literal["ro", "rw", "rwc"]
"""As in SQLite's URIs: read; write; write, and make it when it is not there."""

BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a file while somebody works in it."""
BUSY_SECONDS = 30
"""How long one waits for another that holds the file."""
_STEPS = 20_000
"""Instructions of SQLite between two looks at the wish to stop: about a millisecond."""
_EVERY = 0.2
"""Seconds between two questions whether to stop: the answer may come from a database."""
_PAGES = 1000
"""Copied between two looks at the wish to stop."""
_LONGEST = 64 << 20
"""Bytes of one value."""
_LIMITS = {
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LENGTH: _LONGEST,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1 << 20,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_PRAGMAS = (
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "mmap_size = 0",
    "secure_delete = ON",  # what we take out must not leave the house in a free page
    "journal_mode = DELETE",
    "synchronous = EXTRA",  # FULL, and the end of the journal is on the platter as well
)


def _nothing() -> None:
    pass


class Pulse:
    """Asks, while SQLite works, whether to go on; keeps what the answer raised, which SQLite would lose."""

    def __init__(self, check: Callable[[], None] = _nothing, *, every: float = _EVERY) -> None:
        self._check = check
        self._every = every
        self._next = 0.0
        self.problem: WisselError | None = None

    def __call__(self) -> int:
        """Anything but 0 interrupts SQLite."""
        now = time.monotonic()
        if now < self._next:
            return 0
        self._next = now + self._every
        try:
            self._check()
        except WisselError as problem:
            self.problem = problem
            return 1
        return 0


def connect(
    path: str, mode: Mode, pulse: Pulse | None = None, *, look: bool = False, patience: float = BUSY_SECONDS
) -> sqlite3.Connection:
    """A connection that believes nothing the file says. Transactions begin where we say so; `look`: none writes.

    Even who only looks opens with `rw`: what a killed writer left beside the file has to be undone first. `ro` is
    for files that nobody writes.
    """
    address = f"file:{quote(os.path.abspath(path))}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        for limit, most in _LIMITS.items():
            connection.setlimit(limit, most)
        connection.create_collation(COLLATION, compare)
        if pulse is not None:
            connection.set_progress_handler(pulse, _STEPS)
        for pragma in _PRAGMAS:
            connection.execute(f"pragma {pragma}").close()
        if look:
            connection.execute("pragma query_only = ON").close()
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def speaking_sqlite(path: str, pulse: Pulse | None = None) -> Iterator[None]:
    """Turn each error of SQLite in the block into one of ours that names the file."""
    try:
        yield
    except sqlite3.Error as problem:
        raise translated(problem, path, pulse) from problem


def translated(problem: BaseException | None, path: str, pulse: Pulse | None = None) -> WisselError:
    """The error of ours for one of SQLite's; for an interruption, what asked for it."""
    code = (getattr(problem, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_INTERRUPT and pulse is not None and pulse.problem is not None:
        return pulse.problem
    if code == sqlite3.SQLITE_FULL:
        return NoSpace("no-space", path=path)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Busy("administration-busy", path=path)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}:
        return Refused("administration-read-only", path=path)
    reason = printable(str(problem)[:200])
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM}:
        return Unreadable("file-unreadable", path=path, reason=reason)
    return BadFormat("administration-damaged", path=path, reason=reason)


def settle(path: str, patience: float = BUSY_SECONDS) -> None:
    """Finish or undo what a killed writer left beside the file: after this the file alone is the administration.

    Raises Busy when somebody works on it.
    """
    with speaking_sqlite(path), contextlib.closing(connect(path, "rw", patience=patience)) as connection:
        connection.execute("begin exclusive").close()
        # Nobody else is in it, and a journal that mattered has been played back.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{path}-journal")
        connection.execute("rollback").close()


@contextlib.contextmanager
def transaction(
    path: str, mode: Mode, pulse: Pulse | None = None, *, write: bool = False, patience: float = BUSY_SECONDS
) -> Iterator[sa.Connection]:
    """One transaction, committed at the end of the block; undone when the block raises."""

    def opened() -> sqlite3.Connection:
        return connect(path, mode, pulse, look=not write, patience=patience)

    engine = sa.create_engine("sqlite://", creator=opened, poolclass=NullPool, hide_parameters=True)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("begin immediate" if write else "begin")

    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except sa.exc.DBAPIError as problem:
        raise translated(problem.orig, path, pulse) from problem


def copy_whole(source: str, target: str, tick: Callable[[int, int], None]) -> None:
    """A consistent copy as a new file; `tick` hears pages, and may raise to stop."""

    def step(_status: int, remaining: int, total: int) -> None:
        tick(total - remaining, total)

    with (
        speaking_sqlite(source),
        contextlib.closing(connect(source, "rw", look=True)) as theirs,
        contextlib.closing(connect(target, "rwc")) as ours,
    ):
        # Reading keeps every writer out until the last page is copied.
        theirs.execute("begin").close()
        theirs.execute("select count(*) from sqlite_master").fetchall()
        theirs.backup(ours, pages=_PAGES, progress=step)
        theirs.execute("rollback").close()
    with speaking(target), open(target, "r+b") as written:
        os.chmod(target, 0o600)
        os.fsync(written.fileno())


def taken(path: str) -> bool:
    """Is the name taken, or would something that lies beside it be taken for a part of it?"""
    return any(os.path.lexists(path + each) for each in BESIDE) or (os.path.lexists(path) and not _empty(path))


def _empty(path: str) -> bool:
    """Where there are no hard links, a kill in a rename leaves an empty file that held the name."""
    found = os.lstat(path)
    return stat.S_ISREG(found.st_mode) and not found.st_size


def drop_empty(path: str) -> None:
    """Take away an empty file, and nothing else."""
    with speaking(path), contextlib.suppress(FileNotFoundError):
        if _empty(path):
            os.unlink(path)
