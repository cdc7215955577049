"""Tables laid down on pages: heaps with forwarded rows, clustered indexes with their upper levels, values outside."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from factory.sqlserver.kinds import Raw, Value, encode
from factory.sqlserver.lob import LobWriter
from factory.sqlserver.model import Prepared, Table
from factory.sqlserver.page import DATA, INDEX, Page, sealed
from factory.sqlserver.rows import FORWARDED, GHOST, RowLayout, Spot
from factory.sqlserver.space import DataFile, Unit

FIRST_USER = 0x0100_0000_0000_0000
IN_ROW, LOB, OVERFLOW = 1, 2, 3


@dataclass
class Laid:
    """A table on its pages."""

    table: Table
    object_id: int
    rowset: int
    layout: RowLayout
    units: list[Unit] = field(default_factory=list)
    rows: int = 0
    root: tuple[int, int] | None = None
    where: list[tuple[int, int, int]] = field(default_factory=list)
    """(file, page, slot) of the record of each row."""


class _Outside:
    """Values outside the row, in units that come to be when they are wanted."""

    def __init__(self, laid: Laid, files: dict[int, DataFile]) -> None:
        self._laid, self._files = laid, files

    @cached_property
    def lob(self) -> LobWriter:
        return LobWriter(self._unit(LOB))

    @cached_property
    def overflow(self) -> LobWriter:
        return LobWriter(self._unit(OVERFLOW))

    def _unit(self, kind: int) -> Unit:
        unit = new_unit(self._files, self._laid, kind)
        self._laid.units.append(unit)
        return unit

    def pointer(self, value: bytes | None) -> bytes:
        return self.lob.pointer(value)

    def inline(self, value: bytes, *, overflow: bool = False) -> bytes:
        return self.overflow.inline(value, overflow=True) if overflow else self.lob.inline(value)


def new_unit(files: dict[int, DataFile], laid: Laid, kind: int) -> Unit:
    """Its number is a neighbour of the rowset's, as in real files; that of the page headers follows from it."""
    return Unit(files, laid.rowset + (kind << 16), kind, laid.rowset, mixed=laid.table.mixed, places=laid.table.places)


def lay_table(table: Table, number: int, files: dict[int, DataFile], protection: str) -> Laid:
    """All rows of a table, in their order."""
    laid = Laid(table, 245_575_913 + 1_600_057 * number, FIRST_USER + (0x33 + 8 * number << 16), RowLayout(table))
    laid.units.append(new_unit(files, laid, IN_ROW))
    laid.rows = len(table.rows) * table.repeat
    if table.prepared is None:
        _lay_rows(laid, files, protection)
    else:
        _lay_prepared(laid, table.prepared)
    for unit in laid.units:
        unit.finish()
    return laid


def _lay_prepared(laid: Laid, pages: Sequence[Prepared]) -> None:
    """Records that somebody else encoded; bit 0x80 of the page says that there is something before them."""
    before: Page | None = None
    for each in pages:
        page = laid.units[0].page(DATA, laid.layout.low)
        page.data[2] |= 0x80 if each.head else 0
        page.data[page.used : page.used + len(each.head)] = each.head
        page.used += len(each.head)
        for record in each.records:
            page.add(record)
        if before is not None and laid.table.clustered:
            before.link(_previous(before), _address(page))
            page.link(_address(before), None)
        before = page


def _previous(page: Page) -> tuple[int, int] | None:
    number, file_id = struct.unpack_from("<IH", page.data, 8)
    return (file_id, number) if number else None


