"""`wissel reopen ID`: reads the sealed original again and gives the verdict again."""

from __future__ import annotations

from tui.context import Context, delivery_id
from tui.parser import Parser
from tui.verbs import show


def arguments(parser: Parser) -> None:
    """Which delivery."""
    parser.own.add_argument("id", metavar="ID", help=parser.say("id"))


def run(context: Context) -> int:
    """Starts over from the vault, and prints the delivery with its new verdict."""
    wanted = delivery_id(context.args.id)
    detail = context.office().reopen(wanted)
    context.out.talk("say.reopened", id=detail.row.id)
    show.answer(detail, context.out)
    return 0
