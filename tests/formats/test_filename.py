from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats.filename import ParsedName, compose, parse

JANSEN = ParsedName(date(2017, 6, 1), 421, None, "2016", "Jansen", by_convention=True)


def test_the_documented_example() -> None:
    assert parse("20091001-394-SQL2008-Mijn Administratie.ebu") == ParsedName(
        date(2009, 10, 1), 394, None, "2008", "Mijn Administratie", by_convention=True
    )
    assert compose(date(2009, 10, 1), 394, "2008", "Mijn Administratie") == (
        "20091001-394-SQL2008-Mijn Administratie.ebu"
    )


@pytest.mark.parametrize(
    "name",
    [
        "20170601-421-SQL2016-Jansen.ebu",
        "20170601-421-sql2016-Jansen.EBU",
        "20170601-421-SQL 2016-Jansen.ebu",
        "20170601 - 421 - SQL2016 - Jansen.ebu",
        "20170601-421-SQL2016-Jansen (1).ebu",
        "20170601-421-SQL2016-Jansen(12).ebu",
        "20170601-421-SQL2016-Jansen - kopie.ebu",
        "20170601-421-SQL2016-Jansen - Kopie (2).ebu",
        "20170601-421-SQL2016-Jansen - Copy.ebu",
        "20170601-421-SQL2016-Jansen.ebu.zip",
        "20170601-421-SQL2016-Jansen (3).ebu.part",
        "20170601-421-SQL2016-Jansen.ebu.crdownload",
        "20170601-421-SQL2016-Jansen.ebu (1)",
        "..\\..\\20170601-421-SQL2016-Jansen.ebu",
        "/tmp/20170601-421-SQL2016-Jansen.ebu",
    ],
)
def test_spellings_of_one_name(name: str) -> None:
    assert parse(name) == JANSEN


@pytest.mark.parametrize(
    ("name", "service_pack", "release", "administration"),
    [
        ("20170601-421SP7-SQL2008R2-A.ebu", 7, "2008 R2", "A"),
        ("20170601-421 sp 12-SQL2008 r2-A.ebu", 12, "2008 R2", "A"),
        ("20170601-421-SQL2022-V.O.F. De Hoop-2019-x.ebu", None, "2022", "V.O.F. De Hoop-2019-x"),
        ("20170601-421-SQL2022-150.ebu", None, "2022", "150"),
        ("20170601-421-SQL2022-Café ’t Hoekje.ebu", None, "2022", "Café ’t Hoekje"),
    ],
)
def test_parts_that_vary(name: str, service_pack: int | None, release: str, administration: str) -> None:
    found = parse(name)
    assert (found.product_update, found.service_pack, found.sql_release) == (421, service_pack, release)
    assert (found.administration_name, found.by_convention) == (administration, True)


@pytest.mark.parametrize("day", ["20171301", "20170230", "00000000", "2017060١"])
def test_a_date_that_does_not_exist_is_not_by_convention(day: str) -> None:
    found = parse(f"{day}-421-SQL2016-Jansen.ebu")
    assert (found.backup_date, found.by_convention) == (None, False)
    assert (found.product_update, found.sql_release, found.administration_name) == (421, "2016", "Jansen")


@pytest.mark.parametrize(
    ("name", "day", "administration"),
    [
        ("Jansen 20081001.ebu", date(2008, 10, 1), "Jansen"),
        ("Jansen_20081001 (1).ebu", date(2008, 10, 1), "Jansen"),
        ("20081001 Jansen.ebu", date(2008, 10, 1), "Jansen"),
        ("Jansen.ebu", None, "Jansen"),
        ("20081001.ebu", date(2008, 10, 1), None),
        (".ebu", None, None),
    ],
)
def test_names_from_before_the_convention(name: str, day: date | None, administration: str | None) -> None:
    assert parse(name) == ParsedName(backup_date=day, administration_name=administration)


def test_another_suffix_is_not_by_convention_but_still_claims() -> None:
    found = parse("20170601-421-SQL2016-Jansen.bak")
    assert (found.product_update, found.administration_name, found.by_convention) == (421, "Jansen", False)
    for name in ("Northwind.bak", "", "readme", "20170601.bak", "a" * 5000 + ".ebu"):
        assert parse(name) == ParsedName()


def test_compose_with_service_pack_and_forbidden_characters() -> None:
    assert compose(date(2024, 2, 29), 421, "2008 R2", ' A/B: "C"*? ', service_pack=7) == (
        "20240229-421SP7-SQL2008R2-A_B_ _C___.ebu"
    )


@pytest.mark.parametrize(
    ("update", "release", "name"), [(42100, "2016", "A"), (421, "2012 RC0", "A"), (421, "2016", " . ")]
)
def test_compose_refuses_what_the_convention_cannot_hold(update: int, release: str, name: str) -> None:
    with pytest.raises(ValueError, match="ebu"):
        compose(date(2024, 1, 1), update, release, name)


_WORD = st.text(st.characters(exclude_characters='\\/:*?"<>|', exclude_categories=("Cc", "Cs", "Z")), min_size=1)
_NAMES = st.lists(_WORD, min_size=1, max_size=4).map(" ".join)


@given(
    st.dates(),
    st.integers(0, 999),
    st.none() | st.integers(0, 99),
    st.sampled_from(["2005", "2008", "2008 R2", "2012", "2014", "2016", "2017", "2019", "2022", "2025"]),
    _NAMES,
)
def test_parse_gives_back_what_compose_put_in(
    day: date, update: int, service_pack: int | None, release: str, name: str
) -> None:
    composed = compose(day, update, release, f"x{name}x", service_pack=service_pack)
    assert parse(composed) == ParsedName(day, update, service_pack, release, f"x{name}x", by_convention=True)


@given(st.text())
def test_no_name_makes_it_fail(name: str) -> None:
    parse(name)
    parse(name + ".ebu")
    parse("20170601-421-SQL2016-" + name)
