"""What a ledger adds up to, what is odd in it, and a digest of every table."""

from core.administration.ledger.sums import (
    FINDINGS,
    Baseline,
    Digest,
    Finding,
    Totals,
    Year,
    baseline,
    digests,
    findings,
    totals,
    trial_balance,
)

__all__ = [
    "FINDINGS",
    "Baseline",
    "Digest",
    "Finding",
    "Totals",
    "Year",
    "baseline",
    "digests",
    "findings",
    "totals",
    "trial_balance",
]
