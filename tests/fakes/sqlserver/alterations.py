"""ALTER DATABASE: states, options, names; who else is in it decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fakes.sqlserver.answers import NOT_FOUND, error, unlisted
from fakes.sqlserver.attaching import placed, shut_down
from fakes.sqlserver.databases import Database
from fakes.sqlserver.lexer import Reader
from fakes.sqlserver.principals import alter_user
from fakes.sqlserver.seam import Done, Event, Failed, Info, Pause, ServerError

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

STATES: Final = frozenset({
    "SINGLE_USER", "MULTI_USER", "RESTRICTED_USER", "OFFLINE", "ONLINE", "READ_ONLY", "READ_WRITE", "ENABLE_BROKER",
    "DISABLE_BROKER", "NEW_BROKER",
})  # fmt: skip
SWITCHES: Final = frozenset({
    "TRUSTWORTHY", "DB_CHAINING", "AUTO_CLOSE", "AUTO_SHRINK", "READ_COMMITTED_SNAPSHOT", "ENCRYPTION",
    "ALLOW_SNAPSHOT_ISOLATION", "AUTO_CREATE_STATISTICS", "AUTO_UPDATE_STATISTICS",
})  # fmt: skip
EXCLUSIVE: Final = STATES - {"MULTI_USER", "RESTRICTED_USER", "ONLINE"}


def alter(session: FakeSession, read: Reader) -> Iterator[Event]:
    """ALTER DATABASE, ALTER AUTHORIZATION and ALTER USER."""
    if len(read.words) > 1 and read.words[1].upper == "USER":
        yield from alter_user(session, read)
        return
    if len(read.words) > 1 and read.words[1].upper == "AUTHORIZATION":
        _authorization(session, read)
        yield Done(None)
        return
    session.alone("ALTER DATABASE")
    read.phrase("ALTER DATABASE")
    name = session.home.name if read.has("CURRENT") else read.name()
    try:
        database = session.rights.alter(session, session.instance.find(name), name)
        if read.has("MODIFY", "NAME", "="):
            _rename(session, database, read)
            yield Info(0, f"The database name '{database.name}' has been set.")
        elif read.has("MODIFY", "FILE"):
            _file(session, database, read)
        else:
            read.phrase("SET")
            yield from _set(session, database, read)
    except ServerError as problem:
        if problem.number in {102, 596, 1222, 1801, 15247}:
            raise
        yield Failed(problem)
        raise error(5069) from None
    yield Done(None)


def _authorization(session: FakeSession, read: Reader) -> None:
    read.phrase("ALTER AUTHORIZATION ON DATABASE ::")
    name = read.name()
    read.phrase("TO")
    owner = session.instance.login_of(read.name())
    database = session.instance.find(name)
    if database is None or not session.rights.owns(session.login, database):
        raise error(15151, "find", "database", name)
    if owner is None:
        raise error(15151, "find", "principal", read.words[read.at - 1].value)
    database.owner, database.owner_sid = owner.name, owner.sid


def _rename(session: FakeSession, database: Database, read: Reader) -> None:
    new = read.name()
    read.end()
    instance = session.instance
    with instance.lock:
        known = instance.find(new)
        if known is not None and known is not database:
            raise error(1801, new)
        if database.system:
            raise error(5058, "NAME", database.name)
        if database.others(session):
            raise error(5030)
        refused = database.refusal(session)
        if refused is not None:
            raise refused
        instance.rename(database, new)


def _file(session: FakeSession, database: Database, read: Reader) -> None:
    """MODIFY FILE (NAME = x, NEWNAME = y): only that."""
    read.phrase("( NAME =")
    old = read.text() if read.words[read.at].kind == "text" else read.name()
    read.phrase(", NEWNAME =")
    new = read.text() if read.words[read.at].kind == "text" else read.name()
    read.phrase(")")
    read.end()
    found = next((each for each in database.files if each.logical.casefold() == old.casefold()), None)
    if found is None:
        raise ServerError(5041, f"MODIFY FILE failed. File '{old}' does not exist.", 16)
    if any(each.logical.casefold() == new.casefold() for each in database.files):
        raise error(1828, new)
    found.logical = new


def _set(session: FakeSession, database: Database, read: Reader) -> Iterator[Event]:
    wanted = _options(read)
    how = _termination(read)
    read.end()
    for option, value in wanted:
        if option in EXCLUSIVE or option == "READ_COMMITTED_SNAPSHOT" or how == "IMMEDIATE":
            yield from _alone(session, database, how, option)
        elif option in STATES and database.access == "SINGLE_USER" and database.others(session):
            raise error(5064, database.name)
        with session.instance.lock:
            _apply(session, database, option, value)


def _options(read: Reader) -> list[tuple[str, str]]:
    made = []
    while True:
        option = read.word()
        if option in SWITCHES:
            made.append((option, read.word("ON", "OFF")))
        elif option == "RECOVERY":
            made.append((option, read.word("SIMPLE", "FULL", "BULK_LOGGED")))
        elif option == "PAGE_VERIFY":
            made.append((option, read.word("CHECKSUM", "TORN_PAGE_DETECTION", "NONE")))
        elif option == "COMPATIBILITY_LEVEL":
            read.phrase("=")
            made.append((option, str(read.number())))
        elif option in STATES:
            made.append((option, ""))
        else:
            read.at -= 1
            raise read.wrong()
        if not read.has(","):
            return made


def _termination(read: Reader) -> str:
    if not read.has("WITH"):
        return ""
    if read.has("NO_WAIT"):
        return "NO_WAIT"
    read.phrase("ROLLBACK")
    if read.has("AFTER"):
        read.number()
        read.has("SECONDS")
        return "IMMEDIATE"
    read.phrase("IMMEDIATE")
    return "IMMEDIATE"


def _alone(session: FakeSession, database: Database, how: str, option: str) -> Iterator[Event]:
    """Nobody else is in it: they are thrown out, waited for, or it is refused."""
    if database.access == "SINGLE_USER" and database.others(session):
        raise error(5064, database.name)
    if how == "IMMEDIATE":
        if session.instance.throw_out(database, session):
            yield Info(5060, "Nonqualified transactions are being rolled back. Estimated rollback completion: 100%.")
        return
    if (
        option in {"OFFLINE", "SINGLE_USER", "READ_ONLY", "READ_WRITE"}
        and how == "NO_WAIT"
        and database.others(session)
    ):
        raise error(5070, database.name)
    waited = 0.0
    while database.others(session):
        yield Pause()
        if session.cancelled.wait(0.005):
            raise error(1222)
        waited += 0.005
        if 0 <= session.lock_timeout <= waited * 1000:
            raise error(5061, database.name)


def _apply(session: FakeSession, database: Database, option: str, value: str) -> None:  # noqa: C901, PLR0912 - a list
    if database.state == "RESTORING" and option not in {"SINGLE_USER", "MULTI_USER"}:
        raise ServerError(5052, "ALTER DATABASE is not permitted while a database is in the Restoring state.", 16)
    if database.system and option in {"OFFLINE", "SINGLE_USER", "READ_ONLY"}:
        raise error(5058, option, database.name)
    if option in {"SINGLE_USER", "MULTI_USER", "RESTRICTED_USER"}:
        database.access = option
    elif option in {"READ_ONLY", "READ_WRITE"}:
        database.read_only = option == "READ_ONLY"
    elif option == "OFFLINE":
        if database.state == "ONLINE":
            shut_down(session, database)
        database.state = "OFFLINE"
    elif option == "ONLINE":
        session.rights.bring_online(session, database)
        _online(session, database)
    elif option.endswith("BROKER"):
        database.options["BROKER"] = option != "DISABLE_BROKER"
    elif option in {"RECOVERY", "PAGE_VERIFY"}:
        setattr(database, option.lower(), value)
    elif option == "COMPATIBILITY_LEVEL":
        release = session.instance.release
        if int(value) not in range(80, release.level + 1, 10):
            raise ServerError(
                15048, f"Valid values of the database compatibility level are 100 to {release.level}.", 16
            )
        database.level = int(value)
    elif option in {"TRUSTWORTHY", "DB_CHAINING"} and not session.login.all:
        raise error(15247)
    elif option in SWITCHES:
        database.options[option] = value == "ON"
    else:
        raise unlisted(option)


def _online(session: FakeSession, database: Database) -> None:
    disk = session.instance.disk
    missing = [each for each in database.files if not disk.here(each.physical).is_file()]
    if missing:
        database.state = "RECOVERY_PENDING"
        raise error(5120, missing[0].physical, f'2: "{NOT_FOUND}"')
    if database.state == "OFFLINE":
        for each in database.files:
            disk.spend(-each.size)
        placed(disk, database)
    database.state = "ONLINE"
