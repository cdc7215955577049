"""What a test says of a database: its tables, their columns, their rows, and how all of it is laid down."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from factory.sqlserver.kinds import LATIN, Kind, Raw, Value, kind

Row = Sequence[Value | Raw]
FAMILY, FORK = uuid.UUID(int=0x52), uuid.UUID(int=0x53)
CREATED = datetime.fromisoformat("2016-01-02T03:04:05")


@dataclass(frozen=True)
class Column:
    """One column. Values of a dropped column are not among the rows of the table."""

    name: str
    type: str
    collation: int = LATIN
    encoding: str = "cp1252"
    """Of char, varchar and text; must fit the collation."""
    since: int = 0
    """Rows before this one were written before the column was added: their records end earlier."""
    dropped: bool = False
    default: Value = None
    """What `ALTER TABLE ADD ... NOT NULL DEFAULT` shows for rows written before (2012 and later).

    The catalog's part of it is not written."""
    nullable: bool = True

    @cached_property
    def kind(self) -> Kind:
        """Its type, taken apart."""
        return kind(self.type)


@dataclass(frozen=True)
class Prepared:
    """One data page that somebody else filled: `records` in slot order, behind `head` (page compression)."""

    records: Sequence[bytes]
    head: bytes = b""


@dataclass(frozen=True)
class Table:
    """One table and its rows; positions of rows count from 0."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Row] = ()
    schema: str = "dbo"
    clustered: tuple[str, ...] = ()
    """Names of key columns; none: a heap. Rows are laid down in the order given."""
    unique: bool = True
    """False: a hidden uniquifier column; rows with the key of the row before get a number."""
    mixed: bool = True
    """The first eight pages come from mixed extents (the rule before 2016)."""
    forwarded: frozenset[int] = frozenset()
    """Rows that moved and left a stub."""
    ghosts: int = 0
    """Deleted records that are still there, for each page."""
    places: tuple[tuple[int, int], ...] = ((1, 0),)
    """(file id, lowest page number) in which extents are taken, in turns."""
    repeat: int = 1
    """How often all pages of a heap without outside values are laid down: large files in little time."""
    compression: int = 0
    """As the catalog says it: 0 none, 1 row, 2 page. Its records come from `prepared`."""
    prepared: Sequence[Prepared] | None = None
    """Pages in place of those that `rows` would give; `rows` still says what is in them."""
    row_count: int | None = None
    """What the catalog says; None: the truth."""
    shipped: bool = False

    @property
    def visible(self) -> list[Column]:
        """Those a query shows."""
        return [column for column in self.columns if not column.dropped]


def columns(**types: str) -> tuple[Column, ...]:
    """`columns(id="int", name="nvarchar(40)")`."""
    return tuple(Column(name, declared) for name, declared in types.items())


@dataclass(frozen=True)
class Database:
    """One database."""

    tables: Sequence[Table] = ()
    name: str = "150"
    version: int = 852
    creation: int | None = None
    level: int = 130
    protection: str = "checksum"
    """`checksum torn none`."""
    leftovers: bool = True
    """Pages that are not allocated hold old pages with rows that are no longer."""
    family: uuid.UUID = FAMILY
    fork: uuid.UUID = FORK
    created: datetime = CREATED
    collation: int = LATIN
