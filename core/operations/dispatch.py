"""From the register to the engine: every open operation has its leg, however often the worker or the engine fell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import exc

from core.files import rename_aside
from core.intake.rooms import log_file, open_register, tables_of, vault_of
from core.model import OperationDetail, OperationRow, OperationState, Step
from core.operations.journal import Troubles, log, sentence
from core.operations.recorder import Recorder, Stopped
from core.operations.runner import Act, BenchMaker, Leg, Word
from core.operations.step import Bench, Steps
from core.register.register import Register, now
from core.settings import Settings

if TYPE_CHECKING:
    from core.operations.durable import Durable

WHO = "wissel"
AGAIN_SECONDS = (1.0, 5.0, 30.0, 300.0)
"""Before a leg that came no further is tried again: the first time, the second, and so on."""
LOOK_AGAIN_SECONDS = 5.0
"""Between two questions to the engine about the same operation that waits for its turn."""
REST_SECONDS = 60.0
"""Without work the engine is put away: it polls its queue."""
PATIENCE_SECONDS = 10.0
"""For running steps to reach a safe point when the worker ends. Later they are cut off, as by a crash."""

StepsMaker = Callable[[], Steps]


class Dispatch:
    """Outlives the shifts: new settings count for the next leg, and disturb none that runs."""

    def __init__(self, steps: StepsMaker, wake: Callable[[], object]) -> None:
        self._steps = steps
        self._wake = wake
        self._stop = threading.Event()
        self._settings: Settings | None = None
        self._durable: Durable | None = None
        self._worked = 0.0
        self._tries: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._troubles = Troubles()

    def turn(self, register: Register, settings: Settings) -> bool:
        """One round: is there anything to run? Raises errors of the register; the engine's are said in the log."""
        self._settings = settings
        due = [row for row in register.open_operations() if _due(row, register) and _ours(row, settings)]
        current = time.monotonic()
        try:
            if due:
                self._worked = current
                self._see_to(due, settings, current)
            elif self._durable is not None and current - self._worked > REST_SECONDS and not self.running():
                self._durable.close()
                self._durable = None
        except (exc.SQLAlchemyError, OSError) as problem:
            self._troubles.tell(problem, "the state of operations", settings.language)
        return bool(due)

    def running(self) -> frozenset[str]:
        """Operations at work now."""
        return self._durable.running() if self._durable is not None else frozenset()

    def halt(self) -> None:
        """Tell every step to stop at its next safe point; the next worker goes on."""
        self._stop.set()

    def rest(self) -> bool:
        """Wait until they did. False: one is still busy, and must be cut off."""
        return self._durable is None or self._durable.leave(PATIENCE_SECONDS)

    def _see_to(self, due: list[OperationRow], settings: Settings, current: float) -> None:
        if self._durable is None:
            self._durable = self._launched(settings)
        running = self._durable.running()
        for row in sorted(due, key=lambda row: (row.requested_at, row.id)):
            if row.id not in running and current >= self._not_before.get(row.id, 0.0):
                self._durable.ensure(row.id, row.instance or row.target or row.delivery)
                self._not_before[row.id] = current + LOOK_AGAIN_SECONDS

    def _launched(self, settings: Settings) -> Durable:
        from core.operations import durable

        try:
            return durable.Durable(settings, self._leg, self._wake)
        except exc.DatabaseError as problem:
            if settings.state_url is not None or not durable.damaged(problem):
                raise
            log.exception("the state of operations is damaged; it is laid aside and begun again from the register")
            place = durable.state_file(settings)
            rename_aside(place, f"{place}.{now():%Y%m%d%H%M%S}.damaged")
            return durable.Durable(settings, self._leg, self._wake)

    def _leg(self, operation: str, act: Act) -> Word:
        """In a thread of the engine."""
        settings = self._settings
        if settings is None or self._stop.is_set():
            raise Stopped
        try:
            word = self._run(operation, act, settings)
        except Exception as problem:
            if self._stop.is_set():
                raise Stopped from problem
            self._troubles.tell(problem, operation, settings.language)
            self._postpone(operation)
            raise
        if word is Word.AGAIN:
            self._postpone(operation)
        else:
            self._tries.pop(operation, None)
            self._not_before.pop(operation, None)
        return word

    def _run(self, operation: str, act: Act, settings: Settings) -> Word:
        register = open_register(settings, who=WHO, create=False)
        try:
            leg = Leg(
                register,
                self._steps(),
                bench_maker(register, settings),
                self._stop.is_set,
                self._stop.wait,
                lambda error: sentence(error, settings.language),
                log_file(settings),
            )
            word = leg.run(operation, act)
        finally:
            register.close()
        log.info("%s: %s", operation, word)
        return word

    def _postpone(self, operation: str) -> None:
        tries = self._tries.get(operation, 0)
        self._tries[operation] = tries + 1
        self._not_before[operation] = time.monotonic() + AGAIN_SECONDS[min(tries, len(AGAIN_SECONDS) - 1)]


def bench_maker(register: Register, settings: Settings) -> BenchMaker:
    """Benches of one leg: it works under the settings that it began with."""
    from core.operations.engines import engines

    tables, vault, engine = tables_of(settings), vault_of(settings), engines(settings)

    def make(operation: OperationDetail, step: Step, recorder: Recorder) -> Bench:
        return Bench(register, settings, tables, vault, engine, operation, step, recorder.work, now)

    return make


def _due(row: OperationRow, register: Register) -> bool:
    """There is something to do: nobody is awaited, or has answered, or wants to cancel."""
    waits = row.state is OperationState.WAITING and not row.cancelling
    return not waits or register.answered(row.id, row.step) is not None


def _ours(row: OperationRow, settings: Settings) -> bool:
    """Of a register that several offices share, each runs the operations on the originals that it has."""
    return settings.register_url is None or vault_of(settings).holds(row.delivery)
