"""`wissel reverse ID|OPERATION`: books the opposite of a correction."""

from __future__ import annotations

from core.model import Kind, Order
from tui.context import Context, delivery_id, is_operation, operation_id
from tui.parser import Parser
from tui.verbs import ordering


def arguments(parser: Parser) -> None:
    """Which correction: an operation, or the last one of a delivery that stands; and the consent."""
    parser.own.add_argument("id", metavar="ID", help=parser.say("reverse.id"))
    ordering.arguments(parser)


def run(context: Context) -> int:
    """Plans it, or orders it."""
    named = context.args.id
    operation = operation_id(named) if is_operation(named) else ""
    delivery = "" if operation else delivery_id(named)
    office = ordering.office_for(context)
    if operation:
        delivery = office.operation(operation).row.delivery
    return ordering.run(context, office, Order(Kind.REVERSE, delivery, operation=operation))
