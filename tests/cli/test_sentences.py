"""Counts, money, kinds and what is said of undoing: the words that plans and operations are told in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from fakes.samples import NOW

from core.model import CustodyLine, DryRun, Kind, PlanStep, Step, StepState, TrialLine
from core.texts import say
from tui.drawing.custody import sentence
from tui.verbs import operation_forms, sentences


@pytest.mark.parametrize(
    ("count", "english", "dutch"),
    [(0, "0 entries", "0 boekingen"), (1, "1 entry", "1 boeking"), (2, "2 entries", "2 boekingen")],
)
def test_a_count_brings_its_noun_along(count: int, english: str, dutch: str) -> None:
    assert say("result.correct.check", "en", entries=count) == english
    assert say("result.correct.check", "nl", entries=count) == dutch


def test_a_count_that_comes_in_words_or_not_at_all_breaks_no_sentence() -> None:
    assert say("result.correct.check", "nl", entries="vijf") == "vijf"
    assert say("result.correct.check", "nl") == "<entries>"
    assert say("say.wait.step", "nl", number=3, title="a", state="b") == " 3  a: b"


def test_money_and_answers_of_a_result_are_in_its_language() -> None:
    step = Step(1, "before", StepState.DONE, result={"lines": 1, "total": "-1234.5"})
    assert sentences.result(Kind.CORRECT, step, "nl") == "1 grootboekregel, totaal -1.234,50"
    assert sentences.result(Kind.CORRECT, step, "en") == "1 ledger line, total -1,234.50"
    step = replace(step, name="check", result={"work": "yes", "back": "conditional", "size": 2048})
    assert sentences.result(Kind.RESTORE, step, "nl") == "werk ja, terug mits; het zegel klopt, 2,0 kB"


def test_undo_never_says_that_a_final_step_only_looks() -> None:
    step = PlanStep(1, "check")
    assert sentences.undo(step, "en") == "nothing to undo"
    assert sentences.undo(replace(step, undo="discard"), "nl") == "de werkkopie wordt weggegooid"
    assert "nothing is taken back" in sentences.undo(replace(step, final=True), "en")


def test_an_effect_that_the_title_says_is_not_said_again() -> None:
    step = PlanStep(5, "pack", {"file": "a.ebu"}, effect="a.ebu")
    assert sentences.effect(Kind.RETURN, step, "en") == ""
    assert sentences.effect(Kind.RETURN, replace(step, effect="b.ebu"), "en") == "b.ebu"


def test_the_log_says_in_its_own_language_what_was_ordered() -> None:
    detail = {"operation": "O-0001", "order": "restore", "target": "sql16", "number": "007"}
    entry = CustodyLine(1, NOW, "anja", "host", "ordered", "D-0001", "ABC-012", detail, "")
    assert sentence(entry, "nl") == "O-0001: teruglezen opgedragen, sql16 007"


def test_amounts_are_exact_with_two_decimals_at_least() -> None:
    trial = TrialLine("4300", "Huur", Decimal(5400), Decimal("0.125"))
    made = operation_forms.dry_run(DryRun((), (trial,), Decimal("0.0"), Decimal("1E+3")))
    assert made["trial_balance"] == [{"account": "4300", "name": "Huur", "before": "5400.00", "after": "0.125"}]
    assert (made["total_before"], made["total_after"]) == ("0.00", "1000.00")
