"""Compressed rows. *Built from documentation*: the samples are our own; the bytes under "published" are a server's."""

from __future__ import annotations

import contextlib
import random
import struct
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from factory.sqlserver import chance
from factory.sqlserver import compressed_rows as written
from factory.sqlserver.compressed_rows import Far, Style, Symbol, compressed, page_of
from factory.sqlserver.kinds import Raw, Value, encode, kind
from factory.sqlserver.model import Column, Database, Prepared, Table, columns
from factory.sqlserver.scsu import squeezed, unicode_compressed
from factory.sqlserver.write import lay, write_database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.formats.inside.cd_records import BadRecord, cells_of
from core.formats.inside.cd_values import decoder_in_row, inflate
from core.formats.inside.column import Undecoded
from core.formats.inside.database import Database as Opened
from core.formats.inside.opening import open_backup
from core.formats.inside.page_compression import rows_of, shared_of
from core.formats.inside.scsu import expand
from core.formats.inside.types import ColumnType, type_of
from core.formats.inside.values import decoder_of

SLOW = settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
QUICK = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def told(declared: str) -> ColumnType:
    what = kind(declared)
    return type_of(what.id, what.declared, what.precision, what.scale, 0x3400_D008)


def opened(folder: str | Path, *tables: Table, version: int = 852) -> Opened:
    return open_backup(
        [str(each) for each in write_database(Path(folder) / "a.mdf", Database(tables, version=version))]
    )


def rows_in(database: Opened, name: str) -> list[tuple[object, ...]]:
    table = database.table(name)
    assert table is not None
    return [
        row
        for batch in database.read(table)
        for row in zip(*(column.to_list() for column in batch.columns), strict=True)
    ]


def shown(column: Column, value: object) -> object:
    """A value in the one form that both sides can be brought to: its bytes."""
    if value is None or column.kind.name == "bit" or (isinstance(value, str) and column.kind.text):
        return value.rstrip(" ") if isinstance(value, str) and column.kind.fixed else value
    assert not isinstance(value, Undecoded)
    return encode(column.kind, value)  # type: ignore[arg-type]


def short(table: Table) -> Table:
    """No value so long that it would have to stand outside its row."""

    def cut(value: object) -> object:
        return value[:90] if isinstance(value, str | bytes) else value

    return replace(table, rows=[[cut(value) for value in row] for row in table.rows], forwarded=frozenset(), ghosts=0)  # type: ignore[misc]


styles = st.builds(
    Style,
    trim=st.booleans(),
    tagged=st.booleans(),
    ghosts=st.sampled_from([0, 0, 2]),
    seed=st.integers(0, 99),
    anchors=st.booleans(),
    dictionary=st.booleans(),
    moved=st.sampled_from([frozenset(), frozenset({1, 4})]),
)


def assert_read(database: Opened, table: Table) -> None:
    want, got = (
        [[shown(column, value) for column, value in zip(table.visible, row, strict=True)] for row in rows]
        for rows in (table.rows, rows_in(database, table.name))
    )
    assert got == want
    assert database.damage.all == ()


@SLOW
@given(chance.tables().map(short), st.sampled_from([1, 2]), styles)
def test_what_is_written_is_read(table: Table, level: int, style: Style) -> None:
    made = compressed(table, level, style)
    with tempfile.TemporaryDirectory() as folder, opened(folder, made) as database:
        assert_read(database, made)
        found = database.table("t")
        assert found is not None
        assert found.storage == ("row-compressed" if level == 1 else "page-compressed")
        assert database.count(found) == len(table.rows)
        checked = database.verify()
        assert checked.good


@QUICK
@given(st.data())
def test_values_in_both_spellings_of_moments(data: st.DataObject) -> None:
    """One source says that zero bytes at the end are left out, another that they are not."""
    declared = data.draw(
        st.sampled_from(["date", "time(7)", "time(0)", "datetime2(3)", "datetimeoffset(5)", "smalldatetime"])
    )
    value = data.draw(chance.values(declared))
    stored, what = encode(kind(declared), value), told(declared)
    for trim in (False, True):
        raw = written.deflate(kind(declared), stored, Style(trim=trim), random.Random(0))
        assert inflate(raw, what) == stored
    assert inflate(b"", what) == bytes(len(stored))


@QUICK
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.integers(0, 999))
def test_unicode_by_chance(text: str, seed: int) -> None:
    made = squeezed(text, random.Random(seed))
    assert expand(made) == text
    raw = unicode_compressed(text, random.Random(seed))
    assert decoder_in_row(told("nvarchar(4000)"))(raw) == text


