"""What a statement looks like in an operation's log: the text as the database gets it, and its values, bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_MOST = 400
"""Characters of values that are shown."""
_LONGEST = 120
"""Characters of one value that are shown as they are: twice what Globe keeps in a description. What is longer is a
record of ours, with whole rows of the client's people and licences in it: those are not for a log."""
_LOOKING = 160
"""Characters of a SELECT: it changes nothing, and Globe's tables have hundreds of columns."""
_QUIET = ("pragma", "begin", "commit", "rollback")


def spoken(log: Callable[[str, str], None]) -> Callable[..., None]:
    """A listener for SQLAlchemy's `before_cursor_execute` that writes each statement to the log before it runs."""

    def listen(
        _connection: object,
        _cursor: object,
        statement: str,
        parameters: Any,
        _context: object,
        many: bool,  # noqa: FBT001 - SQLAlchemy's own call
    ) -> None:
        text = " ".join(statement.split())
        if text.partition(" ")[0].casefold() in _QUIET:
            return
        if text.startswith("SELECT"):
            log("sql", _short(text))
        elif many:
            log("sql", f"{text} -- {len(parameters)} x")
        else:
            log("sql", f"{text} -- {values(parameters)}" if parameters else text)

    return listen


def _short(text: str) -> str:
    if len(text) > _LOOKING:
        text = " ".join(("SELECT ... FROM", text.partition(" FROM ")[2]))
    return text if len(text) <= _LOOKING else text[:_LOOKING] + "..."


def values(parameters: Sequence[object] | Mapping[str, object]) -> str:
    """The values of a statement for a log, bounded."""
    values = parameters.values() if isinstance(parameters, Mapping) else parameters
    shown = ", ".join(map(_value, values))
    return shown if len(shown) <= _MOST else shown[:_MOST] + "..."


def _value(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"<{len(value)} characters>"
    return repr(value)
