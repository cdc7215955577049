"""What operators may answer, and in which form."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.model import FactValue
from core.texts import say
from core.triage.releases import load_tables
from core.triage.told import TELLABLE, read_told

TABLES = load_tables()
GOOD: list[tuple[str, str, FactValue]] = [
    ("sql_release", "sql2008r2", "2008 R2"),
    ("product_update", " 421 ", 421),
    ("service_pack", "SP7", 7),
    ("service_pack", "7", 7),
    ("family", "Next", "next"),
    ("administration_number", "7", "007"),
    ("administration_name", "Bakkerij Jansen", "Bakkerij Jansen"),
    ("backup_type", "full", "full"),
    ("data_bytes", "1,5 GB", 1_610_612_736),
    ("data_bytes", "812m", 851_443_712),
    ("data_bytes", "4096", 4096),
    ("edition", "Express", "express"),
    ("product", "exact-online", "exact-online"),
]
BAD = [
    ("sql_release", "Oracle"),
    ("product_update", "42"),
    ("product_update", "099"),
    ("product_update", "421SP7"),
    ("service_pack", "x"),
    ("family", "globe"),
    ("administration_number", "1000"),
    ("administration_number", "-1"),
    ("administration_name", "  "),
    ("data_bytes", "much"),
    ("data_bytes", "0"),
    ("edition", "large"),
]


@pytest.mark.parametrize(("fact", "text", "value"), GOOD)
def test_a_fact_is_read(fact: str, text: str, value: FactValue) -> None:
    assert read_told(fact, text, TABLES) == value


def test_every_fact_has_a_reading() -> None:
    assert {fact for fact, _, _ in GOOD} == set(TELLABLE)


@pytest.mark.parametrize(("fact", "text"), BAD)
def test_nonsense_is_refused_with_the_form(fact: str, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_told(fact, text, TABLES)
    assert raised.value.key == "told-value"
    assert str(raised.value.params["form"]) in say("hint.told-value", "nl", **raised.value.params)


def test_a_fact_that_nobody_asks_for_is_refused() -> None:
    with pytest.raises(UsageError) as raised:
        read_told("colour", "blue", TABLES)
    assert "sql_release" in say("hint.told-fact", "en", **raised.value.params)
    assert "colour" in say("error.told-fact", "en", **raised.value.params)
