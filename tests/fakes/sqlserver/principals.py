"""Users and logins, KILL, DBCC CHECKDB, triggers that are switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fakes.sqlserver.answers import error, unlisted
from fakes.sqlserver.lexer import Reader
from fakes.sqlserver.schema import User
from fakes.sqlserver.seam import Done, Event, Failed, Info, ServerError

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession


def create_user(session: FakeSession, read: Reader) -> Iterator[Event]:
    """CREATE USER x [FOR LOGIN y | WITHOUT LOGIN]."""
    read.phrase("CREATE USER")
    name = read.name()
    sid = b""
    if read.has("WITHOUT", "LOGIN"):
        sid = name.encode("utf-16-le").ljust(16, b"\x07")[:16]
    else:
        asked = read.name() if read.has("FOR", "LOGIN") or read.has("FROM", "LOGIN") else name
        known = session.instance.login_of(asked)
        if known is None:
            raise error(15007, asked)
        sid = known.sid
    read.end()
    session.rights.define(session, session.home)
    if any(each.name.casefold() == name.casefold() for each in session.home.schema.users):
        raise error(15023, name)
    session.home.schema.users.append(User(name, sid))
    yield Done(None)


def drop_user(session: FakeSession, read: Reader) -> Iterator[Event]:
    read.phrase("DROP USER")
    name = read.name()
    read.end()
    session.rights.define(session, session.home)
    session.home.schema.users.remove(_user(session, name, "drop"))
    yield Done(None)


def alter_user(session: FakeSession, read: Reader) -> Iterator[Event]:
    """ALTER USER x WITH LOGIN = y: an orphan has a home again."""
    read.phrase("ALTER USER")
    name = read.name()
    read.phrase("WITH LOGIN =")
    login = read.name()
    read.end()
    session.rights.define(session, session.home)
    user, known = _user(session, name, "alter"), session.instance.login_of(login)
    if known is None:
        raise error(15151, "find", "login", login)
    user.sid = known.sid
    yield Done(None)


def _user(session: FakeSession, name: str, doing: str) -> User:
    found = next((each for each in session.home.schema.users if each.name.casefold() == name.casefold()), None)
    if found is None:
        raise error(15151, doing, "user", name)
    return found


def kill(session: FakeSession, read: Reader) -> Iterator[Event]:
    """End another session."""
    read.phrase("KILL")
    number = read.number()
    read.end()
    if not session.login.may("ALTER ANY CONNECTION"):
        raise ServerError(6102, "User does not have permission to use the KILL statement.", 14)
    if number == session.number:
        raise error(6104)
    victim = next((each for each in session.instance.sessions() if each.number == number), None)
    if victim is None:
        raise error(6106, number)
    with session.instance.lock:
        session.instance.end(victim)
    yield Done(None)


def trigger(session: FakeSession, read: Reader) -> Iterator[Event]:
    """DISABLE TRIGGER x ON DATABASE, or on a table."""
    on = read.word("DISABLE", "ENABLE") == "ENABLE"
    read.phrase("TRIGGER")
    name = "" if read.has("ALL") else read.dotted()[-1]
    read.phrase("ON")
    parent = "" if read.has("DATABASE") else read.dotted()[-1]
    read.end()
    session.rights.define(session, session.home)
    found = [
        each
        for each in session.home.schema.modules
        if each.kind == "TR"
        and each.parent.casefold() == parent.casefold()
        and name.casefold() in {"", each.name.casefold()}
    ]
    if not found and name:
        raise error(15151, "alter", "trigger", name)
    for each in found:
        each.disabled = not on
    yield Done(None)


def check_database(session: FakeSession, read: Reader) -> Iterator[Event]:
    """DBCC CHECKDB ('x') WITH NO_INFOMSGS, ALL_ERRORMSGS, PHYSICAL_ONLY."""
    read.phrase("DBCC")
    if not read.has("CHECKDB"):
        raise unlisted(f"DBCC {read.peek()}")
    name = session.home.name
    if read.has("("):
        name = read.text() if read.words[read.at].kind in {"text", "variable"} else read.name()
        read.phrase(")")
    flags = set()
    if read.has("WITH"):
        while True:
            flags.add(read.word("NO_INFOMSGS", "ALL_ERRORMSGS", "PHYSICAL_ONLY", "TABLOCK", "DATA_PURITY"))
            if not read.has(","):
                break
    read.end()
    session.command = "DBCC CHECKDB"
    database = session.instance.find(name)
    if database is None:
        raise error(2520, name)
    session.rights.check_whole(session, database)
    refused = database.refusal(session)
    if refused is not None:
        raise refused
    if database.damaged is not None:
        yield Failed(error(8939, 245575913, 0, *database.damaged))
        raise ServerError(8990, f"CHECKDB found 0 allocation errors and 1 consistency errors in database '{name}'.", 16)
    if "NO_INFOMSGS" not in flags:
        yield Info(8989, f"CHECKDB found 0 allocation errors and 0 consistency errors in database '{name}'.", 10)
    yield Done(None)
