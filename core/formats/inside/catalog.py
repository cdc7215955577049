"""The user tables of a database, from its own catalog. Layout of the system tables: [observed].

Meaning of status bits: [documented: text of the views sys.columns, sys.objects and
sys.system_internals_partition_columns].
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from core.formats.inside.column import Undecoded
from core.formats.inside.system import (
    CLASSES,
    COLUMNS,
    ENGINE_VALUES,
    FIRST_2008,
    FIRST_2012,
    HOBT_COLUMNS_2005,
    OBJECTS,
    ROWSET_COLUMNS,
    ROWSET_COLUMNS_2005,
    SystemTables,
    TableRows,
)
from core.formats.inside.types import ColumnType, type_of
from core.formats.inside.values import variant_of

_DROPPED, _INTERNAL = 0x0400_0000, 0x0800_0000
"""In the number of a stored column: no column of the table any more; change tracking's own."""
_NOT_NULL, _IDENTITY, _COMPUTED, _FILESTREAM, _SPARSE, _COLUMN_SET = 1, 4, 16, 32, 0x0100_0000, 0x0200_0000
_SCHEMA_CLASS: Final = 50
_SHIPPED: Final = 1
_OUT_OF_ROW_DEFAULT: Final = 1
NONE, COLUMNSTORE = 0, 3
"""Compression of a rowset: 1 row, 2 page, 4 columnstore packed once more."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a column is in the records of one rowset."""

    offset: int
    """Byte in the fixed part; negative: ordinal among the variable columns."""
    null_bit: int
    """From 1; 0: never NULL."""
    bit: int
    """Position of a bit column in its byte."""
    default: object = None
    """What it is in rows written before it came (2012 and later); None: the catalog keeps none."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of a table, in the order of its definition."""

    name: str
    type: ColumnType
    number: int
    nullable: bool = True
    identity: bool = False
    computed: bool = False
    filestream: bool = False
    sparse: bool = False
    column_set: bool = False
    """All sparse columns once more, as XML; made when asked for."""

    @property
    def unreadable(self) -> str:
        """Why its values are not to be had although they are stored; empty: they are."""
        return "filestream" if self.filestream else "sparse" if self.sparse else ""

    @property
    def unstored(self) -> str:
        """Why the rowset has no place for it."""
        return "computed" if self.computed else "column-set" if self.column_set else "catalog"


@dataclass(frozen=True, slots=True)
class Partition:
    """One rowset: a heap or a clustered index, or a part of it."""

    rowset: int
    rows: int
    """As the catalog counts them."""
    compression: int
    """0 none, 1 row, 2 page, 3 and 4 columnstore."""
    columns: dict[int, Stored] = field(default_factory=dict)
    """Column number -> its place."""
    clustered: bool = False
    number: int = 1
    """Of the partition, from 1."""


