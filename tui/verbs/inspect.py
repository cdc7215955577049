"""`wissel inspect FILE`: what a file says of itself. Needs no office and no settings."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tui import wording
from tui.context import Context
from tui.output import Output
from tui.parser import Parser, ordinal
from tui.verbs import forms, pages

if TYPE_CHECKING:
    from core.office import InspectView

PATIENCE = 0.5
"""Seconds of reading before it is said how far it is."""
STEP = 0.2
"""Seconds between two times."""


def arguments(parser: Parser) -> None:
    """The file, which set of it, and how far to read."""
    parser.own.add_argument("file", metavar="FILE", help=parser.say("inspect.file"))
    parser.own.add_argument("--set", dest="set_number", type=ordinal, metavar="N", help=parser.say("inspect.set"))
    parser.own.add_argument("--head", action="store_true", help=parser.say("inspect.head"))


def run(context: Context) -> int:
    """Reads the file to its end, unless only the head is asked for, and prints what it says."""
    from core.office import inspect_file

    args, out = context.args, context.out
    meter = Meter(args.file, out)
    try:
        view = inspect_file(args.file, set_number=args.set_number, whole=not args.head, progress=meter.heard)
    finally:
        out.passing("")
    if out.json:
        out.data(form(view, out.language))
    else:
        _page(view, out)
    return 0


class Meter:
    """How far a long reading is, for the person at the terminal."""

    def __init__(self, path: str, out: Output) -> None:
        self._out = out
        self._due = time.monotonic() + PATIENCE
        self._size = os.path.getsize(path) if out.watched and os.path.isfile(path) else 0

    def heard(self, done: int) -> None:
        """So many bytes were read."""
        now = time.monotonic()
        if now < self._due or not self._size:
            return
        self._due = now + STEP
        done_text, size_text = (wording.size(each, self._out.language) for each in (done, self._size))
        percent = min(100, done * 100 // self._size)
        self._out.passing(self._out.text("say.inspect.reading", percent=percent, done=done_text, size=size_text))


def form(view: InspectView, language: str) -> forms.Form:
    """`inspect --json`: a fixed contract."""
    return {
        "file": view.file,
        "size": view.size,
        "container": {"kind": view.kind, "members": forms.members(view.members)},
        "facts": dict(view.facts),
        "claims": [{"fact": one.fact, "value": one.value, "source": str(one.source)} for one in view.claims],
        "problems": [forms.problem(one, language) for one in view.findings],
        "complete": view.complete,
    }


def _page(view: InspectView, out: Output) -> None:
    out.fields(
        [
            (out.text("say.field.file"), view.file),
            (out.text("say.field.size"), wording.size(view.size, out.language)),
            (out.text("say.field.kind"), wording.kind(view.kind, out.language)),
            (out.text("say.field.read"), out.text("say.read.whole" if view.complete else "say.read.part")),
        ]
    )
    pages.members(view.members, out)
    pages.claims(view.claims, out)
    pages.problems(view.findings, out)
