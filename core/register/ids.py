"""How people name deliveries and operations."""

from __future__ import annotations

import re

from core.errors import NotFound
from core.texts.shown import shown

_OPERATION = re.compile(r"(?:O-?)?([0-9]{1,15})")


def public_id(number: int) -> str:
    """`D-0007`: how people name a delivery."""
    return f"D-{number:04d}"


def number_of(delivery: str) -> int:
    """The number in `D-0007`. Raises NotFound when the text cannot be an id."""
    head, _, digits = delivery.strip().upper().partition("-")
    if head != "D" or not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise NotFound("delivery", id=shown(delivery))
    return int(digits)


def operation_id(number: int) -> str:
    """`O-0007`: how people name an operation."""
    return f"O-{number:04d}"


def operation_number(operation: str) -> int:
    """The number in `O-0007`, `o7` or `7`. Raises NotFound when the text cannot be an id."""
    found = _OPERATION.fullmatch(operation.strip().upper())
    if found is None:
        raise NotFound("operation", id=shown(operation))
    return int(found[1])
