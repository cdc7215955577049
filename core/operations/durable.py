"""The durable engine, DBOS: it queues legs, one at a time on each instance, and takes up again what a crash cut off.

Nobody else imports it, and we only when an operation is open. What it keeps is small (`state.sqlite`, or the
database of `state_url`): which legs there are, and the outcomes of their acts. The register has the truth; a
state that was lost, or belongs to another version of this shape, costs nothing but a new leg.

Its ways that shape this file: an id that ended never runs again, so each leg has its own (`O-0007`, `O-0007.2`);
cancelling a workflow that runs would let the next one begin beside it, so only those that nobody runs are; two
launches under one `executor_id` run a step twice, so the office's lock is held before; errors come back pickled,
so legs return words; and whatever is no Exception leaves a workflow as it is, to be taken up at the next launch.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import exc

from core.operations.journal import log
from core.operations.recorder import Stopped
from core.operations.runner import Act, Word
from core.settings import Settings

if TYPE_CHECKING:
    from dbos import Queue, WorkflowStatus

FILE_NAME = "state.sqlite"
QUEUE = "operations"
VERSION = "1"
"""Of the shape of a leg: its acts and their names. Not of wissel: an upgrade goes on with what is under way. What
another number began is put away at launch, and a new leg of ours takes it over."""
POLL_SECONDS = 0.5
AT_ONCE = 4
"""Legs that run at the same time, on as many instances."""
ACTIVE = frozenset({"ENQUEUED", "PENDING", "DELAYED"})
BUSY_SECONDS = 30.0
_LEG = "leg"

Runner = Callable[[str, Act], Word]
"""Runs one leg of an operation; each act goes through the `Act`."""


class Durable:
    """The engine of this process; there can be one. Made when it is needed, under the office's lock."""

    def __init__(self, settings: Settings, run: Runner, over: Callable[[], object]) -> None:
        self._run = run
        self._over = over
        self._guard = threading.Lock()
        self._inside: set[str] = set()
        self._left: dict[str, float] = {}
        """Legs whose function ended in this process, and when: they are run by nobody here."""
        _quiet()
        for name in [name for name in os.environ if name.startswith("DBOS_")]:
            # They would point it to a cloud, another database or another version.
            del os.environ[name]
        self._engine = _engine(settings)
        self._queue = self._launch(_mark(settings))

    def ensure(self, operation: str, partition: str) -> None:
        """See that a leg of this operation is queued or runs."""
        from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

        legs = self._legs(operation)
        for leg in legs:
            if leg.status in ACTIVE:
                if not self._stranded(leg.workflow_id):
                    return
                DBOS.cancel_workflow(leg.workflow_id)
        number = 1 + max((_number(leg.workflow_id) for leg in legs), default=0)
        name = operation if number == 1 else f"{operation}.{number}"
        with SetWorkflowID(name), SetEnqueueOptions(queue_partition_key=partition):
            self._queue.enqueue(_workflow(), operation)

    def running(self) -> frozenset[str]:
        """Legs at work in this process, by operation."""
        with self._guard:
            return frozenset(name.partition(".")[0] for name in self._inside)

    def leave(self, seconds: float) -> bool:
        """Wait until every leg left: they were told to. False: one did not."""
        until = time.monotonic() + seconds
        while self.running():
            if time.monotonic() >= until:
                return False
            time.sleep(0.01)
        return True

    def close(self) -> None:
        """Give everything back. Only when nothing runs."""
        from dbos import DBOS

        _CURRENT.clear()
        DBOS.destroy()
        self._engine.dispose()

    def work(self, operation: str) -> str:
        """One leg, in a thread of the engine."""
        from dbos import DBOS

        leg = str(DBOS.workflow_id)

        def act(name: str, do: Callable[[], dict[str, str | int]]) -> dict[str, str | int]:
            return DBOS.run_step({"name": name}, do)

        with self._guard:
            self._inside.add(leg)
            self._left.pop(leg, None)
        try:
            return self._run(operation, act).value
        finally:
            with self._guard:
                self._inside.discard(leg)
                self._left[leg] = time.monotonic()
            self._over()

    def _launch(self, mark: str) -> Queue:
        from dbos import DBOS, DBOSConfig
        from dbos._serialization import DBOSPortableJSON

        config = DBOSConfig(
            name="wissel",
            system_database_engine=self._engine,
            system_database_url="sqlite://" if self._engine.dialect.name == "sqlite" else "postgresql://state/state",
            application_version=VERSION,
            executor_id=mark,
            dbos_system_schema=f"wissel_{mark}",
            serializer=DBOSPortableJSON,
            use_listen_notify=False,
            notification_listener_polling_interval_sec=POLL_SECONDS,
            enable_otlp=False,
            log_level="WARNING",
        )
        DBOS(config=config)
        _workflow()
        _CURRENT.append(self)
        try:
            DBOS.launch()
            for leg in DBOS.list_workflows(status=list(ACTIVE), load_input=False, load_output=False):
                if leg.app_version != VERSION:
                    # Nobody takes it up any more, and while it stands it holds up its instance.
                    DBOS.cancel_workflow(leg.workflow_id)
            return DBOS.register_queue(
                QUEUE,
                partition_concurrency=1,
                worker_concurrency=AT_ONCE,
                polling_interval_sec=POLL_SECONDS,
                on_conflict="always_update",
            )
        except BaseException:
            self.close()
            raise

    def _legs(self, operation: str) -> list[WorkflowStatus]:
        from dbos import DBOS

        found = DBOS.list_workflows(workflow_id_prefix=operation, load_input=False, load_output=False)
        return [leg for leg in found if leg.workflow_id.partition(".")[0] == operation]

    def _stranded(self, leg: str) -> bool:
        """It left without its end being noted: nobody runs it, and nobody will before the next launch."""
        with self._guard:
            left = self._left.get(leg)
        return left is not None and time.monotonic() - left > 2 * POLL_SECONDS


