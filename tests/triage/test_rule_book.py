"""Each rule once where it applies and once where it does not; what it says exists in both languages."""

from __future__ import annotations

from dataclasses import replace
from string import Formatter
from typing import Any

import pytest
from factory.evidence import BOUND, EMBEDDED, SQL16, TABLES, claim, evidence
from factory.rules import (
    EXAMPLES,
    FIRM,
    FULL_EXPRESS,
    GB,
    HELD,
    MSDE,
    NO,
    YES,
    Example,
    around,
    client,
    found,
    inside,
)

from core.model import Administration, Circumstances, Evidence, FactValue, Reason, Related, Severity, Source, Target
from core.texts import has, say
from core.texts.rules import TEXTS
from core.triage.rules import BOOK, judge
from core.triage.rules.inside import CHECKS


def reasons(example: Example) -> tuple[Reason, ...]:
    verdict = judge(example.evidence, example.target, example.circumstances, TABLES, example.targets)
    return tuple(reason for reason in verdict.reasons if reason.rule == example.rule)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.rule}-{each.variant}")
def test_the_rule_applies(example: Example) -> None:
    reason = next(each for each in reasons(example) if each.variant == example.variant)
    assert (reason.work, reason.back) == (example.work, example.back)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.rule}-{each.variant}")
@pytest.mark.parametrize("language", ["en", "nl"])
def test_its_sentence_is_whole(example: Example, language: str) -> None:
    for reason in reasons(example):
        key = f"rule.{reason.rule}.{reason.variant}" if reason.variant else f"rule.{reason.rule}"
        assert has(key)
        sentence = say(key, language, **reason.params)
        assert sentence[0].isalnum()
        assert sentence.endswith(".")
        assert "<" not in sentence
        assert "{" not in sentence


def test_every_rule_and_every_sentence_has_an_example() -> None:
    assert {example.rule for example in EXAMPLES} == {rule.number for rule in BOOK}
    spoken = {f"rule.{each.rule}" + (f".{each.variant}" if each.variant else "") for each in EXAMPLES}
    general = {"rule.103", "rule.502"}
    assert {key for key in TEXTS if key.startswith("rule.") and not key.endswith(".help")} == spoken | general


@pytest.mark.parametrize("number", sorted({rule.number for rule in BOOK}))
def test_every_rule_explains_itself(number: int) -> None:
    assert has(f"rule.{number}.help")


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_fill_the_same_places(key: str) -> None:
    first, second = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in TEXTS[key])
    assert first == second


CLEAN = judge(evidence(), SQL16, BOUND, TABLES)
EVERYDAY_RULES = [202, 302, 602, 603, 604, 605, 606, 607]
ELSEWHERE = {
    202: Example(202, "", None, None, evidence(internal_version=904)),
    302: Example(302, "", None, None, evidence(product_update=424)),
    602: Example(602, "", None, None, evidence(claim("product_update", 421, Source.OPERATOR))),
    **{number: Example(number, "", None, None, evidence(kind="unknown")) for number in range(603, 608)},
}


def test_the_everyday_delivery_is_a_clean_yes() -> None:
    assert (CLEAN.work, CLEAN.back) == (YES, YES)
    assert [reason.rule for reason in CLEAN.reasons] == EVERYDAY_RULES
    assert CLEAN.deciding is None


@pytest.mark.parametrize("number", sorted({rule.number for rule in BOOK}))
def test_the_rule_is_silent_elsewhere(number: int) -> None:
    if number in ELSEWHERE:
        assert not reasons(ELSEWHERE[number])
    else:
        assert number not in {reason.rule for reason in CLEAN.reasons}


