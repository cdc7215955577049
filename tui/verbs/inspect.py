"""`wissel inspect FILE`: what a file says of itself. Needs no office and no settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import wording
from tui.context import Context
from tui.output import Output
from tui.parser import Parser, ordinal
from tui.verbs import forms, pages

if TYPE_CHECKING:
    from core.office import InspectView


def arguments(parser: Parser) -> None:
    """The file, which set of it, and how far to read."""
    parser.own.add_argument("file", metavar="FILE", help=parser.say("inspect.file"))
    parser.own.add_argument("--set", dest="set_number", type=ordinal, metavar="N", help=parser.say("inspect.set"))
    parser.own.add_argument("--head", action="store_true", help=parser.say("inspect.head"))


def run(context: Context) -> int:
    """Reads the file to its end, unless only the head is asked for, and prints what it says."""
    from core.office import inspect_file

    args, out = context.args, context.out
    view = inspect_file(args.file, set_number=args.set_number, whole=not args.head)
    if out.json:
        out.data(form(view, out.language))
    else:
        _page(view, out)
    return 0


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
