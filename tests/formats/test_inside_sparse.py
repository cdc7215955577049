"""Sparse columns. *Built from documentation*: one vector is a published one, the other samples are our own."""

from __future__ import annotations

import contextlib
import struct
from datetime import datetime

import numpy as np
from factory.sqlserver.compressed_rows import page_of
from factory.sqlserver.kinds import encode, kind
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.formats.inside.catalog import Partition, Stored, TableColumn
from core.formats.inside.cells import Pointer
from core.formats.inside.column import Undecoded
from core.formats.inside.damage import DamageBook
from core.formats.inside.lob import Lobs
from core.formats.inside.records import records_of
from core.formats.inside.rows import RowReader
from core.formats.inside.sparse import BadVector, values_of
from core.formats.inside.store import PlacedStore
from core.formats.inside.types import ColumnType, type_of

QUICK = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def told(declared: str) -> ColumnType:
    what = kind(declared)
    return type_of(what.id, what.declared, what.precision, what.scale, 0x3400_D008)


def test_published_sparse_vector() -> None:
    vector = bytes.fromhex("05000200030006001000140003000000d2040000")
    assert values_of(vector) == {3: struct.pack("<i", 3), 6: struct.pack("<i", 1234)}


def sparse_record(number: int, values: dict[int, bytes], far: frozenset[int] = frozenset()) -> bytes:
    """An uncompressed record: an int, a varchar, and behind them the vector of the sparse columns."""
    end, ends = 4 + 4 * len(values), []
    for column, value in values.items():
        end += len(value)
        ends.append(end | 0x8000 if column in far else end)
    vector = struct.pack(f"<HH{len(values)}H{len(values)}H", 5, len(values), *values, *ends) + b"".join(values.values())
    head = struct.pack("<BBHiHB", 0x30, 0, 8, number, 2, 0)
    text = f"n{number}".encode()
    start = len(head) + 2 + 4
    parts = struct.pack("<HHH", 2, start + len(text), start + len(text) + len(vector) | 0x8000)
    return head + parts + text + vector if values else head + struct.pack("<HH", 1, start - 2 + len(text)) + text


SPARSE = [
    TableColumn("a", told("int"), 1), TableColumn("b", told("varchar(9)"), 2),
    TableColumn("c", told("int"), 3, sparse=True), TableColumn("d", told("nvarchar(9)"), 4, sparse=True),
    TableColumn("e", told("datetime2(3)"), 5, sparse=True), TableColumn("f", told("bit"), 6, sparse=True),
]  # fmt: skip
PLACES = Partition(1, 0, 0, {1: Stored(4, 1, 0), 2: Stored(-1, 2, 0)})


def sparse_rows(records: list[bytes]) -> tuple[list[tuple[object, ...]], DamageBook]:
    pages = np.frombuffer(page_of(records), dtype=np.uint8).reshape(1, -1)
    store = PlacedStore([], {})
    found = records_of(pages, store.damage, 1, np.array([77]))
    made = RowReader("t", Lobs(store), store.damage).columns(found, PLACES, SPARSE)
    return list(zip(*(column.to_list() for column in made), strict=True)), store.damage


def test_sparse_columns() -> None:
    moment = encode(kind("datetime2(3)"), "2024-02-29T12:00:00.5")
    records = [
        sparse_record(1, {3: struct.pack("<i", -7), 6: b"\x01"}),
        sparse_record(2, {}),
        sparse_record(3, {4: "ż".encode("utf-16-le"), 5: moment}),
        sparse_record(4, {3: b"\x01\x02"}),
    ]
    rows, damage = sparse_rows(records)
    assert rows == [
        (1, "n1", -7, None, None, True),
        (2, "n2", None, None, None, None),
        (3, "n3", None, "ż", datetime.fromisoformat("2024-02-29T12:00:00.500"), None),
        (4, "n4", Undecoded("int", b"\x01\x02"), None, None, None),
    ]
    assert damage.all == ()


def test_a_sparse_value_outside_its_row() -> None:
    rows, _ = sparse_rows([sparse_record(1, {4: bytes(24)}, frozenset({4}))])
    assert rows[0][3] == Undecoded("lob", bytes(24))
    assert values_of(bytes.fromhex("0500010004000980") + b"x") == {4: Pointer(b"x")}


@QUICK
@given(st.binary(max_size=60), st.binary(max_size=20))
def test_no_vector_upsets_the_reader(rest: bytes, value: bytes) -> None:
    with contextlib.suppress(BadVector):
        values_of(b"\x05\x00" + rest)
    good = bytearray(sparse_record(1, {3: value, 4: value}))
    good[-len(rest) - 1 :] = rest[: len(good)] + b"\x01"
    sparse_rows([bytes(good)])


def test_a_broken_vector_is_damage() -> None:
    record = bytearray(sparse_record(1, {3: b"\x01\x00\x00\x00"}))
    at = record.index(b"\x05\x00\x01\x00")
    record[at + 2] = 9
    rows, damage = sparse_rows([bytes(record)])
    assert rows[0][:3] == (1, "n1", Undecoded("record", b""))
    assert [each.code for each in damage.all] == ["record"]
