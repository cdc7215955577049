"""Pages of compressed rows that somebody spoiled: no crash, no hang, no more memory than the pages call for."""

from __future__ import annotations

import random
import struct
import tracemalloc
from decimal import Decimal

import numpy as np
from factory.sqlserver import compressed_rows as written
from factory.sqlserver.compressed_rows import compressed, page_of
from factory.sqlserver.kinds import Value, kind
from factory.sqlserver.model import Column, Table
from factory.sqlserver.page import DATA, Page, sealed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.formats.inside.catalog import Partition, Stored, TableColumn
from core.formats.inside.compressed_rows import CompressedReader
from core.formats.inside.damage import DamageBook
from core.formats.inside.lob import Lobs
from core.formats.inside.page import verify
from core.formats.inside.store import PlacedStore
from core.formats.inside.types import ColumnType, type_of

QUICK = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def told(declared: str) -> ColumnType:
    what = kind(declared)
    return type_of(what.id, what.declared, what.precision, what.scale, 0x3400_D008)


EVERY = (
    "int", "varchar(40)", "nvarchar(40)", "decimal(38,5)", "datetime", "datetime2(7)", "bit", "char(8000)", "text",
    "nvarchar(max)", "uniqueidentifier", "float", "nchar(30)", "xml", "datetimeoffset(2)", "sql_variant",
)  # fmt: skip
WANTED = [TableColumn(f"c{at}", told(each), at + 1) for at, each in enumerate(EVERY)]
PARTITION = Partition(1, 0, 2, {each.number: Stored(4, each.number, 0) for each in WANTED})


def hostile(data: bytes) -> DamageBook:
    """Read a page of these bytes, whose checksum is right."""
    page = sealed(data, "checksum")
    pages = np.frombuffer(page, dtype=np.uint8).reshape(1, -1).copy()
    assert not verify(pages)[1].any()
    store = PlacedStore([], {})
    reader = CompressedReader("t", Lobs(store), store.damage)
    for rows, made in reader.read(pages, 1, np.array([77]), PARTITION, WANTED):
        for column in made:
            assert len(column.to_list()) == rows
    return store.damage


def random_page(seed: int, body: bytes, count: int, *, shared: bool) -> bytes:
    chance_of = random.Random(seed)
    page = bytearray(8192)
    page[:96] = Page(DATA, 1, 77).data[:96]
    page[2] |= 0x80 if shared else 0
    page[96:] = (body * (8096 // max(1, len(body)) + 1))[:8096] if body else chance_of.randbytes(8096)
    struct.pack_into("<H", page, 22, count)
    for slot in range(min(count, 400)):
        start = chance_of.choice([0, 96, 120, chance_of.randrange(65536), chance_of.randrange(8192)])
        struct.pack_into("<H", page, 8190 - 2 * slot, start)
    for _ in range(50):
        page[chance_of.randrange(96, 7000)] = chance_of.choice([1, 0x21, 0x23, 2, 4, 6, 0x11])
    return bytes(page)


@QUICK
@given(st.integers(0, 2**32), st.binary(max_size=60), st.sampled_from([0, 1, 9, 60, 400, 4048, 65535]), st.booleans())
def test_no_page_upsets_the_reader(seed: int, body: bytes, count: int, shared: bool) -> None:
    hostile(random_page(seed, body, count, shared=shared))


@QUICK
@given(st.data())
def test_no_change_of_a_good_page_upsets_the_reader(data: st.DataObject) -> None:
    constant: list[Value] = ["tekst", "lang", "00000000-0000-0000-0000-000000000007", 1.5, "n", None, None, None]
    rows: list[list[Value]] = [
        [
            at,
            f"n {at % 5}",
            "ż" * (at % 9),
            Decimal(at),
            None,
            "2024-01-01T10:00:00.1234567",
            at % 2 == 0,
            "x",
            *constant,
        ]
        for at in range(20)
    ]
    table = Table("t", [Column(f"c{at}", each) for at, each in enumerate(EVERY)], rows)
    first = (compressed(table, 2).prepared or [])[0]
    page = bytearray(page_of(list(first.records), first.head))
    for _ in range(data.draw(st.integers(1, 12))):
        page[data.draw(st.integers(96, 8191))] = data.draw(st.integers(0, 255))
    hostile(bytes(page))


def test_little_bytes_do_not_become_much_memory() -> None:
    """Slots on top of each other, and anchors that every cell takes whole."""
    head = written.shared([b"a" * 3000], [])
    wide = written.record([(3000 | 0x8000).to_bytes(2, "big") + b"x"] * 1)
    page = bytearray(page_of([wide] * 600, head))
    struct.pack_into("<H", page, 22, 2400)
    at = int.from_bytes(page[8188:8190], "little")
    for slot in range(600, 1200):
        struct.pack_into("<H", page, 8190 - 2 * slot, at)
    tracemalloc.start()
    damage = hostile(bytes(page))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert damage.found
    assert peak < 40 << 20
