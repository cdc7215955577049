"""The worker: `python -m core.operations.worker --config FILE`.

One for each office: it takes the office's lock before anything else, and the loser ends with 0. It runs until
it is told to stop (SIGTERM, SIGINT); only a practice office's worker ends by itself, when nothing happened
for `idle_seconds` or when its folder is gone. No error ends it: each is logged, and the round begins again.
A step that runs when it is told to stop is left at its next safe point, and the next worker goes on with it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import FrameType

from core.errors import WisselError
from core.files import private_dir
from core.intake.rooms import log_file
from core.operations.dispatch import Dispatch, StepsMaker
from core.operations.journal import Troubles, log, sentence, written
from core.operations.lock import WorkerLock
from core.operations.shift import Shift
from core.operations.step import Steps
from core.settings import Settings, load
from core.texts import language_of

SHORTEST = 0.05
"""Seconds between two rounds, however much happens."""
LONGEST_PAUSE = 2.0
"""After a round that took long; one that waited for somebody's lock must not be followed by a long sleep."""

FIXED = ("office", "register_url", "state_url")
"""Settings that hold for the life of a worker: what it began is there."""

Loader = Callable[[], Settings]


def shipped() -> Steps:
    """The steps of all operations. Loaded when the first one runs."""
    from core.operations.steps import STEPS

    return STEPS


class Worker:
    """Runs shifts until it is stopped. `loader` is called again when the settings file changes."""

    def __init__(self, loader: Loader, settings: Settings, steps: StepsMaker = shipped) -> None:
        self._loader = loader
        self._settings = settings
        self._stop = threading.Event()
        self._wake: threading.Event | None = None
        self._started_at = datetime.now(UTC)
        self._over = False
        """A practice office needs no worker any more."""
        self._troubles = Troubles()
        self._stamp = _stamp(settings)
        self._dispatch = Dispatch(steps, self._hear)

    def stop(self) -> None:
        """End at the next safe point."""
        self._stop.set()
        self._dispatch.halt()
        self._hear()

    def _hear(self) -> None:
        wake = self._wake
        if wake is not None:
            wake.set()

    def rest(self) -> bool:
        """Take every step that runs to a safe point. False: one is too busy to hear it."""
        self._dispatch.halt()
        return self._dispatch.rest()

    def run(self) -> int:
        """Shift after shift; 0 when it ended as it should."""
        while not self._stop.is_set() and not self._over:
            try:
                shift = Shift(self._settings, self._started_at, self._dispatch)
            except Exception as error:  # noqa: BLE001 - as below
                self._trouble(error, "no shift could begin")
                self._rest()
                self._reload()
                continue
            try:
                self._wake = shift.wake
                self._work(shift)
            except Exception as error:  # noqa: BLE001 - no error ends the worker; what nobody foresaw has its traceback
                self._trouble(error, "a shift broke off")
                self._rest()
            finally:
                self._end(shift)
        return 0

    def _work(self, shift: Shift) -> None:
        log.info("watching %s", ", ".join(str(inbox.path) for inbox in self._settings.inboxes) or "no inbox")
        shift.begin()
        while not self._stop.is_set():
            shift.wake.clear()
            began = time.monotonic()
            try:
                seconds = shift.turn()
            except WisselError as error:
                if error.key == "register-gone":
                    raise
                self._trouble(error, "a round broke off")
                seconds = self._settings.rescan_seconds
            self._over = self._idle(shift.changed) or self._gone()
            if self._over:
                return
            if self._reload():
                return
            # Looking at ten thousand names takes its time; most of it belongs to the threads that seal.
            pause = min(LONGEST_PAUSE, max(SHORTEST, 4 * (time.monotonic() - began)))
            self._stop.wait(pause)
            shift.wake.wait(max(0.0, seconds - pause))

    def _reload(self) -> bool:
        """Take the settings when their file changed; a bad file is said, and the old settings stay."""
        stamp = _stamp(self._settings)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            settings = self._loader()
        except WisselError as error:
            log.error("settings: %s", sentence(error, self._settings.language))
            return False
        except Exception as error:  # noqa: BLE001 - whatever a broken file does to its reader, the work goes on
            self._trouble(error, "the settings cannot be read")
            return False
        changed = [name for name in FIXED if getattr(settings, name) != getattr(self._settings, name)]
        if changed:
            log.error("settings: %s changed; stop the worker and start it again", ", ".join(changed))
            return False
        self._settings = settings
        log.info("settings read again")
        return True

    def _idle(self, changed: float) -> bool:
        return self._settings.practice and time.monotonic() - changed >= self._settings.idle_seconds

    def _gone(self) -> bool:
        """A practice office that was thrown away; any other comes back when its disk does."""
        return self._settings.practice and (not os.path.isdir(self._settings.office) or _stamp(self._settings) is None)

    def _end(self, shift: Shift) -> None:
        self._wake = None
        try:
            if os.path.isdir(self._settings.office):
                shift.say("")
        except WisselError as error:
            self._trouble(error, "the end of the shift could not be noted")
        try:
            shift.close()
        except Exception as error:  # noqa: BLE001 - the next shift begins all the same
            self._trouble(error, "the shift did not end as it should")

    def _trouble(self, error: Exception, what: str) -> None:
        self._troubles.tell(error, what, self._settings.language)

    def _rest(self) -> None:
        self._over = self._over or self._gone()
        self._stop.wait(self._settings.rescan_seconds)


def run(loader: Loader, steps: StepsMaker = shipped) -> int:
    """Be the worker of the office that the settings describe; 0 at once when there is one already."""
    settings = loader()
    private_dir(settings.office)
    lock = WorkerLock(os.fspath(settings.office))
    if not lock.take():
        return 0
    try:
        with written(log_file(settings)), _signals(worker := Worker(loader, settings, steps)):
            log.info("started, pid %d", os.getpid())
            try:
                return worker.run()
            finally:
                if not worker.rest():
                    log.warning("a step did not stop; it is cut off, and the next worker goes on with it")
                    # Not a moment without the lock while it still runs: the system frees it when we are dead.
                    os._exit(0)
                log.info("stopped")
    finally:
        lock.free()


def main(argv: Sequence[str] | None = None) -> int:
    """The process. Errors before the first shift end it, each with its own exit code."""
    parser = argparse.ArgumentParser(prog="wissel worker")
    parser.add_argument("--config", metavar="FILE")
    config = parser.parse_args(argv).config
    os.umask(0o077)
    try:
        return run(lambda: load(config))
    except WisselError as error:
        # No log file yet: the standard library prints it to standard error.
        log.error("%s", sentence(error, language_of(os.environ)))
        return error.exit_code


@contextlib.contextmanager
def _signals(worker: Worker) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # In a thread: the main thread may hold the very lock inside the event that `stop` sets.
        threading.Thread(target=worker.stop).start()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stamp(settings: Settings) -> tuple[int, int] | None:
    """What tells one state of the settings file from another; None when it is gone or there is none."""
    if settings.config_path is None:
        return None
    try:
        info = os.stat(settings.config_path)
    except OSError:
        return None
    return info.st_mtime_ns, info.st_size


if __name__ == "__main__":
    sys.exit(main())
