"""Users, roles and licence: the client's asleep and the firm's awake while we work, and back again."""

from core.administration.identity.swap import (
    STEP,
    Back,
    Dormant,
    Firm,
    Survey,
    expected,
    recorded,
    survey,
    swap_back,
    swap_in,
    swapped_back,
)

__all__ = [
    "STEP",
    "Back",
    "Dormant",
    "Firm",
    "Survey",
    "expected",
    "recorded",
    "survey",
    "swap_back",
    "swap_in",
    "swapped_back",
]
