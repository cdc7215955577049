"""One worker for each office: an exclusive lock of the operating system, freed by the system when its holder dies."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from core.errors import Unreadable
from core.files import translated

if TYPE_CHECKING:
    from filelock import BaseFileLock

PATIENCE = 0.5
"""Seconds a worker tries: a front that asks `held` has the lock for a blink, which must not scare it off."""


class WorkerLock:
    """`office/worker.lock`. Alive means: held."""

    def __init__(self, office: str, patience: float = PATIENCE) -> None:
        self._path = os.path.join(office, "worker.lock")
        self._patience = patience
        self._lock: BaseFileLock | None = None

    def take(self) -> bool:
        """Become the one worker; false when there is one already. Raises NoSpace, NotFound or Unreadable."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._path, timeout=self._patience, mode=0o600, thread_local=False)
        try:
            lock.acquire(poll_interval=0.01)
        except Timeout:
            return False
        except OSError as problem:
            raise translated(problem, self._path) from problem
        except NotImplementedError as problem:
            raise Unreadable("file-unreadable", path=self._path, reason=str(problem)) from problem
        self._lock = lock
        return True

    def free(self) -> None:
        """Let the next one in."""
        if self._lock is not None:
            self._lock.release(force=True)
            self._lock = None

    def held(self) -> bool:
        """Does a worker hold it now? Asking changes nothing and never waits."""
        return _held(self._path)


if sys.platform == "win32":

    def _held(path: str) -> bool:
        from filelock import FileLock, Timeout

        if not os.path.exists(path):
            return False
        probe = FileLock(path, timeout=0)
        try:
            probe.acquire()
        except (Timeout, OSError):
            return True
        probe.release()
        return False

else:
    import fcntl

    def _held(path: str) -> bool:
        # flock(2) as filelock uses it, without its import of asyncio: every verb of the command line asks this.
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            with contextlib.suppress(OSError):
                os.close(handle)
        return False
