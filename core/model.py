"""Frozen values that cross rooms. Nothing here reads a file, a clock or a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

FactValue = str | int | bool
"""What a claim can hold: text, a whole number, or a flag. Sizes are bytes, times are ISO text."""


class Answer(StrEnum):
    """One of the four answers to *can we work on it?* and *can it go back?*."""

    YES = "yes"
    CONDITIONAL = "conditional"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def badness(self) -> int:
        """Order of the rule book: no > unknown > conditional > yes."""
        return _BADNESS[self]


_BADNESS = {Answer.YES: 0, Answer.CONDITIONAL: 1, Answer.UNKNOWN: 2, Answer.NO: 3}


def worst(answers: Iterable[Answer]) -> Answer:
    """The worst answer; *yes* when no rule objects."""
    return max(answers, key=lambda answer: answer.badness, default=Answer.YES)


class Severity(StrEnum):
    """How loudly a reason speaks."""

    INFO = "info"
    NOTE = "note"
    WARNING = "warning"
    BLOCK = "block"


class Source(StrEnum):
    """Where a claim comes from."""

    PAGES = "pages"
    HEADER = "header"
    CONTAINER = "container"
    SERVER = "server"
    OPERATOR = "operator"
    NAME = "name"
    REGISTER = "register"

    @property
    def strength(self) -> int:
        """Bytes outrank people, people outrank the name, the name outranks what we once noted."""
        return _STRENGTH[self]


_STRENGTH = {source: len(Source) - place for place, source in enumerate(Source)}


@dataclass(frozen=True, slots=True)
class Claim:
    """One fact with its source. `inferred` marks a conclusion, not a statement."""

    fact: str
    value: FactValue
    source: Source
    inferred: bool = False
    by: str | None = None
    """The operator who told it."""
    at: datetime | None = None
    """When it was told (UTC)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the reader noticed: a code of the catalogue (`problem.<code>`) and its parameters.

    `proves_damage` is true only where a checksum, a length or a missing end proves it (rule 102).
    """

    code: str
    detail: Mapping[str, str | int] = field(default_factory=dict)
    proves_damage: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known of one delivery's file: what kind it is and what is claimed of it."""

    kind: str
    """`cabinet tape compressed data-file zip practice unknown` or a stranger's name."""
    claims: tuple[Claim, ...] = ()
    findings: tuple[Finding, ...] = ()
    stranger: bool = False
    complete: bool = False
    """Read to the end: every checksum seen."""

    def claims_of(self, fact: str) -> tuple[Claim, ...]:
        """All claims of a fact, strongest source first; of two equally strong, the later one first."""
        found = [claim for claim in reversed(self.claims) if claim.fact == fact]
        return tuple(sorted(found, key=lambda claim: -claim.source.strength))

    def claim(self, fact: str) -> Claim | None:
        """The strongest claim, or None: *not known*."""
        return next(iter(self.claims_of(fact)), None)

    def value(self, fact: str) -> FactValue | None:
        """The value of the strongest claim, or None: *not known*."""
        claim = self.claim(fact)
        return None if claim is None else claim.value


@dataclass(frozen=True, slots=True)
class Target:
    """An instance plus the Exact product and product update installed beside it. None = not known."""

    name: str
    engine: str = "sqlserver"
    """`sqlserver` or `embedded`."""
    instance: str | None = None
    family: str | None = None
    """`next` (Globe Next, Compact) or `plus` (Globe+, Compact+)."""
    product_update: int | None = None
    service_pack: int | None = None
    sql_release: str | None = None
    internal_version: int | None = None
    """Internal database version where it was asked of the server; else taken from `sql_release`."""
    edition: str | None = None
    """`express`, `standard`, `enterprise`, ..."""
    accountancy: bool | None = None
    """Has the module E-Accountancy (document 04.301.046)."""
    isolated: bool = False
    """An exchange instance: holds nothing but client administrations under exchange."""
    free_bytes: int | None = None
    practice: bool = False
    """Belongs to a practice office."""
    stale: bool = False
    """The last probe is too old: release and edition are no longer taken as known (rule 206)."""


@dataclass(frozen=True, slots=True)
class Administration:
    """One company of a client: one database, numbered 000-999."""

    number: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """What the register says of a client. None = never noted."""

    code: str
    name: str = ""
    family: str | None = None
    product_update: int | None = None
    service_pack: int | None = None
    sql_release: str | None = None
    edition: str | None = None
    company_number: str | None = None
    """Chamber of commerce number (rule 502)."""
    licence: str | None = None
    """Licence number of the client's Exact product (rule 502)."""
    logins: tuple[str, ...] = ()
    """Windows logins, `DOMAIN\\user`."""
    administrations: tuple[Administration, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """An administration that is at a target now."""

    target: str
    number: str
    client: str
    delivery: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another delivery that matters to this one, and what became of it."""

    delivery: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the register knows around a delivery. Empty = the register knows nothing."""

    moment: str = "arrival"
    """`arrival`, `restore` or `return`: the verdict is given again on live facts."""
    stage: str = "sealed"
    """`arriving`, `reading`, `unreadable` (rule 103) or `sealed`."""
    delivery: str | None = None
    """Its own id: what it holds itself is not in its own way (rules 504, 505, 508)."""
    client: Client | None = None
    bound_by_hand: bool = False
    """An operator named the client, which settles a difference in names (rule 502)."""
    base_full: str | None = None
    """The delivery that holds the full back-up of this differential or log (rules 104, 105)."""
    stripes_here: frozenset[int] = frozenset()
    """Ordinals of this media set that are here, this one included (rules 105, 106)."""
    same_bytes: tuple[Related, ...] = ()
    """Rule 506."""
    later: tuple[Related, ...] = ()
    """Later copies of the same administration: returned by us last, or received since (rule 507)."""
    out: Holding | None = None
    """The client's administration is out with us (rule 508)."""
    holdings: tuple[Holding, ...] = ()
    """Everything that is at a target now (rules 504, 505)."""
    affected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Target -> clients that an update of that target would strand (rule 301)."""
    swapped_in: bool | None = None
    """It came in through our swap or Globe's accountant action (rule 509, at return)."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that applies. The sentence is `rule.<number>[.<variant>]` of the catalogue."""

    rule: int
    severity: Severity
    work: Answer | None = None
    """None: the rule leaves this answer alone."""
    back: Answer | None = None
    variant: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
    """Values for the sentence."""
    evidence: tuple[Claim, ...] = ()
    whole_target: bool = False
    """A condition of the target as a whole: shown once at the target, only counted in the rows."""
    override: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Two answers for one target, each the worst of its reasons."""

    target: str
    work: Answer
    back: Answer
    reasons: tuple[Reason, ...] = ()

    @property
    def deciding(self) -> Reason | None:
        """The one reason a row shows: the worst answer's, the return first, the louder first."""

        def weight(reason: Reason) -> tuple[int, int, int]:
            back = reason.back.badness if reason.back is self.back else 0
            work = reason.work.badness if reason.work is self.work else 0
            return (max(back, work), back + work, -reason.rule)

        felt = [reason for reason in self.reasons if reason.work or reason.back]
        best = max(felt, key=weight, default=None)
        return best if best and weight(best)[0] else None


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


@dataclass(frozen=True, slots=True)
class Check:
    """One named check of `wissel check`."""

    name: str
    ok: bool | None
    """None: could not be found out."""
    text: str = ""
    hint: str = ""
    seconds: float = 0.0
