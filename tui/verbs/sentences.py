"""What plans and operations say, in words of one language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from core.model import Kind, OperationDetail, OperationRow, OperationState, PlanStep, Reason, Step, StepState
from core.texts import has, say
from tui import wording
from tui.plain import plain

SIZES = frozenset({"bytes", "free", "need", "room", "size"})
"""Values that are bytes, whatever sentence they stand in."""
ANSWERS = frozenset({"work", "back"})
"""Values that are one of the four answers."""
AMOUNTS = frozenset({"difference", "expected", "found", "total"})
"""Values that are money where they look like it."""
_MONEY = re.compile(r"-?\d+\.\d{1,2}")


def does(kind: Kind, language: str) -> str:
    """What an operation does."""
    return say(f"operation.{kind}", language)


def state(value: OperationState, language: str) -> str:
    """Where an operation stands."""
    return say(f"word.operation.{value}", language)


def step_state(value: StepState, language: str) -> str:
    """Where a step stands."""
    return say(f"word.step.{value}", language)


def title(kind: Kind, step: PlanStep | Step, language: str) -> str:
    """What a step does; its name where the catalogue has no sentence."""
    return _said(f"step.{kind}.{step.name}", step.params, language) or step.name


def guide(kind: Kind, step: PlanStep | Step, language: str) -> str:
    """What a person is to do in a guided step."""
    return _said(f"guide.{kind}.{step.name}", step.params, language)


def to_do(detail: OperationDetail, step: Step, language: str) -> list[str]:
    """The same where it waits for that person: why the last answer did not hold, what to do, and in which folder."""
    told = [guide(detail.row.kind, step, language)]
    folder = next((each.result for each in reversed(detail.steps[: step.number - 1]) if "folder" in each.result), None)
    if folder is not None and detail.row.kind is not Kind.HAND_OVER:
        told.append(_said("guide.there" if folder.get("there") else "guide.folder", folder, language))
    again = asked_again(detail, step, language)
    return [again, *told] if again else told


def asked_again(detail: OperationDetail, step: Step, language: str) -> str:
    """Why the last answer to the step that waits did not hold; empty: nobody answered it yet."""
    last = detail.log[-1] if detail.log else None
    if last is None or (last.step, last.kind) != (step.number, "note"):
        return ""
    return say("say.operation.asked-again", language, why=plain(last.text))


def result(kind: Kind, step: Step, language: str) -> str:
    """What came of a step; empty when there is nothing to add."""
    how = f".{step.result['how']}" if "how" in step.result else ""
    return _said(f"result.{kind}.{step.name}{how}", step.result, language) if step.result else ""


def undo(step: PlanStep | Step, language: str) -> str:
    """How a step is undone; or that it cannot be, or that there is nothing to undo."""
    if step.undo:
        return _said(f"undo.{step.undo}", {}, language) or plain(step.undo)
    return say("say.plan.final" if step.final else "say.plan.no-undo", language)


def effect(kind: Kind, step: PlanStep | Step, language: str) -> str:
    """What a step does in short; empty where its title says it already."""
    return "" if step.effect in title(kind, step, language) else plain(step.effect)


def needs(step: PlanStep, language: str) -> list[str]:
    """What a step needs."""
    return [_said(f"need.{name}", {name: value}, language) or f"{name} {value}" for name, value in step.need.items()]


def why(word: str, language: str) -> str:
    """Why a plan takes its route."""
    return _said(f"route.{word}", {}, language) or plain(word)


def refusal(reason: Reason, language: str) -> str:
    """Why a plan is refused: a rule, or a sentence of the plans' own."""
    if reason.rule:
        return wording.sentence(reason, language)
    return _said(f"refused.{reason.variant}", reason.params, language) or plain(reason.variant)


def outcome(row: OperationRow, language: str) -> str:
    """What came of an operation; empty while it runs."""
    return (_said(row.outcome, row.params, language) or plain(row.outcome)) if row.outcome else ""


def where(row: OperationRow, language: str) -> str:
    """The step it stands at, and how far that is: `step 4/9 61%`."""
    if not row.step:
        return state(row.state, language)
    percent = "" if row.percent is None else f" {row.percent}%"
    return say("say.operation.step", language, step=row.step, steps=row.steps) + percent


def amount(value: Decimal, language: str) -> str:
    """Money with two decimals and its thousands apart: `1,234.50`, `1.234,50`."""
    return wording.money(value, language)


def _said(key: str, params: Mapping[str, str | int], language: str) -> str:
    if not has(key):
        return ""
    return plain(say(key, language, **{name: _word(name, value, language) for name, value in params.items()}))


def _word(name: str, value: str | int, language: str) -> str | int:
    """Bytes with a unit, money with two decimals, answers as words; nothing at all as a dash."""
    if name in SIZES and isinstance(value, int):
        return wording.size(value, language)
    if name in AMOUNTS and isinstance(value, str) and _MONEY.fullmatch(value):
        return amount(Decimal(value), language)
    if name in ANSWERS and has(key := f"word.answer.{value}"):
        return say(key, language)
    return "–" if value == "" else value