@QUICK
@given(st.binary(max_size=80))
def test_no_bytes_upset_scsu(raw: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert len(expand(raw)) <= len(raw)


PUBLISHED_SCSU = (
    ("d66c20666c6965df74", "Öl fließt"),
    ("129cbec1bab2b0", "Москва"),
    ("12e8e8e8e8e8e8e8e8e8e8", "ѨѨѨѨѨѨѨѨѨѨ"),
    ("08de15a782cc08dea782cc", "～であれ～であれ"),
    ("3132333435363738393010", "1234567890"),
    (
        "41df1281035f10df1b03df1c88800bbfffff0d0a4110df1281035f10df13df148015ff",
        "A\u00df\u0401\u015f\u00df\u01df\uf000\U0010ffff\r\nA\u00df\u0401\u015f\u00df\u01df\uf000\U0010ffff",
    ),
)
"""UTS #6, section 9; OrcaMDF's tests."""


@pytest.mark.parametrize(("raw", "text"), PUBLISHED_SCSU)
def test_published_scsu(raw: str, text: str) -> None:
    assert expand(bytes.fromhex(raw)) == text


PUBLISHED = (
    ("int", "81", 1), ("int", "7f", -1), ("int", "8080", 128), ("int", "7f7f", -129), ("int", "000000", -8388608),
    ("int", "ffffffff", 2147483647), ("smallint", "0000", -32768), ("bigint", "ffffffffffffffff", 2**63 - 1),
    ("tinyint", "ff", 255), ("int", "", 0), ("timestamp", "07e2", bytes(6) + b"\x07\xe2"),
    ("datetime", "809fe7018ae173", "2012-01-29T23:57:42.997"), ("datetime", "7f2e4600000000", "1753-01-01T00:00:00"),
    ("datetime", "7e94012eb969", "1899-01-02T18:22:11.123"), ("datetime", "816f50f2", "1900-01-01T22:17:21.447"),
    ("datetime", "8100000000", "1900-01-02T00:00:00"), ("datetime", "", "1900-01-01T00:00:00"),
    ("decimal(9,0)", "c019", "1"), ("decimal(9,2)", "be19", "0.01"), ("decimal(9,0)", "404b", "-3"),
    ("decimal(9,0)", "c4f9fde0", "99999"), ("decimal(9,3)", "", "0"),
    ("real", "803f", 1.0), ("float", "f8bf", -1.5), ("datetime2(3)", "e11a760075250b", "2001-01-01T02:09:00.129"),
)  # fmt: skip
"""Records of real servers, as OrcaMDF, BusinessCentral.BakReader and mssqlbak print them."""


@pytest.mark.parametrize(("declared", "raw", "value"), PUBLISHED)
def test_published_values(declared: str, raw: str, value: object) -> None:
    stored = inflate(bytes.fromhex(raw), told(declared))
    assert stored is not None
    got = decoder_of(told(declared))(stored)
    want = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else value
    assert got == (Decimal(want) if isinstance(want, str) else want)
    if isinstance(want, str):
        places = told(declared).scale
        assert written.packed_decimal(int(Decimal(want).scaleb(places)), places).hex() == raw


def test_published_records() -> None:
    assert cells_of(bytes.fromhex("01032215818176616c31")) == [b"\x81", b"\x81", b"val1"]
    anchors = [None, None, b"val1"]
    symbols = [b"\x03" + bytes([each]) for each in b"023456789"]
    page = page_of([], written.shared(anchors, symbols))
    shared = shared_of(page)
    assert cells_of(bytes.fromhex("0103221181810000"), shared.resolve, shared.lookup)[2] == b"val1"
    assert cells_of(bytes.fromhex("0103221c82820100"), shared.resolve, shared.lookup)[2] == b"val2"
    assert cells_of(bytes.fromhex("0103220381810332"), shared.resolve, shared.lookup)[2] == b"val2"


def test_a_published_anchor() -> None:
    """A page that Internals Viewer prints; what DBCC PAGE says of it stands beside."""
    record = bytes.fromhex("0109040428001883030081188b80a31e000000005380a31e00000000")
    cells = cells_of(record)
    assert [None if cell is None else len(cell) for cell in cells] == [3, None, 3, None, 7, 1, None, None, 7]


@pytest.mark.parametrize("count", [1, 2, 29, 30, 31, 60, 61, 107, 127, 128, 203, 1024])
@pytest.mark.parametrize("level", [1, 2])
def test_many_columns(tmp_path: Path, count: int, level: int) -> None:
    kinds = ("int", "varchar(40)", "bit", "datetime2(3)", "nvarchar(20)")

    def value(row: int, at: int) -> Value:
        some: tuple[Value, ...] = (at - 99, "x" * (at % 13), at % 2 == 0, "2024-02-29T12:00:00.5", "ż" * (at % 7))
        return None if (at + row) % 4 == 0 else some[at % 5]

    made = Table("breed", [Column(f"c{at}", kinds[at % 5]) for at in range(count)])
    rows = [[value(row, at) for at in range(count)] for row in range(7)]
    table = compressed(replace(made, rows=rows), level)
    with opened(tmp_path, table) as database:
        assert_read(database, table)


@pytest.mark.parametrize("length", [126, 127, 128, 129, 300, 3000])
def test_long_anchors(tmp_path: Path, length: int) -> None:
    ends = ("", "b", "cc", "dddddddddd")
    values: list[Value] = [*("a" * length + end for end in ends), "zz", "", None, "a" * (length - 1)]
    table = compressed(Table("t", columns(a="varchar(8000)"), [[value] for value in values]), 2)
    with opened(tmp_path, table) as database:
        assert_read(database, table)


def test_a_dictionary_alone_and_a_row_of_symbols() -> None:
    page = page_of([written.record([Symbol(1), Symbol(0), None])], written.shared(None, [b"nul", b"een"]))
    assert list(rows_of(page)) == [(0, [b"een", b"nul", None])]


@pytest.mark.parametrize("level", [1, 2])
def test_many_pages(tmp_path: Path, level: int) -> None:
    rows: list[list[Value]] = [
        [at, f"Rekening {at % 50}", Decimal(at % 1000) / 4, "Utrecht", at % 3 == 0] for at in range(6000)
    ]
    table = Table("t", columns(a="int", b="nvarchar(40)", c="money", d="char(20)", e="bit"), rows, clustered=("a",))
    made = compressed(table, level)
    with opened(tmp_path, made) as database:
        assert_read(database, made)


def test_a_page_from_before_compression(tmp_path: Path) -> None:
    plain = Table("t", columns(a="int", b="varchar(20)"), [[1, "een"], [2, None]])
    packed = compressed(replace(plain, rows=[[3, "drie"], [4, ""]]), 1)
    layout = lay(Database([plain]))
    page, start = layout.tables["t"].where[0][1], []
    data = layout.primary.pages[page]
    for slot in (0, 1):
        at = data.record_at(slot)  # type: ignore[union-attr]
        start.append(bytes(data.data[at : at + 40]))  # type: ignore[union-attr]
    both = [Prepared([each[: _length(each)] for each in start]), *(packed.prepared or [])]
    with opened(tmp_path, replace(packed, prepared=both, row_count=4)) as database:
        assert sorted(rows_in(database, "t"), key=str) == [(1, "een"), (2, None), (3, "drie"), (4, "")]
        assert database.damage.all == ()


def _length(record: bytes) -> int:
    fixed = int.from_bytes(record[2:4], "little")
    return int.from_bytes(record[fixed + 5 : fixed + 7], "little") if record[0] & 0x20 else fixed + 3


def donors() -> tuple[list[Table], Callable[[], list[bytes]]]:
    """Tables whose values stand outside, and what leads to these."""
    tables = [
        Table("d0", columns(a="text"), [["tekst " * 900]]),
        Table("d1", columns(a="nvarchar(max)"), [["ż" * 9000]]),
        Table("d2", columns(a="varchar(8000)", b="varchar(8000)"), [["v" * 8000, "w" * 8000]]),
    ]

    def pointers() -> list[bytes]:
        layout, found = lay(Database(tables)), []
        for table, (length, behind) in zip(tables, ((16, 0), (48, 0), (24, 8000)), strict=True):
            _, number, slot = layout.tables[table.name].where[0]
            page = layout.primary.pages[number]
            at = page.record_at(slot)  # type: ignore[union-attr]
            end = page.used - behind  # type: ignore[union-attr]
            assert at < end - length
            found.append(bytes(page.data[end - length : end]))  # type: ignore[union-attr]
        return found

    return tables, pointers


@pytest.mark.parametrize("level", [1, 2])
def test_values_outside_compressed_rows(tmp_path: Path, level: int) -> None:
    tables, pointers = donors()
    text, long, over = map(Far, pointers())
    kinds = columns(a="text", b="nvarchar(max)", c="nvarchar(4000)", d="varchar(8000)", e="int")
    rows: list[list[Value | Raw]] = [
        [text, long, "kört", over, 1],
        ["hier", "ook hier ż", None, "vv", 2],
        [None, None, "", None, None],
    ]
    rows += [["hier", "ook hier ż", "kört", "vvv", 3]]
    made = compressed(Table("t", kinds, rows), level)
    with opened(tmp_path, *tables, made) as database:
        got = rows_in(database, "t")
        assert got[0] == ("tekst " * 900, "ż" * 9000, "kört", "v" * 8000, 1)
        assert got[1:] == list(map(tuple, rows[1:]))
        assert database.damage.all == ()


def test_a_pointer_to_nothing(tmp_path: Path) -> None:
    pointer = struct.pack("<IIIHH", 1, 0, 5000, 1, 3)
    made = compressed(Table("t", columns(a="text", b="int"), [[Far(pointer), 1], ["x", 2]]), 1)
    with opened(tmp_path, made) as database:
        assert rows_in(database, "t") == [(Undecoded("lob", pointer), 1), ("x", 2)]
        assert {each.code for each in database.damage.all} == {"lob", "page-missing"}


@pytest.mark.parametrize(
    ("declared", "raw"),
    [
        ("int", "0102030405"), ("smallint", "010203"), ("tinyint", "0102"), ("bit", "02"), ("decimal(5,0)", "ff19"),
        ("decimal(5,0)", "c0ffff"), ("decimal(5,0)", "c0"), ("decimal(38,0)", "c0" + "19" * 30), ("date", "ffffff"),
        ("datetime", "ffffffffffffffff"), ("datetime", "01" * 9), ("time(7)", "ffffffffff"), ("real", "0102030405"),
        ("uniqueidentifier", "0102"), ("nvarchar(10)", "0c"), ("nvarchar(10)", "410f11"), ("nvarchar(1)", "414141"),
        ("nvarchar(10)", "010203"[:2]), ("char(2)", "414243"), ("xml", "0102"), ("decimal(5,2)", "8019"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_undecoded(tmp_path: Path, declared: str, raw: str) -> None:
    data = bytes.fromhex(raw)
    table = Table("t", columns(a=declared, b="int"), [[None, 7]])
    made = replace(table, compression=1, prepared=[Prepared([written.record([data, b"\x87"])])])
    with opened(tmp_path, made) as database:
        assert rows_in(database, "t") == [(Undecoded(told(declared).name, data), 7)]
        assert database.damage.all == ()


GOOD = written.record([b"\x81", b"goed"])
BROKEN = tuple(
    map(
        bytes.fromhex,
        (
            "01020d", "01c80000000000000000", "2102aa000200", "2102aa01ffff", "190101", "01010a", "21010a010100ff1f",
            "011f" + "22" * 16 + "07" + "7a" * 31, "01010c00", "00000800", "01ffffff",
        ),
    )
)  # fmt: skip


@pytest.mark.parametrize("bad", BROKEN)
def test_a_broken_record_is_left_out(tmp_path: Path, bad: bytes) -> None:
    table = Table("t", columns(a="int", b="varchar(9)"), [[1, "goed"]] * 2)
    made = replace(table, compression=1, prepared=[Prepared([GOOD, bad, GOOD])], row_count=3)
    with opened(tmp_path, made) as database:
        assert rows_in(database, "t") == [(1, "goed")] * 2
        assert [(each.code, each.slot, each.table) for each in database.damage.all] == [
            ("record", 1, "dbo.t"), ("row-count", None, "dbo.t"),
        ]  # fmt: skip


BROKEN_SHARED = (
    "07000000", "02000000ff", "0600000700ffff", "0600000b00ffff01010a00", "04000007000100", "0400000900ffff0000",
    "020000060001",
)  # fmt: skip


@pytest.mark.parametrize("head", BROKEN_SHARED)
def test_rows_that_share_something_broken_are_left_out(tmp_path: Path, head: str) -> None:
    table = Table("t", columns(a="int", b="varchar(9)"), [[1, "goed"]])
    pages = [Prepared([GOOD], bytes.fromhex(head).ljust(20, b"\xff")), Prepared([GOOD])]
    made = replace(table, compression=2, prepared=pages, row_count=2)
    with opened(tmp_path, made) as database:
        assert rows_in(database, "t") == [(1, "goed")]
        assert [each.code for each in database.damage.all] == ["record", "row-count"]


def test_a_prefix_longer_than_its_anchor(tmp_path: Path) -> None:
    pages = [Prepared([written.record([b"\x09x"]), written.record([b"\x02x"])], written.shared([b"abc"], []))]
    made = replace(Table("t", columns(a="varchar(9)"), [["abx"]]), compression=2, prepared=pages, row_count=1)
    with opened(tmp_path, made) as database:
        assert rows_in(database, "t") == [("abx",)]
        assert [(each.code, each.slot) for each in database.damage.all] == [("record", 0)]


UNKNOWN = Undecoded("default", b"")


def test_added_columns(tmp_path: Path) -> None:
    kinds = [Column("a", "int"), Column("b", "varchar(9)", since=2), Column("c", "int", since=2, nullable=False)]
    made = compressed(Table("t", kinds, [[1, None, None], [2, None, None], [3, "c", 4]]), 1)
    with opened(tmp_path, made) as database:
        assert rows_in(database, "t") == [(1, None, UNKNOWN), (2, None, UNKNOWN), (3, "c", 4)]


def test_records_alone() -> None:
    for bad in (b"", b"\x00", b"\x01"):
        with pytest.raises(BadRecord):
            cells_of(bad)
    assert cells_of(b"\x01\x00") == []
