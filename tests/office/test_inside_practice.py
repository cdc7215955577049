"""Looking inside a practice package: the same tables, rows, exports and checks, and nothing left behind."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest
from factory.bench import Bench
from factory.cabinet import packed
from factory.running import Running
from factory.sqlserver.backup import write_backup
from factory.sqlserver.globe import company, globe
from factory.sqlserver.write import lay, write_layout

from core.errors import BadFormat, Cancelled
from core.office import Inside, Office, open_inside
from core.office.inside.practice import kind_of
from core.practice.administration import Owner
from core.practice.package import Package, practice_package

PACKAGE = Package(
    Owner("KLANT-1", "Voorbeeld", ("KLANT\\jan",)), "150", "Voorbeeld", 421, "2016", 852, datetime(2026, 11, 19, 17, 32)  # noqa: DTZ001
)  # fmt: skip


@pytest.fixture(name="scratch")
def _scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    path = tmp_path / "150.ebu"
    path.write_bytes(practice_package(PACKAGE))
    return path


@pytest.fixture(name="inside")
def _inside(scratch: Path, file: Path) -> Iterator[Inside]:
    with open_inside(file) as opened:
        assert list(scratch.iterdir())
        yield opened
    assert list(scratch.iterdir()) == []


def test_tables_and_rows_are_those_of_the_administration(inside: Inside) -> None:
    tables = {each.name: each for each in inside.tables()}
    assert {"bedryf", "humres", "gbkmut", "grtbk"} <= tables.keys()
    assert list(tables) == sorted(tables, key=str.casefold)
    assert inside.counted(tables["gbkmut"]).rows == tables["gbkmut"].catalog_rows == 84
    lines = list(map(json.loads, b"".join(inside.export(inside.find("gbkmut"), "jsonl")).splitlines()))
    assert round(sum(each["bdr_hfl"] for each in lines), 2) == 0
    assert len(lines) == 84
    assert lines[0]["bkjrcode"] == 2026
    (company_row,) = inside.reader(inside.find("BEDRYF")).more(5)
    assert company_row[1:3] == ("150", "Voorbeeld")


def test_every_value_goes_into_parquet(inside: Inside, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    for table in inside.tables():
        export = inside.export(table, "parquet")
        export.save(str(tmp_path / f"{table.name}.parquet"))
        assert (export.emptied, export.undecoded) == (0, 0)
    read = parquet.read_table(tmp_path / "gbkmut.parquet").to_pylist()
    assert (read[0]["bkjrcode"], type(read[0]["bdr_hfl"]), type(read[0]["datum"])) == (2026, float, str)


def test_a_verification_counts_pages_and_rows(inside: Inside) -> None:
    verified = inside.verify()
    assert verified.whole
    assert verified.checked["tables"] == len(inside.tables())
    assert verified.checked["rows"] == sum(each.catalog_rows for each in inside.tables())
    assert verified.checked["pages"] > 10
    assert verified.checked["blocks"] > 0
    with pytest.raises(Cancelled):
        inside.verify(None, lambda: True)


def test_it_stops_when_it_is_told_to(scratch: Path, file: Path) -> None:
    stop = Event()
    with open_inside(file, cancel=stop.is_set) as opened:
        reader = opened.reader(opened.find("gbkmut"))
        stop.set()
        with pytest.raises(Cancelled):
            reader.more(1)
    with pytest.raises(Cancelled):
        open_inside(file, cancel=stop.is_set)
    assert list(scratch.iterdir()) == []


def test_a_package_that_is_not_whole_is_refused_by_name(scratch: Path, file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    with pytest.raises(BadFormat, match="package-damaged"):
        open_inside(file)
    assert list(scratch.iterdir()) == []
    with pytest.raises(BadFormat, match="inside-none"):
        open_inside(file, member="150.bak")


@pytest.mark.parametrize(
    ("declared", "name", "length"),
    [("SMALLINT", "bigint", 8), ("VARCHAR(30)", "varchar", 30), ("TEXT", "varchar", -1), ("BLOB", "varbinary", -1),
     ("FLOAT", "float", 8), ("", "float", 8)],
)  # fmt: skip
def test_a_declaration_of_sqlite_comes_to_a_type(declared: str, name: str, length: int) -> None:
    assert (kind_of(declared).name, kind_of(declared).length) == (name, length)


def test_of_two_databases_the_one_of_the_verdict_is_looked_into(tmp_path: Path) -> None:
    Running(tmp_path).settle()
    bench = Bench(tmp_path)
    made = [*write_backup(tmp_path / "150.bak", globe(company())), tmp_path / "151.mdf"]
    write_layout(made[1], lay(globe(company("151"))))
    (bench.inbox / "a.ebu").write_bytes(packed([(each.name, each.read_bytes()) for each in made], "mszip"))
    bench.tick(6.0, times=6)
    bench.register.close()
    office = Office.open(tmp_path / "wissel.toml")
    assert office.taken("D-0001") == (None, "150.bak")
    with office.look("D-0001") as opened:
        assert opened.reader(opened.find("bedryf")).more(1)[0][1] == "150"
    office.close()
