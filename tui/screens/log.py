"""Tab 4: the custody log, newest first, older lines as they come into view."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult

from core.model import CustodyLine
from tui import actions
from tui.drawing import frame
from tui.drawing.custody import custody_line, sentence, time_cells
from tui.messages import CustodyLoaded, DeliveryLoaded
from tui.screens.delivery import DeliveryScreen
from tui.screens.stage import Stage
from tui.widgets.filter_bar import FilterBar
from tui.widgets.rows import Rows
from tui.widgets.spans import Line, Span
from tui.widgets.strap import Strap

_STEP = 200


class LogScreen(Stage):
    """Who did what to which delivery, and what came of it."""

    scope: ClassVar[str] = actions.LOG
    DEFAULT_CSS = """
    LogScreen Rows { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[CustodyLine] = []
        self._words: list[str] = []
        self._at_cells = 7
        self._more = True
        self._asked = False

    def body(self) -> ComposeResult:
        """The lines."""
        yield Rows(self._draw, id="rows")

    def foot(self) -> ComposeResult:
        """Status, or the filter while it is typed."""
        yield Strap(id="status")
        yield FilterBar()

    @property
    def rows(self) -> Rows[CustodyLine]:
        """The list."""
        return self.query_one("#rows", Rows)

    def _draw(self, entry: CustodyLine, _width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
        mark = Span("▌" if chosen else " ", "accent")
        return (mark, *custody_line(entry, self.house.now(), self.language, self._at_cells))

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

    def reload(self) -> None:
        """The newest lines."""
        self.ask("custody", lambda desk: CustodyLoaded(tuple(desk.custody(_STEP))))

    def on_custody_loaded(self, message: CustodyLoaded) -> None:
        """Newer lines go on top, older ones below."""
        self._asked = False
        chosen = self.rows.chosen
        if message.older:
            self._more = len(message.lines) >= _STEP
            self._entries += message.lines
        else:
            newest = self._entries[0].seq if self._entries else -1
            fresh = [entry for entry in message.lines if entry.seq > newest]
            gap = self._entries and len(fresh) == len(message.lines)
            self._entries = list(message.lines) if gap or not self._entries else [*fresh, *self._entries]
        self._at_cells = time_cells(self._entries, self.house.now(), self.language)
        self._show()
        if chosen is not None:
            places = (place for place, item in self.rows.held if item.seq == chosen.seq)
            self.rows.choose(next(places, self.rows.cursor))

    def _show(self) -> None:
        self.rows.put_all(list(self._passing(self._entries)))
        self.show_frame()

    def _passing(self, entries: Iterable[CustodyLine]) -> Iterable[CustodyLine]:
        for entry in entries:
            names = (entry.delivery or "", entry.client or "", entry.who, sentence(entry, self.language))
            words = " ".join(names).casefold()
            if all((word[1:] not in words) if word[:1] == "!" else (word in words) for word in self._words):
                yield entry

    def on_rows_moved(self) -> None:
        """Near the end: ask for older lines."""
        self.show_frame()
        rows = self.rows
        if self._more and not self._asked and self._entries and rows.cursor >= rows.total - rows.size.height:
            self._asked = True
            last = self._entries[-1].seq
            self.ask("custody", lambda desk: CustodyLoaded(tuple(desk.custody(_STEP, before=last)), older=True))

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

    def act_open(self) -> None:
        """The delivery that the line is about."""
        name = self.rows.chosen.delivery if self.rows.chosen else None
        if name:
            self.ask("delivery", lambda desk: DeliveryLoaded(desk.delivery(name)))

    def on_delivery_loaded(self, message: DeliveryLoaded) -> None:
        """On a page of its own."""
        self.app.push_screen(DeliveryScreen(message.detail.row, message.detail, self.say("screen.tab.log")))

    def page(self) -> str:
        """Every line that passes the filter."""
        now = self.house.now()
        rows = (custody_line(entry, now, self.language, self._at_cells) for entry in self._passing(self._entries))
        return "\n".join("".join(span.text for span in row).strip() for row in rows) + "\n"
