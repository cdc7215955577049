"""`wissel operations`: what was ordered, what runs, and what came of it; the newest first."""

from __future__ import annotations

from tui.context import Context, delivery_id
from tui.parser import Parser, count
from tui.verbs import operation_forms, operation_pages

NEWEST = 50
"""Rows when no limit is given."""


def arguments(parser: Parser) -> None:
    """Which of them, and which part of the list."""
    add, say = parser.own.add_argument, parser.say
    add("--open", action="store_true", help=say("operations.open"))
    add("--delivery", metavar="ID", help=say("operations.delivery"))
    add("--limit", type=count, default=NEWEST, metavar="N", help=say("operations.limit"))
    add("--offset", type=count, default=0, metavar="N", help=say("list.offset"))


def run(context: Context) -> int:
    """Prints the list."""
    args, out = context.args, context.out
    delivery = delivery_id(args.delivery) if args.delivery else None
    office = context.office()
    rows, total = office.operations(open_only=args.open, delivery=delivery, offset=args.offset, limit=args.limit)
    if out.json:
        out.array(operation_forms.row(row, out.language) for row in rows)
        return 0
    if rows:
        operation_pages.table(rows, out)
    if total == 0:
        out.talk("say.operations.none")
    elif total > args.offset + len(rows):
        out.talk("say.list.more", shown=len(rows), total=total)
    return 0
