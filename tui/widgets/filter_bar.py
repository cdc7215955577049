"""The line to type a filter in; the list follows while it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

_PAUSE = 0.15
"""Seconds without a key before the list follows."""


class FilterBar(Input):
    """Hidden until `open`. Enter keeps the filter, Esc clears it."""

    DEFAULT_CSS = """
    FilterBar, FilterBar:focus {
        display: none; height: 1; border: none; padding: 0 1; background: $w-raised; color: $w-text;
    }
    FilterBar.-open { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "drop", show=False)]

    @dataclass
    class Filtered(Message):
        """Another filter holds."""

        text: str

    @dataclass
    class Closed(Message):
        """The list has the keys again."""

    def __init__(self) -> None:
        super().__init__(id="filter", compact=True)
        self.cursor_blink = False
        self._timer: Timer | None = None
        self._told = ""

    def open(self) -> None:
        """Take the keys."""
        self.add_class("-open")
        self.screen.set_focus(self)  # now, not soon: the next key may be here already

    def keep(self, text: str) -> None:
        """This filter holds already."""
        self._told = text
        self.value = text

    def on_input_changed(self, event: Input.Changed) -> None:
        """Wait for a pause, then tell."""
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE, self._tell)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep it."""
        event.stop()
        self._close()

    def action_drop(self) -> None:
        """Clear it."""
        self.value = ""
        self._close()

    def clear_filter(self) -> bool:
        """Clear it from outside; False when there was none."""
        if not self._told and not self.value:
            return False
        self.value = ""
        self._tell()
        return True

    def _close(self) -> None:
        self._tell()
        self.remove_class("-open")
        self.post_message(self.Closed())

    def _tell(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        text = self.value.strip()
        if text != self._told:
            self._told = text
            self.post_message(self.Filtered(text))
