"""Every T-SQL text of the product: it parses, nobody else writes any, and no name gets in but by names.py."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sources
import sqlglot
from sqlglot import exp
from sqlglot.dialects.tsql import TSQL
from sqlglot.tokenizer_core import TokenType

from core.administration.sqlserver import statements

GIVEN: dict[str, Any] = {
    "paths": ["E:\\x.bak", "E:\\o'x.bak"], "path": "E:\\x.bak", "moves": [("data]'", "E:\\x.mdf")], "position": 1,
    "name": "x]'--", "new": "y", "checksum": True, "compress": True, "rebuild_log": True, "physical": True, "sizes": 1,
}  # fmt: skip
SPOKEN = re.compile(
    r"(?i)\b(SELECT\s.+\sFROM\s|INSERT INTO\s|UPDATE \S+ SET\s|DELETE FROM\s"
    r"|(ALTER|CREATE|DROP|BACKUP|RESTORE) DATABASE\b|RESTORE (HEADER|LABEL|FILELIST|VERIFY)ONLY|SERVERPROPERTY"
    r"|EXEC(UTE)? (\w+\.)*(sp|xp)_|DBCC |\bsys\.\w+ |SET (XACT|LOCK_)\w+ \S)",
    re.DOTALL,
)


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every statement; functions are called with names that try to get out."""
    for name, value in vars(statements).items():
        if isinstance(value, str) and name.isupper() and not name.startswith("_"):
            yield name, value
        elif isinstance(value, tuple) and name.isupper():
            yield from ((name, text) for text in value)
        elif inspect.isfunction(value) and value.__module__ == statements.__name__ and not name.startswith("_"):
            parameters = inspect.signature(value).parameters
            yield name, value(**{each: GIVEN.get(each, "x]'--") for each in parameters})


SHAPES = re.compile(
    r"RESTORE (LABELONLY|HEADERONLY|FILELISTONLY|VERIFYONLY|DATABASE I) FROM DISK = S(, DISK = S)*"
    r"( WITH FILE = N(, (MOVE S TO S|CHECKSUM|RECOVERY|STATS = N))*)?"
    r"|BACKUP DATABASE I TO DISK = S WITH COPY_ONLY(, (CHECKSUM|INIT|COMPRESSION|STATS = N))*"
    r"|ALTER DATABASE I (SET (SINGLE_USER|MULTI_USER|OFFLINE|ONLINE|READ_ONLY|READ_WRITE|DISABLE_BROKER"
    r"|TRUSTWORTHY OFF|DB_CHAINING OFF)"
    r"( WITH ROLLBACK IMMEDIATE)?|MODIFY NAME = I)"
    r"|CREATE DATABASE I ON \( FILENAME = S \)(, \( FILENAME = S \))* FOR (ATTACH|ATTACH_REBUILD_LOG)"
    r"|DROP DATABASE I"
    r"|DBCC CHECKDB \( I \) WITH NO_INFOMSGS, ALL_ERRORMSGS(, PHYSICAL_ONLY)?"
    r"|EXEC master . sys . \w+"
)  # fmt: skip
"""What Microsoft's documentation allows of the statements that sqlglot has no grammar for, as far as we use it."""
KINDS = {TokenType.IDENTIFIER: "I", TokenType.NATIONAL_STRING: "S", TokenType.NUMBER: "N"}


def skeleton(text: str) -> str:
    """The statement with its names, texts and numbers taken out."""
    words = " ".join(KINDS.get(each.token_type, each.text) for each in TSQL().tokenize(text))
    return words.replace(" ,", ",")


@pytest.mark.parametrize(("name", "text"), [*texts()])
def test_every_statement_is_t_sql(name: str, text: str) -> None:
    shaped = SHAPES.fullmatch(skeleton(text))
    if shaped is None:
        parsed = sqlglot.parse(text, dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE)
        assert parsed, name
        assert not [each for each in parsed if each is None or isinstance(each, exp.Command)], name


def test_a_name_or_path_that_tries_to_get_out_changes_no_statement() -> None:
    for name, text in texts():
        assert "--" not in re.sub(r"\[(?:[^\]]|\]\])*\]|N'(?:[^']|'')*'", "", text), name


@pytest.mark.parametrize(("name", "text"), [*texts()])
def test_what_a_variant_is_is_always_cast(name: str, text: str) -> None:
    """FreeTDS cannot take a sql_variant (HY091)."""
    for function in ("SERVERPROPERTY", "DATABASEPROPERTYEX", "value_in_use"):
        for found in re.finditer(function, text):
            assert re.search(r"CAST\(\w*\.?$", text[: found.start()]), name


def strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts in code, without the docstrings."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    loose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(str(each.value) if isinstance(each, ast.Constant) else "x" for each in node.values),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents | loose:
            yield node.lineno, node.value


def test_nobody_else_writes_t_sql() -> None:
    rooms = [path for path in sources.files() if "/administration/" in f"/{sources.name(path)}"]
    assert rooms
    for path in rooms:
        name = sources.name(path)
        if name.endswith(
            (
                "sqlserver/statements.py",
                "embedded.py",
                "sqlite_file.py",
                "package.py",
                "plain_schema.py",
                "original/scratch.py",
            )
        ):
            continue
        for line, text in strings(ast.parse(path.read_text("utf-8"))):
            assert not SPOKEN.search(text), f"{name}:{line} {text[:60]!r}"


def test_in_statements_only_names_py_fills_a_place() -> None:
    """What stands in braces is quoted, a whole number, or a part of constants."""
    source = inspect.getsource(statements)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FormattedValue):
            text = ast.unparse(node.value)
            assert re.fullmatch(r"(identifier|literal|device|int|_\w+)\(.*\)|_?[A-Z_]+|[a-z]+", text), text
            if re.fullmatch("[a-z]+", text):
                assigned = re.findall(rf"^    {text} = (.+)$", source, re.MULTILINE)
                assert assigned, f"{text} comes from outside"
