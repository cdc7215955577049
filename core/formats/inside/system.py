"""System tables read by their fixed layout, before any catalog says how. Offsets: [observed], 2005 to 2022.

The catalog describes itself, too: every offset here is the one that its own rows about itself give.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import BadFormat
from core.formats.inside.allocation import Allocation, Units
from core.formats.inside.damage import Damage, DamageBook
from core.formats.inside.page import DATA, Bytes, Numbers, encrypted, u16, u32
from core.formats.inside.records import Moves, Records, records_of
from core.formats.inside.store import BATCH, PageStore
from core.formats.inside.text import WIDE, texts_of

BOOT_PAGE: Final = 9
OLDEST, FIRST_2008, FIRST_2012 = 611, 655, 684
"""Internal versions of SQL Server 2005, 2008 and 2012."""
ROWSETS_ID: Final = 5
"""sysrowsets, the one rowset whose number is known beforehand: 5 << 16 [observed]."""
CATALOG: Final = "catalog"
"""What damage of the system tables is booked on."""
_FIRST: Final = 16
"""Pages of a first batch: who only wants to see a few rows does not wait for many."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of a system table: name -> (offset in the record, NumPy type); and its first variable columns.

    `raws` are variable columns kept as bytes, by ordinal.
    """

    fixed: dict[str, tuple[int, str]]
    texts: tuple[str, ...] = ()
    raws: tuple[str, ...] = ()
    later: frozenset[str] = frozenset()
    """Columns that older versions do not have."""


ALLOCATION_UNITS = Layout(
    {"id": (4, "<i8"), "kind": (12, "u1"), "owner": (13, "<i8"), "iam_page": (39, "<u4"), "iam_file": (43, "<u2")}
)
ROWSETS = Layout(
    {"id": (4, "<i8"), "kind": (12, "u1"), "object": (13, "<i4"), "index": (17, "<i4"), "part": (21, "<i4"),
     "rows": (31, "<i8"), "compression": (39, "u1")},
    later=frozenset({"compression"}),
)  # fmt: skip
OBJECTS = Layout({"id": (4, "<i4"), "schema": (8, "<i4"), "status": (13, "<u4"), "type": (17, "S2")}, ("name",))
COLUMNS = Layout(
    {"object": (4, "<i4"), "number": (8, "<i2"), "column": (10, "<i4"), "type": (14, "u1"), "user_type": (15, "<i4"),
     "length": (19, "<i2"), "precision": (21, "u1"), "scale": (22, "u1"), "collation": (23, "<u4"),
     "status": (27, "<u4")},
    ("name",),
)  # fmt: skip
CLASSES = Layout({"class": (4, "u1"), "id": (5, "<i4")}, ("name",))
ROWSET_COLUMNS = Layout(
    {"rowset": (4, "<i8"), "column": (12, "<u4"), "stored": (16, "<i4"), "status": (40, "<u4"), "offset": (44, "<i2"),
     "null_bit": (48, "<i2"), "bit": (52, "u1")}
)  # fmt: skip
"""sysrscols. The low half of offset, null bit and bit position is for the leaf, the high half for the tree above."""
ENGINE_VALUES = Layout(
    {"class": (4, "u1"), "rowset": (5, "<i8"), "stored": (13, "<i8"), "number": (21, "<i4")}, raws=("value",)
)
"""sysseobjvalues, 2012 and later: what a column that came later is in the rows that were there before."""

ROWSET_COLUMNS_2005 = Layout({"rowset": (4, "<i8"), "column": (12, "<u4"), "stored": (16, "<u4")})
HOBT_COLUMNS_2005 = Layout(
    {"rowset": (4, "<i8"), "stored": (12, "<u4"), "offset": (31, "<i2"), "null_bit": (37, "<i2"), "bit": (35, "u1")}
)
"""sysrowsetcolumns and syshobtcolumns, which sysrscols replaced in 2008."""

TableRows = dict[str, NDArray[Any]]
"""Column -> values, (rows,) each; texts and raw bytes are object arrays."""


class SystemTables:
    """Finds and reads system tables.

    Raises BadFormat: `inside-boot` without a boot page, `inside-2000`, `inside-encrypted`.
    """

    def __init__(self, store: PageStore) -> None:
        self.store = store
        self.allocation = Allocation(store)
        pages, whole = store.pages(1, np.array([BOOT_PAGE], dtype=np.int64))
        if not whole[0]:
            raise BadFormat("inside-boot")
        if encrypted(pages)[0]:
            raise BadFormat("inside-encrypted")
        self.boot = pages[0].tobytes()
        self.version = int.from_bytes(self.boot[0x64:0x66], "little")
        if self.version < OLDEST:
            raise BadFormat("inside-2000", version=self.version)
        with store.damage.reading(CATALOG):
            self.units = self._chain(int(u32(pages, 0x264)[0]), int(u16(pages, 0x268)[0]))
            self.rowsets = self.rows(self.unit(ROWSETS_ID << 16), ROWSETS)
            if not len(self.rowsets["id"]):  # every database has some: the boot page leads nowhere
                store.damage.add(Damage("chain", 1, BOOT_PAGE))
        if self.version < FIRST_2008:  # no such column yet
            self.rowsets["compression"][:] = 0

    def unit(self, rowset: int, kind: int = 1) -> Units:
        """Pages of a rowset's allocation unit: 1 in the row, 2 LOB, 3 row overflow."""
        which = np.flatnonzero((self.units["owner"] == rowset) & (self.units["kind"] == kind))
        found: Units = []
        for at in which.tolist():
            found += self.allocation.pages_of(int(self.units["iam_file"][at]), int(self.units["iam_page"][at]))
        return found

    def read(self, number: int, layout: Layout) -> TableRows:
        """All rows of a system table, found through sysrowsets."""
        own = (self.rowsets["object"] == number) & np.isin(self.rowsets["index"], (0, 1))
        with self.store.damage.reading(CATALOG):
            units = [part for rowset in self.rowsets["id"][own] for part in self.unit(int(rowset))]
            return self.rows(units, layout)

    def rows(self, units: Units, layout: Layout) -> TableRows:
        """The rows of these pages."""
        return _joined([_taken(each, layout, self.store.damage) for each in batches(self.store, units)], layout)

    def _chain(self, page: int, file_id: int) -> TableRows:
        """sysallocunits: the one table that is found by following pages."""
        parts: list[TableRows] = []
        seen: set[tuple[int, int]] = set()
        while page:
            numbers = np.array([page], dtype=np.int64)
            pages, whole = self.store.pages(file_id, numbers)
            if not whole[0] or pages[0, 1] != DATA or (file_id, page) in seen:
                self.store.damage.add(Damage("chain", file_id, page))
                break
            if encrypted(pages)[0]:
                raise BadFormat("inside-encrypted")
            seen.add((file_id, page))
            records = records_of(pages, self.store.damage, file_id, numbers)
            parts.append(_taken(records, ALLOCATION_UNITS, self.store.damage))
            page, file_id = int(u32(pages, 16)[0]), int(u16(pages, 20)[0])
        return _joined(parts, ALLOCATION_UNITS)


