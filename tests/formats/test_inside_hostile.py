"""Files that lie on purpose, under good checksums: no crash, no hang, bounded memory, and every lost row is told."""

from __future__ import annotations

import struct
import tracemalloc
import uuid
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from factory import cabinet, tape
from factory import compressed as container
from factory.sqlserver import damage
from factory.sqlserver.backup import Backup, media_of, write_backup
from factory.sqlserver.kinds import Value
from factory.sqlserver.model import Column, Database, Table
from factory.sqlserver.page import DATA, SIZE, Page, sealed
from factory.sqlserver.write import Layout, lay, write_layout

from core.errors import BadFormat
from core.formats.inside.cd_values import decoder_in_row
from core.formats.inside.column import Column as Column_
from core.formats.inside.column import Undecoded
from core.formats.inside.damage import DamageBook
from core.formats.inside.database import Database as Opened
from core.formats.inside.extents import extents_in
from core.formats.inside.lob import Broken, Lobs
from core.formats.inside.medium import FileMedium
from core.formats.inside.opening import open_backup
from core.formats.inside.records import Moves, records_of
from core.formats.inside.rows import portions
from core.formats.inside.types import BINARY, CHAR, DECIMAL, NCHAR, TIME, type_of
from core.formats.source import BytesStream
from core.formats.tape import read_tape

ROWS: list[list[Value]] = [[at, f"tekst {at}", "x" * 4, "2024-01-01"] for at in range(60)]
SHAPE = (Column("nr", "int"), Column("a", "varchar(60)"), Column("vast", "char(4)"), Column("dag", "date"))
TABLE = Table("kaal", SHAPE, ROWS)


def written(folder: Path, *tables: Table, **how: str) -> tuple[Path, Layout]:
    layout = lay(Database(tables or [TABLE], **how))  # type: ignore[arg-type]
    (path,) = write_layout(folder / "a.mdf", layout)
    return path, layout


def rows_in(opened: Opened, name: str = "kaal") -> list[tuple[object, ...]]:
    table = opened.table(name)
    assert table is not None
    return [
        row for batch in opened.read(table) for row in zip(*(column.to_list() for column in batch.columns), strict=True)
    ]


def codes(opened: Opened) -> set[tuple[str, str]]:
    return {(each.code, each.table) for each in opened.damage.all}


def catalog_row(layout: Layout, name: str) -> tuple[int, int]:
    """(page, slot) of the row of a system table that ends with this name."""
    wanted = name.encode("utf-16-le")
    for number, page in layout.primary.pages.items():
        if isinstance(page, Page) and page.kind == DATA:
            for slot in range(page.count):
                start = page.record_at(slot)
                after = [page.record_at(each) for each in range(page.count) if page.record_at(each) > start]
                if bytes(page.data[start : min([*after, page.used])]).endswith(wanted):
                    return number, slot
    raise LookupError(name)


# -- how long things say they are ------------------------------------------------------------------------------


def test_a_stream_that_promises_more_than_there_is(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(SIZE * 8))
    with (tmp_path / "a").open("rb") as file:
        assert extents_in(FileMedium(file), 0, 1 << 50) == ([], 1)


def test_a_first_region_without_pages(tmp_path: Path) -> None:
    """A stream that is no longer one of pages, its header with a right checksum; the second region is whole."""
    layout = lay(Database([TABLE], version=904))
    data = bytearray(media_of([Backup(layout, again={1: [1]})])[0])
    at = data.index(b"MQDA")
    data[at : at + 4] = b"MQDX"
    struct.pack_into("<H", data, at + 20, tape.header_sum(bytes(data[at : at + 20])))
    (tmp_path / "a.bak").write_bytes(data)
    with pytest.raises(BadFormat) as refused:
        open_backup(tmp_path / "a.bak")
    assert refused.value.key == "inside-no-pages"


@pytest.mark.parametrize(
    ("number", "length", "precision", "scale"),
    [
        (CHAR, 32767, 0, 0), (CHAR, -1, 0, 0), (CHAR, 0, 0, 0), (NCHAR, 8002, 0, 0), (BINARY, -5, 0, 0),
        (TIME, 5, 16, 9), (DECIMAL, 17, 39, 4), (DECIMAL, 17, 0, 0),
    ],
)  # fmt: skip
def test_a_type_that_nobody_can_declare_has_no_width(number: int, length: int, precision: int, scale: int) -> None:
    kind = type_of(number, length, precision, scale, 0x3400_D008)
    assert kind.width is None
    assert isinstance(decoder_in_row(kind)(b"12345678"), Undecoded)


