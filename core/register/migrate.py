"""Bringing an older register up to this schema: in one transaction, only ever adding."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn

from core.register import operation_tables
from core.register.schema import VERSION, deliveries, holdings, metadata, state

__all__ = ["operation_tables", "upgrade"]


def upgrade(connection: sa.Connection, version: int) -> None:
    """From `version` to ours. Whoever has the register open under the older one can go on with it."""
    if version < 2:
        _add(connection, deliveries, ("life",))
        _add(connection, holdings, ("name", "operation", "returned_at"))
        next(index for index in holdings.indexes if index.name == "holdings_delivery").create(connection)
    metadata.create_all(connection)  # version 3 brought a table, `probes`, and nothing else
    connection.execute(sa.update(state).values(version=VERSION, pulse=state.c.pulse + 1))


def _add(connection: sa.Connection, table: sa.Table, names: Iterable[str]) -> None:
    for name in names:
        column = CreateColumn(table.c[name]).compile(dialect=connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column}")
