"""Tab 2: the operations, newest first, older ones as they come into view."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from core.model import OperationRow
from tui import actions
from tui.drawing import operations as drawing
from tui.messages import OperationsLoaded
from tui.screens.operation import OperationScreen
from tui.screens.ordering import Ordering
from tui.screens.register import RegisterTab
from tui.verbs import sentences
from tui.widgets.spans import Line, paragraph, text_of
from tui.widgets.strap import Strap

_STEP = 200


class OperationsScreen(RegisterTab[OperationRow], Ordering):
    """What was ordered and how it stands."""

    scope: ClassVar[str] = actions.OPERATIONS

    def __init__(self) -> None:
        super().__init__()
        self._operations: tuple[OperationRow, ...] = ()
        self._limit = _STEP
        self._total = 0

    def body(self) -> ComposeResult:
        """Titles and lines."""
        yield Strap(id="heading")
        yield from super().body()

    @property
    def operation(self) -> OperationRow | None:
        """Under the cursor."""
        return self.rows.chosen

    def _draw(self, item: OperationRow, width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
        return drawing.row_line(item, width, self.house.now(), self.language, chosen=chosen)

    def show_frame(self) -> None:
        """Also the titles."""
        super().show_frame()
        self.query_one("#heading", Strap).show(drawing.heading(self.app.size.width, self.language))

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other lines."""
        super().on_resize(event)
        self.rows.repaint()

    def reload(self) -> None:
        """As many as were looked at so far."""
        limit = self._limit
        self.ask("operations", lambda desk: OperationsLoaded(*desk.operations(limit=limit)))

    def on_operations_loaded(self, message: OperationsLoaded) -> None:
        """Draw them."""
        self._operations, self._total = tuple(message.rows), message.total
        self._show()

    def _show(self) -> None:
        chosen = self.rows.chosen
        passing = [row for row in self._operations if self._passes(_words_of(row, self.language))]
        empty = "screen.empty.filter" if self._operations else "screen.empty.operations"
        self.rows.say_when_empty(paragraph(self.say(empty), self.app.size.width - 2, "dim", 2))
        self.rows.put_all(passing)
        ids = [row.id for row in passing]
        if chosen is not None and chosen.id in ids:
            self.rows.choose(ids.index(chosen.id))
        self.show_frame()

    def on_rows_moved(self) -> None:
        """Near the end: ask for older ones."""
        rows = self.rows
        if len(self._operations) < self._total and rows.cursor >= rows.total - rows.size.height:
            self._limit = len(self._operations) + _STEP
            self.reload()

    def act_open(self) -> None:
        """A page of its own."""
        if (row := self.rows.chosen) is not None:
            self.app.push_screen(OperationScreen(row.id))

    def page(self) -> str:
        """Every operation that passes the filter."""
        width, now = max(self.app.size.width, 80), self.house.now()
        passing = (row for row in self._operations if self._passes(_words_of(row, self.language)))
        rows = [drawing.heading(width, self.language)]
        rows += [drawing.row_line(row, width, now, self.language, chosen=False) for row in passing]
        return "\n".join(text_of(row) for row in rows) + "\n"


def _words_of(row: OperationRow, language: str) -> str:
    said = f"{sentences.does(row.kind, language)} {sentences.state(row.state, language)}"
    return f"{row.id} {row.delivery} {row.client} {row.number} {row.target} {row.who} {row.kind} {row.state} {said}"
