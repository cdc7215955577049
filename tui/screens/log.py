"""Tab 4: the custody log, newest first, older lines as they come into view."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from core.model import CustodyLine
from tui import actions
from tui.drawing.custody import custody_line, sentence, time_cells
from tui.messages import CustodyLoaded, DeliveryLoaded
from tui.screens.delivery import DeliveryScreen
from tui.screens.register import RegisterTab
from tui.widgets.spans import Line, Span

_STEP = 200


class LogScreen(RegisterTab[CustodyLine]):
    """Who did what to which delivery, and what came of it."""

    scope: ClassVar[str] = actions.LOG

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[CustodyLine] = []
        self._at_cells = 7
        self._more = True
        self._asked = False

    def _draw(self, item: CustodyLine, width: int, chosen: bool) -> Line:  # noqa: ARG002, FBT001 - the signature of Draw
        mark = Span("▌" if chosen else " ", "accent")
        return (mark, *custody_line(item, self.house.now(), self.language, self._at_cells))

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
            if self._passes(" ".join(names)):
                yield entry

    def on_rows_moved(self) -> None:
        """Near the end: ask for older lines."""
        super().on_rows_moved()
        rows = self.rows
        if self._more and not self._asked and self._entries and rows.cursor >= rows.total - rows.size.height:
            self._asked = True
            last = self._entries[-1].seq
            self.ask("custody", lambda desk: CustodyLoaded(tuple(desk.custody(_STEP, before=last)), older=True))

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
