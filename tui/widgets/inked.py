"""From lines to strips: the only place where an ink's name becomes a colour."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.theme import DARK, INKS, Inks
from tui.widgets.spans import Line, Span, exactly

_made: dict[tuple[str, bool, bool], Inks] = {}


def inks_of(app: App[Any]) -> Inks:
    """The styles of the theme in use."""
    key = (app.theme, app.native_ansi_color, app.no_color)
    if key not in _made:
        variables = {**DARK, **app.theme_variables}
        _made[key] = Inks(variables, ansi=app.native_ansi_color, no_color=app.no_color)
    return _made[key]


def strip_of(widget: Widget, row: Line, width: int, *, chosen: bool = False) -> Strip:
    """The line in the widget's colours, exactly `width` cells.

    Blanks take the style of what stands before them: fewer changes of colour, fewer bytes on the wire.
    """
    inks = inks_of(widget.app)
    base = widget.rich_style + inks.cursor if chosen else widget.rich_style
    merged: list[Span] = []
    for span in exactly(row, width):
        last = merged[-1] if merged else None
        same = last is not None and (last.ink == span.ink or (span.text.isspace() and _seamless(last.ink, span.ink)))
        if last is not None and same:
            merged[-1] = Span(last.text + span.text, last.ink)
        else:
            merged.append(span)
    return Strip([Segment(span.text, _style(base, inks[span.ink])) for span in merged], width)


def _seamless(first: str, second: str) -> bool:
    return INKS[first][1] is None and INKS[second][1] is None


def _style(base: Style, ink: Style) -> Style:
    return base + ink


def changed(old: Line, new: Line, y: int, width: int) -> Region | None:
    """The cells of line `y` that differ; None when none does."""
    if old == new:
        return None
    start = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        start += cell_len(one.text)
    ends = sum(cell_len(span.text) for span in old), sum(cell_len(span.text) for span in new)
    end = width
    if ends[0] == ends[1]:
        end = ends[0]
        for one, other in zip(reversed(old), reversed(new), strict=False):
            if one != other:
                break
            end -= cell_len(one.text)
    return Region(start, y, max(min(end, width) - start, 1), 1)
