"""The worker's log: one line for each event, in sentences, whatever names and errors bring with them."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler

from core.errors import WisselError
from core.texts import has, say
from core.texts.shown import shown

LOG_BYTES = 1 << 20
LOG_FILES = 3
SAY_AGAIN_SECONDS = 300.0
"""Between two lines about the same trouble."""

log = logging.getLogger("wissel.worker")


def sentence(error: WisselError, language: str) -> str:
    """What an error says to a person: what is wrong, and what to do."""
    parts = [say(key, language, **error.params) for key in (f"error.{error.key}", f"hint.{error.key}") if has(key)]
    return " ".join(parts) or str(error)


class Troubles:
    """Says what goes wrong in the log: the same trouble once in a while, not three times a second."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def tell(self, error: Exception, what: str, language: str) -> None:
        """An error of ours as a sentence; any other, which nobody foresaw, with its traceback after `what`."""
        ours = isinstance(error, WisselError)
        text = sentence(error, language) if isinstance(error, WisselError) else f"{what}: {error!r}"
        now = time.monotonic()
        self._said = {said: at for said, at in self._said.items() if now - at < SAY_AGAIN_SECONDS}
        if text not in self._said:
            self._said[text] = now
            log.error("%s", text, exc_info=None if ours else error)


@contextlib.contextmanager
def written(path: str) -> Iterator[None]:
    """What the worker says goes to `path` for the length of the block, turned over before it grows large."""
    handler = _File(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        with contextlib.suppress(OSError):  # a full disk, at the last flush
            handler.close()


class _File(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """A log that cannot be written (a full disk) is no reason for a traceback on the terminal."""


class _Lines(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """One event, one line: a name with a line end in it forges no second one."""
        return shown(super().formatMessage(record))
