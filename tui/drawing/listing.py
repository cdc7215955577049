"""The list of deliveries: columns that line up, one line for each delivery."""

from __future__ import annotations

from dataclasses import dataclass

from core.model import DeliveryRow, OperationRow, OperationState, Source, StateWord
from core.texts import say
from tui import wording
from tui.drawing.inks import ANSWER, badge
from tui.plain import plain
from tui.widgets.spans import Line, Span, fit

BADGE_CELLS = 7
_NAME_LEAST = 8
_STRANGER = 101
"""Rule of files that are no administration at all: what their name seems to say is nobody's name."""
_DROPPED_FIRST = ("size", "sql", "pu", "target", "number", "client")
_ANSWERS = ("work", "back", "rule")
"""Their cells tell of the step instead, while an operation is at work."""
_RIGHT = frozenset({"size"})
_UNSURE = frozenset({StateWord.UNKNOWN, StateWord.WARN, StateWord.OK, StateWord.ONEWAY})


@dataclass(frozen=True, slots=True)
class Columns:
    """Column names and their cells, left to right; the badge stands before them."""

    cells: tuple[tuple[str, int], ...]

    @property
    def short_release(self) -> bool:
        """`2008 R2` has to fit four cells."""
        return dict(self.cells).get("sql", 0) < len("2008R2")


def columns(width: int, target_cells: int = 6, id_cells: int = 6) -> Columns:
    """The columns of a list of this width. What does not fit falls away, the answers last."""
    roomy = width >= 96
    cells = {
        "id": max(id_cells, 7 if roomy else 6),
        "client": 10 if roomy else 7,
        "number": 3,
        "name": 0,
        "pu": 3,
        "sql": 6 if roomy else 4,
        "size": 6,
        "target": min(max(target_cells, 6), 14 if roomy else 9),
        "work": 4,
        "back": 5,
        "rule": 5,
    }
    left = _room(cells, width)
    for name in _DROPPED_FIRST:
        if left >= _NAME_LEAST:
            break
        del cells[name]
        left = _room(cells, width)
    cells["name"] = max(left, 1)
    return Columns(tuple(cells.items()))


def _room(cells: dict[str, int], width: int) -> int:
    return width - 1 - BADGE_CELLS - sum(count + 1 for count in cells.values())


def heading(shape: Columns, language: str) -> Line:
    """The column titles."""
    spans = [Span(" " * (1 + BADGE_CELLS), "heading")]
    for name, cells in shape.cells:
        title = say(f"screen.column.{name}", language)
        spans.append(Span(" " + fit(title, cells, right=name in _RIGHT), "heading"))
    return tuple(spans)


def row_line(row: DeliveryRow, shape: Columns, language: str, *, chosen: bool) -> Line:
    """One delivery."""
    mark = Span("▌" if chosen else " ", "accent")
    word = wording.state(row.state, language).center(BADGE_CELLS)
    spans = [mark, Span(fit(word, BADGE_CELLS), badge(row.state))]
    under_way = row.operation is not None and row.state is StateWord.RUNNING
    for name, cells in shape.cells:
        if under_way and name in _ANSWERS:
            continue
        text, ink = _cell(name, row, language, shape)
        if chosen and ink == "dim":
            # Lighter on the lighter ground, and fewer changes of colour to send.
            ink = "text"
        if text and cells < len(text) and name == "rule":
            text = text[: cells - 1] + "+"
        spans.append(Span(" " + fit(plain(text), cells, right=name in _RIGHT), ink))
    if under_way and row.operation is not None:
        room = sum(cells + 1 for name, cells in shape.cells if name in _ANSWERS)
        spans.append(Span(" " + fit(step_of(row.operation, language), room - 1), "accent"))
    return tuple(spans)


def step_of(row: OperationRow, language: str) -> str:
    """The step it stands at and how far that is, in fifteen cells: `step 4/9   61%`."""
    if not row.step:
        return say(f"word.operation.{row.state}", language).lower()
    step = say("screen.step", language, step=row.step, steps=row.steps)
    if row.state is OperationState.WAITING:
        return f"{step} {say('screen.step.waits', language)}"
    return step if row.percent is None else f"{step:<10} {row.percent:>3}%"


def _cell(name: str, row: DeliveryRow, language: str, shape: Columns) -> tuple[str, str]:  # noqa: C901 - one case each
    missing = ("?", "unknown") if row.state in _UNSURE else ("", "dim")
    match name:
        case "id":
            return row.id, "strong"
        case "client":
            return (row.client, "text") if row.client else ("?", "unknown")
        case "number":
            return (row.administration_number, "dim") if row.administration_number else missing
        case "name":
            named = row.administration_name and row.rule != _STRANGER
            return (row.administration_name or "", "text") if named else (row.file, "dim")
        case "pu":
            ink = "conditional" if row.product_update_source is Source.NAME else "text"
            return (str(row.product_update), ink) if row.product_update is not None else missing
        case "sql":
            label = wording.release(row.sql_release)
            return (label[2:] if shape.short_release and len(label) > 4 else label, "text") if label else missing
        case "size":
            size = wording.size(row.size, language)
            # At least that much: it still grows.
            return f"{size.replace(' ', '')}+" if row.state is StateWord.ARRIVING else size, "dim"
        case "target":
            there = row.held_at or (row.operation.target if row.operation else None) or row.best_target
            return (there, "text") if there else ("–", "dim")
        case "work":
            return wording.answer(row.work, language), ANSWER[row.work]
        case "back":
            return wording.answer(row.back, language), ANSWER[row.back]
        case _:
            more = f"+{row.more}" if row.more else ""
            return (f"{row.rule}{more}" if row.rule else "", "dim")
