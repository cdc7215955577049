"""The register and the rules of one office: opened when they are first asked for, safe in several threads."""

from __future__ import annotations

import getpass
import os
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.errors import Refused, RegisterError

if TYPE_CHECKING:
    from core.intake.judging import Judge
    from core.register.register import Register
    from core.settings import Settings


RENEW_SECONDS = 5.0


class Opened:
    """What every part of the office shares."""

    def __init__(self, settings: Settings, who: str | None = None) -> None:
        self._settings = settings
        self._who = who or _user()
        self._lock = threading.Lock()
        self._register: Register | None = None
        self._judge: Judge | None = None
        self._renewed = 0.0

    def close(self) -> None:
        """Give the register back. The office opens it again when it is asked something."""
        with self._lock:
            if self._register is not None:
                self._register.close()
            self._register = self._judge = None

    @property
    def settings(self) -> Settings:
        """Frozen: the settings it was opened with."""
        return self._settings

    @property
    def read_only(self) -> bool:
        """Nothing may be changed from here."""
        return self._settings.read_only

    def worker_alive(self) -> bool:
        """Does a worker hold the office's lock?"""
        from core.operations.lock import WorkerLock

        return WorkerLock(os.fspath(self._settings.office)).held()

    def ensure_worker(self) -> bool:
        """Start a worker, detached, when there is none. Returns at once; true when one was started."""
        from core.office.starting import start_worker

        if self.read_only or self.worker_alive():
            return False
        start_worker(self._settings)
        return True

    def _desk(self) -> tuple[Register, Judge]:
        with self._lock:
            if self._register is None or self._judge is None:
                from core.intake.rooms import judge_of, open_register

                self._register = open_register(self._settings, who=self._who, create=not self.read_only)
                self._judge = judge_of(self._settings, self._register)
                self._renewed = time.monotonic()
                return self._register, self._judge
            if self._settings.register_url is None:
                from core.register.register import register_file

                # A deleted file can be read on for days: nothing would ever say that the office is gone.
                if not os.path.exists(file := register_file(self._settings.office)):
                    raise RegisterError("register-missing", place=file)
            self._renew(self._register, self._judge)
            return self._register, self._judge

    def _renew(self, register: Register, judge: Judge) -> None:
        """What the worker asked of the targets' instances meanwhile counts for our verdicts too."""
        if time.monotonic() - self._renewed >= RENEW_SECONDS:
            from core.intake.rooms import targets_of

            self._renewed = time.monotonic()
            judge.renew(targets_of(self._settings, register, judge.tables))

    def _orders(self) -> tuple[Register, Judge]:
        if self.read_only:
            raise Refused("read-only")
        return self._desk()


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "?"
