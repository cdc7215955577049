"""Our own tables inside an administration while it is with us. A working copy loses them before it goes back."""

from __future__ import annotations

import sqlalchemy as sa

from core.administration import catalog
from core.administration.engine import Mark

metadata = sa.MetaData()

mark = sa.Table(
    f"{catalog.PREFIX}mark",
    metadata,
    sa.Column("delivery", sa.VARCHAR(20), primary_key=True),
    sa.Column("client", sa.Unicode(60), nullable=False),
    sa.Column("number", sa.VARCHAR(3), nullable=False),
    sa.Column("sha256", sa.VARCHAR(64), nullable=False),
    sa.Column("operation", sa.VARCHAR(20), nullable=False),
    implicit_returning=False,
)
"""One row: whose it is. Nothing without it is ever touched."""

dormant = sa.Table(
    f"{catalog.PREFIX}dormant",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("record", sa.Text, nullable=False),
    implicit_returning=False,
)
"""One row: the client's identity as it was, as JSON of `identity`. The register keeps the same."""

corrections = sa.Table(
    f"{catalog.PREFIX}corrections",
    metadata,
    sa.Column("operation", sa.VARCHAR(20), primary_key=True),
    sa.Column("digest", sa.VARCHAR(64), nullable=False),
    sa.Column("reverses", sa.VARCHAR(20)),
    sa.Column("record", sa.Text, nullable=False),
    implicit_returning=False,
)
"""One row for each entry set booked: its digest, and the before-image and rows as JSON of `corrections`."""

done = sa.Table(
    f"{catalog.PREFIX}done",
    metadata,
    sa.Column("operation", sa.VARCHAR(20), primary_key=True),
    sa.Column("step", sa.VARCHAR(40), primary_key=True),
    implicit_returning=False,
)
"""Written in the transaction of a step itself: so a step can say for certain whether it happened."""


def prepare(connection: sa.Connection, whose: Mark) -> None:
    """Make our tables and set the mark; harmless when it stands. Part of the caller's transaction."""
    there = {each.casefold() for each in catalog.names(connection)}
    for table in metadata.sorted_tables:
        if table.name not in there:
            table.create(connection, checkfirst=False)
    catalog.changed(connection)
    if read_mark(connection) is None:
        values = {name: getattr(whose, name) for name in ("delivery", "client", "number", "sha256", "operation")}
        connection.execute(sa.insert(mark).values(values))


def read_mark(connection: sa.Connection) -> Mark | None:
    """Whose it is; None: not ours."""
    if not catalog.has(connection, mark.name):
        return None
    row = connection.execute(sa.select(mark)).first()
    return None if row is None else Mark(row.delivery, row.client, row.number, row.sha256, row.operation)


def did(connection: sa.Connection, operation: str, step: str) -> bool:
    """Did this step of this operation happen here?"""
    if not catalog.has(connection, done.name):
        return False
    query = sa.select(done.c.step).where(done.c.operation == operation, done.c.step == step)
    return connection.execute(query).first() is not None


def note_done(connection: sa.Connection, operation: str, step: str) -> None:
    """It happens: part of the step's own transaction."""
    connection.execute(sa.insert(done).values(operation=operation, step=step))


def forget_done(connection: sa.Connection, operation: str, step: str) -> None:
    """It is being undone: part of that transaction."""
    connection.execute(sa.delete(done).where(done.c.operation == operation, done.c.step == step))


def leave(connection: sa.Connection) -> None:
    """Take our tables away: what goes back to the client is the client's. Harmless when they are gone."""
    there = {each.casefold() for each in catalog.names(connection)}
    for table in reversed(metadata.sorted_tables):
        if table.name in there:
            table.drop(connection, checkfirst=False)
    catalog.changed(connection)
