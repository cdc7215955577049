"""`wissel correct ID --entry FILE`: books a balanced set of general-journal entries."""

from __future__ import annotations

from core.model import Kind, Order
from tui.context import Context, delivery_id
from tui.parser import Parser
from tui.verbs import ordering


def arguments(parser: Parser) -> None:
    """Which delivery, what is booked, and the consent."""
    parser.own.add_argument("id", metavar="ID", help=parser.say("id"))
    parser.own.add_argument("--entry", required=True, metavar="FILE", help=parser.say("correct.entry"))
    ordering.arguments(parser)


def run(context: Context) -> int:
    """Plans it with its dry run, or orders it. The entry file is read once: what is planned is what is booked."""
    from core.office import entry_file

    wanted = delivery_id(context.args.id)
    text, name = entry_file(context.args.entry)
    order = Order(Kind.CORRECT, wanted, entry=text, entry_name=name)
    return ordering.run(context, ordering.office_for(context), order)
