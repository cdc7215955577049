"""What stands at the targets: with us since when, or returned."""

from __future__ import annotations

from datetime import datetime

from core.model import Held
from core.texts import say
from tui import wording
from tui.plain import plain
from tui.widgets.spans import Line, Span, fit

BADGE_CELLS = 7
_RIGHT = frozenset({"corrections"})


def columns(width: int) -> dict[str, int]:
    """Column -> cells; the administration's name has what is left."""
    cells = {"client": 8, "number": 3, "name": 0, "delivery": 6, "target": 9, "since": 10, "corrections": 5, "now": 6}
    if width < 80:
        del cells["delivery"], cells["corrections"]
    cells["name"] = max(width - 1 - BADGE_CELLS - sum(count + 1 for count in cells.values()), 4)
    return cells


def heading(width: int, language: str) -> Line:
    """The column titles."""
    spans = [Span(" " * (1 + BADGE_CELLS), "heading")]
    for name, cells in columns(width).items():
        title = say(f"screen.held.{name}", language)
        spans.append(Span(" " + fit(title, cells, right=name in _RIGHT), "heading"))
    return tuple(spans)


def row_line(held: Held, width: int, now: datetime, language: str, *, chosen: bool) -> Line:
    """One administration; since it was restored, or since it went back."""
    word = "with-us" if held.returned_at is None else "returned"
    badge = "button" if held.returned_at is None else "badge-quiet"
    spans = [
        Span("▌" if chosen else " ", "accent"),
        Span(say(f"word.state.{word}", language).center(BADGE_CELLS), badge),
    ]
    cells = {
        "client": (held.client, "strong"),
        "number": (held.number, "dim"),
        "name": (held.name or held.client_name, "text"),
        "delivery": (held.delivery, "text"),
        "target": (held.target, "text"),
        "since": (wording.short(held.returned_at or held.since, now, language), "text"),
        "corrections": (str(held.corrections) if held.corrections else "–", "accent" if held.corrections else "dim"),
        "now": (held.operation, "accent"),
    }
    for name, room in columns(width).items():
        text, ink = cells[name]
        shown = "text" if chosen and ink == "dim" else ink
        spans.append(Span(" " + fit(plain(text), room, right=name in _RIGHT), shown))
    return tuple(spans)


def sentence(held: Held, now: datetime, language: str) -> str:
    """Where it is, and since when: one line of a delivery's page."""
    if held.returned_at is not None:
        at = wording.when(held.returned_at, now, language)
        return say("screen.held.returned", language, target=plain(held.target), at=at)
    at = wording.when(held.since, now, language)
    key = "screen.held.corrected" if held.corrections else "screen.held.here"
    return say(key, language, target=plain(held.target), at=at, count=held.corrections)
