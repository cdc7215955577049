"""One delivery on a page of its own."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from core.model import DeliveryDetail, DeliveryRow
from tui import actions
from tui.drawing import detail as drawing
from tui.drawing.dossier import dossier
from tui.messages import DeliveryChanged, DeliveryLoaded
from tui.plain import plain
from tui.screens.work import Work
from tui.widgets.paper import Paper
from tui.widgets.spans import Line, Span, line


class DeliveryScreen(Work):
    """Everything; Esc goes back to the list."""

    scope: ClassVar[str] = actions.DELIVERY
    DEFAULT_CSS = """
    DeliveryScreen #page { height: 1fr; }
    DeliveryScreen #status { display: none; }
    """

    def __init__(self, row: DeliveryRow, detail: DeliveryDetail | None, crumb: str) -> None:
        super().__init__()
        self._crumb = crumb
        self._row = row
        self._detail = detail

    def body(self) -> ComposeResult:
        """The page."""
        yield Paper(id="page")

    @property
    def selected(self) -> DeliveryRow | None:
        """The one this page is about."""
        return self._row

    @property
    def detail(self) -> DeliveryDetail | None:
        """When it is loaded."""
        return self._detail

    @property
    def place(self) -> str:
        """In the header."""
        return plain(self._row.id)

    def second_line(self) -> Line:
        """The crumb: where Esc goes, and what this is."""
        return line(
            Span(f" {self._crumb} › ", "dim"),
            Span(drawing.title(self._detail) if self._detail else self._row.id, "strong"),
        )

    def on_mount(self) -> None:
        """What the list knew already, at once."""
        super().on_mount()
        self.query_one(Paper).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other lines."""
        super().on_resize(event)
        self._show()

    def reload(self) -> None:
        """Ask again."""
        self.ask("delivery", lambda desk: DeliveryLoaded(desk.delivery(self._row.id)))

    def on_delivery_loaded(self, message: DeliveryLoaded) -> None:
        """Draw it."""
        self._detail = message.detail
        self._row = message.detail.row
        self.show_frame()
        self._show()

    def on_delivery_changed(self, message: DeliveryChanged) -> None:
        """Say what came of it and draw it."""
        self.announce(message)
        self._detail = message.detail
        self._row = message.detail.row
        self.show_frame()
        self._show()

    def _show(self) -> None:
        if self._detail is None:
            return
        facts, width = self.house.facts, self.app.size.width
        self.query_one(Paper).show(dossier(self._detail, facts.targets, self.house.now(), facts.language, width))

    def act_back(self) -> None:
        """Up."""
        if not self.notice.clear():
            self.dismiss(None)

    def page(self) -> str:
        """The whole page."""
        return f"{self.query_one(Paper).text}\n"

    @property
    def page_name(self) -> str:
        """Named after the delivery."""
        return f"wissel-{self._row.id}"
