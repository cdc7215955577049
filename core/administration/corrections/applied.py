"""What we booked in an administration, from our own table in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.administration import catalog, own
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry set that was booked and is no reversal."""

    operation: str
    digest: str
    numbers: tuple[str, ...]
    reversed_by: str
    """The operation that booked it back; empty: it stands."""


def standing(connection: sa.Connection) -> tuple[Standing, ...]:
    """What was booked, reversals left out, in the order of the operations."""
    if not _is_there(connection):
        return ()
    c = own.corrections.c
    by = reversals(connection)
    rows = connection.execute(sa.select(c.operation, c.digest, c.record).where(c.reverses.is_(None))).all()
    return tuple(
        Standing(operation, digest, tuple(json.loads(kept)["numbers"]), by.get(operation, ""))
        for operation, digest, kept in sorted(rows, key=lambda row: (len(row.operation), row.operation))
    )


def reversals(connection: sa.Connection) -> dict[str, str]:
    """The operations that are reversed, and which one did it."""
    if not _is_there(connection):
        return {}
    c = own.corrections.c
    query = sa.select(c.reverses, c.operation).where(c.reverses.is_not(None))
    return {str(reverses): operation for reverses, operation in connection.execute(query)}


def record(connection: sa.Connection, operation: str) -> dict[str, Any]:
    """What is kept of a booking. Raises NotFound (`correction`)."""
    c = own.corrections.c
    kept = None
    if _is_there(connection):
        kept = connection.scalar(sa.select(c.record).where(c.operation == operation))
    if kept is None:
        raise NotFound("correction", operation=operation)
    told: dict[str, Any] = json.loads(kept)
    return told


def _is_there(connection: sa.Connection) -> bool:
    return catalog.has(connection, own.corrections.name)
