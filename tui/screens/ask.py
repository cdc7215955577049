"""Ask for one value."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Input

from tui.screens.dialog import Dialog
from tui.widgets.spans import Span, line, wrap
from tui.widgets.strap import Strap

_ROOM = 74
_MOST_LINES = 6


class AskScreen(Dialog[str]):
    """Gives what was typed. `value` stands there already, `wrong` says why it is asked for again.

    Where it is `optional`, Enter alone gives an empty text instead of nothing.
    """

    roomy = False

    def __init__(
        self, title: str, hint: str, keys: str, *, value: str = "", wrong: str = "", optional: bool = False
    ) -> None:
        super().__init__(title, keys)
        self._hint = hint
        self._value = value
        self._wrong = wrong
        self._optional = optional

    def inside(self) -> ComposeResult:
        """How it is written, and where to type it."""
        for row in wrap(self._hint, _ROOM):
            yield Strap(line(Span(row, "dim")))
        field = Input(self._value, id="value", compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field
        for row in wrap(self._wrong, _ROOM)[:_MOST_LINES]:
            yield Strap(line(Span(row, "conditional")))

    def on_mount(self) -> None:
        """Type at once."""
        field = self.query_one(Input)
        field.focus()
        field.cursor_position = len(self._value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter gives it; nothing typed is nothing told."""
        event.stop()
        given = event.value.strip()
        self.dismiss(given if given or self._optional else None)
