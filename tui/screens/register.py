"""A tab that lists a register: lines, a status, and a filter of plain words."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult

from tui import actions
from tui.drawing import frame
from tui.screens.stage import Stage
from tui.widgets.filter_bar import FilterBar
from tui.widgets.rows import Rows
from tui.widgets.spans import Line, paragraph, text_of
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


class HeadedTab(RegisterTab[Item]):
    """A register under titles, all of it held here; a subclass says what an item is called and how it is found."""

    empty: ClassVar[str] = ""
    """Text for a register without any line; none: it shows nothing then."""

    def __init__(self) -> None:
        super().__init__()
        self._items: Sequence[Item] = ()

    def body(self) -> ComposeResult:
        """Titles and lines."""
        yield Strap(id="heading")
        yield from super().body()

    @abstractmethod
    def _heading(self, width: int) -> Line:
        """The titles."""

    @abstractmethod
    def _key(self, item: Item) -> str:
        """What an item is known by: the choice stays on it when the list is read again."""

    @abstractmethod
    def _words_of(self, item: Item) -> str:
        """What the filter looks into."""

    def show_frame(self) -> None:
        """Also the titles."""
        super().show_frame()
        self.query_one("#heading", Strap).show(self._heading(self.app.size.width))

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other lines."""
        super().on_resize(event)
        self.rows.repaint()

    def put(self, items: Sequence[Item]) -> None:
        """Draw these."""
        self._items = items
        self._show()

    def _show(self) -> None:
        chosen, passing = self.rows.chosen, self._passing()
        if self.empty:
            empty = "screen.empty.filter" if self._items else self.empty
            self.rows.say_when_empty(paragraph(self.say(empty), self.app.size.width - 2, "dim", 2))
        self.rows.put_all(passing)
        keys = [self._key(each) for each in passing]
        if chosen is not None and self._key(chosen) in keys:
            self.rows.choose(keys.index(self._key(chosen)))
        self.show_frame()

    def _passing(self) -> list[Item]:
        return [each for each in self._items if self._passes(self._words_of(each))]

    def page(self) -> str:
        """Every line that passes the filter."""
        width = max(self.app.size.width, 80)
        rows = [self._heading(width), *(self._draw(each, width, chosen=False) for each in self._passing())]
        return "\n".join(text_of(row) for row in rows) + "\n"