ONLINE = evidence(claim("product", "exact-online", Source.OPERATOR), kind="tape", without="wrapped")
SAME_NAME = replace(client(logins=("KLOMP\\jansen",)), firm=FIRM)
PRACTICE = evidence(kind="practice", content="practice", data_bytes=50 * GB)
UNDECLARED = replace(SQL16, family=None)
CHECKED: dict[str, Any] = {fact: 0 for _, fact, _ in CHECKS}
NEAR = (
    Example(105, "", None, None, evidence(content="data-file", backup_type="log")),
    Example(106, "", None, None, evidence(stripe="1/1", family_count=1, sets=1, password=False)),
    Example(110, "", None, None, evidence(kind="practice", content="practice"), target=EMBEDDED),
    Example(112, "", None, None, evidence(claim("product", "exact-online"), kind="tape", without="wrapped")),
    Example(203, "", None, None, evidence(internal_version=539)),
    Example(204, "", None, None, evidence(internal_version=539), target=replace(SQL16, sql_release="2008 R2")),
    Example(208, "", None, None, evidence(data_bytes=10 * GB), target=FULL_EXPRESS),
    Example(208, "", None, None, evidence(data_bytes=5 * GB), target=replace(SQL16, edition=None)),
    Example(208, "", None, None, evidence(data_bytes=50 * GB), target=replace(FULL_EXPRESS, sql_release="2025")),
    Example(208, "", None, None, evidence(data_bytes=50 * GB), target=replace(FULL_EXPRESS, sql_release=None)),
    Example(208, "", None, None, evidence(kind="unknown", without="data_bytes"), target=FULL_EXPRESS),
    Example(208, "", None, None, PRACTICE, target=replace(EMBEDDED, edition=None)),
    Example(209, "", None, None, evidence(data_bytes=10 * GB), circumstances=client(edition="express")),
    Example(209, "", None, None, evidence(without="data_bytes"), circumstances=client(edition="express")),
    Example(210, "", None, None, target=replace(SQL16, free_bytes=730_000_000)),
    Example(210, "", None, None, evidence(kind="unknown", without="data_bytes"), target=replace(SQL16, free_bytes=1)),
    Example(211, "", None, None, evidence(kind="practice"), target=replace(EMBEDDED, isolated=False)),
    Example(208, "", None, None, evidence(internal_version=515, data_bytes=2 * GB), target=MSDE),
    Example(306, "", None, None, evidence(family="plus", product_update=503)),
    Example(306, "", None, None, evidence(family="plus", product_update=503), replace(UNDECLARED, product_update=503)),
    Example(306, "", None, None, evidence(family="next", product_update=503), UNDECLARED),
    Example(306, "", None, None, evidence(product_update=418), UNDECLARED),
    Example(308, "", None, None, evidence(service_pack=7, product_update=418), target=replace(SQL16, service_pack=2)),
    Example(309, "", None, None, target=replace(SQL16, service_pack=7), circumstances=client(service_pack=2)),
    Example(402, "", None, None, evidence(data_bytes=2_147_450_880)),
    Example(402, "", None, None, evidence(kind="unknown", without="data_bytes")),
    Example(502, "", None, None, evidence(company_name="KLOMP metaal", client="klm 044")),
    Example(502, "", None, None, ONLINE, circumstances=client(administrations=(Administration("007"),))),
    Example(504, "", None, None, circumstances=around(holdings=(replace(HELD, delivery="D-0001"),))),
    Example(504, "", None, None, circumstances=around(holdings=(replace(HELD, target="sql19"),))),
    Example(504, "", None, None, circumstances=around(holdings=(replace(HELD, returned=True),))),
    Example(504, "", None, None, circumstances=around(holdings=(replace(HELD, number="121"),))),
    Example(505, "", None, None, evidence(without="administration_number"), circumstances=around(holdings=(HELD,))),
    Example(505, "", None, None, ONLINE, circumstances=around(holdings=(replace(HELD, client="ABC-012"),))),
    Example(508, "", None, None, circumstances=around(out=replace(HELD, number="121"))),
    Example(508, "", None, None, circumstances=around(out=replace(HELD, delivery="D-0001"))),
    Example(509, "", None, None, circumstances=around(moment="return", swapped_in=True)),
    Example(601, "", None, None, evidence(backup_date="2026-11-20")),
    Example(603, "", None, None, inside(integrations=0)),
    Example(604, "", None, None, inside(trial_balance="-0.00", **CHECKED)),
    Example(605, "", None, None, inside(users_active=1, login="X\\jansen", licence="1"), SQL16, around(firm=FIRM)),
    Example(605, "", None, None, inside(users_active=1, login="jansen"), circumstances=SAME_NAME),
    Example(606, "", None, None, inside(users_active=1, login="a.klomp"), SQL16, client(logins=("K\\a.klomp",))),
    Example(606, "", None, None, inside(users_active=9, logins_cut=True), circumstances=client(logins=("K\\a",))),
    Example(601, "", None, None, evidence(backup_date="2026-11-19", started_at="yesterday")),
    Example(601, "", None, None, evidence(claim("sql_release", "sql2016", Source.NAME), sql_release="2016")),
)


