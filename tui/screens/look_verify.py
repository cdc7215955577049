"""Everything of a delivery's database checked; Esc stops it."""

from __future__ import annotations

from threading import Event

from core.errors import Cancelled
from tui import looking
from tui.drawing.inside import refusal, verified_page
from tui.looking import Heard, Hold, InsideVerified
from tui.messages import CallFailed
from tui.screens.reading import ReadingScreen
from tui.widgets.spans import Line


class VerifyScreen(ReadingScreen):
    """How far it is, then what came of it."""

    def __init__(self, hold: Hold, title: str, crumb: str) -> None:
        super().__init__(title, crumb, self._waiting)
        self._hold = hold
        self._cancel = Event()
        self._begun = False
        self._told = ""

    def _waiting(self, _language: str, width: int) -> list[Line]:
        return refusal(self._told or self.say("inside.checking.rows"), self.say("inside.opening.esc"), width)

    def reload(self) -> None:
        """Once."""
        if not self._begun:
            self._begun = True
            self.ask("verify", lambda _desk: looking.verify(self._hold, self._cancel.is_set, self))

    def on_heard(self, message: Heard) -> None:
        """How far it is."""
        percent = min(100, message.done * 100 // message.total) if message.total else None
        key = "inside.checking.rows" if percent is None else "inside.checking"
        self._told = self.say(key, percent=percent)
        self.show(self._waiting)

    def on_inside_verified(self, message: InsideVerified) -> None:
        """What came of it."""
        self.show(lambda language, width: verified_page(message.verified, language, width))

    def on_call_failed(self, message: CallFailed) -> None:
        """Stopped by hand is no trouble."""
        message.stop()
        message.prevent_default()  # Textual would call the handler of every class
        if not isinstance(message.error, Cancelled):
            super().on_call_failed(message)

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        self._cancel.set()
