"""Missing evidence never makes an answer better, and what does not matter changes nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from factory.evidence import BOUND, CLIENT, SQL16, TABLES, evidence
from factory.rules import EXAMPLES, Example
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.model import (
    Administration,
    Answer,
    Circumstances,
    Claim,
    Client,
    Evidence,
    Finding,
    Holding,
    Related,
    Source,
    Target,
    Verdict,
)  # fmt: skip
from core.triage.rules import judge

Record = TypeVar("Record", Target, Client, Circumstances)
GB = 1024**3
MANY = settings(max_examples=300, deadline=None)
VERSIONS = st.sampled_from([539, 611, 655, 661, 705, 706, 782, 830, 852, 869, 904, 957, 998, 1200])
RELEASES = st.sampled_from(["2000", "2008", "2008 R2", "2012", "2014", "2016", "2019", "2022", "2025", "2031", "?"])
UPDATES = st.sampled_from([360, 393, 394, 418, 421, 424, 499, 500, 503])
FAMILIES = st.sampled_from(["next", "plus"])
NUMBERS = st.sampled_from(["007", "120", "150"])
SIZES = st.sampled_from([1, 300_000_000, 2_147_450_880, 2_147_450_881, 5 * GB, 11 * GB, 60 * GB])
EDITIONS = st.sampled_from(["express", "standard", None])
KINDS = [
    "cabinet",
    "cabinet",
    "cabinet",
    "tape",
    "compressed",
    "data-file",
    "zip",
    "practice",
    "unknown",
    "ewon-firmware",
]
FACTS: dict[str, st.SearchStrategy[str | int | bool]] = {
    "internal_version": VERSIONS,
    "sql_release": RELEASES,
    "product_update": UPDATES,
    "service_pack": st.integers(0, 3),
    "family": FAMILIES,
    "backup_type": st.sampled_from(["full", "full", "differential", "log"]),
    "administration_number": NUMBERS,
    "administration_name": st.sampled_from(["Klomp", "Jansen"]),
    "data_bytes": SIZES,
    "content": st.sampled_from(["tape", "tape", "compressed", "data-file", "practice"]),
    "wrapped": st.just(value=True),
    "edition": st.sampled_from(["express", "standard"]),
    "encrypted": st.booleans(),
    "password": st.booleans(),
    "packing": st.sampled_from(["mszip", "lzx"]),
    "other_members": st.integers(1, 3),
    "sets": st.integers(1, 3),
    "stripe": st.sampled_from(["1/1", "1/2"]),
    "family_count": st.integers(1, 2),
    "product": st.sampled_from(["globe", "exact-online"]),
    "company_name": st.sampled_from(["Klomp", "Jansen"]),
}
CLAIMS = st.sampled_from(sorted(FACTS)).flatmap(
    lambda fact: st.builds(Claim, st.just(fact), FACTS[fact], st.sampled_from(Source))
)
FINDINGS = st.builds(
    Finding,
    st.sampled_from(["truncated", "wrapped-2gb", "packing-unknown", "record-unknown", "encrypted", "trailing"]),
    proves_damage=st.booleans(),
)
USUAL = evidence().claims
EVIDENCE = st.builds(
    lambda kind, claims, gone, findings: Evidence(
        kind,
        (*(each for each in USUAL if each.fact not in gone), *claims),
        tuple(findings),
        kind == "ewon-firmware",
    ),
    st.sampled_from(KINDS),
    st.lists(CLAIMS, max_size=5),
    st.sets(st.sampled_from(sorted(each.fact for each in USUAL)), max_size=3),
    st.lists(FINDINGS, max_size=1) | st.just([]),
)
"""The everyday delivery with a few claims more and a few less: most of it is near a clean yes."""


def some(value: Record, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Record]:
    """`value` with at most three fields changed."""
    changes = st.lists(st.sampled_from(sorted(fields)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: fields[name] for name in names})
    )
    return changes.map(lambda each: replace(value, **each))


TARGETS = some(
    replace(SQL16, name="t"),
    engine=st.just("embedded"),
    family=st.one_of(st.none(), FAMILIES),
    product_update=st.one_of(st.none(), UPDATES),
    service_pack=st.one_of(st.none(), st.integers(0, 3)),
    sql_release=st.one_of(st.none(), RELEASES),
    internal_version=st.one_of(st.none(), VERSIONS),
    edition=EDITIONS,
    accountancy=st.booleans(),
    isolated=st.booleans(),
    free_bytes=st.sampled_from([1, 900_000_000, 200 * GB]),
    stale=st.booleans(),
)
CLIENTS = some(
    CLIENT,
    family=FAMILIES,
    product_update=UPDATES,
    service_pack=st.integers(0, 3),
    sql_release=RELEASES,
    edition=EDITIONS,
    administrations=st.lists(
        st.builds(Administration, NUMBERS, st.sampled_from(["", "Klomp", "Jansen"])), max_size=2
    ).map(tuple),
)
HOLDINGS = st.builds(
    Holding, st.just("t"), NUMBERS, st.sampled_from(["KLM-044", "ABC-012"]), st.sampled_from(["D-0001", "D-2"])
)
CIRCUMSTANCES = some(
    BOUND,
    moment=st.sampled_from(["restore", "return"]),
    stage=st.sampled_from(["arriving", "reading", "unreadable"]),
    client=st.one_of(st.none(), CLIENTS),
    bound_by_hand=st.booleans(),
    base_full=st.just("D-2"),
    stripes_here=st.just(frozenset({1, 2})),
    same_bytes=st.just((Related("D-2", "ok"),)),
    later=st.just((Related("D-2", "ok"),)),
    out=HOLDINGS,
    holdings=st.lists(HOLDINGS, max_size=2).map(tuple),
    swapped_in=st.booleans(),
)

NO_CLIENT_FACT: dict[str, dict[str, object]] = {
    "container": {},
    "release": {"sql_release": None},
    "update": {"product_update": None, "service_pack": None},
    "family": {"family": None, "product_update": None},
    "kind": {},
    "number": {"administrations": ()},
    "size": {},
}
"""Core fact -> what the register says of it."""
GONE = {
    "container": {"content", "wrapped", "packing", "other_members"},
    "release": {"internal_version", "sql_release"},
    "update": {"product_update"},
    "family": {"family", "product_update"},
    "kind": {"backup_type"},
    "number": {"administration_number"},
    "size": {"data_bytes"},
}
"""Core fact -> the claims that tell it."""


def tells_otherwise(held: Evidence, around: Circumstances) -> bool:
    """Does the product update's number tell another family than the declared one?"""
    by_number = {"plus" if int(each.value) >= 500 else "next" for each in held.claims if each.fact == "product_update"}
    declared = {each.value for each in held.claims if each.fact == "family"}
    client = around.client
    if client and client.product_update:
        by_number.add("plus" if client.product_update >= 500 else "next")
    return len(by_number | declared | ({client.family} if client and client.family else set())) > 1


