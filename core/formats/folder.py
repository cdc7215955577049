"""The data blocks of a cabinet folder, decoded forward one block at a time ([MS-CAB] 2.4, [MS-MCI])."""

from __future__ import annotations

import struct
import zlib

from core.formats.limits import LEAST, Budget
from core.formats.notes import NoteBook
from core.formats.source import PeekStream
from core.formats.xor import cabinet_checksum

BLOCK = 32_768
"""Unpacked bytes of every block but the last."""
_HEADERS_WALKED = 4096
"""Head phase: block headers read one by one where blocks are not of full size."""


class FolderReader:
    """The unpacked bytes of one folder. Damage ends it early and is noted; it never raises for content."""

    def __init__(
        self,
        stream: PeekStream,
        *,
        offset: int,
        blocks: int,
        mszip: bool,
        reserve: int,
        notes: NoteBook,
        budget: Budget,
        jump: bool,
    ) -> None:
        self._stream = stream
        self._first = offset
        self._place = offset
        self._blocks = blocks
        self._mszip = mszip
        self._reserve = reserve
        self._notes = notes
        self._budget = budget
        self._jump = jump
        self._index = 0
        self._block = b""
        self._block_at = 0
        self._history = b""
        self._at = 0
        self.member = ""
        """Whose bytes are being read: named in the notes."""
        self.broken = False
        """The bytes end here because something is wrong with them."""
        self.stopped = False
        """The bytes end here because the budget does."""
        self.checked = 0
        """Blocks whose checksum was compared."""

    @property
    def end(self) -> int:
        """Place in the stream after the last block that was read."""
        return self._place

    @property
    def full(self) -> bool:
        """All blocks were read and even the last one is of full size."""
        return self._index >= self._blocks and not self._at % BLOCK

    def tell(self) -> int:
        """Unpacked bytes passed."""
        return self._at

    def read(self, n: int) -> bytes:
        """The next `n` unpacked bytes; fewer where the folder ends, breaks or the budget stops."""
        parts = []
        while n > 0:
            here = len(self._block) - self._block_at
            if not here:
                if not self._next():
                    break
                continue
            take = min(n, here)
            parts.append(self._block[self._block_at : self._block_at + take] if take < BLOCK else self._block)
            self._block_at += take
            self._at += take
            n -= take
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def skip(self, n: int) -> int:
        """Pass over `n` unpacked bytes; the number passed."""
        passed = min(n, len(self._block) - self._block_at)
        self._block_at += passed
        self._at += passed
        if passed == n:
            return n
        if self._jump:
            if not self._mszip:
                return passed + self._leap(n - passed)
            if n - passed > self._budget.left:
                self.stopped = True
                return passed
        while passed < n and self._next():
            take = min(n - passed, len(self._block))
            self._block_at = take
            self._at += take
            passed += take
        return passed

    def drain(self) -> None:
        """Check what is left of the folder."""
        self._at += len(self._block) - self._block_at
        self._block_at = len(self._block)
        while self._next():
            self._at += len(self._block)
            self._block_at = len(self._block)

    def _next(self) -> bool:
        """Decode the next block; false at the end."""
        if self.broken or self.stopped or self._index >= self._blocks:
            return False
        if not self._stream.go(self._place):
            return self._break("truncated", at=self._stream.tell())
        head = self._stream.read(8 + self._reserve)
        if len(head) < 8 + self._reserve:
            return self._break("truncated", at=self._stream.tell())
        stated, packed, size = struct.unpack_from("<IHH", head)
        data = self._stream.read(packed)
        if len(data) < packed:
            return self._break("truncated", at=self._stream.tell())
        if stated:
            if not _checksum_fits(stated, head, data):
                return self._break("checksum")
            self.checked += 1
        if not self._budget.spend(max(size, LEAST)):
            self.stopped = True
            if not self._budget.head_only:
                self._notes.add("limit", what="size", found=self._budget.spent)
            return False
        block = self._unpack(data, size)
        if block is None:
            return self._break("structure")
        self._place += len(head) + packed
        self._index += 1
        self._block = block
        self._block_at = 0
        return True

    def _unpack(self, data: bytes, size: int) -> bytes | None:
        if size > BLOCK:
            return None
        if not self._mszip:
            return data if len(data) == size else None
        if data[:2] != b"CK":
            return None
        inflater = zlib.decompressobj(-15, zdict=self._history) if self._history else zlib.decompressobj(-15)
        try:
            block = inflater.decompress(data[2:], BLOCK + 1)
        except zlib.error:
            return None
        if len(block) != size or not inflater.eof:
            return None
        self._history = block if size == BLOCK else (self._history + block)[-BLOCK:]
        return block

    def _break(self, code: str, **detail: str | int) -> bool:
        self.broken = True
        self._notes.add(code, proves_damage=True, what=f"block {self._index}", member=self.member, **detail)
        return False

    def _leap(self, n: int) -> int:
        """Pass over `n` bytes of a stored folder. Full blocks lie evenly: compute the place, then prove it."""
        target = self._at + n
        index = target // BLOCK
        step = 8 + self._reserve + BLOCK
        if index < self._blocks and self._proved(self._first + index * step, last=index == self._blocks - 1):
            self._land(index, self._first + index * step, index * BLOCK)
        else:
            self._stride(target)
        before = target - n
        if self._next():
            self._block_at = max(0, min(target - self._at, len(self._block)))
            self._at += self._block_at
        return self._at - before

    def _land(self, index: int, place: int, at: int) -> None:
        self._index, self._place, self._at = index, place, at
        self._block = b""
        self._block_at = 0

    def _proved(self, place: int, *, last: bool) -> bool:
        """A sound block of full size, or the last one, starts here."""
        if not self._stream.go(place):
            return False
        block = self.loose_block(self._stream, self._reserve)
        return len(block) == BLOCK or (last and len(block) > 0)

    def _stride(self, target: int) -> None:
        """Go from header to header to the block that holds `target`."""
        at = self._at - self._block_at + len(self._block) if self._block else self._at
        index, place = self._index, self._place
        for _ in range(_HEADERS_WALKED):
            if index >= self._blocks or not self._stream.go(place):
                break
            head = self._stream.read(8 + self._reserve)
            if len(head) < 8 + self._reserve:
                break
            _, packed, size = struct.unpack_from("<IHH", head)
            if at + size > target:
                break
            at += size
            place += len(head) + packed
            index += 1
        else:
            self.stopped = True
        self._land(index, place, at)

    @staticmethod
    def loose_block(stream: PeekStream, reserve: int) -> bytes:
        """The data of a stored or packed block that starts here and proves itself by its checksum; else nothing."""
        head = stream.read(8 + reserve)
        if len(head) < 8 + reserve:
            return b""
        stated, packed, size = struct.unpack_from("<IHH", head)
        if not stated or not packed or not size or size > BLOCK:
            return b""
        data = stream.read(packed)
        return data if len(data) == packed and _checksum_fits(stated, head, data) else b""


