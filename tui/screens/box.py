"""The text that was copied, to see and to select with the terminal itself."""

from __future__ import annotations

import os
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from core.texts import say
from tui._textual_compat import send_to_terminal
from tui.clipboard import osc52
from tui.plain import plain
from tui.screens.dialog import Dialog
from tui.widgets.paper import Paper
from tui.widgets.spans import Span, line


class BoxScreen(Dialog[str]):
    """Shows first, sends then; says only what it can know. Gives `write` when the operator wants a file."""

    DEFAULT_CSS = """
    BoxScreen > #box {
        width: 100%; border: none; border-top: solid $w-accent; border-bottom: solid $w-accent; padding: 0;
    }
    BoxScreen #dialog-title, BoxScreen #dialog-keys { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "write", show=False),
        Binding("q,enter,y", "leave", show=False),
    ]

    def __init__(self, text: str, language: str) -> None:
        self.sequence = osc52(text, os.environ)
        key = "screen.copy.sent" if self.sequence else "screen.copy.too-long"
        super().__init__(say(key, language, count=len(text)), say("screen.copy.keys", language))
        self._text = text

    def inside(self) -> ComposeResult:
        """The text."""
        yield Paper(id="copied")

    def on_mount(self) -> None:
        """As high as the text, in a screen of any height; then send."""
        paper = self.query_one("#copied", Paper)
        lines = [line(Span(plain(row))) for row in self._text.rstrip("\n").split("\n")]
        paper.styles.height = max(min(len(lines), self.app.size.height - 8), 1)
        paper.show(lines)
        paper.focus()
        if self.sequence:
            self.call_after_refresh(send_to_terminal, self.app, self.sequence)

    def action_write(self) -> None:
        """To a file instead."""
        self.dismiss("write")
