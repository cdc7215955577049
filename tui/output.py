"""The only room that writes to standard output and standard error, and that turns errors into exit codes.

Standard output is data, standard error is talk. Whatever comes from a file, a name or a server is spelled out
before it reaches a terminal (`core.texts.shown`); JSON is plain ASCII.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from core import texts
from core.errors import Cancelled, NoSpace, WisselError
from core.texts.shown import shown

if TYPE_CHECKING:
    from tui.tables import Cell, Column

TONES = {
    "yes": "32",
    "conditional": "33",
    "oneway": "35",
    "no": "31",
    "unknown": "36",
    "title": "1",
    "dim": "2",
}


class Output:
    """Where a verb's answer goes: tables or JSON to standard output, talk and errors to standard error."""

    def __init__(self, stdout: TextIO | None, stderr: TextIO | None, environ: Mapping[str, str]) -> None:
        self.stdout = stdout or io.StringIO()  # None: whoever started us closed it
        self.stderr = stderr or io.StringIO()
        self.environ = environ
        self.language = texts.language_of(environ)
        self.json = False
        self.plain = False
        self._passing = ""
        for stream in (self.stdout, self.stderr):
            soften = getattr(stream, "reconfigure", None)
            if soften is not None:
                soften(errors="backslashreplace")

    @property
    def interactive(self) -> bool:
        """A person sits at both ends: standard input and output are terminals."""
        return self.stdout.isatty() and sys.stdin is not None and sys.stdin.isatty()

    @property
    def drawable(self) -> bool:
        """The screen can open here, and nobody asked for text."""
        return self.interactive and not (self.json or self.plain or self.environ.get("TERM") == "dumb")

    @property
    def asks(self) -> bool:
        """A question can be put to a person here, and its answer read."""
        return self.interactive and not self.json

    @property
    def width(self) -> int | None:
        """Cells of a line on a terminal; None in a pipe, where nothing is cut."""
        if not self.stdout.isatty():
            return None
        columns = self.environ.get("COLUMNS", "")
        if columns.isdecimal() and int(columns):
            return int(columns)
        try:
            return os.get_terminal_size(self.stdout.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    @property
    def colour(self) -> bool:
        """Colour only on a terminal that wants it (https://no-color.org)."""
        return (
            self.stdout.isatty()
            and not self.plain
            and not self.environ.get("NO_COLOR")
            and self.environ.get("TERM", "") not in ("", "dumb")
        )

    def text(self, key: str, /, **params: object) -> str:
        """A sentence of the catalogue in the language of this run."""
        return texts.say(key, self.language, **params)

    def line(self, text: str = "", tone: str = "") -> None:
        """One line of data."""
        self.stdout.write(self._toned(shown(text), tone) + "\n")

    def raw(self, data: bytes) -> None:
        """Data as it is, past the text layer; on a terminal, text that it would not obey."""
        self.stdout.flush()
        buffer = getattr(self.stdout, "buffer", None)
        if self.stdout.isatty() or buffer is None:
            for text in data.decode("utf-8", "backslashreplace").splitlines():
                self.line(text)
        else:
            buffer.write(data)

    def block(self, text: str) -> None:
        """Lines of our own catalogue, such as a help page."""
        self.stdout.write(text if text.endswith("\n") else text + "\n")

    def data(self, value: object) -> None:
        """One JSON document."""
        self.stdout.write(as_json(value, indent=2) + "\n")

    def array(self, values: Iterable[object]) -> None:
        """A JSON array, one element a line, written as it comes."""
        separator = "[\n"
        for value in values:
            self.stdout.write(separator + as_json(value))
            separator = ",\n"
        self.stdout.write("[]\n" if separator == "[\n" else "\n]\n")

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """A table that fits the terminal; with `--plain` one line a row, each value with its name."""
        if self.plain:
            for row in rows:
                named = zip(columns, row, strict=True)
                self.line("; ".join(f"{column.title}: {cell.text}" for column, cell in named if cell.text))
            return
        from tui.tables import lines

        for pieces in lines(columns, rows, self.width):
            self.stdout.write("".join(self._toned(text, tone) for text, tone in pieces).rstrip(" ") + "\n")

    def fields(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names and values, one a line; a value is never cut."""
        given = [(name, value) for name, value in pairs if value]
        room = max((len(name) for name, _ in given), default=0)
        for name, value in given:
            gap = ": " if self.plain else " " * (room - len(name) + 2)
            self.line(f"{name}{gap}{value}")

    def talk(self, key: str, /, **params: object) -> None:
        """One line for the person, never part of the data. With `--json` only an error speaks."""
        self.note(self.text(key, **params))

    def note(self, text: str) -> None:
        """The same, of a sentence that is made already."""
        if self.json:
            return
        self.stdout.flush()
        self.stderr.write(shown(text) + "\n")
        self.stderr.flush()

    @property
    def watched(self) -> bool:
        """Somebody looks at standard error, and a line that changes in place does not disturb."""
        return self.stderr.isatty() and not self.plain and self.environ.get("TERM", "") not in ("", "dumb")

    def passing(self, text: str) -> None:
        """A line for the person that the next one replaces; an empty one takes it away."""
        if self.watched and (text or self._passing):
            before, self._passing = len(self._passing), shown(text)  # first: Ctrl-C can come while it is written
            self.stderr.write("\r" + self._passing.ljust(before) + ("" if text else "\r"))
            self.stderr.flush()

    def ask(self, key: str, /, **params: object) -> str:
        """One line from the person, typed after the question stood there; empty when there is none to be had."""
        self.stdout.flush()
        if sys.stdin is None:
            return ""
        _forget_typed(sys.stdin)
        self.stderr.write(shown(self.text(key, **params)) + " ")
        self.stderr.flush()
        try:
            return sys.stdin.readline().strip()
        except UnicodeDecodeError:  # bytes that are no text are no answer
            return ""

    def flush(self) -> None:
        """Everything written so far reaches its reader now."""
        self.stdout.flush()

    def _toned(self, text: str, tone: str) -> str:
        code = TONES.get(tone)
        return f"\x1b[{code}m{text}\x1b[0m" if code and self.colour and text else text

    def guard(self, work: Callable[[], int]) -> int:
        """Runs `work`; whatever goes wrong becomes two lines and an exit code, never a traceback."""
        try:
            code = work()
            self.stdout.flush()
        except WisselError as error:
            return self.fail(error)
        except BrokenPipeError:
            return self._reader_left()
        except KeyboardInterrupt:
            return self.fail(Cancelled("stopped"))
        except Exception as error:  # noqa: BLE001  the last net: an operator never sees a traceback
            return self.fail(self._unexpected(error))
        return code

    def fail(self, error: WisselError) -> int:
        """Says what happened, why, and what to do; returns the exit code of the error's class."""
        sentence, hint = (
            shown(self.text(f"{part}.{error.key}", **error.params)) if texts.has(f"{part}.{error.key}") else fallback
            for part, fallback in (("error", str(error)), ("hint", ""))
        )
        try:
            self.passing("")
            self.stdout.flush()
            if self.json:
                told = {
                    "key": error.key,
                    "text": sentence,
                    "hint": hint,
                    "exit_code": error.exit_code,
                    "retry_is_safe": error.retry_is_safe,
                }
                self.stderr.write(as_json({"error": told}) + "\n")
            else:
                self.stderr.write(f"wissel: {sentence}\n" + (f"        {hint}\n" if hint else ""))
            self.stderr.flush()
        except BrokenPipeError:
            self._reader_left()
        except OSError:  # standard output or standard error stands on a full disk: the exit code has to say it
            self._let_go()
        return error.exit_code

    def _reader_left(self) -> int:
        """`wissel list | head`: the reader has what it wanted. Nothing more is written, nothing is said."""
        self._let_go()
        return 0

    def _let_go(self) -> None:
        """What a stream still holds and cannot get rid of goes nowhere."""
        sink = os.open(os.devnull, os.O_WRONLY)
        for stream in (self.stdout, self.stderr):
            try:
                stream.flush()
            except OSError:
                os.dup2(sink, stream.fileno())
        os.close(sink)

    def _unexpected(self, error: Exception) -> WisselError:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            self._let_go()
            return NoSpace("output-full")
        from tui.mishap import report

        if self.environ.get("WISSEL_DEBUG"):
            import traceback

            self.stderr.write("".join(traceback.format_exception(error)))
        return WisselError("unexpected", kind=type(error).__name__, text=str(error), log=report(error))


def _forget_typed(stream: TextIO) -> None:
    """What was typed ahead answers nothing."""
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
    else:
        import termios

        with contextlib.suppress(termios.error, OSError, ValueError):
            termios.tcflush(stream.fileno(), termios.TCIFLUSH)


def as_json(value: object, indent: int | None = None) -> str:
    """JSON in plain ASCII: safe for any terminal, and for names that are no valid text."""
    import json

    return json.dumps(value, ensure_ascii=True, allow_nan=False, indent=indent)
