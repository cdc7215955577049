"""The list of operations: what, on what, where, how far, who, since when."""

from __future__ import annotations

from datetime import datetime

from core.model import OperationRow, OperationState
from core.texts import say
from tui import wording
from tui.drawing.inks import operation_badge
from tui.plain import plain
from tui.widgets.spans import Line, Span, fit

BADGE_CELLS = 8
_ROOMY = 104
_RIGHT = frozenset({"percent"})


def columns(width: int) -> dict[str, int]:
    """Column -> cells; the client has what is left."""
    roomy = width >= _ROOMY
    cells = {
        "id": 6,
        "kind": 11,
        "delivery": 6,
        "client": 0,
        "number": 3,
        "target": 14 if roomy else 8,
        "step": 5,
        "percent": 4,
        "who": 14 if roomy else 6,
        "since": 16 if roomy else 5,
    }
    if width < 80:
        del cells["who"], cells["delivery"], cells["percent"]
        cells["target"] = 7
    cells["client"] = max(width - 1 - BADGE_CELLS - sum(count + 1 for count in cells.values()), 4)
    return cells


def heading(width: int, language: str) -> Line:
    """The column titles."""
    spans = [Span(" " * (1 + BADGE_CELLS), "heading")]
    for name, cells in columns(width).items():
        title = "" if name == "percent" else say(f"screen.operations.{name}", language)
        spans.append(Span(" " + fit(title, cells, right=name in _RIGHT), "heading"))
    return tuple(spans)


def row_line(row: OperationRow, width: int, now: datetime, language: str, *, chosen: bool) -> Line:
    """One operation."""
    word = say(f"word.operation.{row.state}", language).center(BADGE_CELLS)
    spans = [Span("▌" if chosen else " ", "accent"), Span(word, operation_badge(row.state))]
    for name, cells in columns(width).items():
        text, ink = _cell(name, row, now, language, cells)
        spans.append(Span(" " + fit(plain(text), cells, right=name in _RIGHT), "text" if chosen else ink))
    return tuple(spans)


def _cell(name: str, row: OperationRow, now: datetime, language: str, cells: int) -> tuple[str, str]:
    match name:
        case "id":
            return row.id, "strong"
        case "kind":
            return say(f"word.does.{row.kind}", language), "text"
        case "delivery":
            return row.delivery, "text"
        case "client":
            return row.client or "?", "text" if row.client else "unknown"
        case "number":
            return row.number, "dim"
        case "target":
            return row.target or "–", "text" if row.target else "dim"
        case "step":
            return (f"{row.step}/{row.steps}" if row.step else ""), "dim" if row.state.over else "accent"
        case "percent":
            running = row.percent is not None and row.state is OperationState.RUNNING
            return (f"{row.percent}%" if running else ""), "accent"
        case "who":
            return row.who, "dim"
        case _:
            moment = row.finished_at or row.requested_at
            return wording.brief(moment, now, language) if cells < 16 else wording.when(moment, now, language), "dim"
