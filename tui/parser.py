"""The command line's grammar: options that every verb knows, help in the operator's language, errors of our own."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import NoReturn

from core.errors import UsageError
from core.texts import say

GLOBAL = ("config", "lang", "read_only", "json", "plain", "version", "help")
"""Options of every verb; the usage line leaves them out."""

COMPLAINTS = {
    "the following arguments are required: ": "argument-missing",
    "unrecognized arguments: ": "argument-unknown",
}
"""How argparse begins what it has to say -> the sentence of the catalogue."""


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
        for start, key in COMPLAINTS.items():
            if message.startswith(start):
                raise UsageError(key, what=message.removeprefix(start), prog=self.prog)
        raise UsageError("arguments", what=message, prog=self.prog)


def count(text: str) -> int:
    """A number of rows for an option: 0 or more."""
    value = int(text)
    if value < 0:
        raise ValueError(text)
    return value


def ordinal(text: str) -> int:
    """A place in a row, counted from 1."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value
