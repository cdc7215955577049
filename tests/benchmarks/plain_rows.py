"""What `inside.py` measures, in a process of its own; among it a plain reader of one row at a time."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from core.formats.backup import inspect
from core.formats.inside.database import Database
from core.formats.inside.opening import open_backup

WHAT = {
    "header": "header (inspect, head only)",
    "catalog": "open, all tables and columns",
    "count": "rows counted",
    "batches": "all rows, batches (arrays, texts made)",
    "lists": "all rows, every value in Python",
    "verify": "verify",
    "plain": "plain reader, every value in Python",
}
PLAIN_ROWS = 300_000
"""As many as the plain reader reads of a large table: its speed does not change on the way."""
EPOCH = datetime.fromisoformat("1900-01-01")


def work(what: str, path: str) -> int:
    """Do it; the number of rows that came by."""
    if what == "header":
        inspect(path, whole=False)
        return 0
    with open_backup(path) as database:
        return _work(what, path, database)


def _work(what: str, path: str, database: Database) -> int:
    if what == "verify":
        return sum(check.rows or 0 for check in database.verify().tables)
    if what == "plain":
        return sum(1 for _ in islice(plain_rows(path, database), PLAIN_ROWS))
    if what == "count":
        return sum(database.count(each) for each in database.tables())
    count = 0
    for each in database.tables():
        for batch in () if what == "catalog" else database.read(each):
            count += batch.rows
            for column in batch.columns:
                _ = column.values if what == "batches" else column.to_list()
    return count


def plain_rows(path: str, database: Database) -> Iterator[list[object]]:
    """Rows of the heaps in a data file, without any check; the catalog is ours."""
    with open(path, "rb") as file:
        for found in database.tables():
            for partition in found.partitions:
                shape = [(partition.columns[each.number], each.type) for each in found.columns]
                for _, numbers in database._system.unit(partition.rowset):
                    for number in numbers.tolist():
                        file.seek(number * 8192)
                        yield from _page(file.read(8192), shape)


def _page(page: bytes, shape: list[tuple[Any, Any]]) -> Iterator[list[object]]:
    if page[1] != 1:
        return
    for slot in range(struct.unpack_from("<H", page, 22)[0]):
        (start,) = struct.unpack_from("<H", page, 8190 - 2 * slot)
        if start and page[start] >> 1 & 7 <= 1:
            yield _row(page, start, shape)


def _row(page: bytes, start: int, shape: list[tuple[Any, Any]]) -> list[object]:
    end = start + struct.unpack_from("<H", page, start + 2)[0]
    (count,) = struct.unpack_from("<H", page, end)
    nulls = end + 2
    after = nulls + (count + 7) // 8
    variables = struct.unpack_from("<H", page, after)[0] if page[start] & 0x20 else 0
    values: list[object] = []
    for place, kind in shape:
        bit = place.null_bit - 1
        if page[nulls + bit // 8] >> bit % 8 & 1:
            values.append(None)
        elif place.offset >= 0:
            at = start + place.offset
            if kind.encoding is not None:
                values.append(page[at : at + kind.width].decode(kind.encoding))
            else:
                values.append(_value(page, at, kind, place.bit))
        else:
            ordinal = -place.offset
            ends = after + 2
            first = after + 2 + 2 * variables if ordinal == 1 else start + _end(page, ends, ordinal - 1)
            last = start + _end(page, ends, ordinal) if ordinal <= variables else first
            values.append(page[first:last].decode(kind.encoding))
    return values


def _end(page: bytes, ends: int, ordinal: int) -> int:
    found: int = struct.unpack_from("<H", page, ends + 2 * (ordinal - 1))[0]
    return found & 0x7FFF


def _value(page: bytes, at: int, kind: Any, bit: int) -> object:
    if kind.name in _STRUCT:
        return struct.unpack_from(_STRUCT[kind.name], page, at)[0]
    if kind.name == "bit":
        return page[at] >> bit & 1 == 1
    if kind.name == "money":
        return Decimal(struct.unpack_from("<q", page, at)[0]).scaleb(-4)
    if kind.name == "decimal":
        number = int.from_bytes(page[at + 1 : at + kind.width], "little")
        return Decimal(number if page[at] else -number).scaleb(-kind.scale)
    if kind.name == "datetime":
        ticks, days = struct.unpack_from("<Ii", page, at)
        return EPOCH + timedelta(days=days, milliseconds=round(ticks * 10 / 3))
    if kind.name == "date":
        return date.fromordinal(1 + int.from_bytes(page[at : at + 3], "little"))
    if kind.name == "datetime2":
        seconds, rest = divmod(int.from_bytes(page[at : at + 5], "little"), 10**7)
        day = date.fromordinal(1 + int.from_bytes(page[at + 5 : at + 8], "little"))
        return datetime.combine(day, time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest // 10))
    if kind.name == "uniqueidentifier":
        return str(UUID(bytes_le=page[at : at + 16])).upper()
    return page[at : at + kind.width]


_STRUCT = {"tinyint": "<B", "smallint": "<h", "int": "<i", "bigint": "<q", "real": "<f", "float": "<d"}
