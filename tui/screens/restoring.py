"""What a restore asks first: which target, and who of ours works on it for the time being."""

from __future__ import annotations

from core.model import Answer, DeliveryDetail, Reason, Target, Verdict
from core.texts import say
from tui import wording
from tui.drawing import detail as drawing
from tui.drawing.inks import ANSWER
from tui.plain import plain
from tui.screens.ask import AskScreen
from tui.screens.pick import Choice, PickScreen
from tui.widgets.spans import Span, fit, line

_NOTES = 4
_CLOSED = (Answer.NO, Answer.UNKNOWN)


def target_pick(detail: DeliveryDetail, targets: tuple[Target, ...], language: str) -> PickScreen:
    """A dialog that gives the name of a target: all of them, the best first, each with both answers."""
    best = detail.row.best_target
    known = {target.name: target for target in targets}
    verdicts = sorted(
        detail.verdicts, key=lambda each: (each.target != best, each.work.badness, each.back.badness, each.target)
    )
    choices = [_choice(each, known.get(each.target), language, best=each.target == best) for each in verdicts]
    title = say("screen.restore.title", language, delivery=drawing.title(detail))
    return PickScreen(title, choices, say("screen.restore.empty", language), language, notes=_NOTES)


def _choice(verdict: Verdict, target: Target | None, language: str, *, best: bool) -> Choice:
    reason = verdict.deciding
    hint = say("screen.recommended", language) if best else ""
    shown = line(
        Span(fit(plain(verdict.target), 16) + " ", "strong"),
        Span(fit(drawing.pair(target), 12), "dim"),
        Span(f"{say('screen.column.work', language)} ", "dim"),
        Span(fit(wording.answer(verdict.work, language), 6), ANSWER[verdict.work]),
        Span(f"{say('screen.column.back', language)} ", "dim"),
        Span(fit(wording.answer(verdict.back, language), 6), ANSWER[verdict.back]),
        Span(fit(str(reason.rule) if reason else "", 5), "dim"),
        Span(hint, "accent"),
    )
    off = None
    if verdict.work in _CLOSED:
        against = next((each for each in verdict.reasons if each.work is verdict.work), reason)
        off = _said(against, language) or say(f"word.answer.long.{verdict.work}", language)
    return Choice(verdict.target, shown, verdict.target, off, _said(reason, language))


def _said(reason: Reason | None, language: str) -> str:
    if reason is None:
        return ""
    return f"{wording.sentence(reason, language)} ({say('word.rule', language, rule=reason.rule)})"


def colleagues_ask(delivery: str, language: str) -> AskScreen:
    """A dialog that gives logins with commas; nobody is an answer, too."""
    return AskScreen(
        say("screen.colleagues.title", language, delivery=delivery),
        say("screen.colleagues.hint", language),
        say("screen.colleagues.keys", language),
        optional=True,
    )


def logins(text: str) -> tuple[str, ...]:
    """The logins, each once, as they were typed."""
    return tuple(dict.fromkeys(part for each in text.replace(";", ",").split(",") if (part := each.strip())))


def not_isolated(detail: DeliveryDetail, target: str) -> bool:
    """Is it no exchange instance? Then the plan asks for the client's code."""
    return any(each.target == target and any(why.rule == 211 for why in each.reasons) for each in detail.verdicts)


def one_way(detail: DeliveryDetail, target: str) -> bool:
    """Can nothing go back from there? Then the plan asks for the client's code."""
    return any(each.target == target and each.back is Answer.NO for each in detail.verdicts)
