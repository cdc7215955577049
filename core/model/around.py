"""What the register and the settings know around a delivery: targets, clients, and what is at a target now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.model.evidence import FactValue


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
    returned: bool = False
    """It went back; what stands there yields to the same client's next delivery."""


@dataclass(frozen=True, slots=True)
class Related:
    """Another delivery that matters to this one, and what became of it."""

    delivery: str
    state: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Firm:
    """The accountancy firm's own identity, as far as rules 605 and 606 look for it. Empty = not in the settings."""

    users: tuple[str, ...] = ()
    """Windows logins."""
    licence: str | None = None


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
    client_now: Mapping[str, FactValue] = field(default_factory=dict)
    """What the register learned of the client's side since the restore: it counts more than the file (at return)."""
    firm: Firm = Firm()
    swapped_in: bool | None = None
    """It came in through our swap or Globe's accountant action (rule 509, at return)."""
