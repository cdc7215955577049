"""Damage of every kind is reported; what it does not touch is still read; nothing wrong is ever returned in silence."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from factory.sqlserver import damage
from factory.sqlserver.backup import Backup, write_backup
from factory.sqlserver.damage import Spoil
from factory.sqlserver.kinds import Value
from factory.sqlserver.model import Column, Database, Table
from factory.sqlserver.page import SIZE
from factory.sqlserver.write import Layout, lay, write_layout
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadFormat, Unreadable
from core.formats.inside.opening import open_backup

SHAPE = (Column("nr", "int"), Column("a", "varchar(60)"), Column("m", "varchar(max)"), Column("t", "ntext"))
ROWS: list[list[Value]] = [[at, f"tekst {at}" * (at % 5), "m" * (at * 100), "t" * (at * 30)] for at in range(120)]
PLAIN: list[list[Value]] = [[at, "x" * (at % 60), None, None] for at in range(900)]
TABLES = (Table("rijk", SHAPE, ROWS), Table("kaal", SHAPE, PLAIN, mixed=False))
LAID = lay(Database(TABLES))
Rows = dict[object, tuple[object, ...]]
WRITTEN: dict[str, Rows] = {table.name: {row[0]: tuple(row) for row in table.rows} for table in TABLES}


@dataclass
class Found:
    """What a reader made of a spoiled file."""

    rows: dict[str, list[tuple[object, ...]]]
    told: dict[str, int]
    damage: list[str]
    undecoded: int = 0

    @property
    def complete(self) -> bool:
        return not self.undecoded and all(len(self.rows.get(name, ())) == len(own) for name, own in WRITTEN.items())


def look(*paths: Path, full: Path | None = None) -> Found:
    """Every row, or the refusal; each row that comes out must have gone in, but for what is marked as not read."""
    try:
        opened = open_backup([str(path) for path in paths], full=None if full is None else str(full))
    except (BadFormat, Unreadable) as refused:
        return Found({}, {}, [f"refused {refused.args[0]}"])
    with opened:
        found = Found({}, {}, [])
        try:
            for table in opened.tables():
                own = found.rows.setdefault(table.name, [])
                found.told[table.name] = table.rows
                for batch in opened.read(table):
                    own += zip(*(column.to_list() for column in batch.columns), strict=True)
        except BadFormat as refused:
            found.damage.append(f"refused {refused.args[0]}")
        found.damage += [each.code for each in opened.damage.all]
    for name, rows in found.rows.items():
        found.undecoded += sum(not_as_written(WRITTEN[name], row) for row in rows)
    return found


def not_as_written(written: Rows, row: tuple[object, ...]) -> bool:
    """Whether values of the row are marked as not read. Fails when one is just wrong."""
    marked = [hasattr(value, "raw") for value in row]
    if marked[0]:  # the catalog's page about columns is gone: nobody knows where any value stands
        return True
    assert row[0] in written
    for mark, value, was in zip(marked, row, written[row[0]], strict=True):
        assert mark or value == was
    return any(marked)


@contextmanager
def written(protection: str = "checksum", **changes: object) -> Iterator[tuple[Path, Layout]]:
    with tempfile.TemporaryDirectory() as folder:
        database = replace(LAID.database, protection=protection, **changes)  # type: ignore[arg-type]
        layout = LAID if database == LAID.database else lay(database)
        path = Path(folder, "a.mdf")
        write_layout(path, layout)
        yield path, layout


def test_unspoiled_is_complete() -> None:
    with written() as (path, _):
        found = look(path)
    assert found.complete
    assert found.damage == []


@pytest.mark.parametrize(
    ("protection", "how", "code"),
    [
        ("checksum", damage.flip(5000), "page-checksum"),
        ("checksum", damage.flip(60), "page-checksum"),
        ("checksum", damage.put(32, "<I", 77), "page-checksum"),
        ("torn", damage.torn, "page-torn"),
        ("none", damage.zeros, "page-identity"),
        ("checksum", damage.zeros, "page-identity"),
    ],
)
@pytest.mark.parametrize("which", [0, 2, -1])
def test_a_page_that_does_not_hold(protection: str, how: Spoil, code: str, which: int) -> None:
    with written(protection) as (path, layout):
        damage.spoil(path, damage.spots(layout, "kaal").data[which], how)
        found = look(path)
    assert code in found.damage
    assert 0 < len(found.rows["kaal"]) < len(PLAIN)
    assert len(found.rows["rijk"]) == len(ROWS)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (damage.slot(3, 8190), "record"),
        (damage.slot(3, 40), "record"),
        (damage.record(3, 2, "<H", 9000), "record"),
        (damage.record(3, 2, "<H", 2), "record"),
        (damage.put(22, "<H", 60_000), "record"),
        (damage.put(32, "<I", 77), "page-identity"),
        (damage.put(36, "<H", 4), "page-identity"),
    ],
)
def test_a_page_that_lies_under_a_good_checksum(how: Spoil, code: str) -> None:
    """What an engine would never write: only the structure gives it away."""
    with written() as (path, layout):
        damage.spoil(path, damage.spots(layout, "kaal").data[1], how, reseal="checksum")
        found = look(path)
    assert code in found.damage
    assert not found.undecoded
    assert len(found.rows["rijk"]) == len(ROWS)


def test_a_page_written_in_the_wrong_place() -> None:
    with written() as (path, layout):
        spots = damage.spots(layout, "kaal")
        damage.over(path, spots.data[0], spots.data[2])
        found = look(path)
    assert "page-identity" in found.damage
    assert len({row[0] for row in found.rows["kaal"]}) == len(found.rows["kaal"])


@pytest.mark.parametrize(
    ("how", "reseal", "code"),
    [
        (damage.flip(300), None, "page-checksum"),
        (damage.put(1, "B", 1), "checksum", "chain"),
        (damage.zeros, None, "page-identity"),
    ],
)
def test_a_list_of_pages_that_does_not_hold(how: Spoil, reseal: str | None, code: str) -> None:
    with written() as (path, layout):
        damage.spoil(path, damage.spots(layout, "kaal").iam, how, reseal=reseal)
        found = look(path)
    assert code in found.damage
    assert found.told["kaal"] == len(PLAIN)
    assert len(found.rows["rijk"]) == len(ROWS)


def test_a_list_of_pages_that_leads_to_itself() -> None:
    with written() as (path, layout):
        iam = damage.spots(layout, "kaal").iam
        damage.spoil(path, iam, damage.put(16, "<IH", iam, 1), reseal="checksum")
        found = look(path)
    assert "chain" in found.damage


@pytest.mark.parametrize("page", [1, 9])
def test_pages_that_everything_hangs_on(page: int) -> None:
    with written() as (path, _):
        damage.spoil(path, page, damage.flip(2000))
        found = look(path)
    assert found.damage
    assert not found.complete


def test_values_outside_that_do_not_hold() -> None:
    with written() as (path, layout):
        for page in damage.spots(layout, "rijk").outside[1:4]:
            damage.spoil(path, page, damage.flip(700))
        found = look(path)
    assert "lob" in found.damage
    assert len(found.rows["rijk"]) == len(ROWS)
    assert found.undecoded
    assert len(found.rows["kaal"]) == len(PLAIN)


def test_the_catalog_counts_more_than_there_is() -> None:
    tables = [replace(TABLES[0], row_count=len(ROWS) + 5), TABLES[1]]
    with written(tables=tables) as (path, _):
        found = look(path)
    assert found.told["rijk"] == len(found.rows["rijk"]) + 5


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, SIZE - 1), st.integers(1, 255))
def test_any_byte_of_a_data_file(page: int, at: int, mask: int) -> None:
    with written() as (path, layout):
        numbers = sorted(layout.primary.pages)
        damage.spoil(path, numbers[page % len(numbers)], damage.flip(at, mask))
        found = look(path)
    assert found.damage or found.complete


@settings(deadline=None, max_examples=25)
@given(st.floats(0, 1, exclude_max=True), st.integers(0, 8))
def test_a_file_that_ends_early(share: float, more: int) -> None:
    with written() as (path, _):
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.truncate(max(1, int(size * share) - more))
        found = look(path)
    assert found.damage or found.complete


def changed(path: Path, share: float, mask: int) -> None:
    data = bytearray(path.read_bytes())
    data[int(len(data) * share)] ^= mask
    path.write_bytes(data)


def cut(path: Path, share: float, mask: int) -> None:
    with path.open("r+b") as file:
        file.truncate(max(1, int(path.stat().st_size * share)))


@cache
def media(container: int = 0, stripes: int = 1) -> tuple[bytes, ...]:
    with tempfile.TemporaryDirectory() as folder:
        paths = write_backup(Path(folder, "a"), Backup(LAID, checksums=True), container=container, stripes=stripes)
        return tuple(path.read_bytes() for path in paths)


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from([{}, {"container": 1}, {"container": 2}, {"stripes": 2}]),
    st.sampled_from([changed, cut]),
    st.floats(0, 1, exclude_max=True),
    st.integers(1, 255),
)
def test_any_byte_of_a_back_up(
    options: dict[str, int], how: Callable[[Path, float, int], None], share: float, mask: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, data in enumerate(media(**options)):
            paths.append(Path(folder, f"{number}.bak"))
            paths[-1].write_bytes(data)
        how(paths[-1], share, mask)
        found = look(*paths)
    assert found.damage or found.complete


def test_a_stripe_that_is_not_there(tmp_path: Path) -> None:
    paths = write_backup(tmp_path / "a.bak", LAID, stripes=3)
    assert look(*paths[:2]).damage == ["refused inside-stripes"]
    assert look(*paths).complete


def test_a_differential_on_the_wrong_full(tmp_path: Path) -> None:
    (full,) = write_backup(tmp_path / "full.bak", Database(TABLES[:1]))
    (rest,) = write_backup(tmp_path / "rest.bak", Backup(LAID, base=lay(Database(TABLES[:1]))))
    other = Backup(lay(Database(TABLES[:1])), guid=LAID.database.family)
    (wrong,) = write_backup(tmp_path / "wrong.bak", other)
    assert look(rest, full=full).complete
    assert look(rest, full=wrong).damage == ["refused inside-wrong-full"]
    assert look(rest).damage == ["refused inside-needs-full"]
