"""What the fronts and the worker look up: a page of the list, what is open, what is stale, who works."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.model import DeliveryRow
from core.register.engine import Writing
from core.register.filters import conditions
from core.register.ids import number_of, public_id
from core.register.operation_rows import open_by_delivery
from core.register.rows import HELD_AT, LISTED, list_row
from core.register.schema import OPEN_STAGES, deliveries, papers
from core.register.schema import worker as worker_row

_HOLDING = ("cabinet", "zip", "tape", "compressed", "data-file", "practice")
"""Kinds of file that may hold a database."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that is not sealed yet."""

    id: str
    inbox: str
    file_name: str
    identity: str
    size: int
    stage: str
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """The worker's own last words."""

    pid: int
    host: str
    started_at: datetime
    seen_at: datetime
    doing: str


def page(
    connection: sa.Connection, filter_text: str, offset: int, limit: int, *, newest_first: bool
) -> tuple[tuple[DeliveryRow, ...], int]:
    """`limit` lines from `offset` on, and the number of all that fit."""
    tests = conditions(filter_text)
    total = connection.execute(sa.select(sa.func.count()).select_from(deliveries).where(*tests)).scalar_one()
    order = deliveries.c.number.desc() if newest_first else deliveries.c.number
    query = sa.select(*LISTED, HELD_AT).where(*tests).order_by(order).offset(offset).limit(limit)
    running = open_by_delivery(connection)
    return tuple(list_row(row, running.get(row["number"])) for row in connection.execute(query).mappings()), total


def stale(connection: sa.Connection, fingerprint: str, limit: int) -> tuple[str, ...]:
    """At most `limit` sealed deliveries with another fingerprint, newest first."""
    c = deliveries.c
    # Two ranges instead of "not equal", and no order: so each is a walk along the index.
    ranges = (c.fingerprint < fingerprint, c.fingerprint > fingerprint)
    found = [
        number
        for other in ranges
        for number in connection.scalars(sa.select(c.number).where(c.stage == "sealed", other).limit(limit))
    ]
    return tuple(public_id(number) for number in sorted(found[:limit], reverse=True))


def unlooked(connection: sa.Connection, fact: str, limit: int, but: Collection[str]) -> tuple[str, ...]:
    """At most `limit` sealed deliveries of a kind that may hold a database, whose evidence has no such fact."""
    c = deliveries.c
    query = (
        sa.select(c.number)
        .join(papers, papers.c.delivery == c.number)
        .where(c.stage == "sealed", c.kind.in_(_HOLDING), c.number.not_in([number_of(each) for each in but]))
        # As codec.py writes a claim; a value that looks like one has its quotes escaped.
        .where(sa.not_(papers.c.evidence.contains(f'["{fact}",', autoescape=True)))
        .order_by(c.number.desc())
        .limit(limit)
    )
    return tuple(public_id(number) for number in connection.scalars(query))


def open_arrivals(connection: sa.Connection, inbox: str | None) -> tuple[Arrival, ...]:
    """Deliveries in an open stage, oldest first."""
    c = deliveries.c
    query = sa.select(c.number, c.inbox, c.file_name, c.identity, c.size, c.stage, c.arrived_at).order_by(c.number)
    query = query.where(c.stage.in_(OPEN_STAGES), *([] if inbox is None else [c.inbox == inbox]))
    return tuple(
        Arrival(
            public_id(row.number), row.inbox, os.fsdecode(bytes(row.file_name)), row.identity, row.size, row.stage,
            row.arrived_at,
        )
        for row in connection.execute(query)
    )  # fmt: skip


def worker(connection: sa.Connection) -> WorkerStatus | None:
    """The worker's row."""
    row = connection.execute(sa.select(worker_row)).first()
    return None if row is None else WorkerStatus(row.pid, row.host, row.started_at, row.seen_at, row.doing)


def worker_says(work: Writing, pid: int, started_at: datetime, doing: str, at: datetime) -> None:
    """Write the worker's row. Counts as a change only when it says something new: a heartbeat redraws nothing."""
    before = worker(work.connection)
    values = {"pid": pid, "host": work.host, "started_at": started_at, "seen_at": at, "doing": doing}
    if before is None:
        work.execute(sa.insert(worker_row).values(id=1, **values))
    elif (before.pid, before.host, before.doing) != (pid, work.host, doing):
        work.execute(sa.update(worker_row).values(values))
    else:
        work.connection.execute(sa.update(worker_row).values(values))
