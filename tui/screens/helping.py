"""Help: about the selected delivery, then the keys that work where it was asked for."""

from __future__ import annotations

from core.texts import say
from tui.drawing.helping import help_page
from tui.messages import DeliveryLoaded
from tui.screens.reading import ReadingScreen
from tui.screens.stage import Stage
from tui.widgets.spans import Line


class HelpScreen(ReadingScreen):
    """Draws the keys at once and the rule when the delivery is loaded."""

    def __init__(self, stage: Stage) -> None:
        self._scope_asked = stage.scope
        self._context_asked = stage.context
        title = say("screen.help.title", stage.language)
        super().__init__(title, stage.place or stage.say("screen.tab.list"), self._page)
        self._loaded: DeliveryLoaded | None = None

    def _page(self, language: str, width: int) -> list[Line]:
        detail = self._loaded.detail if self._loaded else None
        return help_page(detail, self._scope_asked, self._context_asked, language, width)

    def reload(self) -> None:
        """The rule that fired may be another one now."""
        row = self._context_asked.selected
        if row is not None:
            self.ask("delivery", lambda desk: DeliveryLoaded(desk.delivery(row.id)))

    def on_delivery_loaded(self, message: DeliveryLoaded) -> None:
        """Now the rule can be explained."""
        self._loaded = message
        self.show(self._page)
