"""Counts what an operation's steps ask of the system, and strikes at the n-th: kill -9, or an error.

Nothing of it is known to the code under test. It stands around the steps that a worker is given (to know whose call
it is), and in the seams that Python and SQLAlchemy have: audit hooks, events, and three functions of the system.

Each call has a label, `restore.unpack do`: the step, and whether it is asked (`did`), happens (`do`), is being taken
back (`undo`), or has happened and is not noted yet (`after`: the register's commit, then the engine's checkpoint).
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sqlite3
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from core.model import Kind, Params
from core.operations.step import Bench, Guided, Steps, StepWork

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
AUDITED = frozenset({
    "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
    "shutil.rmtree", "shutil.move", "sqlite3.connect",
})  # fmt: skip
NETWORK = frozenset({"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"})


@dataclass(frozen=True)
class Strike:
    """What to do at the n-th call (from 1) under this label."""

    label: str
    at: int
    errno: int = 0
    """0: kill -9."""


@dataclass
class Striker:
    """One for each process. `report` gets a line of JSON for each call."""

    report: str
    strike: Strike | None = None
    counts: Counter[str] = field(default_factory=Counter)
    here: threading.local = field(default_factory=threading.local)

    def install(self) -> None:
        sys.addaudithook(self._audit)
        sa.event.listen(sa.engine.Engine, "do_execute", self._execute)
        sa.event.listen(sa.engine.Engine, "do_executemany", self._execute)
        DefaultDialect.do_commit = self._seam(DefaultDialect.do_commit, "commit")  # type: ignore[method-assign]
        for name in ("fsync", "write", "ftruncate"):
            setattr(os, name, self._seam(getattr(os, name), name))

    def around(self, steps: Steps) -> Steps:
        """The same steps, each call under its label."""
        return {key: self._watched(key, work) for key, work in steps.items()}

    def _watched(self, key: tuple[Kind, str], work: StepWork) -> StepWork:
        name = f"{key[0]}.{key[1]}"
        return WatchedGuided(work, name, self) if isinstance(work, Guided) else Watched(work, name, self)

    def enter(self, label: str) -> None:
        self.here.label = label

    def call(self, what: str) -> None:
        label = getattr(self.here, "label", "")
        if not label or getattr(self.here, "busy", False):
            return
        self.here.busy = True
        try:
            self.counts[label] += 1
            count = self.counts[label]
            self._tell(label=label, at=count, what=what)
            if self.strike is not None and (self.strike.label, self.strike.at) == (label, count):
                self._hit(what)
        finally:
            self.here.busy = False

    def _hit(self, what: str) -> None:
        assert self.strike is not None
        self._tell(struck=self.strike.label, at=self.strike.at, what=what)
        if not self.strike.errno:
            os.kill(os.getpid(), signal.SIGKILL)
        if what.startswith(("sql", "commit")):
            full = sqlite3.OperationalError("database or disk is full")
            full.sqlite_errorname, full.sqlite_errorcode = "SQLITE_FULL", sqlite3.SQLITE_FULL
            raise full
        raise OSError(self.strike.errno, os.strerror(self.strike.errno), "(struck)")

    def _tell(self, **line: str | int) -> None:
        with open(self.report, "a", encoding="utf-8") as report:
            report.write(json.dumps(line) + "\n")

    def _audit(self, event: str, given: tuple[Any, ...]) -> None:
        if event in NETWORK:
            self._network(event, given)
        elif event == "open" and (isinstance(given[2], int) and given[2] & WRITES):
            self.call(f"open {given[0]!r}")
        elif event in AUDITED:
            self.call(f"{event} {given[0]!r}")

    def _network(self, event: str, given: tuple[Any, ...]) -> None:
        if not getattr(self.here, "busy", False):
            self.here.busy = True
            try:
                self._tell(network=event, to=repr(given[1:]))
            finally:
                self.here.busy = False

    def _execute(self, _cursor: object, statement: str, _values: object, _context: object) -> None:
        self.call(f"sql {statement[:60]!r}")

    def _seam(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        @wraps(real)
        def struck(*given: Any, **named: Any) -> Any:
            self.call(name)
            return real(*given, **named)

        return struck


@dataclass(frozen=True)
class Watched:
    work: StepWork
    name: str
    striker: Striker

    def did(self, bench: Bench) -> bool:
        self.striker.enter(f"{self.name} did")
        happened = self.work.did(bench)
        self.striker.enter(f"{self.name} after")
        return happened

    def do(self, bench: Bench) -> Params:
        self.striker.enter(f"{self.name} do")
        self.striker.call("begin")
        result = self.work.do(bench)
        self.striker.enter(f"{self.name} after")
        self.striker.call("end")
        return result

    def undo(self, bench: Bench) -> None:
        self.striker.enter(f"{self.name} undo")
        self.striker.call("begin")
        self.work.undo(bench)
        self.striker.enter(f"{self.name} undone")
        self.striker.call("end")


@dataclass(frozen=True)
class WatchedGuided(Watched, Guided):
    def prove(self, bench: Bench, answer: str) -> Params:
        assert isinstance(self.work, Guided)
        self.striker.enter(f"{self.name} prove")
        result = self.work.prove(bench, answer)
        self.striker.enter(f"{self.name} after")
        return result


def from_environment(environment: Mapping[str, str]) -> Striker:
    """As `orders` wrote it."""
    given = json.loads(environment["WISSEL_TEST_STRIKE"])
    return Striker(given["report"], Strike(**given["strike"]) if given["strike"] else None)


def orders(report: str, strike: Strike | None) -> dict[str, str]:
    """What an entry script needs in its environment."""
    told = None if strike is None else {"label": strike.label, "at": strike.at, "errno": strike.errno}
    return {"WISSEL_TEST_STRIKE": json.dumps({"report": report, "strike": told})}


FULL = errno.ENOSPC
BROKEN = errno.EIO
