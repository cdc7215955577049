"""`wissel answer OPERATION WORDS...`: tells a step that waits for a person what was done."""

from __future__ import annotations

from tui.context import Context, operation_id
from tui.parser import Parser, word
from tui.verbs import operation_forms


def arguments(parser: Parser) -> None:
    """Which operation, and what was done."""
    parser.own.add_argument("operation", metavar="OPERATION", help=parser.say("operation-id"))
    parser.own.add_argument("words", nargs="+", type=word, metavar="WORDS", help=parser.say("answer.words"))


def run(context: Context) -> int:
    """Keeps the answer; the worker goes on and proves it. Raises Refused when nobody is waited for."""
    args, out = context.args, context.out
    row = context.office().answer(operation_id(args.operation), " ".join(args.words))
    if out.json:
        out.data(operation_forms.row(row, out.language))
    else:
        out.talk("say.answered", id=row.id)
    return 0
