"""One operation on a page of its own: it follows while it runs. Leaving the page touches nothing."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from core.model import OperationDetail, OperationRow, StepState
from tui import actions
from tui.desk import Desk
from tui.drawing import operation as drawing
from tui.messages import OperationLoaded, OperationTold
from tui.plain import plain
from tui.screens.ask import AskScreen
from tui.screens.ordering import Ordering
from tui.verbs import sentences
from tui.widgets.paper import Paper
from tui.widgets.spans import Line, Span, fit, line


class OperationScreen(Ordering):
    """Its steps, or its log."""

    scope: ClassVar[str] = actions.OPERATION
    DEFAULT_CSS = """
    OperationScreen #page { height: 1fr; }
    OperationScreen #status { display: none; }
    """

    def __init__(self, operation: str) -> None:
        super().__init__()
        self._operation_id = operation
        self._detail: OperationDetail | None = None
        self._log_shown = False

    def body(self) -> ComposeResult:
        """The page."""
        yield Paper(id="page")

    @property
    def operation(self) -> OperationRow | None:
        """The one this page is about."""
        return self._detail.row if self._detail else None

    @property
    def place(self) -> str:
        """In the header."""
        return plain(self._operation_id)

    def second_line(self) -> Line:
        """The crumb: where this belongs, and what it is."""
        name = drawing.title(self._detail.row, self.language) if self._detail else plain(self._operation_id)
        crumb = self.say("screen.tab.operations")
        log = f" · {self.say('screen.operation.log')}" if self._log_shown else ""
        room = self.app.size.width - len(crumb) - 4
        return line(Span(f" {crumb} › ", "dim"), Span(fit(name + log, min(room, len(name + log))), "strong"))

    def on_mount(self) -> None:
        """The page has the keys."""
        super().on_mount()
        self.query_one(Paper).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other lines."""
        super().on_resize(event)
        self._show()

    def reload(self) -> None:
        """How it stands now."""
        self.ask("operation", lambda desk: OperationLoaded(desk.operation(self._operation_id)))

    def on_operation_loaded(self, message: OperationLoaded) -> None:
        """Draw it; say so when it ended before one's eyes."""
        ended = self._detail is not None and not self._detail.row.state.over and message.detail.row.state.over
        self._detail = message.detail
        self.show_frame()
        self._show()
        if ended:
            self._tell_end(message.detail.row)

    def _tell_end(self, row: OperationRow) -> None:
        meaning = self.say(f"word.operation-meaning.{row.state}")
        said = sentences.outcome(row, self.language) or meaning
        self.notice.note(f"{row.id} {sentences.does(row.kind, self.language)}: {said}")

    def _show(self) -> None:
        if self._detail is None:
            return
        draw = drawing.log if self._log_shown else drawing.page
        lines = draw(self._detail, self.house.now(), self.language, self.app.size.width)
        self.query_one(Paper).show(lines)

    def act_pane(self) -> None:
        """Its log, or its steps again."""
        self._log_shown = not self._log_shown
        self.show_frame()
        self._show()
        self.query_one(Paper).action_to(1 if self._log_shown else 0)

    def act_answer(self) -> None:
        """Say what was done where it waits for a person."""
        detail = self._detail
        waiting = next((step for step in detail.steps if step.state is StepState.WAITING), None) if detail else None
        if detail is None or waiting is None:
            return
        title = sentences.title(detail.row.kind, waiting, self.language)

        def typed(words: str | None) -> None:
            if words:
                self.notice.note(self.say("screen.waiting"))
                self.ask("answer", lambda desk: _answered(desk, self._operation_id, words))

        hint, keys = self.say("screen.answer.hint"), self.say("screen.answer.keys")
        self.app.push_screen(AskScreen(title, hint, keys), typed)

    def act_back(self) -> None:
        """Up; it goes on by itself."""
        if not self.notice.clear():
            self.dismiss(None)

    def page(self) -> str:
        """The whole page."""
        return f"{self.query_one(Paper).text}\n"

    @property
    def page_name(self) -> str:
        """Named after the operation."""
        return f"wissel-{self._operation_id}"


def _answered(desk: Desk, operation: str, words: str) -> OperationTold:
    desk.answer(operation, words)
    return OperationTold("answer", desk.operation(operation))
