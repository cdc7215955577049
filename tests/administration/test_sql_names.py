"""Whatever a name or a text holds, it stays inside its quotes and comes back as it was."""

from __future__ import annotations

import re

import pytest
import sqlglot
from hypothesis import example, given
from hypothesis import strategies as st
from sqlglot import exp
from sqlglot.dialects.tsql import TSQL
from sqlglot.tokenizer_core import TokenType

from core.administration.sqlserver import names, statements
from core.errors import Refused

ANY = st.text(max_size=128)
"""All of Unicode, NUL and halves of pairs included."""
NASTY = st.text(alphabet="[]'\"\\\n\r;-/*{}?@$%. aé\U0001f600", max_size=128)
TRICKS = (
    "]",
    "]]",
    "a]; DROP DATABASE [120",
    "'",
    "''",
    "x'; SHUTDOWN --",
    "\\\n",
    "{fn x}",
    "?",
    "--",
    "/*",
    "🎲" * 64,
    "\ufeff",
)


def sound(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def bracketed(text: str) -> str:
    """What T-SQL reads: to the first closing bracket that is not doubled, which must be the last character."""
    assert text[0] == "["
    inner, end = "", 1
    while text[end] != "]" or text[end + 1 : end + 2] == "]":
        end += 2 if text[end] == "]" else 1
        inner += text[end - 1]
    assert end == len(text) - 1
    return inner


def quoted(text: str) -> str:
    """The same for a string constant; a backslash at the end of a line takes both away."""
    assert text[:2] == "N'"
    inner, end = "", 2
    while text[end] != "'" or text[end + 1 : end + 2] == "'":
        end += 2 if text[end] == "'" else 1
        inner += text[end - 1]
    assert end == len(text) - 1
    return re.sub(r"\\\r?\n", "", inner)


def refused(make: object, text: str) -> bool:
    assert callable(make)
    try:
        make(text)
    except Refused:
        return True
    return False


@given(ANY | NASTY)
@example("]" * 128)
@example("\U0001f600" * 64)
def test_an_identifier_comes_back_and_never_leaves_its_brackets(name: str) -> None:
    expected = bool(name) and sound(name) and len(name.encode("utf-16-le")) <= 256
    assert refused(names.identifier, name) is not expected
    if expected:
        assert bracketed(names.identifier(name)) == name


@given(ANY | NASTY)
@example("\\\n")
@example("\\\r\n")
@example("\\\\\n")
def test_a_literal_comes_back_and_never_leaves_its_quotes(text: str) -> None:
    expected = sound(text) and re.search(r"\\\r?\n", text) is None
    assert refused(names.literal, text) is not expected
    if expected:
        assert quoted(names.literal(text)) == text


@given(ANY | NASTY)
def test_a_device_has_no_line_ends_besides(path: str) -> None:
    expected = bool(path) and sound(path) and not any(char < " " or char == "\x7f" for char in path)
    assert refused(names.device, path) is not expected
    if expected:
        assert quoted(names.device(path)) == path


@given((ANY | NASTY | st.sampled_from(TRICKS)).filter(lambda name: not refused(names.identifier, name)))
def test_a_parser_of_t_sql_reads_the_same_name(name: str) -> None:
    tokens = TSQL().tokenize(f"SELECT 1 FROM {names.identifier(name)}")
    assert [each.token_type for each in tokens[-2:]] == [TokenType.FROM, TokenType.IDENTIFIER]
    assert tokens[-1].text == name


@given((ANY | NASTY | st.sampled_from(TRICKS)).filter(lambda text: not refused(names.literal, text)))
def test_a_parser_of_t_sql_reads_the_same_text(text: str) -> None:
    tokens = TSQL().tokenize(f"SELECT {names.literal(text)}")
    assert [each.token_type for each in tokens] == [TokenType.SELECT, TokenType.NATIONAL_STRING]
    assert tokens[-1].text == text


@given((ANY | NASTY | st.sampled_from(TRICKS)).filter(lambda name: not refused(names.identifier, name)))
@example("#")
@example("##all")
def test_a_statement_with_any_name_is_one_statement_with_that_name(name: str) -> None:
    (parsed,) = sqlglot.parse(statements.drop(name), dialect="tsql")
    assert isinstance(parsed, exp.Drop)
    # sqlglot takes `#` and `##` in front for temporary tables, and keeps them apart from the name.
    mark = "##" if name.startswith("##") else "#" if name.startswith("#") else ""
    assert [each.name for each in parsed.find_all(exp.Table)] == [name.removeprefix(mark)]


@pytest.mark.parametrize("name", ["", "\0", "a\0b", "\ud800", "x" * 129, "\U0001f600" * 65])
def test_what_no_server_takes_is_refused_by_name(name: str) -> None:
    with pytest.raises(Refused, match="sql-name"):
        names.identifier(name)


def test_a_path_of_windows_is_at_most_259_units() -> None:
    names.device("C:\\" + "x" * 256)
    for path in ("C:\\" + "x" * 257, "", "C:\\a\nb", "C:\\a\tb"):
        with pytest.raises(Refused, match="sql-path"):
            names.device(path)
