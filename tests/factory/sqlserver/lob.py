"""Values outside the row: text records and their trees. Layout: as the corpus has it."""

from __future__ import annotations

import struct

from factory.sqlserver.page import TEXT_MIX, TEXT_TREE, Address, Page
from factory.sqlserver.space import Unit

CHUNK = 8040
"""Bytes of a value in one record."""
SMALL, INTERNAL, LEAF, ROOT_OLD, ROOT, NULL = 0, 2, 3, 4, 5, 8
MOST_LINKS = 5
MOST_CHILDREN = 501
Link = tuple[int, Address, int]
"""(length of what it leads to, page, slot)."""


class LobWriter:
    """Puts values into one allocation unit."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self._pages: dict[int, Page] = {}
        self._number = 0x745D

    def pointer(self, value: bytes | None) -> bytes:
        """The 16 bytes of text, ntext and image. None: a NULL that stands outside."""
        if value is None:
            page, slot = self._record(TEXT_MIX, NULL, bytes(70))
        elif len(value) <= 64:
            page, slot = self._record(
                TEXT_MIX, SMALL, struct.pack("<HI", len(value), 0) + value + b"\xa5" * (64 - len(value))
            )
        else:
            links, level = self._tree(value)
            packed = _cumulative(links, "<IIHH").ljust(60, b"\xa5")
            page, slot = self._record(TEXT_MIX, ROOT, struct.pack("<HHHI", MOST_LINKS, len(links), level, 0) + packed)
        return struct.pack("<IIIHH", self._number << 16, 0, page[1], page[0], slot)

    def inline(self, value: bytes, *, overflow: bool = False) -> bytes:
        """What stands in the record of a MAX type, or of a column that flowed over."""
        links, level = self._tree(value)
        head = struct.pack("<BBBIBI", 2 if overflow else 4, level, 0, 1435, 0, self._number)
        return head + _cumulative(links, "<IIHH")

    def _tree(self, value: bytes) -> tuple[list[Link], int]:
        many = len(value) > MOST_LINKS * CHUNK
        links: list[Link] = []
        for at in range(0, max(1, len(value)), CHUNK):
            part = value[at : at + CHUNK]
            links.append((len(part), *self._record(TEXT_TREE if many else TEXT_MIX, LEAF, part)))
        level = 0
        while len(links) > MOST_LINKS:
            groups = [links[at : at + MOST_CHILDREN] for at in range(0, len(links), MOST_CHILDREN)]
            links = []
            for group in groups:
                body = struct.pack("<HHH", MOST_CHILDREN, len(group), level) + _cumulative(group, "<QIHH")
                links.append((sum(each[0] for each in group), *self._record(TEXT_TREE, INTERNAL, body)))
            level += 1
        return links, level

    def _record(self, kind: int, what: int, body: bytes) -> tuple[Address, int]:
        self._number += 1
        length = 14 + len(body)
        record = struct.pack("<HHQH", 0x08, length, self._number << 16, what) + body
        page = self._pages.get(kind)
        if page is None or page.room < length:
            page = self._pages[kind] = self.unit.page(kind)
        slot = page.add(record)
        return (page.file_id, page.number), slot


def _cumulative(links: list[Link], form: str) -> bytes:
    made, total = b"", 0
    for length, (file_id, number), slot in links:
        total += length
        made += struct.pack(form, total, number, file_id, slot)
    return made
