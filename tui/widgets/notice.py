"""A message above the status line: a success in one line, trouble in what, why and what to do."""

from __future__ import annotations

from textual.app import RenderResult
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.inked import strip_of
from tui.widgets.spans import BLANK, Line, Span, line, text_of, wrap

_MOST_LINES = 5


class Notice(Widget):
    """Takes no room while there is nothing to say. Stays until the next message or Esc."""

    DEFAULT_CSS = """
    Notice { height: auto; display: none; background: $w-panel; color: $w-text; }
    """

    def __init__(self) -> None:
        super().__init__(id="notice")
        self._said: list[tuple[str, str]] = []
        self._lines: list[Line] = []

    @property
    def text(self) -> str:
        """What it says."""
        return "\n".join(text_of(row) for row in self._lines)

    def good(self, text: str) -> None:
        """Something worked."""
        self._say([("✓", "yes"), (text, "text")])

    def note(self, text: str) -> None:
        """Something worth knowing."""
        self._say([("·", "accent"), (text, "text")])

    def off(self, text: str) -> None:
        """Something cannot be done, and why."""
        self._say([("–", "conditional"), (text, "text")])

    def bad(self, text: str, hint: str) -> None:
        """Something went wrong, and what to do."""
        self._say([("!", "no-strong"), (text, "text"), (hint, "dim")])

    def clear(self) -> bool:
        """Nothing to say any more; False when there was nothing."""
        if not self._said:
            return False
        self._say([])
        return True

    def _say(self, said: list[tuple[str, str]]) -> None:
        if said == self._said:
            return
        self._said = said
        self._lay(self.app.size.width)
        self.display = bool(said)
        self.refresh(layout=True)

    def _lay(self, width: int) -> None:
        self._lines = []
        for text, ink in self._said[1:]:
            for row in wrap(text, width - 4):
                mark = Span(f" {self._said[0][0]} ", self._said[0][1]) if not self._lines else Span("   ")
                self._lines.append(line(mark, Span(row, ink)))
        del self._lines[_MOST_LINES:]

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002
        """As many lines as it says."""
        self._lay(width)
        return len(self._lines)

    def render(self) -> RenderResult:
        """Lines come from `render_line`."""
        return ""

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        return strip_of(self, self._lines[y] if y < len(self._lines) else BLANK, self.size.width)
