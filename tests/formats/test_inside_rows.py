"""Rows from records: columns that came or went, rows that moved, what is not stored, and what contradicts itself."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from factory.sqlserver import damage
from factory.sqlserver.kinds import Value
from factory.sqlserver.model import Column, Database, Row, Table, columns
from factory.sqlserver.rows import NullRoot
from factory.sqlserver.write import Layout, lay, write_layout

from core.errors import BadFormat, Cancelled
from core.formats.inside.catalog import Table as Found
from core.formats.inside.catalog import TableColumn
from core.formats.inside.column import Undecoded
from core.formats.inside.damage import DamageBook
from core.formats.inside.database import Database as Opened
from core.formats.inside.opening import open_backup
from core.formats.inside.records import PRIMARY, Records, records_of

PAGE = 8192


@contextmanager
def opened(folder: Path, *tables: Table, version: int = 852) -> Iterator[Opened]:
    layout = lay(Database(tables, version=version))
    write_layout(folder / "a.mdf", layout)
    with open_backup(folder / "a.mdf") as database:
        yield database


@contextmanager
def spoiled(folder: Path, layout: Layout, page: int, how: damage.Spoil) -> Iterator[Opened]:
    """One page changed, under a checksum that says all is well."""
    write_layout(folder / "a.mdf", layout)
    damage.spoil(folder / "a.mdf", page, how, reseal="checksum")
    with open_backup(folder / "a.mdf") as database:
        yield database


def rows(database: Opened, table: Found | None = None) -> list[tuple[object, ...]]:
    table = table or database.tables()[0]
    return [
        row for batch in database.read(table) for row in zip(*(each.to_list() for each in batch.columns), strict=True)
    ]


def codes(database: Opened) -> set[tuple[str, str]]:
    return {(each.code, each.table) for each in database.damage.all}


@pytest.mark.parametrize("version", [611, 655, 852])
def test_bits_share_a_byte(tmp_path: Path, version: int) -> None:
    shape = columns(**{f"b{at}": "bit" for at in range(19)})
    written: list[list[Value]] = [[bool(row >> at % 7 & 1) for at in range(19)] for row in range(128)]
    with opened(tmp_path, Table("t", shape, written), version=version) as database:
        assert rows(database) == [tuple(row) for row in written]


def test_rows_from_before_a_column_came(tmp_path: Path) -> None:
    shape = [Column("a", "int"), Column("b", "varchar(9)", since=2), Column("c", "int", since=2)]
    with opened(tmp_path, Table("t", shape, [[1, None, None], [2, None, None], [3, "x", 4]])) as database:
        assert rows(database) == [(1, None, None), (2, None, None), (3, "x", 4)]


def with_column(table: Found, at: int, default: object = None, **changes: object) -> Found:
    """The table as the catalog would say it of another column `at`."""
    column = replace(table.columns[at], **changes)  # type: ignore[arg-type]
    partition = table.partitions[0]
    place = replace(partition.columns[column.number], default=default)
    return replace(
        table,
        columns=(*table.columns[:at], column, *table.columns[at + 1 :]),
        partitions=(replace(partition, columns={**partition.columns, column.number: place}),),
    )


def test_the_default_of_a_column_that_came_later(tmp_path: Path) -> None:
    """The catalog keeps it, or nobody knows it: it is never taken for NULL."""
    shape = [Column("a", "int"), Column("b", "int", since=1), Column("c", "varchar(9)", since=1)]
    with opened(tmp_path, Table("t", shape, [[1, None, None], [2, 5, "x"]])) as database:
        table = database.tables()[0]
        known = with_column(with_column(table, 1, default=7, nullable=False), 2, default="std", nullable=False)
        assert rows(database, known) == [(1, 7, "std"), (2, 5, "x")]
        unknown = with_column(table, 2, nullable=False)
        assert rows(database, unknown) == [(1, None, Undecoded("default", b"")), (2, 5, "x")]
        batch = next(database.read(known, ["b"]))
        assert not batch.columns[0].null.any()
        assert not batch.columns[0].plain


def test_dropped_columns_keep_their_place(tmp_path: Path) -> None:
    shape = [
        Column("a", "varchar(9)"), Column("gone", "int", dropped=True), Column("b", "bit"),
        Column("gone too", "varchar(9)", dropped=True), Column("c", "nvarchar(9)"), Column("d", "bit"),
    ]  # fmt: skip
    written: list[list[Value]] = [["x", True, "één", False], [None, None, None, True], ["", False, "", None]] * 40
    with opened(tmp_path, Table("t", shape, written)) as database:
        assert rows(database) == [tuple(row) for row in written]


def test_rows_that_moved(tmp_path: Path) -> None:
    """Also when the last columns are empty: behind them stands where the stub is, which is no value."""
    shape = columns(a="int", b="varchar(50)", c="nvarchar(50)")
    written: list[list[Value]] = [[at, "x" * (at % 50), ("", None, "y")[at % 3]] for at in range(600)]
    with opened(tmp_path, Table("t", shape, written, forwarded=frozenset(range(0, 600, 7)), ghosts=2)) as database:
        assert sorted(rows(database), key=repr) == sorted(map(tuple, written), key=repr)
        assert database.damage.checked["forwards"] == 86
        assert database.damage.all == ()


def test_a_stub_that_leads_nowhere(tmp_path: Path) -> None:
    shape = columns(a="int", b="varchar(50)")
    layout = lay(Database([Table("t", shape, [[at, "x" * 40] for at in range(300)], forwarded=frozenset({0}))]))
    # The record moved behind all others, so the row of number 1 still stands beside the stub.
    page = layout.tables["t"].where[1][1]
    with spoiled(tmp_path, layout, page, damage.record(0, 7, "<H", 999)) as database:
        assert len(rows(database)) == 300
        assert codes(database) == {("forward", "dbo.t")}
        assert len(database.damage.all) == 2


def test_a_uniquifier_is_no_column(tmp_path: Path) -> None:
    shape = columns(k="int", v="varchar(20)")
    written: list[list[Value]] = [[at // 5, f"v{at}"] for at in range(200)]
    table = Table("t", shape, written, clustered=("k",), unique=False)
    with opened(tmp_path, table) as database:
        assert rows(database) == [tuple(row) for row in written]


def test_values_outside_the_row(tmp_path: Path) -> None:
    shape = columns(a="int", t="ntext", m="varchar(max)", i="image")
    long = "é" * 60_000
    written: list[list[Value]] = [
        [1, "kort", "kort", b"\0\1"],
        [2, long, long, b"\xff" * 200_000],
        [3, None, None, None],
    ]
    nowhere: list[Row] = [*written, [4, NullRoot(b""), "", b""]]
    with opened(tmp_path, Table("t", shape, nowhere)) as database:
        assert rows(database) == [*map(tuple, written), (4, None, "", b"")]
        check = database.verify()
    assert check.good
    assert check.checked["lobs"] >= 6


def test_only_the_columns_that_were_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path, Table("t", columns(a="int", b="text"), [[1, "x"]])) as database:
        (batch,) = database.read(database.tables()[0], ["a"])
        assert [each.name for each in batch.columns] == ["a"]
        assert database.damage.checked["lobs"] == 0
        assert database.count(database.tables()[0]) == 1


def test_what_is_not_stored_is_not_null(tmp_path: Path) -> None:
    with opened(tmp_path, Table("t", columns(a="int"), [[1], [2]])) as database:
        table = database.tables()[0]
        for more, reason in (("computed", "computed"), ("column_set", "column-set"), ("identity", "catalog")):
            extra = TableColumn("x", table.columns[0].type, 99, **{more: True})
            told = replace(table, columns=(*table.columns, extra))
            assert rows(database, told) == [(1, Undecoded(reason, b"")), (2, Undecoded(reason, b""))]


@pytest.mark.parametrize(("compression", "storage"), [(3, "columnstore"), (4, "columnstore"), (None, "elsewhere")])
def test_rows_kept_in_another_way_are_refused(tmp_path: Path, compression: int | None, storage: str) -> None:
    with opened(tmp_path, Table("t", columns(a="int"), [[1]])) as database:
        table = database.tables()[0]
        parts = () if compression is None else (replace(table.partitions[0], compression=compression),)
        told = replace(table, partitions=parts)
        assert told.storage == storage
        with pytest.raises(BadFormat) as refused:
            rows(database, told)
        assert (refused.value.key, refused.value.params["storage"]) == ("inside-storage", storage)


def test_a_count_that_differs_is_told(tmp_path: Path) -> None:
    good, bad = Table("goed", columns(a="int"), [[1]]), Table("slecht", columns(a="int"), [[1], [2]], row_count=3)
    with opened(tmp_path, good, bad) as database:
        found = database.verify()
    assert [(check.table.name, check.good) for check in found.tables] == [("goed", True), ("slecht", False)]
    assert [(each.code, each.table) for each in found.damage] == [("row-count", "dbo.slecht")]
    assert not found.good


def test_verify_stops_when_asked(tmp_path: Path) -> None:
    with opened(tmp_path, Table("t", columns(a="int"), [[1]])) as database, pytest.raises(Cancelled):
        database.verify(lambda: True)


def test_a_table_is_found_by_name(tmp_path: Path) -> None:
    other, own = Table("T", columns(a="int"), schema="sys"), Table("t", columns(a="int"))
    with opened(tmp_path, other, own) as database:
        found = [database.table(name) for name in ("T", "DBO.t", "sys.t", "nergens")]
    assert [None if each is None else each.full_name for each in found] == ["dbo.t", "dbo.t", "sys.T", None]


def one(record: bytes) -> tuple[Records, DamageBook]:
    """A page with this record."""
    page = bytearray(PAGE)
    page[22:24], page[30:32] = struct.pack("<H", 1), struct.pack("<H", 96 + len(record))
    page[96 : 96 + len(record)] = record
    page[-2:] = struct.pack("<H", 96)
    book = DamageBook()
    return records_of(np.frombuffer(bytes(page), dtype=np.uint8).reshape(1, PAGE), book, 1, np.array([77])), book


def made(ends: list[int], content: bytes, columns_count: int = 2, kind: int = PRIMARY) -> bytes:
    """A record without fixed columns."""
    head = struct.pack("<BBHHB", 0x30 | kind << 1, 0, 4, columns_count, 0)
    return head + struct.pack(f"<H{len(ends)}H", len(ends), *ends) + content


def test_ends_that_run_back_are_damage_not_values() -> None:
    records, _ = one(made([15, 14], b"abcd"))
    first, second = records.variable(1), records.variable(2)
    assert records.data[first.start[0] : first.end[0]].tobytes() == b"ab"
    assert not first.broken[0]
    assert second.broken[0]


def test_columns_behind_the_last_stored_one_are_empty() -> None:
    records, _ = one(made([13], b"ab"))
    span = records.variable(5)
    assert span.start[0] == span.end[0]
    assert not span.broken[0]


@pytest.mark.parametrize("record", [b"\x30\0\xff\x1f", b"\x06\0\4\0\1\0\0", b"\x30\0\4\0\xff\xff\0\0"])
def test_records_that_are_none(record: bytes) -> None:
    records, book = one(record)
    assert records.count == 0
    assert [(each.code, each.page, each.slot) for each in book.all] == [("record", 77, 0)]
