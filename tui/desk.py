"""What the screen asks of the office: exactly these, nothing more. `core.office.Office` fits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.model import (
    Check,
    Client,
    CustodyLine,
    DeliveryDetail,
    DeliveryRow,
    Held,
    OperationDetail,
    OperationRow,
    Order,
    Plan,
    Target,
)
from core.model.inside import DamageInside, TableInside, Verified


class SinceLeft(Protocol):
    """What happened while this operator was away."""

    @property
    def at(self) -> datetime | None:
        """When the operator left; None: never been here."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Custody word -> how often."""

    @property
    def view(self) -> str:
        """What the screen showed then, as it was given to `leave`."""


class RowsInside(Protocol):
    """The rows of one table, handed out as far as somebody asks for them."""

    @property
    def over(self) -> bool:
        """There are no more."""

    def more(self, count: int, /) -> Sequence[tuple[str | None, ...]]:
        """Up to `count` of the next rows as short texts, None for NULL."""


class Insight(Protocol):
    """A delivery's database, open for looking. Calls may block; they take turns, and `close` ends them."""

    def tables(self) -> Sequence[TableInside]:
        """The user tables, not counted yet."""

    def counted(self, table: TableInside, /) -> TableInside:
        """With its rows counted."""

    def reader(self, table: TableInside, /) -> RowsInside:
        """Its rows."""

    def verify(self, progress: Callable[[int, int], None], cancel: Callable[[], bool], /) -> Verified:
        """Everything checked."""

    @property
    def damage(self) -> Sequence[DamageInside]:
        """What did not hold so far."""

    def close(self) -> None:
        """Give back its files."""


class Desk(Protocol):
    """All calls may block and may raise `WisselError`; they are made in threads, several at a time."""

    @property
    def language(self) -> str:
        """`en` or `nl`."""

    @property
    def read_only(self) -> bool:
        """Nothing may be changed from here."""

    @property
    def practice(self) -> bool:
        """A practice office: nothing in it is real."""

    @property
    def firm_name(self) -> str:
        """As the settings say."""

    @property
    def config_path(self) -> str | None:
        """The settings file, when there is one."""

    def deliveries(self, filter_text: str = "", offset: int = 0, limit: int = 100) -> tuple[Sequence[DeliveryRow], int]:
        """A window of the list, newest first, and the number of all that pass the filter."""

    def delivery(self, delivery: str, /) -> DeliveryDetail:
        """Everything of one."""

    def look(self, delivery: str, /, *, cancel: Callable[[], bool]) -> Insight:
        """Open the database in its sealed original."""

    def clients(self) -> Sequence[Client]:
        """All of them."""

    def targets(self) -> Sequence[Target]:
        """All of them, in the order of the settings."""

    def bind(self, delivery: str, code: str, /) -> DeliveryDetail:
        """It is this client's; the verdict given again."""

    def tell(self, delivery: str, fact: str, value_text: str, /) -> DeliveryDetail:
        """A fact by word of mouth; the verdict given again."""

    def reopen(self, delivery: str, /) -> DeliveryDetail:
        """Start over from the sealed original."""

    def plan(self, order: Order, /) -> Plan:
        """What an order would do, on live facts. Nothing changes."""

    def order(self, order: Order, /, *, consent: str = "") -> OperationRow:
        """Order it: planned once more, refused when it is refused now."""

    def operations(
        self, *, open_only: bool = False, delivery: str | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[Sequence[OperationRow], int]:
        """A window of the operations, newest first, and the number of all."""

    def operation(self, operation: str, /) -> OperationDetail:
        """Everything of one."""

    def cancel(self, operation: str, /) -> object:
        """Ask it to stop at its next safe point and to undo what it did."""

    def answer(self, operation: str, text: str, /) -> object:
        """What the person did that it waits for."""

    def held(self) -> Sequence[Held]:
        """What stands at the targets: with us, or returned."""

    def custody(
        self,
        limit: int = 200,
        before: int | None = None,
        delivery: str | None = None,
        client: str | None = None,
    ) -> Sequence[CustodyLine]:
        """The log, newest first, from just before a sequence number."""

    def check(self) -> Sequence[Check]:
        """Every check of `wissel check`."""

    def since_left(self) -> SinceLeft:
        """Since this operator left."""

    def leave(self, view: str = "", /) -> None:
        """The operator has seen everything up to now; `view` comes back with `since_left`."""

    def pulse(self) -> int:
        """A number that changes with every change in the register."""

    def worker_alive(self) -> bool:
        """Does the worker hold its lock?"""

    def ensure_worker(self) -> object:
        """Start one when there is none."""


OpenOffice = Callable[[], Desk]
