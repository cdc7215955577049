"""One line across: header, tabs, titles, status, keys. Redraws only the cells that changed."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.inked import changed, strip_of
from tui.widgets.spans import BLANK, Line, text_of


class Strap(Widget):
    """A line that fills the width; the rest of it is blank."""

    DEFAULT_CSS = """
    Strap { height: 1; width: 100%; background: $w-ground; color: $w-text; }
    """

    def __init__(self, row: Line = BLANK, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._row = row

    @property
    def text(self) -> str:
        """What it says."""
        return text_of(self._row)

    def show(self, row: Line) -> None:
        """Say this from now on."""
        if region := changed(self._row, row, 0, self.size.width):
            self._row = row
            if self.size.width:
                self.refresh(region)

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        return strip_of(self, self._row if y == 0 else BLANK, self.size.width)
