"""The test SQL Server: TDS 7.4 on a port of this machine, in a thread of its own, with an engine behind it.

    with TestServer(backend) as server:
        connection = pyodbc.connect(f"DRIVER=FreeTDS;SERVER=127.0.0.1;PORT={server.port};UID=sa;PWD=...")

It proves what a driver makes of what a server says, not what SQL Server itself would say: that is the engine's word.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from types import TracebackType
from typing import Self

from fakes.sqlserver import login
from fakes.sqlserver.conversation import Shared
from fakes.sqlserver.faults import WAITS, Faults, Heard
from fakes.sqlserver.line import Line
from fakes.sqlserver.login import Tls
from fakes.sqlserver.seam import Backend
from fakes.sqlserver.wire import Connection

FIRST_SESSION = 51
"""Lower numbers are the system's own."""


class TestServer:
    """Serves `backend` while the context is open. `port` 0: any that is free.

    Leaving it cuts every line, waits until all sessions are closed, and raises what went wrong in the engine.
    """

    __test__ = False  # for pytest: this is no test

    def __init__(self, backend: Backend, *, tls: Tls = Tls.NONE, faults: Faults | None = None, port: int = 0) -> None:
        self.faults = faults or Faults()
        self.port = port
        self._tls = tls
        self._shared = Shared(backend, self.faults)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-sql-server")
        self._numbers = itertools.count(FIRST_SESSION)
        self._connections: dict[Connection, asyncio.Task[None] | None] = {}
        self._changed = threading.Condition()
        self._listening: asyncio.Server | None = None

    def __enter__(self) -> Self:
        if self._tls is not Tls.NONE:
            login.certificate()
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(WAITS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(WAITS)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(WAITS)
            self._loop.close()
        if self._shared.bugs and error is None:
            raise self._shared.bugs[0]

    @property
    def log(self) -> list[Heard]:
        """Every statement received so far, oldest first."""
        return list(self._shared.log)

    @property
    def texts(self) -> list[str]:
        """The texts of batches, of calls and of the ends of transactions, without logins."""
        return [heard.text for heard in self._shared.log if heard.kind != "login"]

    @property
    def bugs(self) -> list[Exception]:
        """What the engine raised that a server would not; a test that wants it so empties the list."""
        return self._shared.bugs

    @property
    def sessions(self) -> int:
        """How many clients there are now."""
        return len(self._connections)

    def quiet(self) -> None:
        """Wait until every client is gone and its session is closed. Raises `TimeoutError`."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._connections, WAITS):
                raise TimeoutError(f"{len(self._connections)} clients are still there")

    def drop_all(self) -> None:
        """Cut every line; who connects afterwards is served."""
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result(WAITS)

    async def _start(self) -> None:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=100)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self._shared, self._tls, next(self._numbers), Line(reader, writer))
        self._connections[connection] = asyncio.current_task()
        try:
            await connection.serve()
        except Exception as error:  # noqa: BLE001  # a bug of the wire: the test is told at its end
            self._shared.bugs.append(error)
        finally:
            with self._changed:
                del self._connections[connection]
                self._changed.notify_all()

    async def _drop(self) -> None:
        for connection in self._connections:
            connection.drop()

    async def _stop(self) -> None:
        if self._listening is not None:
            self._listening.close()
        await self._drop()
        tasks = [task for task in self._connections.values() if task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
