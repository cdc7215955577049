"""Where bytes come from: a forward stream, the same over a file, and a file that is hashed while it is read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Protocol

from core.errors import Cancelled, Unreadable

CHUNK = 1 << 20
"""Bytes read at a time where a reader has no size of its own in mind."""
_AHEAD = 4096
"""Bytes looked at together: many small looks cost one read."""


class Stream(Protocol):
    """Bytes that are read forward. A source that ends early delivers less; it does not raise."""

    @property
    def size(self) -> int | None:
        """Length in bytes, as far as the container says so."""

    def read(self, n: int, /) -> bytes:
        """The next `n` bytes; fewer only at the end."""

    def skip(self, n: int, /) -> int:
        """Pass over `n` bytes; the number passed, less only at the end."""

    def tell(self) -> int:
        """Bytes passed so far."""


class ReadableFile(Protocol):
    """The part of a binary file that the readers use."""

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """Go to a place."""

    def tell(self) -> int:
        """The place of the next read."""

    def read(self, n: int, /) -> bytes:
        """Up to `n` bytes; empty only at the end."""


class FileStream:
    """A stream over an open binary file, from where it starts. Skipping is a seek."""

    def __init__(self, file: ReadableFile, *, start: int = 0, size: int | None = None) -> None:
        self._file = file
        self._start = start
        self._size = max(0, file_size(file) - start) if size is None else size
        self._at = 0

    @property
    def size(self) -> int:
        """Length in bytes when it was opened."""
        return self._size

    def read(self, n: int, /) -> bytes:
        """The next `n` bytes; fewer only at the end."""
        wanted = min(n, self._size - self._at)
        if wanted <= 0:
            return b""
        self._file.seek(self._start + self._at)
        data = read_all(self._file, wanted)
        self._at += len(data)
        return data

    def skip(self, n: int, /) -> int:
        """Pass over `n` bytes; the number passed, less only at the end."""
        before = self._at
        return self.seek(before + max(0, n)) - before

    def seek(self, to: int, /) -> int:
        """Go to an absolute place, at most the end; the place reached."""
        self._at = max(0, min(to, self._size))
        return self._at

    def tell(self) -> int:
        """Bytes passed so far."""
        return self._at


class BytesStream:
    """A stream over bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self._data)

    def read(self, n: int, /) -> bytes:
        """The next `n` bytes; fewer only at the end."""
        data = self._data[self._at : self._at + max(0, n)]
        self._at += len(data)
        return data

    def skip(self, n: int, /) -> int:
        """Pass over `n` bytes; the number passed, less only at the end."""
        passed = max(0, min(n, len(self._data) - self._at))
        self._at += passed
        return passed

    def tell(self) -> int:
        """Bytes passed so far."""
        return self._at


class PeekStream:
    """A stream that can be looked into without passing what was seen; seeks where the inner one can."""

    def __init__(self, inner: Stream) -> None:
        self._inner = inner
        self._seen = b""

    @property
    def size(self) -> int | None:
        """Length in bytes, as far as the inner stream knows it."""
        return self._inner.size

    @property
    def cut_short(self) -> bool:
        """The container around it ended it early: the head phase reads no further, or damage was noted."""
        return any(getattr(self._inner, why, False) for why in ("stopped", "broken"))

    def peek(self, n: int, /) -> bytes:
        """The next `n` bytes, fewer only at the end; they will be read again."""
        if len(self._seen) < n:
            self._seen += self._inner.read(max(n, _AHEAD) - len(self._seen))
        return self._seen[:n]

    def read(self, n: int, /) -> bytes:
        """The next `n` bytes; fewer only at the end."""
        if not self._seen:
            return self._inner.read(n)
        data, self._seen = self._seen[: max(0, n)], self._seen[max(0, n) :]
        return data + self._inner.read(n - len(data)) if len(data) < n else data

    def skip(self, n: int, /) -> int:
        """Pass over `n` bytes; the number passed, less only at the end."""
        known = max(0, min(n, len(self._seen)))
        self._seen = self._seen[known:]
        return known + self._inner.skip(n - known) if known < n else known

    def tell(self) -> int:
        """Bytes passed so far."""
        return self._inner.tell() - len(self._seen)

    def go(self, to: int) -> bool:
        """Go to an absolute place; false where that is past the end, or back and the stream only runs forward."""
        here = self.tell()
        if to >= here:
            return self.skip(to - here) == to - here
        seek: Callable[[int], int] | None = getattr(self._inner, "seek", None)
        if seek is None:
            return False
        self._seen = b""
        return seek(to) == to


