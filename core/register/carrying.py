"""Carrying out an operation: where its steps stand, its log, what it keeps, and what it writes exactly once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.model import OperationState, Params, StepState
from core.register import codec, plan_codec
from core.register.engine import Writing
from core.register.ids import number_of, operation_id, operation_number, public_id
from core.register.operation_rows import Values, step_of, stored
from core.register.operation_tables import custody_once, operation_kept, operation_log, operations
from core.register.operations import change, change_step, going_on
from core.texts.shown import shown

LONGEST = 4000
"""Characters of one line in an operation's log."""


def begin(work: Writing, operation: str, at: datetime) -> None:
    """It runs now, again or still; one that waits for its answer goes on waiting. Raises Refused when it is over."""
    row = going_on(work.connection, operation)
    state = OperationState(row["state"])
    asked = state is OperationState.WAITING and not row["cancelling"]
    if asked and step_of(work.connection, row["id"], row["step"])["answer"] is None:
        return
    change(work, row, {"state": OperationState.RUNNING.value, "started_at": row["started_at"] or at})


def step(
    work: Writing,
    operation: str,
    number: int,
    state: StepState,
    *,
    at: datetime,
    percent: int | None,
    result: Params | None,
) -> None:
    """Where a step stands. Raises Refused when the operation is over.

    Once a final step runs, nobody can ask to cancel any more: look whether somebody did after saying that it runs.
    """
    row = going_on(work.connection, operation)
    before = step_of(work.connection, row["id"], number)
    if state is StepState.RUNNING:
        news: Values = {"started_at": before["started_at"] or at, "finished_at": None}
    else:
        ended = state in {StepState.DONE, StepState.FAILED, StepState.UNDONE}
        news = {"finished_at": at if ended and before["state"] != state.value else before["finished_at"]}
    news |= {"state": state.value, "percent": percent}
    if result is not None:
        news["result"] = codec.dump_params(result)
    change_step(work, before, news)
    if state is not StepState.UNDONE and state is not StepState.TODO:
        change(work, row, {"step": number, "percent": percent})


def wait(work: Writing, operation: str, number: int) -> None:
    """It waits for a person at this step. One that was answered before is asked anew: look at `answered` first."""
    row = going_on(work.connection, operation)
    before = step_of(work.connection, row["id"], number)
    waiting = (OperationState.WAITING.value, StepState.WAITING.value, number)
    if (row["state"], before["state"], row["step"]) == waiting:
        return
    news: Values = {"state": StepState.WAITING.value, "percent": None, "answer": None, "answered_by": None}
    change_step(work, before, news | {"answered_at": None})
    change(work, row, {"state": OperationState.WAITING.value, "step": number, "percent": None})


def write_log(work: Writing, operation: str, step: int, lines: Iterable[tuple[str, str]], at: datetime) -> None:
    """Add lines (kind, text) to an operation's own log, each cut to LONGEST characters."""
    number = stored(work.connection, operation, operations.c.id)["id"]
    c = operation_log.c
    last = work.connection.execute(sa.select(sa.func.max(c.seq)).where(c.operation == number)).scalar() or 0
    values = [
        {"operation": number, "seq": seq, "at": at, "step": step, "kind": kind, "text": _bounded(text)}
        for seq, (kind, text) in enumerate(lines, last + 1)
    ]
    if values:
        work.execute(sa.insert(operation_log), values)


def keep(work: Writing, operation: str, name: str, value: dict[str, Any]) -> None:
    """Keep a JSON object under a name; an earlier one yields. Nobody's screen has to be drawn again for it."""
    number = stored(work.connection, operation, operations.c.id)["id"]
    c = operation_kept.c
    text = plan_codec.dump_kept(value)
    changed = sa.update(operation_kept).where(c.operation == number, c.name == name).values(value=text)
    if work.connection.execute(changed).rowcount == 0:
        work.connection.execute(sa.insert(operation_kept).values(operation=number, name=name, value=text))


def first_time(work: Writing, operation: str, step: int, what: str) -> int | None:
    """The custody line that this step wrote already; None: none yet. Raises NotFound."""
    number = stored(work.connection, operation, operations.c.id)["id"]
    c = custody_once.c
    same = (c.operation == number, c.step == step, c.what == what)
    return work.connection.execute(sa.select(c.seq).where(*same)).scalar()


def once(
    work: Writing,
    operation: str,
    step: int,
    what: str,
    *,
    at: datetime,
    who: str | None,
    delivery: str | None,
    client: str | None,
    detail: Params,
) -> int:
    """A line in the custody log, exactly once for each operation, step and word. Returns its number."""
    seq = first_time(work, operation, step, what)
    if seq is None:
        of = None if delivery is None else public_id(number_of(delivery))
        noted = {"operation": operation_id(operation_number(operation)), **detail}
        seq = work.record(what, at, who=who, delivery=of, client=client or None, detail=noted)
        note_once(work, operation, step, what, seq)
    return seq


def note_once(work: Writing, operation: str, step: int, what: str, seq: int) -> None:
    """Remember which line a step wrote."""
    values = {"operation": operation_number(operation), "step": step, "what": what, "seq": seq}
    work.execute(sa.insert(custody_once).values(values))


def _bounded(text: str) -> str:
    """Line by line safe to show; a line break stays one."""
    whole = "\n".join(shown(line) for line in text.split("\n"))
    return whole if len(whole) <= LONGEST else whole[: LONGEST - 4] + " ..."
