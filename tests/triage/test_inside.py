"""Which deliveries are looked into, how what was found joins the evidence, and that every fact has a name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factory.evidence import BOUND, SQL16, TABLES, claim, evidence

from core.model import Claim, Evidence, FactValue, Source
from core.texts import has, say
from core.triage.evidence import facts_of
from core.triage.inside import FOUND, LOOKED, Look, Opening, looked, opening, with_inside
from core.triage.rules import judge

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


def test_pages_outrank_the_header_and_that_outranks_the_name() -> None:
    said = [claim("administration_number", number, source) for number, source in (
        ("153", Source.NAME), ("152", Source.HEADER), ("151", Source.PAGES),
    )]  # fmt: skip
    name, header, pages = said
    held = evidence(name, header, without="administration_number")
    assert held.value("administration_number") == "152"
    better = with_inside(held, [pages])
    assert better.value("administration_number") == "151"
    assert facts_of(better)["administration_number"] == "151"
    (hit,) = [each for each in judge(better, SQL16, BOUND, TABLES).reasons if each.rule == 502]
    assert hit.params["inside"] == "151"
    assert hit.evidence == (pages,)
    assert not [each for each in judge(with_inside(held, []), SQL16, BOUND, TABLES).reasons if each.rule == 503]


NAMED = evidence(claim("product_update", 418, Source.NAME), without="product_update")


@pytest.mark.parametrize(
    ("held", "batch", "update"),
    [
        (NAMED, 421, 421),
        (NAMED, 0, 418),
        (NAMED, 8021, 418),
        (evidence(without="product_update"), 360, 360),
        (evidence(without="product_update"), 20210, None),
        (evidence(claim("product_update", 418, Source.CONTAINER), without="product_update"), 421, 418),
        (replace(NAMED, claims=(*NAMED.claims, claim("product_update", 419, Source.OPERATOR))), 421, 419),
    ],
)
def test_the_batch_of_the_company_is_taken_for_its_product_update(held: Evidence, batch: int, update: int) -> None:
    seen = with_inside(held, [claim("batch_level", batch, Source.PAGES)])
    assert seen.value("product_update") == update
    found = seen.claim("product_update")
    if found is not None:
        assert found.inferred is (update == batch)
    assert with_inside(seen, []).value("product_update") == held.value("product_update")


def test_what_is_concluded_from_the_batch_stays_a_conclusion() -> None:
    seen = with_inside(NAMED, [claim("batch_level", 503, Source.PAGES)])
    assert [each.inferred for each in seen.claims_of("family")] == [True]
    found = {(each.rule, each.variant): each for each in judge(seen, SQL16, BOUND, TABLES).reasons}
    assert (601, "update") in found
    assert found[602, "batch"].params == {"value": 503}
    assert (602, "update") not in found


def test_the_form_of_a_company_makes_no_other_name_of_it() -> None:
    named = claim("administration_name", "Klomp Metaal", Source.NAME)
    for inside, differs in (("Klomp Metaal B.V.", False), ("KLOMP METAAL", False), ("Klomp Beheer B.V.", True)):
        held = evidence(named, claim("company_name", inside, Source.PAGES), without="administration_name")
        rules = {(each.rule, each.variant) for each in judge(held, SQL16, BOUND, TABLES).reasons}
        assert ((601, "name") in rules) is differs


@pytest.mark.parametrize("fact", [*FOUND, *(f"looked.{each.value}" for each in Look)])
def test_every_fact_has_a_name(fact: str) -> None:
    assert has(f"word.fact.{fact}" if "." not in fact else f"word.{fact}")


@pytest.mark.parametrize("fact", FOUND)
def test_every_name_of_a_fact_has_room_in_the_dossier(fact: str) -> None:
    assert all(len(say(f"word.fact.{fact}", language)) < 24 for language in ("en", "nl"))
