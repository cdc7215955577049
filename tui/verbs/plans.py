"""A plan as text: everything that the operator is asked to agree with, before anything has changed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from core.model import Consent, DryRun, EntryLine, Plan, PlanStep, Reason, Target, Verdict
from tui import wording
from tui.output import Output
from tui.tables import Cell, Column
from tui.verbs import sentences
from tui.verbs.pages import heading


def page(plan: Plan, targets: Iterable[Target], out: Output) -> None:
    """Route and why; whose, what and where; the two answers; the steps; what a correction books; what is asked."""
    language, order = out.language, plan.order
    target = next((each for each in targets if each.name == plan.target), None)
    route = out.text(f"word.route.{plan.route}")
    out.fields(
        [
            (out.text("say.field.route"), f"{route}: {sentences.why(plan.route_why, language)}"),
            (out.text("say.field.operation"), f"{sentences.does(order.kind, language)}  {order.delivery}"),
            (out.text("say.field.client"), f"{plan.client} {plan.client_name}".strip()),
            (out.text("say.field.administration"), f"{plan.number} {plan.administration}".strip()),
            (out.text("say.field.target-of-plan"), _target(plan.target, target, out)),
            (out.text("say.field.colleagues"), ", ".join(order.colleagues)),
            (out.text("say.field.entry"), order.entry_name),
            *_answers(plan.verdict, out),
        ]
    )
    deciding = plan.verdict.deciding if plan.verdict else None
    conditions = [reason for reason in plan.conditions if deciding is None or reason.rule != deciding.rule]
    if conditions:
        heading("conditions", out)
        for reason in conditions:
            out.line(f"- {against(reason, out)}", tone="conditional")
    heading("steps", out)
    for step in plan.steps:
        _step(plan, step, out)
    if plan.dry_run is not None:
        books(plan.dry_run, out)
    out.line()
    if plan.refusal is not None:
        out.line(out.text("say.plan.refused", why=against(plan.refusal, out)), tone="no")
        if plan.refusal.override == "one-way" and not order.one_way:
            out.line(out.text("say.plan.meant", code=plan.client))
        if plan.refusal.override == "not-isolated" and not order.not_isolated:
            out.line(out.text("say.plan.meant.not-isolated", code=plan.client))
    else:
        out.line(out.text(f"say.plan.consent.{_consent(plan)}", code=plan.client))


def against(reason: Reason, out: Output) -> str:
    """What speaks against it, with the number of its rule."""
    text = sentences.refusal(reason, out.language)
    return f"{out.text('word.rule', rule=reason.rule)}: {text}" if reason.rule else text


def _consent(plan: Plan) -> str:
    if plan.consent is Consent.TYPED and plan.order.one_way:
        return "one-way"
    return str(plan.consent)


def _target(name: str, target: Target | None, out: Output) -> str:
    if target is None:
        return name
    known = [
        target.instance or target.engine,
        out.text("say.plan.sql", release=target.sql_release or "?"),
        out.text("say.plan.update", update="?" if target.product_update is None else target.product_update),
    ]
    return f"{name} ({', '.join(known)})"


def _answers(verdict: Verdict | None, out: Output) -> list[tuple[str, str]]:
    if verdict is None:
        return []
    deciding = verdict.deciding
    why = ""
    if deciding is not None:
        why = against(deciding, out)
    return [
        (out.text("say.field.work"), out.text(f"word.answer.long.{verdict.work}")),
        (out.text("say.field.back"), out.text(f"word.answer.long.{verdict.back}")),
        (out.text("say.field.decides"), why),
    ]


def _step(plan: Plan, step: PlanStep, out: Output) -> None:
    language = out.language
    who = out.text("word.route.guided" if step.guided else "word.route.machine")
    out.line(f"{step.number:2}  {sentences.title(plan.order.kind, step, language)}  [{who}]", tone="title")
    told = [("effect", sentences.effect(plan.order.kind, step, language))]
    told += [("needs", each) for each in sentences.needs(step, language)]
    told.append(("guide", sentences.guide(plan.order.kind, step, language) if step.guided else ""))
    told.append(("undo", sentences.undo(step, language)))
    for name, text in told:
        if text:
            out.line(f"      {out.text(f'say.plan.{name}')}: {text}")
    for statement in step.statements:
        out.line(f"      | {statement}")


def books(run: DryRun, out: Output, *, done: bool = False) -> None:
    """The lines that a correction books, or has booked, and the trial balance before and after."""
    if run.lines:
        heading("booked" if done else "lines", out)
        left = [Column(out.text(f"say.column.{name}")) for name in ("entry", "journal", "period", "date", "account")]
        wide = [Column(out.text(f"say.column.{name}"), least=8) for name in ("name", "text")]
        right = [Column(out.text(f"say.column.{name}"), right=True) for name in ("debit", "credit")]
        out.table([*left, *right, *wide], [_line(each, out) for each in run.lines])
    heading("trial", out)
    columns = [Column(out.text("say.column.account")), Column(out.text("say.column.name"), least=8)]
    columns += [Column(out.text(f"say.column.{name}"), right=True) for name in ("before", "change", "after")]
    rows = [[Cell(each.account), Cell(each.name), *_amounts(each.before, each.after, out)] for each in run.trial]
    whole = [Cell(""), Cell(out.text("say.plan.ledger")), *_amounts(run.total_before, run.total_after, out)]
    out.table(columns, [*rows, whole])


def _line(each: EntryLine, out: Output) -> list[Cell]:
    amount = sentences.amount(abs(each.amount), out.language)
    costs = " ".join(part for part in (each.cost_centre, each.cost_unit) if part)
    return [
        Cell(each.entry),
        Cell(each.journal),
        Cell(f"{each.year}/{each.period}"),
        Cell(wording.iso(each.date, out.language)),
        Cell(each.account),
        Cell(amount if each.amount >= 0 else ""),
        Cell(amount if each.amount < 0 else ""),
        Cell(f"{each.account_name} {costs}".strip()),
        Cell(each.description),
    ]


def _amounts(before: Decimal, after: Decimal, out: Output) -> list[Cell]:
    return [Cell(sentences.amount(each, out.language)) for each in (before, after - before, after)]
