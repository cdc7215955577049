"""The vault: each delivery's original under our own name, read-only, proven by its SHA-256.

    vault/D-0001/original.part    being copied, hashed and inspected, all in one read
    vault/D-0001/original         complete, on the platter, read-only

The inbox file is copied, never renamed into the vault: whoever still has it open could change it there.
A crash leaves a `.part`, which is thrown away, or a whole `original`, which is taken over (`adopt`).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TypeVar

from core.errors import NoSpace, Unreadable, VaultError
from core.formats.backup import open_regular
from core.formats.report import Inspection
from core.intake.disk import Disk, RealDisk
from core.intake.inbox import Found, found

T = TypeVar("T")
Sink = Callable[[bytes], object]
Reader = Callable[[IO[bytes], Sink | None], Inspection]
"""Reads an open file to its end, hands every byte once and in order to the sink, and reports (with SHA-256)."""

CHUNK = 1 << 20
"""Bytes written at a time: readers of back-ups take small bites."""
RESERVE = 64 << 20
"""Bytes that stay free for the register and its log, whatever comes in."""


_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(frozen=True, slots=True)
class Sealed:
    """An original in the vault."""

    path: str
    sha256: str
    size: int
    inspection: Inspection


class Vault:
    """The folder of sealed originals. The delivery's id names every path; a sender's name never does."""

    def __init__(self, folder: str, disk: Disk | None = None, reserve: int = RESERVE) -> None:
        self.folder = folder
        self._disk: Disk = disk or RealDisk()
        self._reserve = reserve

    def path(self, delivery: str) -> str:
        """Where the original of this delivery is, or would be."""
        return os.path.join(self.folder, delivery, "original")

    def holds(self, delivery: str) -> bool:
        """Is there a whole original?"""
        return os.path.isfile(self.path(delivery))

    def sealed_at(self, delivery: str) -> float:
        """When the original was written, by the clock of this machine. Raises VaultError (key `vault-missing`)."""
        with self._open(delivery) as file:
            return os.fstat(file.fileno()).st_mtime

    def room_for(self, size: int) -> None:
        """Raises NoSpace (key `vault-full`) before the first byte when `size` bytes do not fit."""
        self._guard(lambda: self._disk.make_folder(self.folder))
        free = self._guard(lambda: self._disk.free_bytes(self.folder))
        if free < size + self._reserve:
            raise NoSpace("vault-full", need=size + self._reserve, free=free, path=self.folder)

    def seal(self, delivery: str, path: str, seen: Found, read: Reader) -> Sealed:
        """Copy an inbox file into the vault, hashing and inspecting in the same read.

        `seen` is the file as it stood still. Raises Unreadable (key `file-changed`) when it is not that file
        any more, before or after the copy; NoSpace; VaultError (key `vault-write`; `vault-taken`: there is an
        original already, to be adopted). No half file is left behind then.
        """
        if self.holds(delivery):
            raise VaultError("vault-taken", id=delivery)
        self.room_for(seen.look.size)
        final, part = self.path(delivery), self.path(delivery) + ".part"
        folder = os.path.dirname(final)
        with open_regular(path) as source:
            _same(seen, source, path)
            self._guard(lambda: self._disk.make_folder(folder))
            self._guard(lambda: self._disk.remove(part))
            try:
                inspection = self._copy(part, source, read)
                _same(seen, source, path)
                self._guard(lambda: self._finish(part, final, folder))
            except BaseException:
                self._tidy(part)
                raise
        return Sealed(final, inspection.sha256 or "", seen.look.size, inspection)

    def adopt(self, delivery: str, read: Reader) -> Sealed:
        """Take over an original that a crash left without its row; it is read and hashed again.

        Raises VaultError (key `vault-missing`).
        """
        self._guard(lambda: self._disk.remove(self.path(delivery) + ".part"))
        return self._read(delivery, read)

    def verify(self, delivery: str, sha256: str, read: Reader) -> Sealed:
        """Read the original again and prove that it is the same. VaultError: `vault-missing`, `vault-changed`."""
        sealed = self._read(delivery, read)
        if sealed.sha256 != sha256:
            raise VaultError("vault-changed", id=delivery, expected=sha256, found=sealed.sha256)
        return sealed

    def _read(self, delivery: str, read: Reader) -> Sealed:
        with self._open(delivery) as file:
            inspection = read(file, None)
            return Sealed(self.path(delivery), inspection.sha256 or "", os.fstat(file.fileno()).st_size, inspection)

    def _open(self, delivery: str) -> IO[bytes]:
        try:
            return open_regular(self.path(delivery))
        except Unreadable as error:
            raise VaultError("vault-missing", id=delivery, why=str(error.params.get("reason", error.key))) from error

    def _copy(self, part: str, source: IO[bytes], read: Reader) -> Inspection:
        copy = self._guard(lambda: self._disk.create(part))
        waiting = bytearray()

        def pour() -> None:
            self._guard(lambda: self._disk.write(copy, bytes(waiting)))
            waiting.clear()

        def take(data: bytes) -> None:
            waiting.extend(data)
            if len(waiting) >= CHUNK:
                pour()

        try:
            inspection = read(source, take)
            pour()
            self._guard(lambda: self._disk.sync(copy))
        finally:
            copy.close()
        return inspection

    def _finish(self, part: str, final: str, folder: str) -> None:
        self._disk.protect(part)
        self._disk.rename(part, final)
        self._disk.sync_folder(folder)
        self._disk.sync_folder(self.folder)

    def _tidy(self, part: str) -> None:
        # The first error is the one to tell; what cannot be tidied now is thrown away at the next try.
        try:
            self._disk.remove(part)
        except OSError:
            return

    def _guard(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except OSError as error:
            why = error.strerror or str(error)
            if error.errno in _FULL:
                raise NoSpace("no-space", path=self.folder) from error
            raise VaultError("vault-write", path=self.folder, why=why) from error


def _same(seen: Found, source: IO[bytes], path: str) -> None:
    """The open file and the name still are what was seen: nobody wrote, swapped or renamed meanwhile."""
    try:
        named = found(seen.name, os.stat(path, follow_symlinks=False))
    except OSError as error:
        raise Unreadable("file-changed", path=path) from error
    opened = found(seen.name, os.fstat(source.fileno()))
    # The whole of it, change time included: a sender can set the other times back.
    if opened != seen or named != seen:
        raise Unreadable("file-changed", path=path)
