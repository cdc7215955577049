"""Text columns, decoded for all rows of a batch at once.

Rows are laid side by side in a matrix of code units, as wide as most of them need; NumPy then makes all strings in
one go. What does not fit that (very long, surrogates, a NUL at the end, bytes that the code page leaves open) is
decoded alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.formats.inside.column import Made, Undecoded
from core.formats.inside.page import Bytes, Numbers
from core.formats.inside.records import Flags, gather

_CELLS: Final = 1 << 17
"""Code units in one matrix."""
_OPEN: Final = 0xFFFF_FFFF
_MULTIBYTE: Final = frozenset({"cp932", "cp936", "cp949", "cp950", "utf-8"})
WIDE: Final = "utf-16-le"


def text_of(raw: bytes, encoding: str) -> object:
    """One value. Bytes that Windows maps to control characters become those; what nobody defines is `Undecoded`."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        pass
    if encoding == WIDE:
        return raw.decode(encoding, "surrogatepass") if len(raw) % 2 == 0 else Undecoded("text", raw)
    if encoding in _MULTIBYTE:
        return Undecoded("text", raw)
    points = _table(encoding)[np.frombuffer(raw, dtype=np.uint8)]
    return Undecoded("text", raw) if (points == _OPEN).any() else "".join(map(chr, points.tolist()))


def texts_of(data: Bytes, start: Numbers, end: Numbers, encoding: str) -> Made:
    """The text between `start` and `end` (byte places in `data`, flat and padded) of every row."""
    size = 2 if encoding == WIDE else 1
    length = (end - start) // size
    mean = int(length.mean()) if len(length) else 0
    width = max(1, min(int(length.max(initial=0)), 4 * mean + 32))
    alone = (length > width) | ((end - start) % size != 0)
    length = np.where(alone, 0, length)
    made: list[object] = []
    step = max(1, _CELLS // width)
    for at in range(0, len(length), step):
        part = slice(at, at + step)
        units = gather(data, start[part], f"V{width * size}").view(f"<u{size}").reshape(-1, width)
        own = length[part]
        _blank(units, own)
        times = len(units) if _alike(units, own) else 1
        if times > 1:
            units, own = units[:1], own[:1]
        points, odd = _points(units, encoding)
        odd |= (own > 0) & (points[np.arange(len(points)), own - 1] == 0)
        alone[part] |= odd
        points[odd] = 0
        made += points.view(f"<U{width}")[:, 0].tolist() * times
    for row in np.flatnonzero(alone).tolist():
        made[row] = text_of(data[start[row] : end[row]].tobytes(), encoding)
    return made, {}


def _alike(units: NDArray[Any], length: Numbers) -> bool:
    """All rows have the same text: columns with a default are often like that."""
    return bool((units[0] == units[-1]).all() and (length == length[0]).all() and (units == units[0]).all())


def _blank(units: NDArray[Any], length: Numbers) -> None:
    """Zero behind the end of each row."""
    width = units.shape[1]
    if length.min() == width:
        return
    if width <= 256:
        units &= _masks(width, units.dtype.str)[length]
    else:
        units *= np.arange(width) < length[:, None]


@lru_cache(maxsize=64)
def _masks(width: int, kind: str) -> NDArray[Any]:
    """Row n: n units of ones, then zeros."""
    below = np.tri(width + 1, width, -1, dtype=bool)
    return np.where(below, np.iinfo(kind).max, 0).astype(kind)


def _points(units: NDArray[Any], encoding: str) -> tuple[NDArray[np.uint32], Flags]:
    """Code points of all units, and the rows that have to be decoded alone."""
    if encoding == WIDE:
        return units.astype("<u4"), np.any((units & 0xF800) == 0xD800, axis=1)
    if units.max(initial=0) < 0x80:
        return units.astype("<u4"), np.zeros(len(units), dtype=bool)
    if encoding in _MULTIBYTE:
        return units.astype("<u4"), np.any(units >= 0x80, axis=1)
    points = _table(encoding)[units]
    return points, np.any(points == _OPEN, axis=1)


@lru_cache(maxsize=32)
def _table(encoding: str) -> NDArray[np.uint32]:
    """Byte -> code point of a code page of single bytes.

    Where the code page leaves a byte of 0x80-0x9F open Windows gives the control character of that number
    [observed for 0x81 in cp1252; the rest recalled from Unicode's WindowsBestFit tables]; other open bytes stay open.
    """
    found = np.full(256, _OPEN, dtype="<u4")
    for byte in range(256):
        try:
            found[byte] = ord(bytes([byte]).decode(encoding))
        except UnicodeDecodeError:
            if encoding.startswith("cp125") and 0x80 <= byte < 0xA0:
                found[byte] = byte
    return found
