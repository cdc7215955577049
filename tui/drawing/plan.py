"""The plan: on what, by which route, the two answers, each step with what it does and how it is undone."""

from __future__ import annotations

from itertools import zip_longest

from core.model import Answer, Plan, PlanStep, Reason, Verdict
from core.texts import say
from tui import wording
from tui.drawing.inks import ANSWER, SEVERITY
from tui.drawing.trial import dry_run
from tui.plain import plain
from tui.verbs import sentences
from tui.widgets.spans import BLANK, Line, Span, fit, line, paragraph, width_of, wrap

_HEAD, _EFFECT, _UNDO = 6, 32, 34
_WIDE = 110


def titled(key: str, language: str, width: int) -> list[Line]:
    """A rule across with a title in it."""
    title = f" {say(key, language)} "
    return [line(Span(" ─", "line"), Span(title, "strong"), Span("─" * max(width - 3 - len(title), 0), "line"))]


def title(plan: Plan, language: str) -> str:
    """What would be done, to which delivery."""
    does = sentences.does(plan.order.kind, language)
    return say("screen.plan.title", language, does=does, delivery=plan.order.delivery)


def page(plan: Plan, language: str, width: int) -> list[Line]:
    """The whole plan. Nothing in it has been done."""
    lines = _route(plan, language, width)
    if plan.verdict is not None:
        lines += _answers(plan.verdict, language, width)
    if plan.refusal is not None:
        lines += [BLANK, *_refused(plan.refusal, language, width)]
    shown = {reason.rule for reason in _deciding(plan.verdict)} if plan.verdict else set()
    conditions = [reason for reason in plan.conditions if reason.rule not in shown]
    if conditions:
        lines += [BLANK, *titled("screen.plan.conditions", language, width)]
        for reason in conditions:
            lines += _reason(reason, language, width)
    if plan.dry_run is not None:
        lines += [BLANK, *dry_run(plan.dry_run, language, width)]
    if plan.steps:
        lines += [BLANK, *_heading(language, width)]
        for step in plan.steps:
            lines += _step(step, plan, language, width)
    return lines


def statements(plan: Plan, language: str, width: int) -> list[Line]:
    """Step by step what is said to the engine and to the disk."""
    lines: list[Line] = []
    final = False
    for step in plan.steps:
        final = final or step.final  # what comes after it still notes something
        lines += [
            line(Span(f" {step.number:>2}  ", "dim"), Span(sentences.title(plan.order.kind, step, language), "strong"))
        ]
        said = step.statements or ((step.effect,) if step.effect else ())
        for statement in said:
            for part in statement.split("\n"):
                lines += paragraph(plain(part), width - 1, "text", 5)
        if not said:
            key = "screen.plan.known-later" if step.undo or final else "screen.plan.looks-only"
            lines += paragraph(say(key, language), width - 1, "dim", 5)
        lines += [BLANK]
    return lines


def on_what(plan: Plan, language: str) -> Line:
    """Whose, what and where: the line above the page."""
    spans = [
        Span(f" {plain(plan.client)} {plain(plan.client_name)}".rstrip() or " ?", "strong"),
        Span(f"  {say('screen.plan.administration', language)} ", "dim"),
        Span(plain(plan.number), "strong"),
    ]
    if plan.administration and plan.administration != plan.client_name:
        spans.append(Span(f" {plain(plan.administration)}"))
    if plan.target:
        spans += [Span("  →  ", "dim"), Span(plain(plan.target), "strong")]
    return tuple(spans)


def _route(plan: Plan, language: str, width: int) -> list[Line]:
    head = line(
        Span(f" {say('screen.plan.route', language)} ", "dim"),
        Span(
            say(f"word.route.{plan.route}", language) if plan.route in {"machine", "guided"} else plain(plan.route),
            "accent",
        ),
    )
    if not plan.route_why:
        return [head]
    why, margin = sentences.why(plan.route_why, language), width_of(head) + 2
    rows = wrap(why, width - margin - 1)
    return [(*head, Span("  " + rows[0], "dim")), *[line(Span(" " * margin + row, "dim")) for row in rows[1:]]]


def _sides(verdict: Verdict) -> list[tuple[str, Answer, Reason | None]]:
    """Both answers, each with the loudest of its own reasons."""
    sides = []
    for name in ("work", "back"):
        answer: Answer = getattr(verdict, name)
        felt = [reason for reason in verdict.reasons if getattr(reason, name) is answer and answer is not Answer.YES]
        first = verdict.deciding
        sides.append((name, answer, first if first in felt else next(iter(felt), None)))
    return sides


def _deciding(verdict: Verdict) -> list[Reason]:
    return [reason for _, _, reason in _sides(verdict) if reason is not None]


