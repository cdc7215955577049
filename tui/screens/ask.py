"""Ask for one value."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Input

from tui.screens.dialog import Dialog
from tui.widgets.spans import Span, line
from tui.widgets.strap import Strap


class AskScreen(Dialog[str]):
    """Gives what was typed."""

    def __init__(self, title: str, hint: str, keys: str) -> None:
        super().__init__(title, keys)
        self._hint = hint

    def inside(self) -> ComposeResult:
        """How it is written, and where to type it."""
        yield Strap(line(Span(self._hint, "dim")))
        field = Input(id="value", compact=True)
        field.cursor_blink = False
        yield field

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter gives it; nothing typed is nothing told."""
        event.stop()
        self.dismiss(event.value.strip() or None)
