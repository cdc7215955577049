"""What the factory writes is what the reader reads: databases by chance, in every container."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from factory.sqlserver import chance
from factory.sqlserver.backup import Backup, write_backup
from factory.sqlserver.globe import company, globe
from factory.sqlserver.kinds import Kind, Raw, Value, encode
from factory.sqlserver.model import Database, Table, columns
from factory.sqlserver.rows import NullRoot
from factory.sqlserver.write import lay, write_database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.formats.inside.database import Database as Opened
from core.formats.inside.opening import open_backup

Read = dict[str, list[tuple[object, ...]]]
EARLIER = uuid.UUID(int=0xF1)
SLOW = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def everything(opened: Opened) -> Read:
    """The rows of every table."""
    made: Read = {}
    for table in opened.tables():
        rows = made.setdefault(table.name, [])
        for batch in opened.read(table):
            rows += zip(*(column.to_list() for column in batch.columns), strict=True)
    return made


def shown(kind: Kind, value: object) -> object:
    """A value in the one form that both sides can be brought to: its bytes."""
    if value is None or kind.name == "bit" or (kind.text and isinstance(value, str) and not kind.fixed):
        return value
    raw = getattr(value, "raw", None)
    return raw if isinstance(raw, bytes) else encode(kind, value)  # type: ignore[arg-type]


def expected(table: Table) -> list[list[object]]:
    kinds = [column.kind for column in table.visible]
    return [
        [None if isinstance(value, NullRoot) else shown(kind, value) for kind, value in zip(kinds, row, strict=True)]
        for row in table.rows
    ]


def assert_same(opened: Opened, database: Database) -> None:
    found = everything(opened)
    assert opened.internal_version == database.version
    assert sorted(found) == sorted(table.name for table in database.tables)
    for table in database.tables:
        rows = [
            [shown(column.kind, value) for column, value in zip(table.visible, row, strict=True)]
            for row in found[table.name]
        ]
        assert sorted(rows, key=repr) == sorted(expected(table), key=repr)
        told = next(each for each in opened.tables() if each.name == table.name)
        assert (told.schema, told.rows) == (table.schema, len(table.rows))
        assert [(each.name, each.type.name) for each in told.columns] == [
            (column.name, column.kind.name) for column in table.visible
        ]
    assert opened.damage.all == ()


def as_data_file(folder: Path, database: Database) -> Opened:
    return open_backup([str(path) for path in write_database(folder / "a.mdf", database)])


def as_tape(folder: Path, database: Database) -> Opened:
    made = Backup(lay(database), checksums=True, filler=16)
    return open_backup(str(write_backup(folder / "a.bak", made, block=4096, password=True)[0]))


def as_compressed_1(folder: Path, database: Database) -> Opened:
    return open_backup(str(write_backup(folder / "a.bak", database, container=1)[0]))


def as_compressed_2(folder: Path, database: Database) -> Opened:
    return open_backup(str(write_backup(folder / "a.bak", database, container=2)[0]))


def as_stripes(folder: Path, database: Database) -> Opened:
    paths = write_backup(folder / "a.bak", database, stripes=3)
    return open_backup([str(path) for path in reversed(paths)])


def as_copied_again(folder: Path, database: Database) -> Opened:
    layout = lay(database)
    again = {1: sorted(layout.primary.taken)[2:]}
    return open_backup(str(write_backup(folder / "a.bak", Backup(layout, again=again))[0]))


def as_differential(folder: Path, database: Database) -> Opened:
    """The full back-up has half of the rows, the differential one the rest."""
    half = [replace(each, rows=each.rows[: len(each.rows) // 2], forwarded=frozenset()) for each in database.tables]
    before = lay(replace(database, tables=half))
    full = write_backup(folder / "full.bak", Backup(before, guid=EARLIER))
    rest = Backup(lay(database), base=before, base_guid=EARLIER)
    made = write_backup(folder / "rest.bak", rest)
    return open_backup(str(made[0]), full=str(full[0]))


def as_second_set(folder: Path, database: Database) -> Opened:
    other = Database([Table("andere", columns(a="int"), [[1]])])
    made = write_backup(folder / "a.bak", Backup(lay(other), guid=EARLIER), database)
    return open_backup(str(made[0]), position=2)


WAYS: Sequence[Callable[[Path, Database], Opened]] = (
    as_data_file, as_tape, as_compressed_1, as_compressed_2, as_stripes, as_copied_again, as_differential,
    as_second_set,
)  # fmt: skip


@SLOW
@given(chance.databases(), st.sampled_from(WAYS))
def test_what_is_written_is_read(database: Database, way: Callable[[Path, Database], Opened]) -> None:
    with tempfile.TemporaryDirectory() as folder, way(Path(folder), database) as opened:
        assert_same(opened, database)


def many(count: int) -> list[list[Value]]:
    return [[at, None if at % 7 == 0 else "x" * (at % 90), Decimal(at).scaleb(-4), at % 2 == 0] for at in range(count)]


BROAD = columns(id="int", text="varchar(100)", amount="money", flag="bit")


@pytest.mark.parametrize("version", chance.VERSIONS)
@pytest.mark.parametrize("protection", ["checksum", "torn", "none"])
def test_every_version_and_protection(tmp_path: Path, version: int, protection: str) -> None:
    moved = frozenset(range(3, 900, 17))
    database = Database(
        [
            Table("heap", BROAD, many(900), forwarded=moved, ghosts=2),
            Table("index", BROAD, many(900), clustered=("flag", "text"), unique=False),
        ],
        version=version,
        protection=protection,
    )
    with as_tape(tmp_path, database) as opened:
        assert_same(opened, database)


@pytest.mark.parametrize("way", WAYS[:2])
def test_several_files_and_intervals(tmp_path: Path, way: Callable[[Path, Database], Opened]) -> None:
    """Extents by turns in two files, around a page of PFS, and behind the second GAM page, four gigabytes on."""
    places = ((1, 0), (3, 0), (1, 8080), (1, 511_232), (3, 16_170))
    database = Database([Table("wide", BROAD, many(9000), places=places)])
    with way(tmp_path, database) as opened:
        assert_same(opened, database)


@pytest.mark.parametrize("version", [611, 852, 957])
def test_values_outside_the_row(tmp_path: Path, version: int) -> None:
    kinds = columns(a="varchar(8000)", b="varchar(8000)", c="nvarchar(max)", d="ntext", e="varbinary(max)", f="image")
    rows: list[list[Value | Raw]] = [
        [
            "a" * 8000,
            "b" * (at * 300),
            "ż" * (at * 3000),
            "q" * (at * 15),
            bytes([at]) * (at * 45_000),
            bytes(at * 9000),
        ]
        for at in range(20)
    ]
    rows += [[None] * 6, ["", "", "", "", b"", b""], [None, None, None, NullRoot(b""), None, NullRoot(b"")]]
    database = Database([Table("outside", kinds, rows)], version=version)
    with as_data_file(tmp_path, database) as opened:
        assert_same(opened, database)


def test_a_tree_with_more_than_one_node(tmp_path: Path) -> None:
    value = b"".join(at.to_bytes(4, "big") for at in range(1_200_000))
    database = Database([Table("deep", columns(a="varbinary(max)", b="image"), [[value, value[::-1]]])])
    with as_data_file(tmp_path, database) as opened:
        assert_same(opened, database)


def test_moments_that_python_does_not_hold(tmp_path: Path) -> None:
    kinds = columns(a="datetime2(7)", b="time(7)", c="datetime", d="datetimeoffset(7)")
    moment = datetime.fromisoformat("9999-12-31T23:59:59.996667")
    last: list[Value] = ["9999-12-31T23:59:59.9999999", "23:59:59.9999999", moment, "9999-12-31T13:59:59.9999999-10:00"]
    database = Database([Table("last", kinds, [last, [None] * 4])])
    with as_data_file(tmp_path, database) as opened:
        assert_same(opened, database)


def test_an_administration(tmp_path: Path) -> None:
    database = globe(company(entries=400, imbalance=1.5))
    with as_compressed_2(tmp_path, database) as opened:
        assert_same(opened, database)
        table = next(each for each in opened.tables() if each.name == "gbkmut")
        parts = [part.columns[0].to_list() for part in opened.read(table, ["bdr_hfl"])]
    assert sum(float(str(amount)) for part in parts for amount in part) == 1.5
