"""Look inside: the tables of a delivery's database, counted while they are looked at."""

from __future__ import annotations

from threading import Event
from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from core.errors import Cancelled
from core.model import DeliveryRow
from core.model.inside import TableInside
from tui import actions, looking, wording
from tui.drawing import frame
from tui.drawing import inside as drawing
from tui.looking import Hold, TablesCounted, TablesFound
from tui.messages import CallFailed
from tui.plain import plain
from tui.screens.look_rows import LookRowsScreen
from tui.screens.look_verify import VerifyScreen
from tui.screens.register import RegisterTab
from tui.widgets.filter_bar import FilterBar
from tui.widgets.spans import Line, text_of
from tui.widgets.strap import Strap


class LookScreen(RegisterTab[TableInside]):
    """Opens the sealed original in a thread; Esc stops that, too."""

    scope: ClassVar[str] = actions.LOOK

    def __init__(self, row: DeliveryRow, crumb: str) -> None:
        super().__init__()
        self._row = row
        self._crumb = crumb
        self._hold = Hold(row.id)
        self._tables: dict[int, TableInside] | None = None
        self._busy = False
        """A thread opens it, or counts."""
        self._failed = False
        self._counted: set[int] = set()
        self._pause = Event()

    def body(self) -> ComposeResult:
        """Titles and tables."""
        yield Strap(id="heading")
        yield from super().body()

    @property
    def place(self) -> str:
        """In the header."""
        return plain(self._row.id)

    def second_line(self) -> Line:
        """The crumb, and how far the counting is."""
        told = ""
        if self._tables is not None and self._busy:
            told = self.say("inside.counting", done=len(self._counted), total=len(self._tables))
        name = f"{self._row.id} {plain(self._row.administration_name or '')}".rstrip()
        return drawing.crumb(self._crumb, f"{name} › {self.say('inside.title')}", told, self.app.size.width)

    def show_frame(self) -> None:
        """Also the titles."""
        super().show_frame()
        self.query_one("#heading", Strap).show(drawing.table_heading(self.app.size.width, self.language))

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other lines."""
        super().on_resize(event)
        self.rows.repaint()

    def _draw(self, item: TableInside, width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
        return drawing.table_line(item, width, self.language, chosen=chosen)

    def reload(self) -> None:
        """Open it, once; count on, when we come back here."""
        self._pause.clear()
        if self._busy or self._failed:
            return
        if self._tables is None:
            self._busy = True
            size = wording.size(self._row.size, self.language)
            lines = drawing.refusal(
                self.say("inside.opening", size=size), self.say("inside.opening.esc"), self.app.size.width
            )
            self.rows.say_when_empty(lines)
            self.ask("look", self._hold.open)
        elif left := [each for each in self._tables.values() if each.id not in self._counted]:
            self._busy = True
            self.ask("count", lambda _desk: looking.count(self._hold, left, self._pause.is_set, self))

    def on_screen_suspend(self) -> None:
        """What is on top of this reads rows: no counting meanwhile."""
        self._pause.set()

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._hold.close()

    def on_tables_found(self, message: TablesFound) -> None:
        """Show them, and count."""
        self._busy = False
        self._tables = {table.id: table for table in message.tables}
        self.rows.say_when_empty(drawing.refusal(self.say("inside.none"), "", self.app.size.width))
        self._show()
        if self.app.screen is self:
            self.reload()

    def on_tables_counted(self, message: TablesCounted) -> None:
        """Other numbers at the same lines."""
        if self._tables is None:
            return
        self._tables.update({table.id: table for table in message.tables})
        self._counted |= {table.id for table in message.tables}
        self._busy = not message.over
        self._show()
        if message.over and self.app.screen is self:
            self.reload()

    def on_call_failed(self, message: CallFailed) -> None:
        """A refusal stands where the tables would; it is no mishap."""
        message.stop()
        message.prevent_default()  # Textual would call the handler of every class
        self._busy = False
        if isinstance(message.error, Cancelled):
            return
        if message.what == "look":
            self._failed = True
            what = frame.trouble(message.error, self.language, message.log)
            self.rows.say_when_empty(drawing.refusal(*what, self.app.size.width))
            self.show_frame()
            return
        self._failed = True
        self.notice.bad(*frame.trouble(message.error, self.language, message.log))

    def _show(self) -> None:
        chosen = self.rows.chosen
        if self._tables is None:
            return
        passing = [each for each in self._tables.values() if self._passes(drawing.words_of(each))]
        if self._words:
            self.rows.say_when_empty(drawing.refusal(self.say("inside.filter.none"), "", self.app.size.width))
        self.rows.put_all(passing)
        if chosen is not None:
            places = (place for place, each in enumerate(passing) if each.id == chosen.id)
            self.rows.choose(next(places, self.rows.cursor))
        self.show_frame()

    def act_open(self) -> None:
        """Its rows."""
        table = self.rows.chosen
        if table is not None:
            self.app.push_screen(LookRowsScreen(self._hold, table, plain(self._row.id)))

    def act_verify(self) -> None:
        """Check everything of it."""
        if self._tables is not None:
            self.app.push_screen(VerifyScreen(self._hold, self.say("inside.verify"), plain(self._row.id)))

    def act_refresh(self) -> None:
        """Try it again."""
        self._failed = False
        self.reload()

    def act_back(self) -> None:
        """The message, the filter, then out; what is still opening is stopped."""
        if not self.notice.clear() and not self.query_one(FilterBar).clear_filter():
            self._hold.close()
            self.dismiss(None)

    def page(self) -> str:
        """Every table that passes the filter."""
        width = max(self.app.size.width, 80)
        lines = [drawing.table_heading(width, self.language)]
        lines += [drawing.table_line(each, width, self.language, chosen=False) for _, each in self.rows.held]
        return "\n".join(text_of(each) for each in lines) + "\n"

    @property
    def page_name(self) -> str:
        """Named after the delivery."""
        return f"wissel-{self._row.id}-tables"
