"""`wissel bind ID CLIENT`: says which client a delivery is from."""

from __future__ import annotations

from tui.context import Context, delivery_id
from tui.parser import Parser, word
from tui.verbs import show


def arguments(parser: Parser) -> None:
    """Which delivery, which client."""
    parser.own.add_argument("id", metavar="ID", help=parser.say("id"))
    parser.own.add_argument("client", type=word, metavar="CLIENT", help=parser.say("client-code"))


def run(context: Context) -> int:
    """Binds, and prints the delivery with its new verdict."""
    wanted = delivery_id(context.args.id)
    detail = context.office().bind(wanted, context.args.client)
    context.out.talk("say.bound", id=detail.row.id, client=detail.row.client or "")
    show.answer(detail, context.out)
    return 0
