from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.tables import Cell, Column, cut, lines, width_of

COLUMNS = (Column("state"), Column("size", right=True), Column("name", least=4), Column("file", least=6, optional=True))


def drawn(rows: list[list[str]], width: int | None) -> list[str]:
    cells = [[Cell(text) for text in row] for row in rows]
    return ["".join(text for text, _ in pieces) for pieces in lines(COLUMNS, cells, width)]


def test_columns_line_up_and_numbers_stand_right() -> None:
    title, first, second = drawn([["ok", "1 B", "a", "x"], ["oneway", "10 MB", "b", "y"]], None)
    assert title == "state    size  name  file"
    assert first == "ok        1 B  a     x"
    assert second == "oneway  10 MB  b     y"


def test_in_a_pipe_nothing_is_cut() -> None:
    assert "n" * 300 in drawn([["ok", "1 B", "n" * 300, "x"]], None)[1]


def test_what_does_not_fit_is_cut_then_left_out() -> None:
    assert drawn([["ok", "1 B", "name", "a-long-file-name"]], 30)[1] == "ok      1 B  name  a-long-fil…"
    assert drawn([["ok", "1 B", "name", "a-long-file-name"]], 20)[1] == "ok      1 B  name"


@given(st.lists(st.lists(st.text(max_size=60), min_size=4, max_size=4), max_size=5), st.integers(40, 120))
def test_any_text_fits_and_cannot_break_the_line(rows: list[list[str]], width: int) -> None:
    short = [[state[:8], size[:8], name, file] for state, size, name, file in rows]
    for line in drawn(short, width):
        assert width_of(line) <= width
        assert not any(ord(letter) < 32 or letter in "\u202e\u2028\u200f" for letter in line)


@pytest.mark.parametrize(
    ("text", "width", "shown"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 4, "日…"), ("x", 0, "")]
)
def test_cut(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown
