"""The bytes of one zip entry, stored or deflated (APPNOTE 4.4.5, RFC 1951), compared with its CRC-32."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from core.formats.limits import Budget
from core.formats.notes import NoteBook
from core.formats.source import CHUNK, PeekStream

_METHODS = {0: "stored", 8: "deflate", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz", 99: "aes"}
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One file of a zip. Sizes are None where only what follows the data tells them."""

    name: str
    size: int | None
    packed: int | None
    crc: int | None
    method: int
    flags: int
    offset: int | None
    """Place of its local header, where the central directory tells it."""

    @property
    def packing(self) -> str:
        """`stored`, `deflate` or another method's name."""
        return _METHODS.get(self.method, str(self.method))

    @property
    def folder(self) -> bool:
        """A name without content."""
        return self.name.endswith("/") and not self.size


class ZipStream:
    """The bytes of one entry: forward only; a wrong length or CRC-32 is noted at the end."""

    def __init__(self, stream: PeekStream, entry: ZipEntry, notes: NoteBook, budget: Budget) -> None:
        self._stream = stream
        self._entry = entry
        self._notes = notes
        self._budget = budget
        self._left = entry.packed
        self._inflater = zlib.decompressobj(-15) if entry.method == 8 else None
        self._ready = b""
        self._ready_at = 0
        self._crc = 0
        self._ended = False
        self.delivered = 0
        self.broken = False
        """The bytes end here because something is wrong with them."""
        self.stopped = False
        """The bytes end here because the budget does."""

    @property
    def size(self) -> int | None:
        """Length that the directory states."""
        return self._entry.size

    def tell(self) -> int:
        """Bytes passed so far."""
        return self.delivered

    def read(self, n: int, /) -> bytes:
        """The next `n` bytes; fewer only at the end."""
        parts = []
        while n > 0 and (data := self._some(n)):
            parts.append(data)
            n -= len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def skip(self, n: int, /) -> int:
        """Pass over `n` bytes; the number passed, less only at the end."""
        if self._budget.head_only and n > self._budget.left:
            return self._leap(n)
        passed = 0
        while passed < n and (data := self._some(min(n - passed, CHUNK))):
            passed += len(data)
        return passed

    def drain(self) -> None:
        """Pass over the rest, to the check at the end."""
        while self._some(CHUNK):
            pass

    def _leap(self, n: int) -> int:
        """Head phase: what is stored can be passed unread; what is packed is not worth it."""
        if self._inflater is not None or self._left is None:
            self.stopped = True
            return 0
        passed = self._stream.skip(min(n, self._left))
        self._left -= passed
        self.delivered += passed
        return passed

    def _some(self, n: int) -> bytes:
        """Up to `n` bytes; nothing only at the end."""
        if self._ready_at == len(self._ready) and not self._more():
            return b""
        data = self._ready[self._ready_at : self._ready_at + n]
        self._ready_at += len(data)
        self.delivered += len(data)
        return data

    def _more(self) -> bool:
        """Unpack the next piece; false at the end, which is where lengths and CRC-32 are compared."""
        if self._ended or self.broken or self.stopped:
            return False
        data = self._stored() if self._inflater is None else self._inflate(self._inflater)
        if not self._budget.spend(len(data)):
            self.stopped = True
            if not self._budget.head_only:
                self._notes.add("limit", what="size", found=self._budget.spent)
            return False
        if not data:
            self._finish()
            return False
        self._crc = zlib.crc32(data, self._crc)
        self._ready, self._ready_at = data, 0
        return True

    def _stored(self) -> bytes:
        if self._left is None:
            return b""
        data = self._stream.read(min(_PIECE, self._left))
        self._left -= len(data)
        return data

    def _inflate(self, inflater: zlib._Decompress) -> bytes:
        data = b""
        while not data and not inflater.eof:
            packed = self._stream.peek(_PIECE if self._left is None else min(_PIECE, self._left))
            try:
                data = inflater.decompress(packed, 4 * _PIECE) if packed else b""
            except zlib.error:
                self.broken = True
                self._notes.add("structure", proves_damage=True, what="deflate", member=self._entry.name)
                return b""
            used = len(packed) - len(inflater.unconsumed_tail) - len(inflater.unused_data)
            self._stream.skip(used)
            if self._left is not None:
                self._left -= used
            if not used and not data:
                break
        return data

    def _finish(self) -> None:
        self._ended = True
        if self.broken:
            return
        short = self._inflater is not None and not self._inflater.eof
        if short or (self._entry.size is not None and self.delivered != self._entry.size):
            self.broken = True
            stated = self._entry.size or 0
            if self._stream.peek(1):
                told: dict[str, str | int] = {"stated": stated, "delivered": self.delivered}
                self._notes.add("member-size", proves_damage=True, member=self._entry.name, **told)
            else:
                at = self._stream.tell()
                self._notes.add("truncated", proves_damage=True, what=self._entry.name, at=at, stated=stated)
        elif self._entry.crc is not None and self._crc != self._entry.crc:
            self.broken = True
            self._notes.add("checksum", proves_damage=True, what=self._entry.name, member=self._entry.name)
