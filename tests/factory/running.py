"""Real workers: started, watched and ended by the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import tomli_w

from core.model import DeliveryRow, StateWord
from core.register.register import Register

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 40.0
"""Seconds after which a condition will not come true any more, on a busy machine too."""


def wait_until(condition: Callable[[], object], what: str = "", seconds: float = DEADLINE) -> None:
    """Wait for a condition, by its name; fails when the deadline passes."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"never came: {what or condition}"
        time.sleep(0.02)


@dataclass
class Running:
    """A folder with settings, an inbox, and whatever workers a test starts on it."""

    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    opened: Register | None = None

    @property
    def config(self) -> Path:
        return self.folder / "wissel.toml"

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def log(self) -> str:
        path = self.folder / "office" / "worker.log"
        return path.read_text("utf-8") if path.exists() else ""

    def settle(self, **more: object) -> None:
        """Write the settings."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        settings: dict[str, object] = {
            "office": "office",
            "settle_seconds": 0.3,
            "rescan_seconds": 0.3,
            "patience_seconds": 60.0,
            "inboxes": [{"path": "inbox"}],
            "targets": [{"name": "sql16", "sql_release": "2016", "product_update": 421, "family": "next"}],
        }
        self.config.write_text(tomli_w.dumps(settings | more), "utf-8")
        self.config.chmod(0o600)

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "core.operations.worker", "--config", str(self.config)]
        worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.workers.append(worker)
        return worker

    def watching(self) -> None:
        """Wait until the last worker listens."""
        wait_until(lambda: f"pid {self.workers[-1].pid}" in self.log and "watching" in self.log, "the worker listens")

    def end(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGKILL)
            worker.wait(DEADLINE)
        if self.opened is not None:
            self.opened.close()

    @property
    def register(self) -> Register:
        if self.opened is None:
            wait_until((self.folder / "office" / "register.sqlite").exists, "there is a register")
            wait_until(self._open, "the register opens")
        assert self.opened is not None
        return self.opened

    def _open(self) -> bool:
        from core.errors import RegisterError

        try:
            self.opened = Register.open(self.folder / "office" / "register.sqlite")
        except RegisterError:
            return False
        return True

    def rows(self) -> tuple[DeliveryRow, ...]:
        return self.register.page(newest_first=False, limit=1000)[0]

    def sealed(self, count: int) -> bool:
        """So many deliveries, all sealed and judged."""
        rows = self.rows()
        moving = {StateWord.ARRIVING, StateWord.READING}
        return len(rows) == count and all(row.state not in moving and self._judged(row.id) for row in rows)

    def _judged(self, delivery: str) -> bool:
        record = self.register.delivery(delivery)
        return record.stage == "sealed" and not record.fingerprint.startswith("again")

    def parts(self) -> list[Path]:
        """Copies that are being made."""
        return list((self.folder / "office" / "vault").glob("*/original.part"))

    def original(self, delivery: str) -> Path:
        return self.folder / "office" / "vault" / delivery / "original"


def strange(path: Path, size: int, seed: int = 1) -> None:
    """A file of no known kind, large on paper, small on disk. It gets its name when it is complete."""
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        file.write(b"\x03\x9a\x00\x02" + bytes([seed]) * 5000)
        file.truncate(size)
    os.rename(draft, path)
