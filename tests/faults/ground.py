"""An office where workers are struck down: started, killed, started again; and what may be seen of it afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from factory.running import DEADLINE, ROOT, Running, wait_until
from faults.striker import Strike, orders

from core.model import OperationState
from core.register.register import Register


@dataclass
class Ground(Running):
    """A folder with settings and a register, and whatever workers a test starts on it."""

    steps: str = "faults.toy_steps"
    patience: float = DEADLINE
    number: int = 0
    reports: list[Path] = field(default_factory=list)

    def make(self, **settings: object) -> Register:
        self.settle(**settings)
        (self.folder / "office").mkdir(mode=0o700, exist_ok=True)
        self.opened = Register.open(self.folder / "office" / "register.sqlite", create=True, who="tester")
        return self.opened

    def send(self, strike: Strike | None = None, *more: str) -> subprocess.Popen[bytes]:
        """Start a worker that counts, or that is struck."""
        self.number += 1
        report = self.folder / f"calls.{self.number}"
        self.reports.append(report)
        path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        environment = {**os.environ, "PYTHONPATH": path, **orders(str(report), strike)}
        command = [sys.executable, "-m", "faults.entry", "--config", str(self.config), "--steps", self.steps, *more]
        worker = subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.workers.append(worker)
        return worker

    def state(self, operation: str) -> OperationState:
        return self.register.operation(operation).row.state

    def over(self, operation: str) -> OperationState:
        """Wait until it is, while somebody works on it."""

        def ended() -> bool:
            assert any(worker.poll() is None for worker in self.workers), self.log
            return self.state(operation).over

        wait_until(ended, f"{operation} is over", self.patience)
        return self.state(operation)

    def struck(self, worker: subprocess.Popen[bytes]) -> None:
        """Wait until the strike killed it."""
        assert worker.wait(self.patience) == -signal.SIGKILL, self.log

    def stop(self, worker: subprocess.Popen[bytes]) -> None:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(self.patience) == 0, self.log

    def calls(self, which: int = -1) -> list[dict[str, str]]:
        """What the striker reported of a worker."""
        report = self.reports[which]
        return [json.loads(line) for line in report.read_text("utf-8").splitlines()] if report.exists() else []

    def counts(self, which: int = -1) -> Counter[str]:
        """Calls by label."""
        return Counter(call["label"] for call in self.calls(which) if "label" in call)

    def custody(self, operation: str) -> list[str]:
        """Words of the custody lines that this operation wrote, oldest first."""
        lines = reversed(self.register.custody(limit=1000))
        return [line.what for line in lines if line.detail.get("operation") == operation]