@dataclass(frozen=True, slots=True)
class Table:
    """One user table."""

    id: int
    schema: str
    name: str
    ms_shipped: bool
    columns: tuple[TableColumn, ...]
    partitions: tuple[Partition, ...]

    @property
    def rows(self) -> int:
        """As the catalog counts them."""
        return sum(each.rows for each in self.partitions)

    @property
    def full_name(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"

    @property
    def storage(self) -> str:
        """How its rows are kept: `rows`, `row-compressed`, `page-compressed`, `columnstore` or `elsewhere`.

        The last of its partitions counts. `elsewhere`: no rowset here, as of memory-optimised and external tables.
        """
        if not self.partitions:
            return "elsewhere"
        names = ("rows", "row-compressed", "page-compressed", "columnstore")
        return names[min(max(each.compression for each in self.partitions), COLUMNSTORE)]


def read_catalog(system: SystemTables) -> tuple[Table, ...]:
    """Every object of type `U` with a positive id, by schema and name."""
    objects = system.read(34, OBJECTS)
    schemas = _schemas(system)
    columns = _columns(system)
    partitions = _partitions(system, _stored(system))
    found = []
    for at in np.flatnonzero((objects["type"] == b"U ") & (objects["id"] > 0)).tolist():
        number = int(objects["id"][at])
        found.append(
            Table(
                number,
                schemas.get(int(objects["schema"][at]), "?"),
                str(objects["name"][at]),
                bool(objects["status"][at] & _SHIPPED),
                tuple(columns.get(number, ())),
                tuple(partitions.get(number, ())),
            )
        )
    return tuple(sorted(found, key=lambda table: (table.schema.casefold(), table.name.casefold(), table.id)))


def _schemas(system: SystemTables) -> dict[int, str]:
    rows = system.read(64, CLASSES)
    which = rows["class"] == _SCHEMA_CLASS
    return {int(number): str(name) for number, name in zip(rows["id"][which], rows["name"][which], strict=True)}


def _columns(system: SystemTables) -> dict[int, list[TableColumn]]:
    rows: TableRows = system.read(41, COLUMNS)
    found: defaultdict[int, list[TableColumn]] = defaultdict(list)
    for at in np.flatnonzero((rows["number"] == 0) & (rows["object"] > 0)).tolist():
        kind = type_of(
            *(int(rows[name][at]) for name in ("type", "length", "precision", "scale", "collation")),
            user_type=int(rows["user_type"][at]),
        )
        status = int(rows["status"][at])
        found[int(rows["object"][at])].append(
            TableColumn(
                str(rows["name"][at]),
                kind,
                int(rows["column"][at]),
                nullable=not status & _NOT_NULL,
                identity=bool(status & _IDENTITY),
                computed=bool(status & _COMPUTED),
                filestream=bool(status & _FILESTREAM),
                sparse=bool(status & _SPARSE),
                column_set=bool(status & _COLUMN_SET),
            )
        )
    for own in found.values():
        own.sort(key=lambda column: column.number)
    return found


def _listed(rows: TableRows, *names: str) -> zip[tuple[int, ...]]:
    return zip(*(rows[name].tolist() for name in names), strict=True)


def _stored(system: SystemTables) -> dict[int, dict[int, Stored]]:
    """Rowset -> column number -> place. Dropped and internal columns and the uniquifier (number 0) have no name."""
    found: defaultdict[int, dict[int, Stored]] = defaultdict(dict)
    if system.version < FIRST_2008:
        rows = system.read(13, HOBT_COLUMNS_2005)
        places = {
            (rowset, stored): Stored(*rest)
            for rowset, stored, *rest in _listed(rows, "rowset", "stored", "offset", "null_bit", "bit")
        }
        for rowset, column, stored in _listed(system.read(4, ROWSET_COLUMNS_2005), "rowset", "column", "stored"):
            if not column & (_DROPPED | _INTERNAL) and (rowset, stored) in places:
                found[rowset][column] = places[rowset, stored]
        return found
    defaults = _defaults(system)
    names = ("rowset", "column", "stored", "offset", "null_bit", "bit")
    for rowset, column, stored, offset, null_bit, bit in _listed(system.read(3, ROWSET_COLUMNS), *names):
        if not column & (_DROPPED | _INTERNAL):
            found[rowset][column] = Stored(offset, null_bit, bit, defaults.get((rowset, stored)))
    return found


def _defaults(system: SystemTables) -> dict[tuple[int, int], object]:
    """(rowset, stored column) -> what the column is in rows that were written before it came."""
    if system.version < FIRST_2012:
        return {}
    rows = system.read(9, ENGINE_VALUES)
    which = (rows["class"] == _OUT_OF_ROW_DEFAULT) & (rows["number"] == 0)
    return {
        (int(rowset), int(stored)): variant_of(raw) if raw else Undecoded("default", b"")
        for rowset, stored, raw in zip(
            *(rows[name][which].tolist() for name in ("rowset", "stored", "value")), strict=True
        )
    }


def _partitions(system: SystemTables, stored: dict[int, dict[int, Stored]]) -> dict[int, list[Partition]]:
    rows = system.rowsets
    found: defaultdict[int, list[Partition]] = defaultdict(list)
    for at in np.flatnonzero(np.isin(rows["index"], (0, 1)) & (rows["object"] > 0)).tolist():
        rowset = int(rows["id"][at])
        found[int(rows["object"][at])].append(
            Partition(
                rowset,
                int(rows["rows"][at]),
                int(rows["compression"][at]),
                stored.get(rowset, {}),
                clustered=bool(rows["index"][at] == 1),
                number=int(rows["part"][at]),
            )
        )
    for own in found.values():
        own.sort(key=lambda each: (each.number, each.rowset))
    return found
