"""Where users, roles and licence stand in an administration, as the firm declares it for a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

NewValue = str | int | float | bytes
_CLOSED = {"extra": "forbid"}
"""Settings are read into these: a name that is not theirs is a mistake."""


@dataclass(frozen=True, slots=True)
class LicencePlace:
    """The table that licences stand in. Exact publishes none: the firm says where it is."""

    __pydantic_config__: ClassVar[dict[str, str]] = _CLOSED

    table: str
    number: str
    """Column with the licence's number."""
    active: str
    """Column that says whether it counts: 1 or 0."""
    holder: str = ""
    """Column with the name of who has it; empty: there is none."""


@dataclass(frozen=True, slots=True)
class IdentityProfile:
    """Tables and columns of the swap; names in any case. What is not said is as Globe has it (facts.md section 3.2).

    A table of roles that is not there is left alone, and so are the columns `name`, `kind`, `left` and `blocked`.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _CLOSED

    users: str = "humres"
    number: str = "res_id"
    """Column with the user's number, by which other tables name them."""
    login: str = "usr_id"
    status: str = "emp_stat"
    """Column that says whether somebody can work: `active` or `gone`."""
    active: str = "A"
    gone: str = "I"
    blocked: tuple[str, ...] = ("blocked", "BackOfficeBlocked")
    """Columns that shut somebody out while they are 1."""
    left: str = "ldatuitdienst"
    """Column with the day on which somebody left."""
    name: str = "fullname"
    kind: str = "emp_type"
    contractor: str = "C"
    """`kind` of a colleague who is there for a while."""
    role_names: str = "pwrole"
    role_number: str = "RoleID"
    role_name: str = "RoleName"
    grants: str = "HRRoles"
    """Table that says who has which role."""
    grant_role: str = "RoleID"
    grant_user: str = "EmpID"
    licence: LicencePlace | Literal["none"] | None = None
    """Where the licence stands; `none`: there is none to swap; None: not declared, and then only Globe's own wizard
    can swap (the guided route)."""
    values: Mapping[str, Mapping[str, NewValue]] = field(default_factory=dict)
    """Table -> column -> what a new row of ours has there, where the column must not be empty and has no default. Bytes
    as hexadecimal digits, `0x00ff`; a text without any: none."""

    @property
    def complete(self) -> bool:
        """Is all of it declared that a swap needs?"""
        return self.licence is not None

    @property
    def tables(self) -> tuple[str, ...]:
        """In which a swap writes."""
        licence = () if self.place is None else (self.place.table,)
        return self.users, self.grants, self.role_names, *licence

    @property
    def place(self) -> LicencePlace | None:
        """Where the licence stands; None: there is none, or nobody said."""
        return self.licence if isinstance(self.licence, LicencePlace) else None


PRACTICE = IdentityProfile(
    licence=LicencePlace("PracticeLicence", "LicNumber", "Active", "Holder"),
    values={"PracticeLicence": {"Data": b""}},
)
"""Of practice packages: what they hold is made by us."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A table that may be meant."""

    table: str
    rows: int
    columns: tuple[str, ...]
    """Those whose names are the reason."""
    numbers: tuple[str, ...] = ()
    """Columns that could hold the number."""
    active: tuple[str, ...] = ()
    """Columns that could say whether it counts."""
    data: tuple[str, ...] = ()
    """Columns of bytes: a licence itself."""
    log: bool = False
    """By its name it only tells what happened."""


@dataclass(frozen=True, slots=True)
class TrialView:
    """What came of a swap there and back on a scratch copy."""

    good: bool
    """The client is back as it was, the firm could work meanwhile, and nothing else was touched."""
    firm: tuple[str, ...]
    """Logins that could work meanwhile."""
    touched: tuple[str, ...]
    """Tables beside the profile's own whose rows are not as they were."""
    count: int
    """Differences in the profile's own tables."""
    first: tuple[str, ...] = ()
    """The first of them: `table key column`."""


@dataclass(frozen=True, slots=True)
class ProfileView:
    """How a target's profile fits one administration there, and what is there beside it."""

    target: str
    number: str
    complete: bool
    """All of it is declared that a swap needs."""
    licence: str
    """The declared table, `none`, or empty: not declared."""
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    """Declared tables and those of their declared columns that are not there."""
    wanted: tuple[tuple[str, tuple[str, ...]], ...]
    """Tables and columns that a new row needs a value for and that the profile does not give."""
    users: tuple[str, ...]
    """Logins that can work in it now, read by this profile."""
    roles: tuple[str, ...]
    licences: tuple[str, ...]
    """Numbers of those that count now."""
    like_licences: tuple[Candidate, ...]
    like_users: tuple[Candidate, ...]
    trial: TrialView | None = None

    @property
    def good(self) -> bool:
        """Would a swap by it be taken on, as far as can be seen?"""
        fits = self.complete and not self.missing and not self.wanted and bool(self.users)
        return fits and (self.trial is None or self.trial.good)