@pytest.mark.parametrize("example", NEAR, ids=lambda each: str(each.rule))
def test_the_rule_is_silent_just_beside_it(example: Example) -> None:
    assert not reasons(example)


@pytest.mark.parametrize(
    ("learned", "rules"),
    [({}, {202, 302}), ({"product_update": 418}, {202, 303}), ({"sql_release": "2014"}, {203, 302})],
)
def test_what_was_learned_of_the_client_since_outranks_its_file(learned: dict[str, FactValue], rules: set[int]) -> None:
    around_it = around(moment="return", swapped_in=True, client_now=learned)
    verdict = judge(evidence(), SQL16, around_it, TABLES)
    assert rules <= {reason.rule for reason in verdict.reasons}
    assert not ({202, 203, 302, 303} - rules) & {reason.rule for reason in verdict.reasons}


ENDS = (
    (evidence(kind="pdf", without="content wrapped"), SQL16, {101}),
    (evidence(findings=found("truncated", proves=True)), SQL16, {102}),
    (evidence(findings=found("wrapped-2gb", proves=True)), SQL16, {401}),
    (evidence(kind="practice", content="practice", internal_version=904), SQL16, {109}),
    (evidence(internal_version=904), EMBEDDED, {110}),
)


@pytest.mark.parametrize(("held", "target", "rules"), ENDS)
def test_what_ends_the_matter_speaks_alone(held: Evidence, target: Target, rules: set[int]) -> None:
    verdict = judge(held, target, Circumstances(), TABLES)
    assert {reason.rule for reason in verdict.reasons} == rules
    assert (verdict.work, verdict.back) == (NO, NO)


def test_an_unreadable_file_says_nothing_else() -> None:
    verdict = judge(evidence(kind="unknown"), SQL16, around(stage="unreadable"), TABLES)
    assert [reason.rule for reason in verdict.reasons if reason.rule > 100] == [103]


def test_while_it_arrives_the_rest_is_provisional() -> None:
    verdict = judge(evidence(internal_version=904), SQL16, around(stage="arriving"), TABLES)
    assert {103, 201} <= {reason.rule for reason in verdict.reasons}
    nothing = judge(Evidence("unknown"), SQL16, around(stage="arriving"), TABLES)
    assert 100 not in {reason.rule for reason in nothing.reasons}


def test_an_administration_of_exact_online_has_no_product_update() -> None:
    held = evidence(claim("product", "exact-online", Source.OPERATOR), kind="tape", without="wrapped product_update")
    verdict = judge(held, replace(SQL16, product_update=None), BOUND, TABLES)
    assert (verdict.work, verdict.back) == (YES, NO)


def test_conditions_of_a_whole_target_are_marked() -> None:
    target = Target("bare", sql_release="2008", product_update=390, accountancy=False)
    marked = {each.rule for each in judge(evidence(), target, BOUND, TABLES).reasons if each.whole_target}
    assert marked == {211, 307, 310}
    unknown = judge(evidence(), Target("bare"), BOUND, TABLES)
    assert [each.whole_target for each in unknown.reasons if each.rule == 206] == [True, True]


def test_loudness_follows_the_answers() -> None:
    expected = {202: Severity.INFO, 602: Severity.INFO, 603: Severity.NOTE}
    assert {each.rule: each.severity for each in CLEAN.reasons if each.rule in expected} == expected
    loud = {example.rule: reasons(example)[0].severity for example in EXAMPLES}
    assert loud[201] is Severity.BLOCK
    assert loud[303] is loud[205] is loud[601] is Severity.WARNING


def test_overrides_have_names() -> None:
    named = {rule.number: rule.override for rule in BOOK if rule.override}
    assert named == {203: "one-way", 211: "not-isolated", 502: "bind"}


def test_of_several_relatives_the_last_is_named() -> None:
    several = (Related("D-10000", "ok"), Related("D-9999", "ok"))
    held = judge(evidence(), SQL16, around(same_bytes=several), TABLES)
    assert [each.params for each in held.reasons if each.rule == 506] == [
        {"delivery": "D-10000", "state": "ok", "count": 2}
    ]
