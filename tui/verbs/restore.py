"""`wissel restore ID`: restores a delivery at a target, where the firm can work on it."""

from __future__ import annotations

from core.model import Kind, Order
from tui.context import Context, delivery_id
from tui.parser import Parser, word
from tui.verbs import ordering


def arguments(parser: Parser) -> None:
    """Which delivery, where, who else works on it, and the consent."""
    add, say = parser.own.add_argument, parser.say
    add("id", metavar="ID", help=say("id"))
    add("--target", type=word, default="", metavar="TARGET", help=say("restore.target"))
    add("--colleague", action="append", type=word, default=[], metavar="DOMAIN\\USER", help=say("restore.colleague"))
    add("--one-way", action="store_true", help=say("restore.one-way"))
    add("--not-isolated", action="store_true", help=say("restore.not-isolated"))
    ordering.arguments(parser)


def run(context: Context) -> int:
    """Plans it, or orders it."""
    args = context.args
    order = Order(
        Kind.RESTORE,
        delivery_id(args.id),
        target=args.target,
        colleagues=tuple(dict.fromkeys(args.colleague)),
        one_way=args.one_way,
        not_isolated=args.not_isolated,
    )
    return ordering.run(context, ordering.office_for(context), order)
