"""An administration opened for a test, whose transactions are real, and everything that is in it."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from factory.administrations import Shape

from core.administration.types import COLLATION, compare


class Books:
    """One administration of ours."""

    def __init__(self, path: Path, shape: Shape) -> None:
        self.shape = shape
        self._engine = sa.create_engine(f"sqlite:///{path}")
        sa.event.listen(self._engine, "connect", lambda raw, _: raw.create_collation(COLLATION, compare))
        # The driver begins too late, and commits around what defines a table.
        sa.event.listen(self._engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        sa.event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("begin"))

    @contextmanager
    def open(self, *, keep: bool = False) -> Iterator[sa.Connection]:
        with self._engine.connect() as connection:
            yield connection
            connection.commit() if keep else connection.rollback()

    def close(self) -> None:
        self._engine.dispose()


def everything(connection: sa.Connection) -> dict[str, tuple[int, bytes]]:
    """Every row of every table, ours too, and what defines them: each value with its type."""
    found = {}
    for (name,) in connection.exec_driver_sql("select name from sqlite_master where type = 'table'").all():
        rows = list(map(tuple, connection.exec_driver_sql(f'select rowid, * from "{name}" order by rowid')))
        found[name] = (len(rows), marshal.dumps(rows, 2))
    rows = list(map(tuple, connection.exec_driver_sql("select * from sqlite_master order by name")))
    return {**found, "": (len(rows), marshal.dumps(rows, 2))}
