"""The command line's grammar: options that every verb knows, help in the operator's language, errors of our own."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable
from typing import NoReturn

from core.errors import UsageError
from core.texts import say

GLOBAL = ("config", "lang", "read_only", "json", "plain", "version", "help")
"""Options of every verb; the usage line leaves them out."""
MOST = 10**9
"""No list, and no file, has more rows."""

COMPLAINTS = {
    r"the following arguments are required: (?P<what>.+)": "argument-missing",
    r"unrecognized arguments: (?P<what>.+)": "argument-unknown",
    r"argument (?P<argument>\S+): expected .*": "argument-empty",
    r"argument (?P<argument>\S+): invalid choice: '(?P<what>.*)' \(choose from (?P<allowed>.+)\)": "argument-choice",
    r"argument (?P<argument>\S+): invalid \w+ value: '(?P<what>.*)'": "argument-value",
}
"""What argparse says -> the sentence of the catalogue."""


class _Formatter(argparse.HelpFormatter):
    language = "en"

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        own = [action for action in actions if action.dest not in GLOBAL]
        super().add_usage(usage, own, groups, say("say.help.usage", self.language) if prefix is None else prefix)


class _DutchFormatter(_Formatter):
    language = "nl"


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageError` and speaks the catalogue's languages."""

    def __init__(self, prog: str, language: str) -> None:
        formatter = _DutchFormatter if language == "nl" else _Formatter
        super().__init__(prog=prog, add_help=False, allow_abbrev=False, formatter_class=formatter)
        self.language = language
        self.own = self.add_argument_group(say("say.help.arguments", language))
        self._add_global(self.add_argument_group(say("say.help.global", language)))

    def say(self, name: str) -> str:
        """The help of an argument: `verb.<verb>.<argument>` of the catalogue."""
        return say(f"verb.{name}", self.language)

    def _add_global(self, group: argparse._ArgumentGroup) -> None:
        def text(name: str) -> str:
            return say(f"say.option.{name}", self.language)

        group.add_argument("--config", metavar="FILE", help=text("config"))
        group.add_argument("--lang", choices=("nl", "en"), help=text("lang"))
        group.add_argument("--read-only", action="store_true", help=text("read-only"))
        group.add_argument("--json", action="store_true", help=text("json"))
        group.add_argument("--plain", action="store_true", help=text("plain"))
        group.add_argument("-v", "--version", action="store_true", help=text("version"))
        group.add_argument("-h", "--help", action="store_true", help=text("help"))

    def error(self, message: str) -> NoReturn:
        """Instead of printing and exiting: our own error, with where help is found."""
        for pattern, key in COMPLAINTS.items():
            if found := re.fullmatch(pattern, message, re.DOTALL):
                raise UsageError(key, prog=self.prog, **found.groupdict())
        raise UsageError("arguments", what=message, prog=self.prog)


def whole(least: int, most: int = MOST) -> Callable[[str], int]:
    """A reader of whole numbers within bounds."""

    def number(text: str) -> int:
        value = int(text) if len(text) < 20 else most + 1
        if not least <= value <= most:
            raise ValueError(text)
        return value

    return number


count = whole(0)
"""A number of rows."""
ordinal = whole(1)
"""A place in a row, counted from 1."""


def word(text: str) -> str:
    r"""What was typed, as text that can be stored and compared: bytes that are no UTF-8 become `\\xNN`."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
