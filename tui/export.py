"""A page written to a file of its own, never over another."""

from __future__ import annotations

import os

_MOST_TRIES = 1000


def write_page(folder: str, name: str, text: str) -> str:
    """The name of the new file, readable by its owner only. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    for number in range(_MOST_TRIES):
        path = os.path.join(folder, f"{name}-{number + 1}.txt" if number else f"{name}.txt")
        try:
            handle = os.open(path, flags, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        return path
    raise FileExistsError(name)
