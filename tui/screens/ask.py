"""Ask for one value."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Input

from tui.screens.dialog import Dialog
from tui.widgets.spans import Span, line
from tui.widgets.strap import Strap


class AskScreen(Dialog[str]):
    """Gives what was typed. `value` stands there already, `wrong` says why it is asked for again."""

    roomy = False

    def __init__(self, title: str, hint: str, keys: str, *, value: str = "", wrong: str = "") -> None:
        super().__init__(title, keys)
        self._hint = hint
        self._value = value
        self._wrong = wrong

    def inside(self) -> ComposeResult:
        """How it is written, and where to type it."""
        yield Strap(line(Span(self._hint, "dim")))
        field = Input(self._value, id="value", compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field
        yield Strap(line(Span(self._wrong, "conditional")), id="wrong")

    def on_mount(self) -> None:
        """Type at once."""
        field = self.query_one(Input)
        field.focus()
        field.cursor_position = len(self._value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter gives it; nothing typed is nothing told."""
        event.stop()
        self.dismiss(event.value.strip() or None)
