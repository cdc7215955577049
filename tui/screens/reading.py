"""A page that is only read: a client, the checks, help."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from tui.screens.stage import Stage
from tui.widgets.paper import Paper
from tui.widgets.spans import Line, Span, line

DrawPage = Callable[[str, int], list[Line]]
"""Language and width -> the lines."""


class ReadingScreen(Stage):
    """Esc goes back."""

    scope: ClassVar[str] = "reading"
    DEFAULT_CSS = """
    ReadingScreen #page { height: 1fr; }
    ReadingScreen #status { display: none; }
    """

    def __init__(self, name: str, crumb: str, draw: DrawPage) -> None:
        super().__init__()
        self._name_shown = name
        self._crumb = crumb
        self._draw = draw

    def body(self) -> ComposeResult:
        """The page."""
        yield Paper(id="page")

    @property
    def place(self) -> str:
        """In the header."""
        return self._name_shown

    def second_line(self) -> Line:
        """The crumb."""
        return line(Span(f" {self._crumb} › ", "dim"), Span(self._name_shown, "strong"))

    def on_mount(self) -> None:
        """The page has the keys."""
        super().on_mount()
        self.query_one(Paper).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other lines."""
        super().on_resize(event)
        self.show(self._draw)

    def show(self, draw: DrawPage) -> None:
        """This page from now on."""
        self._draw = draw
        self.query_one(Paper).show(draw(self.language, self.app.size.width))

    def act_back(self) -> None:
        """Up."""
        if not self.notice.clear():
            self.dismiss(None)

    def page(self) -> str:
        """The whole page."""
        return f"{self.query_one(Paper).text}\n"

    @property
    def page_name(self) -> str:
        """Named after what it shows."""
        safe = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in self._name_shown)
        return f"wissel-{safe}"
