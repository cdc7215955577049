"""What nobody foresaw: its details go into a file of the operator's own, the screen shows one line."""

from __future__ import annotations

import os

_reported: dict[str, str] = {}


def report(error: BaseException) -> str:
    """Write the traceback to a new file and give its name; the same mishap is written once. A dash: no room for it."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    if text not in _reported:
        try:
            handle, path = tempfile.mkstemp(prefix="wissel-", suffix=".log")
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
                log.write(text)
        except OSError:
            return "–"
        _reported[text] = path
    return _reported[text]
