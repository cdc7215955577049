"""Help about what is selected: the rule that fired, the state word, the keys that work here."""

from __future__ import annotations

from core.model import Answer, DeliveryDetail, OperationState, Reason, StateWord
from core.texts import has, say
from tui import wording
from tui.actions import ACTIONS, OPERATION, OPERATIONS, Context
from tui.drawing import detail as pane
from tui.drawing.frame import key_label
from tui.drawing.inks import ANSWER, badge, operation_badge
from tui.drawing.listing import BADGE_CELLS
from tui.drawing.operations import BADGE_CELLS as OPERATION_CELLS
from tui.widgets.spans import BLANK, Line, Span, fit, line, width_of, wrap

_MARGIN = 3
_KEY, _TITLE = 5, 20


def help_page(detail: DeliveryDetail | None, scope: str, context: Context, language: str, width: int) -> list[Line]:
    """The page; about the delivery first, when one is selected."""
    lines: list[Line] = []
    if detail is not None:
        lines += _about(detail, language, width)
    lines += [*_titled("screen.help.keys", language, width), *_keys(scope, context, language, width), BLANK]
    lines += [line(Span(" " * _MARGIN + row, "dim")) for row in wrap(say("screen.help.moves", language), width - 6)]
    if scope in {OPERATIONS, OPERATION}:
        lines += [BLANK, *_titled("screen.help.states", language, width), *_operation_states(language, width)]
        return lines
    lines += [BLANK, *_titled("screen.help.states", language, width), *_states(language, width)]
    lines += [BLANK, *_titled("screen.help.answers", language, width), *_answers(language, width)]
    lines += [BLANK, *_titled("screen.help.filter", language, width)]
    lines += [line(Span(" " * _MARGIN + row)) for row in wrap(say("screen.help.filter.text", language), width - 6)]
    return lines


def _states(language: str, width: int) -> list[Line]:
    lines: list[Line] = []
    for state in StateWord:
        head = (Span(" " * _MARGIN), Span(wording.state(state, language).center(BADGE_CELLS), badge(state)))
        lines += _beside(head, say(f"word.meaning.{state}", language), width)
    return lines


def _operation_states(language: str, width: int) -> list[Line]:
    lines: list[Line] = []
    for state in OperationState:
        word = say(f"word.operation.{state}", language).center(OPERATION_CELLS)
        head = (Span(" " * _MARGIN), Span(word, operation_badge(state)))
        lines += _beside(head, say(f"word.operation-meaning.{state}", language), width)
    return lines


def _answers(language: str, width: int) -> list[Line]:
    lines: list[Line] = []
    for answer in Answer:
        head = (Span(" " * _MARGIN + fit(wording.answer(answer, language), 6), ANSWER[answer]),)
        lines += _beside(head, say(f"screen.help.answer.{answer}", language), width)
    return lines


def _beside(head: Line, text: str, width: int) -> list[Line]:
    margin = width_of(head) + 2
    rows = wrap(text, width - margin - 2)
    return [(*(head if not at else (Span(" " * (margin - 2)),)), Span("  " + row)) for at, row in enumerate(rows)]


def _titled(key: str, language: str, width: int, extra: str = "") -> list[Line]:
    title = f" {say(key, language)}{extra} "
    return [line(Span(" ─", "line"), Span(title, "strong"), Span("─" * max(width - 3 - len(title), 0), "line"))]


def _about(detail: DeliveryDetail, language: str, width: int) -> list[Line]:
    row = detail.row
    word = wording.state(row.state, language).center(BADGE_CELLS)
    lines = [
        line(Span(" "), Span(word, badge(row.state)), Span(f"  {say(f'word.meaning.{row.state}', language)}")),
        BLANK,
    ]
    verdict = pane.first_verdict(detail)
    shown: set[tuple[int, str]] = set()
    reasons = list(verdict.reasons) if verdict else []
    first = verdict.deciding if verdict else None
    for reason in sorted(reasons, key=lambda each: each is not first):
        felt = reason is first or bool(reason.work and reason.work.badness) or bool(reason.back and reason.back.badness)
        if felt and (reason.rule, reason.variant) not in shown:
            shown.add((reason.rule, reason.variant))
            lines += _rule(reason, language, width)
    return lines


def _rule(reason: Reason, language: str, width: int) -> list[Line]:
    lines = _titled("screen.help.rule", language, width, f" {reason.rule}")
    lines += [line(Span(" " * _MARGIN + row)) for row in wrap(wording.sentence(reason, language), width - 6)]
    spans = [Span(" " * _MARGIN)]
    for name, answer in (("work", reason.work), ("back", reason.back)):
        if answer is not None:
            spans.append(Span(say(f"screen.column.{name}", language) + " ", "dim"))
            spans.append(Span(say(f"word.answer.long.{answer}", language) + "   ", ANSWER[answer]))
    lines.append(tuple(spans))
    key = f"rule.{reason.rule}.help"
    if has(key):
        lines += [BLANK, *[line(Span(" " * _MARGIN + row)) for row in wrap(say(key, language), width - 6)]]
    override = (
        say("screen.help.override", language, name=reason.override)
        if reason.override
        else say("screen.help.no-override", language)
    )
    lines += [BLANK, line(Span(" " * _MARGIN + override, "dim")), BLANK]
    return lines


def _keys(scope: str, context: Context, language: str, width: int) -> list[Line]:
    lines: list[Line] = []
    for each in ACTIONS:
        if not each.key or not each.applies(scope):
            continue
        off = each.enabled(context)
        head = (
            Span(" " * _MARGIN + fit(key_label(each), _KEY), "dim" if off else "accent-strong"),
            Span(fit(say(each.title_key, language), _TITLE), "dim" if off else "strong"),
        )
        text = say(off, language) if off else say(each.help_key, language)
        ink = "conditional" if off else "text"
        margin = _MARGIN + _KEY + _TITLE
        for place, row in enumerate(wrap(text, width - margin - 2)):
            lines.append((*head, Span(row, ink)) if not place else line(Span(" " * margin), Span(row, ink)))
    return lines
