"""Tab 3: what is with us, whose and since when; and what went back but still stands at a target."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from core.model import Held
from tui import actions
from tui.drawing import held as drawing
from tui.messages import DeliveryLoaded, HeldLoaded
from tui.screens.delivery import DeliveryScreen
from tui.screens.ordering import Ordering
from tui.screens.register import RegisterTab
from tui.widgets.spans import Line, paragraph, text_of
from tui.widgets.strap import Strap


class HeldScreen(RegisterTab[Held], Ordering):
    """What is out with us comes first, the longest first."""

    scope: ClassVar[str] = actions.HELD

    def __init__(self) -> None:
        super().__init__()
        self._held: list[Held] = []

    def body(self) -> ComposeResult:
        """Titles and lines."""
        yield Strap(id="heading")
        yield from super().body()

    @property
    def held(self) -> Held | None:
        """Under the cursor."""
        return self.rows.chosen

    def _draw(self, item: Held, width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
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
        """All of them."""
        self.ask("held", lambda desk: HeldLoaded(desk.held()))

    def on_held_loaded(self, message: HeldLoaded) -> None:
        """Draw them."""
        self._held = sorted(message.held, key=lambda each: (each.returned_at is not None, each.since))
        self._show()

    def _show(self) -> None:
        chosen = self.rows.chosen
        passing = [each for each in self._held if self._passes(_words_of(each))]
        empty = "screen.empty.filter" if self._held else "screen.empty.held"
        self.rows.say_when_empty(paragraph(self.say(empty), self.app.size.width - 2, "dim", 2))
        self.rows.put_all(passing)
        places = [each.delivery for each in passing]
        if chosen is not None and chosen.delivery in places:
            self.rows.choose(places.index(chosen.delivery))
        self.show_frame()

    def act_open(self) -> None:
        """The delivery, with its operations and its log."""
        if (chosen := self.rows.chosen) is not None:
            self.ask("delivery", lambda desk: DeliveryLoaded(desk.delivery(chosen.delivery)))

    def on_delivery_loaded(self, message: DeliveryLoaded) -> None:
        """On a page of its own."""
        if self.on_top:
            self.app.push_screen(DeliveryScreen(message.detail.row, message.detail, self.say("screen.tab.held")))

    def page(self) -> str:
        """Every line that passes the filter."""
        width, now = max(self.app.size.width, 80), self.house.now()
        passing = (each for each in self._held if self._passes(_words_of(each)))
        rows = [drawing.heading(width, self.language)]
        rows += [drawing.row_line(each, width, now, self.language, chosen=False) for each in passing]
        return "\n".join(text_of(row) for row in rows) + "\n"


def _words_of(each: Held) -> str:
    return f"{each.client} {each.client_name} {each.number} {each.name} {each.target} {each.delivery} {each.operation}"
