"""Values that stand outside the row: text pages and their trees. Layout: [observed], 1,409 cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from core.formats.inside.damage import Damage
from core.formats.inside.page import PAGE, TEXT_MIX, TEXT_TREE, Numbers
from core.formats.inside.store import PageStore

_SMALL, _INTERNAL, _DATA, _LARGE_OLD, _LARGE, _NULL = 0, 2, 3, 4, 5, 8
_POINTER: Final = 16
"""Bytes of the pointer of text, ntext and image."""
_INLINE: Final = frozenset({2, 4})
"""First byte of what stands in the row: a column that overflowed [documented: mssqlbak], a MAX type."""
MOST_DEPTH: Final = 16
"""Levels of a tree; a terabyte takes four."""
MOST_BYTES: Final = 2_147_483_647
"""Of one value (documented: Maximum capacity specifications)."""
_KEPT: Final = 512
"""Pages kept, 4 MB: a value's pages follow each other."""

Address = tuple[int, int, int]
"""(page, file, slot)."""
Link = tuple[int, Address]
"""(cumulative length, where)."""


class Broken(Exception):
    """The chain does not hold; it was noted."""


class Lobs:
    """Assembles values. What does not hold together is noted as damage.

    Every record is taken at most once between two calls of `prepare`, so all values together are never longer than
    the pages that are there.
    """

    def __init__(self, store: PageStore, most: int = MOST_BYTES) -> None:
        self._store = store
        self._most = most
        self._pages: dict[tuple[int, int], bytes | None] = {}
        self._taken: set[Address] = set()

    def value(self, raw: bytes) -> bytes | None:
        """The value behind what stands in the row; None: NULL there. Raises Broken.

        `raw`: the 16 bytes of text, ntext and image, or the 12 + 12n of a MAX type or a column that overflowed.
        """
        links = _links_of(raw)
        self._store.damage.checked["lobs"] += 1
        if len(raw) == _POINTER:
            return self._follow(links[0][1], 0, self._most, owner=raw[:8])
        return self._joined(links, 0, self._most)

    def promised(self, raws: Sequence[bytes]) -> Numbers:
        """How long each value says it is, and at most is: of text, ntext and image its root says it.

        0 where that does not hold. Damage is left to `value`.
        """
        made: list[int] = []
        for at in range(0, len(raws), _KEPT):
            part = raws[at : at + _KEPT]
            self._read([link[1] for raw in part for link in _safely(raw)[:1] if link[0] < 0])
            made += [min(self._promise(_safely(raw)), self._most) for raw in part]
        return np.array(made, dtype=np.int64)

    def _promise(self, links: list[Link]) -> int:
        if not links or links[0][0] >= 0:
            return links[-1][0] if links else 0
        try:
            record = self._slot(*links[0][1])
            return links[-1][0] if (links := _below(record)) else len(record)
        except (Broken, IndexError):
            return 0

    def prepare(self, raws: Iterable[bytes]) -> None:
        """A batch begins: read the first pages of these values together."""
        self._taken.clear()
        wanted: list[Address] = []
        for raw in raws:
            wanted += [link[1] for link in _safely(raw)]
        self._read(wanted)

    def _joined(self, links: list[Link], depth: int, most: int) -> bytes:
        parts: list[bytes] = []
        length = 0
        if max((link[0] for link in links), default=0) > most:  # nothing longer than was promised is put together
            page, file_id, slot = links[-1][1]
            self._store.damage.add(Damage("lob", file_id, page, slot))
            raise Broken
        self._read([link[1] for link in links])
        for promised, (page, file_id, slot) in links:
            part = self._follow((page, file_id, slot), depth + 1, promised - length) or b""
            length += len(part)
            if length != promised:
                self._store.damage.add(Damage("lob", file_id, page, slot))
                raise Broken
            parts.append(part)
        return b"".join(parts)

    def _follow(self, address: Address, depth: int, most: int, owner: bytes = b"") -> bytes | None:
        page, file_id, slot = address
        try:
            record = self._fresh(address, depth, owner)
            return self._record(record, depth, most)
        except (Broken, IndexError):
            self._store.damage.add(Damage("lob", file_id, page, slot))
            raise Broken from None

    def _fresh(self, address: Address, depth: int, owner: bytes) -> bytes:
        """A record that no value has taken yet, and that still belongs to its pointer ([observed] in 137 of 137)."""
        if depth > MOST_DEPTH or address in self._taken:
            raise Broken
        self._taken.add(address)
        page, file_id, slot = address
        record = self._slot(page, file_id, slot)
        if owner and record[4:12] != owner:
            raise Broken
        return record

    def _record(self, record: bytes, depth: int, most: int) -> bytes | None:
        kind = int.from_bytes(record[12:14], "little")
        if kind == _DATA:
            return record[14:]
        if kind == _NULL:
            return None
        if kind == _SMALL:
            length = int.from_bytes(record[14:16], "little")
            if 20 + length > len(record):
                raise Broken
            return record[20 : 20 + length]
        if kind in (_INTERNAL, _LARGE_OLD, _LARGE):
            return self._joined(_below(record), depth, most)
        raise Broken

    def _slot(self, page: int, file_id: int, slot: int) -> bytes:
        data = self._page(page, file_id)
        if data is None or slot >= int.from_bytes(data[22:24], "little") or slot >= PAGE // 2:
            raise Broken
        at = PAGE - 2 - 2 * slot
        start = int.from_bytes(data[at : at + 2], "little")
        length = int.from_bytes(data[start + 2 : start + 4], "little")
        if start < 96 or length < 14 or start + length > PAGE or data[start] & 0x0E != 0x08:
            raise Broken
        return data[start : start + length]

    def _page(self, page: int, file_id: int) -> bytes | None:
        if (file_id, page) not in self._pages:
            self._read([(page, file_id, 0)])
        return self._pages[file_id, page]

    def _read(self, wanted: list[Address]) -> None:
        """The pages of these addresses, those that are not kept yet, in one go for each file."""
        missing = sorted({(file_id, page) for page, file_id, _ in wanted} - self._pages.keys())[:_KEPT]
        if len(self._pages) + len(missing) > 2 * _KEPT:
            self._pages.clear()
            missing = sorted({(file_id, page) for page, file_id, _ in wanted})[:_KEPT]
        for file_id in {each[0] for each in missing}:
            numbers = np.array([page for of, page in missing if of == file_id], dtype=np.int64)
            raw, whole = self._store.pages(file_id, numbers)
            good = whole & np.isin(raw[:, 1], (TEXT_MIX, TEXT_TREE))
            for number, data, fit in zip(numbers.tolist(), raw, good.tolist(), strict=True):
                self._pages[file_id, number] = data.tobytes() if fit else None


