"""What every screen may ask of the app: the facts, the clock, and an errand to the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from textual.message import Message
from textual.message_pump import MessagePump

from core.errors import WisselError
from core.model import Plan
from tui._textual_compat import SteadyApp
from tui.desk import Desk
from tui.drawing.frame import Facts
from tui.messages import CallFailed
from tui.mishap import report

Call = Callable[[Desk], Message]
"""Runs in a thread: asks the desk and returns the fact that it became."""


def local_now() -> datetime:
    """The wall clock, with its zone."""
    return datetime.now().astimezone()


class House(SteadyApp):
    """The app as the screens see it."""

    def __init__(self, now: Callable[[], datetime] = local_now) -> None:
        super().__init__()
        self.now = now
        self.facts = Facts()
        self.desk: Desk | None = None

    def errand(self, what: str, call: Call, reply_to: MessagePump) -> None:
        """Asks the desk in a thread; the answer, or `CallFailed`, is posted to `reply_to`."""
        desk = self.desk
        if desk is not None:
            self.run_worker(partial(_run, what, call, desk, reply_to), thread=True, group=what, exit_on_error=False)

    def show_plan(self, plan: Plan) -> None:
        """Lay a plan over what is shown."""
        raise NotImplementedError


def failed(what: str, error: Exception) -> CallFailed:
    """The failure as a message; what nobody foresaw is written to a file."""
    return CallFailed(what, error, "" if isinstance(error, WisselError) else report(error))


def _run(what: str, call: Call, desk: Desk, reply_to: MessagePump) -> None:
    try:
        answer = call(desk)
    except Exception as error:  # noqa: BLE001 - a foreign exception must not kill the screen
        answer = failed(what, error)
    reply_to.post_message(answer)
