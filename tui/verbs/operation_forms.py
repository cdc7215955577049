"""The JSON shapes of plans and operations: an API. Fields are added, never renamed; amounts are exact, as text."""

from __future__ import annotations

from decimal import Decimal

from core.model import (
    DryRun,
    Held,
    OperationDetail,
    OperationLine,
    OperationRow,
    Order,
    Plan,
    PlanStep,
    Reason,
    Step,
    StepState,
    Verdict,
)
from tui.verbs import forms, sentences
from tui.verbs.forms import Form, moment


def finished(each: OperationDetail, language: str) -> Form:
    """What ordering a journey answers with: a fixed contract."""
    kind = each.row.kind
    return {
        "operation": each.row.id,
        "state": str(each.row.state),
        "steps": [
            {"number": step.number, "title": sentences.title(kind, step, language), "state": str(step.state)}
            for step in each.steps
        ],
        "outputs": [{"path": output.path, "sha256": output.sha256} for output in each.outputs],
    }


def row(each: OperationRow, language: str) -> Form:
    """One element of `operations --json`."""
    return {
        "operation": each.id,
        "kind": str(each.kind),
        "state": str(each.state),
        "delivery": each.delivery,
        "client": each.client or None,
        "administration_number": each.number or None,
        "target": each.target or None,
        "who": each.who,
        "requested_at": moment(each.requested_at),
        "started_at": moment(each.started_at),
        "finished_at": moment(each.finished_at),
        "step": each.step,
        "step_count": each.steps,
        "percent": each.percent,
        "cancelling": each.cancelling or None,
        "outcome": {"key": each.outcome, "text": sentences.outcome(each, language)} if each.outcome else None,
    }


def detail(each: OperationDetail, language: str, *, log: bool) -> Form:
    """`show-operation --json`."""
    form: Form = {
        **row(each.row, language),
        "order": order(each.order),
        **finished(each, language),
        "steps": [_step(each, step, language) for step in each.steps],
    }
    if each.dry_run is not None:
        form["dry_run"] = dry_run(each.dry_run)
    if log:
        form["log"] = [line(one) for one in each.log]
    return form


def order(each: Order) -> Form:
    """What was asked for; the entry file by its name."""
    return {
        "target": each.target or None,
        "colleagues": list(each.colleagues),
        "entry": each.entry_name or None,
        "operation": each.operation or None,
        "one_way": each.one_way,
        "not_isolated": each.not_isolated,
    }


def line(each: OperationLine) -> Form:
    """One statement, file operation or remark."""
    return {"seq": each.seq, "at": moment(each.at), "step": each.step, "kind": each.kind, "text": each.text}


def _step(whole: OperationDetail, each: Step, language: str) -> Form:
    kind, waits = whole.row.kind, each.state is StepState.WAITING
    return {
        "number": each.number,
        "title": sentences.title(kind, each, language),
        "state": str(each.state),
        "name": each.name,
        "effect": each.effect,
        "guided": each.guided,
        "final": each.final,
        "undo": sentences.undo(each, language),
        "percent": each.percent,
        "started_at": moment(each.started_at),
        "finished_at": moment(each.finished_at),
        "result": sentences.result(kind, each, language) or None,
        "to_do": " ".join(sentences.to_do(whole, each, language)) if waits else None,
    }


def plan(each: Plan, language: str) -> Form:
    """`--plan --json`: everything that the operator is asked to agree with."""
    kind = each.order.kind
    return {
        "kind": str(kind),
        "delivery": each.order.delivery,
        "route": each.route,
        "route_why": sentences.why(each.route_why, language),
        "client": each.client,
        "client_name": each.client_name,
        "administration_number": each.number,
        "administration_name": each.administration,
        "target": each.target,
        "instance": each.instance,
        "order": order(each.order),
        "verdict": None if each.verdict is None else _verdict(each.verdict, language),
        "steps": [_planned(each, step, language) for step in each.steps],
        "conditions": [_reason(one, each.target, language) for one in each.conditions],
        "refusal": None if each.refusal is None else _reason(each.refusal, each.target, language),
        "consent": str(each.consent),
        "dry_run": None if each.dry_run is None else dry_run(each.dry_run),
    }


def _verdict(each: Verdict, language: str) -> Form:
    deciding = each.deciding
    return {
        "target": each.target,
        "work": str(each.work),
        "return": str(each.back),
        "rules": sorted({reason.rule for reason in each.reasons}),
        "deciding": None if deciding is None else _reason(deciding, each.target, language),
    }


def _reason(each: Reason, target: str, language: str) -> Form:
    return {**forms.reason(each, target, language), "text": sentences.refusal(each, language)}


def _planned(whole: Plan, each: PlanStep, language: str) -> Form:
    return {
        "number": each.number,
        "name": each.name,
        "title": sentences.title(whole.order.kind, each, language),
        "effect": each.effect,
        "needs": sentences.needs(each, language),
        "undo": sentences.undo(each, language),
        "guided": each.guided,
        "guide": sentences.guide(whole.order.kind, each, language) or None,
        "final": each.final,
        "statements": list(each.statements),
    }


def dry_run(each: DryRun) -> Form:
    """What a correction books; debit is positive."""
    return {
        "lines": [
            {
                "entry": one.entry,
                "journal": one.journal,
                "year": one.year,
                "period": one.period,
                "date": one.date,
                "account": one.account,
                "account_name": one.account_name,
                "description": one.description,
                "amount": _exact(one.amount),
                "cost_centre": one.cost_centre,
                "cost_unit": one.cost_unit,
            }
            for one in each.lines
        ],
        "trial_balance": [
            {"account": one.account, "name": one.name, "before": _exact(one.before), "after": _exact(one.after)}
            for one in each.trial
        ],
        "total_before": _exact(each.total_before),
        "total_after": _exact(each.total_after),
    }


def _exact(amount: Decimal) -> str:
    """Every digit of it, with two decimals at least."""
    shown = f"{amount:.2f}"
    return shown if Decimal(shown) == amount else f"{amount:f}"


def held(each: Held) -> Form:
    """One element of `held --json`."""
    return {
        "target": each.target,
        "administration_number": each.number,
        "administration_name": each.name,
        "client": each.client,
        "client_name": each.client_name,
        "delivery": each.delivery,
        "since": moment(each.since),
        "returned_at": moment(each.returned_at),
        "corrections": each.corrections,
        "operation": each.operation or None,
    }
