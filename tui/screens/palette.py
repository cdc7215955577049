"""Every action of the registry, found by typing."""

from __future__ import annotations

from core.texts import say
from tui.actions import ACTIONS, Context
from tui.drawing.frame import key_label
from tui.screens.pick import Choice, PickScreen
from tui.widgets.spans import Span, fit, line

_HIDDEN = frozenset({"palette", "back"})


def palette(scope: str, context: Context, language: str) -> PickScreen:
    """A dialog that gives the id of an action."""
    choices = []
    for each in ACTIONS:
        if not each.screen or each.id in _HIDDEN:
            continue
        off = None if each.applies(scope) else "action.off.not-here"
        off = off or each.enabled(context)
        title = say(each.title_key, language)
        shown = line(
            Span(fit(key_label(each), 4), "accent-strong"),
            Span(fit(title, 19)),
            Span(fit(f"wissel {each.verb}" if each.verb else "", 16), "dim"),
            Span(say(each.help_key, language), "dim"),
        )
        choices.append(Choice(each.id, shown, f"{title} {each.verb or ''} {each.id}", off and say(off, language)))
    choices.sort(key=lambda choice: choice.off is not None)
    title = say("screen.palette.title", language)
    return PickScreen(title, choices, say("screen.palette.empty", language), language)
