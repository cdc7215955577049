"""Everything that leans on Textual's inside. Textual is pinned; this file is read again at every bump."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.filter import Monochrome, NoColor


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
