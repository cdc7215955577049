"""The data files, and what happens when the firm lays its own over them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.texts import say
from core.triage import releases
from core.triage.releases import load_tables, tidy_label

TABLES = load_tables()


@pytest.mark.parametrize(
    ("internal", "label"),
    [
        (515, "7.0"), (539, "2000"), (611, "2005"), (612, "2005"), (655, "2008"), (660, "2008 R2"), (661, "2008 R2"),
        (705, "2012 RC0"), (706, "2012"), (782, "2014"), (852, "2016"), (868, "2017"), (869, "2017"), (904, "2019"),
        (957, "2022"), (998, "2025"),
    ],
)  # fmt: skip
def test_internal_versions(internal: int, label: str) -> None:
    assert TABLES.of_version(internal).label == label


@pytest.mark.parametrize("internal", [1, 600, 684, 705, 830, 895, 950, 997])
def test_numbers_between_the_final_ones_are_pre_releases(internal: int) -> None:
    found = TABLES.of_version(internal)
    assert found.prerelease
    assert found.low <= internal <= found.high


def test_a_number_beyond_the_table() -> None:
    assert TABLES.of_version(1500).beyond
    assert TABLES.releases[-1].older_than(TABLES.of_version(999))


@pytest.mark.parametrize(
    ("text", "label"),
    [("2008 R2", "2008 R2"), ("SQL2008R2", "2008 R2"), ("sql server 2016", "2016"), (" 2012 rc0", "2012 RC0")],
)
def test_labels_are_read_tolerantly(text: str, label: str) -> None:
    found = TABLES.of_label(text)
    assert found is not None
    assert found.label == label


@pytest.mark.parametrize("text", ["", "Oracle", "2011", "16"])
def test_a_label_that_is_none(text: str) -> None:
    assert TABLES.of_label(text) is None


def test_a_year_after_the_newest_is_a_release_we_do_not_know_yet() -> None:
    found = TABLES.of_label("2031")
    assert found is not None
    assert found.beyond


@pytest.mark.parametrize(
    ("engine", "label"),
    [("10.50.1600", "2008 R2"), ("10.0.2531", "2008"), ("11.0.1750", "2012"), ("17.0.1050", "2025"), ("99.0", None)],
)
def test_engines(engine: str, label: str | None) -> None:
    found = TABLES.of_engine(engine)
    assert (found.label if found else None) == label


@pytest.mark.parametrize(
    ("label", "gigabytes"),
    [("7.0", 2), ("2000", 2), ("2005", 4), ("2008", 4), ("2008 R2", 10), ("2012", 10), ("2022", 10), ("2025", 50)],
)
def test_express_limits(label: str, gigabytes: int) -> None:
    assert TABLES.express_limit(TABLES.labels[label]) == gigabytes * 1024**3


@pytest.mark.parametrize(
    ("update", "label", "goes"),
    [
        (392, "2008", False), (393, "2008", True), (397, "2008 R2", False), (398, "2008 R2", True), (392, "2005", True),
        (500, "2017", False), (500, "2019", True), (499, "2008 R2", True), (507, "2025", True),
    ],
)  # fmt: skip
def test_product_updates_and_releases(update: int, label: str, goes: bool) -> None:
    assert TABLES.goes_with(update, TABLES.labels[label]) is goes


def test_every_shipped_row_names_its_source() -> None:
    for file in (Path(releases.__file__).parent / "data").glob("*.toml"):
        for rows in tomllib.loads(file.read_text("utf-8")).values():
            assert all(len(row["source"]) > 10 for row in rows)


def test_the_firm_adds_and_replaces_rows(tmp_path: Path) -> None:
    file = tmp_path / "tables.toml"
    file.write_text("""
[[release]]
label = "2028"
internal = [1040, 1041]
engine = "18.0"
source = "our own server"
[[express]]
from_release = "2025"
bytes = 60_000_000_000
source = "a letter"
[[support]]
sql_release = "2022"
first_update = 424
source = "Exact support"
[[minimum]]
first_update = 510
sql_release = "2022"
source = "Exact support"
[[package]]
name = "wizard"
bytes = 1_000_000
source = "a test"
""")
    tables = load_tables(file)
    assert tables.of_version(1041).label == "2028"
    assert tables.express_limit(tables.labels["2028"]) == 60_000_000_000
    assert not tables.goes_with(421, tables.labels["2022"])
    assert not tables.goes_with(510, tables.labels["2019"])
    assert tables.wizard_bytes == 1_000_000
    assert tables.of_version(852) == TABLES.of_version(852)


ROW = '[[release]]\nlabel = "2028"\ninternal = {internal}\nsource = "x"'
WRONG = {
    "not toml": ("[[", "-", ""),
    "unknown table": ("[[releases]]\nlabel = 1", "releases", "unknown table"),
    "not a list": ('[release]\nlabel = "x"', "release", "[[release]]"),
    "not a row": ("release = [1]", "release 1", "not a table"),
    "unknown field": ('[[release]]\nname = "x"', "release 1", "unknown field name"),
    "no source": ('[[release]]\nlabel = "x"\ninternal = 1', "release 1", "source is missing"),
    "empty source": ('[[release]]\nlabel = "x"\ninternal = 1\nsource = ""', "release 1", "source = ''"),
    "flag for a number": (
        '[[express]]\nfrom_release = "2016"\nbytes = true\nsource = "x"',
        "express 1",
        "bytes = True",
    ),
    "no bytes": ('[[express]]\nfrom_release = "2016"\nbytes = 0\nsource = "x"', "express 1", "bytes = 0"),
    "not a range": (ROW.format(internal="[5, 4]"), "release 2028", "internal = [5, 4]"),
    "three numbers": (ROW.format(internal="[4, 5, 6]"), "release 2028", "internal = [4, 5, 6]"),
    "text": (ROW.format(internal='"852"'), "release 2028", "internal = '852'"),
    "overlap": (ROW.format(internal="[900, 910]"), "release 2019", "overlaps"),
    "no such release": (
        '[[support]]\nsql_release = "1"\nfirst_update = 1\nsource = "x"',
        "support",
        "sql_release = '1'",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_row_is_named(tmp_path: Path, wrong: str) -> None:
    text, row, why = WRONG[wrong]
    file = tmp_path / "tables.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load_tables(file)
    assert raised.value.key == "tables-file"
    assert why in str(raised.value.params["why"])
    if wrong != "overlap":
        assert raised.value.params["file"] == str(file)
        assert raised.value.params["row"] == row
    for language in ("en", "nl"):
        for kind in ("error", "hint"):
            assert "<" not in say(f"{kind}.tables-file", language, **raised.value.params).replace(why, "")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        load_tables(tmp_path / "none.toml")


def test_labels_are_tidied() -> None:
    assert tidy_label("SQL Server 2008r2") == "2008 R2"
