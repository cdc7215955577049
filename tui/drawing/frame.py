"""What stands around every screen: header, tabs, status line, keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import WisselError
from core.model import Target
from core.texts import has, say
from tui import actions, wording
from tui.actions import ACTIONS, Action, Context
from tui.plain import plain
from tui.widgets.spans import BLANK, Line, Span, line, width_of

FOOTER_KEYS = 6
CLOCK_CELLS = 8
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
    operations: int | None = None
    """Operations that are not over."""
    held: int | None = None
    """Administrations that are with us."""

    def but(self, **changes: object) -> Facts:
        """The same with these changes."""
        return replace(self, **changes)  # type: ignore[arg-type]


def clock(now: datetime) -> Line:
    """The time, without seconds: it is all that an idle screen sends."""
    return line(Span(f"  {now:%H:%M} "))


def header(facts: Facts, width: int, place: str = "") -> Line:
    """Name, firm (or where we are), worker, targets."""
    language = facts.language
    left = [Span(" wissel ", "badge-accent"), Span(" ")]
    if facts.practice:
        left += [Span(f" {_practice(facts)} ", "badge-conditional"), Span(" ")]
    firm = "" if facts.practice and facts.firm_name.casefold() == _practice(facts).casefold() else facts.firm_name
    name = Span(plain(place or firm), "strong")
    switch = [Span("  "), Span(say("screen.read-only", language), "conditional")] if facts.read_only else []
    if not facts.opened:
        return (*left, name, *switch)
    worker = {True: ("screen.worker.ok", "yes"), False: ("screen.worker.away", "no")}.get(
        facts.worker_alive if facts.worker_alive is not None else False, ("screen.worker.away", "no")
    )
    state = [Span(say(worker[0], language), worker[1])]
    if width_of((*left, name, *switch, *state)) + 2 > width:
        name = Span(place and name.text)  # whose office it is goes before how it is
    left += [name, *switch]
    names = [Span("  " + plain(target.name), "dim") for target in facts.targets]
    counted = [Span("  " + say("screen.targets.count", language, count=len(facts.targets)), "dim")]
    for extra in (names, counted, []):
        right = (*state, *extra)
        if width_of(tuple(left)) + width_of(right) + 2 <= width:
            return _spread(tuple(left), right, width)
    return _spread(tuple(left), tuple(state), width)


def headed(title: str, right: Span, width: int) -> Line:
    """A header that says what this is and what holds for it, instead of how the office is."""
    left = (Span(" wissel ", "badge-accent"), Span(" "), Span(plain(title), "strong"))
    return _spread(left, (right,), width)


def _practice(facts: Facts) -> str:
    return say("screen.practice", facts.language)


def _spread(left: Line, right: Line, width: int) -> Line:
    room = width - width_of(left) - width_of(right)
    return (*left, Span(" " * max(room, 1)), *right)


def tabs(facts: Facts, scope: str, width: int) -> Line:
    """The places to be, each with its key and, where it counts something, how many; as wide apart as there is room."""
    if not facts.opened:
        return BLANK
    for gap in (3, 2, 1):
        row = _tabs(facts, scope, gap)
        if width_of(row) <= width:
            break
    return row


def _tabs(facts: Facts, scope: str, gap: int) -> Line:
    counts = {"list": facts.total, "operations": facts.operations or None, "held": facts.held or None}
    spans = [Span(" ")]
    for each in ACTIONS:
        if each.id not in _TABS:
            continue
        here = _TABS[each.id] == scope
        title = say(f"screen.tab.{each.id}", facts.language)
        spans += [Span(" " * gap)] if len(spans) > 1 else []
        spans.append(Span(f"{key_label(each)} ", "accent" if here else "dim"))
        spans.append(Span(title, "strong" if here else "dim"))
        if (count := counts.get(each.id)) is not None:
            # What is under way is to be seen from every tab.
            under_way = here or each.id == "operations"
            spans.append(Span(f" {count}", "accent-strong" if under_way else "dim"))
    return tuple(spans)


def with_below(row: Line, below: int, width: int, language: str) -> Line:
    """The line with how much more there is to read, where there is room to say it."""
    more = Span(f"{say('screen.below', language, count=below)} ", "dim")
    room = width_of(row) + width_of((more,)) + 1 <= width
    return _spread(row, (more,), width) if below and room else row


_TABS = {
    "list": actions.DELIVERIES,
    "operations": actions.OPERATIONS,
    "held": actions.HELD,
    "log": actions.LOG,
    "clients": actions.CLIENTS,
    "targets": actions.TARGETS,
}


def key_label(act: Action) -> str:
    """The first key of an action as it stands on a keyboard; empty when it has none."""
    first = (act.key or "").partition(",")[0]
    return _LABELS.get(first, first)


def keys(facts: Facts, scope: str, context: Context, width: int) -> Line:
    """The footer: six keys at most, as many as fit, the palette always; what is off is grey, and gives way first."""
    if not facts.opened:
        return BLANK
    chosen = [each for each in ACTIONS if _at_foot(each, scope)]
    if scope not in actions.TABS:
        chosen.insert(0, actions.action("back"))
    while len(chosen) > FOOTER_KEYS:
        chosen.remove(min(reversed(chosen), key=lambda each: _weight(each, context)))
    shown = [_key(each, context, facts.language) for each in chosen]
    while len(shown) > 1 and sum(map(width_of, shown)) + 1 > width:
        del shown[-2]
    return (Span(" "), *[span for each in shown for span in each])


def _at_foot(each: Action, scope: str) -> bool:
    return bool(each.footer and each.key and each.applies(scope) and (not each.footer_in or scope in each.footer_in))


def _weight(each: Action, context: Context) -> tuple[bool, int]:
    if each.id == "back":
        return True, FOOTER_KEYS * 2
    return each.enabled(context) is None, each.footer


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


def trouble(error: BaseException, language: str, log: str = "") -> tuple[str, str]:
    """What went wrong and why, and what to do; never a traceback."""
    if isinstance(error, WisselError) and has(f"error.{error.key}"):
        hint = f"hint.{error.key}"
        return (
            plain(say(f"error.{error.key}", language, **_named(error, language))),
            plain(say(hint, language, **_named(error, language))) if has(hint) else say("screen.failed.do", language),
        )
    name = error.key if isinstance(error, WisselError) else type(error).__name__
    where = f" {say('screen.failed.log', language, log=plain(log))}" if log else ""
    return say("screen.failed", language, name=plain(name)), say("screen.failed.do", language) + where


def _named(error: WisselError, language: str) -> dict[str, object]:
    """The parameters of an error; a fact by its name."""
    return {
        name: wording.fact(held, language) if name == "fact" and isinstance(held, str) else held
        for name, held in error.params.items()
    }
