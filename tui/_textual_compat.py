"""Everything that leans on Textual's inside. Textual is pinned; this file is read again at every bump."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from functools import partial
from typing import Any

from rich.console import Console
from rich.control import Control
from textual import events
from textual._compositor import ChopsUpdate, Compositor
from textual._time import get_time
from textual.app import App
from textual.filter import Monochrome, NoColor
from textual.widget import Widget


class SteadyApp(App[int]):
    """An app whose keys reach what they were meant for, and whose end never spills what it held."""

    async def on_event(self, event: events.Event) -> None:
        """Remember for each key which widget had the keys when it came."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            event.__dict__["meant_for"] = self._has_keys
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """A key typed ahead goes on to whoever took the keys meanwhile, instead of being an order to the old one.

        Textual hands a burst of keys out before the first of them has done its work (8.2.8, `App.on_event`), so
        that `/` and a word typed at once would run every letter of the word as an action.
        """
        if event.__dict__.get("meant_for", self._has_keys) is not self._has_keys:
            event.stop()
            event.prevent_default()
            again = events.Key(event.key, event.character)
            again.time = event.time  # when it was pressed
            self.post_message(again)

    def end_on_signals(self) -> None:
        """A hang-up or an order to end leaves the terminal as it was found, and says by which signal."""
        for name in ("SIGHUP", "SIGTERM"):
            number = getattr(signal, name, None)
            if number is not None:
                with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows; not the main thread
                    end = partial(self.exit, return_code=128 + number)
                    asyncio.get_running_loop().add_signal_handler(number, end)

    @property
    def _has_keys(self) -> Widget:
        return self.focused or self.screen

    def _fatal_error(self) -> None:
        """Leave without Textual's own report, which prints every local; whoever ran the app asks `death_of`."""
        self._close_messages_no_wait()


class LeanCompositor(Compositor):
    """Sends only the cells that changed.

    Textual cuts a changed line off behind the change, but sends all that stands before it on the line (8.2.8,
    `ChopsUpdate.render_segments`): most of what a list with a percentage at its end would cost.
    """

    def render_partial_update(self) -> ChopsUpdate | None:
        """What changed since the last time."""
        update = super().render_partial_update()
        return None if update is None else _LeanUpdate(update.chops, update.spans, update.chop_ends)


class _LeanUpdate(ChopsUpdate):
    def render_segments(self, console: Console) -> str:
        sequences: list[str] = []
        for y, x1, x2 in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= x2 or end <= x1:
                    continue
                start = max(x, x1)
                sequences.append(Control.move_to(start, y).segment.text)
                sequences.append(strip.crop(start - x, min(end, x2) - x).render(console))
        return "".join(sequences)


def now() -> float:
    """The clock by which Textual dates its events."""
    return get_time()


def death_of(app: App[Any]) -> Exception | None:
    """What ended the app, if something did that it did not catch."""
    return app._exception  # noqa: SLF001


def calm(app: App[Any]) -> None:
    """No animation, whatever the environment says; under NO_COLOR really no colour.

    Textual chooses its filter before our theme is known and falls back to greys (8.2.8, `App.__init__`).
    """
    app.animation_level = "none"
    if app.no_color:
        app._filters = [NoColor() if isinstance(each, Monochrome) else each for each in app._filters]  # noqa: SLF001


def color_system(app: App[Any]) -> str | None:
    """What the terminal can show: `standard` (16), `256`, `truecolor`; None: nothing."""
    return app.console.color_system


def send_to_terminal(app: App[Any], sequence: str) -> None:
    """Writes a control sequence past the screen."""
    driver = app._driver  # noqa: SLF001
    if driver is not None:
        driver.write(sequence)
        driver.flush()
