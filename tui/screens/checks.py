"""The checks of the office, run when the page is opened and again at every refresh."""

from __future__ import annotations

from tui.drawing.registers import check_page
from tui.messages import ChecksLoaded
from tui.screens.reading import ReadingScreen
from tui.widgets.spans import Line, Span, line


class ChecksScreen(ReadingScreen):
    """What `wissel check` says."""

    def __init__(self, title: str, crumb: str) -> None:
        super().__init__(title, crumb, self._waiting)

    def _waiting(self, _language: str, _width: int) -> list[Line]:
        return [line(Span(" " + self.say("screen.waiting"), "dim"))]

    def reload(self) -> None:
        """Run them."""
        self.ask("check", lambda desk: ChecksLoaded(tuple(desk.check())))

    def on_checks_loaded(self, message: ChecksLoaded) -> None:
        """Draw them."""
        self.show(lambda language, width: check_page(message.checks, language, width))
