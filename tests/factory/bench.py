"""An intake on a bench: real files, a real register and vault, a clock that is turned by hand, no threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.intake.disk import Disk
from core.intake.judging import Judge
from core.intake.sealing import Sealing, Task
from core.intake.settle import Patience
from core.intake.vault import Vault
from core.intake.watch import Place, Watch
from core.model import DeliveryRow, StateWord, Target
from core.register.register import Register
from core.register.rows import DeliveryRecord
from core.triage.releases import load_tables

TARGETS = (
    Target("oefen16", "embedded", None, "next", 421, 0, "2016", edition="standard", accountancy=True, isolated=True),
    Target("sql16", "sqlserver", None, "next", 421, 0, "2016", edition="standard", accountancy=True, isolated=True),
)


@dataclass
class Clock:
    """Monotonic seconds and the time of day, apart: the latter may be set back."""

    seconds: float = 1000.0
    day: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.day

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        self.day += timedelta(seconds=seconds)


@dataclass
class Bench:
    """One office. Making a second one on the same folder is what a restart of the worker is."""

    folder: Path
    disk: Disk | None = None
    keep: bool = False
    places: tuple[tuple[str, str | None], ...] = (("inbox", None),)
    clock: Clock = field(default_factory=Clock)
    reserve: int = 0
    targets: tuple[Target, ...] = TARGETS
    between: Callable[[Task], None] | None = None
    """Happens between the look at a file and the work on it."""
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for path, _ in self.places:
            (self.folder / path).mkdir(parents=True, exist_ok=True)
        (self.folder / "office").mkdir(exist_ok=True, mode=0o700)
        self.register = Register.open(self.folder / "office" / "register.sqlite", create=True, clock=self.clock.now)
        self.vault = Vault(str(self.folder / "office" / "vault"), self.disk, self.reserve)
        self.judge = Judge(self.register, self.targets, load_tables())
        self.watch = self._watch()
        self.watch.start()

    def _watch(self) -> Watch:
        patience = Patience(3.0, 900.0)
        now, monotonic = self.clock.now, self.clock.monotonic
        sealing = Sealing(
            self.register, self.vault, self.judge, patience, keep=self.keep, clock=now, monotonic=monotonic
        )
        self.sealing = sealing
        return Watch(
            [Place(str(self.folder / path), client) for path, client in self.places],
            self.register,
            sealing,
            patience,
            clock=now,
            monotonic=monotonic,
            say=self.said.append,
        )

    @property
    def inbox(self) -> Path:
        """The first one."""
        return self.folder / self.places[0][0]

    def tick(self, seconds: float = 2.0, times: int = 1) -> None:
        """Let time pass, look, and do everything that is due."""
        for _ in range(times):
            self.clock.pass_(seconds)
            for task in self.watch.look():
                if self.between is not None:
                    self.between(task)
                self.watch.done(self.sealing.work(task))
            self.judge.catch_up()

    def restart(self, **changes: object) -> Bench:
        """The worker starts again on the same folder."""
        self.register.close()
        same = {
            "keep": self.keep,
            "places": self.places,
            "clock": self.clock,
            "reserve": self.reserve,
            "targets": self.targets,
        }
        return Bench(self.folder, **(same | changes))  # type: ignore[arg-type]

    def rows(self) -> tuple[DeliveryRow, ...]:
        """Oldest first."""
        return self.register.page(newest_first=False)[0]

    def only(self) -> DeliveryRow:
        (row,) = self.rows()
        return row

    def words(self) -> list[StateWord]:
        return [row.state for row in self.rows()]

    def record(self, delivery: str = "D-0001") -> DeliveryRecord:
        return self.register.delivery(delivery)

    def original(self, delivery: str = "D-0001") -> bytes:
        return Path(self.vault.path(delivery)).read_bytes()

    def rules(self, delivery: str = "D-0001") -> set[int]:
        return {reason.rule for verdict in self.record(delivery).verdicts for reason in verdict.reasons}

    def lying(self) -> list[str]:
        """What is in the inbox, our own folders included."""
        return sorted(os.listdir(self.inbox))

    def story(self, delivery: str = "D-0001") -> list[str]:
        """The words of the custody log, oldest first."""
        return [line.what for line in reversed(self.register.custody(delivery=delivery))]
