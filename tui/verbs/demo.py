"""`wissel demo`: a practice office, made once and found again."""

from __future__ import annotations

import os
import tempfile

from tui.context import Context
from tui.parser import Parser
from tui.verbs import list as listing
from tui.verbs import screen, waiting

FOLDER = "wissel-practice-office"
"""The default folder, in the operator's home."""


def arguments(parser: Parser) -> None:
    """Where, and whether the screen opens."""
    text = parser.say("demo.dir").format(default=os.path.join("~", FOLDER))
    parser.own.add_argument("dir", nargs="?", metavar="DIR", help=text)
    parser.own.add_argument("--no-screen", action="store_true", help=parser.say("demo.no-screen"))


def run(context: Context) -> int:
    """Makes the office, or finds it; then the screen, or its path, and the list after the first verdicts."""
    from core.office import make_practice

    args, out = context.args, context.out
    args.config = os.fspath(make_practice(args.dir or default_folder()))
    if out.drawable and not args.no_screen:
        return screen.open_screen(context)
    office = context.office()
    if out.json:
        waiting.first_verdicts(office)
        out.data({"config": args.config, "deliveries": list(listing.json_rows(office))})
        return 0
    out.line(args.config)
    out.flush()
    out.talk("say.demo.made", folder=os.path.dirname(args.config))
    screen.print_first(office, out, args)
    return 0


def default_folder() -> str:
    """In the operator's home, or beside the temporary files where there is no home to write to."""
    home = os.path.expanduser("~")
    if os.path.isdir(home) and os.access(home, os.W_OK):
        return os.path.join(home, FOLDER)
    return os.path.join(tempfile.gettempdir(), FOLDER)
