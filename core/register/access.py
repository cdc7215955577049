"""One register, opened: its reading and its writing transactions."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Self

import sqlalchemy as sa

from core.register import engine


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)


class Access:
    """Every method is one short transaction; processes and threads may share a register.

    Methods raise NotFound for what the register does not know, Busy after 30 seconds of other writers, NoSpace on a
    full disk, and RegisterError otherwise. A method that writes can be repeated: the second time changes nothing.
    """

    def __init__(self, made: sa.Engine, *, who: str, host: str, clock: Callable[[], datetime]) -> None:
        self._engine = made
        self._who = who
        self._host = host
        self._clock = clock
        self._turn = threading.Lock()

    @classmethod
    def open(
        cls,
        url: str | os.PathLike[str],
        *,
        create: bool = False,
        password: str | None = None,
        who: str = "wissel",
        host: str | None = None,
        clock: Callable[[], datetime] = now,
    ) -> Self:
        """Open a register: a path (SQLite file) or a URL. `create` makes what is missing, and brings up an older one.

        `who` stands in the log where a method gets no other name. Raises RegisterError.
        """
        made = engine.engine_for(url, password)
        try:
            engine.prepare(made, create=create)
        except BaseException:
            made.dispose()
            raise
        return cls(made, who=who, host=socket.gethostname() if host is None else host, clock=clock)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def _read(self) -> engine.Reading:
        return engine.reading(self._engine)

    @contextlib.contextmanager
    def _write(self) -> Iterator[engine.Writing]:
        # Threads of one process take turns here: SQLite would let them wait in steps of up to 100 ms.
        with self._turn, engine.writing(self._engine, self._who, self._host) as work:
            yield work
