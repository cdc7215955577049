"""What the app itself does for an action: tabs, palette, help, copy, write, quit."""

from __future__ import annotations

import os

from core.model import Plan
from tui import actions, messages
from tui.export import write_page
from tui.house import House
from tui.opening import count_leaving, start_worker
from tui.screens.box import BoxScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.palette import palette
from tui.screens.stage import Stage
from tui.widgets.spans import Span, line


class Routes(House):
    """One `act_<id>` for each action that no screen has for itself."""

    folder: str = "."
    """Where pages are written."""
    _leaving = False
    _missed = False
    """The worker went away while somebody looked."""
    view = ""
    """The tab and the filter that the operator left at: `log`, `deliveries state:warn`."""

    @property
    def stage(self) -> Stage:
        """The uppermost full screen."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, Stage))

    @property
    def staged(self) -> bool:
        """Is there a full screen to draw on? Not while one is being made, nor while the app closes."""
        return any(isinstance(screen, Stage) for screen in self.screen_stack) and self.stage.ready

    def action_act(self, name: str) -> None:
        """Do an action of the registry."""
        raise NotImplementedError

    def _go(self, scope: str) -> None:
        while len(self.screen_stack) > 2:  # Textual's own blank screen and the tab
            self.pop_screen()
        if self.stage.scope != scope:
            self.switch_screen(scope)

    def show_plan(self, plan: Plan) -> None:
        """Lay a plan over what is shown."""
        from tui.screens.plan import PlanScreen

        self.push_screen(PlanScreen(plan))

    def act_list(self) -> None:
        """Tab 1."""
        self._go(actions.DELIVERIES)

    def act_operations(self) -> None:
        """Tab 2."""
        self._go(actions.OPERATIONS)

    def act_held(self) -> None:
        """Tab 3."""
        self._go(actions.HELD)

    def act_log(self) -> None:
        """Tab 4."""
        self._go(actions.LOG)

    def act_clients(self) -> None:
        """Tab 5."""
        self._go(actions.CLIENTS)

    def act_targets(self) -> None:
        """Tab 6."""
        self._go(actions.TARGETS)

    def act_refresh(self) -> None:
        """Now, not at the next change."""
        self.stage.reload()

    def act_palette(self) -> None:
        """Choose an action, then do it."""
        stage = self.stage
        dialog = palette(stage.scope, stage.context, self.facts.language)
        self.push_screen(dialog, lambda name: self.action_act(name) if name else None)

    def act_help(self) -> None:
        """About what is selected; in the help itself: back."""
        from tui.screens.helping import HelpScreen

        if isinstance(self.stage, HelpScreen):
            self.stage.act_back()
        else:
            self.push_screen(HelpScreen(self.stage))

    def act_look(self) -> None:
        """Into the selected delivery."""
        from tui.screens.look import LookScreen

        if (row := self.stage.selected) is not None:
            self.push_screen(LookScreen(row, self.stage.say("screen.tab.list")))

    def act_check(self) -> None:
        """Ask for the checks, then show them."""
        from tui.screens.checks import ChecksScreen

        self.push_screen(ChecksScreen(self.stage.say("action.check"), self.stage.say("screen.tab.list")))

    def act_copy(self) -> None:
        """Show the page as text and send it to the terminal."""
        stage = self.stage
        self.push_screen(BoxScreen(stage.page(), self.facts.language), lambda wish: self.act_write() if wish else None)

    def act_write(self) -> None:
        """The page to a file."""
        stage, folder = self.stage, os.path.abspath(self.folder)
        text, name = stage.page(), stage.page_name
        self.errand("write", lambda _desk: messages.FileWritten(write_page(folder, name, text)), stage)

    def act_worker(self) -> None:
        """Start it."""
        self.errand("worker", start_worker, self)

    def tell_of_worker(self) -> None:
        """It went, or it is back. In production somebody may have stopped it on purpose: the operator decides.

        A practice office's worker only rests when nothing happens; as long as somebody looks, it is woken.
        """
        stage, missed, self._missed = self.stage, self._missed, not self.facts.worker_alive
        if missed and self.facts.worker_alive:
            stage.notice.good(stage.say("screen.worker.back"))
        elif not self.facts.worker_alive and self.facts.practice and not self.facts.read_only:
            self.errand("worker", start_worker, self)
        elif not self.facts.worker_alive:
            what = "screen.worker.do.read-only" if self.facts.read_only else "screen.worker.do"
            stage.notice.bad(stage.say("screen.worker.gone"), stage.say(what))

    def on_worker_started(self) -> None:
        """It was asked to start; the header shows when it runs."""
        self.stage.notice.note(self.stage.say("screen.worker.started"))

    async def go_where(self, view: str) -> None:
        """To the tab and the filter that the operator left at."""
        from tui.screens.deliveries import DeliveriesScreen

        scope, _, text = view.partition(" ")
        if text and isinstance(self.stage, DeliveriesScreen):
            self.stage.keep_filter(text)
        if scope in actions.TABS and scope != self.stage.scope:
            await self.switch_screen(scope)

    def depart(self) -> None:
        """Remember where we are, and leave."""
        from tui.screens.deliveries import DeliveriesScreen

        tab = next((screen for screen in self.screen_stack if isinstance(screen, Stage)), None)
        inbox = self.get_screen(actions.DELIVERIES)
        text = inbox.filter_text if isinstance(inbox, DeliveriesScreen) else ""
        self.view = f"{tab.scope if tab else ''} {text}".rstrip()
        self.exit(0)

    def act_quit(self) -> None:
        """At once, unless something goes on; the second time in any case."""
        if self.desk is None:
            self.exit(0)
        elif self._leaving:
            self.depart()
        else:
            self._leaving = True
            self.errand("leave", count_leaving, self)

    def on_leaving_counted(self, message: messages.LeavingCounted) -> None:
        """Say what goes on without this screen."""
        self._leaving = False
        arriving, reading, operations = message.arriving, message.reading, message.operations
        if not arriving + reading + operations:
            self.depart()
            return
        stage = self.stage
        going = []
        if operations:
            going.append(line(Span(stage.say("screen.quit.operations", count=operations), "strong")))
        if arriving + reading:
            going.append(line(Span(stage.say("screen.quit.going", arriving=arriving, reading=reading))))
        after = "screen.quit.worker" if self.facts.worker_alive else "screen.quit.no-worker"
        dialog = ConfirmScreen(
            stage.say("screen.quit.title"),
            [*going, line(Span(stage.say(after), "dim"))],
            back=stage.say("screen.quit.stay"),
            go=stage.say("screen.quit.go"),
            hint=stage.say("screen.confirm.hint.quit"),
        )
        self.push_screen(dialog, lambda go: self.depart() if go else None)
