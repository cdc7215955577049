"""General-journal entries from a file: read, checked, booked in one transaction, and taken back."""

from core.administration.corrections.correcting import (
    CHANGED,
    STEP,
    Booked,
    Standing,
    book,
    check,
    dry_run,
    expected_change,
    reversal,
    standing,
    unbook,
)

__all__ = [
    "CHANGED",
    "STEP",
    "Booked",
    "Standing",
    "book",
    "check",
    "dry_run",
    "expected_change",
    "reversal",
    "standing",
    "unbook",
]
