"""The pane beside or below the list: the chosen delivery in a glance, or its log."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical

from core.model import DeliveryDetail
from core.texts import say
from tui.drawing import detail as drawing
from tui.drawing.custody import custody_lines
from tui.drawing.frame import Facts
from tui.widgets.paper import Paper
from tui.widgets.spans import Line, Span, fit, text_of
from tui.widgets.strap import Strap

_COPIED = 80
"""Cells of the pane as text: it has to be whole where the pane itself is narrow, or hidden."""
_ALL = 10_000


class Side(Vertical):
    """A title that says what does not fit, and the lines."""

    DEFAULT_CSS = """
    Side #pane { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__(id="pane-side")
        self.log_shown = False
        self._detail: DeliveryDetail | None = None
        self._language = "en"

    def compose(self) -> ComposeResult:
        """Title over lines."""
        yield Strap(id="title")
        yield Paper(id="pane")

    @property
    def paper(self) -> Paper:
        """The lines."""
        return self.query_one("#pane", Paper)

    def show(self, detail: DeliveryDetail | None, facts: Facts, now: datetime) -> None:
        """This delivery from now on."""
        another = (detail and detail.row.id) != (self._detail and self._detail.row.id)
        self._detail, self._language = detail, facts.language
        paper = self.paper
        lines = self._lines(detail, facts, now, paper.size.width, paper.size.height) if detail else []
        paper.show(lines, keep_place=not another)
        self.show_title()

    def on_paper_below(self) -> None:
        """The title says how much is out of view."""
        self.show_title()

    def show_title(self) -> None:
        """Which delivery, which side has the keys, how much more there is."""
        title, paper, detail = self.query_one("#title", Strap), self.paper, self._detail
        text = f" {drawing.title(detail)} " if detail else ""
        more = f" {say('screen.below', self._language, count=paper.below)} " if paper.below and detail else ""
        room = title.size.width - 2 - cell_len(more)
        text = fit(text, max(min(cell_len(text), room), 0))
        rule = Span("─" * (room - cell_len(text)), "line")
        ink = "accent-strong" if paper.has_focus else "strong"
        title.show((Span("─", "line"), Span(text, ink), rule, Span(more, "dim"), Span("─", "line")))

    def text(self, detail: DeliveryDetail, facts: Facts, now: datetime) -> str:
        """All of it as plain text."""
        lines = self._lines(detail, facts, now, _COPIED, _ALL)
        return "\n".join([drawing.title(detail), "", *map(text_of, lines)]) + "\n"

    def _lines(self, detail: DeliveryDetail, facts: Facts, now: datetime, width: int, height: int) -> list[Line]:
        if self.log_shown:
            return custody_lines(detail.custody, now, facts.language, width)
        return drawing.pane(detail, facts, now, width=width, height=height)
