"""Which deliveries are looked into, how what was found joins the evidence, and that every fact has a name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factory.evidence import claim, evidence

from core.model import Claim, Evidence, FactValue, Source
from core.texts import has
from core.triage.inside import FOUND, LOOKED, Look, Opening, looked, opening, with_inside

EVERYDAY = evidence()


@pytest.mark.parametrize(
    ("held", "how"),
    [
        (EVERYDAY, Opening()),
        (evidence(sets=1, set_number=1), Opening()),
        (evidence(sets=3, set_number=2), Opening(position=2)),
        (evidence(backups_inside=2, backup_taken="150.bak"), Opening(member="150.bak")),
        (evidence(kind="data-file", content="data-file", without="backup_type"), Opening()),
        (evidence(kind="compressed", without="content"), Opening()),
        (evidence(kind="practice", content="practice"), Opening(practice=True)),
        (evidence(kind="zip", content="practice"), None),
        (evidence(family_count=2, stripe="1/2"), None),
        (evidence(family_count=2, stripes_inside="1 2"), Opening()),
        (evidence(backup_type="log"), None),
        (evidence(without="backup_type"), None),
        (evidence(encrypted=True), None),
        (evidence(content="data-file", primary_missing=True), None),
        (evidence(without="content"), None),
        (evidence(kind="pdf"), None),
    ],
)
def test_what_is_looked_into(held: Evidence, how: Opening | None) -> None:
    assert opening(held) == how


def values(held: Evidence, fact: str) -> list[FactValue]:
    return [each.value for each in held.claims_of(fact)]


def test_a_look_takes_the_place_of_an_earlier_one_and_of_nothing_else() -> None:
    told = Claim("product_update", 418, Source.OPERATOR)
    held = replace(EVERYDAY, claims=(*EVERYDAY.claims, claim("database", "150", Source.PAGES), told))
    first = with_inside(held, [claim("login", "a", Source.PAGES), claim(LOOKED, Look.PARTLY.value, Source.PAGES)])
    second = with_inside(first, [claim("administration_number", "151", Source.PAGES)])
    assert not looked(held)
    assert looked(first)
    assert not looked(second)
    assert values(second, "login") == []
    assert values(second, "product_update") == [418, 421]
    assert values(second, "administration_number") == ["151", "150", "120"]
    assert with_inside(second, []).claims == with_inside(held, []).claims


@pytest.mark.parametrize("fact", [*FOUND, *(f"looked.{each.value}" for each in Look)])
def test_every_fact_has_a_name(fact: str) -> None:
    assert has(f"word.fact.{fact}" if "." not in fact else f"word.{fact}")
