"""A delivery as the fronts see it: its row, its detail, its log; and the checks of an office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.model.evidence import Claim, Finding, Source
from core.model.operation import Held, OperationRow
from core.model.verdict import Answer, Reason, Verdict


class StateWord(StrEnum):
    """The word of a row. Colour only repeats it."""

    OK = "ok"
    WARN = "warn"
    ONEWAY = "oneway"
    NO = "no"
    UNKNOWN = "unknown"
    ARRIVING = "arriving"
    READING = "reading"
    GONE = "gone"
    SET_ASIDE = "set-aside"
    RUNNING = "running"
    """An operation is at work on it, or waits for a person."""
    WITH_US = "with-us"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One line of the list. Texts are already safe to show."""

    id: str
    file: str
    state: StateWord
    size: int
    arrived_at: datetime
    client: str | None = None
    administration_number: str | None = None
    administration_name: str | None = None
    product_update: int | None = None
    product_update_source: Source | None = None
    sql_release: str | None = None
    best_target: str | None = None
    work: Answer | None = None
    back: Answer | None = None
    rule: int | None = None
    more: int = 0
    """Number of the other reasons that speak against a yes."""
    operation: OperationRow | None = None
    """The one that is not over yet."""
    held_at: str | None = None
    """The target at which the administration is, with us or returned."""


@dataclass(frozen=True, slots=True)
class CustodyLine:
    """Who did what to which delivery, and what came of it. Chained: each line seals the one before."""

    seq: int
    at: datetime
    who: str
    host: str
    what: str
    """`arrived sealed judged bound told reopened gone ...`: `custody.<what>` of the catalogue."""
    delivery: str | None = None
    client: str | None = None
    detail: Mapping[str, str | int] = field(default_factory=dict)
    hash: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryDetail:
    """Everything the detail pane and `wissel show` need."""

    row: DeliveryRow
    inbox: str
    kind: str
    members: tuple[tuple[str, int], ...]
    sha256: str | None
    sealed_at: datetime | None
    complete: bool
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    custody: tuple[CustodyLine, ...]
    advice: Reason | None = None
    """What would give (yes, yes) where no target does: `advice.*` of the catalogue."""
    suggestions: tuple[str, ...] = ()
    """Client codes whose register entry fits the number or the name."""
    operations: tuple[OperationRow, ...] = ()
    """Newest first."""
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One named check of `wissel check`."""

    name: str
    ok: bool | None
    """None: could not be found out."""
    text: str = ""
    hint: str = ""
    seconds: float = 0.0
