"""Tables, rows, one record and a verification as lines."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.inside import ColumnInside, TableInside, Verified
from core.texts import say
from tui import wording
from tui.inside_words import counted_name, damage_text, differing_text, unread_text
from tui.plain import plain
from tui.widgets.spans import BLANK, Line, Span, fit, line, paragraph, width_of, wrap

_ROWS, _COLS = 13, 5
_NUMBER = 7
"""Cells of a row's number."""
LEAST, MOST = 4, 28
"""Cells of one column of rows."""
_SAID = 200

Row = tuple[str | None, ...]


def table_heading(width: int, language: str) -> Line:
    """The column titles of the tables."""
    name = _name(width)
    return line(
        Span(" ", "heading"),
        Span(fit(say("inside.column.table", language), name), "heading"),
        Span(fit(say("inside.column.rows", language), _ROWS, right=True), "heading"),
        Span(fit(say("inside.column.cols", language), _COLS, right=True), "heading"),
        Span("  " + say("inside.column.names", language), "heading"),
        Span(" " * width, "heading"),
    )


def table_line(table: TableInside, width: int, language: str, *, chosen: bool) -> Line:
    """One table; what the catalog counts is quiet until the rows are counted, and loud where it is wrong."""
    count = wording.grouped(table.catalog_rows if table.rows is None else table.rows, language)
    ink = "no-strong" if table.differs else "dim" if table.rows is None else "text"
    names = ", ".join(plain(each.name) for each in table.columns)
    return line(
        Span("▌" if chosen else " ", "accent"),
        Span(fit(plain(table.full_name), _name(width) - 1) + " ", "dim" if table.ms_shipped else "strong"),
        Span(fit(f"≠ {count}" if table.differs else count, _ROWS, right=True), ink),
        Span(fit(str(len(table.columns)), _COLS, right=True), "dim"),
        Span(fit("  " + names, width - 1 - _name(width) - _ROWS - _COLS), "dim"),
    )


def _name(width: int) -> int:
    return max(width // 2 - _ROWS + 4, 16)


def words_of(table: TableInside) -> str:
    """Where a search of tables looks: names of the table and of its columns."""
    return f"{table.full_name} {' '.join(each.name for each in table.columns)}"


def widths(columns: Sequence[ColumnInside], rows: Sequence[Row]) -> list[int]:
    """Cells of each column, by its name and its values."""
    found = []
    for place, column in enumerate(columns):
        longest = max((len(row[place] or "NULL") for row in rows), default=0)
        found.append(min(max(LEAST, len(column.name), longest), MOST))
    return found


def placed(cells: Sequence[int], first: int, width: int) -> list[tuple[int, int]]:
    """The columns in view and their cells, when `first` is the leftmost; the last one has what room is left."""
    room = width - 1 - _NUMBER
    found: list[tuple[int, int]] = []
    for place in range(first, len(cells)):
        if room - 2 < min(LEAST, cells[place]) and found:
            break
        found.append((place, max(min(cells[place], room - 2), LEAST)))
        room -= cells[place] + 2
    return found


def row_heading(columns: Sequence[ColumnInside], cells: Sequence[int], first: int, width: int) -> Line:
    """The names of the columns in view, moved as their values are."""
    spans = [Span(" " + fit("", _NUMBER), "heading")]
    spans += [
        Span("  " + fit(plain(columns[place].name), room, right=_right(columns[place])), "heading")
        for place, room in placed(cells, first, width)
    ]
    return (*spans, Span(" " * width, "heading"))


def row_line(
    number: int, row: Row, columns: Sequence[ColumnInside], view: Sequence[tuple[int, int]], *, chosen: bool
) -> Line:
    """One row; NULL is quiet. `view`: as `placed` says."""
    spans = [Span("▌" if chosen else " ", "accent"), Span(fit(str(number), _NUMBER, right=True), "dim")]
    for place, room in view:
        value = row[place]
        text = "NULL" if value is None else plain(value[: 4 * MOST])
        ink = "dim" if value is None else "text"
        spans.append(Span("  " + fit(text, room, right=_right(columns[place])), ink))
    return tuple(spans)


_NUMBERS = frozenset(
    {"bigint", "bit", "decimal", "float", "int", "money", "numeric", "real", "smallint", "smallmoney", "tinyint"}
)


def _right(column: ColumnInside) -> bool:
    return column.type in _NUMBERS


def record_page(table: TableInside, row: Row, width: int) -> list[Line]:
    """Every column of one row, its value as long as it is."""
    label = min(max((len(each.name) for each in table.columns), default=0), 30) + 2
    kind = min(max((len(each.declared) for each in table.columns), default=0), 18) + 2
    lines: list[Line] = []
    for column, value in zip(table.columns, row, strict=True):
        rows = wrap("NULL" if value is None else plain(value), width - label - kind - 2)
        head = (
            Span(" " + fit(plain(column.name), label), "strong"),
            Span(fit(plain(column.declared), kind), "dim"),
        )
        ink = "dim" if value is None else "text"
        lines.append((*head, Span(rows[0], ink)))
        lines += [line(Span(" " * (label + kind + 1)), Span(each, ink)) for each in rows[1:]]
    return lines


def verified_page(verified: Verified, language: str, width: int) -> list[Line]:
    """Whether everything holds, what does not, and what was checked."""
    word, ink = ("inside.whole", "yes-strong") if verified.whole else ("inside.not-whole", "no-strong")
    lines: list[Line] = [BLANK, line(Span(" " + say(word, language), ink)), BLANK]
    wrong = [damage_text(each, language) for each in verified.damage]
    wrong += [differing_text(each, language) for each in verified.differing]
    wrong += [unread_text(each, language) for each in verified.unread]
    wrong += [wording.problem(each, language) for each in verified.findings]
    for text in wrong[:_SAID]:
        rows = wrap(plain(text), width - 6)
        lines += [line(Span(" ! " if not at else "   ", "no"), row) for at, row in enumerate(rows)]
    if rest := len(wrong[_SAID:]) + verified.more:
        lines.append(line(Span("   " + say("inside.more", language, count=rest), "dim")))
    if wrong:
        lines.append(BLANK)
    lines.append(line(Span(" " + say("inside.checked", language), "dim")))
    for name, count in verified.checked.items():
        number = Span(fit(wording.grouped(count, language), _ROWS, right=True))
        lines.append(line(number, Span("  " + counted_name(name, language), "dim")))
    return lines


def refusal(what: str, hint: str, width: int) -> list[Line]:
    """Why nobody can look inside, and what to do."""
    return [BLANK, *paragraph(what, width - 2, "strong", 2), *paragraph(hint, width - 2, "dim", 2)]


def crumb(before: str, name: str, told: str, width: int) -> Line:
    """Where Esc goes, what this is, and at the right what is told of it."""
    left = line(Span(f" {before} › ", "dim"), Span(name, "strong"))
    room = width - width_of(left) - len(told) - 1
    return (*left, Span(" " * max(room, 1)), Span(told, "dim")) if told else left
