"""Rows written in one transaction, and taken out again: the way back is kept beside them, in a table of our own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.administration import catalog, own
from core.administration.catalog import Shape
from core.administration.corrections.entries import EntrySet
from core.administration.corrections.entry_rows import TABLES, rows_of
from core.administration.corrections.masters import Masters, key
from core.administration.corrections.numbering import Place, whole
from core.administration.globe import amutak, amutas, dagbk, gbkmut
from core.errors import Refused

STEP = "book"
CHANGED = (*TABLES, "dagbk")
"""Every table of the client's that a booking touches."""

_VERSION = 1
_RANGES = 200
"""Key ranges in one statement."""
_ROWS = 1_000
"""Rows in one round."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What came of it."""

    numbers: tuple[str, ...]
    """Entry numbers, in the order of the entries."""
    guids: tuple[str, ...]
    """Their EntryGuids."""
    rows: int
    """Added to the three tables together."""


def write(
    connection: sa.Connection,
    entries: EntrySet,
    known: Masters,
    places: Sequence[Place],
    *,
    operation: str,
    author: int,
    now: datetime,
) -> Booked:
    """Write the rows and keep the way back. Part of the caller's transaction. Raises Refused."""
    if now.tzinfo is not None:
        # Globe keeps the wall clock.
        now = now.astimezone().replace(tzinfo=None)
    stamp = {"syscreated": now, "syscreator": author, "sysmodified": now, "sysmodifier": author}
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for entry, place in zip(entries.entries, places, strict=True):
        for name, row in rows_of(entry, place, known, stamp):
            made[name].append(row)
    shapes = catalog.shapes(connection)
    inserted = {name: _insert(connection, _shape(shapes, name), made[name]) for name in TABLES}
    booked = Booked(
        tuple(place.number.strip() for place in places),
        tuple(row["sysguid"] for row in made["amutak"]),
        sum(map(len, made.values())),
    )
    record = {
        "version": _VERSION,
        "set": entries.to_json(),
        "numbers": booked.numbers,
        "guids": booked.guids,
        "rows": booked.rows,
        "inserted": inserted,
        "sha256": {name: _digest(connection, _shape(shapes, name), inserted[name]) for name in TABLES},
        "journals": _note_last(connection, entries, known, places),
    }
    connection.execute(
        sa.insert(own.corrections).values(
            operation=operation, digest=entries.digest, reverses=entries.reverses or None, record=json.dumps(record)
        )
    )
    own.note_done(connection, operation, STEP)
    return booked


def booked(record: Mapping[str, Any]) -> Booked:
    """What came of it, from the record."""
    return Booked(tuple(record["numbers"]), tuple(record["guids"]), record["rows"])


def take_out(connection: sa.Connection, operation: str, record: Mapping[str, Any]) -> None:
    """Everything as it was before `write`. Raises Refused (`entries-changed`) when somebody changed it since."""
    shapes = catalog.shapes(connection)
    for name in TABLES:
        if _digest(connection, _shape(shapes, name), record["inserted"][name]) != record["sha256"][name]:
            raise Refused("entries-changed", operation=operation, table=name)
    for id_, before, after in record["journals"]:
        row = dagbk.c["ID"] == id_
        if connection.scalar(sa.select(dagbk.c.lbkstnr).where(row)) != after:
            raise Refused("entries-changed", operation=operation, table="dagbk")
        connection.execute(sa.update(dagbk).where(row).values(lbkstnr=before))
    for name in reversed(TABLES):
        table = _shape(shapes, name).table
        for ranges in _batched(record["inserted"][name], _RANGES):
            connection.execute(sa.delete(table).where(_within(table, ranges)))
    connection.execute(sa.delete(own.corrections).where(own.corrections.c.operation == operation))
    own.forget_done(connection, operation, STEP)


_NEEDED = {
    "amutak": {"bkjrcode", "periode", "dagbknr", "volgnr5", "bkstnr", "datum", "sysguid"},
    "amutas": {"bkjrcode", "periode", "dagbknr", "volgnr5", "regel", "bkstnr", "reknr", "bedrag", "sysguid"},
    "gbkmut": {
        "bkjrcode",
        "periode",
        "dagbknr",
        "bkstnr",
        "regel",
        "reknr",
        "bdr_hfl",
        "datum",
        "transtype",
        "entryguid",
    },
}
"""Without these an entry is none; other columns may be missing in a real administration."""
_TYPES = {table.name: {each.name.casefold(): each.type for each in table.columns} for table in (amutak, amutas, gbkmut)}


