"""Operations and what is at our targets, as text."""

from __future__ import annotations

from collections.abc import Iterable

from core.model import Held, OperationDetail, OperationRow, OperationState, StepState
from tui.output import Output
from tui.tables import Cell, Column
from tui.verbs import plans, sentences
from tui.verbs.pages import heading, time_text

_GIVES_WAY = frozenset({"administration", "who", "requested"})
"""Columns that a narrow terminal does without: `wissel show-operation` has them."""
TONES = {"done": "yes", "failed": "no", "undone": "oneway", "cancelled": "oneway", "waiting": "conditional"}


def table(rows: Iterable[OperationRow], out: Output) -> None:
    """Operations, one a line."""
    names = ("id", "state", "operation", "delivery", "client", "administration", "target", "step", "who", "requested")
    columns = [
        Column(out.text(f"say.column.{name}"), least=9 if name == "operation" else 0, optional=name in _GIVES_WAY)
        for name in names
    ]
    columns.append(Column(out.text("say.column.outcome"), least=10))
    out.table(columns, [_cells(row, out) for row in rows])


def _cells(row: OperationRow, out: Output) -> list[Cell]:
    return [
        Cell(row.id),
        Cell(sentences.state(row.state, out.language), TONES.get(row.state, "")),
        Cell(sentences.does(row.kind, out.language)),
        Cell(row.delivery),
        Cell(row.client),
        Cell(row.number),
        Cell(row.target or "-"),
        Cell("" if row.state.over or not row.step else sentences.where(row, out.language)),
        Cell(row.who),
        Cell(time_text(row.requested_at, out)),
        Cell(sentences.outcome(row, out.language)),
    ]


def page(each: OperationDetail, out: Output, *, log: bool = False) -> None:
    """One operation: whose, where, how far, its steps with what came of them, what it left, its own log."""
    row, language = each.row, out.language
    state = sentences.state(row.state, language)
    if not row.state.over:
        state = f"{state}  {sentences.where(row, language)}" if row.step else state
    out.fields(
        [
            (out.text("say.field.operation"), f"{row.id}  {sentences.does(row.kind, language)}  {state}"),
            (out.text("say.field.outcome"), sentences.outcome(row, language)),
            (out.text("say.field.delivery"), row.delivery),
            (out.text("say.field.client"), row.client),
            (out.text("say.field.administration"), row.number),
            (out.text("say.field.target-of-plan"), row.target),
            (out.text("say.field.colleagues"), ", ".join(each.order.colleagues)),
            (out.text("say.field.entry"), each.order.entry_name),
            (out.text("say.field.concerns"), each.order.operation),
            (out.text("say.field.ordered"), f"{time_text(row.requested_at, out)}  {row.who}"),
            (out.text("say.field.started"), time_text(row.started_at, out)),
            (out.text("say.field.finished"), time_text(row.finished_at, out)),
            (out.text("say.field.cancelling"), row.cancelling),
        ]
    )
    _steps(each, out)
    if each.outputs:
        heading("outputs", out)
        for output in each.outputs:
            out.line(f"{output.path}  SHA-256 {output.sha256}")
    if each.dry_run is not None:
        plans.books(each.dry_run, out, done=row.state is OperationState.DONE)
    if log:
        _log(each, out)


def _steps(each: OperationDetail, out: Output) -> None:
    heading("steps", out)
    for step in each.steps:
        word = sentences.step_state(step.state, out.language)
        percent = f" {step.percent}%" if step.state is StepState.RUNNING and step.percent is not None else ""
        title = sentences.title(each.row.kind, step, out.language)
        out.line(f"{step.number:2}  {title}  [{word}{percent}]", tone=TONES.get(step.state, ""))
        told = [sentences.result(each.row.kind, step, out.language)]
        if step.state is StepState.WAITING:
            told = sentences.to_do(each, step, out.language)
        for sentence in filter(None, told):
            out.line(f"      {sentence}")


def _log(each: OperationDetail, out: Output) -> None:
    heading("operation-log", out)
    for line in each.log:
        word = out.text(f"word.log.{line.kind}")
        out.line(f"{time_text(line.at, out)}:{line.at:%S}  {line.step:2}  {word}  {line.text}")


def held(rows: Iterable[Held], out: Output) -> None:
    """What is at our targets, one administration a line."""
    names = ("target", "administration", "name", "client", "delivery", "since", "returned", "corrections", "operation")
    columns = [
        Column(
            out.text(f"say.column.{name}"),
            right=name == "corrections",
            least=7 if name == "name" else 0,
            optional=name in {"corrections", "operation"},
        )
        for name in names
    ]
    out.table(
        columns,
        [
            [
                Cell(each.target),
                Cell(each.number),
                Cell(each.name),
                Cell(each.client),
                Cell(each.delivery),
                Cell(time_text(each.since, out)),
                Cell(time_text(each.returned_at, out)),
                Cell(str(each.corrections)),
                Cell(each.operation),
            ]
            for each in rows
        ],
    )
