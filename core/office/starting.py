"""Starts the worker as a process of its own, which a closed screen or a lost line does not touch."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import core
from core.files import speaking
from core.intake.rooms import log_file
from core.settings import Settings


def start_worker(settings: Settings) -> int:
    """Start it and return its process id. It finds out by itself whether another one was faster.

    Raises NoSpace, NotFound or Unreadable.
    """
    command = [sys.executable, "-m", "core.operations.worker"]
    if settings.config_path is not None:
        command += ["--config", os.fspath(settings.config_path)]
    root = os.path.dirname(os.path.dirname(os.path.abspath(core.__file__)))
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    with speaking(log_file(settings)):
        try:
            process = _start(settings, command, path, breakaway=True)
        except PermissionError:  # Windows: a job that lets nobody out
            process = _start(settings, command, path, breakaway=False)
    # Somebody has to take note of its end, or it stays in the process table as long as this front lives.
    threading.Thread(target=process.wait, name="worker-end", daemon=True).start()
    return process.pid


def _start(settings: Settings, command: list[str], path: str, *, breakaway: bool) -> subprocess.Popen[bytes]:
    # What goes wrong before the worker has its log open stands beside it.
    with open(log_file(settings) + ".start", "wb", opener=_private) as said:
        return subprocess.Popen(  # noqa: S603 - our own module, no shell, no text of strangers
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            cwd=os.path.dirname(os.path.abspath(os.fspath(settings.office))),
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
            creationflags=_windows_flags(breakaway=breakaway),
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


if sys.platform == "win32":

    def _windows_flags(*, breakaway: bool) -> int:
        """Out of the console and, where it may, out of the job that sshd ends at logout."""
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        return flags | subprocess.CREATE_BREAKAWAY_FROM_JOB if breakaway else flags

else:

    def _windows_flags(*, breakaway: bool) -> int:
        """Elsewhere a session of its own is enough."""
        del breakaway
        return 0
