"""Disks that break: every write of sealing counted, one of them failing or the last thing that happens."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from typing import BinaryIO, TypeVar

from core.intake.disk import RealDisk

T = TypeVar("T")


class PowerCut(BaseException):
    """The process died here: nothing after it may run, no handler and no clean-up."""


class FaultyDisk(RealDisk):
    """A real disk of which the `at`-th operation fails with `code`, or, with `code` None, is never finished.

    `late` lets the operation happen before the lights go out. After a power cut every operation raises it again.
    """

    def __init__(self, at: int = 0, code: int | None = errno.ENOSPC, *, late: bool = False) -> None:
        self.at = at
        self.code = code
        self.late = late
        self.done: list[str] = []
        self.dead = False

    def _step(self, what: str, work: Callable[[], T]) -> T:
        if self.dead:
            raise PowerCut
        self.done.append(what)
        if len(self.done) != self.at:
            return work()
        if self.code is not None:
            raise OSError(self.code, os.strerror(self.code))
        self.dead = True
        if self.late:
            made = work()
            if isinstance(made, io.IOBase):  # the system closes what a dead process held
                made.close()
        raise PowerCut

    def free_bytes(self, folder: str) -> int:
        return self._step("free", lambda: RealDisk.free_bytes(self, folder))

    def make_folder(self, path: str) -> None:
        self._step("folder", lambda: RealDisk.make_folder(self, path))

    def create(self, path: str) -> BinaryIO:
        return self._step("create", lambda: RealDisk.create(self, path))

    def write(self, file: BinaryIO, data: bytes) -> None:
        self._step("write", lambda: RealDisk.write(self, file, data))

    def sync(self, file: BinaryIO) -> None:
        self._step("sync", lambda: RealDisk.sync(self, file))

    def protect(self, path: str) -> None:
        self._step("protect", lambda: RealDisk.protect(self, path))

    def rename(self, old: str, new: str) -> None:
        self._step("rename", lambda: RealDisk.rename(self, old, new))

    def sync_folder(self, path: str) -> None:
        self._step("sync-folder", lambda: RealDisk.sync_folder(self, path))

    def remove(self, path: str) -> None:
        self._step("remove", lambda: RealDisk.remove(self, path))


class SmallDisk(RealDisk):
    """A disk with a given number of bytes left."""

    def __init__(self, free: int) -> None:
        self.free = free

    def free_bytes(self, folder: str) -> int:
        return self.free
