"""From the reader's own values to what the fronts show."""

from __future__ import annotations

from core.formats.inside.catalog import Table
from core.formats.inside.damage import Damage
from core.formats.inside.types import ColumnType
from core.model.inside import ColumnInside, DamageInside, TableInside

_SIZED = frozenset({"binary", "char", "varbinary", "varchar"})
_WIDE = frozenset({"nchar", "nvarchar"})
COUNTED = "row-count"
"""The damage that says that a table has other rows than the catalog counts."""
_EXACT = frozenset({"decimal", "numeric"})
_TIMED = frozenset({"time", "datetime2", "datetimeoffset"})


def table_inside(table: Table) -> TableInside:
    """Not counted yet."""
    columns = tuple(
        ColumnInside(
            each.name, each.type.name, declared(each.type), each.type.length, each.type.precision, each.type.scale
        )
        for each in table.columns
    )
    return TableInside(table.id, table.schema, table.name, columns, table.rows, table.ms_shipped, table.storage)


def damage_inside(damage: Damage) -> DamageInside:
    """The same, for the fronts."""
    return DamageInside(damage.code, damage.file_id, damage.page, damage.slot, damage.table)


def declared(kind: ColumnType) -> str:
    """The type as a CREATE TABLE says it."""
    if kind.name in _EXACT:
        return f"{kind.name}({kind.precision},{kind.scale})"
    if kind.name in _TIMED:
        return f"{kind.name}({kind.scale})"
    if kind.name in _SIZED or kind.name in _WIDE:
        size = kind.length // 2 if kind.name in _WIDE else kind.length
        return f"{kind.name}({'max' if kind.length < 0 else size})"
    return kind.name
