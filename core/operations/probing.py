"""The worker asks the targets' instances about themselves: at its start, and when an answer is `probe_hours` old.

Each is asked in a thread of its own, so that a server that does not answer holds nobody up; not even the end of the
worker waits for it. The register is written by the main thread alone.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from core.errors import WisselError
from core.intake.judging import Judge
from core.intake.rooms import targets_of
from core.model import Probe, Probed
from core.operations.journal import log, sentence
from core.operations.servers import ask
from core.register.register import Register
from core.settings import Settings, TargetSettings

AGAIN_SECONDS = 600.0
"""An instance that did not answer is asked again after this long."""
LOOK_SECONDS = 60.0
"""Between two looks at what is due, and at what has become too old."""

Ask = Callable[[Settings, str], Probe]


class Probing:
    """Made by a shift and turned with it. Only the main thread calls it."""

    def __init__(
        self,
        register: Register,
        judge: Judge,
        settings: Settings,
        wake: threading.Event,
        *,
        asked: Ask = ask,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`asked` asks one instance; `clock` and `monotonic` say when."""
        self._register = register
        self._judge = judge
        self._settings = settings
        self._wake = wake
        self._ask = asked
        self._clock = clock
        self._monotonic = monotonic
        self._answers: queue.SimpleQueue[tuple[TargetSettings, Probe | WisselError]] = queue.SimpleQueue()
        self._running: set[str] = set()
        self._looked: float | None = None
        self._told: dict[str, str] = {}
        self._targets = [] if settings.practice else [each for each in settings.targets if each.instance]

    def turn(self) -> bool:
        """Take the answers that came, and ask whom it is time to ask. Did anything that the rules read change?"""
        came = self._take()
        due = self._looked is None or self._monotonic() - self._looked >= LOOK_SECONDS
        if not self._targets or not (came or due):
            return False
        self._looked = self._monotonic()
        known = self._register.probed()
        for target in self._due(known):
            self._running.add(target.name)
            work = threading.Thread(target=self._work, args=(target,), name=f"probe-{target.name}", daemon=True)
            work.start()
        return self._judge.renew(targets_of(self._settings, self._register, self._judge.tables, self._clock()))

    def _due(self, known: dict[str, Probed]) -> Iterator[TargetSettings]:
        for target in self._targets:
            last = known.get(target.name)
            if target.engine != "sqlserver" or target.name in self._running:
                continue
            if last is None or last.tried_at is None or last.instance != target.instance:
                yield target
                continue
            seconds = AGAIN_SECONDS if last.problem else 3600 * target.probe_hours
            if self._clock() - last.tried_at >= timedelta(seconds=min(seconds, 3600 * target.probe_hours)):
                yield target

    def _work(self, target: TargetSettings) -> None:
        try:
            found: Probe | WisselError = self._ask(self._settings, target.name)
        except WisselError as error:
            found = error
        except Exception as error:  # noqa: BLE001 - whatever a driver does, the worker goes on
            log.error("%s: %r", target.name, error, exc_info=error)
            found = WisselError("server-said", target=target.name, number=0, text=type(error).__name__, state="")
        self._answers.put((target, found))
        self._wake.set()

    def _take(self) -> bool:
        came = False
        while not self._answers.empty():
            target, found = self._answers.get()
            self._running.discard(target.name)
            self._register.save_probe(target.name, target.instance or "", found, at=self._clock())
            self._tell(target.name, found)
            came = True
        return came

    def _tell(self, name: str, found: Probe | WisselError) -> None:
        """Once for each new trouble, and once when it is over."""
        if isinstance(found, Probe):
            if self._told.pop(name, None) is not None:
                log.info("%s answers again", name)
            return
        text = sentence(found, self._settings.language)
        if self._told.get(name) != found.key:
            log.warning("%s: %s", name, text)
            self._told[name] = found.key
