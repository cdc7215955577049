"""Tab 3: what is with us, whose and since when; and what went back but still stands at a target."""

from __future__ import annotations

from typing import ClassVar

from core.model import Held
from tui import actions
from tui.drawing import held as drawing
from tui.messages import DeliveryLoaded, HeldLoaded
from tui.screens.delivery import DeliveryScreen
from tui.screens.ordering import Ordering
from tui.screens.register import HeadedTab
from tui.widgets.spans import Line


class HeldScreen(HeadedTab[Held], Ordering):
    """What is out with us comes first, the longest first."""

    scope: ClassVar[str] = actions.HELD
    empty: ClassVar[str] = "screen.empty.held"

    @property
    def held(self) -> Held | None:
        """Under the cursor."""
        return self.rows.chosen

    def _heading(self, width: int) -> Line:
        return drawing.heading(width, self.language)

    def _draw(self, item: Held, width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
        return drawing.row_line(item, width, self.house.now(), self.language, chosen=chosen)

    def _key(self, item: Held) -> str:
        return item.delivery

    def _words_of(self, item: Held) -> str:
        words = (item.client, item.client_name, item.number, item.name, item.target, item.delivery, item.operation)
        return " ".join(words)

    def reload(self) -> None:
        """All of them."""
        self.ask("held", lambda desk: HeldLoaded(desk.held()))

    def on_held_loaded(self, message: HeldLoaded) -> None:
        """Draw them."""
        self.put(sorted(message.held, key=lambda each: (each.returned_at is not None, each.since)))

    def act_open(self) -> None:
        """The delivery, with its operations and its log."""
        if (chosen := self.rows.chosen) is not None:
            self.ask("delivery", lambda desk: DeliveryLoaded(desk.delivery(chosen.delivery)))

    def on_delivery_loaded(self, message: DeliveryLoaded) -> None:
        """On a page of its own."""
        if self.on_top:
            self.app.push_screen(DeliveryScreen(message.detail.row, message.detail, self.say("screen.tab.held")))
