"""The screen: composition and routing. It paints first; the office is opened in a thread after that."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Thread
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.errors import WisselError
from core.texts import say
from tui import actions, messages
from tui._textual_compat import calm, color_system, death_of
from tui.actions import ACTIONS, action
from tui.desk import Desk, OpenOffice
from tui.house import failed, local_now
from tui.opening import feel, open_desk
from tui.routes import Routes
from tui.screens.deliveries import DeliveriesScreen
from tui.theme import DARK, THEMES, choose

_PULSE = 1.0
"""Seconds between two looks at the register's counter."""
_LAST_WORDS = 2.0
"""Seconds that a register which somebody else holds may keep the operator from leaving."""


def _tab(module: str, name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        from importlib import import_module

        screen: Screen[Any] = getattr(import_module(f"tui.screens.{module}"), name)()
        return screen

    return make


class WisselApp(Routes):
    """One operator's screen."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "wissel"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"act('{each.id}')", show=False) for each in ACTIONS if each.key for key in each.key.split(",")
    ]
    SCREENS: ClassVar[dict[str, Callable[[], Screen[Any]]]] = {
        actions.DELIVERIES: DeliveriesScreen,
        actions.OPERATIONS: _tab("operations", "OperationsScreen"),
        actions.HELD: _tab("held", "HeldScreen"),
        actions.LOG: _tab("log", "LogScreen"),
        actions.CLIENTS: _tab("clients", "ClientsScreen"),
        actions.TARGETS: _tab("targets", "TargetsScreen"),
    }

    def __init__(self, open_office: OpenOffice, now: Callable[[], datetime] = local_now, folder: str = ".") -> None:
        super().__init__(now)
        self._open_office = open_office
        self.folder = folder
        self._pulse: int | None = None
        self._feeling = False
        self.refusal: Exception | None = None
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = choose(color_system(self), no_color=self.no_color)
        calm(self)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """So that Textual's own themes work, too."""
        return dict(DARK)

    async def on_mount(self) -> None:
        """Paint, then open the office."""
        self.end_on_signals()
        await self.push_screen(actions.DELIVERIES)
        self.call_after_refresh(self.open)

    def open(self) -> None:
        """In a thread: everything heavy is imported there."""
        self.run_worker(lambda: open_desk(self._open_office, self), thread=True, exit_on_error=False)

    async def on_office_opened(self, message: messages.OfficeOpened) -> None:
        """Now there is something to show."""
        self.desk = message.desk
        self._pulse = message.pulse
        self.facts = self.facts.but(
            language=message.language,
            opened=True,
            read_only=message.read_only,
            practice=message.practice,
            firm_name=message.firm_name,
            targets=message.targets,
            worker_alive=message.worker_alive,
            total=message.total,
            operations=message.counts.operations,
            held=message.counts.held,
        )
        stage = self.stage
        await self.go_where(message.view)
        stage = self.stage
        stage.show_frame()
        stage.reload()
        counts = [say(f"word.since.{what}", message.language, count=count) for what, count in message.since.items()]
        if message.left_at is not None and counts:
            stage.notice.note(stage.since(message.left_at, counts))
        self.set_interval(_PULSE, self.feel)
        self._next_minute()

    def on_office_refused(self, message: messages.OfficeRefused) -> None:
        """Leave; the command line says why."""
        self.refusal = message.error
        self.exit(return_code=message.error.exit_code if isinstance(message.error, WisselError) else 1)

    def feel(self) -> None:
        """Look at the counter, unless the last look is not back yet."""
        if not self._feeling:
            self._feeling = True
            last = self._pulse
            self.errand("pulse", lambda desk: feel(desk, last), self)

    def on_pulse_felt(self, message: messages.PulseFelt) -> None:
        """Only a change is worth a byte."""
        self._feeling = False
        if not self.staged:
            return
        changed = message.pulse != self._pulse
        self._pulse = message.pulse
        if message.counts is not None:
            self.facts = self.facts.but(operations=message.counts.operations, held=message.counts.held)
        if message.worker_alive != self.facts.worker_alive:
            self.facts = self.facts.but(worker_alive=message.worker_alive)
            self.stage.show_frame()
            self.tell_of_worker()
        if changed:
            self.stage.show_frame()
            self.stage.reload()

    def on_call_failed(self, message: messages.CallFailed) -> None:
        """Of the app's own errands: say it where the operator looks."""
        self._feeling = False
        if message.what == "leave":
            self.depart()  # an office that cannot be asked keeps nobody here
        elif self.staged:
            self.stage.on_call_failed(message)

    def _next_minute(self) -> None:
        now = self.now()
        rest = timedelta(minutes=1) - timedelta(seconds=now.second, microseconds=now.microsecond)
        self.set_timer(rest.total_seconds() + 0.05, self._tick)

    def _tick(self) -> None:
        if self.staged:
            self.stage.show_frame()
        self._next_minute()

    def action_act(self, name: str) -> None:
        """Route an action of the registry: the screen has it, or the app, or there is a reason why not."""
        stage, act = self.stage, action(name)
        if not self.facts.opened and name != "quit":
            return
        method = f"act_{name.replace('-', '_')}"
        handler = getattr(stage, method, None) or getattr(self, method, None)
        off = act.enabled(stage.context) if act.applies(stage.scope) and handler else "action.off.not-here"
        if off is not None:
            stage.notice.off(f"{stage.say(act.title_key)}: {stage.say(off)}")
        elif handler is not None:
            try:
                handler()
            except Exception as error:  # noqa: BLE001 - one bad action must not take the screen down
                stage.on_call_failed(failed(name, error))


def run(open_office: OpenOffice) -> int:
    """Shows the screen until the operator leaves; the exit code. Raises what kept the office from opening."""
    app = WisselApp(open_office)
    app.run()
    if app.desk is not None and app.view:
        # Left by hand. The screen is gone: a register that cannot note it now is no reason to fail, or to wait.
        last = Thread(target=_leave, args=(app.desk, app.view), daemon=True)
        last.start()
        last.join(_LAST_WORDS)
    if (error := app.refusal or death_of(app)) is not None:
        raise error
    return app.return_code or 0


def _leave(desk: Desk, view: str) -> None:
    with suppress(Exception):
        desk.leave(view)