_CURRENT: list[Durable] = []
_MADE: list[Any] = []


def _workflow() -> Any:
    """The workflow, registered once for the whole process."""
    if not _MADE:
        from dbos import DBOS

        @DBOS.workflow(name=_LEG, max_recovery_attempts=None)
        def leg(operation: str) -> str:
            if not _CURRENT:
                raise Stopped
            return _CURRENT[0].work(operation)

        _MADE.append(leg)
    return _MADE[0]


def _number(leg: str) -> int:
    number = leg.partition(".")[2]
    return int(number) if number.isdecimal() else 1


def _mark(settings: Settings) -> str:
    """Of this office on this machine: on a server that several share, each has its own tables and takes up its own."""
    place = f"{socket.gethostname()} {os.path.realpath(settings.office)}"
    return hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def state_file(settings: Settings) -> str:
    """Where the state of running operations is, unless a server has it."""
    return os.path.join(settings.office, FILE_NAME)


def _engine(settings: Settings) -> sa.Engine:
    if settings.state_url is not None:
        url = sa.make_url(settings.state_url).set(drivername="postgresql+psycopg")
        if settings.register_password:
            url = url.set(password=settings.register_password.read())
        return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=2 * AT_ONCE)
    path = state_file(settings)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600))
    url = sa.URL.create("sqlite", database=path)
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}, pool_size=2 * AT_ONCE)
    sa.event.listen(engine, "connect", _sqlite_connected)
    return engine


def damaged(problem: exc.DatabaseError) -> bool:
    """The state file is no database any more."""
    return getattr(problem.orig, "sqlite_errorname", "").startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT"))


def _sqlite_connected(connection: sqlite3.Connection, _record: object) -> None:
    # As DBOS sets its own up, and the manners of the register.
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _quiet() -> None:
    """Its warnings go to our log; it makes no handler of its own when it finds one."""
    theirs = logging.getLogger("dbos")
    if not theirs.handlers:
        theirs.addHandler(_ToOurs(logging.WARNING))
        theirs.propagate = False


class _ToOurs(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Without the traceback: what went wrong in a leg has been told by the leg."""
        log.warning("dbos: %s", record.getMessage())
