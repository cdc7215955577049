"""A list of any length: only a window of it is held, only the lines that changed are redrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar, cast

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.inked import changed, strip_of
from tui.widgets.spans import BLANK, Line, text_of

PAGE = 100
_PAGES_HELD = 12

Item = TypeVar("Item")
Draw = Callable[[Item, int, bool], Line]
"""Item, width in cells, chosen or not -> its line."""


class Rows(ScrollView, Generic[Item], can_focus=True):
    """Items in windows of `PAGE`. Whoever owns it answers `Wanted` with `put`."""

    DEFAULT_CSS = """
    Rows {
        background: $w-ground; color: $w-text; scrollbar-size-vertical: 0; scrollbar-size-horizontal: 0;
        overflow-x: hidden;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("pagedown,space", "leaf(1)", show=False),
        Binding("pageup", "leaf(-1)", show=False),
        Binding("home,g", "to(0)", show=False),
        Binding("end,G", "to(1)", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The operator chose another line."""

        rows: Rows[object]

        @property
        def control(self) -> Rows[object]:
            """Whose line."""
            return self.rows

        def can_replace(self, message: Message) -> bool:
            """Only the last one counts."""
            return isinstance(message, Rows.Moved) and message.rows is self.rows

    @dataclass
    class Wanted(Message):
        """The window from `offset` is needed."""

        rows: Rows[object]
        offset: int

        @property
        def control(self) -> Rows[object]:
            """Whose window."""
            return self.rows

    def __init__(self, draw: Draw[Item], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._draw = draw
        self._pages: dict[int, Sequence[Item]] = {}
        self._asked: set[int] = set()
        self._empty: Sequence[Line] = ()
        self.total = 0
        self.cursor = 0

    def item(self, index: int) -> Item | None:
        """The item there, when its window is here."""
        page = self._pages.get(index // PAGE, ())
        return page[index % PAGE] if index >= 0 and index % PAGE < len(page) else None

    @property
    def chosen(self) -> Item | None:
        """The item under the cursor."""
        return self.item(self.cursor)

    @property
    def held(self) -> list[tuple[int, Item]]:
        """Everything here, with its place."""
        return [
            (number * PAGE + place, item)
            for number in sorted(self._pages)
            for place, item in enumerate(self._pages[number])
        ]

    @property
    def text(self) -> str:
        """The lines in view, bare."""
        seen = (self._line(self.scroll_offset.y + y) for y in range(self.size.height))
        return "\n".join(text_of(row) for row in seen).rstrip()

    @property
    def offsets(self) -> list[int]:
        """First places of the windows in view."""
        top = self.scroll_offset.y
        last = max(min(top + self.size.height, self.total) - 1, top)
        return [number * PAGE for number in range(top // PAGE, last // PAGE + 1)]

    def put(self, offset: int, items: Sequence[Item], total: int) -> None:
        """This is the window from `offset`; there are `total` items now."""
        before = self._view()
        self._asked.discard(offset)
        self._pages[offset // PAGE] = items
        while len(self._pages) > _PAGES_HELD:
            here = self.scroll_offset.y // PAGE
            del self._pages[max(self._pages, key=lambda number: abs(number - here))]
        if total != self.total:
            self.total = total
            self.virtual_size = Size(self.size.width, total)
        self._place(min(self.cursor, max(total - 1, 0)))
        self._redraw(before)

    def put_all(self, items: Sequence[Item]) -> None:
        """These are all the items."""
        before = self._view()
        self._pages = {at // PAGE: items[at : at + PAGE] for at in range(0, len(items), PAGE)}
        self.total = len(items)
        self.virtual_size = Size(self.size.width, self.total)
        self._place(min(self.cursor, max(self.total - 1, 0)))
        self._redraw(before)

    def say_when_empty(self, lines: Sequence[Line]) -> None:
        """This stands there when there is no item."""
        if lines != self._empty:
            self._empty = lines
            self.refresh()

    def forget(self) -> None:
        """Other items are coming: what is in view stays until they do."""
        seen = {offset // PAGE for offset in self.offsets}
        self._pages = {number: page for number, page in self._pages.items() if number in seen}
        self._asked.clear()

    def repaint(self) -> None:
        """Draw everything in view again."""
        self.refresh()

    def choose(self, index: int, *, by_hand: bool = False) -> None:
        """Put the cursor there; `Moved` tells only of what the operator did."""
        before = self._view()
        moved = self._place(max(0, min(index, self.total - 1)))
        self._redraw(before)
        if moved and by_hand:
            self.post_message(self.Moved(cast("Rows[object]", self)))
        self._ask()

    def _place(self, index: int) -> bool:
        moved, self.cursor = index != self.cursor, index
        top, height = self.scroll_offset.y, max(self.size.height, 1)
        if index < top:
            top = index if index < top - 1 else max(index - height // 2, 0)
        elif index >= top + height:
            top = index - height // 2
        top = max(min(top, self.total - height), 0)
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)
        return moved

    def _ask(self) -> None:
        for offset in self.offsets:
            if offset // PAGE not in self._pages and offset not in self._asked:
                self._asked.add(offset)
                self.post_message(self.Wanted(cast("Rows[object]", self), offset))

    def _line(self, index: int) -> Line:
        if not self.total and index < len(self._empty):
            return self._empty[index]
        item = self.item(index) if index < self.total else None
        if item is None:
            return BLANK if index >= self.total else ()
        return self._draw(item, self.size.width, index == self.cursor)

    def _view(self) -> tuple[int, int, list[Line]]:
        top = self.scroll_offset.y
        return top, self.cursor, [self._line(top + y) for y in range(self.size.height)]

    def _redraw(self, before: tuple[int, int, list[Line]]) -> None:
        top, cursor, lines = before
        if top != self.scroll_offset.y or len(lines) != self.size.height:
            return
        for y, old in enumerate(lines):
            new = self._line(top + y)
            chosen = cursor != self.cursor and top + y in (cursor, self.cursor)
            if chosen:
                self.refresh_line(top + y)
            elif region := changed(old, new, y, self.size.width):
                self.refresh(region)

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        index = self.scroll_offset.y + y
        return strip_of(self, self._line(index), self.size.width, chosen=index == self.cursor and index < self.total)

    def on_resize(self, _event: events.Resize) -> None:
        """Keep the cursor in view."""
        self.virtual_size = Size(self.size.width, self.total)
        self._place(self.cursor)
        self._ask()

    def action_move(self, count: int) -> None:
        """Some lines down."""
        self.choose(self.cursor + count, by_hand=True)

    def action_leaf(self, count: int) -> None:
        """Some pages down."""
        self.choose(self.cursor + count * max(self.size.height - 1, 1), by_hand=True)

    def action_to(self, end: int) -> None:
        """To the first line, or the last."""
        self.choose((self.total - 1) * end, by_hand=True)

    def on_click(self, event: events.Click) -> None:
        """The mouse may point, too."""
        self.choose(self.scroll_offset.y + event.y, by_hand=True)
