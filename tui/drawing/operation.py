"""The page of one operation: its steps as they go, what a person is to do, what came of it, its log."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.model import OperationDetail, OperationRow, OperationState, Step, StepState
from core.texts import has, say
from tui import wording
from tui.actions import action
from tui.drawing.inks import STEP, operation_badge
from tui.drawing.operations import BADGE_CELLS
from tui.drawing.plan import titled
from tui.plain import plain
from tui.verbs import sentences
from tui.widgets.spans import BLANK, Line, Span, fit, line, paragraph, wrap

_MARKS = {
    StepState.TODO: "○",
    StepState.RUNNING: "▸",
    StepState.WAITING: "?",
    StepState.DONE: "✓",
    StepState.FAILED: "!",
    StepState.UNDONE: "↶",
}
_STATE, _TIME, _MARGIN = 14, 7, 6
_SAYS_IT = frozenset({OperationState.DONE, OperationState.CANCELLED})
"""What came of it says all that there is to say; else it says why, and the state says how bad that is."""


def title(row: OperationRow, language: str) -> str:
    """What it does to what, in one line."""
    where = " ".join(part for part in (row.number, f"→ {row.target}" if row.target else "") if part)
    parts = (row.id, sentences.does(row.kind, language), row.delivery, row.client, where)
    return " · ".join(plain(part) for part in parts if part)


def page(detail: OperationDetail, now: datetime, language: str, width: int) -> list[Line]:
    """Everything but the log."""
    row = detail.row
    lines = [*_head(row, now, language, width), *_trouble(row, language, width), BLANK]
    for step in detail.steps:
        lines += _step(step, row, language, width)
    waiting = next((step for step in detail.steps if step.state is StepState.WAITING), None)
    if waiting is not None:
        lines += [BLANK, *_guide(waiting, detail, language, width)]
    if detail.outputs:
        lines += [BLANK, *titled("screen.operation.outputs", language, width)]
        for output in detail.outputs:
            lines += paragraph(plain(output.path), width - 2, "strong", 3)
            lines += [
                line(Span(f"   SHA-256 {output.sha256[:32]}", "dim")),
                line(Span(f"           {output.sha256[32:]}", "dim")),
            ]
    return lines


def log(detail: OperationDetail, now: datetime, language: str, width: int) -> list[Line]:
    """Statement by statement, as it was done."""
    lines: list[Line] = []
    for entry in detail.log:
        kind = say(f"word.log.{entry.kind}", language) if has(f"word.log.{entry.kind}") else plain(entry.kind)
        at = f"{wording.local(entry.at, now.tzinfo):%H:%M:%S}"
        head = f" {at} {entry.step:>2} {fit(kind, 8)} "
        ink = "text" if entry.kind == "note" else "dim"
        for place, part in enumerate(wrap(plain(entry.text), width - len(head) - 1)):
            lines.append(line(Span(head if not place else " " * len(head), "dim"), Span(part, ink)))
    return lines or [line(Span("   " + say("screen.operation.no-log", language), "dim"))]


def _head(row: OperationRow, now: datetime, language: str, width: int) -> list[Line]:
    word = say(f"word.operation.{row.state}", language).center(BADGE_CELLS)
    meaning = say(f"word.operation-meaning.{row.state}", language)
    if row.state is OperationState.RUNNING and row.step:
        meaning = sentences.where(row, language)
    moments = [("requested", row.requested_at), ("started", row.started_at), ("finished", row.finished_at)]
    told = [
        say(f"screen.operation.{name}", language, at=wording.when(at, now, language), who=plain(row.who))
        for name, at in moments
        if at is not None
    ]
    if row.state in _SAYS_IT:
        meaning = sentences.outcome(row, language) or meaning
    rows = wrap(meaning, width - BADGE_CELLS - 4)
    lines = [line(Span(" "), Span(word, operation_badge(row.state)), Span(f"  {rows[0]}"))]
    lines += [line(Span(" " * (BADGE_CELLS + 3) + each)) for each in rows[1:]]
    lines += paragraph(", ".join(told), width - 1, "dim", 1)
    if row.cancelling and not row.state.over:
        lines += paragraph(
            say("screen.operation.cancelling", language, who=plain(row.cancelling)), width - 1, "conditional", 1
        )
    return lines


def _step(step: Step, row: OperationRow, language: str, width: int) -> list[Line]:
    room = width - _MARGIN - _STATE - _TIME - 1
    ink = STEP[step.state]
    word = sentences.step_state(step.state, language)
    if step.state is StepState.RUNNING and step.percent is not None:
        word = f"{word} {step.percent}%"
    now = step.state in {StepState.RUNNING, StepState.WAITING}
    shown = "strong" if now else "dim" if step.state is StepState.TODO else "text"
    lines: list[Line] = []
    for place, part in enumerate(wrap(sentences.title(row.kind, step, language), room - 1)):
        if place:
            lines.append(line(Span(" " * _MARGIN), Span(part, shown)))
            continue
        lines.append(
            line(
                Span(f" {step.number:>2} ", "dim"),
                Span(f"{_MARKS[step.state]} ", ink),
                Span(fit(part, room), shown),
                Span(fit(word, _STATE), ink),
                Span(fit(_took(step), _TIME, right=True), "dim"),
            )
        )
    result = sentences.result(row.kind, step, language)
    return lines + (paragraph(result, width - 1, "dim", _MARGIN) if result else [])


def _took(step: Step) -> str:
    """How long a step took, once it is known: a clock that ticks would be bytes for nothing."""
    if step.started_at is None or step.finished_at is None:
        return ""
    seconds = max(step.finished_at - step.started_at, timedelta()).total_seconds()
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _guide(step: Step, detail: OperationDetail, language: str, width: int) -> list[Line]:
    lines = titled("screen.operation.todo", language, width)
    again = sentences.asked_again(detail, step, language)
    for told in sentences.to_do(detail, step, language):
        lines += paragraph(told, width - 3, "no" if told == again else "text", 3)
    key = action("answer").key or ""
    return [*lines, line(Span(f"   {key} ", "accent-strong"), say("screen.operation.todo.key", language))]


def _trouble(row: OperationRow, language: str, width: int) -> list[Line]:
    """Why it went wrong and what helps: above the steps, where it is seen."""
    said = sentences.outcome(row, language)
    if not said or row.state in _SAYS_IT:
        return []
    lines = [BLANK, *paragraph(said, width - 3, "no", 3)]
    hint = row.outcome.replace("error.", "hint.", 1)
    if hint != row.outcome and has(hint):
        lines += paragraph(plain(say(hint, language, **row.params)), width - 3, "dim", 3)
    return lines
