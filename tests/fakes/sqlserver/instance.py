"""The test SQL Server's engine: one instance, with its databases, logins and sessions (the seam's `Backend`).

    instance = Instance(release="2016", edition="Standard", folder=tmp_path)
    with TestServer(instance) as server: ...
    instance.database("120")       # look in from outside
    instance.states()              # {"120": "ONLINE"}
    instance.rows("120", "gbkmut") # what is in a table

A statement that is not on the closed list is error 102 and says so.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from fakes.sqlserver import describing
from fakes.sqlserver.answers import error
from fakes.sqlserver.conversion import Kept, cell, kept
from fakes.sqlserver.databases import LATIN, MEGABYTE, RELEASES, Database, File
from fakes.sqlserver.disk import Disk
from fakes.sqlserver.ground import PASSWORD
from fakes.sqlserver.rights import Login, Rights
from fakes.sqlserver.schema import Table
from fakes.sqlserver.scope import Plan
from fakes.sqlserver.seam import Value
from fakes.sqlserver.session import FakeSession
from fakes.sqlserver.storage import by_case, quoted, sensitive

LIMITS = {"Express": 10_240}
"""Megabytes of data in one database."""


class Instance:
    """One instance."""

    def __init__(
        self,
        release: str = "2016",
        edition: str = "Standard",
        folder: Path | None = None,
        shape: str = "windows",
        logins: Iterable[Login] | Mapping[str, str] = (),
        *,
        machine: str = "SQLTEST",
        service: str = "",
        collation: str = LATIN,
        account: str = r"NT Service\MSSQLSERVER",
        limit_mb: int | None = None,
    ) -> None:
        """`logins`: beside `sa` (password: ground.PASSWORD); name -> password makes administrators."""
        self._temporary = tempfile.TemporaryDirectory() if folder is None else None
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self.release, self.edition, self.collation, self.account = RELEASES[release], edition, collation, account
        self.machine, self.service = machine, service
        self.disk = Disk(self.folder / "disk", shape)
        limit = LIMITS.get(edition) if release not in {"2005", "2008"} else LIMITS.get(edition) and 4096
        self.limit_mb = limit if limit_mb is None else limit_mb
        self.lock = threading.RLock()
        self.rights = Rights()
        own = (
            [Login(name, password, {"sysadmin"}) for name, password in logins.items()]
            if isinstance(logins, Mapping)
            else logins
        )
        self.logins = {each.name.casefold(): each for each in (Login("sa", PASSWORD, {"sysadmin"}), *own)}
        self.configuration = {
            "xp_cmdshell": 0, "clr enabled": 0, "cross db ownership chaining": 0, "Ole Automation Procedures": 0,
            "Ad Hoc Distributed Queries": 0, "remote access": 1, "show advanced options": 0, "clr strict security": 1,
            "backup checksum default": 0, "max server memory (MB)": 2_147_483_647,
        }  # fmt: skip
        self.plans: dict[object, Plan] = {}
        self.catalogs: dict[tuple[str, Path], tuple[object, list[list[Kept]]]] = {}
        self.unclean: set[str] = set()
        """Server paths of data files that were not shut down cleanly."""
        self.after_restore: Callable[[Database], None] | None = None
        """Called with each database that was restored or attached, before anybody comes in: puts traps into it."""
        self.backups: list[tuple[str, str, bool]] = []
        """Database, path and COPY_ONLY of each back-up that was made."""
        self._sessions: dict[int, FakeSession] = {}
        self._numbers, self._files = itertools.count(51), itertools.count(1)
        self._databases: dict[str, Database] = {}
        (self.folder / "engine").mkdir(parents=True, exist_ok=True)
        for name in ("master", "tempdb", "model", "msdb"):
            made = self.add(self.new(name))
            made.guest = name != "model"
            log = "mastlog" if name == "master" else f"{name}_log"
            made.files = [
                File(name, self.disk.join(self.disk.data, f"{name}.mdf"), "D", 1, 4 * MEGABYTE),
                File(log, self.disk.join(self.disk.log, f"{log}.ldf"), "L", 2, MEGABYTE),
            ]

    # -- the seam ------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return f"{self.machine}\\{self.service}" if self.service else self.machine

    @property
    def version(self) -> tuple[int, int, int]:
        return self.release.version

    def login(self, user: str, password: str, database: str, app: str) -> FakeSession:
        known = self.login_of(user)
        if known is None or known.password != password or known.disabled:
            raise error(18456, user)
        with self.lock:
            home = self.find(database or "master")
            if home is None or home.refusal(None) is not None or not self.rights.enters(known, home):
                raise error(4060, database)
            made = FakeSession(self, next(self._numbers), known, home, app)
            self._sessions[made.number] = made
            home.inside.add(made)
            return made

    def described(self, session: FakeSession, sql: str) -> Sequence[str]:
        return describing.described(session, sql)

    # -- sessions ------------------------------------------------------------------------------------------------

    def sessions(self) -> list[FakeSession]:
        return list(self._sessions.values())

    def left(self, session: FakeSession) -> None:
        with self.lock:
            session.home.inside.discard(session)
            self._sessions.pop(session.number, None)

    def move(self, session: FakeSession, name: str) -> None:
        """USE. Raises ServerError 911, 916, 924, 927, 942."""
        with self.lock:
            wanted = self.find(name)
            if wanted is None:
                raise error(911, name)
            self.rights.enter(session, wanted)
            session.home.inside.discard(session)
            wanted.inside.add(session)
            session.home = wanted

    def throw_out(self, database: Database, by: FakeSession | None) -> int:
        """End everybody's session in this database but one's own; how many there were."""
        with self.lock:
            victims = [each for each in database.inside if each is not by]
            for each in victims:
                self.end(each)
            return len(victims)

    def end(self, victim: FakeSession) -> None:
        victim.killed = True
        victim.cancelled.set()
        victim.home.inside.discard(victim)
        self._sessions.pop(victim.number, None)
        if not victim.running:
            victim.undone()
            victim.executor.close()

    # -- databases -----------------------------------------------------------------------------------------------

    def all(self) -> list[Database]:
        return sorted(self._databases.values(), key=lambda each: each.number)

    def find(self, name: str) -> Database | None:
        """By its name as the server compares names."""
        if sensitive(self.collation):
            return self._databases.get(name)
        return next((each for each in self._databases.values() if by_case(each.name, name) == 0), None)

    def known(self, name: str) -> Database:
        found = self.find(name)
        if found is None:
            raise error(911, name)
        return found

    def new(self, name: str, owner: Login | None = None) -> Database:
        """A database that nobody knows yet."""
        owner = owner or self.logins["sa"]
        taken = {each.number for each in self._databases.values()}
        number = next(each for each in itertools.count(1) if each not in taken)
        place = self.folder / "engine" / f"{next(self._files)}.sqlite"
        return Database(
            name, number, place, owner.name, owner.sid, self.release.internal, self.release.level, self.collation
        )

    def add(self, database: Database) -> Database:
        with self.lock:
            self._databases[database.name] = database
            return database

    def rename(self, database: Database, name: str) -> None:
        with self.lock:
            del self._databases[database.name]
            database.name = name
            self._databases[name] = database

    def remove(self, database: Database, *, files: bool) -> None:
        with self.lock:
            self._databases.pop(database.name, None)
            for session in self.sessions():
                session.executor.leave(database)
            database.forget()
            for each in database.files if files else ():
                self.disk.here(each.physical).unlink(missing_ok=True)
                self.disk.spend(-each.size)

    def holder(self, path: str) -> Database | None:
        """Whose file this is."""
        return next((each for each in self.all() for file in each.files if self.disk.same(file.physical, path)), None)

    # -- for tests -----------------------------------------------------------------------------------------------

    def database(self, name: str) -> Database:
        """Raises KeyError."""
        found = self.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def states(self) -> dict[str, str]:
        """Of all but the server's own; `SINGLE_USER` and `READ_ONLY` behind the state."""
        made = {}
        for each in self.all():
            if not each.system:
                more = [each.access] * (each.access != "MULTI_USER") + ["READ_ONLY"] * each.read_only
                made[each.name] = " ".join([each.state, *more])
        return made

    def table(self, database: str, name: str) -> Table:
        """Raises KeyError."""
        schema, _, plain = name.rpartition(".")
        found = self.database(database).schema.find(schema or "dbo", plain)
        if found is None:
            raise KeyError(name)
        return found

    def rows(self, database: str, name: str) -> list[dict[str, Value]]:
        """What is in a table, committed; moments, decimals and GUIDs as text."""
        table = self.table(database, name)
        connection = self.database(database).storage.opened()
        try:
            found = connection.execute(f"SELECT * FROM {quoted(table.full)}").fetchall()
        finally:
            connection.close()
        return [
            {column.name: cell(value, column.type) for column, value in zip(table.columns, row, strict=True)}
            for row in found
        ]

    def put(self, database: str, name: str, **values: Value) -> int:
        """Change these columns in every row, behind everybody's back; how many there were."""
        table, home = self.table(database, name), self.database(database)
        sets = {
            column.name: kept(values[column.name], column.type) for column in table.columns if column.name in values
        }
        connection = home.storage.opened()
        try:
            text = ", ".join(f"{quoted(each)} = ?" for each in sets)
            return connection.execute(f"UPDATE {quoted(table.full)} SET {text}", list(sets.values())).rowcount
        finally:
            connection.close()

    def login_of(self, name: str) -> Login | None:
        return self.logins.get(name.casefold())

    def login_name(self, sid: bytes) -> str | None:
        return next((each.name for each in self.logins.values() if each.sid == sid), None)

    def sid(self, name: str) -> bytes | None:
        found = self.login_of(name)
        return None if found is None else found.sid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is left of it."""
        for each in self.all():
            self.remove(each, files=False)
        if self._temporary is not None:
            self._temporary.cleanup()


__all__ = ["PASSWORD", "Instance", "Login"]