def without(fact: str, held: Evidence, around: Circumstances) -> tuple[Evidence, Circumstances]:
    """The same with one core fact taken away: nothing tells it any more.

    A number tells a family too: where it contradicts the declared one, it has to go as well.
    """
    keep = {"product_update"} if fact == "family" and not tells_otherwise(held, around) else set()
    claims = tuple(claim for claim in held.claims if claim.fact not in GONE[fact] - keep)
    kind = "unknown" if fact == "container" else held.kind
    noted = {name: value for name, value in NO_CLIENT_FACT[fact].items() if name not in keep}
    client = around.client and replace(around.client, **noted)  # type: ignore[arg-type]
    bare = replace(held, kind=kind, stranger=held.stranger and kind == held.kind, claims=claims)
    return bare, replace(around, client=client)


def never_better(before: Answer, after: Answer) -> bool:
    if before in (Answer.NO, Answer.UNKNOWN):
        return after in (Answer.NO, Answer.UNKNOWN)
    return after.badness >= before.badness


def assert_not_better(before: Verdict, after: Verdict) -> None:
    assert never_better(before.work, after.work), (before.work, after.work, before.reasons, after.reasons)
    assert never_better(before.back, after.back), (before.back, after.back, before.reasons, after.reasons)


@pytest.mark.parametrize("fact", GONE)
@MANY
@given(held=EVIDENCE, target=TARGETS, around=CIRCUMSTANCES)
def test_a_core_fact_taken_away_makes_nothing_better(
    fact: str, held: Evidence, target: Target, around: Circumstances
) -> None:
    bare, bare_around = without(fact, held, around)
    assert_not_better(judge(held, target, around, TABLES), judge(bare, target, bare_around, TABLES))


@pytest.mark.parametrize("fact", GONE)
@pytest.mark.parametrize("each", EXAMPLES, ids=lambda each: f"{each.rule}-{each.variant}")
def test_nor_in_any_example_of_the_rule_book(each: Example, fact: str) -> None:
    bare, bare_around = without(fact, each.evidence, each.circumstances)
    before = judge(each.evidence, each.target, each.circumstances, TABLES)
    assert_not_better(before, judge(bare, each.target, bare_around, TABLES))


