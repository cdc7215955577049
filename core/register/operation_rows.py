"""Operations as they are looked at: a line of the list, one as a whole, what one of its steps kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.errors import NotFound
from core.model import (
    Kind,
    OperationDetail,
    OperationLine,
    OperationRow,
    OperationState,
    Plan,
    Step,
    StepState,
)
from core.register import codec, plan_codec
from core.register.ids import number_of, operation_id, operation_number, public_id
from core.register.operation_tables import OPEN, operation_kept, operation_log, operation_steps, operations
from core.texts.shown import shown

Values = dict[str, Any]

o = operations.c
LISTED = tuple(each for each in o if each.name not in {"outputs", "ordered", "plan"})
"""The columns of one line of the list."""
_WAITING = sa.and_(o.kind == Kind.HAND_OVER.value, o.state == OperationState.WAITING.value)


def stored(connection: sa.Connection, operation: str, *columns: sa.ColumnElement[Any]) -> Values:
    """Columns of one operation, those of the list unless others are named. Raises NotFound."""
    query = sa.select(*(columns or LISTED)).where(o.id == operation_number(operation))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("operation", id=shown(operation))
    return dict(row)


def page(
    connection: sa.Connection, *, open_only: bool, delivery: str | None, offset: int, limit: int
) -> tuple[tuple[OperationRow, ...], int]:
    """`limit` lines from `offset` on, newest first, and the number of all that fit."""
    tests: list[sa.ColumnElement[bool]] = [o.state.in_(OPEN)] if open_only else []
    if delivery is not None:
        tests.append(o.delivery == number_of(delivery))
    total = connection.execute(sa.select(sa.func.count()).select_from(operations).where(*tests)).scalar_one()
    query = sa.select(*LISTED).where(*tests).order_by(o.id.desc()).offset(offset).limit(limit)
    return tuple(operation_row(row) for row in connection.execute(query).mappings()), total


def open_operations(connection: sa.Connection) -> tuple[OperationRow, ...]:
    """Those that are not over, oldest first."""
    query = sa.select(*LISTED).where(o.state.in_(OPEN)).order_by(o.id)
    return tuple(operation_row(row) for row in connection.execute(query).mappings())


def open_by_delivery(connection: sa.Connection, delivery: int | None = None) -> dict[int, OperationRow]:
    """The open operation of each delivery (by number) that has one, or of one delivery.

    Of several, the one that is not a hand-over; else one that somebody works on; else the last.
    """
    query = sa.select(*LISTED).where(o.state.in_(OPEN)).order_by(o.kind != Kind.HAND_OVER.value, ~_WAITING, o.id)
    if delivery is not None:
        query = query.where(o.delivery == delivery)
    return {row["delivery"]: operation_row(row) for row in connection.execute(query).mappings()}


def at_work() -> sa.Select[tuple[int]]:
    """Numbers of the deliveries that show as running: a package that waits to be handed over does not."""
    return sa.select(o.delivery).where(o.state.in_(OPEN), ~_WAITING)


def is_at_work(row: OperationRow | None) -> bool:
    """The same of one row."""
    return row is not None and not (row.kind is Kind.HAND_OVER and row.state is OperationState.WAITING)


def detail(connection: sa.Connection, operation: str, lines: int) -> OperationDetail:
    """One as a whole, with the last `lines` of its log. Raises NotFound."""
    row = stored(connection, operation, *o)
    plan = plan_codec.load_plan(row["plan"])
    query = sa.select(operation_steps).where(operation_steps.c.operation == row["id"])
    steps = connection.execute(query.order_by(operation_steps.c.number)).mappings()
    return OperationDetail(
        row=operation_row(row),
        order=plan_codec.load_order(row["ordered"]),
        steps=tuple(_step(each) for each in steps),
        outputs=plan_codec.load_outputs(row["outputs"]),
        log=log(connection, row["id"], limit=lines),
        dry_run=plan.dry_run,
    )


def log(connection: sa.Connection, number: int, *, limit: int, before: int | None = None) -> tuple[OperationLine, ...]:
    """The last lines of an operation's log, before line `before` when asked; oldest first."""
    c = operation_log.c
    query = sa.select(operation_log).where(c.operation == number).order_by(c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(c.seq < before)
    found = [OperationLine(row.seq, row.at, row.step, row.kind, row.text) for row in connection.execute(query)]
    return tuple(reversed(found))


def plan_of(connection: sa.Connection, operation: str) -> Plan:
    """The plan that was consented to. Raises NotFound."""
    return plan_codec.load_plan(stored(connection, operation, o.plan)["plan"])


def kept(connection: sa.Connection, operation: str, name: str) -> dict[str, Any] | None:
    """What a step kept under this name; None: nothing. Raises NotFound."""
    number = stored(connection, operation, o.id)["id"]
    c = operation_kept.c
    text = connection.execute(sa.select(c.value).where(c.operation == number, c.name == name)).scalar()
    return None if text is None else plan_codec.load_kept(text)


def answered(connection: sa.Connection, operation: str, number: int) -> tuple[str, str, datetime] | None:
    """Who answered what, and when; None: nobody yet. Raises NotFound."""
    row = step_of(connection, stored(connection, operation, o.id)["id"], number)
    if row["answer"] is None:
        return None
    return row["answered_by"], str(codec.load_value(row["answer"])), row["answered_at"]


def step_of(connection: sa.Connection, operation: int, number: int) -> Values:
    """All columns of one step. Raises NotFound."""
    c = operation_steps.c
    query = sa.select(operation_steps).where(c.operation == operation, c.number == number)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("operation", id=f"{operation_id(operation)}, {number}")
    return dict(row)


def operation_row(row: Mapping[Any, Any]) -> OperationRow:
    """One line of the list from its columns."""
    same = ("client", "number", "target", "who", "requested_at", "started_at", "finished_at", "step", "steps")
    return OperationRow(
        id=operation_id(row["id"]),
        kind=Kind(row["kind"]),
        delivery=public_id(row["delivery"]),
        state=OperationState(row["state"]),
        **{name: row[name] for name in (*same, "percent", "cancelling", "outcome", "instance")},
        params=codec.load_params(row["params"]),
    )


def _step(row: Mapping[Any, Any]) -> Step:
    same = ("number", "name", "undo", "effect", "guided", "final", "percent", "started_at", "finished_at")
    return Step(
        state=StepState(row["state"]),
        **{name: row[name] for name in same},
        params=codec.load_params(row["params"]),
        result=codec.load_params(row["result"]),
    )
