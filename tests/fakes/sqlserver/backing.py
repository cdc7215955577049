"""BACKUP DATABASE: a real back-up file out of what is in SQLite, with this server's own version in its header."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from factory import compressed, tape
from factory.sqlserver import backup as factory
from factory.sqlserver.write import Layout, lay
from fakes.sqlserver import loading
from fakes.sqlserver.answers import FULL, error, percent, unlisted
from fakes.sqlserver.databases import Database, File
from fakes.sqlserver.lexer import Reader
from fakes.sqlserver.media import Options, devices, options, terminating
from fakes.sqlserver.seam import Done, Event, Info

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

CONTAINER = 2
"""Of compressed media, as 2008 and later write them."""


def backup(session: FakeSession, read: Reader) -> Iterator[Event]:
    """BACKUP DATABASE to one new medium."""
    read.phrase("BACKUP DATABASE")
    session.command = "BACKUP DATABASE"
    name = read.name()
    read.phrase("TO")
    names = devices(read)
    wanted = options(read)
    if len(names) != 1 or "DIFFERENTIAL" in wanted.flags or wanted.moves:
        raise unlisted("BACKUP to several devices, or a differential one")
    yield from terminating("BACKUP DATABASE", _backup(session, name, names[0], wanted))


def _backup(session: FakeSession, name: str, device: str, wanted: Options) -> Iterator[Event]:  # noqa: C901 - in order
    instance = session.instance
    if session.trancount:
        raise error(3021)
    database = instance.find(name)
    if database is None:
        raise error(911, name)
    session.rights.backup(session, database)
    if database.state != "ONLINE":
        refused = database.refusal(session)
        raise refused if refused is not None else error(922, name)
    if database.refusal(session) is not None:
        raise error(3101)
    packed = "COMPRESSION" in wanted.flags
    if packed and (instance.edition in {"Express", "Web"} or instance.release.name in {"2005", "2008"}):
        raise error(1844, f"{instance.edition} Edition (64-bit)")
    path = instance.disk.full(device)
    refusal = instance.disk.refusal(path, new=True)
    if refusal is not None:
        raise error(3201, path, refusal)
    real = instance.disk.here(path)
    if real.exists() and not {"INIT", "FORMAT"} & wanted.flags:
        raise unlisted("a second set on a medium: WITH INIT is missing")
    finished = False
    try:
        for done in range(wanted.step, 100, wanted.step) if wanted.step else ():
            session.percent = done
            yield percent(done)
            if session.cancelled.is_set():
                raise error(3204)
        data, laid = written(session, database, wanted, packed=packed)
        if len(data) > instance.disk.left():
            raise error(3202, path, FULL)
        real.write_bytes(data)
        instance.disk.spend(len(data))
        finished = True
    finally:
        if not finished:
            real.unlink(missing_ok=True)
    loading.remember(database, [real])
    instance.backups.append((database.name, path, "COPY_ONLY" in wanted.flags))
    yield from _said(session, database, laid, wanted.step)


def _said(session: FakeSession, database: Database, laid: Layout, step: int) -> Iterator[Event]:
    if step:
        session.percent = 100
        yield percent(100)
    pages = sum(8 * len(file.present()) for file in laid.files.values())
    for each in database.files:
        own = pages if each.kind == "D" else 2
        yield Info(
            4035, f"Processed {own} pages for database '{database.name}', file '{each.logical}' on file 1.", live=True
        )
    text = f"BACKUP DATABASE successfully processed {pages + 2} pages in 0.100 seconds (50.000 MB/sec)."
    yield Info(3014, text, live=True)
    yield Done(None)


def written(session: FakeSession, database: Database, wanted: Options, *, packed: bool) -> tuple[bytes, Layout]:
    """The bytes of the medium."""
    laid = lay(loading.as_factory(database))
    made = factory.Backup(
        laid, guid=uuid.uuid4(), checksums="CHECKSUM" in wanted.flags, name=wanted.texts.get("NAME", "")
    )
    medium = tape.Medium(uuid.uuid4(), name=wanted.texts.get("MEDIANAME", ""))
    builder = factory._Builder(medium, 1)
    builder.header()
    builder.payloads = factory._regions(made, 1, 1, 1)
    builder.backup(_set(session, database, made, builder.payloads, wanted), 1)
    data = b"".join(bytes(part) if isinstance(part, int) else part for part in builder.parts)
    return (compressed.compress(data, CONTAINER) if packed else data), laid


def _set(
    session: FakeSession, database: Database, made: factory.Backup, payloads: list[list[bytes]], wanted: Options
) -> tape.Set:
    """As the factory does it, with this server's name, version and files."""
    base = factory._set(made, payloads)
    moment = datetime.now().replace(microsecond=0)  # noqa: DTZ005 - SQL Server's clock has no zone
    logical = {each.file_id: each for each in database.files if each.kind == "D"}
    files = []
    for each in base.files:
        own = (
            logical.get(each.file_id)
            if each.kind == 1
            else next((one for one in database.files if one.kind == "L"), None)
        )
        files.append(_file(each, own))
    values = {name: getattr(base, name) for name in base.__dataclass_fields__}
    values |= {
        "server": session.instance.name, "user": session.login.name, "engine": session.instance.release.version,
        "started": moment, "finished": moment, "files": tuple(files), "name": wanted.texts.get("NAME", ""),
        "description": wanted.texts.get("DESCRIPTION", ""), "backup_bytes": sum(len(part) * 8192 for part in payloads),
        "level": database.level, "internal": database.internal,
    }  # fmt: skip
    return factory._Counted(**values)


def _file(of: tape.File, own: File | None) -> tape.File:
    if own is None:
        return of
    return tape.File(own.logical, own.physical, of.kind, of.file_id, of.size_pages, of.pages, of.again)


def write_data_files(database: Database, paths: list[Path]) -> None:
    """The `.mdf` of a database that is shut down (one file: there is no second data file here), and its log."""
    laid = lay(loading.as_factory(database))
    laid.primary.write(paths[0])
    for path in paths[1:]:
        path.write_bytes(b"test log" + database.fork.bytes_le + bytes(8192 * 8 - 24))
    loading.remember(database, paths[:1])
