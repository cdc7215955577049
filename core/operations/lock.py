"""One worker for each office: an exclusive lock of the operating system, freed by the system when its holder dies."""

from __future__ import annotations

import os

from filelock import FileLock, Timeout

PATIENCE = 0.5
"""Seconds a worker tries: a front that asks `held` has the lock for a blink, which must not scare it off."""


class WorkerLock:
    """`office/worker.lock`. Alive means: held."""

    def __init__(self, office: str, patience: float = PATIENCE) -> None:
        self._path = os.path.join(office, "worker.lock")
        self._lock = FileLock(self._path, timeout=patience, mode=0o600, thread_local=False)

    def take(self) -> bool:
        """Become the one worker; false when there is one already (or the office is not there)."""
        try:
            self._lock.acquire(poll_interval=0.01)
        except (Timeout, OSError):
            return False
        return True

    def free(self) -> None:
        """Let the next one in."""
        self._lock.release(force=True)

    def held(self) -> bool:
        """Does a worker hold it now? Asking changes nothing and never waits."""
        if not os.path.exists(self._path):
            return False
        probe = FileLock(self._path, timeout=0, mode=0o600, thread_local=False)
        try:
            probe.acquire()
        except (Timeout, OSError):
            return True
        probe.release()
        return False