@pytest.mark.parametrize("length", [32767, -1, 0, 9000])
@pytest.mark.parametrize("column", ["vast", "dag"])
def test_the_catalog_declares_what_nobody_can(tmp_path: Path, column: str, length: int) -> None:
    path, layout = written(tmp_path)
    page, slot = catalog_row(layout, column)
    damage.spoil(path, page, damage.record(slot, 14, "<B", CHAR), reseal="checksum")
    damage.spoil(path, page, damage.record(slot, 19, "<h", length), reseal="checksum")
    with open_backup(path) as opened:
        found = rows_in(opened)
    at = [each.name for each in SHAPE].index(column)
    assert len(found) == len(ROWS)
    assert all(isinstance(row[at], Undecoded) for row in found)
    assert [row[:2] for row in found] == [tuple(row[:2]) for row in ROWS]


# -- records on top of each other ------------------------------------------------------------------------------


def test_slots_that_all_lead_to_one_record() -> None:
    """Three thousand rows of five thousand bytes out of one page."""
    page = Page(DATA, 1, 77)
    wide = struct.pack("<BBHiHBHH", 0x30, 0, 8, 1, 2, 0, 1, 15 + 1900) + b"x" * 1900
    page.add(wide)
    at = page.record_at(0)
    struct.pack_into("<H", page.data, 22, 3000)
    for slot in range(3000):
        struct.pack_into("<H", page.data, SIZE - 2 - 2 * slot, at)
    pages = np.frombuffer(sealed(page.data, "checksum") * 64, dtype=np.uint8).reshape(64, SIZE).copy()
    book = DamageBook()
    tracemalloc.start()
    records = records_of(pages, book, 1, np.arange(64))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert records.count == 0
    assert len(book.found) == 64
    assert peak < 80 << 20


def test_columns_that_share_their_bytes() -> None:
    """End offsets that go back and forth: every second column would have the whole record."""
    ends = [40 + 2 * 20, 4000, 80, 4000, 80, *[4000] * 15]
    record = struct.pack("<BBHiH3xH20H", 0x30, 0, 8, 1, 21, 20, *ends)
    page = Page(DATA, 1, 77)
    page.add(record.ljust(4000, b"x"))
    good = Page(DATA, 1, 78)
    good.add(struct.pack("<BBHiH3xH20H", 0x30, 0, 8, 1, 21, 20, *range(55, 75)) + bytes(30))
    pages = np.frombuffer(bytes(page.data + good.data), dtype=np.uint8).reshape(2, SIZE).copy()
    book = DamageBook()
    records = records_of(pages, book, 1, np.array([77, 78]))
    assert [(each.code, each.page, each.slot) for each in book.all] == [("record", 77, 0)]
    assert records.count == 1


def test_a_record_whose_last_column_ends_before_its_first() -> None:
    page = Page(DATA, 1, 77)
    page.add(struct.pack("<BBHiHBHH", 0x30, 0, 8, 1, 2, 0, 1, 3) + b"x" * 9)
    book = DamageBook()
    assert records_of(np.frombuffer(bytes(page.data), dtype=np.uint8).reshape(1, -1), book, 1, np.array([7])).count == 0
    assert [each.code for each in book.all] == ["record"]


def test_the_highest_file_page_and_slot_that_a_stub_can_name() -> None:
    page = Page(DATA, 0xFFFF, 5)
    page.add(struct.pack("<BIHH", 4, 0xFFFF_FFFF, 0xFFFF, 0xFFFF) + bytes(5))
    page.add(struct.pack("<BBHiHB", 0x12, 0, 8, 1, 1, 0) + bytes(4))
    moves, book = Moves(), DamageBook()
    records_of(np.frombuffer(bytes(page.data), dtype=np.uint8).reshape(1, -1), book, 0xFFFF, np.array([5]), moves)
    moves.check(book)
    found = {(each.file_id, each.page, each.slot) for each in book.all}
    assert found == {(0xFFFF, 0xFFFF_FFFF, 0xFFFF), (0xFFFF, 5, 1)}


# -- values outside the row ------------------------------------------------------------------------------------

