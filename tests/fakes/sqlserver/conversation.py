"""What a session says to each message, in the session's own thread: logins, batches, calls, transactions."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fakes.sqlserver import procedures, tokens
from fakes.sqlserver.faults import Dropped, Fault, Faults, Heard, Stopped
from fakes.sqlserver.line import BATCH, CALL, TRANSACTION, Message
from fakes.sqlserver.login import USUAL_PACKET, Login
from fakes.sqlserver.parameters import Reader, Unknown
from fakes.sqlserver.procedures import Call
from fakes.sqlserver.reply import Known, Reply, Send
from fakes.sqlserver.seam import Backend, ServerError, Session, Value

RESET = 0x08 | 0x10
"""Status bits of a message that begins with a fresh session (pooling)."""


@dataclass
class Shared:
    """What all sessions of a server have in common."""

    backend: Backend
    faults: Faults
    log: list[Heard] = field(default_factory=list)
    bugs: list[Exception] = field(default_factory=list)
    """What the engine raised that is no `ServerError`: a test must not pass over it."""


@dataclass(frozen=True)
class Answer:
    """The last bytes of an answer. `stopped`: the attention is acknowledged in them. `over`: hang up after them."""

    data: bytes
    stopped: bool = False
    over: bool = False


class Conversation:
    """One session. `send` may be called from its thread; it waits where the client does not keep up."""

    def __init__(self, shared: Shared, number: int, send: Send) -> None:
        self.number = number
        self.size = USUAL_PACKET
        self._shared = shared
        self._send = send
        self._session: Session | None = None
        self._known = Known()
        self._prepared: dict[int, str] = {}
        self._handles = 0
        self._cancelled = threading.Event()

    @property
    def session(self) -> Session:
        """The engine's side of it."""
        if self._session is None:
            raise RuntimeError("nobody has logged in")
        return self._session

    def _reply(self, *, inside: bool = False) -> Reply:
        return Reply(self._send, self.size, self.number, self._shared.backend.name, self._cancelled, inside)

    def login(self, said: Login) -> Answer:
        """In, or not. Raises `Dropped`, `Stopped`."""
        backend = self._shared.backend
        heard = Heard(self.number, "login", said.database, f"LOGIN {said.user} {said.database}")
        try:
            self._faulty(heard, lambda: self._open(said))
        except ServerError as error:
            reply = self._reply()
            reply.error(error)
            if error.number == 4060:  # the server says both
                reply.error(ServerError(18456, f"Login failed for user '{said.user}'.", 14))
            reply.finish(b"", failed=True)
            return Answer(reply.end(), over=True)
        return self._welcome(said, backend)

    def _open(self, said: Login) -> None:
        if said.integrated:
            raise ServerError(18452, "Login failed. The login is from an untrusted domain.", 14)
        self._session = self._shared.backend.login(said.user, said.password, said.database, said.app)

    def _welcome(self, said: Login, backend: Backend) -> Answer:
        reply = self._reply()
        name = backend.name
        self._known.database = self.session.database
        reply.put(tokens.database(self.session.database, "master", name))
        reply.put(tokens.changed(tokens.LANGUAGE, tokens.short("us_english")))
        reply.put(tokens.info(5703, "Changed language setting to us_english.", name, state=1))
        reply.put(tokens.acknowledged(backend.version, said.tds))
        if said.features:
            reply.put(b"\xae\xff")  # none of them
        if said.packet_size != self.size:
            sizes = tokens.short(str(said.packet_size)), tokens.short(str(self.size))
            reply.put(tokens.changed(tokens.PACKET_SIZE, *sizes))
        reply.finish(b"")
        self.size = said.packet_size
        return Answer(reply.end())

    def answer(self, message: Message, cancelled: threading.Event) -> Answer:
        """The answer to a message. Raises `Dropped`."""
        self._cancelled = cancelled
        reply = self._reply(inside=message.kind == CALL)
        try:
            if message.status & RESET:
                self._prepared.clear()
            self._dispatch(reply, message)
        except ServerError as error:
            reply.error(error)
            reply.finish(self._news(), failed=True)
            return Answer(reply.end(), over=error.severity >= tokens.FATAL)
        except (Unknown, EOFError, OverflowError, struct.error) as error:  # what no value can be
            reply.error(ServerError(8009, f"The incoming RPC protocol stream is incorrect: {error!r}."))
            reply.finish(self._news(), failed=True)
        except Stopped:
            reply.put(self._news())
            return Answer(reply.stopped(), stopped=True)
        return Answer(reply.end())

    def _dispatch(self, reply: Reply, message: Message) -> None:
        start = struct.unpack_from("<I", message.body)[0]  # headers: transaction, outstanding requests
        if message.kind == BATCH:
            self._batch(reply, message.body[start:].decode("utf-16-le", "surrogatepass"))
            reply.finish(self._news())
        elif message.kind == CALL:
            for call, more in procedures.calls(message.body, start):
                self._call(reply, call, more=more)
        elif message.kind == TRANSACTION:
            reply.finish(self._transaction(message.body[start:]))
        else:
            raise ServerError(4002, "The incoming tabular data stream (TDS) protocol stream is incorrect.")

    def _news(self) -> bytes:
        return self._known.news(self.session, self._shared.backend.name)

    def _heard(self, kind: str, text: str, params: Sequence[Value] = (), declared: str = "") -> Heard:
        return Heard(self.number, kind, self.session.database, text, params, declared)

    def _faulty(self, heard: Heard, work: Callable[[], object], faults: Sequence[Fault] | None = None) -> None:
        """Do something, and let go wrong what has to, before or after it."""
        if faults is None:
            self._shared.log.append(heard)
            faults = self._shared.faults.of(heard)
        for fault in faults:
            if not fault.late and fault.after is None:
                fault.now(self._cancelled)
        try:
            work()
        except (ServerError, Stopped, Dropped):
            raise
        except Exception as error:
            self._shared.bugs.append(error)
            raise ServerError(50000, f"The test server has a bug: {error!r}") from error
        for fault in faults:
            if fault.late:
                fault.now(self._cancelled)

    def _statement(self, reply: Reply, heard: Heard, params: Sequence[Value]) -> None:
        self._shared.log.append(heard)
        faults = self._shared.faults.of(heard)

        def work() -> None:
            events = self.session.run(heard.text, params, self._cancelled)
            try:
                reply.take(events, faults)
                if any(fault.late and isinstance(fault.act, ServerError) for fault in faults):
                    reply.forget()
            finally:
                getattr(events, "close", bool)()  # an iterator that is no generator has nothing to close

        try:
            self._faulty(heard, work, faults)
        except ServerError as error:
            if any(fault.act is error for fault in faults):
                self.session.struck(error)
            raise

    def _batch(self, reply: Reply, text: str) -> None:
        asked = procedures.datatype_asked(text)
        if asked is None:
            self._statement(reply, self._heard("batch", text), ())
        else:
            reply.take(procedures.datatype_info(asked))

    def _transaction(self, body: bytes) -> bytes:
        """A transaction manager request; the tokens that tell its end."""
        reader = Reader(body)
        kind = reader.number(2)
        if kind == 5:
            self._faulty(self._heard("transaction", "BEGIN TRANSACTION"), self.session.begin)
            return self._news()
        if kind not in (7, 8):
            raise ServerError(3910, f"Transaction manager request {kind} is not served.")
        ending = ("COMMIT", self.session.commit) if kind == 7 else ("ROLLBACK", self.session.rollback)
        self._faulty(self._heard("transaction", ending[0]), ending[1])
        made = self._known.ended(tokens.COMMITTED if kind == 7 else tokens.ROLLED_BACK)
        reader.take(reader.number(1))
        if reader.more and reader.number(1) & 1:  # and begin the next one
            self.session.begin()
        return made + self._news()

    def _call(self, reply: Reply, call: Call, *, more: bool) -> None:
        handle: int | None = None
        try:
            handle = self._called(reply, call)
        except ServerError as error:
            if error.severity >= tokens.FATAL:
                raise
            reply.error(error)
            reply.finish_procedure(self._news(), error=error, more=more)
        else:
            reply.finish_procedure(self._news(), handle=handle, more=more)

    def _called(self, reply: Reply, call: Call) -> int | None:
        """Carry out a call; the handle it gives out, if it does."""
        name = call.procedure
        if name == "sp_executesql":
            self._parametrised(reply, call.text(0), call.after(2), call.said(1))
        elif name in ("sp_prepexec", "sp_prepare"):
            text = call.text(2)
            if isinstance(given_up := call.values[0], int):
                self._prepared.pop(given_up, None)
            self._handles += 1
            self._prepared[self._handles] = text
            if name == "sp_prepexec":
                self._parametrised(reply, text, call.after(3), call.said(1))
            return self._handles
        elif name == "sp_execute":
            self._parametrised(reply, self._text_of(call), call.after(1))
        elif name == "sp_unprepare":
            self._text_of(call)
            del self._prepared[int(str(call.values[0]))]
        elif name in ("sp_datatype_info_100", "sp_datatype_info"):
            reply.take(procedures.datatype_info(call.values[0] if call.arguments else 0))
        elif name == "sp_describe_undeclared_parameters":
            reply.take(procedures.undeclared(self.session.describe(call.text(0))))
        elif name.startswith("sp_cursor"):
            raise ServerError(16937, "A server cursor is not allowed here: the test server has none.")
        else:
            raise ServerError(2812, f"Could not find stored procedure '{name}'.", state=62)
        return None

    def _text_of(self, call: Call) -> str:
        handle = call.values[0] if call.arguments else None
        found = self._prepared.get(handle) if isinstance(handle, int) else None
        if found is None:
            raise ServerError(8179, f"Could not find prepared statement with handle {handle!r}.")
        return found

    def _parametrised(self, reply: Reply, text: str, params: Sequence[Value], declared: str = "") -> None:
        self._statement(reply, self._heard("call", text, params, declared), params)

    def close(self) -> None:
        """The client is gone."""
        if self._session is not None:
            try:
                self._session.close()
            except Exception as error:  # noqa: BLE001  # nobody is left to hear of it but the test
                self._shared.bugs.append(error)
            self._session = None
