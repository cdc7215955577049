"""Pages as NumPy sees them: (n, 8192) bytes, verified and with their torn bits restored. Layout: [observed]."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]

PAGE: Final = 8192
DATA, INDEX, TEXT_MIX, TEXT_TREE, GAM, SGAM, IAM, PFS = 1, 2, 3, 4, 8, 9, 10, 11
_TORN, _CHECKSUM = 0x100, 0x200
_ENCRYPTED = 0x08
"""[documented: mssqlbak]; file headers and a text page of databases that are not encrypted carry it too [observed]."""
_WORDS, _SECTORS = 128, 16
_LAST_BYTES = np.arange(1, _SECTORS) * 512 + 511
_SHIFTS = (2 * np.arange(1, _SECTORS)).astype(np.uint32)


def u16(pages: Bytes, at: int) -> NDArray[np.uint16]:
    """The 16-bit field at byte `at` of each page."""
    return np.ascontiguousarray(pages[:, at : at + 2]).view("<u2")[:, 0]


def u32(pages: Bytes, at: int) -> NDArray[np.uint32]:
    """The 32-bit field at byte `at` of each page."""
    return np.ascontiguousarray(pages[:, at : at + 4]).view("<u4")[:, 0]


def encrypted(pages: Bytes) -> NDArray[np.bool_]:
    """Which pages say that they are encrypted. Means nothing of file headers and pages of large values."""
    return np.asarray((u16(pages, 4) & _ENCRYPTED) != 0)


def checksums(pages: Bytes) -> NDArray[np.uint32]:
    """The checksum of each page, its own field taken as zero [observed]."""
    words = np.ascontiguousarray(pages).view("<u4").reshape(len(pages), _SECTORS, _WORDS)
    sums = np.bitwise_xor.reduce(words, axis=2)
    sums[:, 0] ^= words[:, 0, 15]
    turns = np.arange(_SECTORS - 1, -1, -1, dtype=np.uint32)
    turned = (sums << turns) | np.where(turns > 0, sums >> ((32 - turns) & 31), 0).astype(np.uint32)
    return np.asarray(np.bitwise_xor.reduce(turned, axis=1), dtype=np.uint32)


def verify(pages: Bytes) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pages carry a check, which fail it, and which of those by torn bits. Torn bits are restored in place.

    A page without the flag of a check is not checked, whatever stands in its field: old values stay there [observed
    on two data files, in a boot page and in a data page].
    """
    flags = u16(pages, 4)
    summed = (flags & _CHECKSUM) != 0
    torn = ((flags & _TORN) != 0) & ~summed
    bad = np.zeros(len(pages), dtype=bool)
    if summed.any():
        bad[summed] = checksums(pages[summed]) != u32(pages[summed], 60)
    if torn.any():
        bad[torn] = ~_restore(pages, np.flatnonzero(torn))
    return summed | torn, bad, torn


def _restore(pages: Bytes, which: Numbers) -> NDArray[np.bool_]:
    """The two low bits of the last byte of sectors 1-15 carry a signature; what stood there is kept at 60."""
    kept = u32(pages[which], 60)
    last = pages[which][:, _LAST_BYTES]
    whole = np.asarray(((last & 3) == (kept & 3).astype(np.uint8)[:, None]).all(axis=1))
    original = ((kept[:, None] >> _SHIFTS) & 3).astype(np.uint8)
    fixed = np.where(whole[:, None], (last & 0xFC) | original, last)
    pages[which[:, None], _LAST_BYTES[None, :]] = fixed
    return whole
