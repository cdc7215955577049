"""`wissel reopen ID`: starts over from the sealed original. One that stands at a target leaves it first."""

from __future__ import annotations

from core.model import Kind, Order
from tui.context import Context, delivery_id
from tui.parser import Parser
from tui.verbs import ordering, show


def arguments(parser: Parser) -> None:
    """Which delivery; for one that stands at a target the consent, too."""
    parser.own.add_argument("id", metavar="ID", help=parser.say("id"))
    ordering.arguments(parser)


def run(context: Context) -> int:
    """Orders it for one that stands at a target; else reads the vault again, and prints the new verdict."""
    wanted = delivery_id(context.args.id)
    office = ordering.office_for(context)
    if context.args.plan or office.delivery(wanted).held is not None:
        return ordering.run(context, office, Order(Kind.REOPEN, wanted))
    detail = office.reopen(wanted)
    context.out.talk("say.reopened", id=detail.row.id)
    show.answer(detail, context.out)
    return 0
