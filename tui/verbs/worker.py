"""`wissel worker`: watches the inbox in the foreground, as a service does."""

from __future__ import annotations

from core.errors import Refused
from tui.context import Context
from tui.parser import Parser


def arguments(_parser: Parser) -> None:
    """None of its own."""


def run(context: Context) -> int:
    """Runs until it is stopped; exits 0 at once where another worker holds the office. Raises Refused."""
    office = context.office(worker=False)
    if office.read_only:
        raise Refused("read-only")
    if office.worker_alive():
        context.out.talk("say.worker.already")
        return 0
    context.out.talk("say.worker.runs")
    return office.work()
