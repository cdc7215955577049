"""When is a file whole? A pure state machine: clock and observations are parameters.

A file is taken when size and time stood still over `settle_seconds` and at least two probes, nobody has
it open for writing, and its format's end (where it has one) is there. A file whose end is missing stays
*arriving* until `patience_seconds` without any change; then it is taken and judged as truncated. A file
that somebody holds open for writing is never taken: what its writer still adds would be lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Look:
    """What the folder says of a file at one moment."""

    identity: str
    """Device and inode (file index on Windows): the file behind the name."""
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds, and how often to look."""

    settle_seconds: float = 3.0
    patience_seconds: float = 900.0
    probes: int = 2


@dataclass(frozen=True, slots=True)
class Settling:
    """One file on its way in. `since` and `changed` are monotonic seconds, never wall time."""

    look: Look
    since: float
    changed: float
    probes: int = 0
    """How often it was found unchanged."""


class Decision(StrEnum):
    """What to do with a file now."""

    WAIT = "wait"
    TAKE = "take"
    TAKE_BROKEN = "take-broken"
    """Its end never came: sealed all the same, never skipped for good."""


def observe(before: Settling | None, look: Look, now: float) -> Settling:
    """The state after one more look. Any change (grown, shrunk, replaced, touched) starts the wait anew."""
    if before is None:
        return Settling(look, since=now, changed=now)
    if before.look != look:
        return replace(before, look=look, changed=now, probes=0)
    return replace(before, probes=before.probes + 1)


def quiet(state: Settling, now: float, patience: Patience) -> bool:
    """Did it stand still long enough to be worth opening?"""
    return state.probes >= patience.probes and now - state.changed >= patience.settle_seconds


def decide(state: Settling, now: float, patience: Patience, *, free: bool | None, ended: bool | None) -> Decision:
    """Take it or wait.

    `free`: nobody has it open for writing (None: this system cannot tell).
    `ended`: the end that its format demands is there (None: its format has none).
    """
    if not quiet(state, now, patience) or free is False:
        return Decision.WAIT
    if ended is not False:
        return Decision.TAKE
    return Decision.TAKE_BROKEN if now - state.changed >= patience.patience_seconds else Decision.WAIT
