"""The inbox: the list of deliveries and the pane of the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.timer import Timer

from core.model import DeliveryDetail, DeliveryRow
from tui import actions
from tui.drawing import frame, listing
from tui.messages import DeliveryChanged, DeliveryLoaded, PageLoaded
from tui.screens.delivery import DeliveryScreen
from tui.screens.fetching import window
from tui.screens.side import Side
from tui.screens.work import Work
from tui.widgets.filter_bar import FilterBar
from tui.widgets.rows import Rows
from tui.widgets.spans import Line, paragraph
from tui.widgets.strap import Strap

NARROW, WIDE = 80, 120
_LIST_LEAST = 81
_DETAIL_PAUSE = 0.06
"""Seconds the cursor rests before the pane follows: a held key draws only the list."""


class DeliveriesScreen(Work):
    """Tab 1."""

    scope: ClassVar[str] = actions.DELIVERIES
    DEFAULT_CSS = """
    DeliveriesScreen #body { layout: vertical; height: 1fr; }
    DeliveriesScreen #list-side { height: 1fr; width: 100%; }
    DeliveriesScreen Rows { height: 1fr; }
    DeliveriesScreen #pane-side { height: 10; width: 100%; }
    DeliveriesScreen #body.-wide { layout: horizontal; }
    DeliveriesScreen #body.-wide #list-side { height: 100%; }
    DeliveriesScreen #body.-wide #pane-side {
        width: 1fr; height: 100%; border-left: solid $w-line; padding: 0 0 0 1;
    }
    DeliveriesScreen #body.-narrow #pane-side { display: none; }
    DeliveriesScreen #body.-zoom-list #pane-side { display: none; }
    DeliveriesScreen #body.-zoom-list #list-side { width: 100%; }
    DeliveriesScreen #body.-zoom-pane #list-side { display: none; }
    DeliveriesScreen #body.-zoom-pane #pane-side { display: block; width: 100%; height: 100%; border-left: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.filter_text = ""
        self._ticket = 0
        self._wanted: str | None = None
        self._fresh = False
        self._from_top = False
        self._detail: DeliveryDetail | None = None
        self._timer: Timer | None = None
        self._id_cells = 6

    def body(self) -> ComposeResult:
        """List and pane."""
        with Container(id="body"):
            with Vertical(id="list-side"):
                yield Strap(id="heading")
                yield Rows(self._draw, id="rows")
            yield Side()

    def foot(self) -> ComposeResult:
        """Status, or the filter while it is typed."""
        yield Strap(id="status")
        yield FilterBar()

    @property
    def rows(self) -> Rows[DeliveryRow]:
        """The list."""
        return self.query_one("#rows", Rows)

    @property
    def selected(self) -> DeliveryRow | None:
        """Under the cursor."""
        return self.rows.chosen

    @property
    def detail(self) -> DeliveryDetail | None:
        """The selected delivery, when it is loaded."""
        chosen = self.selected
        return self._detail if self._detail and chosen and self._detail.row.id == chosen.id else None

    def _shape(self, width: int) -> listing.Columns:
        names = [len(target.name) for target in self.house.facts.targets]
        return listing.columns(width, max(names, default=6), self._id_cells)

    def _draw(self, row: DeliveryRow, width: int, chosen: bool) -> Line:  # noqa: FBT001 - the signature of Draw
        return listing.row_line(row, self._shape(width), self.language, chosen=chosen)

    def on_mount(self) -> None:
        """The list has the keys."""
        super().on_mount()
        self.rows.focus()

    def on_resize(self, event: events.Resize) -> None:
        """One pane, list over pane, or side by side."""
        super().on_resize(event)
        self._arrange()
        self.call_after_refresh(self.show_body)

    def _arrange(self) -> None:
        width, height = self.app.size
        body = self.query_one("#body")
        wide = width >= WIDE
        body.set_class(width < NARROW, "-narrow")
        body.set_class(wide, "-wide")
        zoomed = body.has_class("-zoom-list") or body.has_class("-zoom-pane")
        list_width = max(_LIST_LEAST, width * 3 // 5)
        self.query_one("#list-side").styles.width = list_width if wide and not zoomed else "100%"
        pane = self.query_one("#pane-side")
        pane.styles.height = "100%" if wide or zoomed else max(10, height * 2 // 5)

    def show_frame(self) -> None:
        """Also the column titles and the status."""
        super().show_frame()
        self._show_status()

    def _show_status(self) -> None:
        rows = self.rows
        row = frame.status(self.house.facts, self.filter_text, rows.cursor + 1, rows.total, self.app.size.width)
        self.query_one("#status", Strap).show(row)

    def show_body(self) -> None:
        """Column titles and pane at the widths of now."""
        if not self.house.facts.opened:
            return
        width = self.rows.size.width or self.app.size.width
        self.query_one("#heading", Strap).show(listing.heading(self._shape(width), self.language))
        self._show_pane()

    def _show_pane(self) -> None:
        self.query_one(Side).show(self.detail, self.house.facts, self.house.now())

    def _empty(self) -> list[Line]:
        key = "screen.empty.filter" if self.filter_text else "screen.empty.inbox"
        return paragraph(self.say(key), self.rows.size.width - 2, "dim", 2)

    def reload(self) -> None:
        """What is in view again, and stay at the same delivery."""
        self.show_body()
        seek = self.selected.id if self.selected else self._wanted
        self._fetch(self.rows.offsets, seek)

    def _fetch(self, offsets: list[int], seek: str | None) -> None:
        self._ticket += 1
        self._fresh = False
        ticket, text = self._ticket, self.filter_text
        for place, offset in enumerate(offsets):
            sought = seek if not place else None
            self.ask("list", lambda desk, at=offset, one=sought: window(desk, ticket, text, at, one))  # type: ignore[misc]

    def on_rows_wanted(self, message: Rows.Wanted) -> None:
        """A window that is not here yet."""
        ticket, text, offset = self._ticket, self.filter_text, message.offset
        self.ask("list", lambda desk: window(desk, ticket, text, offset, None))

    def on_page_loaded(self, message: PageLoaded) -> None:
        """Put it in its place, unless the question changed meanwhile."""
        if message.ticket != self._ticket:
            return
        rows = self.rows
        if not self._fresh:
            self._fresh = True
            rows.forget()
        self._make_room(message.rows)
        rows.say_when_empty(self._empty())
        rows.put(message.offset, message.rows, message.total)
        place = 0 if self._from_top and message.found_at is None else message.found_at
        self._from_top = False
        if place is not None and place != rows.cursor:
            rows.choose(place)
        self.house.facts = self.house.facts.but(total=message.everything)
        self.show_frame()
        self._want_detail()

    def on_rows_moved(self) -> None:
        """Another delivery was chosen: the pane follows when the cursor rests."""
        if self.selected is not None:
            self._wanted = self.selected.id
        self.notice.clear()
        self._show_status()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_DETAIL_PAUSE, self._want_detail)

    def _want_detail(self) -> None:
        row = self.selected
        if row is None:
            self._show_pane()
            return
        self.ask("delivery", lambda desk: DeliveryLoaded(desk.delivery(row.id)))

    def on_delivery_loaded(self, message: DeliveryLoaded) -> None:
        """Draw it, if it is still the chosen one."""
        row = self.selected
        if row is not None and row.id == message.detail.row.id:
            self._detail = message.detail
            self._show_pane()
            super().show_frame()

    def on_delivery_changed(self, message: DeliveryChanged) -> None:
        """Say what came of it, then look again."""
        self.announce(message)
        self._wanted = message.detail.row.id
        self.reload()

    def keep_filter(self, text: str) -> None:
        """The filter of the last time."""
        self.filter_text = text
        self.query_one(FilterBar).keep(text)

    def _make_room(self, rows: Sequence[DeliveryRow]) -> None:
        cells = max((len(row.id) for row in rows), default=0)
        if cells > self._id_cells:
            self._id_cells = cells
            self.show_body()
            self.rows.repaint()

    def on_filter_bar_filtered(self, message: FilterBar.Filtered) -> None:
        """Other deliveries; the one that was chosen stays chosen if it is among them."""
        self.filter_text = message.text
        self._from_top = True
        self._fetch([0], self._wanted)

    def on_filter_bar_closed(self) -> None:
        """Back to the list."""
        self.rows.focus()

    def on_descendant_focus(self) -> None:
        """The title shows which side has the keys."""
        self.query_one(Side).show_title()

    def act_filter(self) -> None:
        """Type a filter."""
        self.query_one(FilterBar).open()

    def act_back(self) -> None:
        """The message, the zoom, the filter: one at a time."""
        if self.notice.clear():
            return
        body = self.query_one("#body")
        if body.has_class("-zoom-list") or body.has_class("-zoom-pane"):
            self.act_zoom()
        elif not self.query_one(FilterBar).clear_filter():
            self.rows.focus()

    def act_open(self) -> None:
        """A page of its own."""
        if self.selected is not None:
            self.app.push_screen(DeliveryScreen(self.selected, self.detail, self.say("screen.tab.list")))

    def act_pane(self) -> None:
        """Log or verdict in the pane."""
        side = self.query_one(Side)
        side.log_shown = not side.log_shown
        self._show_pane()

    def act_zoom(self) -> None:
        """The side that has the keys gets the whole screen, or gives it back."""
        body = self.query_one("#body")
        if body.has_class("-zoom-list") or body.has_class("-zoom-pane"):
            body.remove_class("-zoom-list", "-zoom-pane")
        else:
            body.add_class("-zoom-pane" if self.query_one("#pane").has_focus else "-zoom-list")
        self._arrange()
        self.call_after_refresh(self.show_body)

    def page(self) -> str:
        """The chosen delivery, whole whatever the pane has room for; the list when there is none."""
        if self.detail is None:
            return self.rows.text
        return self.query_one(Side).text(self.detail, self.house.facts, self.house.now())

    @property
    def page_name(self) -> str:
        """Named after the delivery."""
        return f"wissel-{self.selected.id}" if self.selected else super().page_name
