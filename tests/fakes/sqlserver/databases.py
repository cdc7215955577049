"""One database of an instance: its states and options, its files, who is in it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fakes.sqlserver.answers import error
from fakes.sqlserver.schema import Schema
from fakes.sqlserver.seam import ServerError
from fakes.sqlserver.storage import Storage

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

LATIN = "SQL_Latin1_General_CP1_CI_AS"
STATES: Final = {"ONLINE": 0, "RESTORING": 1, "RECOVERING": 2, "RECOVERY_PENDING": 3, "SUSPECT": 4, "OFFLINE": 6}
ACCESS: Final = {"MULTI_USER": 0, "SINGLE_USER": 1, "RESTRICTED_USER": 2}
MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Release:
    """A release of SQL Server."""

    name: str
    version: tuple[int, int, int]
    internal: int
    level: int


RELEASES: Final = {
    each.name: each
    for each in (
        Release("2005", (9, 0, 5000), 611, 90), Release("2008", (10, 0, 5500), 655, 100),
        Release("2008R2", (10, 50, 4000), 661, 100), Release("2012", (11, 0, 7001), 706, 110),
        Release("2014", (12, 0, 6024), 782, 120), Release("2016", (13, 0, 5081), 852, 130),
        Release("2017", (14, 0, 2027), 869, 140), Release("2019", (15, 0, 2000), 904, 150),
        Release("2022", (16, 0, 1000), 957, 160),
    )
}  # fmt: skip


@dataclass
class File:
    """A file of a database, at its place on the server. `kind`: D or L."""

    logical: str
    physical: str
    kind: str
    file_id: int
    size: int


@dataclass
class Database:
    """Everything of one database."""

    name: str
    number: int
    place: Path
    """SQLite's file."""
    owner: str
    owner_sid: bytes
    internal: int
    level: int
    collation: str = LATIN
    schema: Schema = field(default_factory=Schema)
    files: list[File] = field(default_factory=list)
    state: str = "ONLINE"
    access: str = "MULTI_USER"
    read_only: bool = False
    recovery: str = "SIMPLE"
    options: dict[str, bool] = field(default_factory=dict)
    """`TRUSTWORTHY DB_CHAINING BROKER ENCRYPTION AUTO_CLOSE AUTO_SHRINK READ_COMMITTED_SNAPSHOT`: those that are on."""
    page_verify: str = "CHECKSUM"
    family: uuid.UUID = field(default_factory=uuid.uuid4)
    fork: uuid.UUID = field(default_factory=uuid.uuid4)
    created: datetime = field(default_factory=lambda: datetime.now().replace(microsecond=0))  # noqa: DTZ005 - no zone
    guest: bool = False
    """Anybody may come in: master, tempdb, msdb."""
    damaged: tuple[int, int] | None = None
    """(file, page) that DBCC CHECKDB complains of."""
    approximate: set[str] = field(default_factory=set)
    """Tables some of whose values this engine could not take over from a file."""
    inside: set[FakeSession] = field(default_factory=set)
    _storage: Storage | None = None

    @property
    def storage(self) -> Storage:
        """Made when it is first wanted."""
        if self._storage is None:
            self._storage = Storage(self.place, self.collation)
        return self._storage

    def renew(self) -> Storage:
        """Empty again: a restore begins."""
        if self._storage is not None:
            self._storage.remove()
        self._storage = None
        return self.storage

    def forget(self) -> None:
        if self._storage is not None:
            self._storage.remove()
            self._storage = None

    @property
    def system(self) -> bool:
        return self.number <= 4

    @property
    def data_bytes(self) -> int:
        return sum(file.size for file in self.files if file.kind == "D")

    def refusal(self, session: FakeSession | None) -> ServerError | None:
        """Why it cannot be opened now; rights are asked elsewhere."""
        number = {"RESTORING": 927, "OFFLINE": 942, "RECOVERING": 922, "RECOVERY_PENDING": 945, "SUSPECT": 945}.get(
            self.state
        )
        if number is not None:
            return error(number, self.name)
        if self.access == "SINGLE_USER" and self.inside - {session}:
            return error(924, self.name)
        return None

    def others(self, session: FakeSession) -> list[FakeSession]:
        return [each for each in self.inside if each is not session]
