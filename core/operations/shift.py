"""One stretch of the worker's work under one set of settings: watch, seal, judge, operate, and say what it does."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from core.errors import RegisterError, WisselError
from core.intake.looking import Looking
from core.intake.rooms import (
    judge_of,
    log_file,
    looking_folder,
    open_register,
    patience_of,
    register_stamp,
    vault_of,
)
from core.intake.sealing import Outcome, Sealing, Task
from core.intake.watch import Place, Watch
from core.operations.dispatch import Dispatch
from core.operations.events import Events
from core.operations.journal import log, sentence
from core.operations.looks import Looks
from core.operations.probing import Probing
from core.settings import Settings

LARGE = 64 << 20
"""Bytes from which a file goes to the slow lane: it does not hold up the small ones."""
SMALL = 2
"""Threads for the others: while one waits for the disk, another one reads."""
HEARTBEAT_SECONDS = 10.0
WHO = "wissel"
"""Who stands in the log for what the worker does by itself."""


class Shift:
    """Made with everything open; `close` gives it back. The main thread looks, others seal."""

    def __init__(self, settings: Settings, started_at: datetime, dispatch: Dispatch) -> None:
        self.settings = settings
        self._dispatch = dispatch
        self.wake = threading.Event()
        self._started_at = started_at
        self._cancelled = threading.Event()
        self._register = open_register(settings, who=WHO, create=True)
        self._stands = register_stamp(settings)
        try:
            self._judge = judge_of(settings, self._register)
        except WisselError:
            self._register.close()
            raise
        patience = patience_of(settings)
        sealing = Sealing(
            self._register,
            vault_of(settings),
            self._judge,
            patience,
            keep=settings.after_sealing == "keep",
            clock=_now,
            monotonic=time.monotonic,
            cancel=self._cancelled.is_set,
            stands=self._register_stands,
        )
        self._watch = Watch(
            [Place(os.fspath(inbox.path), inbox.client) for inbox in settings.inboxes],
            self._register,
            sealing,
            patience,
            clock=_now,
            monotonic=time.monotonic,
            say=log.info,
            sentence=self._sentence,
        )
        self._sealing = sealing
        self._lanes = {True: ThreadPoolExecutor(1, "seal-large"), False: ThreadPoolExecutor(SMALL, "seal-small")}
        self._running: dict[Future[Outcome], Task] = {}
        looking = Looking(
            self._register,
            vault_of(settings),
            self._judge,
            looking_folder(settings),
            seconds=settings.look_inside_seconds,
            monotonic=time.monotonic,
            cancel=self._cancelled.is_set,
            say=log.info,
        )
        self._looks = Looks(looking, self.wake)
        self._probing = Probing(self._register, self._judge, settings, self.wake)
        self._events = Events([os.fspath(inbox.path) for inbox in settings.inboxes], self.wake)
        self._said = ("", 0.0)
        self._pulse = -1
        self.changed = time.monotonic()
        """When something last happened."""

    def begin(self) -> None:
        """Finish what a crash left, then listen."""
        self._watch.start()
        self._looks.begin()
        self._events.start()

    def turn(self) -> float:
        """One round of work; how many seconds may pass until the next. Raises RegisterError (`register-gone`)."""
        if not self._register_stands():
            raise RegisterError("register-gone", path=os.fspath(self.settings.office))
        self._collect()
        self._probing.turn()
        for task in self._watch.look():
            lane = self._lanes[task.found.look.size >= LARGE]
            future = lane.submit(self._sealing.work, task)
            self._running[future] = task
            future.add_done_callback(lambda _done: self.wake.set())
        caught_up = self._judge.catch_up(but={task.delivery for task in self._running.values()})
        operating = self._dispatch.turn(self._register, self.settings)
        self._report()
        pulse = self._register.pulse()
        looking = self._looks.turn(pulse)
        if self._running or caught_up or operating or looking or pulse != self._pulse:
            self._pulse, self.changed = pulse, time.monotonic()
        return 0.0 if caught_up else self._watch.seconds_to_next(self.settings.rescan_seconds)

    def close(self) -> None:
        """Stop at the next safe point: what is being copied is thrown away and begun again later."""
        self._cancelled.set()
        self._events.stop()
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)
        self._looks.close()
        try:
            self._collect()
        finally:
            self._register.close()

    def say(self, doing: str) -> None:
        """What the worker does, for everybody to see."""
        self._register.worker_says(os.getpid(), self._started_at, doing)

    def _collect(self) -> None:
        for future in [each for each in self._running if each.done()]:
            task = self._running.pop(future)
            if future.cancelled():
                continue
            error = future.exception()
            if error is not None:
                log.error("%s: %r", task.delivery, error, exc_info=error)
                place = log_file(self.settings)
                unexpected = WisselError("unexpected", kind=type(error).__name__, text=str(error), log=place)
                self._watch.done(Outcome(task, error=unexpected))
            else:
                self._watch.done(future.result())

    def _report(self) -> None:
        deliveries = sorted({task.delivery for task in self._running.values() if task.quiet})
        doing = ", ".join([*sorted(self._dispatch.running()), *deliveries][:3])
        said, at = self._said
        now = time.monotonic()
        if doing != said or now - at >= HEARTBEAT_SECONDS or not at:
            self.say(doing)
            self._said = (doing, now)

    def _register_stands(self) -> bool:
        return register_stamp(self.settings) == self._stands

    def _sentence(self, error: WisselError) -> str:
        return sentence(error, self.settings.language)


def _now() -> datetime:
    return datetime.now(UTC)
