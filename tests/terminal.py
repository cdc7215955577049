"""A real terminal for tests and benchmarks: a child on a pty, its screen kept by an emulator (pyte)."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte
import pytest


class Terminal:
    """Runs `command` on its own pty of `columns` x `lines`. Leaving the context hangs the line up."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, lines: int = 24, environ: Mapping[str, str] | None = None
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.received = 0
        """Bytes that the child has written so far."""
        environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(environ or {})}
        environment.pop("NO_COLOR", None)
        try:
            self.pid, self._fd = pty.fork()
        except OSError as error:
            pytest.skip(f"this machine gives no pseudo-terminal, is /dev/pts mounted? ({error})")
        if self.pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execvpe(command[0], list(command), environment)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.status: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()

    @property
    def text(self) -> str:
        """What stands on the screen now, a line each."""
        return "\n".join(self.screen.display)

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self._fd, keys.encode())

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], max(seconds, 0))
        if not ready:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            if self.status is None:
                self.status = os.waitpid(self.pid, 0)[1]
            return False
        self.received += len(data)
        self._stream.feed(data)
        return True

    def wait(self, condition: Callable[[str], bool], seconds: float = 20.0) -> str:
        """Read until the screen's text satisfies `condition`. Raises TimeoutError with the last screen."""
        deadline = time.monotonic() + seconds
        while not condition(self.text):
            if self.status is not None or time.monotonic() > deadline:
                raise TimeoutError(f"the screen never came to it (exit status {self.status}):\n{self.text}")
            self._read(0.1)
        return self.text

    def quiet(self, seconds: float = 0.15, limit: float = 10.0) -> tuple[int, float]:
        """Read until nothing comes for `seconds`: bytes received and seconds till the last of them."""
        start, before, last = time.monotonic(), self.received, 0.0
        while time.monotonic() - start < limit and self._read(seconds):
            last = time.monotonic() - start
        return self.received - before, last

    def ended(self, seconds: float = 20.0) -> int:
        """Wait for the child to end by itself: its exit code."""
        deadline = time.monotonic() + seconds
        while self.status is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the child never ended:\n{self.text}")
            self._read(0.1)
        return os.waitstatus_to_exitcode(self.status)

    def hang_up(self) -> None:
        """Close the line, as a lost SSH connection does."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGHUP)
            except ProcessLookupError:
                return
            self.status = os.waitpid(self.pid, 0)[1]
