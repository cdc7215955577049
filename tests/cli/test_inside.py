"""`tables`, `rows`, `verify`: their shapes, their files, what they refuse, and what they say of damage."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sources
from corpus import corpus_facts, corpus_file
from fakes.office import FakeOffice

from core.office.inside import opened

Run = Callable[..., tuple[int, str, str]]
NORTHWIND = "xandelima__MVCNorthwind/Northwind.bak"
NORTHWINDS = [NORTHWIND, "2692667768__fifth/Northwind.bak", "khoitran0611__AllSourceCodeForReference/Northwind.bak"]
STRIPES = [
    f"NurlanUmudov22__MVC-Fiorello-ProductPractise-BlogTask/backup/{name}.bak" for name in ("backup", "fiobackup")
]
CHAIN = [f"dataplat__appveyor-lab/DoubleDiffing/difftest-{name}.bak" for name in ("full", "diff1", "diff2")]


def damaged(tmp_path: Path) -> Path:
    """A copy of a back-up of one table with one bit of its first row changed; the page has a checksum."""
    data = bytearray(corpus_file("SQLBek__PureStorage/backup_test/backup_test_raw.bak").read_bytes())
    data[data.index(b"1234567890")] ^= 1
    path = tmp_path / "damaged.bak"
    path.write_bytes(data)
    return path


def test_tables_json_is_the_contract(run: Run) -> None:
    code, out, err = run("tables", str(corpus_file(NORTHWIND)), "--json")
    assert (code, err) == (0, "")
    tables = {each["name"]: each for each in json.loads(out)}
    assert set(tables["Orders"]) >= {"schema", "name", "rows", "catalog_rows", "columns", "ms_shipped"}
    assert (tables["Orders"]["schema"], tables["Orders"]["rows"], tables["Orders"]["catalog_rows"]) == ("dbo", 830, 830)
    columns = {each["name"]: each for each in tables["Orders"]["columns"]}
    assert list(columns)[:3] == ["OrderID", "CustomerID", "EmployeeID"]
    assert (columns["CustomerID"]["type"], columns["CustomerID"]["declared"]) == ("nchar", "nchar(5)")
    assert not any(each["ms_shipped"] for each in tables.values())
    assert len(out.splitlines()) == len(tables) + 2


def test_tables_of_the_whole_corpus_are_what_is_known_of_them(run: Run) -> None:
    right, wrong = 0, []
    for each in json.loads(corpus_facts().read_text("utf-8")):
        if each["tables"] is None or each["internal_version"] < 600:
            continue
        code, out, _ = run("tables", str(corpus_file(each["file"])), "--json")
        tables = json.loads(out) if code == 0 else []
        fits = len(tables) == each["tables"] and sum(table["rows"] for table in tables) == each["rows"]
        right += fits
        wrong += [] if fits else [each["file"]]
    assert not wrong, f"{right} right"


def test_tables_in_text(run: Run) -> None:
    _, out, _ = run("tables", str(corpus_file(NORTHWIND)))
    line = next(each for each in out.splitlines() if each.startswith("dbo.Order Details "))
    assert "2,155" in line
    assert run("tables", str(corpus_file(NORTHWIND)), "--plain")[1].startswith(
        "table: dbo.Categoria; rows: 0; columns: 3;"
    )


@pytest.mark.parametrize("name", NORTHWINDS)
def test_the_reference_numbers_come_out_of_csv(run: Run, name: str) -> None:
    code, out, err = run("rows", str(corpus_file(name)), "Order Details", "--format", "csv")
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 2155
    assert sum(int(row["Quantity"]) for row in rows) == 51_317
    assert sum(Decimal(row["UnitPrice"]) * int(row["Quantity"]) for row in rows) == Decimal("1354458.59")


def test_the_same_rows_come_out_of_every_format(run: Run, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    file, target = str(corpus_file(NORTHWIND)), tmp_path / "orders.parquet"
    _, plain, _ = run("rows", file, "dbo.Orders", "--format", "csv")
    _, lines, _ = run("rows", file, "[dbo].[Orders]", "--json")
    code, out, err = run("rows", file, "ORDERS", "--format", "parquet", "--output", str(target))
    assert (code, out) == (0, "")
    assert "830 rows of dbo.Orders" in err
    by_csv = list(csv.DictReader(io.StringIO(plain)))
    by_json = [json.loads(line) for line in lines.splitlines()]
    table = parquet.read_table(target)
    by_parquet = table.to_pylist()
    assert len(by_csv) == len(by_json) == len(by_parquet) == 830
    for one, other, third in zip(by_csv, by_json, by_parquet, strict=True):
        assert int(one["OrderID"]) == other["OrderID"] == third["OrderID"]
        assert one["Freight"] == other["Freight"] == str(third["Freight"])
        assert one["OrderDate"] == other["OrderDate"] == third["OrderDate"].isoformat(timespec="milliseconds")
        assert (one["ShippedDate"] or None) == other["ShippedDate"]
        assert one["ShipName"] == other["ShipName"] == third["ShipName"]
    assert str(table.schema.field("Freight").type) == "decimal128(19, 4)"


def test_bytes_are_hexadecimal_and_whole(run: Run) -> None:
    _, out, _ = run("rows", str(corpus_file(NORTHWIND)), "Categories", "--format", "jsonl", "--limit", "1")
    (line,) = out.splitlines()
    assert len(bytes.fromhex(json.loads(line)["Picture"])) == 10_746


def test_a_limit_and_none_at_all(run: Run) -> None:
    file = str(corpus_file(NORTHWIND))
    assert len(run("rows", file, "Orders", "--limit", "7")[1].splitlines()) == 8
    assert run("rows", file, "Orders", "--limit", "0")[1].startswith("OrderID,")
    assert run("rows", file, "Orders", "--limit", "0", "--json")[1] == ""


def test_an_output_is_new_private_and_never_another_file(run: Run, tmp_path: Path) -> None:
    file, target = str(corpus_file(NORTHWIND)), tmp_path / "rows.csv"
    assert run("rows", file, "Orders", "--output", str(target))[0] == 0
    before = target.read_bytes()
    assert target.stat().st_mode & 0o077 == 0
    code, _, err = run("rows", file, "Customers", "--output", str(target), "--json")
    assert (code, json.loads(err)["error"]["key"]) == (11, "exists")
    assert target.read_bytes() == before
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_a_table_that_is_not_there_names_the_nearest(run: Run) -> None:
    code, out, err = run("rows", str(corpus_file(NORTHWIND)), "dbo.Ordres")
    assert (code, out) == (4, "")
    assert "dbo.Orders" in err


def test_stripes_together_and_alone(run: Run) -> None:
    first, second = (str(corpus_file(name)) for name in STRIPES)
    code, out, _ = run("tables", first, "--with", second, "--json")
    assert code == 0
    assert all(each["rows"] == each["catalog_rows"] for each in json.loads(out))
    code, out, err = run("tables", first, "--json")
    assert (code, out) == (6, "")
    assert json.loads(err)["error"]["key"] == "inside-stripes"
    assert "missing: 2" in json.loads(err)["error"]["text"]


def test_a_differential_on_its_full_and_on_none(run: Run) -> None:
    full, one, _ = (str(corpus_file(name)) for name in CHAIN)
    assert run("tables", one, "--full", full, "--json")[0] == 0
    code, _, err = run("tables", one, "--json")
    assert (code, json.loads(err)["error"]["key"]) == (6, "inside-needs-full")
    code, _, err = run("verify", one, "--full", str(corpus_file(NORTHWIND)), "--json")
    assert (code, json.loads(err)["error"]["key"]) == (6, "inside-wrong-full")


@pytest.mark.parametrize("verb", [("tables",), ("rows", "x"), ("verify",)])
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("dataplat__appveyor-lab/RestoreTimeClean/RestoreTimeClean_1.trn", "inside-log"),
        ("Apress__beg-visual-web-programming-in-csharp/3618_version 3/3618/Db/Friends_Data.MDF", "inside-2000"),
        ("Apress__pro-sql-server-reporting-services/Chapter 10/AS_DB.CAB", "inside-none"),
    ],
)
def test_what_cannot_be_looked_into_says_so_in_both_languages(run: Run, verb: Any, name: str, key: str) -> None:
    file = str(corpus_file(name))
    for language in ("en", "nl"):
        code, out, err = run(verb[0], file, *verb[1:], "--json", "--lang", language)
        told = json.loads(err)["error"]
        assert (code, out, told["key"]) == (6, "", key)
        assert told["hint"]
        assert "<" not in told["text"] + told["hint"]


def test_verify_json_counts_everything(run: Run) -> None:
    code, out, err = run("verify", str(corpus_file(NORTHWIND)), "--json")
    assert (code, err) == (0, "")
    seen = json.loads(out)
    assert set(seen) >= {"file", "whole", "checked", "damage", "more_damage", "differing", "unread", "problems"}
    assert seen["whole"]
    assert seen["checked"]["rows"] == 3308
    assert seen["checked"]["tables"] == 16
    assert 0 < seen["checked"]["page_checksums"] <= seen["checked"]["pages"]
    assert "Everything holds." in run("verify", str(corpus_file(NORTHWIND)))[1]


def test_damage_is_told_and_the_rest_is_still_there(run: Run, tmp_path: Path) -> None:
    path = str(damaged(tmp_path))
    code, out, err = run("rows", path, "MyValues")
    assert code == 6
    left = len(out.splitlines()) - 1
    assert 4800 < left < 5000
    assert "dbo.MyValues: Page 1:" in err
    assert f"{left:,} rows were found, the catalog counts 5,000" in err
    code, out, err = run("tables", path, "--json")
    assert (code, json.loads(err)["error"]["key"]) == (6, "inside-damage")
    assert [(each["rows"], each["catalog_rows"]) for each in json.loads(out)] == [(left, 5000)]
    code, out, _ = run("verify", path, "--json")
    seen = json.loads(out)
    assert (code, seen["whole"], seen["differing"][0]["rows"]) == (6, False, left)
    assert {each["code"] for each in seen["damage"]} == {"page-checksum"}
    assert run("rows", path, "MyValues", "--output", str(tmp_path / "rows.csv"))[0] == 6
    assert len((tmp_path / "rows.csv").read_text("utf-8").splitlines()) == left + 1


def test_a_delivery_is_its_sealed_original_and_a_file_comes_first(
    run: Run, office: FakeOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    office.originals["D-0007"] = str(corpus_file(NORTHWIND))
    for name in ("D-0007", "d7", "7"):
        assert len(json.loads(run("tables", name, "--json")[1])) == 16
    code, _, err = run("verify", "8", "--json")
    assert (code, json.loads(err)["error"]["key"]) == (4, "delivery")
    Path("7").write_bytes(b"no back-up")
    assert run("tables", "7")[0] == 6
    code, _, err = run("tables", "nowhere.bak", "--json")
    assert (code, json.loads(err)["error"]["key"]) == (4, "file")


def process(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments],
        env={**os.environ, "PYTHONPATH": str(sources.ROOT), "LC_ALL": "C"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_reader_that_leaves_early_is_no_error() -> None:
    done = process("rows", str(corpus_file(NORTHWIND)), "Order Details")
    assert done.stdout is not None
    assert done.stdout.readline().startswith(b"OrderID")
    done.stdout.close()
    assert done.wait(30) == 0
    assert done.stderr is not None
    assert done.stderr.read() == b""
    done.stderr.close()


def test_a_stop_leaves_no_half_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_arguments: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return iter(())

    monkeypatch.setattr(opened.Inside, "batches", stop)
    file = str(corpus_file(NORTHWIND))
    assert run("rows", file, "Orders", "--output", str(tmp_path / "a.csv"))[0] == 130
    assert os.listdir(tmp_path) == []


def test_parquet_without_pyarrow_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    code, out, err = run("rows", str(corpus_file(NORTHWIND)), "Orders", "--format", "parquet", "--json")
    assert (code, out, json.loads(err)["error"]["key"]) == (13, "", "parquet-missing")
    assert "wissel[parquet]" in json.loads(err)["error"]["hint"]
