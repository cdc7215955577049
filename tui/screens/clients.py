"""Tab 5: the clients, and a page for each."""

from __future__ import annotations

from typing import ClassVar

from core.model import Client
from tui import actions
from tui.drawing import registers
from tui.messages import ClientsLoaded
from tui.screens.client import ClientScreen
from tui.screens.register import HeadedTab
from tui.widgets.spans import Line


class ClientsScreen(HeadedTab[Client]):
    """What the register says of the clients."""

    scope: ClassVar[str] = actions.CLIENTS

    def _heading(self, width: int) -> Line:
        return registers.client_heading(width, self.language)

    def _draw(self, item: Client, width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
        return registers.client_line(item, width, chosen=chosen)

    def _key(self, item: Client) -> str:
        return item.code

    def _words_of(self, item: Client) -> str:
        numbers = " ".join(f"{each.number} {each.name}" for each in item.administrations)
        return f"{item.code} {item.name} {numbers}"

    def reload(self) -> None:
        """All of them: there are as many as a firm has clients."""
        self.ask("clients", lambda desk: ClientsLoaded(tuple(desk.clients())))

    def on_clients_loaded(self, message: ClientsLoaded) -> None:
        """Draw them."""
        self.put(message.clients)

    def act_open(self) -> None:
        """A page of its own."""
        client = self.rows.chosen
        if client is None:
            return
        self.app.push_screen(ClientScreen(client, self.say("screen.tab.clients")))
