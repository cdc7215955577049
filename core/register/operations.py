"""The life of an operation as people see it: ordered, answered, cancelled, over. Each step is in carrying.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from core.errors import Busy, Refused
from core.model import Kind, OperationState, Order, Output, Params, Plan, StepState
from core.register import codec, plan_codec, rows
from core.register.engine import Writing
from core.register.ids import operation_id, operation_number, public_id
from core.register.operation_rows import Values, step_of, stored
from core.register.operation_tables import (
    OPEN,
    operation_steps,
    operations,
)
from core.texts.shown import shown

o, s = operations.c, operation_steps.c
_UNTOUCHED = (StepState.TODO, StepState.WAITING, StepState.UNDONE)
"""States in which a step has changed nothing."""


def order(work: Writing, order: Order, plan: Plan, *, who: str, at: datetime) -> str:
    """Note the order with its plan. Raises Busy when another one is open on the delivery, or on its place."""
    delivery = rows.stored(work.connection, order.delivery)
    _refuse_second(work.connection, order, delivery["number"], plan)
    values: Values = {
        "kind": order.kind.value, "delivery": delivery["number"], "client": plan.client, "number": plan.number,
        "target": plan.target, "instance": plan.instance, "state": OperationState.REQUESTED.value, "who": who,
        "requested_at": at, "step": 0, "steps": len(plan.steps), "cancelling": "", "outcome": "",
        "params": codec.dump_params({}), "outputs": plan_codec.dump_outputs(()),
        "ordered": plan_codec.dump_order(order), "plan": plan_codec.dump_plan(plan),
    }  # fmt: skip
    number = work.execute(sa.insert(operations).values(values).returning(o.id)).scalar_one()
    steps = [
        {
            "operation": number, "number": each.number, "name": each.name, "state": StepState.TODO.value,
            "params": codec.dump_params(each.params), "undo": each.undo, "effect": shown(each.effect),
            "guided": each.guided, "final": each.final, "result": codec.dump_params({}),
        }
        for each in plan.steps
    ]  # fmt: skip
    if steps:
        work.execute(sa.insert(operation_steps), steps)
    operation = operation_id(number)
    detail = {"operation": operation, "order": order.kind.value, "target": plan.target, "number": plan.number}
    _record(work, values, "ordered", at=at, who=who, detail=detail)
    return operation


def answer(work: Writing, operation: str, text: str, *, who: str, at: datetime) -> None:
    """Keep what a person says to the step that waits. Raises Refused when none does, or it was answered."""
    row = stored(work.connection, operation)
    asked = row["state"] == OperationState.WAITING.value and not row["cancelling"]
    before = step_of(work.connection, row["id"], row["step"]) if asked else None
    if before is None or before["answer"] is not None:
        raise Refused("operation-not-waiting", id=operation_id(row["id"]))
    change_step(work, before, {"answer": codec.dump_value(text), "answered_by": who, "answered_at": at})
    detail = {"operation": operation_id(row["id"]), "order": row["kind"], "text": shown(text)}
    _record(work, row, "answered", at=at, who=who, detail=detail)


def ask_cancel(work: Writing, operation: str, *, who: str, at: datetime) -> None:
    """Ask to cancel; where nobody is at work and nothing is to be taken back, it is over at once.

    Raises Refused when it is over, or past the point of no return.
    """
    row = going_on(work.connection, operation)
    if row["cancelling"]:
        return
    steps = work.connection.execute(sa.select(operation_steps).where(s.operation == row["id"])).mappings().all()
    if any(each["final"] and each["state"] not in _UNTOUCHED for each in steps):
        raise Refused("operation-too-late", id=operation_id(row["id"]))
    change(work, row, {"cancelling": who})
    waiting = [dict(each) for each in steps if each["state"] == StepState.WAITING.value]
    idle = {OperationState.REQUESTED: True, OperationState.WAITING: all(each["answer"] is None for each in waiting)}
    undone = {StepState.TODO.value, StepState.UNDONE.value}
    if not idle.get(row["state"]) or any(each["undo"] and each["state"] not in undone for each in steps):
        return
    for each in waiting:
        change_step(work, each, {"state": StepState.UNDONE.value, "finished_at": at})
    end(work, operation, OperationState.CANCELLED, "outcome.cancelled", at=at, params={"who": who}, outputs=())


def end(
    work: Writing,
    operation: str,
    state: OperationState,
    outcome: str,
    *,
    at: datetime,
    params: Params,
    outputs: Iterable[Output],
) -> None:
    """It is over; one that is over already stays as it ended."""
    if not state.over:
        raise ValueError(state)
    row = stored(work.connection, operation)
    if OperationState(row["state"]).over:
        return
    news = {"state": state.value, "finished_at": at, "percent": None, "outcome": outcome}
    change(work, row, news | {"params": codec.dump_params(params), "outputs": plan_codec.dump_outputs(outputs)})
    if state is OperationState.DONE:
        return  # Its last step has written what came of it.
    who = row["cancelling"] if state is OperationState.CANCELLED and row["cancelling"] else work.who
    detail = {"operation": operation_id(row["id"]), "order": row["kind"], "step": row["step"], "outcome": outcome}
    _record(work, row, f"operation-{state}", at=at, who=who, detail=detail)


def refuse_open(connection: sa.Connection, delivery: int, *, but: str | None = None) -> None:
    """Raises Busy when an operation is open on the delivery, `but` this one."""
    found = connection.execute(
        sa.select(o.id).where(
            o.delivery == delivery,
            o.state.in_(OPEN),
            o.kind != Kind.HAND_OVER.value,
            o.id != (0 if but is None else operation_number(but)),
        )
    ).scalar()
    if found is not None:
        raise Busy("operation-open", id=operation_id(found), delivery=public_id(delivery))


def _refuse_second(connection: sa.Connection, order: Order, delivery: int, plan: Plan) -> None:
    mine = o.delivery == delivery
    if order.kind is Kind.HAND_OVER:
        # What was returned, reopened and returned again is two packages to hand over.
        mine = sa.and_(mine, o.kind == Kind.HAND_OVER.value, o.ordered == plan_codec.dump_order(order))
    else:
        place = sa.and_(o.target == plan.target, o.number == plan.number) if plan.target else sa.false()
        mine = sa.and_(sa.or_(mine, place), o.kind != Kind.HAND_OVER.value)
    found = connection.execute(sa.select(o.id, o.delivery).where(o.state.in_(OPEN), mine).order_by(o.id)).first()
    if found is not None:
        raise Busy("operation-open", id=operation_id(found.id), delivery=public_id(found.delivery))


def going_on(connection: sa.Connection, operation: str) -> Values:
    """Its row. Raises NotFound, and Refused when it is over."""
    row = stored(connection, operation)
    if OperationState(row["state"]).over:
        raise Refused("operation-over", id=operation_id(row["id"]))
    return row


def change(work: Writing, row: Values, values: Values) -> None:
    """Change columns of an operation; nothing when all stand so already."""
    if any(row[name] != value for name, value in values.items() if name in row) or values.keys() - row.keys():
        work.execute(sa.update(operations).where(o.id == row["id"]).values(values))
        row |= values


def change_step(work: Writing, row: Values, values: Values) -> None:
    """Change columns of a step; nothing when all stand so already."""
    if any(row[name] != value for name, value in values.items()):
        same = (s.operation == row["operation"], s.number == row["number"])
        work.execute(sa.update(operation_steps).where(*same).values(values))


def _record(work: Writing, row: Values, what: str, *, at: datetime, who: str, detail: Params) -> None:
    work.record(what, at, who=who, delivery=public_id(row["delivery"]), client=row["client"] or None, detail=detail)
