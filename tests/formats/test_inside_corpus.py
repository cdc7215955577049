"""Strangers' databases: tables and rows as the corpus has them, every check holds, known numbers come out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from corpus import CORPUS, corpus_facts, corpus_file

from core.errors import BadFormat
from core.formats.inside.database import Database
from core.formats.inside.opening import open_backup

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(180)]

Facts = Mapping[str, Any]
FIRST_2005 = 611
NORTHWIND = (
    "xandelima__MVCNorthwind/Northwind.bak",
    "2692667768__fifth/Northwind.bak",
    "khoitran0611__AllSourceCodeForReference/Northwind.bak",
)
CYRILLIC = "lenskii__ASCON_TestApp/db.bak"


@pytest.fixture(scope="module", name="complete")
def _complete() -> list[Facts]:
    entries: list[Facts] = json.loads(corpus_facts().read_text("utf-8"))
    return [entry for entry in entries if entry["tables"] is not None]


def column(database: Database, table: str, name: str) -> list[Any]:
    found = database.table(table)
    assert found is not None
    return [value for batch in database.read(found, [name]) for value in batch.columns[0].to_list()]


def test_tables_and_rows_of_every_complete_database(complete: list[Facts]) -> None:
    wrong: list[str] = []
    total = 0
    for entry in complete:
        if entry["internal_version"] < FIRST_2005:
            continue
        total += 1
        with open_backup(CORPUS / entry["file"]) as database:
            found = database.verify()
        rows = sum(check.rows or 0 for check in found.tables)
        counts = all(check.rows == check.table.rows for check in found.tables)
        undecoded = sum(check.undecoded for check in found.tables)
        right = (len(found.tables), rows, counts) == (entry["tables"], entry["rows"], True)
        if not (right and found.good and found.pages and not undecoded):
            wrong.append(f"{entry['file']}: {len(found.tables)} tables, {rows} rows, {undecoded} {found.damage}")
    print(f"{total - len(wrong)}/{total} right")
    assert total
    assert not wrong, "\n".join(wrong)


def test_older_databases_are_refused_by_name(complete: list[Facts]) -> None:
    older = [entry for entry in complete if entry["internal_version"] < FIRST_2005]
    for entry in older:
        with pytest.raises(BadFormat) as refused:
            open_backup(CORPUS / entry["file"])
        assert refused.value.args[0] == "inside-2000"


@pytest.mark.parametrize("name", NORTHWIND)
def test_the_reference_numbers(name: str) -> None:
    with open_backup(corpus_file(name)) as database:
        quantity = column(database, "Order Details", "Quantity")
        price = column(database, "Order Details", "UnitPrice")
        assert len(column(database, "Orders", "OrderID")) == 830
        assert (len(quantity), sum(quantity)) == (2155, 51_317)
        assert sum(a * b for a, b in zip(price, quantity, strict=True)) == Decimal("1354458.5900")
        assert len(column(database, "dbo.customers", "CustomerID")) == 91
        assert len(column(database, "Products", "ProductID")) == 77
        assert sum(column(database, "Products", "Discontinued")) == 8
        assert len(column(database, "Categories", "Picture")[0]) == 10_746
        assert len(column(database, "Employees", "Photo")[0]) == 21_626
        assert database.damage.all == ()


def test_the_same_rows_bare_and_packed() -> None:
    """One database, once as a tape and once compressed by SQL Server 2008."""
    folder = "Apress__pro-sql-server-2012-bi-solutions/"
    facts: Sequence[Facts] = json.loads(corpus_facts().read_text("utf-8"))
    files = [entry for entry in facts if entry["file"].startswith(folder) and "DWPubsSales_Before" in entry["file"]]
    kinds = {entry["container_kind"] for entry in files}
    assert kinds == {"tape", "compressed"}
    seen = []
    for entry in files:
        with open_backup(CORPUS / entry["file"]) as database:
            rows = {
                table.full_name: [
                    row
                    for batch in database.read(table)
                    for row in zip(*(each.to_list() for each in batch.columns), strict=True)
                ]
                for table in database.tables()
            }
        seen.append(rows)
    assert all(each == seen[0] for each in seen)


def test_text_follows_the_collation_of_its_column() -> None:
    with open_backup(corpus_file(CYRILLIC)) as database:
        texts = [value for table in ("Components", "ComponentsList") for value in column(database, table, "Name")]
    letters = {letter for text in texts for letter in text if not letter.isascii()}
    assert letters
    assert all("\u0400" <= letter <= "\u04ff" for letter in letters)


def test_the_catalog_describes_itself_as_we_read_it(complete: list[Facts]) -> None:
    """The offsets of `system` are those that the catalog's own rows about itself give."""
    from core.formats.inside import system
    from core.formats.inside.catalog import _stored

    numbers = {5: system.ROWSETS, 34: system.OBJECTS, 41: system.COLUMNS, 7: system.ALLOCATION_UNITS}
    versions = {entry["internal_version"]: entry["file"] for entry in complete}
    for version, file in versions.items():
        if version < FIRST_2005:
            continue
        more = {3: system.ROWSET_COLUMNS} if version >= system.FIRST_2008 else {13: system.HOBT_COLUMNS_2005}
        with open_backup(CORPUS / file) as database:
            tables = database._system
            stored = _stored(tables)
            for number, layout in {**numbers, **more}.items():
                own = (tables.rowsets["object"] == number) & (tables.rowsets["index"] <= 1)
                rowset = int(tables.rowsets["id"][own][0])
                places = {place.offset for place in stored[rowset].values()}
                ours = {offset for name, (offset, _) in layout.fixed.items()}
                skipped = {39} if number == 5 and version < system.FIRST_2008 else set()
                # An address of a page is one column of six bytes, which we read as two.
                assert ours - skipped - {43 if number == 7 else None} <= places, (version, number)
