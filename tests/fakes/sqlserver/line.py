"""One connection as packets: messages in, packets out, TLS between them. Lives in the event loop's thread."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from typing import NamedTuple

BATCH, CALL, ATTENTION, BULK, TRANSACTION, LOGIN, PRELOGIN = 0x01, 0x03, 0x06, 0x07, 0x0E, 0x10, 0x12
ANSWER = 0x04
TLS_RECORD = 0x16
"""The first byte of a client that shakes hands before it says anything."""
LAST = 0x01
"""Status bit of the packet that ends a message."""
HEAD = 8


class Message(NamedTuple):
    """A whole message of a client."""

    kind: int
    status: int
    body: bytes


def packet(body: bytes, number: int, *, last: bool, session: int = 0, kind: int = ANSWER) -> bytes:
    """One packet."""
    return struct.pack(">BBHHBB", kind, LAST if last else 0, len(body) + HEAD, session, number & 255, 0) + body


class Line:
    """Reads whole messages and sends bytes, in the clear or through TLS."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._waiting = bytearray()
        self._tls: ssl.SSLObject | None = None
        self._coming = ssl.MemoryBIO()
        self._going = ssl.MemoryBIO()

    async def _more(self) -> None:
        """Wait for bytes. Raises `EOFError` when the client is gone."""
        while True:
            data = await self._reader.read(65_536)
            if not data:
                raise EOFError
            if self._tls is None:
                self._waiting += data
                return
            self._coming.write(data)
            try:
                while read := self._tls.read(65_536):
                    self._waiting += read
            except ssl.SSLWantReadError:
                if self._waiting:
                    return

    async def message(self) -> Message:
        """The next message. Raises `EOFError`, `OSError`, `ssl.SSLError`."""
        body = b""
        waiting = self._waiting
        while True:
            while len(waiting) < HEAD:
                await self._more()
            kind, status, length = struct.unpack_from(">BBH", waiting)
            while len(waiting) < length:
                await self._more()
            body += waiting[HEAD:length]
            del waiting[:length]
            if status & LAST:
                return Message(kind, status, body)

    def send(self, data: bytes) -> None:
        """Send packets."""
        if self._tls is not None and data:
            self._tls.write(data)
            data = self._going.read()
        if data and not self._writer.is_closing():
            self._writer.write(data)

    async def drained(self) -> None:
        """Wait until the client has taken most of it. Raises `OSError` when it is gone."""
        await self._writer.drain()

    async def strict(self) -> bool:
        """Does the client begin with TLS (TDS 8.0) and not with PRELOGIN?"""
        await self._more()
        return self._waiting[0] == TLS_RECORD

    async def encrypt(self, context: ssl.SSLContext, *, bare: bool = False) -> None:
        """Shake hands, inside PRELOGIN packets or `bare`; from then on everything goes through TLS."""
        tls = context.wrap_bio(self._coming, self._going, server_side=True)
        if bare:
            self._coming.write(self._waiting)
            self._waiting.clear()
        ready = False
        while not ready:
            try:
                tls.do_handshake()
                ready = True
            except ssl.SSLWantReadError:
                pass
            if data := self._going.read():
                self.send(data if bare else packet(data, 0, last=True, kind=PRELOGIN))
            if not ready and bare:
                await self._more()
                self._coming.write(self._waiting)
                self._waiting.clear()
            elif not ready:
                self._coming.write((await self.message()).body)
        self._tls = tls

    def uncover(self) -> None:
        """No more TLS: only the login was encrypted."""
        self._tls = None

    def drop(self) -> None:
        """Cut it, whatever is still to be sent."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Send what is left, and hang up."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
