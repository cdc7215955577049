"""The system tables of a database, 2005 to 2022: what the corpus has in the columns that a reader needs."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import datetime

from factory.sqlserver.model import Database
from factory.sqlserver.page import DATA, Page
from factory.sqlserver.space import DataFile, Unit
from factory.sqlserver.tables import IN_ROW, Laid

FIRST_2008 = 655
FIRST_2012 = 684
ROWSET_COLUMNS_2005, ROWSETS, RSCOLS, UNITS, HOBT_COLUMNS_2005, HOBTS_2005 = 4, 5, 3, 7, 13, 15
OBJECTS, COLUMNS, CLASSES = 34, 41, 64
_NAMES = {
    3: "sysrscols", 4: "sysrowsetcolumns", 5: "sysrowsets", 7: "sysallocunits", 13: "syshobtcolumns", 15: "syshobts",
    34: "sysschobjs", 41: "syscolpars", 64: "sysclsobjs",
}  # fmt: skip
_DROPPED = 0x0400_0000
_SCHEMAS = {"dbo": 1, "guest": 2, "INFORMATION_SCHEMA": 3, "sys": 4}
Record = tuple[bytes, bytes | None]
"""(fixed part behind the header, name)."""


class Catalog:
    """Writes all system tables; `first` is where sysallocunits starts, which the boot page tells."""

    def __init__(self, database: Database, files: dict[int, DataFile], tables: list[Laid]) -> None:
        self.database, self.files, self.tables = database, files, tables
        self.version = database.version
        self.units: dict[int, Unit] = {}
        self.counts: dict[int, int] = {}
        contents = self._contents()
        for number, (columns, rows) in contents.items():
            self._lay(number, columns, rows)
        # These two speak of all the others and of themselves: pages first, contents after.
        for number in (UNITS, ROWSETS):
            self.units[number] = self._unit(number)
        self.counts[UNITS] = len(contents) + 2 + sum(len(laid.units) for laid in tables)
        self.counts[ROWSETS] = len(contents) + 2 + len(tables)
        pages = {
            ROWSETS: self._pages(ROWSETS, self._rowsets()),
            UNITS: self._pages(UNITS, [self._unit_row(each) for each in self._all_units()]),
        }
        for unit in self.units.values():
            unit.finish()
        self._fill(pages[ROWSETS], self._rowset_columns, self._rowsets())
        self._fill(pages[UNITS], 11 if self.version not in range(FIRST_2008, FIRST_2012) else 12,
                   [self._unit_row(each) for each in self._all_units()])  # fmt: skip
        first = pages[UNITS][0]
        self.first = (first.file_id, first.number)

    # -- pages -------------------------------------------------------------------------------------------------

    def _unit(self, number: int) -> Unit:
        return Unit(self.files, _rowset(number), IN_ROW, _rowset(number))

    def _lay(self, number: int, columns: int, rows: list[Record]) -> None:
        self.units[number] = self._unit(number)
        self.counts[number] = len(rows)
        self._fill(self._pages(number, rows), columns, rows)

    def _pages(self, number: int, rows: list[Record]) -> list[Page]:
        """As many linked pages as these rows need."""
        unit = self.units[number]
        pages = [unit.page(DATA, 4 + len(rows[0][0]))]
        room = pages[0].room
        for row in rows:
            length = len(record_of(row, 16)) + 2
            if room < length:
                pages.append(unit.page(DATA, 4 + len(row[0])))
                room = pages[-1].room
            room -= length
        for at, page in enumerate(pages):
            before = (pages[at - 1].file_id, pages[at - 1].number) if at else None
            after = (pages[at + 1].file_id, pages[at + 1].number) if at + 1 < len(pages) else None
            page.link(before, after)
        return pages

    @staticmethod
    def _fill(pages: list[Page], columns: int, rows: list[Record]) -> None:
        left = iter(pages)
        page = next(left)
        for row in rows:
            record = record_of(row, columns)
            while page.room < len(record):
                page = next(left)
            page.add(record)

    # -- contents ----------------------------------------------------------------------------------------------

    def _contents(self) -> dict[int, tuple[int, list[Record]]]:
        made = {
            OBJECTS: (12 if self.version >= FIRST_2012 else 11, self._objects()),
            COLUMNS: (16, self._columns()),
            CLASSES: (8, [self._class(number, name) for name, number in self._schemas().items()]),
        }
        if self.version >= FIRST_2008:
            return {RSCOLS: (13 if self.version >= FIRST_2012 else 14, self._rscols()), **made}
        return {
            ROWSET_COLUMNS_2005: (6, self._rowset_columns_2005()),
            HOBT_COLUMNS_2005: (15, self._hobt_columns_2005()),
            HOBTS_2005: (9, [self._hobt_2005(laid) for laid in self.tables] or [(bytes(33), None)]),
            **made,
        }

    def _schemas(self) -> dict[str, int]:
        made = dict(_SCHEMAS)
        for laid in self.tables:
            made.setdefault(laid.table.schema, len(made) + 1)
        return made

    def _class(self, number: int, name: str) -> Record:
        stamp = moment(self.database.created)
        return struct.pack("<BiI2sI", 50, number, 0, b"  ", 1) + stamp + stamp, name.encode("utf-16-le")

    def _objects(self) -> list[Record]:
        schemas = self._schemas()
        rows = [self._object(number, 4, name, b"S ", shipped=True) for number, name in _NAMES.items()]
        rows.append(self._object(-105, 4, "trace_xe_event_map", b"U ", shipped=True))
        rows.append(self._object(1977058079, 1, "a_view", b"V ", shipped=False))
        rows += [
            self._object(each.object_id, schemas[each.table.schema], each.table.name, b"U ", shipped=each.table.shipped)
            for each in self.tables
        ]
        return sorted(rows, key=lambda row: struct.unpack_from("<i", row[0]))

    def _object(self, number: int, schema: int, name: str, kind: bytes, *, shipped: bool) -> Record:
        stamp = moment(self.database.created)
        fixed = struct.pack("<iiBI2siBi", number, schema, 0, int(shipped), kind, 0, 1, 0) + stamp + stamp
        return fixed + (bytes(4) if self.version >= FIRST_2012 else b""), name.encode("utf-16-le")

    def _columns(self) -> list[Record]:
        rows: list[Record] = [self._column(3, 1, "rsid", (127, 8, 19, 0, 0), 1)]
        for laid in self.tables:
            for number, column in enumerate(laid.table.columns, 1):
                if not column.dropped:
                    kind = column.kind
                    facts = (kind.id, kind.declared, kind.precision, kind.scale, column.collation if kind.text else 0)
                    rows.append(self._column(laid.object_id, number, column.name, facts, int(not column.nullable)))
        return rows

    @staticmethod
    def _column(table: int, number: int, name: str, facts: tuple[int, int, int, int, int], status: int) -> Record:
        kind, length, precision, scale, collation = facts
        fixed = struct.pack("<ihiBihBBI", table, 0, number, kind, kind, length, precision, scale, collation)
        return fixed + struct.pack("<Ihiii", status, 0, 0, 0, 0), name.encode("utf-16-le")

    def _stored(self) -> Iterable[tuple[Laid, int, int, int, tuple[int, int, int], int]]:
        """(table, column number as stored, type, status, (offset, null bit, bit), key)."""
        for laid in self.tables:
            for spot in laid.layout.spots:
                kind = spot.column.kind
                told = (
                    kind.length if (kind.length > 0 and kind.text) or kind.name.endswith("binary") else kind.precision
                )
                info = kind.id | (max(told, 0) << 8) | (kind.scale << (24 if kind.text else 16))
                number = spot.number | (_DROPPED if spot.column.dropped else 0)
                status = 2 if spot.column.dropped else 0 if spot.column.nullable else 0x80
                yield laid, number, info, status, (spot.offset, spot.null_bit, spot.bit), spot.key

    def _rscols(self) -> list[Record]:
        rows: list[Record] = []
        for laid, number, info, status, (offset, null_bit, bit), key in self._stored():
            fixed = struct.pack("<qiiqiihhi", laid.rowset, number, number, 0, info, 0, key, 0, status)
            fixed += struct.pack("<hxxhxxh", offset, null_bit, bit)
            rows.append((fixed + (bytes(4) if self.version < FIRST_2012 else b""), None))
        return rows or [(bytes(50), None)]

    def _rowset_columns_2005(self) -> list[Record]:
        rows: list[Record] = [
            (struct.pack("<qiiiqh", laid.rowset, number, number, status, 0, 0), None)
            for laid, number, _, status, _, _ in self._stored()
        ]
        return rows or [(bytes(30), None)]

    def _hobt_columns_2005(self) -> list[Record]:
        rows: list[Record] = []
        for laid, number, info, status, (offset, null_bit, bit), key in self._stored():
            head = struct.pack("<qiihBhBBi", laid.rowset, number, status, key, info & 0xFF, 0, 0, 0, 0)
            rows.append((head + struct.pack("<hhBBhh", offset, 0, bit, 0, null_bit, 0), None))
        return rows or [(bytes(37), None)]

    @staticmethod
    def _hobt_2005(laid: Laid) -> Record:
        return struct.pack("<q", laid.rowset) + bytes(25), None

    @property
    def _rowset_columns(self) -> int:
        return 8 if self.version < FIRST_2008 else 18

    def _rowsets(self) -> list[Record]:
        rows = [
            self._rowset(_rowset(number), number, 1, self.counts.get(number, 0))
            for number in sorted({*self.counts, UNITS, ROWSETS})
        ]
        for laid in self.tables:
            told = laid.rows if laid.table.row_count is None else laid.table.row_count
            index = int(bool(laid.table.clustered))
            rows.append(self._rowset(laid.rowset, laid.object_id, index, told, laid.table.compression))
        return rows

    def _rowset(self, number: int, table: int, index: int, rows: int, compression: int = 0) -> Record:
        fixed = struct.pack("<qBiiiihq", number, 1, table, index, 1, 4, 0, rows)
        return fixed + (bytes([compression]) + bytes(17) if self.version >= FIRST_2008 else b""), None

    def _all_units(self) -> list[Unit]:
        return [*self.units.values(), *(unit for laid in self.tables for unit in laid.units)]

    def _unit_row(self, unit: Unit) -> Record:
        roots = {id(laid.units[0]): laid.root for laid in self.tables}
        fixed = struct.pack("<qBqih", unit.number, unit.kind, unit.owner, 0, 1)
        for address in (unit.first, roots.get(id(unit)), unit.iam):
            file_id, number = address or (0, 0)
            fixed += struct.pack("<IH", number, file_id)
        pages = len(unit.singles) + 8 * len(unit.extents)
        fixed += struct.pack("<qqq", pages, unit.data_pages, pages)
        return fixed + (bytes(4) if FIRST_2008 <= self.version < FIRST_2012 else b""), None


def record_of(row: Record, columns: int) -> bytes:
    """A record of a system table: fixed part, all columns there, at most one name."""
    fixed, name = row
    head = struct.pack("<BBH", 0x10 if name is None else 0x30, 0, 4 + len(fixed)) + fixed
    nulls = bytearray((columns + 7) // 8)
    for bit in range(columns, 8 * len(nulls)):
        nulls[bit // 8] |= 1 << bit % 8
    head += struct.pack("<H", columns) + nulls
    if name is None:
        return head
    return head + struct.pack("<HH", 1, len(head) + 4 + len(name)) + name


def moment(value: datetime) -> bytes:
    """A datetime as stored: 1/300 seconds, days since 1900."""
    since = value - datetime.fromisoformat("1900-01-01T00:00:00")
    return struct.pack("<II", since.seconds * 300, since.days)


def _rowset(number: int) -> int:
    """The rowset of a system table: those that the engine must find first have small numbers."""
    return number << 16 if number < 0x20 else 1 << 48 | number << 16
