"""The answer to one message, written by its session's thread: events of the engine become tokens, tokens packets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from fakes.sqlserver import tokens
from fakes.sqlserver.cells import Encoder, column
from fakes.sqlserver.faults import Fault, Stopped
from fakes.sqlserver.line import HEAD, packet
from fakes.sqlserver.seam import Columns, Done, Event, Failed, Info, Pause, Row, ServerError, Session

Send = Callable[[bytes], None]


@dataclass
class Known:
    """What the client believes: its database, and the number of its transaction or 0."""

    database: str = ""
    transaction: int = 0
    begun: int = 0

    def news(self, session: Session, server: str) -> bytes:
        """Tokens that say what has changed since."""
        made = b""
        if session.database != self.database:
            made += tokens.database(session.database, self.database, server)
            self.database = session.database
        if session.in_transaction and not self.transaction:
            self.begun += 1
            self.transaction = self.begun
            made += tokens.transaction(tokens.BEGUN, self.transaction)
        return made if session.in_transaction else made + self.ended(tokens.ROLLED_BACK)

    def ended(self, how: int) -> bytes:
        """The transaction, if there was one, has ended."""
        if not self.transaction:
            return b""
        made = tokens.transaction(how, self.transaction)
        self.transaction = 0
        return made


@dataclass
class Reply:
    """Tokens on their way. `inside`: a procedure, whose statements end with DONEINPROC."""

    send: Send
    size: int
    session: int
    server: str
    cancelled: threading.Event
    inside: bool = False
    _tokens: bytearray = field(default_factory=bytearray)
    _packets: int = 0
    _open: bool = False
    _held: bytes | None = None
    """The DONE of the last statement: what follows decides whether it says "more"."""

    def put(self, token: bytes) -> None:
        """One more token; full packets go."""
        self._tokens += token
        room = self.size - HEAD
        if len(self._tokens) > room:
            gone = b""
            while len(self._tokens) > room:
                gone += self._packet(bytes(self._tokens[:room]), last=False)
                del self._tokens[:room]
            self.send(gone)

    def flush(self) -> None:
        """Send what there is now, in a short packet, and go on."""
        if self._tokens:
            self.send(self._packet(bytes(self._tokens), last=False))
            self._tokens.clear()

    def end(self) -> bytes:
        """The last packet, which somebody else sends."""
        return self._packet(bytes(self._tokens), last=True)

    def _packet(self, body: bytes, *, last: bool) -> bytes:
        self._packets += 1
        return packet(body, self._packets, last=last, session=self.session)

    def take(self, events: Iterable[Event], faults: Sequence[Fault] = ()) -> None:
        """Events as they come. Raises `Stopped`, and what the engine and the script raise."""
        points = {fault.after: fault for fault in faults if fault.after is not None}
        encoders: Sequence[Encoder] = ()
        for taken, event in enumerate(events, 1):
            if self.cancelled.is_set():
                raise Stopped
            if isinstance(event, Row):
                cells = zip(encoders, event.values, strict=True)
                self.put(tokens.ROW + b"".join([encode(value) for encode, value in cells]))
            elif isinstance(event, Columns):
                self._more()
                said = [column(each) for each in event.columns]
                encoders = [each.encode for each in said]
                self.put(tokens.columns(said))
                self._open = True
            else:
                self._other(event)
            if taken in points:
                self.flush()
                points[taken].now(self.cancelled)

    def _other(self, event: Event) -> None:
        if isinstance(event, Pause):
            return
        self._more()
        if isinstance(event, Done):
            self._done(event.count)
        elif isinstance(event, Info):
            self.put(tokens.info(event.number, event.message, self.server, event.severity, event.state))
            if event.live:
                self._done(None)
                self._more()
                self.flush()
        elif isinstance(event, Failed):
            self.error(event.error)

    def error(self, error: ServerError) -> None:
        """ERROR, which a DONE with "error" has to follow."""
        self._more()
        self.put(tokens.error(error, self.server))

    def _done(self, count: int | None) -> None:
        token = tokens.DONE_INSIDE if self.inside else tokens.DONE
        command = tokens.SELECTED if self._open else 0
        self._open = False
        self._held = tokens.done(tokens.MORE, count, token=token, command=command)

    def forget(self) -> None:
        """The last statement's DONE is not sent: its client is not to know."""
        self._held = None

    def _more(self) -> None:
        if self._held is not None:
            self.put(self._held)
            self._held = None

    def finish(self, news: bytes, *, failed: bool = False) -> None:
        """The batch is over: what has changed, and the last DONE."""
        held = self._held
        self._held = None
        if failed or held is None:
            self.put(news + tokens.done(tokens.FAILED if failed else 0))
        else:  # the last statement's own DONE is the last one: without "more"
            self.put(news + held[:1] + bytes([held[1] & ~tokens.MORE]) + held[2:])

    def finish_procedure(
        self, news: bytes, *, handle: int | None = None, error: ServerError | None = None, more: bool = False
    ) -> None:
        """The procedure is over: what has changed, its status, its handle, DONEPROC."""
        self._more()
        self.put(news + tokens.status(error.number if error else 0))
        if handle is not None:
            self.put(tokens.returned(handle))
        status = (tokens.FAILED if error else 0) | (tokens.MORE if more else 0)
        self.put(tokens.done(status, token=tokens.DONE_PROCEDURE))

    def stopped(self) -> bytes:
        """The attention is acknowledged; the last packet."""
        self.forget()
        self.put(tokens.done(tokens.STOPPED))
        return self.end()
