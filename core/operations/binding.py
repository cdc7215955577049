"""What belongs together: delivery, client, number and original. Bound when it arrives, checked before it leaves."""

from __future__ import annotations

from dataclasses import dataclass

from core.administration.engine import FOREIGN, Mark
from core.model import Held


@dataclass(frozen=True, slots=True)
class Bound:
    """What the register says of a delivery that is at a target."""

    delivery: str
    client: str | None
    """That it is bound to now."""
    number: str | None
    """Of the administration, as its evidence has it now."""
    sha256: str | None
    """Of the sealed original."""
    restored_by: str
    """The operation that brought it in; empty: none did."""


def broken(bound: Bound, held: Held, stands: Mark | None) -> str:
    """The first thing that does not fit: `refused.binding-<word>` of the catalogue. Empty: everything fits.

    `held` is where the register has it, `stands` the mark of what really is there.
    """
    tests = (
        ("gone", stands is None),
        ("foreign", stands == FOREIGN),
        ("client", bound.client != held.client),
        ("number", bound.number != held.number),
        ("delivery", stands is not None and stands.delivery != bound.delivery),
        ("mark-client", stands is not None and stands.client != held.client),
        ("mark-number", stands is not None and stands.number != held.number),
        ("original", stands is not None and stands.sha256 != bound.sha256),
        ("restore", stands is not None and stands.operation != bound.restored_by),
    )
    return next((word for word, wrong in tests if wrong), "")
