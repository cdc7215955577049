"""`wissel` without a verb: the screen; in a pipe, the list; with `--plain`, the list and then what happens."""

from __future__ import annotations

import argparse
import time

from tui.context import Context, Office
from tui.output import Output
from tui.parser import Parser
from tui.verbs import list as listing
from tui.verbs import pages, waiting

PATIENCE = 15.0
"""Seconds that an office is waited for: its uploads may be stuck for longer than anybody wants to wait."""
LOOK = 1.0
"""Seconds between two looks for new events."""


def arguments(_parser: Parser) -> None:
    """None of its own."""


def run(context: Context) -> int:
    """Opens the screen where there is one to open."""
    out = context.out
    if out.drawable:
        return open_screen(context)
    office = context.office()
    print_first(office, out, context.args, min(PATIENCE, waiting.PATIENCE))
    if out.interactive and out.plain:
        out.talk("say.follow")
        follow(office, out)
    return 0


def open_screen(context: Context) -> int:
    """The screen; it opens the office itself, after its first paint."""
    from tui.app import run as run_app

    return run_app(lambda: context.office(worker=False))


def print_first(office: Office, out: Output, args: argparse.Namespace, patience: float | None = None) -> None:
    """The list after the first verdicts, and how the screen is opened."""
    at_rest = waiting.first_verdicts(office, patience)
    listing.show(office, out)
    command = command_line(args)
    if not at_rest:
        out.talk("say.wait.still", command=f"{command} list")
    out.talk("say.screen.how", command=command)


def command_line(args: argparse.Namespace) -> str:
    """What to type to open this office."""
    from shlex import quote

    return f"wissel --config {quote(args.config)}" if args.config else "wissel"


def follow(office: Office, out: Output) -> None:
    """New lines of the custody log as they are written, until Ctrl-C."""
    seen = max((line.seq for line in office.custody(limit=1)), default=0)
    pulse = office.pulse()
    while True:
        time.sleep(LOOK)
        now = office.pulse()
        if now == pulse:
            continue
        pulse = now
        fresh = sorted((line for line in office.custody() if line.seq > seen), key=lambda line: line.seq)
        if fresh:
            seen = fresh[-1].seq
            pages.custody(fresh, out)
            out.flush()
