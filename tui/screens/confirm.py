"""A plan and a question. Only a capital Y starts; focus is on going back, and every other key goes back."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult

from tui.screens.deliberate import Deliberate
from tui.screens.dialog import Dialog
from tui.widgets.paper import Paper
from tui.widgets.spans import Line, Span, line
from tui.widgets.strap import Strap

_STAY = frozenset({"shift+y", "tab", "shift+tab"})
_SCROLL = frozenset({"up", "down", "pageup", "pagedown"})


class ConfirmScreen(Deliberate, Dialog[bool]):
    """Gives True for a capital Y, None for anything else."""

    def __init__(self, title: str, lines: Sequence[Line], *, back: str, go: str, hint: str) -> None:
        super().__init__(title, "")
        self._hint = hint
        self._lines = lines
        self._back = back
        self._go = go

    def inside(self) -> ComposeResult:
        """The plan, and two buttons that only show what the keys do."""
        yield Paper(id="plan")
        yield Strap()
        yield Strap(
            line(
                Span("  "),
                Span(f"  {self._back}  ", "badge-accent"),
                Span("   "),
                Span(f"  {self._go} (Y)  ", "button"),
            ),
            id="buttons",
        )

    def on_mount(self) -> None:
        """As high as the plan, in a screen of any height."""
        plan = self.query_one("#plan", Paper)
        plan.styles.height = max(min(len(self._lines), self.app.size.height - 10), 1)
        plan.show(self._lines)
        plan.focus()
        self.arm_soon()

    def show_armed(self) -> None:
        """Say which key starts."""
        self.query_one("#dialog-keys", Strap).show(line(Span(self._hint, "dim")))

    def on_key(self, event: events.Key) -> None:
        """Y, or back; before the question stood there, only Esc."""
        if event.key in _SCROLL:
            return
        event.stop()
        event.prevent_default()
        if not self.meant(event):
            if event.key == "escape":
                self.dismiss(None)
        elif event.character == "Y":
            self.dismiss(True)
        elif event.key not in _STAY:
            self.dismiss(None)
