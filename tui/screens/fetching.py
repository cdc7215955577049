"""A window of the list, and the one that holds a delivery; called in a thread."""

from __future__ import annotations

from collections.abc import Sequence

from core.model import DeliveryRow
from tui.desk import Desk
from tui.messages import PageLoaded
from tui.widgets.rows import PAGE

_SEARCH_STEP = 1000


def window(desk: Desk, ticket: int, text: str, offset: int, seek: str | None) -> PageLoaded:
    """A window of the list; when `seek` is elsewhere, the window that holds it."""
    rows, total = desk.deliveries(text, offset, PAGE)
    everything = desk.deliveries("", 0, 1)[1] if text else total
    found = _place(rows, seek)
    if found is not None:
        return PageLoaded(ticket, offset, rows, total, offset + found, everything)
    if seek is not None and (not text or total <= _SEARCH_STEP):
        for start in range(0, total, _SEARCH_STEP):
            place = _place(desk.deliveries(text, start, _SEARCH_STEP)[0], seek)
            if place is not None:
                found = start + place
                offset = found // PAGE * PAGE
                rows, total = desk.deliveries(text, offset, PAGE)
                return PageLoaded(ticket, offset, rows, total, found, everything)
    return PageLoaded(ticket, offset, rows, total, None, everything)


def _place(rows: Sequence[DeliveryRow], seek: str | None) -> int | None:
    return next((place for place, row in enumerate(rows) if row.id == seek), None)