AGREEING = {
    "internal_version": [Source.HEADER, Source.PAGES],
    "sql_release": [Source.HEADER, Source.NAME, Source.OPERATOR],
    "product_update": [Source.NAME, Source.OPERATOR],
    "family": [Source.OPERATOR, Source.CONTAINER],
    "backup_type": [Source.HEADER, Source.OPERATOR],
    "administration_number": [Source.HEADER, Source.OPERATOR],
    "data_bytes": [Source.HEADER, Source.CONTAINER],
    "content": [Source.CONTAINER],
}
PRESENT = {852: "2016", 661: "2008 R2", 904: "2019", 705: "2012 RC0"}


@st.composite
def agreeing(draw: st.DrawFn) -> Evidence:
    """Evidence that does not contradict itself: one value of each fact, said once or more."""
    version = draw(st.sampled_from(sorted(PRESENT)))
    update = draw(UPDATES)
    values: dict[str, str | int] = {
        "internal_version": version,
        "sql_release": PRESENT[version],
        "product_update": update,
        "family": "plus" if update >= 500 else "next",
        "backup_type": draw(st.sampled_from(["full", "log"])),
        "administration_number": draw(NUMBERS),
        "data_bytes": draw(SIZES),
        "content": draw(st.sampled_from(["tape", "data-file"])),
    }
    claims = [
        Claim(fact, value, source)
        for fact, value in values.items()
        for source in draw(st.lists(st.sampled_from(AGREEING[fact]), min_size=1, max_size=2, unique=True))
    ]
    return Evidence(
        draw(st.sampled_from(["cabinet", "tape", "zip"])), (*claims, Claim("wrapped", True, Source.CONTAINER))
    )


@MANY
@given(held=agreeing(), target=TARGETS, around=CIRCUMSTANCES.map(lambda each: replace(each, client=None)))
def test_any_single_claim_taken_away_makes_nothing_better(
    held: Evidence, target: Target, around: Circumstances
) -> None:
    before = judge(held, target, around, TABLES)
    for claim in held.claims:
        if claim.fact != "wrapped":
            bare = replace(held, claims=tuple(each for each in held.claims if each is not claim))
            assert_not_better(before, judge(bare, target, around, TABLES))


@settings(MANY, max_examples=150)
@given(held=EVIDENCE, target=TARGETS, around=CIRCUMSTANCES, seed=st.randoms(use_true_random=False))
def test_order_of_evidence_never_matters(held: Evidence, target: Target, around: Circumstances, seed: object) -> None:
    claims, findings = list(held.claims), list(held.findings)
    seed.shuffle(claims)  # type: ignore[attr-defined]
    shuffled = replace(held, claims=tuple(claims), findings=tuple(reversed(findings)))
    assert judge(shuffled, target, around, TABLES) == judge(held, target, around, TABLES)


@settings(MANY, max_examples=100)
@given(held=EVIDENCE, target=TARGETS, around=CIRCUMSTANCES)
@example(held=Evidence("tape"), target=Target("t"), around=Circumstances())
def test_the_answer_is_the_worst_of_the_reasons(held: Evidence, target: Target, around: Circumstances) -> None:
    verdict = judge(held, target, around, TABLES)
    order = [Answer.YES, Answer.CONDITIONAL, Answer.UNKNOWN, Answer.NO]
    assert verdict.work is max([each.work for each in verdict.reasons if each.work] or [Answer.YES], key=order.index)
    assert verdict.back is max([each.back for each in verdict.reasons if each.back] or [Answer.YES], key=order.index)
    assert [each.rule for each in verdict.reasons] == sorted(each.rule for each in verdict.reasons)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system cannot change its time zone in a process")
def test_the_time_zone_never_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    aware, naive = datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 1, 13)  # noqa: DTZ001 (as a register may hold it)
    told = (
        Claim("product_update", 418, Source.OPERATOR, at=aware),
        Claim("product_update", 421, Source.OPERATOR, at=naive),
    )
    held = Evidence("tape", (Claim("internal_version", 852, Source.HEADER), *told))
    target = Target("t", sql_release="2016", product_update=421)
    seen = []
    for zone in ("Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        seen.append(judge(held, target, Circumstances(), TABLES))
    monkeypatch.undo()
    time.tzset()
    assert seen[0] == seen[1] == seen[2]
    assert 302 in {reason.rule for reason in seen[0].reasons}
