"""What lies in an inbox: regular files to take, and everything that is never opened.

A name is data: it is shown and stored, but no path of ours is ever made from it. Links, pipes, devices
and folders are neither followed nor opened; they are named once as strays.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from core.errors import Unreadable
from core.intake.settle import Look

TEMPORARY_ENDINGS = (
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".download",
    ".opdownload",
    ".tmp",
    ".temp",
    ".upload",
    ".uploading",
    ".!ut",
    ".swp",
    "~",
)
"""Endings that browsers, WinSCP, rsync, Samba and editors give a file that is not ready."""

NOT_DELIVERIES = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db"})
"""Files that Windows Explorer leaves behind."""

ASIDE = ".wissel-"
"""A folder of ours inside the inbox: a sealed file on its way out (`removal.py`)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file with a name that means business."""

    name: str
    look: Look
    ctime_ns: int

    @property
    def mark(self) -> str:
        """This very content under this very inode; the size goes beside it.

        The change time cannot be set by a sender: a later file with the same inode, size and time is another one.
        """
        return f"{self.lasting_mark}:{self.ctime_ns}"

    @property
    def lasting_mark(self) -> str:
        """The same for a file that stays in the inbox: new rights or owner do not make it another one.

        The device is left out: its number changes with each mount and each start of the machine.
        """
        return f"{self.look.identity.partition(':')[2]}:{self.look.mtime_ns}"


@dataclass(frozen=True, slots=True)
class Stray:
    """Something that is not a regular file: `symlink folder fifo socket device`; or `hidden`: no look is given."""

    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One look into an inbox."""

    files: tuple[Found, ...]
    strays: tuple[Stray, ...]


def temporary(name: str) -> bool:
    """Is this the name of a file that its sender has not finished, or of no delivery at all?"""
    low = name.lower()
    hidden = low.startswith((".", "~$")) and not low.startswith("..")
    return hidden or low.endswith(TEMPORARY_ENDINGS) or low in NOT_DELIVERIES


def shown(name: str) -> str:
    r"""The name as text that can be stored: bytes that are no UTF-8 become `\\xNN`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def found(name: str, info: os.stat_result) -> Found:
    """The file behind a stat answer."""
    look = Look(f"{info.st_dev:x}:{info.st_ino:x}", info.st_size, info.st_mtime_ns)
    return Found(name, look, info.st_ctime_ns)


def scan(folder: str) -> Listing:
    """Everything directly in the folder, in the order of its names; subfolders are not walked.

    A file that vanishes while we look is left out; one that gives no look hides nothing but itself.
    Raises Unreadable when the folder cannot be listed.
    """
    files: list[Found] = []
    strays: list[Stray] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if temporary(entry.name):
                    continue
                try:
                    info = os.stat(entry.path, follow_symlinks=False)
                except FileNotFoundError:
                    continue
                except OSError:
                    strays.append(Stray(entry.name, "hidden"))
                    continue
                kind = kind_of(info.st_mode)
                if kind is None:
                    files.append(found(entry.name, info))
                else:
                    strays.append(Stray(entry.name, kind))
    except (OSError, ValueError) as error:  # ValueError: a path that no system takes
        raise Unreadable("inbox", path=folder, why=getattr(error, "strerror", None) or str(error)) from error
    files.sort(key=lambda file: file.name)
    strays.sort(key=lambda stray: stray.name)
    return Listing(tuple(files), tuple(strays))


def kind_of(mode: int) -> str | None:
    """What a directory entry is when it is not a regular file; None for a regular file."""
    if stat.S_ISREG(mode):
        return None
    for name, test in _KINDS:
        if test(mode):
            return name
    return "device"


_KINDS = (
    ("symlink", stat.S_ISLNK),
    ("folder", stat.S_ISDIR),
    ("fifo", stat.S_ISFIFO),
    ("socket", stat.S_ISSOCK),
)
