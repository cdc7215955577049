"""What is claimed of a delivery, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

FactValue = str | int | bool
"""What a claim can hold: text, a whole number, or a flag. Sizes are bytes, times are ISO text."""


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
        """All claims of a fact, strongest source first; of equally strong ones what is stated, then the later."""
        found = [claim for claim in reversed(self.claims) if claim.fact == fact]
        return tuple(sorted(found, key=lambda claim: (-claim.source.strength, claim.inferred)))

    def claim(self, fact: str) -> Claim | None:
        """The strongest claim, or None: *not known*."""
        return next(iter(self.claims_of(fact)), None)

    def value(self, fact: str) -> FactValue | None:
        """The value of the strongest claim, or None: *not known*."""
        claim = self.claim(fact)
        return None if claim is None else claim.value