def _checksum_fits(stated: int, head: bytes, data: bytes) -> bool:
    """[MS-CAB] 3.1. Makers disagree whether the reserved area of the block counts: either is right."""
    over_data = cabinet_checksum(data)
    if cabinet_checksum(head[4:8], over_data) == stated:
        return True
    return len(head) > 8 and cabinet_checksum(head[4:], over_data) == stated


class MemberStream:
    """The bytes of one member: forward only, never more than the member has."""

    def __init__(self, folder: FolderReader, name: str, size: int) -> None:
        self._folder = folder
        self._size = size
        self.name = name
        self.delivered = 0
        """Bytes passed."""

    @property
    def size(self) -> int:
        """Length that the file table states."""
        return self._size

    @property
    def whole(self) -> bool:
        """Everything was passed."""
        return self.delivered == self._size

    @property
    def stopped(self) -> bool:
        """It ends early because the head phase reads no further, not because bytes are missing."""
        return self._folder.stopped

    @property
    def broken(self) -> bool:
        """It ends early because something is wrong with its bytes."""
        return self._folder.broken

    def start(self, offset: int) -> bool:
        """Go to the member's first byte in its folder."""
        missing = offset - self._folder.tell()
        return missing >= 0 and self._folder.skip(missing) == missing

    def read(self, n: int, /) -> bytes:
        """The next `n` bytes; fewer only at the end."""
        data = self._folder.read(min(n, self._size - self.delivered))
        self.delivered += len(data)
        return data

    def skip(self, n: int, /) -> int:
        """Pass over `n` bytes; the number passed, less only at the end."""
        passed = self._folder.skip(max(0, min(n, self._size - self.delivered)))
        self.delivered += passed
        return passed

    def tell(self) -> int:
        """Bytes passed so far."""
        return self.delivered

    def drain(self) -> None:
        """Pass over the rest."""
        self.skip(self._size - self.delivered)
