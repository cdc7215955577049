"""Tab 5: the clients, and a page for each."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from core.model import Client
from tui import actions
from tui.drawing import registers
from tui.messages import ClientsLoaded
from tui.screens.client import ClientScreen
from tui.screens.register import RegisterTab
from tui.widgets.spans import Line, text_of
from tui.widgets.strap import Strap


class ClientsScreen(RegisterTab[Client]):
    """What the register says of the clients."""

    scope: ClassVar[str] = actions.CLIENTS

    def __init__(self) -> None:
        super().__init__()
        self._clients: tuple[Client, ...] = ()

    def body(self) -> ComposeResult:
        """Titles and lines."""
        yield Strap(id="heading")
        yield from super().body()

    def _draw(self, item: Client, width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
        return registers.client_line(item, width, chosen=chosen)

    def show_frame(self) -> None:
        """Also the titles."""
        super().show_frame()
        self.query_one("#heading", Strap).show(registers.client_heading(self.app.size.width, self.language))

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other lines."""
        super().on_resize(event)
        self.rows.repaint()

    def reload(self) -> None:
        """All of them: there are as many as a firm has clients."""
        self.ask("clients", lambda desk: ClientsLoaded(tuple(desk.clients())))

    def on_clients_loaded(self, message: ClientsLoaded) -> None:
        """Draw them."""
        self._clients = message.clients
        self._show()

    def _show(self) -> None:
        chosen = self.rows.chosen
        passing = self._passing()
        self.rows.put_all(passing)
        codes = [client.code for client in passing]
        if chosen is not None and chosen.code in codes:
            self.rows.choose(codes.index(chosen.code))
        self.show_frame()

    def _passing(self) -> list[Client]:
        return [client for client in self._clients if self._passes(_words_of(client))]

    def act_open(self) -> None:
        """A page of its own."""
        client = self.rows.chosen
        if client is None:
            return
        self.app.push_screen(ClientScreen(client, self.say("screen.tab.clients")))

    def page(self) -> str:
        """Every client that passes the filter."""
        width = max(self.app.size.width, 80)
        rows = [registers.client_heading(width, self.language)]
        rows += [
            registers.client_line(client, width, chosen=False)
            for client in self._clients
            if self._passes(_words_of(client))
        ]
        return "\n".join(text_of(row) for row in rows) + "\n"


def _words_of(client: Client) -> str:
    numbers = " ".join(f"{each.number} {each.name}" for each in client.administrations)
    return f"{client.code} {client.name} {numbers}"
