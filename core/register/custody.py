"""The custody log: reading it, proving it whole, and what a person has not seen of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.model import CustodyLine
from core.register import codec
from core.register.chain import FIRST_HASH, verify
from core.register.engine import Writing
from core.register.schema import custody, seen, state

__all__ = ["SinceSeen", "lines", "mark_seen", "since", "verify", "verify_log"]

BATCH = 2000
"""Lines verified at a time: constant memory on any log."""


@dataclass(frozen=True, slots=True)
class SinceSeen:
    """What the log got since a person last looked."""

    at: datetime | None
    """When that was; None: never."""
    seq: int
    """The last line there is now: give it to `mark_seen`."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """`custody.<what>` -> number of new lines."""


def lines(
    connection: sa.Connection,
    *,
    limit: int = 200,
    before: int | None = None,
    delivery: str | None = None,
    client: str | None = None,
) -> tuple[CustodyLine, ...]:
    """The newest lines first, before line `before`, of one delivery or client when asked."""
    query = sa.select(custody).order_by(custody.c.seq.desc()).limit(limit)
    for column, value in ((custody.c.delivery, delivery), (custody.c.client, client)):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(custody.c.seq < before)
    return tuple(_line(row) for row in connection.execute(query).mappings())


def verify_log(connection: sa.Connection) -> int | None:
    """The number of the first line that was changed or is missing; None: the log is whole, to its end."""
    head = connection.execute(sa.select(state.c.custody_seq, state.c.custody_hash)).one()
    previous = FIRST_HASH
    expected = 1
    for batch in _batches(connection):
        broken = verify(batch, first=expected, previous=previous)
        if broken is not None:
            return broken
        expected, previous = batch[-1].seq + 1, batch[-1].hash
    whole = (head.custody_seq, head.custody_hash) == (expected - 1, previous)
    return None if whole else min(expected, head.custody_seq + 1)


def since(connection: sa.Connection, who: str) -> SinceSeen:
    """How many lines of each kind came after the last that `who` saw; nothing for who was never here."""
    last = connection.execute(sa.select(seen.c.seq, seen.c.at).where(seen.c.who == who)).first()
    head = connection.execute(sa.select(state.c.custody_seq)).scalar_one()
    if last is None:
        return SinceSeen(None, head)
    counts = (
        sa.select(custody.c.what, sa.func.count())
        .where(custody.c.seq > last.seq)
        .group_by(custody.c.what)
        .order_by(custody.c.what)
    )
    return SinceSeen(last.at, head, {row[0]: row[1] for row in connection.execute(counts)})


def mark_seen(work: Writing, who: str, seq: int | None, at: datetime) -> None:
    """Remember that `who` saw the log up to line `seq` (None: all of it). Never goes back."""
    head = work.connection.execute(sa.select(state.c.custody_seq)).scalar_one()
    wanted = head if seq is None else min(seq, head)
    last = work.connection.execute(sa.select(seen.c.seq).where(seen.c.who == who)).scalar()
    values = {"seq": max(wanted, last or 0), "at": at}
    # Not through work.execute: nobody's screen has to be drawn again for it.
    if last is None:
        work.connection.execute(sa.insert(seen).values(who=who, **values))
    else:
        work.connection.execute(sa.update(seen).where(seen.c.who == who).values(values))


def _batches(connection: sa.Connection) -> Iterator[tuple[CustodyLine, ...]]:
    last = -(2**62)
    while True:
        query = sa.select(custody).where(custody.c.seq > last).order_by(custody.c.seq).limit(BATCH)
        batch = tuple(_line(row) for row in connection.execute(query).mappings())
        if not batch:
            return
        yield batch
        last = batch[-1].seq


def _line(row: Mapping[Any, Any]) -> CustodyLine:
    return CustodyLine(
        seq=row["seq"],
        at=row["at"],
        who=row["who"],
        host=row["host"],
        what=row["what"],
        delivery=row["delivery"],
        client=row["client"],
        detail=codec.load_params(row["detail"]),
        hash=row["hash"],
    )
