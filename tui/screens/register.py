"""A tab that lists a register: lines, a status, and a filter of plain words."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar

from textual.app import ComposeResult

from tui import actions
from tui.drawing import frame
from tui.screens.stage import Stage
from tui.widgets.filter_bar import FilterBar
from tui.widgets.rows import Rows
from tui.widgets.spans import Line
from tui.widgets.strap import Strap

Item = TypeVar("Item")


class RegisterTab(Stage, Generic[Item]):
    """The lines of one register; a subclass says what they are."""

    DEFAULT_CSS = """
    RegisterTab Rows { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._words: list[str] = []

    def body(self) -> ComposeResult:
        """The lines."""
        yield Rows(self._draw, id="rows")

    def foot(self) -> ComposeResult:
        """Status, or the filter while it is typed."""
        yield Strap(id="status")
        yield FilterBar()

    @property
    def rows(self) -> Rows[Item]:
        """The list."""
        return self.query_one("#rows", Rows)

    @abstractmethod
    def _draw(self, item: Item, width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
        """One line."""

    @abstractmethod
    def _show(self) -> None:
        """Put what passes the filter into the list."""

    def _passes(self, text: str) -> bool:
        """Does a line with these words stand under the filter? `!word` leaves out."""
        words = text.casefold()
        return all((word[1:] not in words) if word[:1] == "!" else (word in words) for word in self._words)

    def on_mount(self) -> None:
        """The list has the keys."""
        super().on_mount()
        self.rows.focus()

    def show_frame(self) -> None:
        """Also the status."""
        super().show_frame()
        rows, width = self.rows, self.app.size.width
        text = " ".join(self._words)
        self.query_one("#status", Strap).show(
            frame.status(self.house.facts, text, rows.cursor + 1, rows.total, width),
        )

    def on_rows_moved(self) -> None:
        """The status follows."""
        self.show_frame()

    def on_filter_bar_filtered(self, message: FilterBar.Filtered) -> None:
        """Only the lines with these words."""
        self._words = message.text.casefold().split()
        self._show()

    def on_filter_bar_closed(self) -> None:
        """Back to the list."""
        self.rows.focus()

    def act_filter(self) -> None:
        """Type a filter."""
        self.query_one(FilterBar).open()

    def act_back(self) -> None:
        """The message, the filter, then the inbox."""
        if not self.notice.clear() and not self.query_one(FilterBar).clear_filter():
            self.app.switch_screen(actions.DELIVERIES)
