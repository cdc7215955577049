"""What a step says of itself while it works, and what it hears: that it is to stop, or that the worker ends."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.administration.engine import Work
from core.errors import Cancelled
from core.model import StepState
from core.register.register import Register

LISTEN_SECONDS = 0.25
"""Between two looks at whether somebody wants to cancel."""
TELL_SECONDS = 0.5
"""Between two writings of progress; no line of the log waits longer than this for the next one."""


class Stopped(BaseException):  # no Exception: it is nothing that went wrong, and no step may catch it
    """The worker ends. What was being done is left as it is; the next worker goes on with it."""


class Recorder:
    """The `Work` of one step. The register has each line of the log before the act that it tells of.

    Only statements may wait, many in a batch: they change nothing until their transaction is committed.
    """

    def __init__(
        self,
        register: Register,
        operation: str,
        step: int,
        *,
        stopping: Callable[[], bool],
        cancellable: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._register = register
        self._operation = operation
        self._step = step
        self._stopping = stopping
        self._cancellable = cancellable
        self._monotonic = monotonic
        self._lines: list[tuple[str, str]] = []
        self._told = self._heard = float("-inf")
        self._percent: int | None = None
        self._said: int | None = None
        self.cancelled = False
        """The step was told that somebody wants to cancel; whatever error it made of that."""

    @property
    def work(self) -> Work:
        """What the step is given."""
        return Work(log=self.log, progress=self.progress, check=self.check)

    def log(self, kind: str, text: str) -> None:
        """A line before its act."""
        self._lines.append((kind, text))
        if kind != "sql" or self._due():
            self.flush()

    def progress(self, done: int, of: int) -> None:
        """How far it is."""
        self._percent = min(100, 100 * done // of) if of > 0 else None
        self._tell()

    def check(self) -> None:
        """Called between small pieces of work. Raises Cancelled, or Stopped."""
        if self._stopping():
            raise Stopped
        self._tell()
        if not self._cancellable:
            return
        now = self._monotonic()
        if now - self._heard >= LISTEN_SECONDS:
            self._heard = now
            self.cancelled = self.cancelled or bool(self._register.cancel_wanted(self._operation))
        if self.cancelled:
            raise Cancelled("cancelled")

    def flush(self) -> None:
        """Write what is waiting."""
        self._told = self._monotonic()
        if self._lines:
            self._register.log_operation(self._operation, self._step, tuple(self._lines))
            self._lines.clear()
        if self._cancellable and self._percent is not None and self._percent != self._said:
            self._register.step(self._operation, self._step, StepState.RUNNING, percent=self._percent)
            self._said = self._percent

    def _tell(self) -> None:
        if self._due():
            self.flush()

    def _due(self) -> bool:
        return self._monotonic() - self._told >= TELL_SECONDS
