"""Paths as the server sees them, on a real folder: `C:\\Data\\x.mdf` or `/var/opt/mssql/data/x.mdf`.

What the product calls the exchange folder is such a place too: `here(path)` says where it really is.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

from fakes.sqlserver.answers import DENIED, NO_PATH, NOT_FOUND


@dataclass
class Disk:
    """The volumes of one server. Everything is below `folder`; a path that leads out of it is not found."""

    folder: Path
    shape: str = "windows"
    data: str = ""
    log: str = ""
    backup: str = ""
    free: int | None = None
    """Free bytes it claims; None: those of the real volume."""
    total: int = 500 << 30
    denied: set[str] = field(default_factory=set)
    """Server paths, of files or folders, that the service account may not touch."""

    def __post_init__(self) -> None:
        root = r"C:\SQL" if self.shape == "windows" else "/var/opt/mssql"
        self.data = self.data or self.join(root, "data")
        self.log = self.log or self.data
        self.backup = self.backup or self.join(root, "backup")
        for each in (self.data, self.log, self.backup):
            self.here(each).mkdir(parents=True, exist_ok=True)

    @property
    def separator(self) -> str:
        return "\\" if self.shape == "windows" else "/"

    def join(self, folder: str, name: str) -> str:
        return folder.rstrip("\\/") + self.separator + name

    def volume(self, path: str) -> str:
        return path[:3].upper() if self.shape == "windows" else "/"

    def full(self, path: str) -> str:
        """A device without a folder is in the default backup folder."""
        return path if self._pure(path).is_absolute() else self.join(self.backup, path)

    def here(self, path: str) -> Path:
        """Where it really is. Windows names are found in any case."""
        pure = self._pure(path)
        parts = [part for part in pure.parts[1:] if part not in {"", "."}]
        if ".." in parts:
            return self.folder / "nowhere" / "nothing"
        drive = pure.drive.rstrip(":").lower() if self.shape == "windows" else "root"
        real = self.folder / (drive or "unc")
        real.mkdir(parents=True, exist_ok=True)
        for part in parts:
            real = _same(real, part) if self.shape == "windows" else real / part
        return real

    def same(self, one: str, other: str) -> bool:
        return os.path.normcase(self.here(one)) == os.path.normcase(self.here(other))

    def refusal(self, path: str, *, new: bool = False) -> str | None:
        """What the operating system says to opening this; `new`: to making it. None: nothing."""
        if self.blocked(path):
            return DENIED
        real = self.here(path)
        if not real.parent.is_dir():
            return NO_PATH
        if real.is_dir():
            return DENIED
        return None if new or real.is_file() else NOT_FOUND

    def blocked(self, path: str) -> bool:
        own = self._fold(path)
        return any(
            own == each or own.startswith(each.rstrip("\\/") + self.separator) for each in map(self._fold, self.denied)
        )

    def left(self) -> int:
        return shutil.disk_usage(self.folder).free if self.free is None else self.free

    def spend(self, size: int) -> None:
        """A file of this size was written (negative: removed)."""
        if self.free is not None:
            self.free = max(0, self.free - size)

    def _pure(self, path: str) -> PureWindowsPath | PurePosixPath:
        return PureWindowsPath(path) if self.shape == "windows" else PurePosixPath(path)

    def _fold(self, path: str) -> str:
        return str(self._pure(path)).casefold() if self.shape == "windows" else path


def _same(folder: Path, name: str) -> Path:
    exact = folder / name
    if exact.exists() or not folder.is_dir():
        return exact
    return next((each for each in folder.iterdir() if each.name.casefold() == name.casefold()), exact)
