"""The best target, the word of the row, and the advice."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from factory.evidence import BOUND, CLIENT, EMBEDDED, SQL16, TABLES, claim, evidence

from core.model import Answer, Circumstances, Evidence, Finding, Holding, Reason, Source, StateWord, Target, Verdict
from core.texts import say
from core.triage.verdict import advice, best, judge, judge_all, state_word

YES, IF, NO, UNKNOWN = Answer.YES, Answer.CONDITIONAL, Answer.NO, Answer.UNKNOWN
OLD = replace(SQL16, name="sql14", sql_release="2014")
NEW = replace(SQL16, name="sql19", sql_release="2019")
UP = replace(SQL16, name="sql16up", product_update=424)
OPEN = replace(SQL16, name="sql16open", isolated=False)


def chosen(held: Evidence, *targets: Target, around: Circumstances = BOUND) -> str | None:
    return best(judge_all(held, targets, around, TABLES), targets)


def word(held: Evidence, *targets: Target, around: Circumstances = BOUND, stage: str = "sealed") -> StateWord:
    return state_word(judge_all(held, targets, around, TABLES), targets, stage)


def advised(held: Evidence, *targets: Target, around: Circumstances = BOUND) -> Reason | None:
    found = advice(held, judge_all(held, targets, around, TABLES), targets, around, TABLES)
    if found:
        for language in ("en", "nl"):
            assert "<" not in say(f"advice.{found.variant}", language, **found.params)
    return found


def test_one_verdict_for_each_target_in_their_order() -> None:
    verdicts = judge_all(evidence(), (NEW, OLD, SQL16), BOUND, TABLES)
    assert [each.target for each in verdicts] == ["sql19", "sql14", "sql16"]
    assert verdicts[2] == judge(evidence(), SQL16, BOUND, TABLES, (NEW, OLD, SQL16))


def test_the_best_return_comes_first_then_the_best_work() -> None:
    assert chosen(evidence(), OLD, NEW, UP, SQL16) == "sql16"
    assert chosen(evidence(), OLD, NEW, UP) == "sql16up"
    assert chosen(evidence(), OLD, NEW) == "sql19"
    assert chosen(evidence(product_update=424), SQL16, NEW) == "sql16"
    assert chosen(evidence(), OPEN, UP) == "sql16open"


def test_then_isolated_service_pack_room_and_name() -> None:
    first, second = replace(SQL16, name="a"), replace(SQL16, name="b")
    assert chosen(evidence(), second, first) == "a"
    assert chosen(evidence(), first, replace(second, free_bytes=10**12)) == "b"
    roomy = replace(first, free_bytes=10**12, service_pack=9)
    held = evidence(claim("service_pack", 7, Source.NAME), password=True)
    same = replace(second, service_pack=7)
    assert chosen(held, roomy, same) == "b"
    encrypted = evidence(backup_type="log")
    around = replace(BOUND, base_full="D-2")
    shared = replace(first, isolated=False)
    assert chosen(encrypted, shared, second, around=around) == "b"


@pytest.mark.parametrize(
    "held",
    [evidence(kind="unknown"), evidence(kind="pdf"), evidence(internal_version=904), evidence(without="content")],
)
def test_no_target_where_none_promises_anything(held: Evidence) -> None:
    assert chosen(held, SQL16) is None
    assert chosen(held) is None


def test_words() -> None:
    assert word(evidence(), SQL16, OLD) is StateWord.OK
    assert word(evidence(product_update=418), SQL16) is StateWord.WARN
    assert word(evidence(), NEW) is StateWord.ONEWAY
    assert word(evidence(internal_version=904), SQL16) is StateWord.NO
    assert word(evidence(kind="unknown"), SQL16) is StateWord.UNKNOWN
    assert word(evidence(), SQL16, around=Circumstances()) is StateWord.UNKNOWN
    assert word(evidence()) is StateWord.UNKNOWN
    assert word(evidence(), SQL16, stage="arriving") is StateWord.ARRIVING
    assert word(evidence(), SQL16, stage="reading") is StateWord.READING
    assert word(evidence(), SQL16, stage="unreadable") is StateWord.OK


def variant(held: Evidence, *targets: Target, around: Circumstances = BOUND) -> str | None:
    found = advised(held, *targets, around=around)
    return found.variant if found else None


def finding(code: str) -> tuple[Finding, ...]:
    return (Finding(code, {}, proves_damage=True),)


def test_no_advice_is_needed_or_possible() -> None:
    assert advised(evidence(), SQL16, OLD) is None
    assert advised(evidence(), OLD, around=replace(BOUND, stage="reading")) is None
    assert advised(evidence(internal_version=705), SQL16) is None
    assert advised(evidence(internal_version=1500), SQL16) is None


def test_the_instance_that_the_firm_lacks() -> None:
    found = advised(evidence(), OLD, NEW, UP)
    assert found is not None
    assert say("advice.instance", "en", **found.params) == (
        "What would do: an instance with SQL Server 2016 and product update 421."
    )
    assert variant(evidence()) == "instance"
    assert variant(evidence(family="plus", product_update=503), SQL16) == "instance-plus"
    assert variant(evidence(family="next"), OLD) == "instance-next"
    assert variant(evidence(data_bytes=11 * 1024**3), replace(SQL16, edition="express")) == "edition"
    assert variant(evidence(), EMBEDDED) == "instance"


@pytest.mark.parametrize(
    ("held", "around", "expected"),
    [
        (evidence(kind="pdf"), BOUND, "other"),
        (evidence(findings=finding("checksum")), BOUND, "again"),
        (evidence(findings=finding("wrapped-2gb")), BOUND, "native"),
        (evidence(backup_type="log"), BOUND, "full"),
        (evidence(kind="unknown"), BOUND, "guided"),
        (evidence(), replace(BOUND, moment="return", swapped_in=False), "never"),
        (evidence(), Circumstances(), "bind"),
        (evidence(without="internal_version"), BOUND, "tell-release"),
        (evidence(without="product_update"), BOUND, "tell-update"),
        (evidence(without="administration_number"), BOUND, "tell-number"),
        (evidence(product_update=421), replace(BOUND, out=Holding("x", "120", "KLM-044", "D-7")), "closest"),
        (evidence(claim("family", "plus", inferred=True), product_update=503), BOUND, "tell-family"),
        (evidence(content="practice", kind="practice"), BOUND, "practice"),
    ],
)
def test_what_stands_in_the_way(held: Evidence, around: Circumstances, expected: str) -> None:
    target = replace(SQL16, product_update=503) if expected == "tell-family" else SQL16
    assert variant(held, target, around=around) == expected


def test_the_closest_target_is_named_with_its_rule() -> None:
    found = advised(evidence(), OLD, OPEN)
    assert found is not None
    assert (found.params["target"], found.params["rule"]) == ("sql16open", 211)


def test_a_register_that_knows_the_client_fills_the_gaps() -> None:
    known = replace(CLIENT, sql_release="2016", product_update=421, edition="standard")
    held = evidence(without="internal_version product_update administration_number", administration_name="klomp metaal")
    verdict = judge(held, SQL16, replace(BOUND, client=known), TABLES)
    assert (verdict.work, verdict.back) == (YES, YES)


def test_the_strongest_release_counts_and_one_that_cannot_be_read_is_passed_over() -> None:
    held = evidence(claim("sql_release", "2014", Source.NAME), sql_release="Oracle", without="internal_version")
    assert judge(held, OLD, BOUND, TABLES).back is YES


def test_a_thousand_deliveries_before_five_targets_are_judged_in_no_time() -> None:
    targets = tuple(replace(SQL16, name=f"t{number}", free_bytes=10**12) for number in range(5))
    held = evidence()
    started = time.process_time()
    verdicts: tuple[Verdict, ...] = ()
    for _ in range(1000):
        verdicts = judge_all(held, targets, BOUND, TABLES)
    assert len(verdicts) == 5
    assert time.process_time() - started < 5.0, "a verdict should take far less than a millisecond"
