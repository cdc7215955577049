"""The one place where names and texts are quoted for T-SQL. Everything else in a statement is constant.

Rules: Microsoft Learn, *Database identifiers* (at most 128 characters, which SQL Server counts in UTF-16 units),
*QUOTENAME*, *Constants* and *Backslash (Line continuation)*.
"""

from __future__ import annotations

import re

from core.errors import Refused
from core.texts.shown import shown

LONGEST = 128
"""UTF-16 units of an identifier (`sysname`)."""
LONGEST_PATH = 259
"""UTF-16 units of a device or file path: 260 with its end, as Windows and `sys.master_files.physical_name` have it."""
_CONTINUED = re.compile(r"\\\r?\n")
"""Inside a string constant SQL Server takes these away and joins the two lines: such a text cannot be said in one."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def identifier(name: str) -> str:
    """`[name]`, its closing brackets doubled.

    Raises Refused (`sql-name`): empty, too long, NUL, half a surrogate pair.
    """
    if not name or units(name) > LONGEST or not _sound(name):
        raise Refused("sql-name", name=shown(name))
    return "[" + name.replace("]", "]]") + "]"


def literal(text: str) -> str:
    """`N'text'`, its quotes doubled. Raises Refused (`sql-text`): NUL, half a surrogate pair, a line that continues.

    For names of files and folders. The values of rows are parameters, whatever they hold.
    """
    if not _sound(text) or _CONTINUED.search(text):
        raise Refused("sql-text", text=shown(text))
    return "N'" + text.replace("'", "''") + "'"


def device(path: str) -> str:
    """A path at the server as a literal. Raises Refused (`sql-path`): empty, too long, control characters."""
    if not path or units(path) > LONGEST_PATH or not _sound(path) or _CONTROL.search(path):
        raise Refused("sql-path", path=shown(path))
    return literal(path)


def units(text: str) -> int:
    """Its length as SQL Server counts it: characters beyond the basic plane are two."""
    return sum(2 if char > "\uffff" else 1 for char in text)


def _sound(text: str) -> bool:
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)
