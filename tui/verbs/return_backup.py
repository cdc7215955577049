"""`wissel return ID`: makes the return back-up, proves it, and releases it to its client."""

from __future__ import annotations

from core.model import Kind, Order
from tui.context import Context, delivery_id
from tui.parser import Parser
from tui.verbs import ordering


def arguments(parser: Parser) -> None:
    """Which delivery, and the consent."""
    parser.own.add_argument("id", metavar="ID", help=parser.say("id"))
    ordering.arguments(parser)


def run(context: Context) -> int:
    """Plans it, or orders it."""
    order = Order(Kind.RETURN, delivery_id(context.args.id))
    return ordering.run(context, ordering.office_for(context), order)
