"""CREATE DATABASE, also out of data files, and DROP DATABASE; and what writes data files: OFFLINE and sp_detach_db."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.sqlserver import loading
from fakes.sqlserver.answers import NOT_FOUND, error
from fakes.sqlserver.backing import write_data_files
from fakes.sqlserver.databases import MEGABYTE, Database, File
from fakes.sqlserver.lexer import Reader
from fakes.sqlserver.media import Several
from fakes.sqlserver.seam import Done, Event, Failed, Info

from core.errors import WisselError
from core.formats.backup import inspect
from core.formats.report import DataFile

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

SMALL = 8 * MEGABYTE
ENDED = 1802


def create_database(session: FakeSession, read: Reader) -> Iterator[Event]:
    """Any CREATE DATABASE."""
    session.alone("CREATE DATABASE")
    read.phrase("CREATE DATABASE")
    name = read.name()
    session.rights.create(session)
    if session.instance.find(name) is not None:
        raise error(1801, name)
    if read.done:
        yield from _created(session, name)
        return
    read.phrase("ON")
    paths = []
    while True:
        read.phrase("( FILENAME =")
        paths.append(read.text())
        read.phrase(")")
        if not read.has(","):
            break
    read.phrase("FOR")
    rebuild = read.word("ATTACH", "ATTACH_REBUILD_LOG") == "ATTACH_REBUILD_LOG"
    read.end()
    try:
        yield from _attached(session, name, paths, rebuild=rebuild)
    except Several as several:
        for each in several.errors[:-1]:
            yield Failed(each)
        raise several.errors[-1] from None


def _created(session: FakeSession, name: str) -> Iterator[Event]:
    instance = session.instance
    made = instance.new(name, session.login)
    disk = instance.disk
    made.files = [
        File(name, disk.join(disk.data, f"{name}.mdf"), "D", 1, SMALL),
        File(f"{name}_log", disk.join(disk.log, f"{name}_log.ldf"), "L", 2, SMALL),
    ]
    for each in made.files:
        if disk.here(each.physical).exists():
            raise error(5170, each.physical)
    placed(instance.disk, made)
    made.recovery = "FULL" if instance.edition != "Express" else "SIMPLE"
    instance.add(made)
    yield Done(None)


def placed(disk: object, database: Database) -> None:
    """Its files exist, and hold nothing that anybody could use while it is open."""
    for each in database.files:
        with disk.here(each.physical).open("wb") as out:  # type: ignore[attr-defined]
            out.truncate(each.size)
        disk.spend(each.size)  # type: ignore[attr-defined]


def _attached(session: FakeSession, name: str, paths: list[str], *, rebuild: bool) -> Iterator[Event]:
    instance = session.instance
    disk = instance.disk
    for path in paths:
        refused = disk.refusal(path)
        if refused is not None:
            raise Several(
                error(5120, path, refused.replace("2(The", '2: "2(The') + '"' * refused.startswith("2")), error(ENDED)
            )
        if instance.holder(path) is not None:
            raise Several(
                error(
                    5120,
                    path,
                    '32: "32(The process cannot access the file because it is being used by another process.)"',
                ),
                error(ENDED),
            )
    primary, boot = _primary(session, paths)
    data = [path for path in paths if path == primary or disk.here(path).suffix.lower() == ".ndf"]
    logs = [path for path in paths if path not in data]
    if (boot.internal_version or 0) > instance.release.internal:
        raise Several(error(948, name, boot.internal_version, instance.release.internal), error(1813, name))
    made = instance.new(name, session.login)
    made.family = uuid.UUID(boot.family_guid) if boot.family_guid else made.family
    made.fork = uuid.UUID(boot.recovery_fork) if boot.recovery_fork else made.fork
    made.created, made.level = boot.created_at or made.created, boot.compatibility_level or made.level
    yield from _log(session, made, primary, logs, rebuild=rebuild)
    real = [disk.here(path) for path in data]
    size = sum(path.stat().st_size for path in real)
    if instance.limit_mb is not None and size > instance.limit_mb * MEGABYTE:
        raise error(1827, instance.limit_mb)
    former = loading.remembered(real)
    if former is not None:
        made.recovery, made.collation = former.recovery, former.collation
    yield from _filled(session, made, real, former)
    made.files = [
        File(_logical(made, former, at), path, "D", at, disk.here(path).stat().st_size)
        for at, path in enumerate(data, 1)
    ]
    log = logs[0] if logs else primary.rpartition(".")[0] + "_log.ldf"
    made.files.append(File(f"{made.files[0].logical}_log", log, "L", len(data) + 1, MEGABYTE))
    instance.add(made)
    if instance.after_restore is not None:
        instance.after_restore(made)
    placed(disk, made)
    yield Done(None)


def _logical(made: Database, former: Database | None, number: int) -> str:
    if former is not None and number <= len(former.files):
        return former.files[number - 1].logical
    return made.name if number == 1 else f"{made.name}_{number}"


def _primary(session: FakeSession, paths: list[str]) -> tuple[str, DataFile]:
    disk = session.instance.disk
    for path in paths:
        try:
            seen = inspect(disk.here(path))
        except WisselError:
            raise Several(error(5120, path, NOT_FOUND), error(ENDED)) from None
        for payload in seen.payloads:
            if payload.data_file is not None and payload.data_file.primary and payload.data_file.internal_version:
                return path, payload.data_file
    raise Several(error(5171, paths[0]), error(ENDED))


def _log(session: FakeSession, made: Database, primary: str, logs: list[str], *, rebuild: bool) -> Iterator[Event]:
    """Its log, or a new one where it was shut down cleanly."""
    disk = session.instance.disk
    for each in logs:
        head = disk.here(each).read_bytes()[:24]
        if head[:8] == b"test log" and head[8:] != made.fork.bytes_le:
            raise error(5173)
    if logs:
        return
    if primary in session.instance.unclean:
        yield Info(5105, f'File activation failure. The physical file name "{primary}" may be incorrect.', 16)
        text = (
            "The log cannot be rebuilt because there were open transactions/users when the database was shutdown, no "
            "checkpoint occurred to the database, or the database was read-only."
        )
        yield Info(1824, text, 16)
        raise error(1813, made.name)
    path = primary.rpartition(".")[0] + "_log.ldf"
    if disk.here(path).exists() and not rebuild:
        return
    yield Info(5022, f"New log file '{path}' was created.", 10)


def _filled(session: FakeSession, made: Database, real: list[Path], former: Database | None) -> Iterator[Event]:
    try:
        for _ in loading.loaded(made, real, None, former):
            if session.cancelled.is_set():
                raise error(1813, made.name)
    except WisselError:
        made.forget()
        raise Several(error(5171, str(real[0])), error(ENDED)) from None
    old, made.internal = made.internal, session.instance.release.internal
    if old < made.internal:
        yield Info(0, f"Converting database '{made.name}' from version {old} to the current version {made.internal}.")


def shut_down(session: FakeSession, database: Database) -> None:
    """Its files hold everything now: offline, or let go of."""
    disk = session.instance.disk
    for each in session.instance.sessions():
        each.executor.leave(database)
    paths = [disk.here(each.physical) for each in sorted(database.files, key=lambda one: one.kind)]
    write_data_files(database, paths)


def drop_database(session: FakeSession, read: Reader) -> Iterator[Event]:
    """With its files; those of one that is off line stay."""
    session.alone("DROP DATABASE")
    read.phrase("DROP DATABASE")
    lenient = session.instance.release.version[0] >= 13 and read.has("IF", "EXISTS")
    name = read.name()
    read.end()
    instance = session.instance
    with instance.lock:
        database = instance.find(name)
        if database is None and lenient:
            yield Done(None)
            return
        if database is None or not session.rights.alters(session.login, database):
            raise error(3701, "database", name)
        if database.system:
            raise error(3708, name)
        if database.inside:
            raise error(3702, name)
        instance.remove(database, files=database.state != "OFFLINE")
    yield Done(None)
