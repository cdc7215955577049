"""Where new databases go at an instance, what their files are called there, and how much room there is."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from core.administration.sqlserver import paths, statements
from core.administration.sqlserver.connecting import Access
from core.administration.sqlserver.instance import Line
from core.administration.sqlserver.probe import free_at
from core.errors import NoSpace, Refused
from core.model import Volume

_ENDINGS = {"L": ".ldf", "S": "", "F": ".ft"}
"""A FILESTREAM's place is a folder."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders of the server for new databases."""

    data: str
    log: str
    version: int
    """Internal version of a database made there: none newer can be opened."""

    def place(self, name: str, type_: str, file_id: int, token: str) -> str:
        """Path for a file of a new database. `token`: a killed restore may have left a file that nobody can remove."""
        ending = _ENDINGS.get(type_, ".mdf" if file_id == 1 else ".ndf")
        return paths.join(self.log if type_ == "L" else self.data, f"{name}-{token}-{file_id}{ending}")


def token() -> str:
    """Something that no file was called after before."""
    return secrets.token_hex(4)


def folders(line: Line, access: Access) -> Folders:
    """Those of the settings, else the instance's own. Raises Refused (`server-folders`)."""
    said = next(iter(line.rows(statements.SERVER)), {})
    data, log = access.data_path or said.get("data_path"), access.log_path or said.get("log_path")
    if not (data and log):
        # Before 2012 an instance does not say: beside the system's own.
        own = {row["type_desc"]: paths.folder(row["physical_name"]) for row in line.rows(statements.FILES_OF, (1,))}
        data, log = data or own.get("ROWS"), log or own.get("LOG")
    if not (data and log):
        raise Refused("server-folders", target=access.target)
    return Folders(str(data), str(log), int(said.get("internal_version") or 0))


def free(line: Line, path: str) -> int | None:
    """Free bytes where this path of the server is; None: our login may not know, or no database is there yet."""
    try:
        rows = line.rows(statements.FREE_BYTES)
    except Refused:
        return None
    volumes: Sequence[Volume] = [Volume(str(row["volume_mount_point"]), int(row["available_bytes"])) for row in rows]
    return free_at(path, volumes)


def room_for(line: Line, place: str, need: int) -> None:
    """Raises NoSpace (`engine-full`) where that much does not fit; what is not known hinders nobody."""
    left = free(line, place)
    if left is not None and left < need:
        raise NoSpace("engine-full", need=need, free=left, path=place)
