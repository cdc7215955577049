"""`wissel check`: named checks, each with what to do, each with a time limit. A hanging check is a failed one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.errors import RegisterError, WisselError
from core.intake.rooms import log_file
from core.model import Check
from core.office import probes, servers
from core.office.finding import Finding
from core.settings import Settings
from core.texts import has, say

SECONDS = 5.0
"""After this long a check has failed; one of a server has its own limit."""

Probe = Callable[[Settings], Iterable[Finding]]


@dataclass(slots=True)
class _Run:
    """One check in a thread of its own: a disk that hangs takes the thread, not the tool."""

    name: str
    probe: Probe
    findings: list[Finding] = field(default_factory=list)
    error: Exception | None = None
    started: float = 0.0
    seconds: float = 0.0
    done: threading.Event = field(default_factory=threading.Event)

    def start(self, settings: Settings) -> None:
        self.started = time.monotonic()
        threading.Thread(target=self._run, args=(settings,), name=f"check-{self.name}", daemon=True).start()

    def _run(self, settings: Settings) -> None:
        try:
            self.findings = list(self.probe(settings))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is the finding
            self.error = error
        self.seconds = time.monotonic() - self.started
        self.done.set()


def all_checks(
    settings: Settings, seconds: float = SECONDS, probe_list: dict[str, Probe] | None = None
) -> tuple[Check, ...]:
    """Run every check at the same time; the answers in their own order."""
    runs = [_Run(name, probe) for name, probe in (probe_list or probes.all_probes(settings)).items()]
    for run in runs:
        run.start(settings)
    began = time.monotonic()
    found: list[Check] = []
    for run in runs:
        limit = max(seconds, servers.SECONDS) if run.name.startswith("server:") else seconds
        in_time = run.done.wait(max(0.0, began + limit - time.monotonic()))
        found += _checks(run, settings, limit if not in_time else None)
    return tuple(found)


def _checks(run: _Run, settings: Settings, late: float | None) -> list[Check]:
    if late is not None:
        return [_check(run.name, Finding(ok=False, key="timeout", params={"seconds": f"{late:g}"}), settings, late)]
    if isinstance(run.error, RegisterError):  # the check of the register itself says why
        return [_check(run.name, Finding(ok=None, key="no-register"), settings, run.seconds)]
    if run.error is not None:
        why = sentence(run.error, settings.language)
        params = {"why": why, "log": log_file(settings)}
        return [_check(run.name, Finding(ok=None, key="failed", params=params), settings, run.seconds)]
    return [_check(run.name, finding, settings, run.seconds) for finding in run.findings]


def _check(name: str, finding: Finding, settings: Settings, seconds: float) -> Check:
    key = f"check.{finding.key}"
    params = dict(finding.params)
    if finding.error is not None:
        params["why"] = sentence(finding.error, settings.language)
        hint = f"hint.{finding.error.key}"
        params["todo"] = say(hint, settings.language, **finding.error.params) if has(hint) else str(finding.error)
    todo = say(f"{key}.hint", settings.language, **params) if has(f"{key}.hint") else ""
    return Check(name, finding.ok, say(key, settings.language, **params), todo, round(seconds, 3))


def sentence(error: Exception, language: str) -> str:
    """What an error says to a person."""
    if isinstance(error, WisselError) and has(f"error.{error.key}"):
        return say(f"error.{error.key}", language, **error.params)
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else str(error)
    return f"{type(error).__name__}: {error}"