def data_pages(store: PageStore, units: Units, most: int = BATCH) -> Iterator[tuple[Bytes, int, Numbers]]:
    """The whole data pages of a unit that hold something, some at a time: pages (n, 8192), file id, page numbers."""
    size = min(_FIRST, most)
    for file_id, numbers in units:
        at = 0
        while at < len(numbers):
            part = numbers[at : at + size]
            at, size = at + size, min(most, 4 * size)
            pages, whole = store.pages(file_id, part)
            store.expect(file_id, numbers[at : at + size])
            good = whole & (pages[:, 1] == DATA) & (u16(pages, 22) > 0)
            if good.all():
                yield pages, file_id, part
            elif good.any():
                yield pages[good], file_id, part[good]


def batches(store: PageStore, units: Units, most: int = BATCH, moves: Moves | None = None) -> Iterator[Records]:
    """The records of all data pages of a unit, some pages at a time."""
    for pages, file_id, numbers in data_pages(store, units, most):
        yield records_of(pages, store.damage, file_id, numbers, moves)


def _taken(records: Records, layout: Layout, damage: DamageBook) -> TableRows:
    """Their columns. What a record does not have is zero or empty, and noted: damage `record`."""
    made: TableRows = {}
    lacking = np.zeros(records.count, dtype=bool)
    for name, (offset, kind) in layout.fixed.items():
        values, there = records.take(offset, kind)
        values[~there] = np.zeros(1, dtype=kind)[0]
        if name not in layout.later:
            lacking |= ~there
        made[name] = values
    for ordinal, name in enumerate(layout.texts, 1):
        spans = records.variable(ordinal)
        texts = _objects(texts_of(records.data, spans.start, spans.end, WIDE)[0])
        lacking |= spans.broken | np.array([not isinstance(text, str) for text in texts], dtype=bool)
        texts[lacking] = ""
        made[name] = texts
    for ordinal, name in enumerate(layout.raws, 1):
        spans = records.variable(ordinal)
        lacking |= spans.broken
        places = zip(spans.start.tolist(), spans.end.tolist(), spans.pointer.tolist(), strict=True)
        made[name] = _objects([None if far else records.memory[start:end] for start, end, far in places])
    for row in np.flatnonzero(lacking).tolist():
        damage.add(Damage("record", records.file_id, records.page_of(row)))
    return made


def _objects(values: object) -> NDArray[Any]:
    listed = values if isinstance(values, list) else []
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def _joined(parts: list[TableRows], layout: Layout) -> TableRows:
    names = (*layout.fixed, *layout.texts, *layout.raws)
    if not parts:
        return {name: np.zeros(0, dtype=layout.fixed.get(name, (0, "O"))[1]) for name in names}
    return {name: np.concatenate([part[name] for part in parts]) for name in names}
