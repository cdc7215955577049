"""What is said of damage and of tables with other rows, in both fronts."""

from __future__ import annotations

from core.model.inside import DamageInside, TableInside
from core.texts import has, say
from tui import wording


def damage_text(damage: DamageInside, language: str) -> str:
    """One damage as a sentence, with its table where that is known."""
    key = f"inside.damage.{damage.code}"
    slot = "-" if damage.slot is None else damage.slot
    words = {"file": damage.file_id, "page": damage.page, "slot": slot, "code": damage.code}
    text = say(key if has(key) else "inside.damage.other", language, **words)
    return say("inside.damage.of", language, table=damage.table, text=text) if damage.table else text


def differing_text(table: TableInside, language: str) -> str:
    """That other rows were found than the catalog counts."""
    rows, catalog = (wording.grouped(count, language) for count in (table.rows or 0, table.catalog_rows))
    return say("inside.differs", language, table=table.full_name, rows=rows, catalog=catalog)


def unread_text(table: TableInside, language: str) -> str:
    """That nobody reads its rows."""
    catalog = wording.grouped(table.catalog_rows, language)
    return say("inside.unread", language, table=table.full_name, storage=table.storage, catalog=catalog)


def counted_name(name: str, language: str) -> str:
    """What was counted by a verification."""
    key = f"inside.count.{name}"
    return say(key, language) if has(key) else name.replace("_", " ")
