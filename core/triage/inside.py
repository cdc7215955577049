"""What a look at the rows of a delivery may add to its evidence, and which deliveries are looked into. Light to import.

A look is given once, after sealing; what it found stands among the claims of the file, from `Source.PAGES`. The claim
`looked` says that there was one, and how far it came. What is absent is unknown: nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from core.model import Claim, Evidence, Source
from core.triage.evidence import with_told

LOOKED = "looked"
"""The claim that there was a look."""


class Look(StrEnum):
    """How far a look came: the values of the claim `looked`."""

    WHOLE = "whole"
    PARTLY = "partly"
    """Time was over, or there was more of something than is looked through (`too_large`)."""
    DAMAGED = "damaged"
    """Some table could not be read to its end: what would have come from it is not known."""
    NO = "no"
    """It could not be opened; `look_problem` is the error's key."""
    LEFT = "left"
    """There is nothing to look at: not a full back-up, not all stripes, or encrypted."""


COMPANY = (
    "administration_number", "company_name", "company_number", "vat_number", "country", "currency", "companies",
    "batch_level", "version_major", "version_minor", "revision", "build",
)  # fmt: skip
PEOPLE = ("users_active", "users_with_roles", "login", "logins_cut", "licence", "licence_trace")
LEDGER = (
    "financial_years", "periods", "ledger_lines", "ledger_entries", "first_booking", "last_booking", "last_entered",
    "trial_balance", "unbalanced_entries", "unbalanced_entry", "unknown_account_lines", "unknown_account",
    "blocked_account_lines", "blocked_account", "unknown_journal_lines", "unknown_journal", "unknown_period_lines",
    "unknown_period", "open_suspense", "open_suspense_account", "debtors_balance", "creditors_balance",
    "control_unmatched", "control_entry", "unknown_cost_centre_lines", "unknown_cost_centre",
    "unknown_cost_unit_lines", "unknown_cost_unit", "open_items", "entry_headers", "header_lines", "vat_codes",
    "vat_code",
)  # fmt: skip
WIRED = ("integrations", "integration", "settings_rows", "settings_addresses")
LOOKS = ("attachment_bytes", "damaged_table", "too_large", "look_problem", LOOKED)
FOUND = (*COMPANY, *PEOPLE, *LEDGER, *WIRED, *LOOKS)
"""Every fact that a look can find."""

_CONTENTS = frozenset({"tape", "compressed", "data-file", "practice"})


@dataclass(frozen=True, slots=True)
class Opening:
    """How to open what is to be looked into."""

    practice: bool = False
    position: int | None = None
    """Of the back-up set on the medium, where there are several."""
    member: str | None = None
    """Of the database in a package, where there are several."""


def looked(evidence: Evidence) -> bool:
    """Was there a look?"""
    return evidence.claim(LOOKED) is not None


def opening(evidence: Evidence) -> Opening | None:
    """How to look into it; None: it is left alone."""
    content = evidence.kind if evidence.kind in _CONTENTS else evidence.value("content")
    if evidence.stranger or content not in _CONTENTS:
        return None
    if content == "practice":
        return Opening(practice=True) if evidence.kind == "practice" else None
    if evidence.value("encrypted") is True or evidence.value("primary_missing") is True:
        return None
    if content != "data-file" and (evidence.value("backup_type") != "full" or not _all_stripes(evidence)):
        return None
    several, member = evidence.value("backups_inside"), evidence.value("backup_taken")
    sets, position = evidence.value("sets"), evidence.value("set_number")
    return Opening(
        position=position if isinstance(position, int) and sets != 1 else None,
        member=member if isinstance(member, str) and several else None,
    )


def with_inside(evidence: Evidence, found: Iterable[Claim]) -> Evidence:
    """The evidence with what a look found, in the place of what an earlier one did."""
    stated = [each for each in evidence.claims if each.source is not Source.PAGES or each.fact not in FOUND]
    told = [each for each in stated if each.source is Source.OPERATOR]
    return with_told(replace(evidence, claims=(*stated, *found)), told)


def _all_stripes(evidence: Evidence) -> bool:
    count = evidence.value("family_count")
    inside = str(evidence.value("stripes_inside") or "").split()
    return not isinstance(count, int) or count <= 1 or len(inside) == count
