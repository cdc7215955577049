"""Every write that sealing makes, one method each: the seam at which the tests break a disk."""

from __future__ import annotations

import os
import shutil
from typing import BinaryIO, Protocol

from core import files


class Disk(Protocol):
    """What the vault asks of a disk. Every method may raise OSError."""

    def free_bytes(self, folder: str) -> int:
        """Room left for us."""

    def make_folder(self, path: str) -> None:
        """A private folder (0700); fine when it is there already."""

    def create(self, path: str) -> BinaryIO:
        """A new private file (0600); fails when anything has that name, a link included."""

    def write(self, file: BinaryIO, data: bytes) -> None:
        """All of the data, or OSError."""

    def sync(self, file: BinaryIO) -> None:
        """On the platter, not only in the cache."""

    def protect(self, path: str) -> None:
        """Read-only, for its owner alone (0400)."""

    def rename(self, old: str, new: str) -> None:
        """Atomically; the new name is free."""

    def sync_folder(self, path: str) -> None:
        """The names in the folder on the platter."""

    def remove(self, path: str) -> None:
        """Remove a file; fine when it is gone."""


class RealDisk:
    """The disk of this machine."""

    def free_bytes(self, folder: str) -> int:
        """Room left for us."""
        return shutil.disk_usage(folder).free

    def make_folder(self, path: str) -> None:
        """A private folder (0700); fine when it is there already."""
        os.makedirs(path, mode=0o700, exist_ok=True)

    def create(self, path: str) -> BinaryIO:
        """A new private file (0600); fails when anything has that name, a link included."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        return os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)

    def write(self, file: BinaryIO, data: bytes) -> None:
        """All of the data: a raw file may take less at a time."""
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]

    def sync(self, file: BinaryIO) -> None:
        """On the platter, not only in the cache."""
        os.fsync(file.fileno())

    def protect(self, path: str) -> None:
        """Read-only, for its owner alone (0400)."""
        os.chmod(path, 0o400)

    def rename(self, old: str, new: str) -> None:
        """Atomically; the new name is free."""
        files.rename_aside(old, new)

    def sync_folder(self, path: str) -> None:
        """The names in the folder on the platter."""
        files.sync_folder(path)

    def remove(self, path: str) -> None:
        """Remove a file; fine when it is gone. Windows does not remove what is read-only."""
        try:
            if os.name == "nt":
                os.chmod(path, 0o600)
            os.unlink(path)
        except FileNotFoundError:
            return
