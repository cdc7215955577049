"""Taking a sealed file out of its inbox without ever losing another one.

Between the last look and `unlink` a sender may put a new file under the same name. So the file is first
renamed into a folder of ours (`.wissel-D-0001/`), looked at there, where nobody expects it, and only then
removed; anything else goes back under its own name. A crash leaves the folder, which `unfinished` finds.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Refused, Unreadable, WisselError
from core.files import rename_aside, rename_new
from core.intake.inbox import ASIDE, Found, found


class Removal(StrEnum):
    """What became of the inbox file."""

    REMOVED = "removed"
    OTHER = "other"
    """Another file has that name by now: it stays, and is a delivery of its own."""
    STUCK = "stuck"
    """We may not remove it: it stays, and its mark keeps it from being taken again."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A file that a crash left in a folder of ours."""

    delivery: str
    name: str
    file: Found


def take_out(inbox: str, name: str, sealed: Found, delivery: str) -> Removal:
    """Remove the sealed file from its inbox; only if it still is that very file."""
    folder = os.path.join(inbox, ASIDE + delivery)
    aside = os.path.join(folder, name)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        try:
            rename_aside(os.path.join(inbox, name), aside)
        except FileNotFoundError:
            os.rmdir(folder)
            return Removal.OTHER
        except OSError:
            os.rmdir(folder)
            raise
        return finish(inbox, delivery, name, sealed)
    except (OSError, WisselError):
        return Removal.STUCK


def finish(inbox: str, delivery: str, name: str, sealed: Found | None) -> Removal:
    """Remove what lies aside when it is the sealed file; else put it back. `sealed` None: it was never sealed."""
    folder = os.path.join(inbox, ASIDE + delivery)
    aside = os.path.join(folder, name)
    same = sealed is not None and found(name, os.stat(aside, follow_symlinks=False)).look == sealed.look
    if same:
        os.unlink(aside)
    else:
        _put_back(inbox, aside, name)
    with contextlib.suppress(OSError):  # somebody put something else there: it stays
        os.rmdir(folder)
    return Removal.REMOVED if same else Removal.OTHER


def unfinished(inbox: str) -> Iterator[Unfinished]:
    """Files that a crash left aside. Empty folders of ours are tidied away. Raises Unreadable."""
    try:
        with os.scandir(inbox) as entries:
            folders = [
                entry.name for entry in entries if entry.name.startswith(ASIDE) and entry.is_dir(follow_symlinks=False)
            ]
    except OSError as error:
        raise Unreadable("inbox", path=inbox, why=error.strerror or str(error)) from error
    for folder in sorted(folders):
        path = os.path.join(inbox, folder)
        for name in sorted(os.listdir(path)):
            info = os.stat(os.path.join(path, name), follow_symlinks=False)
            if stat.S_ISREG(info.st_mode):
                yield Unfinished(folder.removeprefix(ASIDE), name, found(name, info))
        with contextlib.suppress(OSError):
            os.rmdir(path)


def _put_back(inbox: str, aside: str, name: str) -> None:
    stem, ending = os.path.splitext(name)
    for number in range(1, 1000):
        free = name if number == 1 else f"{stem[:200]} ({number}){ending[:40]}"
        try:
            rename_new(aside, os.path.join(inbox, free))
        except Refused:
            continue
        return
