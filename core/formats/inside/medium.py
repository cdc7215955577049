"""Bytes at a place: an open file, or what is expanded from one."""

from __future__ import annotations

import os
import threading
from typing import IO, Protocol

from core.errors import Unreadable


class Medium(Protocol):
    """Bytes that can be read at any place, from several threads."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def read_at(self, offset: int, n: int, /) -> bytes:
        """Up to `n` bytes from `offset`; fewer only at the end. Raises Unreadable."""

    def expect(self, offset: int, n: int, /) -> None:
        """These bytes are read next: whatever takes time may begin. Raises nothing."""

    def lost(self, offset: int, n: int, /) -> list[tuple[int, int]]:
        """Of these bytes, which were read: start and end of stretches that are not what was stored, but zeros."""


class FileMedium:
    """An open binary file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._turn = threading.Lock()
        self._size = file.seek(0, os.SEEK_END)

    @property
    def size(self) -> int:
        """Length in bytes when it was opened."""
        return self._size

    def read_at(self, offset: int, n: int, /) -> bytes:
        """Up to `n` bytes from `offset`; fewer only at the end. Raises Unreadable."""
        try:
            if hasattr(os, "pread"):
                return os.pread(self._file.fileno(), n, offset)
            with self._turn:
                self._file.seek(offset)
                return self._file.read(n)
        except OSError as error:
            raise Unreadable("file-read", reason=error.strerror or str(error)) from error

    def expect(self, offset: int, n: int, /) -> None:
        """The system reads ahead by itself."""

    def lost(self, _offset: int, _n: int, /) -> list[tuple[int, int]]:
        """Nothing: a file does not tell."""
        return []


class MediumStream:
    """A medium as a forward stream, for the readers of `core.formats` that walk."""

    def __init__(self, medium: Medium) -> None:
        self._medium = medium
        self._at = 0

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._medium.size

    def read(self, n: int, /) -> bytes:
        """The next `n` bytes; fewer only at the end."""
        data = self._medium.read_at(self._at, n) if n > 0 else b""
        self._at += len(data)
        return data

    def skip(self, n: int, /) -> int:
        """Pass over `n` bytes; the number passed, less only at the end."""
        before = self._at
        self._at = min(self._medium.size, before + max(0, n))
        return self._at - before

    def seek(self, to: int, /) -> int:
        """Go to an absolute place, at most the end; the place reached."""
        self._at = max(0, min(to, self._medium.size))
        return self._at

    def tell(self) -> int:
        """Bytes passed so far."""
        return self._at
