"""What starts something starts only on a key that was pressed after the question stood on the screen."""

from __future__ import annotations

from typing import Any, cast

from textual import events
from textual.screen import Screen

from tui._textual_compat import now

PAUSE = 0.4
"""Seconds that a question has to stand there before it can be answered: no key typed ahead is an answer."""


class Deliberate:
    """Mixed into a screen: it is armed a moment after it was painted, and hears no key that is older."""

    armed = False
    _since = 0.0

    def arm_soon(self) -> None:
        """Call it when the question is drawn."""
        self.armed = False
        cast("Screen[Any]", self).call_after_refresh(self._wait)

    def _wait(self) -> None:
        cast("Screen[Any]", self).set_timer(PAUSE, self._arm)

    def _arm(self) -> None:
        self.armed = True
        self._since = now()
        self.show_armed()

    def show_armed(self) -> None:
        """Now it may say which key starts."""

    def meant(self, event: events.Key) -> bool:
        """Was this key pressed by somebody who could read the question?"""
        return self.armed and event.time >= self._since
