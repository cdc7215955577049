"""Taking a sealed file out of its inbox without ever losing another one.

Between the last look and `unlink` a sender may put a new file under the same name. So the file is first
renamed into a folder of ours (`.wissel-D-0001/`), looked at there, where nobody expects it, and only then
removed; anything else goes back under its own name. A crash leaves the folder, which `unfinished` finds.

The inbox is the senders' ground: the folder of ours may be a link of theirs by now. So it is opened once,
following no link, and everything in it is done by that handle; nothing in it is ever overwritten.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Refused, Unreadable, WisselError
from core.files import Folder, rename_new
from core.intake.exclusive import free
from core.intake.inbox import ASIDE, Found, found


class Removal(StrEnum):
    """What became of the inbox file."""

    REMOVED = "removed"
    OTHER = "other"
    """Another file has that name by now: it stays, and is a delivery of its own."""
    STUCK = "stuck"
    """We may not remove it, or somebody writes it: it stays, and its mark keeps it from being taken again."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A file that a crash left in a folder of ours."""

    delivery: str
    name: str
    file: Found


def take_out(inbox: str, name: str, sealed: Found, delivery: str) -> Removal:
    """Remove the sealed file from its inbox; only if it still is that very file, and nobody writes it."""
    path, place = os.path.join(inbox, name), os.path.join(inbox, ASIDE + delivery)
    try:
        if _written(path):
            return Removal.STUCK
        with contextlib.suppress(FileExistsError):
            os.mkdir(place, 0o700)
        try:
            return _take(inbox, name, sealed, place)
        finally:
            _tidy(place)
    except (OSError, WisselError):
        return Removal.STUCK


def _take(inbox: str, name: str, sealed: Found, place: str) -> Removal:
    with Folder(place) as folder:
        try:
            folder.take(os.path.join(inbox, name), name)
        except FileNotFoundError:
            return Removal.OTHER
        return _settle(inbox, folder, name, sealed)


def finish(inbox: str, delivery: str, name: str, sealed: Found | None) -> Removal:
    """Remove what lies aside when it is the sealed file; else put it back. `sealed` None: it was never sealed.

    Raises OSError and WisselError.
    """
    place = os.path.join(inbox, ASIDE + delivery)
    with Folder(place) as folder:
        removal = _settle(inbox, folder, name, sealed)
    _tidy(place)
    return removal


def _settle(inbox: str, folder: Folder, name: str, sealed: Found | None) -> Removal:
    if sealed is not None and found(name, folder.look(name)).look == sealed.look and not _written_aside(folder, name):
        folder.remove(name)
        return Removal.REMOVED
    _put_back(inbox, folder, name)
    return Removal.OTHER


def unfinished(inbox: str) -> Iterator[Unfinished]:
    """Files that a crash left aside. Empty folders of ours are tidied away. Raises Unreadable for the inbox."""
    try:
        with os.scandir(inbox) as entries:
            places = [
                entry.name for entry in entries if entry.name.startswith(ASIDE) and entry.is_dir(follow_symlinks=False)
            ]
    except (OSError, ValueError) as error:
        raise Unreadable("inbox", path=inbox, why=getattr(error, "strerror", None) or str(error)) from error
    for place in sorted(places):
        for name, info in _lying(os.path.join(inbox, place)):
            yield Unfinished(place.removeprefix(ASIDE), name, found(name, info))
        _tidy(os.path.join(inbox, place))


def _lying(place: str) -> list[tuple[str, os.stat_result]]:
    """The regular files in a folder of ours; none where somebody else made it what it is."""
    try:
        with Folder(place) as folder:
            looks = [(name, folder.look(name)) for name in sorted(folder.names())]
    except (OSError, WisselError):
        return []
    return [(name, info) for name, info in looks if stat.S_ISREG(info.st_mode)]


def _written(path: str) -> bool:
    """Has somebody the file open for writing? What is added after its removal would be lost."""
    try:
        handle = os.open(path, _READING)
    except OSError:
        return False
    with os.fdopen(handle, "rb", buffering=0) as file:
        return stat.S_ISREG(os.fstat(handle).st_mode) and free(path, file) is False


def _written_aside(folder: Folder, name: str) -> bool:
    with folder.open(name) as file:
        return free(folder.path(name), file) is False


def _put_back(inbox: str, folder: Folder, name: str) -> None:
    stem, ending = os.path.splitext(os.fsencode(name))
    for number in range(1, 1000):
        # Cut by bytes: a name has 255 of them.
        other = name if number == 1 else os.fsdecode(b"%b (%d)%b" % (stem[:200], number, ending[:40]))
        try:
            rename_new(name, os.path.join(inbox, other), source_folder=folder)
        except Refused:
            continue
        return


def _tidy(place: str) -> None:
    with contextlib.suppress(OSError):  # somebody put something else there: it stays
        os.rmdir(place)


_READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
