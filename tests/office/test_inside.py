"""Looking inside through the door, on files that the factory wrote: values without loss, exports, a real office."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from factory.bench import Bench
from factory.running import Running
from factory.sqlserver.backup import write_backup
from factory.sqlserver.globe import company, globe
from factory.sqlserver.model import Database, Table, columns
from factory.sqlserver.write import write_database

from core.errors import BadFormat, Cancelled, NotFound, Refused, UsageError, VaultError
from core.office import Inside, Office, open_inside

VALUES = columns(
    number="int",
    exact="decimal(38,4)",
    amount="money",
    single="real",
    double="float",
    moment="datetime",
    seventh="datetime2(7)",
    yes="bit",
    text="nvarchar(60)",
    raw="varbinary(20)",
    strange="xml",
)
ROWS = (
    (
        1,
        Decimal("-1234567890123456789012345678901234.5678"),
        Decimal("-0.0001"),
        0.1,
        1e300,
        datetime(9999, 12, 31, 23, 59, 59, 997000),  # noqa: DTZ001 - the server's local time
        "9999-12-31T23:59:59.1234567",
        True,
        'a "quote", a\r\nline, =1+1 and \u20ac',
        b"\x00\xff",
        b"\xdf\xff\x01\xb0\x04",
    ),
    (2, None, None, None, None, None, None, None, None, None, None),
    (3, Decimal(0), Decimal(0), 0.0, 0.0, datetime(1753, 1, 1), None, False, "", b"", None),  # noqa: DTZ001
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inside") / "values.mdf"
    many = Table("many", columns(id="int", text="nvarchar(20)"), [(each, f"rij {each}") for each in range(30_000)])
    other = Table("values", columns(id="int"), [(1,)], schema="sales")
    write_database(path, Database([Table("values", VALUES, ROWS), many, other]))
    return path


@pytest.fixture
def inside(file: Path) -> Iterator[Inside]:
    with open_inside(file) as opened:
        yield opened


def exported(inside: Inside, name: str, form: str, limit: int | None = None) -> str:
    return b"".join(inside.export(inside.find(name), form, limit)).decode()


def test_csv_loses_nothing(inside: Inside) -> None:
    text = exported(inside, "dbo.values", "csv")
    first, second, third = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert first == [
        "1",
        "-1234567890123456789012345678901234.5678",
        "-0.0001",
        "0.1",
        "1e+300",
        "9999-12-31T23:59:59.997",
        "9999-12-31T23:59:59.1234567",
        "1",
        'a "quote", a\r\nline, =1+1 and \u20ac',
        "00ff",
        "<xml:dfff01b004>",
    ]
    assert second == ["2", *[""] * 10]
    assert third[1:3] == ["0.0000", "0.0000"]
    assert text.splitlines()[-1] == '3,0.0000,0.0000,0.0,0.0,1753-01-01T00:00:00.000,,0,"","",'


def test_json_lines_tell_null_from_empty_and_are_plain_ascii(inside: Inside) -> None:
    text = exported(inside, "dbo.values", "jsonl")
    assert text.isascii()
    first, second, third = map(json.loads, text.splitlines())
    assert list(first) == [each.name for each in VALUES]
    assert (first["exact"], first["single"], first["yes"]) == ("-1234567890123456789012345678901234.5678", 0.1, True)
    assert set(list(second.values())[1:]) == {None}
    assert (third["text"], third["raw"], third["strange"]) == ("", "", None)


def test_parquet_has_types_that_lose_nothing(inside: Inside, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    export = inside.export(inside.find("dbo.values"), "parquet")
    export.save(str(tmp_path / "values.parquet"))
    first, second, third = parquet.read_table(tmp_path / "values.parquet").to_pylist()
    assert first["exact"] == Decimal("-1234567890123456789012345678901234.5678")
    assert first["moment"] == datetime(9999, 12, 31, 23, 59, 59, 997000)  # noqa: DTZ001
    assert (first["seventh"], first["raw"], first["strange"]) == (
        "9999-12-31T23:59:59.1234567",
        b"\x00\xff",
        "<xml:dfff01b004>",
    )
    assert set(list(second.values())[1:]) == {None}
    assert (third["text"], third["yes"]) == ("", False)
    assert (export.rows, export.undecoded, export.emptied) == (3, 1, 0)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("limit", [0, 1, 29_999, 30_000, 40_000, None])
def test_a_limit_is_exact(inside: Inside, form: str, limit: int | None) -> None:
    text = exported(inside, "many", form, limit)
    expected = 30_000 if limit is None else min(limit, 30_000)
    assert len(text.splitlines()) == expected + (form == "csv")


def test_a_whole_table_is_held_against_the_catalog_and_a_part_is_not(inside: Inside) -> None:
    table = inside.find("many")
    for limit, rows in ((None, 30_000), (5, None)):
        export = inside.export(table, "csv", limit)
        assert sum(map(len, export))
        assert export.table.rows == rows
    assert inside.counted(table).rows == table.catalog_rows == 30_000
    assert inside.damage == ()


def test_a_name_that_fits_two_tables_is_asked_again(inside: Inside) -> None:
    with pytest.raises(UsageError, match="inside-table-several"):
        inside.find("values")
    assert inside.find("SALES.VALUES").schema == "sales"
    assert inside.find("[sales].[values]").schema == "sales"
    with pytest.raises(NotFound, match="inside-table"):
        inside.find("manny")


def test_rows_to_look_at_come_some_at_a_time_while_others_are_counted(inside: Inside) -> None:
    many = inside.find("many")
    counting = threading.Thread(target=lambda: [inside.counted(many) for _ in range(3)])
    counting.start()
    reader = inside.reader(many)
    assert reader.more(2) == [("0", "rij 0"), ("1", "rij 1")]
    seen = 2
    while not reader.over:
        seen += len(reader.more(7_000))
    counting.join()
    assert seen == 30_000


def test_what_is_closed_or_stopped_is_cancelled(file: Path) -> None:
    with open_inside(file) as opened:
        reader = opened.reader(opened.find("many"))
    with pytest.raises(Cancelled):
        reader.more(1)
    stop = threading.Event()
    with open_inside(file, cancel=stop.is_set) as opened:
        stop.set()
        with pytest.raises(Cancelled):
            opened.verify()


def test_a_verification_counts_and_says_how_far_it_is(inside: Inside) -> None:
    heard: list[tuple[int, int]] = []
    verified = inside.verify(lambda done, total: heard.append((done, total)))
    assert verified.whole
    assert (verified.checked["rows"], verified.checked["tables"], verified.checked["undecoded"]) == (30_004, 3, 1)
    assert (0, 0) in heard
    assert heard[-1][0] == heard[-1][1] > 30_000


def test_a_sealed_delivery_of_a_real_office_is_looked_into(tmp_path: Path) -> None:
    Running(tmp_path).settle()
    bench = Bench(tmp_path)
    write_backup(bench.inbox / "150.bak", globe(company("150", "Bakker B.V.")), container=2)
    bench.tick(times=5)
    bench.register.close()
    office = Office.open(tmp_path / "wissel.toml")
    with office.look("D-0001") as opened:
        assert [row["bedrnm"] for row in map(json.loads, exported(opened, "bedryf", "jsonl").splitlines())] == [
            "Bakker B.V."
        ]
        assert opened.verify().whole
    with pytest.raises(NotFound):
        office.look("D-0009")
    office.close()


def test_what_is_no_database_or_gone_says_so(tmp_path: Path) -> None:
    Running(tmp_path).settle()
    bench = Bench(tmp_path)
    (bench.inbox / "x.bak").write_bytes(b"no back-up at all" * 100)
    bench.tick(times=5)
    bench.register.close()
    office = Office.open(tmp_path / "wissel.toml")
    with pytest.raises(BadFormat, match="inside-none"):
        office.look("D-0001")
    original = tmp_path / "office" / "vault" / "D-0001" / "original"
    original.rename(original.with_name("gone"))
    with pytest.raises(VaultError, match="vault-missing"):
        office.look("D-0001")
    office.close()


def test_what_is_not_sealed_is_refused(tmp_path: Path) -> None:
    Running(tmp_path).settle()
    bench = Bench(tmp_path)
    (bench.inbox / "x.bak").write_bytes(b"still coming" * 100)
    bench.tick()
    bench.register.close()
    office = Office.open(tmp_path / "wissel.toml")
    with pytest.raises(Refused, match="inside-not-sealed"):
        office.look("D-0001")
    office.close()
