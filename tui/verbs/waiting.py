"""Waiting, for a bounded time, until the worker has given its first verdicts."""

from __future__ import annotations

import time

from core.model import StateWord
from tui.context import Office

PATIENCE = 60.0
"""Seconds after which the list is printed as it is."""
HOPELESS = 10.0
"""Seconds after which no worker is expected any more."""
QUIET = 1.0
"""Seconds without a change after which an office with a living worker is taken to be at rest."""
PROBE = 0.05
"""Seconds between two looks at the pulse."""
MOVING = (StateWord.ARRIVING, StateWord.READING)


def first_verdicts(office: Office, patience: float | None = None, quiet: float | None = None) -> bool:
    """True when nothing arrives or is read any more; False when patience ran out first."""
    patience = PATIENCE if patience is None else patience
    quiet = QUIET if quiet is None else quiet
    started = changed = time.monotonic()
    pulse, alive = office.pulse(), office.worker_alive()
    while (now := time.monotonic()) - started < patience:
        seen = (office.pulse(), office.worker_alive())
        if seen != (pulse, alive):
            (pulse, alive), changed = seen, now
        if alive and now - changed >= quiet and settled(office):
            return True
        if not alive and (office.read_only or now - started >= HOPELESS):
            break
        time.sleep(PROBE)
    return settled(office)


def settled(office: Office) -> bool:
    """No delivery is on its way in."""
    return not any(office.deliveries(f"state:{state}", 0, 1)[1] for state in MOVING)
