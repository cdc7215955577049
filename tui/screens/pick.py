"""Choose one of a list that shrinks while typing: clients, facts, and the palette of all actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from core.texts import say
from tui.screens.dialog import Dialog
from tui.widgets.paper import Paper
from tui.widgets.rows import Rows
from tui.widgets.spans import Line, Span, fit, line, paragraph
from tui.widgets.strap import Strap

_MOST_ROWS = 16
_AROUND = 8
"""Lines of the dialog that are not choices."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line: what it gives, how it looks, the words it is found by, why it is off, if it is, and what to know."""

    value: str
    shown: Line
    words: str
    off: str | None = None
    note: str = ""


class PickScreen(Dialog[str]):
    """Gives the value of the choice."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "step(1)", show=False, priority=True),
        Binding("up", "step(-1)", show=False, priority=True),
        Binding("pagedown", "step(8)", show=False, priority=True),
        Binding("pageup", "step(-8)", show=False, priority=True),
    ]

    roomy = False

    def __init__(self, title: str, choices: list[Choice], empty: str, language: str, *, notes: int = 0) -> None:
        super().__init__(title, say("screen.pick.keys", language))
        self._notes = notes
        self._language = language
        self._choices = choices
        self._empty = empty

    def inside(self) -> ComposeResult:
        """A line to type in, the list, and a line for reasons."""
        field = Input(id="pick", compact=True)
        field.cursor_blink = False
        yield field
        rows: Rows[Choice] = Rows(self._draw, id="choices")
        rows.can_focus = False
        yield rows
        if self._notes:
            notes = Paper(id="notes")
            notes.can_focus = False
            notes.styles.height = self._notes
            yield notes
        yield Strap(id="reason")

    @property
    def rows(self) -> Rows[Choice]:
        """The list."""
        return self.query_one("#choices", Rows)

    def _counted(self, place: int, total: int) -> str:
        return say("screen.of", self._language, place=place, total=total)

    def _draw(self, choice: Choice, width: int, chosen: bool) -> Line:  # noqa: ARG002, FBT001 - the signature of Draw
        mark = Span("▌" if chosen else " ", "accent")
        shown = choice.shown if choice.off is None else tuple(Span(span.text, "dim") for span in choice.shown)
        return (mark, *shown)

    def on_mount(self) -> None:
        """Everything, to begin with."""
        # As high as the choices, in a screen of any height.
        room = max(self.app.size.height - _AROUND, 3)
        self.rows.styles.height = max(min(len(self._choices), _MOST_ROWS, room), 1)
        self._filter("")
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Fewer, or more again."""
        event.stop()
        self._filter(event.value)

    def _filter(self, text: str) -> None:
        wanted = text.casefold().split()
        fitting = [each for each in self._choices if all(word in each.words.casefold() for word in wanted)]
        self.rows.put_all(fitting)
        self.rows.choose(0)
        self._explain()

    def _explain(self) -> None:
        chosen = self.rows.chosen
        text = self._empty if chosen is None else (chosen.off or "")
        if self._notes:
            notes = self.query_one("#notes", Paper)
            said = text or (chosen.note if chosen else "")
            ink = "conditional" if text else "dim"
            notes.show(paragraph(said, max(self.rows.size.width, 20), ink), keep_place=False)
            text = ""
        rows, reason = self.rows, self.query_one("#reason", Strap)
        hidden = rows.total > rows.size.height > 0
        place = self._counted(rows.cursor + 1, rows.total) if hidden else ""
        room = max(reason.size.width - cell_len(place), 0)
        reason.show(line(Span(fit(text, room), "conditional"), Span(place, "dim")))

    def on_resize(self) -> None:
        """Now it is known how many can be seen."""
        self.call_after_refresh(self._explain)

    def on_rows_moved(self) -> None:
        """Another line: another reason."""
        self._explain()

    def action_step(self, count: int) -> None:
        """Some lines down."""
        self.rows.action_move(count)
        self._explain()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes the chosen one, unless it is off."""
        event.stop()
        self._take()

    def on_click(self, event: events.Click) -> None:
        """A second click on the chosen line takes it."""
        if event.widget is self.rows and event.chain > 1:
            self._take()

    def _take(self) -> None:
        chosen = self.rows.chosen
        if chosen is not None and chosen.off is None:
            self.dismiss(chosen.value)