LONG = Table(
    "lang",
    [Column("nr", "int"), Column("m", "varchar(max)"), Column("t", "text"), Column("s", "text")],
    [[at, "m" * 90_000, "t" * 200_000, "s" * 40] for at in range(3)],
)


def test_what_values_promise_is_what_they_are(tmp_path: Path) -> None:
    path, _ = written(tmp_path, LONG)
    with open_backup(path) as opened:
        table = opened.table("lang")
        assert table is not None
        raws = _pointers(opened)
        lobs = Lobs(opened._store)
        promised = lobs.promised(raws).tolist()
        lobs.prepare(raws)
        real = [len(lobs.value(raw) or b"") for raw in raws]
    assert sorted(real) == [40] * 3 + [90_000] * 3 + [200_000] * 3
    assert all(0 <= said - is_ < 100 for said, is_ in zip(promised, real, strict=True))


def _pointers(opened: Opened) -> list[bytes]:
    """What stands in the rows."""
    table = opened.table("lang")
    assert table is not None
    (partition,) = table.partitions
    found = []
    for file_id, numbers in opened._system.unit(partition.rowset):
        pages, _ = opened._store.pages(file_id, numbers)
        records = records_of(pages, DamageBook(), file_id, numbers)
        for place in partition.columns.values():
            if place.offset < 0:
                spans = records.variable(-place.offset)
                ends = zip(spans.start.tolist(), spans.end.tolist(), strict=True)
                found += [records.memory[start:end] for start, end in ends]
    return found


def test_a_value_longer_than_promised_is_not_put_together(tmp_path: Path) -> None:
    path, _ = written(tmp_path, LONG)
    with open_backup(path) as opened:
        raw = next(each for each in _pointers(opened) if len(each) > 16)
        small = raw[:-12] + struct.pack("<I", 10) + raw[-8:]
        before = opened.damage.checked["pages"]
        with pytest.raises(Broken):
            Lobs(opened._store).value(small[:12] + small[-12:])
        assert opened.damage.checked["pages"] - before <= 2
        assert ("lob", "") in codes(opened)


