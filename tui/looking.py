"""Looking into a delivery, in threads: what they tell the screens, and how they are stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from textual.message import Message
from textual.message_pump import MessagePump

from core.errors import Cancelled
from core.model.inside import DamageInside, TableInside, Verified
from tui.desk import Desk, Insight, RowsInside

STEP = 0.2
"""Seconds between two times that a thread says how far it is."""
Row = tuple[str | None, ...]


@dataclass
class TablesFound(Message):
    """It is open, and these are its tables, not counted yet."""

    tables: tuple[TableInside, ...]


@dataclass
class TablesCounted(Message):
    """More tables are counted. `over`: nobody counts any more."""

    tables: Sequence[TableInside]
    over: bool


@dataclass
class RowsRead(Message):
    """The next rows. `over`: there are no more."""

    rows: Sequence[Row]
    over: bool
    damage: Sequence[DamageInside] = ()


@dataclass
class Heard(Message):
    """So many bytes of so many are checked; 0 of 0: pages and rows now."""

    done: int
    total: int

    def can_replace(self, message: Message) -> bool:
        """Only the last one counts."""
        return isinstance(message, Heard)


@dataclass
class InsideVerified(Message):
    """Everything is checked."""

    verified: Verified


@dataclass
class Hold:
    """One delivery that is looked into: shared by its screens and their threads, closed once."""

    delivery: str
    inside: Insight | None = None
    _over: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def stopped(self) -> bool:
        """Nobody looks any more."""
        return self._over.is_set()

    def open(self, desk: Desk) -> TablesFound:
        """In a thread. Raises Cancelled when nobody waits for it any more."""
        inside = desk.look(self.delivery, cancel=self.stopped)
        with self._lock:
            if not self.stopped():
                self.inside = inside
                return TablesFound(tuple(inside.tables()))
        inside.close()
        raise Cancelled("stopped")

    def close(self) -> None:
        """At once for whoever calls; a thread waits for the one that reads just now."""
        self._over.set()
        with self._lock:
            inside, self.inside = self.inside, None
        if inside is not None:
            Thread(target=inside.close, daemon=True).start()

    @property
    def seen(self) -> Insight:
        """The open database. Raises Cancelled when it is closed."""
        if (inside := self.inside) is None:
            raise Cancelled("stopped")
        return inside


def count(hold: Hold, tables: Sequence[TableInside], pause: Callable[[], bool], screen: MessagePump) -> TablesCounted:
    """In a thread: count these, and tell it now and then."""
    found: list[TableInside] = []
    due = time.monotonic() + STEP
    for table in tables:
        if pause() or hold.stopped():
            break
        found.append(hold.seen.counted(table))
        if time.monotonic() > due:
            screen.post_message(TablesCounted(found, over=False))
            found, due = [], time.monotonic() + STEP
    return TablesCounted(found, over=True)


def read(hold: Hold, rows: RowsInside, number: int) -> RowsRead:
    """In a thread: the next rows."""
    found = rows.more(number)
    return RowsRead(found, rows.over, tuple(hold.seen.damage))


def verify(hold: Hold, cancel: Callable[[], bool], screen: MessagePump) -> InsideVerified:
    """In a thread: check everything, and tell how far it is."""
    due = time.monotonic() + STEP

    def progress(done: int, total: int) -> None:
        nonlocal due
        if not total or time.monotonic() > due:
            due = time.monotonic() + STEP
            screen.post_message(Heard(done, total))

    return InsideVerified(hold.seen.verify(progress, cancel))
