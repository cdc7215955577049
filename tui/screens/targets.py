"""Tab 6: the targets."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from core.model import Target
from tui import actions
from tui.drawing import registers
from tui.messages import TargetsLoaded
from tui.screens.stage import Stage
from tui.widgets.paper import Paper


class TargetsScreen(Stage):
    """What can be restored to."""

    scope: ClassVar[str] = actions.TARGETS
    DEFAULT_CSS = """
    TargetsScreen #page { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._targets: tuple[Target, ...] | None = None

    def body(self) -> ComposeResult:
        """The page."""
        yield Paper(id="page")

    def on_mount(self) -> None:
        """The page has the keys."""
        super().on_mount()
        self.query_one(Paper).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other lines."""
        super().on_resize(event)
        self._show()

    def reload(self) -> None:
        """Ask again."""
        self.ask("targets", lambda desk: TargetsLoaded(tuple(desk.targets())))

    def on_targets_loaded(self, message: TargetsLoaded) -> None:
        """Draw them."""
        self._targets = message.targets
        self._show()

    def _show(self) -> None:
        if self._targets is not None:
            lines = registers.target_page(self._targets, self.language, self.app.size.width)
            self.query_one(Paper).show(lines)

    def act_back(self) -> None:
        """The message, then the inbox."""
        if not self.notice.clear():
            self.app.switch_screen(actions.DELIVERIES)

    def page(self) -> str:
        """The whole page."""
        return f"{self.query_one(Paper).text}\n"
