"""The plan: everything that is asked to be agreed with, before anything has changed. Focus is on going back."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from core.model import Consent, Plan
from tui import actions
from tui.drawing import frame
from tui.drawing import plan as drawing
from tui.messages import CallFailed, OperationOrdered, PlanMade
from tui.screens.deliberate import Deliberate
from tui.screens.operation import OperationScreen
from tui.screens.stage import Stage
from tui.widgets.paper import Paper
from tui.widgets.spans import Line, Span, line, text_of
from tui.widgets.strap import Strap

YES = "Y"
_STAY = frozenset(
    {
        *("up", "down", "j", "k", "pageup", "pagedown", "home", "end", "g", "G"),
        *("s", "w", "y", "question_mark", "f1", "f5", "ctrl+p", "shift+y"),
    }
)
"""Keys that read the plan. Every other one goes back."""


class PlanScreen(Deliberate, Stage):
    """Only a capital Y, or the client's code, starts it; and only when it was typed after the plan stood there."""

    scope: ClassVar[str] = actions.PLAN
    DEFAULT_CSS = """
    PlanScreen #page { height: 1fr; }
    PlanScreen #status { display: none; }
    PlanScreen #consent { display: none; height: 1; }
    PlanScreen #consent.-open { display: block; }
    PlanScreen #label { width: 28; }
    PlanScreen #code, PlanScreen #code:focus {
        width: 24; border: none; height: 1; padding: 0 1; background: $w-raised; color: $w-text;
    }
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._statements = False
        self._ordered = False

    def body(self) -> ComposeResult:
        """The plan, how to start it, and two buttons that only show what the keys do."""
        yield Paper(id="page")
        yield Strap(id="how")
        with Horizontal(id="consent"):
            yield Strap(id="label")
            field = Input(id="code", compact=True, select_on_focus=False)
            field.cursor_blink = False
            yield field
        yield Strap(id="buttons")

    @property
    def _typed(self) -> bool:
        return self._plan.consent is Consent.TYPED and self._plan.refusal is None

    @property
    def place(self) -> str:
        """In the header."""
        return drawing.title(self._plan, self.language)

    def first_line(self, width: int) -> Line:
        """What is planned, and that nothing was done."""
        nothing = Span(self.say("screen.plan.nothing-changed"), "yes-strong")
        return frame.headed(self.place, nothing, width)

    def second_line(self) -> Line:
        """On what."""
        return drawing.on_what(self._plan, self.language)

    def on_mount(self) -> None:
        """The page has the keys: Enter goes back."""
        super().on_mount()
        self.query_one(Paper).focus()
        self.query_one("#consent").set_class(self._typed, "-open")
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other lines."""
        super().on_resize(event)
        self._show()

    def _show(self) -> None:
        width = self.app.size.width
        draw = drawing.statements if self._statements else drawing.page
        self.query_one(Paper).show(draw(self._plan, self.language, width))
        back = Span(f"  {self.say('screen.confirm.back')}  ", "badge-accent")
        spans = [Span("  "), back]
        if self._plan.refusal is None:
            how = "screen.plan.go.typed" if self._typed else "screen.plan.go"
            spans += [Span("   "), Span(f"  {self.say(how)}  ", "button")]
        self.query_one("#buttons", Strap).show(tuple(spans))
        self.query_one("#label", Strap).show(line(Span(f"  {self.say('screen.plan.code')}")))
        self._show_how()
        if not self.armed:
            self.arm_soon()

    def _show_how(self) -> None:
        key = "screen.plan.read"
        if self._plan.refusal is not None:
            key = "screen.plan.how.refused"
        elif self.house.facts.read_only:
            key = "screen.plan.how.read-only"
        elif self.armed:
            key = "screen.plan.how.typed" if self._typed else "screen.plan.how"
        self.query_one("#how", Strap).show(line(Span(f"  {self.say(key)}", "text" if self.armed else "dim")))

    def show_armed(self) -> None:
        """Say which key starts."""
        self._show_how()

    def on_key(self, event: events.Key) -> None:
        """Read on, start, or go back; what was typed before the plan stood here does nothing."""
        in_field = self.query_one(Input).has_focus
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.dismiss(None)
        elif not self.meant(event) or self._ordered:
            event.stop()
            event.prevent_default()
        elif event.key in {"tab", "shift+tab"}:
            event.stop()
            event.prevent_default()
            if self._typed:
                self.set_focus(self.query_one(Paper) if in_field else self.query_one(Input))
        elif (not in_field and event.key not in _STAY) or (event.character == YES and not in_field):
            event.stop()
            event.prevent_default()
            self._pressed(event)

    def _pressed(self, event: events.Key) -> None:
        refused = self._plan.refusal is not None or self.house.facts.read_only
        if event.character == YES and not refused and not self._typed:
            self._order(YES)
        elif self._typed and not refused and event.key not in {"enter", "space"}:
            # Somebody begins to type the code: that is no reason to lose the plan.
            self.notice.off(self.say("screen.plan.tab-first"))
        else:
            self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The client's code, in any case; a mistyped one is cleared away."""
        event.stop()
        given = event.value.strip()
        if self._ordered or not given:
            return
        if given.casefold() == self._plan.client.casefold() and self._typed and not self.house.facts.read_only:
            self._order(given)
            return
        event.input.value = ""
        self.notice.off(self.say("screen.plan.mistyped"))

    def _order(self, consent: str) -> None:
        self._ordered = True
        self.notice.note(self.say("screen.waiting"))
        order = self._plan.order
        self.ask("order", lambda desk: OperationOrdered(desk.order(order, consent=consent), order))

    def on_operation_ordered(self, message: OperationOrdered) -> None:
        """From now on it is an operation: its own page comes in the place of the plan."""
        self.app.switch_screen(OperationScreen(message.row.id))

    def on_call_failed(self, message: CallFailed) -> None:
        """It was not ordered: say why, and keep the plan."""
        self._ordered = False
        message.prevent_default()  # Textual would call the handler of every class
        super().on_call_failed(message)

    def act_statements(self) -> None:
        """The exact statements, or the steps again."""
        self._statements = not self._statements
        self._show()
        self.query_one(Paper).action_to(0)

    def act_refresh(self) -> None:
        """Plan it again, on the facts of now."""
        order = self._plan.order
        self.armed = False
        self.ask("plan", lambda desk: PlanMade(desk.plan(order)))

    def on_plan_made(self, message: PlanMade) -> None:
        """This one counts from now on; it is to be read again, too."""
        self._plan = message.plan
        self.armed = False
        self.query_one(Input).value = ""
        self.query_one("#consent").set_class(self._typed, "-open")
        self.show_frame()
        self._show()

    def act_back(self) -> None:
        """Nothing was done."""
        self.dismiss(None)

    def page(self) -> str:
        """The plan as text."""
        nothing = self.say("screen.plan.nothing-changed")
        return f"{self.place} · {nothing}\n{text_of(self.second_line())}\n\n{self.query_one(Paper).text}\n"

    @property
    def page_name(self) -> str:
        """Named after what is planned."""
        order = self._plan.order
        return f"wissel-{order.delivery}-{order.kind}"
