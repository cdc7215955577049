"""Lines made of pieces, each with the name of an ink. Drawings make them; only widgets know colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size


class Span(NamedTuple):
    """A piece of a line. `ink` is a name of `theme.INKS`."""

    text: str
    ink: str = "text"


Line = tuple[Span, ...]
Lines = tuple[Line, ...]

BLANK: Line = ()


def line(*pieces: Span | str) -> Line:
    """A line; a bare string is ordinary text."""
    return tuple(piece if isinstance(piece, Span) else Span(piece) for piece in pieces)


def text_of(row: Line) -> str:
    """The bare text of a line."""
    return "".join(span.text for span in row).rstrip()


def width_of(row: Line) -> int:
    """Cells a line takes."""
    return sum(cell_len(span.text) for span in row)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Exactly `width` cells; what is too long ends in an ellipsis."""
    if width <= 0:
        return ""
    length = cell_len(text)
    if length > width:
        kept = set_cell_size(text, width - 1).rstrip(" ") + "…"
        return kept + " " * (width - cell_len(kept))
    return " " * (width - length) + text if right else text + " " * (width - length)


def exactly(row: Line, width: int) -> Line:
    """The line cut or filled to `width` cells."""
    cells, shown = 0, []
    for span in row:
        length = cell_len(span.text)
        if cells + length > width:
            kept = " " * (width - cells) if span.text.isspace() else fit(span.text, width - cells)
            shown.append(Span(kept, span.ink))
            cells = width
            break
        shown.append(span)
        cells += length
    if cells < width:
        shown.append(Span(" " * (width - cells)))
    return tuple(shown)


def wrap(text: str, width: int) -> list[str]:
    """Words of `text` on lines of at most `width` cells; a longer word is cut."""
    width = max(width, 1)
    rows, current = [], ""
    for word in text.split():
        candidate = f"{current} {word}" if current else word
        if cell_len(candidate) <= width:
            current = candidate
            continue
        if current:
            rows.append(current)
        pieces = chop_cells(word, width)
        rows.extend(pieces[:-1])
        current = pieces[-1]
    if current or not rows:
        rows.append(current)
    return rows


def paragraph(text: str, width: int, ink: str = "text", indent: int = 0) -> list[Line]:
    """Wrapped text as lines, each moved `indent` cells to the right."""
    margin = " " * indent
    return [(Span(margin + row, ink),) for row in wrap(text, width - indent)]


def beside(left: Iterable[Line], right: Iterable[Line], left_width: int, gap: Span) -> list[Line]:
    """Two columns next to each other with `gap` between them."""
    first, second = list(left), list(right)
    height = max(len(first), len(second))
    first += [BLANK] * (height - len(first))
    second += [BLANK] * (height - len(second))
    return [(*exactly(one, left_width), gap, *other) for one, other in zip(first, second, strict=True)]
