"""What stands around every screen: header, tabs, status line, keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import WisselError
from core.model import Target
from core.texts import has, say
from tui import actions
from tui.actions import ACTIONS, Action, Context
from tui.plain import plain
from tui.widgets.spans import BLANK, Line, Span, line, width_of

FOOTER_KEYS = 6
_LABELS = {
    "slash": "/",
    "question_mark": "?",
    "f1": "F1",
    "f5": "F5",
    "enter": "↵",
    "escape": "esc",
    "ctrl+p": "^p",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What every screen knows of the office."""

    language: str = "en"
    opened: bool = False
    read_only: bool = False
    practice: bool = False
    firm_name: str = ""
    targets: tuple[Target, ...] = ()
    worker_alive: bool | None = None
    total: int | None = None
    """Deliveries in the inbox list, all of them."""

    def but(self, **changes: object) -> Facts:
        """The same with these changes."""
        return replace(self, **changes)  # type: ignore[arg-type]


def header(facts: Facts, now: datetime, width: int, place: str = "") -> Line:
    """Name, firm (or where we are), worker, targets, clock without seconds."""
    language = facts.language
    left = [Span(" wissel ", "badge-accent"), Span(" ")]
    if facts.practice:
        left += [Span(f" {say('screen.practice', language)} ", "badge-conditional"), Span(" ")]
    left.append(Span(plain(place or facts.firm_name), "strong"))
    if facts.read_only:
        left += [Span("  "), Span(say("screen.read-only", language), "conditional")]
    clock = Span(f"  {now:%H:%M} ", "text")
    if not facts.opened:
        return _spread(tuple(left), (clock,), width)
    worker = {True: ("screen.worker.ok", "yes"), False: ("screen.worker.away", "no")}.get(
        facts.worker_alive if facts.worker_alive is not None else False, ("screen.worker.away", "no")
    )
    state = [Span(say(worker[0], language), worker[1])]
    names = [Span("  " + plain(target.name), "dim") for target in facts.targets]
    counted = [Span("  " + say("screen.targets.count", language, count=len(facts.targets)), "dim")]
    for extra in (names, counted, []):
        right = (*state, *extra, clock)
        if width_of(tuple(left)) + width_of(right) + 2 <= width:
            return _spread(tuple(left), right, width)
    return _spread(tuple(left), (*state, clock), width)


def _spread(left: Line, right: Line, width: int) -> Line:
    room = width - width_of(left) - width_of(right)
    return (*left, Span(" " * max(room, 1)), *right)


def tabs(facts: Facts, scope: str) -> Line:
    """The places to be, each with its key."""
    if not facts.opened:
        return BLANK
    spans = [Span(" ")]
    for each in ACTIONS:
        if each.id not in _TABS:
            continue
        here = _TABS[each.id] == scope
        title = say(f"screen.tab.{each.id}", facts.language)
        spans.append(Span(f"{key_label(each)} ", "accent" if here else "dim"))
        spans.append(Span(title, "strong" if here else "dim"))
        if each.id == "list" and facts.total is not None:
            spans.append(Span(f" {facts.total}", "accent-strong" if here else "dim"))
        spans.append(Span("   "))
    return tuple(spans)


_TABS = {"list": actions.DELIVERIES, "log": actions.LOG, "clients": actions.CLIENTS, "targets": actions.TARGETS}


def key_label(act: Action) -> str:
    """The first key of an action as it stands on a keyboard; empty when it has none."""
    first = (act.key or "").partition(",")[0]
    return _LABELS.get(first, first)


def keys(facts: Facts, scope: str, context: Context, width: int) -> Line:
    """The footer: six keys at most, as many as fit, the palette always; what is off is grey."""
    if not facts.opened:
        return BLANK
    chosen = [each for each in ACTIONS if each.footer and each.key and each.applies(scope)]
    if scope not in actions.TABS:
        chosen.insert(0, actions.action("back"))
    shown = [_key(each, context, facts.language) for each in chosen[:FOOTER_KEYS]]
    while len(shown) > 1 and sum(map(width_of, shown)) + 1 > width:
        del shown[-2]
    return (Span(" "), *[span for each in shown for span in each])


def _key(each: Action, context: Context, language: str) -> Line:
    off = each.enabled(context) is not None
    return (
        Span(key_label(each), "dim" if off else "accent-strong"),
        Span(f" {say(each.title_key, language)}  ", "dim" if off else "text"),
    )


def status(facts: Facts, filter_text: str, place: int, shown: int, width: int) -> Line:
    """The filter, and which line of how many."""
    language = facts.language
    left: list[Span] = [Span(" ")]
    if filter_text:
        left += [Span(say("screen.filter", language) + " ", "dim"), Span(plain(filter_text), "accent")]
    counted = ""
    if shown:
        counted = say("screen.of", language, place=place, total=shown)
    return _spread(tuple(left), line(Span(counted + " ", "dim")), width)


def trouble(error: BaseException, language: str) -> tuple[str, str]:
    """What went wrong and why, and what to do; never a traceback."""
    if isinstance(error, WisselError) and has(f"error.{error.key}"):
        hint = f"hint.{error.key}"
        return (
            plain(say(f"error.{error.key}", language, **error.params)),
            plain(say(hint, language, **error.params)) if has(hint) else say("screen.failed.do", language),
        )
    name = error.key if isinstance(error, WisselError) else type(error).__name__
    return say("screen.failed", language, name=plain(name)), say("screen.failed.do", language)
