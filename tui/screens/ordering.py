"""The actions that order something: each asks what it must, then shows the plan. Nothing starts without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.model import Kind, OperationState, Order
from core.office import entry_file
from tui.actions import Context
from tui.desk import Desk
from tui.drawing import frame
from tui.drawing.operation import title
from tui.drawing.stopping import stopping, too_late
from tui.messages import CallFailed, CancelAsked, OperationTold, PlanMade, TargetsAsked
from tui.screens.ask import AskScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.restoring import colleagues_ask, logins, not_isolated, one_way, target_pick
from tui.screens.stage import Stage
from tui.widgets.spans import Span, line

if TYPE_CHECKING:
    from core.model import DeliveryDetail


class Ordering(Stage):
    """What can be ordered for the delivery, or the operation, that is selected."""

    _entry: tuple[str, str] | None = None
    """Delivery and path of the entry file that is being planned, until it is known that it was understood."""

    def make_plan(self, order: Order) -> None:
        """On live facts; `PlanMade` or `CallFailed` comes back."""
        self.notice.note(self.say("screen.planning"))
        self.ask("plan", lambda desk: PlanMade(desk.plan(order)))

    def on_plan_made(self, message: PlanMade) -> None:
        """Show it, unless the operator went elsewhere, or opened something, meanwhile."""
        self._entry = None
        self.notice.clear()
        if self.on_top:
            self.house.show_plan(message.plan)

    def act_restore(self) -> None:
        """Everything known of it now, to choose a target for it."""
        delivery = self.context.delivery
        if delivery is not None:
            self.ask("restore", lambda desk: TargetsAsked(desk.delivery(delivery)))

    def on_targets_asked(self, message: TargetsAsked) -> None:
        """Choose one."""
        detail = message.detail

        def chosen(target: str | None) -> None:
            if target is not None:
                self._ask_colleagues(detail, target)

        if self.on_top:
            self.app.push_screen(target_pick(detail, self.house.facts.targets, self.language), chosen)

    def _ask_colleagues(self, detail: DeliveryDetail, target: str) -> None:
        def typed(text: str | None) -> None:
            if text is not None:
                order = Order(
                    Kind.RESTORE, detail.row.id, target, logins(text),
                    one_way=one_way(detail, target), not_isolated=not_isolated(detail, target),
                )  # fmt: skip
                self.make_plan(order)

        self.app.push_screen(colleagues_ask(detail.row.id, self.language), typed)

    def act_correct(self) -> None:
        """Ask for the file with the entries."""
        delivery = self.context.delivery
        if delivery is not None:
            self._ask_entry(delivery)

    def _ask_entry(self, delivery: str, path: str = "", wrong: str = "") -> None:
        def typed(path: str | None) -> None:
            if path:
                self._entry = (delivery, path)
                self.notice.note(self.say("screen.planning"))
                self.ask("plan", lambda desk: _of_file(desk, delivery, path))

        title = self.say("screen.entry.title", delivery=delivery)
        hint, keys = self.say("screen.entry.hint"), self.say("screen.entry.keys")
        self.app.push_screen(AskScreen(title, hint, keys, value=path, wrong=wrong), typed)

    def on_call_failed(self, message: CallFailed) -> None:
        """A file that cannot be read or understood is asked for again, as it was typed."""
        message.stop()
        message.prevent_default()  # Textual would call the handler of every class
        entry, self._entry = self._entry, None
        if entry is not None and message.what == "plan" and self.on_top:
            self.notice.clear()
            self._ask_entry(*entry, wrong=" ".join(frame.trouble(message.error, self.language, message.log)))
        else:
            super().on_call_failed(message)

    def act_return(self) -> None:
        """Plan it."""
        self._plan(Kind.RETURN)

    def act_set_aside(self) -> None:
        """Plan it."""
        self._plan(Kind.SET_ASIDE)

    def act_reverse(self) -> None:
        """The correction that is open on the screen, else the last one that stands."""
        context = self.context
        alone = context.selected is None and context.held is None
        self._plan(Kind.REVERSE, context.operation.id if alone and context.operation else "")

    def act_reopen(self) -> None:
        """Plan it: what is with us is set aside first."""
        self._plan(Kind.REOPEN)

    def _plan(self, kind: Kind, operation: str = "") -> None:
        delivery = self.context.delivery
        if delivery is not None:
            self.make_plan(Order(kind, delivery, operation=operation))

    def act_cancel(self) -> None:
        """How it stands now, to say what a cancel would mean."""
        row = self.context.operation
        if row is not None:
            self.ask("cancel", lambda desk: CancelAsked(desk.operation(row.id)))

    def on_cancel_asked(self, message: CancelAsked) -> None:
        """Say what happens, then wait for a capital Y."""
        detail = message.detail
        if detail.row.state.over or too_late(detail):
            key = "action.off.operation-over" if detail.row.state.over else "screen.cancel.too-late"
            self.notice.off(f"{self.say('action.cancel')}: {self.say(key)}")
            return
        if not self.on_top:
            return
        operation = detail.row.id
        dialog = ConfirmScreen(
            self.say("screen.cancel.title"),
            [line(Span(title(detail.row, self.language), "strong")), (), *stopping(detail, self.language)],
            back=self.say("screen.cancel.back"),
            go=self.say("screen.cancel.go"),
            hint=self.say("screen.cancel.hint"),
        )

        def answered(go: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if go:
                self.notice.note(self.say("screen.waiting"))
                self.ask("cancel", lambda desk: _cancelled(desk, operation))

        self.app.push_screen(dialog, answered)

    def on_operation_told(self, message: OperationTold) -> None:
        """Say how it stands, then look again."""
        row = message.detail.row
        stopped = row.state is OperationState.CANCELLED
        what = "cancelled" if stopped else message.action
        self.notice.good(self.say(f"screen.told.{what}", operation=row.id))
        self.reload()


def standing(context: Context) -> bool:
    """Does the delivery stand at a target? Then to reopen it takes a plan."""
    return context.held is not None or (context.selected is not None and context.selected.held_at is not None)


def _of_file(desk: Desk, delivery: str, path: str) -> PlanMade:
    from os.path import abspath, expanduser

    text, name = entry_file(abspath(expanduser(path)))  # what is not there is named with the folder it was sought in
    return PlanMade(desk.plan(Order(Kind.CORRECT, delivery, entry=text, entry_name=name)))


def _cancelled(desk: Desk, operation: str) -> OperationTold:
    desk.cancel(operation)
    return OperationTold("cancel", desk.operation(operation))
