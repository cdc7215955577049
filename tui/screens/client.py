"""One client: what is noted of it, and everything that happened to its administrations."""

from __future__ import annotations

from core.model import Client
from tui.drawing.custody import timeline
from tui.drawing.plan import titled
from tui.drawing.registers import client_page
from tui.messages import CustodyLoaded
from tui.plain import plain
from tui.screens.reading import ReadingScreen
from tui.widgets.spans import BLANK, Line

_MOST = 1000


class ClientScreen(ReadingScreen):
    """Draws what the list knew at once, and the timeline when it is loaded."""

    def __init__(self, client: Client, crumb: str) -> None:
        self._client = client
        self._loaded: CustodyLoaded | None = None
        super().__init__(plain(client.code), crumb, self._page)

    def _page(self, language: str, width: int) -> list[Line]:
        lines = client_page(self._client, language, width)
        if self._loaded is not None:
            lines += [BLANK, *titled("screen.timeline", language, width)]
            lines += timeline(self._loaded.lines, self.house.now(), language, width)
        return lines

    def reload(self) -> None:
        """The newest lines of its log."""
        code = self._client.code
        self.ask("custody", lambda desk: CustodyLoaded(tuple(desk.custody(_MOST, client=code))))

    def on_custody_loaded(self, message: CustodyLoaded) -> None:
        """Draw them."""
        self._loaded = message
        self.show(self._page)
