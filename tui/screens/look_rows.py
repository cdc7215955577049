"""The rows of one table, some at a time; a page for each of them."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from core.errors import Cancelled
from core.model.inside import TableInside
from tui import actions, looking
from tui.desk import RowsInside
from tui.drawing import frame
from tui.drawing import inside as drawing
from tui.inside_words import damage_text
from tui.looking import Hold, Row, RowsRead
from tui.messages import CallFailed
from tui.plain import plain
from tui.screens.look_verify import VerifyScreen
from tui.screens.reading import ReadingScreen
from tui.screens.register import RegisterTab
from tui.widgets.filter_bar import FilterBar
from tui.widgets.spans import Line, text_of
from tui.widgets.strap import Strap

STEP = 200
"""Rows read at a time."""
MOST = 10_000
"""Rows kept; more than that is for an export."""

Numbered = tuple[int, Row]


class LookRowsScreen(RegisterTab[Numbered]):
    """The first rows; more as they come into view. Left and right move the columns, with Shift a screenful."""

    scope: ClassVar[str] = actions.ROWS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "columns(-1)", show=False),
        Binding("right", "columns(1)", show=False),
        Binding("shift+left", "columns_page(-1)", show=False),
        Binding("shift+right", "columns_page(1)", show=False),
    ]

    def __init__(self, hold: Hold, table: TableInside, crumb: str) -> None:
        super().__init__()
        self._hold = hold
        self._table = table
        self._crumb = crumb
        self._reader: RowsInside | None = None
        self._read: list[Row] = []
        self._cells: list[int] = drawing.widths(table.columns, ())
        self._first = 0
        self._asked = False
        self._over = False
        self._damaged = 0

    def body(self) -> ComposeResult:
        """Titles and rows."""
        yield Strap(id="heading")
        yield from super().body()

    @property
    def place(self) -> str:
        """In the header."""
        return self._crumb

    def second_line(self) -> Line:
        """The crumb; which columns are in view, and of how many rows this is."""
        key = "inside.loaded.all" if self._over else "inside.loaded"
        told = self.say(key, count=len(self._read)) if self._read or self._over else ""
        last = self._view[-1][0] + 1
        if len(self._view) < len(self._cells):
            where = self.say("inside.columns", first=self._first + 1, last=last, total=len(self._cells))
            told = f"{where}  {told}"
        return drawing.crumb(self._crumb, plain(self._table.full_name), told, self.app.size.width)

    def show_frame(self) -> None:
        """Also the titles."""
        super().show_frame()
        heading = drawing.row_heading(self._table.columns, self._cells, self._first, self.app.size.width)
        self.query_one("#heading", Strap).show(heading)

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other columns."""
        super().on_resize(event)
        self.rows.repaint()

    @property
    def _view(self) -> list[tuple[int, int]]:
        return drawing.placed(self._cells, self._first, self.app.size.width)

    def _draw(self, item: Numbered, width: int, chosen: bool) -> Line:  # noqa: ARG002, FBT001 - the signature of Draw
        return drawing.row_line(*item, self._table.columns, self._view, chosen=chosen)

    def reload(self) -> None:
        """The first rows, once."""
        if not self._read and not self._over:
            self.rows.say_when_empty(drawing.refusal(self.say("inside.loading"), "", self.app.size.width))
            self._more()

    def _more(self) -> None:
        if self._asked or self._over:
            return
        if len(self._read) >= MOST:
            words = {"delivery": self._hold.delivery, "table": plain(self._table.full_name)}
            self.notice.note(self.say("inside.enough", count=MOST, **words))
            return
        self._asked = True
        self.ask("rows", lambda _desk: self._next())

    def _next(self) -> RowsRead:
        """In a thread."""
        if self._reader is None:
            self._reader = self._hold.seen.reader(self._table)
        return looking.read(self._hold, self._reader, STEP)

    def on_rows_read(self, message: RowsRead) -> None:
        """Below the others."""
        self._asked = False
        self._over = message.over
        self._read += message.rows
        if len(self._read) == len(message.rows):
            self._cells = drawing.widths(self._table.columns, self._read)
        self.rows.say_when_empty(drawing.refusal(self.say("inside.no-rows"), "", self.app.size.width))
        self._show()
        own = [each for each in message.damage if each.table in ("", self._table.full_name)]
        if len(own) > self._damaged:
            self._damaged = len(own)
            more = self.say("inside.more", count=len(own) - 1) if len(own) > 1 else ""
            self.notice.bad(damage_text(own[0], self.language), more)

    def on_call_failed(self, message: CallFailed) -> None:
        """A refusal stands where the rows would."""
        message.stop()
        message.prevent_default()  # Textual would call the handler of every class
        self._asked = False
        if isinstance(message.error, Cancelled):
            return
        self._over = True
        what = frame.trouble(message.error, self.language, message.log)
        if self._read:
            self.notice.bad(*what)
        else:
            self.rows.say_when_empty(drawing.refusal(*what, self.app.size.width))
            self.show_frame()

    def _show(self) -> None:
        if self._words:
            self.rows.say_when_empty(drawing.refusal(self.say("inside.filter.none"), "", self.app.size.width))
        numbered = enumerate(self._read, 1)
        self.rows.put_all([each for each in numbered if not self._words or self._passes(_words_of(each[1]))])
        self.show_frame()

    def on_rows_moved(self) -> None:
        """Near the end: read on."""
        super().on_rows_moved()
        rows = self.rows
        if rows.cursor >= rows.total - rows.size.height:
            self._more()

    def action_columns(self, count: int) -> None:
        """Other columns come into view."""
        last, room = self._view[-1]
        whole = last == len(self._cells) - 1 and room >= self._cells[last]
        self._first = max(0, min(self._first + (0 if count > 0 and whole else count), len(self._cells) - 1))
        self.show_frame()
        self.rows.repaint()

    def action_columns_page(self, count: int) -> None:
        """The next columns that fit, or those before: a ledger has two hundred."""
        if count > 0:
            self.action_columns(self._view[-1][0] - self._first or 1)
            return
        first = self._first
        while self._first and drawing.placed(self._cells, self._first - 1, self.app.size.width)[-1][0] >= first:
            self._first -= 1
        self.action_columns(-1 if self._first == first else 0)

    def act_open(self) -> None:
        """One row, every column whole."""
        if (chosen := self.rows.chosen) is not None:
            number, row = chosen
            name = f"{plain(self._table.full_name)} · {self.say('inside.row', number=number)}"
            page = ReadingScreen(name, self._crumb, lambda _, width: drawing.record_page(self._table, row, width))
            self.app.push_screen(page)

    def act_verify(self) -> None:
        """Check everything of the database."""
        self.app.push_screen(VerifyScreen(self._hold, self.say("inside.verify"), self._crumb))

    def act_back(self) -> None:
        """The message, the filter, then the tables."""
        if not self.notice.clear() and not self.query_one(FilterBar).clear_filter():
            self.dismiss(None)

    def page(self) -> str:
        """The rows in view, every column of them."""
        view, columns = list(enumerate(self._cells)), self._table.columns
        heading = drawing.row_heading(columns, self._cells, 0, sum(self._cells) + 3 * len(self._cells) + 10)
        lines = [drawing.row_line(*each, columns, view, chosen=False) for _, each in self.rows.held]
        return "\n".join(text_of(each) for each in (heading, *lines)) + "\n"

    @property
    def page_name(self) -> str:
        """Named after the table."""
        safe = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in self._table.full_name)
        return f"wissel-{self._hold.delivery}-{safe}"


def _words_of(row: Row) -> str:
    return " ".join(each for each in row if each is not None)