def _insert(connection: sa.Connection, shape: Shape, rows: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Add the rows; their ID as ranges."""
    name = shape.name.casefold()
    given = {each.casefold(): each for each in rows[0]}
    there = {each.name.casefold() for each in shape.columns}
    if not _NEEDED[name] | {"id"} <= there:
        raise Refused("entries-table", table=shape.name)
    columns: dict[str, Any] = {}
    for each in shape.columns:
        small = each.name.casefold()
        if small in given:
            columns[each.name] = None
        elif each.rule == "not null default None" and each.writable and small != "id":
            # A column of an add-on, or of a release that we do not know: it has to hold something.
            columns[each.name] = _nothing(shape, each.kind)
    target = sa.table(shape.name, *(sa.column(each, _TYPES[name].get(each.casefold())) for each in columns))
    table = shape.table
    before = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
    fixed = {each: value for each, value in columns.items() if each.casefold() not in given}
    keys = [(each, given[each.casefold()]) for each in columns if each.casefold() in given]
    for some in _batched(rows, _ROWS):
        connection.execute(sa.insert(target), [fixed | {each: row[mine] for each, mine in keys} for row in some])
    found = connection.execute(sa.select(table.c.id, table.c.sysguid).where(table.c.id > before).order_by(table.c.id))
    mine = {row["sysguid"] for row in rows}
    ids = [id_ for id_, guid in found if str(guid).upper() in mine]
    if len(ids) != len(rows):
        raise Refused("entries-table", table=shape.name)
    return list(_ranges(ids))


def _nothing(shape: Shape, kind: str) -> object:
    kind = kind.upper()
    if any(word in kind for word in ("CHAR", "TEXT")):
        return ""
    if any(word in kind for word in ("INT", "BIT", "FLOAT", "REAL", "DECIMAL", "NUMERIC")):
        return 0
    raise Refused("entries-table", table=shape.name)


def _note_last(
    connection: sa.Connection, entries: EntrySet, known: Masters, places: Sequence[Place]
) -> list[tuple[int, str | None, str]]:
    """Each journal's last entry number goes up; its ID, what it was and what it is. Nothing else of it changes."""
    highest: dict[str, str] = {}
    for entry, place in zip(entries.entries, places, strict=True):
        name = key(entry.journal)
        highest[name] = max(highest.get(name, ""), place.number, key=whole)
    changes = []
    for name, number in sorted(highest.items()):
        journal = known.journals[name]
        last = (journal.last or "").strip(" ")
        if whole(number) <= whole(last) or (last and not whole(last)):
            continue
        connection.execute(sa.update(dagbk).where(dagbk.c["ID"] == journal.id).values(lbkstnr=number))
        changes.append((journal.id, journal.last, number))
    return changes


def _digest(connection: sa.Connection, shape: Shape, ranges: Iterable[Sequence[int]]) -> str:
    """SHA-256 of these rows as they are stored, all but the row version."""
    table = shape.table
    columns = [table.c[each.name.casefold()] for each in shape.columns if each.writable]
    digest = hashlib.sha256()
    for some in _batched(ranges, _RANGES):
        query = sa.select(*columns).where(_within(table, some)).order_by(table.c.id)
        for row in connection.execute(query, execution_options={"yield_per": _ROWS}):
            digest.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _within(table: sa.Table, ranges: Iterable[Sequence[int]]) -> sa.ColumnElement[bool]:
    return sa.or_(*(table.c.id.between(first, last) for first, last in ranges))


def _ranges(ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers in ascending order as ranges without a gap."""
    first = last = None
    for each in ids:
        if last is not None and first is not None and each != last + 1:
            yield first, last
            first = None
        first, last = each if first is None else first, each
    if first is not None and last is not None:
        yield first, last


def _batched(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    items = list(items)
    yield from (items[at : at + size] for at in range(0, len(items), size))


def _shape(shapes: Mapping[str, Shape], name: str) -> Shape:
    found = catalog.shape(shapes, name)
    if found is None:
        raise Refused("entries-table", table=name)
    return found
