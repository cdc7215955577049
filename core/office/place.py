"""Where each operator left the screen: a few words of the screen's own, in a small file beside the register."""

from __future__ import annotations

import os
from urllib.parse import quote

from core.errors import WisselError
from core.files import AnyPath, atomic_write

MOST = 1000
"""Letters that are kept, and bytes that are read back."""


def keep(office: AnyPath, who: str, view: str) -> None:
    """Remember it; where that cannot be, nothing is lost."""
    try:
        atomic_write(_file(office, who), view[:MOST], overwrite=True)
    except WisselError:
        return


def kept(office: AnyPath, who: str) -> str:
    """What was remembered; empty when nothing was."""
    try:
        with open(_file(office, who), "rb") as file:
            return file.read(MOST).decode("utf-8", "ignore")
    except OSError:
        return ""


def _file(office: AnyPath, who: str) -> str:
    return os.path.join(os.fsdecode(office), f"view-{quote(who, safe='')[:100]}")
