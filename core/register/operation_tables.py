"""The tables of operations: ordered by a front, carried out by the worker, shown from here."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text

from core.model import Kind, OperationState
from core.register.schema import Number, Utc, after, metadata

OPEN = tuple(state.value for state in OperationState if not state.over)
"""States of an operation that is not over."""

operations = Table(
    "operations",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("delivery", ForeignKey("deliveries.number"), nullable=False),
    Column("client", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("instance", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("requested_at", Utc, nullable=False),
    Column("started_at", Utc),
    Column("finished_at", Utc),
    Column("step", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("percent", Integer),
    Column("cancelling", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("outputs", Text, nullable=False),
    Column("ordered", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Index("operations_state", "state", "id"),
    Index("operations_delivery", "delivery", "state", "kind", "id"),
    sqlite_autoincrement=True,
)
"""One row each. `ordered` and `plan` are JSON of plan_codec.py, last because no list reads them."""

operation_steps = Table(
    "operation_steps",
    metadata,
    Column("operation", ForeignKey("operations.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("undo", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("guided", Boolean, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("percent", Integer),
    Column("started_at", Utc),
    Column("finished_at", Utc),
    Column("result", Text, nullable=False),
    Column("answer", Text),
    Column("answered_by", Text),
    Column("answered_at", Utc),
)
"""How each step went; what a person answered to a guided one."""

operation_log = Table(
    "operation_log",
    metadata,
    Column("operation", ForeignKey("operations.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("step", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
)
"""The exact statements and file operations, and remarks."""

operation_kept = Table(
    "operation_kept",
    metadata,
    Column("operation", ForeignKey("operations.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""What one step keeps for a later one: JSON objects."""

custody_once = Table(
    "custody_once",
    metadata,
    Column("operation", ForeignKey("operations.id"), primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("what", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
"""Which lines of the custody log a step wrote: a step that runs again writes none twice."""

# A hand-over waits for a person and touches no administration: others may run beside it.
_OPEN = f"state IN ({', '.join(repr(state) for state in OPEN)}) AND kind <> '{Kind.HAND_OVER}'"
after(operations, f"CREATE UNIQUE INDEX operations_open ON operations (delivery) WHERE {_OPEN}")
after(operations, f"CREATE UNIQUE INDEX operations_place ON operations (target, number) WHERE {_OPEN} AND target <> ''")
