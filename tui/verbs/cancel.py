"""`wissel cancel OPERATION`: asks an operation to stop at its next safe point, and to undo what it did."""

from __future__ import annotations

from core.model import OperationRow, OperationState
from tui.context import Context, operation_id
from tui.output import Output
from tui.parser import Parser
from tui.verbs import operation_forms, sentences


def arguments(parser: Parser) -> None:
    """Which operation."""
    parser.own.add_argument("operation", metavar="OPERATION", help=parser.say("operation-id"))


def run(context: Context) -> int:
    """Asks, and says what will happen. Raises Refused when it is over, or too late."""
    row = context.office().cancel(operation_id(context.args.operation))
    if context.out.json:
        context.out.data(operation_forms.row(row, context.out.language))
    else:
        _say(row, context.out)
    return 0


def _say(row: OperationRow, out: Output) -> None:
    if row.state is OperationState.CANCELLED:
        out.talk("say.cancel.at-once", id=row.id)
    else:
        out.talk("say.cancel.asked", id=row.id, where=sentences.where(row, out.language))
