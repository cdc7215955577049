"""The one catalogue of everything a person reads: each key once, in English and in Dutch.

Each module holds one part: `TEXTS = {"key": ("English", "Nederlands")}` with `{name}` placeholders. A count brings its
noun along: `{lines:line|lines}` is `1 line` and `2 lines`.
A part is loaded when one of its keys is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module

LANGUAGES = ("en", "nl")

PARTS = {
    "rule": "rules",
    "advice": "rules",
    "problem": "problems",
    "error": "errors",
    "hint": "errors",
    "custody": "custody",
    "check": "checks",
    "setting": "settings",
    "verb": "verbs",
    "say": "verbs",
    "screen": "screen",
    "action": "actions",
    "inside": "inside",
    "server": "servers",
    "profile": "profiles",
    "word": "words",
    "step": "plans",
    "undo": "plans",
    "need": "plans",
    "route": "plans",
    "refused": "plans",
    "guide": "plans",
    "outcome": "operations",
    "operation": "operations",
    "result": "operations",
}
"""First word of a key -> the module that holds it."""


@cache
def _part(module: str) -> Mapping[str, tuple[str, str]]:
    texts: Mapping[str, tuple[str, str]] = import_module(f"{__name__}.{module}").TEXTS
    return texts


class _Words(str):
    """A parameter that brings its own words, whatever form the sentence has for numbers."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        return str(self) if "|" in form else super().__format__(form)


class _Count(int):
    """A number that chooses between the two forms of its noun."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        one, divided, many = form.partition("|")
        if not divided:
            return super().__format__(form)
        return f"{int(self)} {one if self == 1 else many}"


class _Given(dict[str, object]):
    """A parameter that was not given shows as its name: a sentence never fails."""

    def __missing__(self, key: str) -> str:
        return _Words(f"<{key}>")


def language_of(environ: Mapping[str, str]) -> str:
    """`WISSEL_LANGUAGE`, else the language of the terminal, else English."""
    for name in ("WISSEL_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(name, "")
        if value:
            return "nl" if value.lower().startswith("nl") else "en"
    return "en"


def has(key: str) -> bool:
    """Is there such a sentence?"""
    module = PARTS.get(key.partition(".")[0])
    return module is not None and key in _part(module)


def say(key: str, language: str = "en", /, **params: object) -> str:
    """The sentence of `key` in `language`, its placeholders filled.

    Raises KeyError for a key that is not in the catalogue: a test walks all of them.
    """
    pair = _part(PARTS[key.partition(".")[0]])[key]
    return pair[LANGUAGES.index(language)].format_map(_Given({name: _formed(each) for name, each in params.items()}))


def _formed(value: object) -> object:
    if isinstance(value, str):
        return _Words(value)
    return _Count(value) if isinstance(value, int) and not isinstance(value, bool) else value
