"""One delivery on a page of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from core.model import DeliveryDetail, DeliveryRow, OperationRow
from core.texts import say
from tui import actions, wording
from tui.drawing import detail as drawing
from tui.drawing.dossier import dossier
from tui.drawing.inks import operation_badge
from tui.messages import DeliveryChanged, DeliveryLoaded
from tui.plain import plain
from tui.screens.operation import OperationScreen
from tui.screens.pick import Choice, PickScreen
from tui.screens.work import Work
from tui.widgets.paper import Paper
from tui.widgets.spans import Line, Span, fit, line


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

    def act_open(self) -> None:
        """Its operation: the open one, the only one, or one of them."""
        listed = self._detail.operations if self._detail else ()
        first = self._row.operation or (listed[0] if len(listed) == 1 else None)
        if first is not None:
            self._open_operation(first.id)
        elif listed:
            self.app.push_screen(operation_pick(listed, self.house.now(), self.language), self._open_operation)
        else:
            self.notice.off(f"{self.say('action.open')}: {self.say('screen.operation.none')}")

    def _open_operation(self, operation: str | None) -> None:
        if operation is not None:
            self.app.push_screen(OperationScreen(operation))

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


def operation_pick(rows: Iterable[OperationRow], now: datetime, language: str) -> PickScreen:
    """A dialog that gives the id of an operation."""
    choices = []
    for row in rows:
        does = say(f"word.does.{row.kind}", language)
        word = say(f"word.operation.{row.state}", language)
        shown = line(
            Span(fit(row.id, 8), "strong"),
            Span(fit(does, 13)),
            Span(word.center(8), operation_badge(row.state)),
            Span("  " + wording.when(row.finished_at or row.requested_at, now, language), "dim"),
        )
        choices.append(Choice(row.id, shown, f"{row.id} {does} {word}"))
    title, empty = say("screen.operation.which", language), say("screen.operation.none", language)
    return PickScreen(title, choices, empty, language)
