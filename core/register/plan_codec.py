"""Orders and plans as JSON text and back, strict like codec.py: an operation runs by the plan that was consented to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal, DecimalException
from typing import Any

from core.model import Consent, DryRun, EntryLine, Kind, Order, Output, Params, Plan, PlanStep, TrialLine
from core.register.codec import (
    guarded,
    pack,
    params_in,
    reason_in,
    reason_out,
    typed,
    unpack,
    verdict_in,
    verdict_out,
)

_ENTRY_TEXTS = ("entry", "journal", "date", "account", "account_name", "description", "cost_centre", "cost_unit")
_PLAN_TEXTS = ("client", "client_name", "number", "administration", "target", "route", "route_why", "instance")


def dump_order(order: Order) -> str:
    """What an operator asked for."""
    return pack(**_order_out(order))


def load_order(text: str) -> Order:
    """The order of `dump_order`. Raises RegisterError."""
    return unpack(text, _order_in)


def dump_plan(plan: Plan) -> str:
    """A plan as a whole, its dry run too."""
    return pack(
        order=_order_out(plan.order),
        **{name: getattr(plan, name) for name in _PLAN_TEXTS},
        consent=plan.consent,
        steps=[_step_out(each) for each in plan.steps],
        verdict=None if plan.verdict is None else verdict_out(plan.verdict),
        refusal=None if plan.refusal is None else reason_out(plan.refusal),
        conditions=[reason_out(each) for each in plan.conditions],
        dry_run=None if plan.dry_run is None else _dry_run_out(plan.dry_run),
    )


def load_plan(text: str) -> Plan:
    """The plan of `dump_plan`. Raises RegisterError."""
    return unpack(
        text,
        lambda data: Plan(
            order=_order_in(data["order"]),
            **{name: typed(data[name], str) for name in _PLAN_TEXTS},
            consent=Consent(data["consent"]),
            steps=tuple(_step_in(each) for each in data["steps"]),
            verdict=None if data["verdict"] is None else verdict_in(data["verdict"]),
            refusal=None if data["refusal"] is None else reason_in(data["refusal"]),
            conditions=tuple(reason_in(each) for each in data["conditions"]),
            dry_run=None if data["dry_run"] is None else _dry_run_in(data["dry_run"]),
        ),
    )


def dump_outputs(outputs: Iterable[Output]) -> str:
    """Files that an operation left."""
    return json.dumps([[each.path, each.sha256] for each in outputs], separators=(",", ":"))


def load_outputs(text: str) -> tuple[Output, ...]:
    """The outputs of `dump_outputs`. Raises RegisterError."""
    return guarded(lambda: tuple(Output(typed(path, str), typed(sha256, str)) for path, sha256 in json.loads(text)))


def dump_kept(value: Params | dict[str, object]) -> str:
    """A JSON object that an operation keeps. Raises TypeError or ValueError for what JSON has not."""
    return json.dumps(dict(value), separators=(",", ":"), allow_nan=False)


def load_kept(text: str) -> dict[str, Any]:
    """The object of `dump_kept`. Raises RegisterError."""
    return guarded(lambda: typed(json.loads(text), dict))


def _order_out(order: Order) -> dict[str, object]:
    return {
        "kind": order.kind,
        "delivery": order.delivery,
        "target": order.target,
        "colleagues": list(order.colleagues),
        "entry": order.entry,
        "entry_name": order.entry_name,
        "operation": order.operation,
        "one_way": order.one_way,
        "not_isolated": order.not_isolated,
    }


def _order_in(data: dict[str, Any]) -> Order:
    return Order(
        kind=Kind(data["kind"]),
        delivery=typed(data["delivery"], str),
        target=typed(data["target"], str),
        colleagues=tuple(typed(each, str) for each in typed(data["colleagues"], list)),
        entry=typed(data["entry"], str),
        entry_name=typed(data["entry_name"], str),
        operation=typed(data["operation"], str),
        one_way=typed(data["one_way"], bool),
        not_isolated=typed(data.get("not_isolated", False), bool),
    )


def _step_out(step: PlanStep) -> dict[str, object]:
    return {
        "number": step.number,
        "name": step.name,
        "params": dict(step.params),
        "effect": step.effect,
        "need": dict(step.need),
        "undo": step.undo,
        "guided": step.guided,
        "final": step.final,
        "statements": list(step.statements),
    }


def _step_in(data: dict[str, Any]) -> PlanStep:
    return PlanStep(
        number=typed(data["number"], int),
        name=typed(data["name"], str),
        params=params_in(data["params"]),
        effect=typed(data["effect"], str),
        need=params_in(data["need"]),
        undo=typed(data["undo"], str),
        guided=typed(data["guided"], bool),
        final=typed(data["final"], bool),
        statements=tuple(typed(each, str) for each in typed(data["statements"], list)),
    )


def _dry_run_out(dry_run: DryRun) -> dict[str, object]:
    # Amounts as text: a JSON number would be a float on the way back.
    return {
        "lines": [
            {name: getattr(each, name) for name in _ENTRY_TEXTS}
            | {"year": each.year, "period": each.period, "amount": str(each.amount)}
            for each in dry_run.lines
        ],
        "trial": [[each.account, each.name, str(each.before), str(each.after)] for each in dry_run.trial],
        "total": [str(dry_run.total_before), str(dry_run.total_after)],
    }


def _dry_run_in(data: dict[str, Any]) -> DryRun:
    before, after = data["total"]
    return DryRun(
        lines=tuple(
            EntryLine(
                **{name: typed(each[name], str) for name in _ENTRY_TEXTS},
                year=typed(each["year"], int),
                period=typed(each["period"], int),
                amount=_amount(each["amount"]),
            )
            for each in data["lines"]
        ),
        trial=tuple(
            TrialLine(typed(account, str), typed(name, str), _amount(before), _amount(after))
            for account, name, before, after in data["trial"]
        ),
        total_before=_amount(before),
        total_after=_amount(after),
    )


def _amount(text: object) -> Decimal:
    try:
        return Decimal(typed(text, str))
    except DecimalException as problem:
        raise ValueError("an amount expected") from problem