def test_rows_go_in_portions_by_what_they_promise() -> None:
    most = 1 << 25
    promised = np.array([0, most // 2, most // 2, 0, 5, 3 * most, 1, 2])
    assert list(portions(promised)) == [(0, 2), (2, 5), (5, 8)]
    assert list(portions(np.zeros(4, dtype=np.int64))) == [(0, 4)]
    assert list(portions(np.zeros(0, dtype=np.int64))) == []


# -- what must not be lost in silence --------------------------------------------------------------------------


def test_a_boot_page_that_leads_nowhere(tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    damage.spoil(path, 9, damage.put(0x264, "<IH", 0, 0), reseal="checksum")
    with open_backup(path) as opened:
        assert opened.tables() == ()
        assert codes(opened) == {("chain", "catalog")}


def test_a_name_of_half_a_character(tmp_path: Path) -> None:
    path, layout = written(tmp_path)
    page, slot = catalog_row(layout, "kaal")
    own = layout.primary.pages[page]
    assert isinstance(own, Page)
    at = own.record_at(slot)
    fixed = int.from_bytes(own.data[at + 2 : at + 4], "little")
    columns = int.from_bytes(own.data[at + fixed : at + fixed + 2], "little")
    where = fixed + 2 + (columns + 7) // 8 + 2
    end = int.from_bytes(own.data[at + where : at + where + 2], "little")
    damage.spoil(path, page, damage.record(slot, where, "<H", end - 1), reseal="checksum")
    with open_backup(path) as opened:
        assert [each.name for each in opened.tables()] == [""]
        assert ("record", "catalog") in codes(opened)


def test_a_second_copy_that_does_not_say_where_it_belongs(tmp_path: Path) -> None:
    """Without it older pages would be shown as if nothing had happened."""
    layout = lay(Database([TABLE], version=904, protection="none"))
    extent = next(number for number, page in layout.primary.pages.items() if is_of(page, TABLE, layout)) // 8
    (path,) = write_backup(tmp_path / "a.bak", Backup(layout, again={1: [extent]}))
    with open_backup(path) as opened:
        assert len(rows_in(opened)) == len(ROWS)
        assert codes(opened) == set()
    data = bytearray(path.read_bytes())
    again = [
        span for region in read_tape(BytesStream(bytes(data)), whole=False).pages[0].regions[1:] for span in region
    ]
    for start, count in again:
        data[start : start + count * SIZE] = bytes(count * SIZE)
    path.write_bytes(data)
    with open_backup(path) as opened:
        assert ("extent", "") in codes(opened)


def is_of(page: Page | bytes, table: Table, layout: Layout) -> bool:
    first = layout.tables[table.name].where[0]
    return isinstance(page, Page) and (page.file_id, page.number) == first[:2]


@pytest.mark.parametrize("packing", ["cabinet", "zip"])
def test_a_package_that_does_not_hold(tmp_path: Path, packing: str) -> None:
    """No page carries a check: only the package knows that a value is another one now."""
    path, _ = written(tmp_path, protection="none")
    package = tmp_path / "package"
    if packing == "zip":
        with zipfile.ZipFile(package, "w") as out:
            out.write(path, "a.mdf")
    else:
        package.write_bytes(cabinet.packed([("a.mdf", path.read_bytes())]))
    heard: list[tuple[int, int]] = []
    with open_backup(package, progress=lambda done, total: heard.append((done, total))) as opened:
        assert len(rows_in(opened)) == len(ROWS)
        assert codes(opened) == set()
    assert heard[-1] == (path.stat().st_size,) * 2
    data = bytearray(package.read_bytes())
    data[data.index(b"tekst 30") + 7] ^= 1
    package.write_bytes(data)
    try:
        with open_backup(package) as opened:
            rows_in(opened)
            assert ("package", "") in codes(opened)
    except BadFormat:
        assert packing == "cabinet"  # it ends where a block does not hold


def test_verifying_says_how_far_it_is(tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    heard: list[tuple[int, int]] = []
    with open_backup(path) as opened:
        assert opened.verify(progress=lambda done, total: heard.append((done, total))).good
    assert heard == sorted(heard)
    assert heard[-1] == (len(ROWS) + path.stat().st_size // SIZE,) * 2


def test_null_is_not_a_value_that_nobody_can_tell() -> None:
    kind = type_of(241, -1, 0, 0, 0)
    column = Column_("x", kind, np.array([True, False, False]), [Undecoded("xml", b"")] * 3)
    assert column.undecoded == 2


def test_data_files_of_two_databases_are_not_mixed(tmp_path: Path) -> None:
    """Their pages have the same numbers: rows of one would come out as rows of the other."""
    own = Database([replace(TABLE, places=((1, 0), (3, 0)), mixed=False)])
    (tmp_path / "other").mkdir()
    first, second = write_layout(tmp_path / "a.mdf", lay(own))
    *_, other = write_layout(tmp_path / "other" / "a.mdf", lay(replace(own, family=uuid.UUID(int=9))))
    with open_backup([first, second]) as opened:
        assert len(rows_in(opened)) == len(ROWS)
    with pytest.raises(BadFormat) as refused:
        open_backup([first, other])
    assert refused.value.key == "inside-foreign-file"


@pytest.mark.parametrize("what", ["boot", "catalog"])
def test_an_encrypted_database_is_refused_by_name(tmp_path: Path, what: str) -> None:
    path, layout = written(tmp_path)
    boot = layout.primary.pages[9]
    assert isinstance(boot, Page)
    page = 9 if what == "boot" else int.from_bytes(boot.data[0x264:0x268], "little")
    damage.spoil(path, page, damage.put(4, "<H", 8), reseal="checksum")
    with pytest.raises(BadFormat) as refused:
        open_backup(path)
    assert refused.value.key == "inside-encrypted"


def test_half_a_page_of_a_record_that_does_not_hold(tmp_path: Path) -> None:
    """No page carries a check; of a page whose end is lost the slots are zeros, as if it had no rows."""
    many = replace(TABLE, rows=[[at, "x" * 60, "y", None] for at in range(2000)], mixed=False)
    (path,) = write_backup(tmp_path / "a.bak", Database([many], protection="none"), container=2)
    data = bytearray(path.read_bytes())
    starts = [at for at in range(len(data) - 4) if data[at] == 0x21 and data[at + 1] == container.RECORD // 512]
    at = starts[len(starts) // 2]
    data[at + 400] ^= 0x55
    path.write_bytes(data)
    with open_backup(path) as opened:
        found = rows_in(opened)
        lost = {each.page for each in opened.damage.all if each.code == "page-missing"}
    assert 0 < len(found) < 2000
    assert len(lost) == container.RECORD // SIZE + 1
    assert ("page-identity", "dbo.kaal") not in codes(opened)
