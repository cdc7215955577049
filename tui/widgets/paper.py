"""A page of lines that scrolls. Redraws only the cells that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.inked import changed, strip_of
from tui.widgets.spans import BLANK, Line, text_of


class Paper(ScrollView, can_focus=True):
    """Lines to read."""

    DEFAULT_CSS = """
    Paper {
        background: $w-ground; color: $w-text; scrollbar-size-vertical: 0; scrollbar-size-horizontal: 0;
        overflow-x: hidden;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "step(1)", show=False),
        Binding("k,up", "step(-1)", show=False),
        Binding("pagedown,space", "leaf(1)", show=False),
        Binding("pageup", "leaf(-1)", show=False),
        Binding("home,g", "to(0)", show=False),
        Binding("end,G", "to(1)", show=False),
    ]

    @dataclass
    class Below(Message):
        """More lines, or fewer, stand below what is in view."""

        paper: Paper

        def can_replace(self, message: Message) -> bool:
            """Only the last one counts."""
            return isinstance(message, Paper.Below) and message.paper is self.paper

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._lines: list[Line] = []
        self._below = 0

    @property
    def text(self) -> str:
        """All lines, bare."""
        return "\n".join(text_of(row) for row in self._lines)

    @property
    def lines(self) -> int:
        """How many there are."""
        return len(self._lines)

    @property
    def below(self) -> int:
        """How many stand below what is in view."""
        return max(len(self._lines) - self.scroll_offset.y - self.size.height, 0) if self.size.height else 0

    def _count_below(self) -> None:
        if self.below != self._below:
            self._below = self.below
            self.post_message(self.Below(self))

    def on_resize(self) -> None:
        """Another height."""
        self._count_below()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines are in view."""
        super().watch_scroll_y(old_value, new_value)
        self._count_below()

    def show(self, lines: Sequence[Line], *, keep_place: bool = True) -> None:
        """These lines from now on."""
        old, self._lines = self._lines, list(lines)
        if not keep_place:
            self.scroll_to(0, 0, animate=False)
        self.virtual_size = Size(self.size.width, len(self._lines))
        top = self.scroll_offset.y
        for y in range(self.size.height):
            place = top + y
            before = old[place] if place < len(old) else BLANK
            after = self._lines[place] if place < len(self._lines) else BLANK
            if region := changed(before, after, y, self.size.width):
                self.refresh(region)
        self._count_below()

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        place = self.scroll_offset.y + y
        row = self._lines[place] if place < len(self._lines) else BLANK
        return strip_of(self, row, self.size.width)

    def action_step(self, count: int) -> None:
        """Some lines down."""
        self.scroll_to(y=self.scroll_offset.y + count, animate=False)

    def action_leaf(self, count: int) -> None:
        """Some pages down; one line stays in view."""
        self.action_step(count * max(self.size.height - 1, 1))

    def action_to(self, end: int) -> None:
        """To the first line, or the last."""
        self.scroll_to(y=len(self._lines) * end, animate=False)
