"""A database becomes a back-up, or data files that were shut down cleanly, in the exchange folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping

from core.administration.engine import Work
from core.administration.original import Mirror, bare_instead
from core.administration.sqlserver import folders, media, sessions, statements
from core.administration.sqlserver.instance import Instance
from core.administration.sqlserver.paths import Exchange
from core.administration.sqlserver.restoring import arrived
from core.errors import NoSpace, Refused, Unreadable
from core.files import speaking


def need_of(instance: Instance, name: str) -> int:
    """Bytes that the files of a database take. A back-up of it is never larger. 0: there is none."""
    with instance.line() as line:
        found = line.standing(name)
        return 0 if found is None else sum(int(row["bytes"]) for row in line.rows(statements.FILES_OF, (found.id,)))


def room_in(exchange: Exchange) -> Callable[[int], None]:
    """Hears how many bytes come into the exchange folder. Raises NoSpace (`engine-full`) where they do not fit."""

    def room(need: int) -> None:
        with speaking(exchange.here):
            free = shutil.disk_usage(exchange.here).free
        if free < need:
            raise NoSpace("engine-full", need=need, free=free, path=exchange.here)

    return room


def back_up(instance: Instance, name: str, file: str, work: Work) -> str:
    """A full, copy-only back-up as a new file of the exchange folder; its path as we see it.

    Raises Refused (`exists`), NoSpace, what the server says, and Unreadable (`backup-unseen`: the server wrote it, and
    it is not where we look: the two names of the exchange folder are not of one folder).
    """
    exchange = instance.exchange
    path = exchange.path_here(file)
    if os.path.lexists(path):
        # INIT would write over it.
        raise Refused("exists", path=path)
    room_in(exchange)(need_of(instance, name))
    access = instance.connector.access
    with instance.line() as line:
        line.run(statements.backup(name, exchange.path_there(file), compress=access.compress), work)
    if not os.path.isfile(path):
        raise Unreadable("backup-unseen", path=path, there=exchange.path_there(file))
    return path


def files_like(instance: Instance, name: str, scratch: str, mirror: Mirror, work: Work) -> Mapping[str, str]:
    """What goes into the package: member of the original -> a file of ours in the exchange folder, as new.

    For a package of data files the database is laid down once more as `scratch`, in the exchange folder, and shut down
    cleanly: its files are what goes out. The caller drops `scratch`, and the files that begin with `name`.
    """
    path = back_up(instance, name, f"{name}-1.bak", work)
    if mirror.holds != "data":
        if bare_instead(mirror, {part.name: os.path.getsize(path) for part in mirror.files}):
            return {"": path}
        return {part.name: path for part in mirror.files}
    exchange = instance.exchange
    with instance.line() as line:
        medium = media.examined(line, [path], [exchange.path_there(f"{name}-1.bak")], work)
        members = _members(mirror, medium)
        pairs = zip(medium.files, members, strict=True)
        moves = [(each.logical, exchange.path_there(file)) for each, (_, file) in pairs]
        line.run(statements.restore(scratch, medium.paths, 1, moves, checksum=medium.checksums), work)
        arrived(line, scratch)
        line.run(statements.offline(scratch), work)
    return {member: exchange.path_here(file) for member, file in members if member}


def _members(mirror: Mirror, medium: media.Medium) -> list[tuple[str, str]]:
    """For each file of the database the member that it becomes, and what we call it. An own log may stay at home."""
    data = sorted((part for part in mirror.files if part.role == "data"), key=lambda part: not part.primary)
    logs = [part for part in mirror.files if part.role == "log"]
    token, found = folders.token(), []
    for number, each in enumerate(medium.files, 2):
        role = logs if each.type == "L" else data
        member = role.pop(0).name if role else ""
        if not member and each.type != "L":
            raise Refused("original-members", path=each.logical, wanted=", ".join(part.name for part in mirror.files))
        found.append((member, f"wissel-{token}-{number}.{'ldf' if each.type == 'L' else 'mdf'}"))
    if data or logs:
        raise Refused("original-members", path="-", wanted=", ".join(part.name for part in (*data, *logs)))
    return found


def release(instance: Instance, name: str, work: Work) -> None:
    """Drop a database of ours and its files, if it is there."""
    found = instance.standing(name)
    if found is not None and found.name == name:
        sessions.drop(instance, found, work)
