"""One client from PRELOGIN to its end: reads on while its statement runs, so that an attention is heard at once."""

from __future__ import annotations

import asyncio
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fakes.sqlserver import login, tokens
from fakes.sqlserver.conversation import Answer, Conversation, Shared
from fakes.sqlserver.faults import Dropped, Stopped
from fakes.sqlserver.line import ATTENTION, LOGIN, PRELOGIN, Line, Message, packet
from fakes.sqlserver.login import NOT_SUPPORTED, OFF, Tls

GONE = (EOFError, OSError, ssl.SSLError, Dropped)
PENDING = 1 << 18
"""Bytes that a session sends before it waits for its client."""


class Connection:
    """One client."""

    def __init__(self, shared: Shared, tls: Tls, number: int, line: Line) -> None:
        self._shared = shared
        self._tls = tls
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, f"session-{number}")
        self._conversation = Conversation(shared, number, self._send)
        self._cancelled = threading.Event()
        self._sent = 0

    async def serve(self) -> None:
        """Until the client is gone."""
        try:
            await self._enter()
        except GONE:
            pass
        finally:
            self._cancelled.set()
            self._line.drop()
            await self._loop.run_in_executor(self._thread, self._conversation.close)
            self._thread.shutdown(wait=False)

    def drop(self) -> None:
        """Cut the line."""
        self._cancelled.set()
        self._line.drop()

    def _send(self, data: bytes) -> None:
        """From the session's thread."""
        self._loop.call_soon_threadsafe(self._line.send, data)
        self._sent += len(data)
        if self._sent > PENDING:
            self._sent = 0
            try:
                asyncio.run_coroutine_threadsafe(self._line.drained(), self._loop).result()
            except OSError:
                raise Stopped from None

    async def _enter(self) -> None:
        strict = await self._line.strict()
        if strict:
            if self._tls is Tls.NONE:
                raise Dropped
            await self._line.encrypt(login.certificate().context, bare=True)
        message = await self._line.message()
        if message.kind != PRELOGIN:
            raise Dropped
        asked = login.asked_encryption(message.body)
        encryption = NOT_SUPPORTED if strict else login.agreed(asked, self._tls)
        self._line.send(packet(login.prelogin(self._shared.backend.version, encryption), 1, last=True))
        if encryption != NOT_SUPPORTED:
            await self._line.encrypt(login.certificate().context)
        message = await self._line.message()
        if encryption == OFF:
            self._line.uncover()
        if message.kind != LOGIN:
            raise Dropped
        said = login.login7(message.body)
        answer = await self._loop.run_in_executor(self._thread, self._conversation.login, said)
        await self._finish(answer)
        await self._talk()

    async def _finish(self, answer: Answer) -> None:
        self._line.send(answer.data)
        if answer.over:
            await self._line.close()
            raise Dropped

    async def _talk(self) -> None:
        coming = asyncio.ensure_future(self._line.message())
        try:
            while True:
                message = await coming
                coming = asyncio.ensure_future(self._line.message())
                if message.kind == ATTENTION:  # it came too late
                    self._acknowledge()
                elif await self._answered(message, coming):
                    coming = asyncio.ensure_future(self._line.message())
        finally:
            coming.cancel()

    async def _answered(self, message: Message, coming: asyncio.Future[Message]) -> bool:
        """Answer one message. Has an attention been taken from `coming` meanwhile?"""
        self._cancelled = cancelled = threading.Event()
        work = self._loop.run_in_executor(self._thread, self._conversation.answer, message, cancelled)
        both: set[asyncio.Future[Any]] = {work, coming}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        attention = False
        if not work.done():
            lost = coming.exception() is not None
            attention = not lost and coming.result().kind == ATTENTION
            if lost or attention:
                cancelled.set()
        answer = await work
        if answer.stopped and not attention:  # nobody asked: the engine has ended this session (KILL, SINGLE_USER)
            raise Dropped
        await self._finish(answer)
        if attention and not answer.stopped:
            self._acknowledge()
        return attention

    def _acknowledge(self) -> None:
        self._line.send(packet(tokens.done(tokens.STOPPED), 1, last=True, session=self._conversation.number))
