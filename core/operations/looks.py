"""The worker's lane for looks into sealed deliveries: one at a time, beside everything else."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

from core.errors import WisselError
from core.intake.looking import Looking
from core.operations.journal import log


class Looks:
    """Made by a shift and turned with it. Only the main thread calls it."""

    def __init__(self, looking: Looking, wake: threading.Event) -> None:
        self._looking = looking
        self._wake = wake
        self._lane = ThreadPoolExecutor(1, "look")
        self._running: Future[object] | None = None
        self._queue: list[str] = []
        self._seen = -1
        """The register's pulse when nothing was due."""

    def begin(self) -> None:
        """Clear what a kill left."""
        self._looking.begin()

    def turn(self, pulse: int) -> bool:
        """Begin the next look when none runs; is one running?"""
        self._collect()
        if self._running is None:
            if not self._queue and pulse != self._seen:
                self._queue = list(self._looking.due())
                self._seen = -1 if self._queue else pulse
            if self._queue:
                self._running = self._lane.submit(self._looking.work, self._queue.pop(0))
                self._running.add_done_callback(lambda _done: self._wake.set())
        return self._running is not None

    def close(self) -> None:
        """Wait for the look that runs, which was told to stop."""
        self._lane.shutdown(wait=True, cancel_futures=True)
        self._collect()

    def _collect(self) -> None:
        done, self._running = self._running, None
        if done is None or not done.done():
            self._running = done
            return
        error = None if done.cancelled() else done.exception()
        if isinstance(error, WisselError):
            log.warning("looking inside: %s", error)
        elif error is not None:
            log.error("looking inside: %r", error, exc_info=error)
