"""Facts that travel from threads and widgets to whoever draws them. Past tense; bursts collapse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from textual.message import Message

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
from tui.desk import Desk


@dataclass(frozen=True)
class Counts:
    """What the tabs count."""

    operations: int
    """Not over yet."""
    held: int
    """With us."""


@dataclass
class OfficeOpened(Message):
    """The office is open: what does not change while the screen is up."""

    desk: Desk
    language: str
    read_only: bool
    practice: bool
    firm_name: str
    targets: tuple[Target, ...]
    worker_alive: bool
    pulse: int
    counts: Counts
    left_at: datetime | None
    since: Mapping[str, int]
    view: str = ""
    total: int | None = None
    """Deliveries, when the screen does not open with the list of them."""


@dataclass
class OfficeRefused(Message):
    """The office could not be opened."""

    error: Exception


@dataclass
class CallFailed(Message):
    """A call of the desk failed; the screen lives on."""

    what: str
    error: Exception
    log: str = ""
    """Where the details are, when nobody foresaw it."""


@dataclass
class PulseFelt(Message):
    """The register's counter and the worker, as they are now."""

    pulse: int
    worker_alive: bool
    counts: Counts | None = None
    """Asked for only when the counter moved."""

    def can_replace(self, message: Message) -> bool:
        """Only the last one counts."""
        return isinstance(message, PulseFelt)


@dataclass
class PageLoaded(Message):
    """A window of the list. `ticket` tells which question it answers."""

    ticket: int
    offset: int
    rows: Sequence[DeliveryRow]
    total: int
    found_at: int | None = None
    """Index of the delivery that was looked for, when it was."""
    everything: int | None = None
    """All deliveries, when only those that pass a filter were asked for."""


@dataclass
class DeliveryLoaded(Message):
    """Everything of one delivery."""

    detail: DeliveryDetail


@dataclass
class DeliveryChanged(Message):
    """The operator bound, told or reopened, and this came of it."""

    action: str
    detail: DeliveryDetail
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass
class TargetsAsked(Message):
    """A delivery to be restored: everything of it, to choose a target for it."""

    detail: DeliveryDetail


@dataclass
class PlanMade(Message):
    """What an order would do."""

    plan: Plan


@dataclass
class OperationOrdered(Message):
    """It was ordered."""

    row: OperationRow
    order: Order


@dataclass
class OperationsLoaded(Message):
    """The newest operations, and how many there are in all."""

    rows: Sequence[OperationRow]
    total: int


@dataclass
class OperationLoaded(Message):
    """Everything of one."""

    detail: OperationDetail


@dataclass
class CancelAsked(Message):
    """An operation as it stands, to say what a cancel would mean."""

    detail: OperationDetail


@dataclass
class OperationTold(Message):
    """It was asked to stop, or heard what a person did; this is how it stands."""

    action: str
    detail: OperationDetail


@dataclass
class HeldLoaded(Message):
    """What stands at the targets."""

    held: Sequence[Held]


@dataclass
class CustodyLoaded(Message):
    """Lines of the log, newest first. `older`: they follow what is shown already."""

    lines: Sequence[CustodyLine]
    older: bool = False


@dataclass
class ClientsLoaded(Message):
    """The clients. `for_delivery`: asked to choose one of them for this delivery."""

    clients: tuple[Client, ...]
    for_delivery: DeliveryDetail | None = None


@dataclass
class TargetsLoaded(Message):
    """The targets."""

    targets: tuple[Target, ...]


@dataclass
class ChecksLoaded(Message):
    """What `check` found."""

    checks: tuple[Check, ...]


@dataclass
class LeavingCounted(Message):
    """How many deliveries are under way, now that the operator wants to leave."""

    arriving: int
    reading: int
    operations: int = 0


@dataclass
class FileWritten(Message):
    """A page was written to this file."""

    name: str


@dataclass
class WorkerStarted(Message):
    """The worker was asked to start."""
