"""What a cancel means for an operation as it stands: when it stops, and what is undone."""

from __future__ import annotations

from core.model import OperationDetail, OperationState, StepState
from core.texts import say
from tui.verbs import sentences
from tui.widgets.spans import Line, Span, paragraph, wrap

_WIDTH = 70
_MOST = 6


def too_late(detail: OperationDetail) -> bool:
    """Is a step done after which nothing is taken back?"""
    return any(step.final and step.state is StepState.DONE for step in detail.steps)


def stopping(detail: OperationDetail, language: str) -> list[Line]:
    """In words: promised is only what holds."""
    if detail.row.state is not OperationState.RUNNING:
        return paragraph(say(f"screen.cancel.{detail.row.state}", language), _WIDTH, indent=2)
    lines = paragraph(say("screen.cancel.running", language), _WIDTH, indent=2)
    began = {StepState.DONE, StepState.RUNNING}
    undone = [step for step in reversed(detail.steps) if step.undo and step.state in began]
    if undone:
        lines += [(), (Span("  " + say("screen.cancel.undone", language), "dim"),)]
        for step in undone[:_MOST]:
            text = f"{sentences.title(detail.row.kind, step, language)}: {sentences.undo(step, language)}"
            for place, row in enumerate(wrap(text, _WIDTH - 7)):
                lines.append((Span(f"   {step.number:>2}  " if not place else " " * 7, "dim"), Span(row)))
    else:
        lines += paragraph(say("screen.cancel.nothing", language), _WIDTH, indent=2)
    return [*lines, (), *paragraph(say("screen.cancel.may-be-late", language), _WIDTH, "dim", 2)]
