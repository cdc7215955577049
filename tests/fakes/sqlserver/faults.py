"""What goes wrong, by script: at which statement, at which point of it, and what. And what a server has heard."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from fakes.sqlserver.seam import ServerError, Value

WAITS = 20.0
"""Seconds that a test waits at most for a statement to reach its hold."""
LOOKS = 0.003
"""Seconds between two looks of a held statement whether its client has gone or asked to stop."""


@dataclass(frozen=True)
class Heard:
    """A statement that a server has received. `session` numbers the connections, `database` the one it was in.

    `kind`: `login`, `batch`, `call` (a statement with parameters), `transaction`. The text of a login is
    `LOGIN user database`, those of transactions are `BEGIN TRANSACTION`, `COMMIT` and `ROLLBACK`. `declared` is what
    the driver says of its parameters: `@P1 int,@P2 nvarchar(4)`; empty where it executes what was prepared before.
    """

    session: int
    kind: str
    database: str
    text: str
    params: Sequence[Value] = ()
    declared: str = ""


class Dropped(Exception):
    """The line is to be cut."""


class Stopped(Exception):
    """The client has asked to stop, or is gone."""


class Hold:
    """A statement that waits: `reached` when it got there, until `release`, an attention, or the end of its client."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._released = threading.Event()

    def release(self) -> None:
        """Let it go on."""
        self._released.set()

    def wait(self) -> None:
        """Wait until a statement is held. Raises `TimeoutError` where none comes."""
        if not self.reached.wait(WAITS):
            raise TimeoutError("no statement came to its hold")

    def keep(self, cancelled: threading.Event) -> None:
        """Hold the statement of the calling thread."""
        self.reached.set()
        while not self._released.wait(LOOKS):
            if cancelled.is_set():
                raise Stopped


@dataclass
class Fault:
    """One thing that goes wrong, once. `after` events were taken from the engine; None: before it is asked at all."""

    text: re.Pattern[str]
    at: int
    after: int | None
    late: bool
    act: ServerError | type[Dropped] | Hold | float
    seen: int = 0
    struck: bool = False

    def now(self, cancelled: threading.Event) -> None:
        """Strike. Raises `ServerError`, `Dropped` or `Stopped`, or comes back later."""
        self.struck = True
        if isinstance(self.act, Hold):
            self.act.keep(cancelled)
        elif isinstance(self.act, float):
            if cancelled.wait(self.act):
                raise Stopped
        else:
            raise self.act


@dataclass
class Faults:
    """The script. Each fault strikes once: at the `at`-th statement (from 1, from now on) whose text matches `text`.

    When: before anything happened; `after` so many events of the engine (messages of a RESTORE, rows) have gone out; or
    `late`, when it took effect and its client does not know yet. `text` is a pattern, case does not matter.
    """

    faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(
        self, number: int, message: str = "As the script says.", *, severity: int = 16, text: str = "", at: int = 1,
        after: int | None = None, late: bool = False,
    ) -> Fault:  # fmt: skip
        """An error. Severity 20 and above also ends the connection."""
        return self._add(ServerError(number, message, severity), text, at, after, late=late)

    def drop(self, *, text: str = "", at: int = 1, after: int | None = None, late: bool = False) -> Fault:
        """The line is cut."""
        return self._add(Dropped, text, at, after, late=late)

    def hold(self, *, text: str = "", at: int = 1, after: int | None = None, late: bool = False) -> Hold:
        """The statement waits until the test releases it."""
        made = Hold()
        self._add(made, text, at, after, late=late)
        return made

    def slow(
        self, seconds: float, *, text: str = "", at: int = 1, after: int | None = None, late: bool = False
    ) -> Fault:
        """The statement takes its time."""
        return self._add(float(seconds), text, at, after, late=late)

    def _add(
        self, act: ServerError | type[Dropped] | Hold | float, text: str, at: int, after: int | None, *, late: bool
    ) -> Fault:
        made = Fault(re.compile(text, re.IGNORECASE), at, after, late, act)
        with self._lock:
            self.faults.append(made)
        return made

    def of(self, heard: Heard) -> list[Fault]:
        """Those that strike at this statement; counts it for all of them."""
        found = []
        with self._lock:
            for fault in self.faults:
                if fault.text.search(heard.text):
                    fault.seen += 1
                    if fault.seen == fault.at:
                        found.append(fault)
        return found

    def clear(self) -> None:
        """Nothing goes wrong any more. What is held stays held."""
        with self._lock:
            self.faults.clear()
