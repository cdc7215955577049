"""Tab 5: the clients, and a page for each."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from core.model import Client
from tui import actions
from tui.drawing import frame, registers
from tui.messages import ClientsLoaded
from tui.plain import plain
from tui.screens.reading import ReadingScreen
from tui.screens.stage import Stage
from tui.widgets.filter_bar import FilterBar
from tui.widgets.rows import Rows
from tui.widgets.spans import Line, text_of
from tui.widgets.strap import Strap


class ClientsScreen(Stage):
    """What the register says of the clients."""

    scope: ClassVar[str] = actions.CLIENTS
    DEFAULT_CSS = """
    ClientsScreen Rows { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._clients: tuple[Client, ...] = ()
        self._words: list[str] = []

    def body(self) -> ComposeResult:
        """Titles and lines."""
        yield Strap(id="heading")
        yield Rows(self._draw, id="rows")

    def foot(self) -> ComposeResult:
        """Status, or the filter while it is typed."""
        yield Strap(id="status")
        yield FilterBar()

    @property
    def rows(self) -> Rows[Client]:
        """The list."""
        return self.query_one("#rows", Rows)

    def _draw(self, client: Client, width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
        return registers.client_line(client, width, chosen=chosen)

    def on_mount(self) -> None:
        """The list has the keys."""
        super().on_mount()
        self.rows.focus()

    def show_frame(self) -> None:
        """Also titles and status."""
        super().show_frame()
        facts, rows, width = self.house.facts, self.rows, self.app.size.width
        text = " ".join(self._words)
        self.query_one("#heading", Strap).show(registers.client_heading(width, self.language))
        self.query_one("#status", Strap).show(frame.status(facts, text, rows.cursor + 1, rows.total, width))

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
        passing = [client for client in self._clients if self._passes(client)]
        self.rows.put_all(passing)
        codes = [client.code for client in passing]
        if chosen is not None and chosen.code in codes:
            self.rows.choose(codes.index(chosen.code))
        self.show_frame()

    def _passes(self, client: Client) -> bool:
        numbers = " ".join(f"{each.number} {each.name}" for each in client.administrations)
        words = f"{client.code} {client.name} {numbers}".casefold()
        return all((word[1:] not in words) if word[:1] == "!" else (word in words) for word in self._words)

    def on_rows_moved(self) -> None:
        """The status follows."""
        self.show_frame()

    def on_filter_bar_filtered(self, message: FilterBar.Filtered) -> None:
        """Only the clients with these words."""
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
        """A page of its own."""
        client = self.rows.chosen
        if client is None:
            return
        self.app.push_screen(
            ReadingScreen(
                plain(client.code),
                self.say("screen.tab.clients"),
                lambda language, width: registers.client_page(client, language, width),
            )
        )

    def page(self) -> str:
        """Every client that passes the filter."""
        width = max(self.app.size.width, 80)
        rows = [registers.client_heading(width, self.language)]
        rows += [registers.client_line(client, width, chosen=False) for client in self._clients if self._passes(client)]
        return "\n".join(text_of(row) for row in rows) + "\n"
