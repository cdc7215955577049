"""One transaction on a database: committed at the end of the block, or as if it never was."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from core.administration.engine import Work
from core.administration.spoken import spoken
from core.administration.sqlserver import messages, statements
from core.administration.sqlserver.connecting import Connector
from core.errors import Refused, Unreadable


@contextlib.contextmanager
def transaction(connector: Connector, name: str, work: Work | None, *, write: bool) -> Iterator[sa.Connection]:
    """A connection to the database `name`. With `write`, what it reads stays so until its end.

    Each statement is logged before it runs, and `work.check` is asked before each. Looking ends in a rollback, and
    refuses everything but a question (`administration-read-only`). Raises what messages.py makes of the server's
    numbers; a line that drops at the commit leaves open whether it took effect (`connection-lost`).
    """
    engine = connector.sqlalchemy_engine(name)
    try:
        with _connected(engine, connector.target) as connection, connection.begin() as under_way:
            try:
                connection.exec_driver_sql(statements.WRITING if write else statements.READING)
                if not write:
                    sa.event.listen(connection, "before_cursor_execute", _only_questions(name))
                if work is not None:
                    sa.event.listen(connection, "before_cursor_execute", _asking(work))
                    sa.event.listen(connection, "before_cursor_execute", spoken(work.log))
                yield connection
            except BaseException:
                # The server may have undone it already (XACT_ABORT) and then refuses a ROLLBACK (3903): who hangs up
                # has undone it in any case.
                connection.invalidate()
                raise
            if not write:
                under_way.rollback()
    except sa.exc.DBAPIError as problem:
        raise messages.error(problem.orig or problem, connector.target) from None
    finally:
        engine.dispose()


def _connected(engine: sa.Engine, target: str) -> sa.Connection:
    """Raises Unreadable (`connection-lost`).

    SQLAlchemy asks the server for its version first; where the line drops there, it only finds that it is closed.
    """
    try:
        return engine.connect()
    except sa.exc.ResourceClosedError as problem:
        raise Unreadable("connection-lost", target=target, number=0, text=str(problem)) from None


def _only_questions(name: str) -> Callable[..., None]:
    def listen(_connection: object, _cursor: object, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith("SELECT"):
            raise Refused("administration-read-only", path=name)

    return listen


def _asking(work: Work) -> Callable[..., None]:
    def listen(_connection: object, _cursor: object, statement: str, *_rest: Any) -> None:
        if not statement.startswith("SET "):  # said by SQLAlchemy around one of ours: it only logs what is raised there
            work.check()

    return listen
