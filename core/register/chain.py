"""The custody chain: each line's hash covers the line and the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC

from core.model import CustodyLine

FIRST_HASH = "0" * 64
"""What stands before the first line."""


def hash_of(line: CustodyLine, previous: str) -> str:
    """SHA-256 (hex) over the line's canonical JSON and the hash of the line before."""
    moment = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [line.seq, moment, line.who, line.host, line.what, line.delivery, line.client, dict(line.detail), previous]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def sealed(line: CustodyLine, previous: str) -> CustodyLine:
    """The line with its hash."""
    return replace(line, hash=hash_of(line, previous))


def verify(lines: Iterable[CustodyLine], *, first: int = 1, previous: str = FIRST_HASH) -> int | None:
    """The number of the first line that was changed or is missing; None: all is well.

    `lines` ascend from number `first`; `previous` is the hash of the line before that.
    """
    expected = first
    for line in lines:
        if line.seq != expected or line.hash != hash_of(line, previous):
            return expected
        expected, previous = expected + 1, line.hash
    return None
