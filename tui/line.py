"""What can be known of a command line before any parser is built: the verb, and the options of every verb."""

from __future__ import annotations

from collections.abc import Sequence

GLOBAL_VALUES = ("--config", "--lang")
"""Global options that take a value, needed to find the verb behind them."""


def split_verb(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """The verb and everything else, so that global options may stand before or after it."""
    skip = False
    for place, token in enumerate(arguments):
        if skip:
            skip = False
        elif token in GLOBAL_VALUES:
            skip = True
        elif not token.startswith("-"):
            return token, [*arguments[:place], *arguments[place + 1 :]]
    return None, list(arguments)


def wants(arguments: Sequence[str], *flags: str) -> bool:
    """Is one of the flags there, before a `--`? For help and version, which outrank what is missing."""
    for token in arguments:
        if token == "--":  # noqa: S105  the end of the options
            return False
        if token in flags:
            return True
    return False


def chosen(arguments: Sequence[str], option: str) -> str | None:
    """The value of a global option, before any parser is built."""
    found = None
    for place, token in enumerate(arguments):
        if token == "--":  # noqa: S105
            break
        if token == option and place + 1 < len(arguments):
            found = arguments[place + 1]
        elif token.startswith(option + "="):
            found = token.partition("=")[2]
    return found
