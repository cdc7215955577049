"""The documents are tests: what can be typed, pressed, set, returned or read stands in them, in both languages."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from string import Formatter

import pytest
import sources

from core import errors, texts
from core.errors import WisselError
from tui.actions import ACTIONS
from tui.parser import Parser
from tui.verbs import VERBS

README = (sources.ROOT / "README.md").read_text("utf-8")
EXAMPLE = sources.ROOT / "config.example.toml"
MODULES = sorted({*texts.PARTS.values()})
KEY = re.compile(rf"(?:{'|'.join(texts.PARTS)})\.[a-z0-9][a-z0-9._-]*")
MOVING = {"j", "k"}
"""Keys of every list, which are no actions."""
SIGNS = {"slash": "/", "question_mark": "?", "enter": "Enter", "escape": "Esc", "colon": ":"}


def catalogue(module: str) -> dict[str, tuple[str, str]]:
    return dict(importlib.import_module(f"core.texts.{module}").TEXTS)


def classes(base: type[WisselError] = WisselError) -> Iterator[type[WisselError]]:
    yield base
    for each in base.__subclasses__():
        if each.__module__ == errors.__name__:
            yield from classes(each)


def section(title: str) -> str:
    start, _, rest = README.partition(f"<!-- {title}:begin -->")
    assert rest, f"README.md has no section {title} after {start[-40:]!r}"
    return rest.partition(f"<!-- {title}:end -->")[0]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_and_option_is_in_the_readme(verb: str) -> None:
    assert f"`wissel {verb}" in README
    parser = Parser(f"wissel {verb}", "en")
    importlib.import_module(VERBS[verb]).arguments(parser)
    for option in re.findall(r"--[a-z][a-z-]+", parser.format_help()):
        assert option in README, f"wissel {verb} {option}"


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_and_argument_explains_itself(verb: str, language: str) -> None:
    parser = Parser(f"wissel {verb}", language)
    importlib.import_module(VERBS[verb]).arguments(parser)
    for action in parser._actions:
        assert action.help, f"{verb}: {action.dest}"


def test_every_option_in_the_readme_is_there() -> None:
    described = README.partition("## The command line")[2].partition("## Settings")[0]
    known = ""
    for verb, module in VERBS.items():
        parser = Parser(f"wissel {verb}", "en")
        importlib.import_module(module).arguments(parser)
        known += parser.format_help()
    for option in set(re.findall(r"(?<=[`\[ ])--[a-z][a-z-]+", described)):
        assert re.search(rf"{option}\b", known), option
    for verb in re.findall(r"`wissel ([a-z][a-z-]*)", README):
        assert verb in VERBS


def test_registry_and_command_line_name_the_same_verbs() -> None:
    assert {action.verb for action in ACTIONS if action.verb} == set(VERBS)


def test_every_key_is_in_the_readme() -> None:
    table = section("keys")
    for action in ACTIONS:
        for key in (action.key or "").split(","):
            sign = re.sub(r"^f(\d+)$", r"F\1", key.replace("ctrl+", "Ctrl-"))
            assert not key or f"`{SIGNS.get(key, sign)}`" in table, f"{action.id}: {key}"
    pressed = {SIGNS.get(key, key) for action in ACTIONS for key in (action.key or "").split(",")}
    for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE):
        for sign in re.findall(r"`(.+?)`", cell):
            key = sign.replace("Ctrl-", "ctrl+")
            assert {key, key.lower()} & pressed or sign in MOVING, sign


def test_the_exit_codes_of_the_tree_are_the_exit_codes_of_the_readme() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|.*\| (yes|no) \|$", section("exit-codes"), re.MULTILINE)
    expected = {(str(each.exit_code), each.__name__, "yes" if each.retry_is_safe else "no") for each in classes()}
    assert set(rows) == expected
    assert len(rows) == len(expected)


def test_each_error_class_has_an_exit_code_of_its_own_and_stands_in_the_drawing() -> None:
    codes = [each.__dict__["exit_code"] for each in classes()]
    assert len(set(codes)) == len(codes)
    assert 0 not in codes
    for each in classes():
        assert re.search(rf"{each.__name__} +{each.exit_code}  ", errors.__doc__ or "")


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


@pytest.mark.parametrize("module", MODULES)
def test_every_sentence_has_both_languages_and_the_same_places(module: str) -> None:
    for key, pair in catalogue(module).items():
        assert texts.PARTS[key.partition(".")[0]] == module, f"{key} is not looked for in {module}"
        assert len(pair) == len(texts.LANGUAGES), key
        assert all(text.strip() == text and text for text in pair) or key == "say.help.usage", key
        assert placeholders(pair[0]) == placeholders(pair[1]), key
        assert all(place.isidentifier() for place in placeholders(pair[0])), key
        for language in texts.LANGUAGES:
            assert texts.say(key, language), key


def used_keys() -> Iterator[tuple[str, str, bool]]:
    """Where, key or its beginning, and whether it is the whole key."""
    for path in sources.files():
        if path.parent.name == "texts":
            continue
        for node in sources.nodes(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
                if not node.value.endswith((".py", ".toml", ".json", ".")):
                    yield sources.name(path), node.value, True
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = str(node.values[0].value)
                if KEY.match(start) and " " not in start:
                    yield sources.name(path), start, False


def test_every_key_that_the_code_names_has_a_sentence() -> None:
    known = [key for module in MODULES for key in catalogue(module)]
    inside_f_strings = {start for _, start, whole in used_keys() if not whole}
    for where, key, whole in used_keys():
        if whole and key not in inside_f_strings:
            assert texts.has(key) or texts.has(f"check.{key}"), f"{where}: {key}"
        else:
            assert any(each.startswith(key) for each in known), f"{where}: {key}..."


def raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """Where, key and parameters of every error that is made; no parameters known: None."""
    kinds = {each.__name__ for each in classes()}
    for path in sources.files():
        for node in sources.nodes(path):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            function = node.func
            called = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            if called in kinds:
                names = {each.arg for each in node.keywords}
                given = None if None in names else {each for each in names if each}
                yield sources.name(path), str(node.args[0].value), given


def test_every_error_says_what_why_and_what_to_do() -> None:
    table = catalogue("errors")
    for where, key, given in raised():
        for part in ("error", "hint"):
            assert f"{part}.{key}" in table, f"{where} raises {key}: there is no {part}.{key}"
            if given is not None:
                missing = placeholders(table[f"{part}.{key}"][0]) - given
                assert not missing, f"{where}: {part}.{key} wants {missing}"


def test_no_error_sentence_is_left_behind() -> None:
    """A sentence that no error raises is either dead or misspelled."""
    keys = {key for _, key, _ in raised()}
    written = {key.partition(".")[2] for key in catalogue("errors")}
    assert {key.partition(".")[2] for key in catalogue("errors") if key.startswith("error.")} == written
    everything = "\n".join(path.read_text("utf-8") for path in sources.files() if path.parent.name != "texts")
    assert not {key for key in written - keys if not re.search(f'"{key.replace("-", "[-_]")}"', everything)}


def test_what_the_readers_notice_has_a_sentence() -> None:
    for path in sources.files():
        for node in sources.nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Note", "Finding"):
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant):
                    assert texts.has(f"problem.{first.value!s}"), sources.name(path)


def test_every_setting_is_in_the_example_and_in_the_readme() -> None:
    from core.settings import fields
    from core.settings.starter import documentation

    example, table = EXAMPLE.read_text("utf-8"), section("settings")
    parents = {"Settings": "", "Inbox": "inboxes.", "Firm": "firm.", "TargetSettings": "targets."}
    assert len(re.findall(r"^\| `", table, re.MULTILINE)) == len(documentation())
    for (owner, name), text in documentation().items():
        assert hasattr(fields, owner)
        assert re.search(rf"^#?{name} = |^#?\[+{name}\]+$", example, re.MULTILINE), name
        assert f"| `{parents[owner]}{name}` | {text} |" in table, name


@pytest.mark.parametrize("module", ["verbs", "checks", "screen", "settings", "words", "problems", "custody"])
def test_no_sentence_is_left_behind(module: str) -> None:
    everything = "\n".join(path.read_text("utf-8") for path in sources.files() if path.parent.name != "texts")
    starts = tuple({start for _, start, whole in used_keys() if not whole})
    dead = [
        key
        for key in catalogue(module)
        if not (
            re.search(f"[\"']{key}[\"']", everything)
            or f'"{key.partition(".")[2].removesuffix(".hint")}"' in everything
            or key.startswith(starts)
        )
    ]
    assert not dead
