"""A session of the test server without a wire: what it answers, in short."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from factory.sqlserver.backup import Backup, write_backup
from factory.sqlserver.globe import company, globe
from factory.sqlserver.model import Database
from factory.sqlserver.write import lay
from fakes.sqlserver.ground import PASSWORD
from fakes.sqlserver.instance import Instance
from fakes.sqlserver.seam import Columns, Done, Failed, Info, Row, ServerError, Value
from fakes.sqlserver.session import FakeSession

BAK = r"C:\SQL\backup\150.bak"
MOVES = r"MOVE N'150' TO N'C:\SQL\data\{0}.mdf', MOVE N'150_log' TO N'C:\SQL\data\{0}.ldf'"


@dataclass
class Talk:
    """One session."""

    session: FakeSession
    cancelled: threading.Event = field(default_factory=threading.Event)

    def __call__(self, sql: str, *params: Value) -> list[tuple[Value, ...]]:
        """The rows of all results. Raises ServerError."""
        return [tuple(each.values) for each in self.session.run(sql, params, self.cancelled) if isinstance(each, Row)]

    def one(self, sql: str, *params: Value) -> Value:
        return self(sql, *params)[0][0]

    def refused(self, sql: str, *params: Value) -> list[int]:
        """The numbers of all errors, in order."""
        found = []
        try:
            for each in self.session.run(sql, params, self.cancelled):
                found += [each.error.number] if isinstance(each, Failed) else []
        except ServerError as problem:
            found.append(problem.number)
        return found

    def said(self, sql: str) -> list[int]:
        """The numbers of all messages."""
        return [each.number for each in self.session.run(sql, (), self.cancelled) if isinstance(each, Info)]

    def count(self, sql: str, *params: Value) -> int | None:
        """How many rows were changed."""
        return [each.count for each in self.session.run(sql, params, self.cancelled) if isinstance(each, Done)][-1]

    def types(self, sql: str, *params: Value) -> list[str]:
        """Types of the columns of the first result."""
        for each in self.session.run(sql, params, self.cancelled):
            if isinstance(each, Columns):
                return [column.type for column in each.columns]
        return []


def talk(instance: Instance, user: str = "sa", password: str = PASSWORD, database: str = "") -> Talk:
    return Talk(instance.login(user, password, database, "test"))


def put_backup(instance: Instance, path: str = BAK, *, version: int = 852, **said: Any) -> Path:
    """The small Globe administration 150 as a back-up at a place of the server."""
    real = instance.disk.here(path)
    laid = lay(globe(company(), database=Database(name="150", version=version)))
    write_backup(real, Backup(laid, checksums=said.pop("checksums", True)), **said)
    return real


def restore(name: str, *more: str, path: str = BAK) -> str:
    return f"RESTORE DATABASE [{name}] FROM DISK = N'{path}' WITH {', '.join([MOVES.format(name), *more])}"
