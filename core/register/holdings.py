"""Which administrations are at a target: with us, or returned and still standing there."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core.errors import NotFound, Refused
from core.model import Held, Kind, OperationState, StateWord
from core.register import carrying, rows
from core.register import deliveries as life_of
from core.register import operations as operations_of
from core.register.engine import Writing
from core.register.ids import number_of, operation_number, public_id
from core.register.operation_rows import Values, open_by_delivery
from core.register.operation_tables import operations
from core.register.schema import clients, deliveries, holdings
from core.texts.shown import shown

h = holdings.c
LIFE = ("", StateWord.WITH_US.value, StateWord.RETURNED.value, StateWord.SET_ASIDE.value)
"""What was done with a delivery; empty: nothing, its verdict speaks."""


def hold(
    work: Writing, target: str, number: str, *, name: str, client: str, delivery: str, operation: str, at: datetime
) -> None:
    """The administration stands there and is with us. What was returned to the same client yields.

    Raises Refused when another one stands there.
    """
    row = rows.stored(work.connection, delivery)
    before = work.connection.execute(sa.select(holdings).where(h.target == target, h.number == number)).first()
    if before is None or before.returned_at is not None or before.delivery != row["number"]:
        if before is not None:
            if before.returned_at is None or before.client != client:
                held = public_id(before.delivery)
                raise Refused("number-held", target=shown(target), number=number, delivery=held)
            work.execute(sa.delete(holdings).where(h.target == target, h.number == number))
        values = {"target": target, "number": number, "client": client, "delivery": row["number"], "since": at}
        values |= {"name": shown(name), "operation": operation_number(operation)}
        work.execute(sa.insert(holdings).values(values))
        _around_again(work, row, number)
    life(work, delivery, StateWord.WITH_US)


def returned(work: Writing, target: str, number: str, at: datetime) -> None:
    """It went back to the client; what stands there is not with us any more. Raises NotFound."""
    same = (h.target == target, h.number == number)
    held = work.connection.execute(sa.select(holdings).where(*same)).first()
    if held is None:
        raise NotFound("holding", target=shown(target), number=shown(number))
    row = rows.stored(work.connection, public_id(held.delivery))
    if held.returned_at is None:
        work.execute(sa.update(holdings).where(*same).values(returned_at=at))
        _around_again(work, row, number)
    life(work, public_id(held.delivery), StateWord.RETURNED)


def let_go(work: Writing, target: str, number: str, delivery: str | None = None) -> None:
    """The number is free again; nothing happens when it is, or when it is not of `delivery`."""
    same = [h.target == target, h.number == number]
    if delivery is not None:
        same.append(h.delivery == number_of(delivery))
    held = work.connection.execute(sa.select(holdings).where(*same)).first()
    if held is not None:
        work.execute(sa.delete(holdings).where(*same))
        _around_again(work, rows.stored(work.connection, public_id(held.delivery)), number)


def life(work: Writing, delivery: str, word: str) -> None:
    """What was done with a delivery: one of LIFE."""
    if word not in LIFE:
        raise ValueError(word)
    life_of.update(work, rows.stored(work.connection, delivery), {"life": str(word)})


def reopen(work: Writing, delivery: str, who: str, at: datetime, *, operation: str | None, step: int) -> None:
    """Start over from the sealed original: nothing of it is at a target any more, and it is judged again.

    As a step of an operation it happens exactly once. Raises Refused when nothing is sealed, and Busy when another
    operation is open on it.
    """
    if operation is not None and carrying.first_time(work, operation, step, "reopened") is not None:
        return
    number = number_of(delivery)
    operations_of.refuse_open(work.connection, number, but=operation)
    seq = life_of.reopen(work, delivery, who, at)
    for place in work.connection.execute(sa.select(h.target, h.number).where(h.delivery == number)).all():
        let_go(work, place.target, place.number)
    life(work, delivery, "")
    if operation is not None:
        carrying.note_once(work, operation, step, "reopened", seq)


def held(connection: sa.Connection, delivery: str | None) -> tuple[Held, ...]:
    """All of them, by target and number, or those of one delivery."""
    o = operations.c
    booked = sa.case((o.kind == Kind.CORRECT.value, 1), else_=-1)
    # Counted from the restore on: what was booked before it went with what was set aside.
    corrections = (
        sa.select(sa.func.coalesce(sa.func.sum(booked), 0))
        .where(
            o.delivery == h.delivery,
            o.id > sa.func.coalesce(h.operation, 0),
            o.kind.in_((Kind.CORRECT.value, Kind.REVERSE.value)),
            o.state == OperationState.DONE.value,
        )
        .scalar_subquery()
    )
    query = (
        sa.select(holdings, clients.c.name.label("client_name"), corrections.label("corrections"))
        .join(clients, clients.c.code == h.client)
        .order_by(h.target, h.number)
    )
    if delivery is not None:
        query = query.where(h.delivery == number_of(delivery))
    running = open_by_delivery(connection)
    same = ("target", "number", "name", "client", "client_name", "since", "returned_at", "corrections")
    return tuple(
        Held(
            **{name: row[name] for name in same},
            delivery=public_id(row["delivery"]),
            operation=running[row["delivery"]].id if row["delivery"] in running else "",
        )
        for row in connection.execute(query).mappings()
    )


def _around_again(work: Writing, row: Values, number: str) -> None:
    """Mark those to be judged again in whose way it now stands, or stood: its number, its client, its bytes."""
    d = deliveries.c
    kin = [d.administration_number == number]
    if row["client"]:
        kin.append(d.client == row["client"])
    if row["sha256"]:
        kin.append(d.sha256 == row["sha256"])
    others = sa.and_(sa.or_(*kin), d.stage == "sealed", d.number != row["number"])
    work.execute(sa.update(deliveries).where(others).values(fingerprint=work.again))