class GuardedFile:
    """A binary file whose read errors are Unreadable, and whose reads stop when `cancel` answers true."""

    def __init__(self, file: ReadableFile, cancel: Callable[[], bool] | None = None) -> None:
        self._file = file
        self._cancel = cancel

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The place of the next read."""
        return self._file.tell()

    def read(self, n: int, /) -> bytes:
        """Up to `n` bytes; empty only at the end. Raises Unreadable and Cancelled."""
        if self._cancel is not None and self._cancel():
            raise Cancelled("stopped")
        try:
            return self._file.read(n)
        except OSError as error:
            raise Unreadable("file-read", reason=error.strerror or str(error)) from error


class HashingFile:
    """A binary file of which every byte is hashed exactly once, in order, whatever order it is read in.

    Reading ahead first reads and hashes the gap. `sink` receives the same bytes in the same order, so
    that a copy can be made in the same pass. `progress` is told the number of bytes hashed so far;
    when `cancel` answers true, the next read raises Cancelled.
    """

    def __init__(
        self,
        file: ReadableFile,
        *,
        cancel: Callable[[], bool] | None = None,
        progress: Callable[[int], None] | None = None,
        sink: Callable[[bytes], object] | None = None,
    ) -> None:
        self._file = GuardedFile(file, cancel)
        self._progress = progress
        self._sink = sink
        self._sha256 = hashlib.sha256()
        self._at = 0
        self.hashed = 0
        """Bytes from the start that have been hashed."""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place; nothing is read until it is asked for."""
        if whence == os.SEEK_SET:
            self._at = offset
        elif whence == os.SEEK_CUR:
            self._at += offset
        else:
            self._at = self._file.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        """The place of the next read."""
        return self._at

    def read(self, n: int, /) -> bytes:
        """Up to `n` bytes from here; empty only at the end."""
        while self.hashed < self._at:
            if not self._advance(min(CHUNK, self._at - self.hashed)):
                return b""
        if self._at == self.hashed:
            data = self._advance(n)
        else:
            self._file.seek(self._at)
            data = self._file.read(n)
            fresh = self._at + len(data) - self.hashed
            if fresh > 0:
                self._take(data[-fresh:])
        self._at += len(data)
        return data

    def finish(self, size: int) -> str:
        """Hash what has not been read yet; the SHA-256 in hexadecimal.

        `size`: length when it was opened. Of a file that grows meanwhile only the next piece is read: it may
        grow for ever, and is another file already.
        """
        while self.hashed <= size and self._advance(CHUNK):
            pass
        return self._sha256.hexdigest()

    def _advance(self, n: int) -> bytes:
        self._file.seek(self.hashed)
        data = self._file.read(n)
        self._take(data)
        return data

    def _take(self, data: bytes) -> None:
        self._sha256.update(data)
        if self._sink is not None:
            self._sink(data)
        self.hashed += len(data)
        if self._progress is not None:
            self._progress(self.hashed)


def file_size(file: ReadableFile) -> int:
    """Length in bytes, found by a seek; the place is kept."""
    here = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(here)
    return size


def read_all(file: ReadableFile, n: int) -> bytes:
    """`n` bytes; fewer only at the end, however short the file's own reads are."""
    data = file.read(n)
    if len(data) == n or not data:
        return data
    parts = [data]
    missing = n - len(data)
    while missing and (data := file.read(missing)):
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)
