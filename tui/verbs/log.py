"""`wissel log`: the custody log, and the proof that nobody changed it."""

from __future__ import annotations

from core.errors import CheckFailed
from tui.context import Context, delivery_id
from tui.parser import Parser, count, word
from tui.verbs import forms, pages


def arguments(parser: Parser) -> None:
    """Which part of the log, or the proof."""
    add, say = parser.own.add_argument, parser.say
    add("--delivery", metavar="ID", help=say("log.delivery"))
    add("--client", type=word, metavar="CLIENT", help=say("log.client"))
    add("--limit", type=count, default=200, metavar="N", help=say("log.limit"))
    add("--verify", action="store_true", help=say("log.verify"))


def run(context: Context) -> int:
    """Prints the log, oldest line first; with `--verify` only whether it is whole."""
    args, out = context.args, context.out
    delivery = delivery_id(args.delivery) if args.delivery else None
    office = context.office()
    if args.verify:
        broken = office.verify_custody()
        if out.json:
            out.data({"whole": broken is None, "first_broken": broken})
        if broken is not None:
            raise CheckFailed("custody-broken", seq=broken)
        out.talk("say.custody.whole")
        return 0
    lines = sorted(office.custody(limit=args.limit, delivery=delivery, client=args.client), key=lambda line: line.seq)
    if out.json:
        out.array(forms.custody(line, out.language) for line in lines)
    elif lines:
        pages.custody(lines, out)
    else:
        out.talk("say.custody.none")
    return 0
