"""Tab 2: the operations, newest first, older ones as they come into view."""

from __future__ import annotations

from typing import ClassVar

from core.model import OperationRow
from tui import actions
from tui.drawing import operations as drawing
from tui.messages import OperationsLoaded
from tui.screens.operation import OperationScreen
from tui.screens.ordering import Ordering
from tui.screens.register import HeadedTab
from tui.verbs import sentences
from tui.widgets.spans import Line

_STEP = 200


class OperationsScreen(HeadedTab[OperationRow], Ordering):
    """What was ordered and how it stands."""

    scope: ClassVar[str] = actions.OPERATIONS
    empty: ClassVar[str] = "screen.empty.operations"

    def __init__(self) -> None:
        super().__init__()
        self._limit = _STEP
        self._total = 0

    @property
    def operation(self) -> OperationRow | None:
        """Under the cursor."""
        return self.rows.chosen

    def _heading(self, width: int) -> Line:
        return drawing.heading(width, self.language)

    def _draw(self, item: OperationRow, width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
        return drawing.row_line(item, width, self.house.now(), self.language, chosen=chosen)

    def _key(self, item: OperationRow) -> str:
        return item.id

    def _words_of(self, item: OperationRow) -> str:
        said = f"{sentences.does(item.kind, self.language)} {sentences.state(item.state, self.language)}"
        names = f"{item.id} {item.delivery} {item.client} {item.number} {item.target} {item.who}"
        return f"{names} {item.kind} {item.state} {said}"

    def reload(self) -> None:
        """As many as were looked at so far."""
        limit = self._limit
        self.ask("operations", lambda desk: OperationsLoaded(*desk.operations(limit=limit)))

    def on_operations_loaded(self, message: OperationsLoaded) -> None:
        """Draw them."""
        self._total = message.total
        self.put(tuple(message.rows))

    def on_rows_moved(self) -> None:
        """Near the end: ask for older ones."""
        rows = self.rows
        if len(self._items) < self._total and rows.cursor >= rows.total - rows.size.height:
            self._limit = len(self._items) + _STEP
            self.reload()

    def act_open(self) -> None:
        """A page of its own."""
        if (row := self.rows.chosen) is not None:
            self.app.push_screen(OperationScreen(row.id))