def _lay_rows(laid: Laid, files: dict[int, DataFile], protection: str) -> None:
    table = laid.table
    outside = _Outside(laid, files)
    pages: list[Page] = []
    moved: list[tuple[int, Page, int]] = []
    previous, same = None, 0
    for index, row in enumerate(table.rows):
        key = [row[_visible(table, name)] for name in table.clustered]
        same = same + 1 if previous is not None and key == previous else 0
        previous = key
        if index in table.forwarded:
            page = _room(laid, pages, 9)
            slot = page.add(bytes(9))
            moved.append((index, page, slot))
            laid.where.append((0, 0, 0))
            continue
        record = laid.layout.record(index, row, outside, outside, uniquifier=same if not table.unique else 0)
        page = _room(laid, pages, max(9, len(record)))
        laid.where.append((page.file_id, page.number, page.add(record)))
    for index, stub, slot in moved:
        home = ((stub.file_id, stub.number), slot)
        record = laid.layout.record(index, table.rows[index], outside, outside, kind=FORWARDED, back=home)
        page = _room(laid, pages, len(record))
        laid.where[index] = (page.file_id, page.number, page.add(record))
        at = stub.record_at(slot)
        stub.data[at : at + 9] = struct.pack("<BIHH", 0x04, page.number, page.file_id, laid.where[index][2])
    _repeat(laid, pages, files, protection)
    if table.clustered and pages:
        _index(laid, pages)


def _visible(table: Table, name: str) -> int:
    return [column.name for column in table.visible].index(name)


def _room(laid: Laid, pages: list[Page], length: int) -> Page:
    if not pages or pages[-1].room < length:
        page = laid.units[0].page(DATA, laid.layout.low)
        if laid.table.clustered and pages:
            pages[-1].link(_previous(pages[-1]), _address(page))
            page.link(_address(pages[-1]), None)
        for _ in range(laid.table.ghosts):
            blank = laid.layout.record(10**9, [None] * len(laid.table.visible), _Nothing(), _Nothing(), kind=GHOST)
            page.add(blank)
        struct.pack_into("<H", page.data, 58, laid.table.ghosts)
        pages.append(page)
    return pages[-1]


def _address(page: Page) -> tuple[int, int]:
    return page.file_id, page.number


class _Nothing:
    def pointer(self, value: bytes | None) -> bytes:
        return bytes(16)

    def inline(self, value: bytes, *, overflow: bool = False) -> bytes:
        return bytes(24)


def _repeat(laid: Laid, pages: list[Page], files: dict[int, DataFile], protection: str) -> None:
    if laid.table.repeat == 1:
        return
    if laid.table.clustered or len(laid.units) > 1 or laid.table.forwarded:
        raise ValueError("only plain heaps can be repeated")
    templates = [sealed(page.data, protection) for page in pages]
    for _ in range(laid.table.repeat - 1):
        for template in templates:
            file_id, number = laid.units[0].address(DATA)
            files[file_id].pages[number] = template


def _index(laid: Laid, pages: list[Page]) -> None:
    """The levels above: each record leads to the first key of a page below."""
    spots = [spot for spot in laid.layout.spots if spot.key]
    keys = []
    by_page = {(file, page): index for index, (file, page, _) in reversed(list(enumerate(laid.where)))}
    for page in pages:
        row = laid.table.rows[by_page[_address(page)]]
        keys.append([None if not spot.number else row[_visible(laid.table, spot.column.name)] for spot in spots])
    below = list(zip(keys, map(_address, pages), strict=True))
    level = 0
    while level == 0 or len(below) > 1:
        level += 1
        above: list[Page] = []
        heads = []
        for key, child in below:
            record = _index_record(spots, key, child)
            if not above or above[-1].room < len(record):
                above.append(laid.units[0].page(INDEX, 1))
                above[-1].data[3] = level
                heads.append(key)
            above[-1].add(record)
        below = list(zip(heads, map(_address, above), strict=True))
    laid.root = below[0][1]


def _index_record(spots: list[Spot], key: list[Value | Raw], child: tuple[int, int]) -> bytes:
    fixed = b"".join(
        encode(spot.column.kind, value, spot.column.encoding) if value is not None else bytes(spot.column.kind.length)
        for spot, value in zip(spots, key, strict=True)
        if spot.offset >= 0
    )
    variable = [
        encode(spot.column.kind, value, spot.column.encoding) if value is not None else b""
        for spot, value in zip(spots, key, strict=True)
        if spot.offset < 0 and spot.number
    ]
    head = bytes([0x26 if variable else 0x06]) + fixed + struct.pack("<IH", child[1], child[0])
    if not variable:
        return head
    end, ends = len(head) + 2 + 2 * len(variable), []
    for each in variable:
        end += len(each)
        ends.append(end)
    return head + struct.pack(f"<H{len(ends)}H", len(ends), *ends) + b"".join(variable)
