"""`wissel`: finds the verb, builds the one parser it needs, runs it, returns the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from core import texts
from core.errors import UsageError
from tui import VERSION
from tui.line import chosen, split_verb, wants
from tui.output import Output
from tui.verbs import VERBS

if TYPE_CHECKING:
    from tui.context import OpenOffice
    from tui.parser import Parser


def main(argv: Sequence[str] | None = None, *, opener: OpenOffice | None = None) -> int:
    """Runs one command line; returns its exit code. `opener` is another way to an office, for tests."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    out = Output(sys.stdout, sys.stderr, os.environ)
    language = chosen(arguments, "--lang")
    if language in texts.LANGUAGES:
        out.language = language
    out.json = wants(arguments, "--json")
    out.plain = wants(arguments, "--plain")
    return out.guard(lambda: _run(arguments, out, opener))


def _run(arguments: list[str], out: Output, opener: OpenOffice | None) -> int:
    verb, rest = split_verb(arguments)
    if wants(arguments, "-v", "--version"):
        out.line(f"wissel {VERSION}")
        return 0
    if verb is not None and verb not in VERBS:
        raise UsageError("verb-unknown", verb=verb, nearest=_nearest(verb))
    from tui.context import Context
    from tui.parser import Parser

    module = import_module(VERBS[verb] if verb else "tui.verbs.screen")
    name = f"wissel {verb}" if verb else "wissel"
    parser = Parser(name, out.language)
    module.arguments(parser)
    if wants(arguments, "-h", "--help"):
        out.block(_help(parser, verb, out))
        return 0
    context = Context(parser.parse_args(rest), out, opener)
    try:
        code: int = module.run(context)
    finally:
        context.close()
    return code


def _help(parser: Parser, verb: str | None, out: Output) -> str:
    """Help on a verb, or on all of them: the sentences of the action registry, or of their own where they differ."""
    from tui.actions import ACTIONS

    keys = {action.verb: action.help_key for action in ACTIONS if action.verb}
    about = {each: out.text(f"verb.{each}" if texts.has(f"verb.{each}") else keys[each]) for each in VERBS}
    if verb:
        parser.description = about[verb]
        return parser.format_help()
    parser.description = out.text("verb.wissel")
    parser.usage = out.text("say.help.usage-all")
    room = max(map(len, VERBS))
    verbs = "".join(f"  {each:<{room}}  {about[each]}\n" for each in VERBS)
    return f"{parser.format_help()}\n{out.text('say.help.verbs')}:\n{verbs}\n{out.text('say.help.more')}\n"


def _nearest(verb: str) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(verb, VERBS, n=1, cutoff=0.0)))


if __name__ == "__main__":
    sys.exit(main())
