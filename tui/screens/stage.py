"""The frame of every full screen: header, tabs, body, notice, status, keys."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from core.model import DeliveryRow, Held, OperationRow
from core.texts import say
from tui._textual_compat import LeanCompositor
from tui.actions import Context
from tui.drawing import frame
from tui.house import Call, House
from tui.messages import CallFailed, FileWritten
from tui.widgets.notice import Notice
from tui.widgets.paper import Paper
from tui.widgets.spans import Line
from tui.widgets.strap import Strap
from tui.wording import when


class Stage(Screen[None]):
    """A full screen. What it can do are its `act_<id>` methods, one for each action it has."""

    DEFAULT_CSS = """
    Stage { background: $w-ground; color: $w-text; layout: vertical; }
    Stage #top { height: 1; }
    Stage #header { background: $w-panel; width: 1fr; }
    Stage #clock { background: $w-panel; width: 8; }
    Stage #keys { background: $w-panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = None
    scope: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = LeanCompositor()

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        with Horizontal(id="top"):
            yield Strap(id="header")
            yield Strap(id="clock")
        yield Strap(id="tabs")
        yield from self.body()
        yield Notice()
        yield from self.foot()
        yield Strap(id="keys")

    def body(self) -> ComposeResult:
        """What the screen is about."""
        yield from ()

    def foot(self) -> ComposeResult:
        """Between the notice and the keys."""
        yield Strap(id="status")

    @property
    def house(self) -> House:
        """The app."""
        return cast("House", self.app)

    @property
    def language(self) -> str:
        """Of the office."""
        return self.house.facts.language

    @property
    def notice(self) -> Notice:
        """Where to say something."""
        return self.query_one(Notice)

    @property
    def selected(self) -> DeliveryRow | None:
        """The delivery that actions are about."""
        return None

    @property
    def operation(self) -> OperationRow | None:
        """The operation that actions are about: the one that is open on the selected delivery."""
        return self.selected.operation if self.selected is not None else None

    @property
    def held(self) -> Held | None:
        """The administration at a target that actions are about."""
        return None

    @property
    def context(self) -> Context:
        """What decides whether an action can be done."""
        facts = self.house.facts
        return Context(facts.read_only, self.selected, facts.worker_alive, self.operation, self.held)

    @property
    def place(self) -> str:
        """Where we are, when it is not a tab."""
        return ""

    def say(self, key: str, /, **params: object) -> str:
        """A sentence in the office's language."""
        return say(key, self.language, **params)

    def ask(self, what: str, call: Call) -> None:
        """An errand whose answer comes to this screen."""
        self.house.errand(what, call, self)

    @property
    def on_top(self) -> bool:
        """Do the keys come here? Textual calls a page under a dialog current, too."""
        return self.app.screen is self

    @property
    def ready(self) -> bool:
        """Is there something to draw on yet?"""
        return bool(self.query("#header"))

    def show_frame(self) -> None:
        """Draw everything around the body from the facts of now."""
        facts = self.house.facts
        width = self.app.size.width
        self.query_one("#header", Strap).show(self.first_line(width - frame.CLOCK_CELLS))
        self.query_one("#clock", Strap).show(frame.clock(self.house.now()))
        self._show_second()
        self.query_one("#keys", Strap).show(frame.keys(facts, self.scope, self.context, width))

    def _show_second(self) -> None:
        below = sum(paper.below for paper in self.query("#page").results(Paper))
        row = frame.with_below(self.second_line(), below, self.app.size.width, self.language)
        self.query_one("#tabs", Strap).show(row)

    def on_paper_below(self) -> None:
        """More to read, or less."""
        self._show_second()

    def first_line(self, width: int) -> Line:
        """The header."""
        return frame.header(self.house.facts, width, self.place)

    def second_line(self) -> Line:
        """Under the header."""
        return frame.tabs(self.house.facts, self.scope, self.app.size.width)

    def reload(self) -> None:
        """The register changed, or we come back here."""

    def page(self) -> str:
        """The page as plain text, to copy or to write."""
        return ""

    @property
    def page_name(self) -> str:
        """A file name for it, without suffix."""
        return f"wissel-{self.scope}"

    def on_mount(self) -> None:
        """First paint."""
        self.show_frame()

    def on_screen_resume(self) -> None:
        """Back here, or here for the first time."""
        self.show_frame()
        if self.house.facts.opened:
            self.reload()

    def on_resize(self, _event: events.Resize) -> None:
        """Other widths, other lines."""
        self.show_frame()

    def on_call_failed(self, message: CallFailed) -> None:
        """Say it and live on."""
        message.stop()
        self.notice.bad(*frame.trouble(message.error, self.language, message.log))

    def on_file_written(self, message: FileWritten) -> None:
        """Tell its name."""
        self.notice.good(self.say("screen.written", name=message.name))

    def since(self, left_at: datetime, counts: list[str]) -> str:
        """What happened since the operator left."""
        moment = when(left_at, self.house.now(), self.language)
        return self.say("screen.since", at=moment, what=", ".join(counts))
