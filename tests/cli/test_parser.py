from __future__ import annotations

import argparse
import importlib

import pytest

from core.errors import UsageError
from core.texts import LANGUAGES, say
from tui.context import delivery_id
from tui.line import chosen, split_verb, wants
from tui.parser import Parser
from tui.verbs import VERBS
from tui.verbs.client import administration_number
from tui.verbs.tell import split


def parse(verb: str, *arguments: str) -> argparse.Namespace:
    parser = Parser(f"wissel {verb}", "en")
    importlib.import_module(VERBS[verb]).arguments(parser)
    return parser.parse_args(arguments)


@pytest.mark.parametrize(
    ("line", "verb", "rest"),
    [
        ("list", "list", ""),
        ("--config a.toml list", "list", "--config a.toml"),
        ("--config=a.toml --json show 7", "show", "--config=a.toml --json 7"),
        ("show 7 --config list", "show", "7 --config list"),
        ("--lang nl", None, "--lang nl"),
        ("", None, ""),
        ("inspect -- -x", "inspect", "-- -x"),
    ],
)
def test_the_verb_is_found_between_global_options(line: str, verb: str | None, rest: str) -> None:
    assert split_verb(line.split()) == (verb, rest.split())


def test_global_options_are_known_to_every_verb() -> None:
    for verb, needed in {"list": (), "show": ("7",), "config": ("show",), "demo": ()}.items():
        args = parse(verb, *needed, "--config", "a.toml", "--lang", "nl", "--json", "--read-only", "--plain")
        assert (args.config, args.lang, args.json, args.read_only, args.plain) == ("a.toml", "nl", True, True, True)


def test_flags_behind_the_end_of_options_are_names() -> None:
    assert wants(["inspect", "--json"], "--json")
    assert not wants(["inspect", "--", "--json"], "--json")
    assert chosen(["--lang", "nl", "list"], "--lang") == "nl"
    assert chosen(["--lang=nl", "--", "--lang=en"], "--lang") == "nl"


@pytest.mark.parametrize(
    ("verb", "arguments", "key"),
    [
        ("show", [], "argument-missing"),
        ("show", ["7", "--wat"], "argument-unknown"),
        ("list", ["--limit", "many"], "argument-value"),
        ("list", ["--limit", "-3"], "argument-value"),
        ("list", ["--offset", "9" * 30], "argument-value"),
        ("list", ["--limit"], "argument-empty"),
        ("inspect", ["x", "--set", "0"], "argument-value"),
        ("client", ["A", "--product-update", "99"], "argument-value"),
        ("client", ["A", "--family", "globe"], "argument-choice"),
        ("config", ["make"], "argument-choice"),
        ("list", ["--json=3"], "arguments"),
        ("show", ["7", "--wh"], "argument-unknown"),
    ],
)
def test_a_wrong_line_is_a_usage_error(verb: str, arguments: list[str], key: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(verb, *arguments)
    assert caught.value.key == key
    for language in LANGUAGES:
        sentence = say(f"error.{key}", language, **caught.value.params)
        assert "<" not in sentence
        assert key == "arguments" or "argument" not in sentence


def test_bytes_that_are_no_text_can_be_stored_and_compared() -> None:
    assert parse("list", "a\udcff").filter == ["a\\xff"]
    assert parse("client", "A", "--name", "é\udcff").name == "é\\xff"


@pytest.mark.parametrize("text", ["D-0007", "d-0007", "d7", "7", "007", "D7"])
def test_an_id_is_taken_in_any_spelling(text: str) -> None:
    assert delivery_id(text) == "D-0007"


@pytest.mark.parametrize("text", ["", "0", "D-", "x7", "7x", "-7", "٧", "9" * 40])
def test_no_id(text: str) -> None:
    with pytest.raises(UsageError):
        delivery_id(text)


def test_a_large_id_keeps_its_digits() -> None:
    assert delivery_id("12345") == "D-12345"


@pytest.mark.parametrize(("text", "number"), [("7", "007"), ("007", "007"), ("120", "120"), (" 55 ", "055")])
def test_administration_numbers_have_three_digits(text: str, number: str) -> None:
    assert administration_number(text) == number


@pytest.mark.parametrize("text", ["", "1000", "x", "-1", "²"])
def test_no_administration_number(text: str) -> None:
    with pytest.raises(UsageError):
        administration_number(text)


def test_a_fact_and_its_value() -> None:
    assert split("sql-release=2008 R2") == ("sql_release", "2008 R2")
    assert split("administration_name=A=B") == ("administration_name", "A=B")
    for wrong in ("x", "=x", "x=", " = "):
        with pytest.raises(UsageError):
            split(wrong)
