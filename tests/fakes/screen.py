"""The screen on a terminal that is only memory: opened, typed on, read as text."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fakes.desk import FakeDesk
from fakes.samples import NOW
from textual.pilot import Pilot

from tui.app import WisselApp

SMALL, LARGE = (80, 24), (120, 36)
DEADLINE = 20.0
GOLDEN = Path(__file__).parent.parent / "screen" / "golden"
UPDATE = "WISSEL_GOLDEN"
"""Set to `write` to write the golden files anew; look at every one of them afterwards."""


class Stand:
    """An open screen."""

    def __init__(self, app: WisselApp, pilot: Pilot[int], desk: FakeDesk) -> None:
        self.app = app
        self.pilot = pilot
        self.desk = desk

    @property
    def text(self) -> str:
        """What stands on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Let the screen work until the condition holds. Raises AssertionError with the screen at the deadline."""
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, f"never came to it: {what}\n{self.text}"
            await self.pilot.pause()
            await asyncio.sleep(0.005)

    async def shows(self, *parts: str) -> None:
        """Until all of these stand on the screen."""
        await self.until(lambda: all(part in self.text for part in parts), " and ".join(parts))

    async def lacks(self, part: str) -> None:
        """Until this does not stand on the screen."""
        await self.until(lambda: part not in self.text, f"no {part}")

    async def type(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    async def still(self) -> None:
        """Until no errand is under way and the screen does not change any more."""
        await self.app.workers.wait_for_complete()
        await self.until(lambda: getattr(self.app.screen, "armed", True), "a question that can be answered")
        before = ""
        while before != self.text:
            before = self.text
            await asyncio.sleep(0.1)
            await self.app.workers.wait_for_complete()
            await self.pilot.pause()

    async def golden(self, name: str) -> None:
        """The screen is, line by line, the golden file of this name."""
        await self.still()
        path = GOLDEN / f"{name}.txt"
        if os.environ.get(UPDATE) == "write":
            path.write_text(self.text + "\n", encoding="utf-8")
        assert self.text + "\n" == path.read_text(encoding="utf-8"), f"{name}; look, then {UPDATE}=write"


@asynccontextmanager
async def screen(
    desk: FakeDesk | None = None, size: tuple[int, int] = SMALL, folder: str = "."
) -> AsyncIterator[Stand]:
    """An open screen with its first delivery loaded."""
    used = desk or FakeDesk()
    app = WisselApp(lambda: used, now=lambda: NOW, folder=folder)
    async with app.run_test(size=size) as pilot:
        stand = Stand(app, pilot, used)
        await stand.until(lambda: app.facts.opened, "office opened")
        await stand.until(lambda: app.facts.total is not None or "deliveries" in used.fail, "list loaded")
        yield stand
        await app.workers.wait_for_complete()