def _links_of(raw: bytes) -> list[Link]:
    if len(raw) == _POINTER:
        return [(-1, _address(raw, 8))]
    if len(raw) < 24 or len(raw) % 12 or raw[0] not in _INLINE:
        raise Broken
    return _links(raw, 12, len(raw) // 12 - 1, 12)


def _safely(raw: bytes) -> list[Link]:
    """None where it does not hold together."""
    try:
        return _links_of(raw)
    except Broken:
        return []


def _below(record: bytes) -> list[Link]:
    """The links of a record of a tree; none of other records."""
    kind, count = int.from_bytes(record[12:14], "little"), int.from_bytes(record[16:18], "little")
    if kind == _INTERNAL:
        return _links(record, 20, count, 16)
    return _links(record, 24, count, 12) if kind in (_LARGE_OLD, _LARGE) else []


def _links(record: bytes, start: int, count: int, width: int) -> list[Link]:
    if start + count * width > len(record):
        raise Broken
    size = width - 8
    return [
        (int.from_bytes(record[at : at + size], "little"), _address(record, at + size))
        for at in range(start, start + count * width, width)
    ]


def _address(raw: bytes, at: int) -> Address:
    number = int.from_bytes(raw[at : at + 4], "little")
    return number, int.from_bytes(raw[at + 4 : at + 6], "little"), int.from_bytes(raw[at + 6 : at + 8], "little")
