"""What stands inside a database, as both fronts show it: tables, columns, damage, and what was verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.model.evidence import Finding


@dataclass(frozen=True, slots=True)
class ColumnInside:
    """One column of a table, in the order of its definition."""

    name: str
    type: str
    """Of SQL Server, without arguments: `nvarchar`."""
    declared: str
    """With them: `nvarchar(40)`, `decimal(19,4)`."""
    length: int
    """Bytes, -1 for MAX: as `sys.columns.max_length`."""
    precision: int
    scale: int


@dataclass(frozen=True, slots=True)
class TableInside:
    """One user table: an object of type `U` with a positive id."""

    id: int
    schema: str
    name: str
    columns: tuple[ColumnInside, ...]
    catalog_rows: int
    """As the catalog of the database counts them."""
    ms_shipped: bool = False
    storage: str = "rows"
    """How its rows are kept: `rows row-compressed page-compressed columnstore elsewhere`."""
    rows: int | None = None
    """That were found; None: not counted yet, or kept in a way that nobody reads here."""

    @property
    def full_name(self) -> str:
        """With its schema."""
        return f"{self.schema}.{self.name}"

    @property
    def differs(self) -> bool:
        """Other rows were found than the catalog counts."""
        return self.rows is not None and self.rows != self.catalog_rows


@dataclass(frozen=True, slots=True)
class DamageInside:
    """One thing that does not hold. `code` names the sentence `inside.damage.<code>`."""

    code: str
    file_id: int
    page: int
    slot: int | None = None
    table: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """Everything that was checked, and what did not hold."""

    checked: Mapping[str, int]
    """How many of what: `pages`, `streams`, `records`, `tables`, `rows` and others."""
    damage: tuple[DamageInside, ...] = ()
    more: int = 0
    """Damages beyond those."""
    differing: tuple[TableInside, ...] = ()
    """Tables whose rows are not as many as the catalog counts."""
    unread: tuple[TableInside, ...] = ()
    """Tables whose rows are kept in a way that nobody reads here."""
    findings: tuple[Finding, ...] = ()
    """What the containers around the database say."""
    broken: bool = False
    """A finding among them proves damage."""

    @property
    def whole(self) -> bool:
        """Everything holds."""
        return not (self.damage or self.differing or self.broken)