def _answers(verdict: Verdict, language: str, width: int) -> list[Line]:
    sides = _sides(verdict)
    heads = [
        line(
            Span(f" {fit(say(f'screen.column.{name}', language), 5)} ", "dim"),
            Span(fit(wording.answer(answer, language), 5), ANSWER[answer]),
        )
        for name, answer, _ in sides
    ]
    if not _deciding(verdict):
        return [(*heads[0], Span("  "), *heads[1])]
    lines: list[Line] = []
    if sides[0][2] is sides[1][2]:  # one sentence for both
        heads, sides = [(*heads[0], Span("  "), *heads[1])], sides[1:]
    for head, (_, _, reason) in zip(heads, sides, strict=True):
        rule = f" ({say('word.rule', language, rule=reason.rule)})" if reason else ""
        rows = wrap(wording.sentence(reason, language) + rule if reason else "", width - width_of(head) - 1)
        lines.append((*head, Span(rows[0])))
        lines += [line(Span(" " * width_of(head) + row)) for row in rows[1:]]
    return lines


def _refused(reason: Reason, language: str, width: int) -> list[Line]:
    text = sentences.refusal(reason, language)
    if reason.rule:
        text = f"{text} ({say('word.rule', language, rule=reason.rule)})"
    head = line(Span(" "), Span(f" {say('screen.plan.refused', language)} ", "badge-no"), Span("  "))
    rows = wrap(text, width - width_of(head) - 1)
    return [
        (*head, Span(rows[0], "strong")),
        *[line(Span(" " * width_of(head)), Span(row, "strong")) for row in rows[1:]],
    ]


def _reason(reason: Reason, language: str, width: int) -> list[Line]:
    word = say(f"word.severity.{reason.severity}", language)
    head = line(Span(f"   {reason.rule or '':<5}", "strong"), Span(fit(word, 13), SEVERITY[reason.severity]))
    text = wording.sentence(reason, language) if reason.rule else sentences.refusal(reason, language)
    rows = wrap(text, width - width_of(head) - 1)
    return [(*head, Span(rows[0])), *[line(Span(" " * width_of(head) + row)) for row in rows[1:]]]


def _heading(language: str, width: int) -> list[Line]:
    if width < _WIDE:
        return titled("screen.plan.steps", language, width)
    room = width - _HEAD - _EFFECT - _UNDO
    titles = [
        fit(say(f"screen.plan.{name}", language), cells) for name, cells in (("steps", room), ("effect", _EFFECT))
    ]
    return [(Span(" " * _HEAD + "".join(titles) + fit(say("screen.plan.undo", language), _UNDO), "heading"),)]


def _step(step: PlanStep, plan: Plan, language: str, width: int) -> list[Line]:
    text = sentences.title(plan.order.kind, step, language)
    if step.need:
        text = f"{text} · {say('screen.plan.needs', language, what=', '.join(sentences.needs(step, language)))}"
    if step.guided:
        text = f"{text} · {say('screen.plan.guided', language)}"
    undo, ink = _undo(step, language)
    effect = sentences.effect(plan.order.kind, step, language)
    head = f" {step.number:>2} ○ "
    if width >= _WIDE:
        room = width - _HEAD - _EFFECT - _UNDO
        return _columns(
            head, (wrap(text, room - 2), wrap(effect, _EFFECT - 2), wrap(undo or "–", _UNDO - 1)), ink, room
        )
    rows = wrap(text, width - _HEAD - 1)
    lines = [line(Span(head if not place else " " * _HEAD, "dim"), Span(row)) for place, row in enumerate(rows)]
    if undo and not step.final:
        undo = f"{say('screen.plan.undo', language)}: {undo}"
    if not effect and not undo:
        return lines
    more = f"{effect} · " if effect and undo else effect
    if width_of((Span(more + undo),)) < width - _HEAD:
        return [*lines, line(Span(" " * _HEAD + more, "dim"), Span(undo, ink))]
    return [*lines, *paragraph(effect, width - 1, "dim", _HEAD), *paragraph(undo, width - 1, ink, _HEAD)]


def _columns(head: str, cells: tuple[list[str], list[str], list[str]], ink: str, room: int) -> list[Line]:
    titles, effects, undos = cells
    lines: list[Line] = []
    for title, effect, undo in zip_longest(titles, effects, undos, fillvalue=""):
        start = head if not lines else " " * _HEAD
        lines.append(
            line(Span(start, "dim"), Span(fit(title, room)), Span(fit(effect, _EFFECT), "dim"), Span(undo, ink))
        )
    return lines


def _undo(step: PlanStep, language: str) -> tuple[str, str]:
    if step.final:
        return say("screen.plan.final", language), "oneway"
    return (sentences.undo(step, language), "conditional") if step.undo else ("", "dim")
