"""`wissel show-operation OPERATION`: its steps, what came of them, and its own log."""

from __future__ import annotations

from tui.context import Context, operation_id
from tui.parser import Parser
from tui.verbs import operation_forms, operation_pages

MOST = 100_000
"""Lines of a log that are printed."""


def arguments(parser: Parser) -> None:
    """Which operation, and whether its log is shown."""
    parser.own.add_argument("operation", metavar="OPERATION", help=parser.say("operation-id"))
    parser.own.add_argument("--log", action="store_true", help=parser.say("show-operation.log"))


def run(context: Context) -> int:
    """Prints it."""
    args, out = context.args, context.out
    wanted = operation_id(args.operation)
    detail = context.office().operation(wanted, lines=MOST if args.log else 1)
    if out.json:
        out.data(operation_forms.detail(detail, out.language, log=args.log))
    else:
        operation_pages.page(detail, out, log=args.log)
    return 0
