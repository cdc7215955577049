"""Tables for a terminal or a pipe: they fit, and nothing in them is obeyed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from unicodedata import combining, east_asian_width

from core.texts.shown import shown

GAP = "  "


def width_of(text: str) -> int:
    """Terminal cells that a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    return 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """The text, or as much of it as fits into `width` cells, with a sign that something is missing."""
    if width_of(text) <= width:
        return text
    kept, used = [], 1
    for character in text:
        used += width_of(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept) + ("…" if width else "")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table. `tone` only repeats in colour what the word says."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `least` > 0: may shrink to that many cells; `optional`: may be left out where it does not fit."""

    title: str
    right: bool = False
    least: int = 0
    optional: bool = False


def fit(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int | None) -> list[int]:
    """Width of each column so that a line fits into `width` cells (None: no limit); 0 leaves a column out."""
    widths = [
        max([width_of(column.title), *(width_of(row[place].text) for row in rows)])
        for place, column in enumerate(columns)
    ]
    if width is None:
        return widths

    def over() -> int:
        used = [each for each in widths if each]
        return sum(used) + len(GAP) * (len(used) - 1) - width

    for place, column in reversed(list(enumerate(columns))):
        if over() > 0 and column.least:
            widths[place] = max(min(column.least, widths[place]), widths[place] - over())
    for place, column in reversed(list(enumerate(columns))):
        if over() > 0 and column.optional:
            widths[place] = 0
    while over() > 0 and max(widths) > 1:  # a very narrow terminal, or a very long word
        widths[widths.index(max(widths))] -= 1
    for place, column in enumerate(columns):  # what a column that was left out set free
        if over() < 0 and widths[place] and column.least:
            full = max([width_of(column.title), *(width_of(row[place].text) for row in rows)])
            widths[place] = min(full, widths[place] - over())
    return widths


def lines(
    columns: Sequence[Column], rows: Iterable[Sequence[Cell]], width: int | None
) -> Iterator[tuple[tuple[str, str], ...]]:
    """The lines of a table, title first, each a row of (text, tone) pieces to be written one after another."""
    rows = [[Cell(shown(cell.text), cell.tone) for cell in row] for row in rows]
    widths = fit(columns, rows, width)
    yield tuple(_line(columns, widths, [Cell(column.title, "title") for column in columns]))
    for row in rows:
        yield tuple(_line(columns, widths, row))


def _line(columns: Sequence[Column], widths: Sequence[int], row: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    kept = [place for place, width in enumerate(widths) if width]
    for place in kept:
        text = cut(row[place].text, widths[place])
        room = " " * (widths[place] - width_of(text))
        if columns[place].right:
            yield room, ""
        yield text, row[place].tone
        if place != kept[-1]:
            yield (GAP if columns[place].right else room + GAP), ""
