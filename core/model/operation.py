"""Plans and operations: what would be done, what is being done, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from core.model.verdict import Reason, Verdict

Params = Mapping[str, str | int]
"""Values for a sentence of the catalogue."""


class Kind(StrEnum):
    """What an operation does."""

    RESTORE = "restore"
    CORRECT = "correct"
    REVERSE = "reverse"
    RETURN = "return"
    HAND_OVER = "hand-over"
    SET_ASIDE = "set-aside"
    REOPEN = "reopen"


class Consent(StrEnum):
    """What the operator gives before anything starts."""

    NONE = "none"
    YES = "yes"
    """Reversible: a capital Y, `--yes`."""
    TYPED = "typed"
    """Cannot be taken back: the client's code, typed, `--yes-i-mean CODE`."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an operator asks for. The register keeps it as it was given."""

    kind: Kind
    delivery: str
    target: str = ""
    """Of a restore; empty: the recommended one."""
    colleagues: tuple[str, ...] = ()
    """Windows logins that work on the administration while it is with us (restore)."""
    entry: str = ""
    """The text of the entry file (correct)."""
    entry_name: str = ""
    """Its file name: the suffix says whether it is TOML or CSV."""
    operation: str = ""
    """The correction to reverse; empty: the last one that stands."""
    one_way: bool = False
    """The operator knows that nothing can go back to the client (rule 203)."""
    not_isolated: bool = False
    """The operator knows that the instance holds more than administrations under exchange (rule 211)."""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One numbered step. Its title is `step.<kind>.<name>` of the catalogue."""

    number: int
    name: str
    params: Params = field(default_factory=dict)
    effect: str = ""
    """In short, in no language: `SHA-256 3f9c..a1`, `UPDATE humres`, `-> oefen16/120.sqlite`."""
    need: Params = field(default_factory=dict)
    """What it needs, as `need.<name>` of the catalogue: room in bytes, for instance. Empty: nothing."""
    undo: str = ""
    """`undo.<word>` of the catalogue; empty: it changes nothing."""
    guided: bool = False
    """A person does it; we say what to do (`guide.<kind>.<name>`) and prove the result."""
    final: bool = False
    """From here on nothing is taken back, and a cancel comes too late."""
    statements: tuple[str, ...] = ()
    """The exact statements and file operations, where they are known beforehand."""


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One account of the trial balance, before and after."""

    account: str
    name: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of a correction as it would be booked. Debit is positive."""

    entry: str
    """The entry number it would get."""
    journal: str
    year: int
    period: int
    date: str
    """ISO."""
    account: str
    account_name: str
    description: str
    amount: Decimal
    cost_centre: str = ""
    cost_unit: str = ""


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a correction would book."""

    lines: tuple[EntryLine, ...]
    trial: tuple[TrialLine, ...]
    """Only the accounts that change."""
    total_before: Decimal
    total_after: Decimal
    """Of the whole ledger; zero when it balances."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order would do. Nothing has changed yet."""

    order: Order
    client: str
    client_name: str
    number: str
    """Of the administration."""
    administration: str
    target: str
    route: str
    """`machine` or `guided`."""
    route_why: str
    """`route.<word>` of the catalogue."""
    consent: Consent
    steps: tuple[PlanStep, ...]
    verdict: Verdict | None = None
    """Given again, on live facts; None: this kind of operation needs none."""
    refusal: Reason | None = None
    """Why it is refused before the first change: a rule (`rule.<number>`), or rule 0 and `refused.<variant>`."""
    conditions: tuple[Reason, ...] = ()
    """What the operator should know before consenting."""
    dry_run: DryRun | None = None
    instance: str = ""
    """Two operations never meet on one instance."""


class OperationState(StrEnum):
    """Where an operation stands."""

    REQUESTED = "requested"
    RUNNING = "running"
    WAITING = "waiting"
    """For a person."""
    DONE = "done"
    FAILED = "failed"
    """An error, and something is left that a person has to look at: its log says what."""
    CANCELLED = "cancelled"
    """On request; everything is as it was."""
    UNDONE = "undone"
    """An error; everything is as it was."""

    @property
    def over(self) -> bool:
        """Nothing more happens."""
        return self in {self.DONE, self.FAILED, self.CANCELLED, self.UNDONE}


class StepState(StrEnum):
    """Where a step stands."""

    TODO = "todo"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an operation, as planned and as it went."""

    number: int
    name: str
    state: StepState
    params: Params = field(default_factory=dict)
    undo: str = ""
    effect: str = ""
    guided: bool = False
    final: bool = False
    percent: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    result: Params = field(default_factory=dict)
    """What came of it, as `result.<kind>.<name>` of the catalogue. Empty: nothing to add."""


@dataclass(frozen=True, slots=True)
class Output:
    """A file that an operation left for somebody."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class OperationLine:
    """One statement, file operation or remark of an operation's own log."""

    seq: int
    at: datetime
    step: int
    kind: str
    """`sql`, `file` or `note`."""
    text: str


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One line of the list of operations."""

    id: str
    kind: Kind
    delivery: str
    client: str
    number: str
    target: str
    state: OperationState
    who: str
    requested_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    step: int = 0
    """The one that runs or waits; the last one that ran."""
    steps: int = 0
    percent: int | None = None
    cancelling: str = ""
    """Who asked to cancel; empty: nobody."""
    outcome: str = ""
    """`outcome.<key>` or `error.<key>` of the catalogue, whole; empty while it runs."""
    params: Params = field(default_factory=dict)
    """Values for the outcome's sentence."""
    instance: str = ""


@dataclass(frozen=True, slots=True)
class OperationDetail:
    """Everything of one operation."""

    row: OperationRow
    order: Order
    steps: tuple[Step, ...]
    outputs: tuple[Output, ...] = ()
    log: tuple[OperationLine, ...] = ()
    dry_run: DryRun | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """An administration at a target: with us, or returned and still standing there."""

    target: str
    number: str
    name: str
    client: str
    client_name: str
    delivery: str
    since: datetime
    returned_at: datetime | None = None
    """None: it is with us."""
    corrections: int = 0
    """Booked and not reversed."""
    operation: str = ""
    """The one that runs on it now."""
