"""`wissel held`: what is at our targets, with us or returned and still standing there."""

from __future__ import annotations

from tui.context import Context
from tui.parser import Parser
from tui.verbs import operation_forms, operation_pages


def arguments(_parser: Parser) -> None:
    """None of its own."""


def run(context: Context) -> int:
    """Prints the list."""
    held, out = context.office().held(), context.out
    if out.json:
        out.array(operation_forms.held(each) for each in held)
    elif held:
        operation_pages.held(held, out)
    else:
        out.talk("say.held.none")
    return 0
