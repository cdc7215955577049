"""RESTORE: what it refuses, in the server's order, and a database out of a real back-up."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fakes.sqlserver import loading
from fakes.sqlserver.answers import NO_PATH, error, percent, unlisted
from fakes.sqlserver.databases import MEGABYTE, Database, File
from fakes.sqlserver.headers import Medium, collation_of
from fakes.sqlserver.lexer import Reader
from fakes.sqlserver.media import (
    Options,
    Several,
    chosen,
    devices,
    look,
    opened,
    options,
    terminating,
    understood,
    whole,
)
from fakes.sqlserver.seam import Done, Event, Info

from core.errors import WisselError
from core.formats.report import BackupSet

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession


def restore(session: FakeSession, read: Reader) -> Iterator[Event]:
    """Any RESTORE statement."""
    read.phrase("RESTORE")
    kind = read.word("HEADERONLY", "LABELONLY", "FILELISTONLY", "VERIFYONLY", "DATABASE")
    what = f"RESTORE {kind}"
    session.command = what
    if kind != "DATABASE":
        read.phrase("FROM")
        names = devices(read)
        yield from terminating(what, look(session, kind, names, options(read)))
        return
    name = read.text() if read.words[read.at].kind in {"text", "variable"} else read.name()
    if read.peek() == "WITH":
        wanted = options(read)
        yield from terminating(what, _recover(session, name, wanted))
        return
    read.phrase("FROM")
    names = devices(read)
    wanted = options(read)
    yield from terminating(what, _restore(session, name, names, wanted))


def _recover(session: FakeSession, name: str, wanted: Options) -> Iterator[Event]:
    """RESTORE DATABASE x WITH RECOVERY: the end of a sequence."""
    database = session.instance.find(name)
    session.rights.restore(session, database, name)
    if database is None:
        raise error(3118, name)
    if database.state != "RESTORING" or wanted.flags - {"RECOVERY"} or not database.schema.tables:
        raise error(3117)
    _ready(session, database)
    yield Info(3014, "RESTORE DATABASE successfully processed 0 pages in 0.010 seconds (0.000 MB/sec).", live=True)
    yield Done(None)


def _restore(session: FakeSession, name: str, names: Sequence[str], wanted: Options) -> Iterator[Event]:
    instance = session.instance
    existing = instance.find(name)
    session.rights.restore(session, existing, name)
    medium = opened(session, names)
    whole(medium)
    one = chosen(medium, wanted)
    understood(session, one)
    if "CHECKSUM" in wanted.flags and not one.checksums:
        raise error(3187)
    if existing is not None:
        _over(session, existing, one, wanted)
    if one.backup_type != "full":
        raise error(3118, name) if existing is None else error(3117)
    files = _files(session, name, one, wanted, existing)
    _room(session, files, existing)
    database = _begun(session, name, one, files, existing)
    finished = False
    try:
        yield from _loaded(session, database, medium, one, wanted)
        finished = True
    finally:
        if not finished and database.schema.tables:
            database.schema.tables = {}  # nobody gets into a half one
    for each in database.files:
        pages = each.size // 8192 if each.kind == "D" else 2
        yield Info(
            4035,
            f"Processed {pages} pages for database '{name}', file '{each.logical}' on file {one.position}.",
            live=True,
        )
    yield from _upgraded(session, database, one)
    if "NORECOVERY" not in wanted.flags:
        _ready(session, database)
    pages = sum(each.size for each in database.files) // 8192
    yield Info(
        3014, f"RESTORE DATABASE successfully processed {pages} pages in 0.100 seconds (50.000 MB/sec).", live=True
    )
    yield Done(None)


def _over(session: FakeSession, existing: Database, one: BackupSet, wanted: Options) -> None:
    """Onto a database that is there: never by accident."""
    if existing.system:
        raise unlisted("RESTORE of a system database")
    if session.home is existing:
        raise error(3102, "RESTORE", existing.name)
    if existing.inside:
        raise error(3101)
    if "REPLACE" in wanted.flags or (existing.state == "RESTORING" and str(existing.family) == one.family_guid):
        return
    if str(existing.family) != one.family_guid:
        raise error(3154, existing.name)
    if existing.recovery != "SIMPLE" and existing.state == "ONLINE":
        raise error(3159, existing.name)


def _files(session: FakeSession, name: str, one: BackupSet, wanted: Options, existing: Database | None) -> list[File]:
    moves = {logical.casefold(): path for logical, path in wanted.moves}
    known = {each.logical.casefold() for each in one.files}
    for logical, _ in wanted.moves:
        if logical.casefold() not in known:
            raise error(3234, logical, one.database)
    made: list[File] = []
    for each in one.files:
        path = moves.get(each.logical.casefold(), each.physical)
        made.append(File(each.logical, path, "L" if each.kind == "log" else "D", each.file_id, each.size_bytes))
    for at, file in enumerate(made):
        _placed(session, file, made[:at], existing)
    return made


def _placed(session: FakeSession, file: File, before: Sequence[File], existing: Database | None) -> None:
    """Its place must be there and free."""
    disk = session.instance.disk
    again = error(3156, file.logical, file.physical), error(3119)
    for other in before:
        if disk.same(other.physical, file.physical):
            raise Several(error(3176, file.physical, file.logical, file.file_id, other.logical, other.file_id), *again)
    holder = session.instance.holder(file.physical)
    if holder is not None and holder is not existing:
        raise Several(error(1834, file.physical, holder.name), *again)
    refused = disk.refusal(file.physical, new=True)
    if refused == NO_PATH:
        raise Several(error(5133, file.physical, refused), *again)
    if refused is not None:
        raise Several(error(5123, refused, file.physical), *again)
    if holder is None and disk.here(file.physical).exists():
        raise Several(error(5170, file.physical), *again)


def _room(session: FakeSession, files: Sequence[File], existing: Database | None) -> None:
    instance = session.instance
    data = sum(each.size for each in files if each.kind == "D")
    if instance.limit_mb is not None and data > instance.limit_mb * MEGABYTE:
        raise error(1827, instance.limit_mb)
    held = sum(each.size for each in existing.files) if existing is not None else 0
    needed = sum(each.size for each in files) - held
    if needed > instance.disk.left():
        raise Several(error(3257, instance.disk.volume(files[0].physical), needed, instance.disk.left()), error(3119))


def _begun(session: FakeSession, name: str, one: BackupSet, files: list[File], existing: Database | None) -> Database:
    """RESTORING from here on, whatever happens."""
    instance = session.instance
    with instance.lock:
        database = existing or instance.add(instance.new(name, session.login))
        for each in database.files:
            instance.disk.here(each.physical).unlink(missing_ok=True)
            instance.disk.spend(-each.size)
        for each in files:
            with instance.disk.here(each.physical).open("wb") as out:
                out.truncate(each.size)
            instance.disk.spend(each.size)
        database.state, database.files, database.damaged = "RESTORING", files, None
        database.access, database.read_only, database.options = "MULTI_USER", False, {}
        database.collation, database.level = collation_of(one), max(one.compatibility_level or 0, 90)
        database.family = uuid.UUID(one.family_guid) if one.family_guid else uuid.uuid4()
        database.fork = uuid.UUID(one.recovery_fork) if one.recovery_fork else uuid.uuid4()
        database.created = one.database_created_at or database.created
        for other in instance.sessions():
            other.executor.leave(database)
        return database


def _loaded(
    session: FakeSession, database: Database, medium: Medium, one: BackupSet, wanted: Options
) -> Iterator[Event]:
    paths = [session.instance.disk.here(each) for each in medium.devices]
    former = loading.remembered(paths)
    said, step = 0, wanted.step
    if former is not None:
        database.collation = former.collation
    try:
        for done, total in loading.loaded(database, paths, one.position, former):
            # The last part is only said when all of it is there.
            reached = min(99, 100 * done // max(1, total))
            while step and said + step <= reached:
                said += step
                session.percent = said
                yield percent(said)
            session.percent = reached
            if session.cancelled.is_set():
                raise error(3204)
    except WisselError:
        raise error(3189) from None
    if database.damaged is not None and "CONTINUE_AFTER_ERROR" not in wanted.flags:
        raise error(3183, *database.damaged, database.name)
    while step and said + step <= 100:
        said += step
        session.percent = said
        yield percent(said)
    if former is not None:
        database.recovery, database.page_verify = former.recovery, former.page_verify
        kept = {"ENCRYPTION", "AUTO_CLOSE", "AUTO_SHRINK", "READ_COMMITTED_SNAPSHOT"}
        database.options = {name: on for name, on in former.options.items() if name in kept}
        database.read_only = former.read_only


def _upgraded(session: FakeSession, database: Database, one: BackupSet) -> Iterator[Event]:
    """From the version of the file to that of the server."""
    old, new = one.internal_version or 0, session.instance.release.internal
    lowest = {957: 100, 904: 100, 869: 100, 852: 100, 782: 100, 706: 90}.get(new, 80)
    database.internal = new
    database.level = min(max(database.level, lowest), session.instance.release.level)
    if old < new:
        yield Info(
            0, f"Converting database '{database.name}' from version {old} to the current version {new}.", live=True
        )
        yield Info(
            0, f"Database '{database.name}' running the upgrade step from version {old} to version {new}.", live=True
        )


def _ready(session: FakeSession, database: Database) -> None:
    """Open: whoever restored it owns it."""
    with session.instance.lock:
        database.owner, database.owner_sid = session.login.name, session.login.sid
        database.state = "ONLINE"
        if session.instance.after_restore is not None:
            session.instance.after_restore(database)
