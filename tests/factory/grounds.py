"""A target to try an engine on, whichever it is: what every engine promises is asked of each in the same words."""

from __future__ import annotations

import contextlib
import sqlite3
from abc import ABC, abstractmethod
from pathlib import Path

import sqlalchemy as sa
from factory.administrations import random_package
from factory.engines import Watched, engine_in, mark_of
from factory.servers import Served, package

from core.administration import globe, own
from core.administration.engine import Copy, Engine, Mark

MARK = mark_of()


class Ground(ABC):
    """One target with nothing on it. Names: `at/120`, `aside/x`, `work/O-0001-draft`."""

    engine: Engine
    folder: Path

    @abstractmethod
    def package(self) -> str:
        """A client's package, as it lies in the vault: always the same administration."""

    @abstractmethod
    def names(self) -> set[str]:
        """Everything that stands there, and every file of ours."""

    @abstractmethod
    def strange(self, number: str) -> None:
        """Somebody else's administration under a number."""

    def brought(self, operation: str = "O-0001", mark: Mark | None = MARK) -> Copy:
        """A working copy with a mark, as a restore makes it."""
        copy = self.engine.draft(operation)
        self.engine.bring_in(self.package(), copy, Watched().work)
        if mark is not None:
            with self.engine.open(copy, write=True) as connection:
                own.prepare(connection, mark)
        return copy

    def placed(self, number: str = "120", operation: str = "O-0001", mark: Mark = MARK) -> Copy:
        """The same with its place."""
        self.engine.put(self.brought(operation, mark), number, Watched().work)
        return self.engine.place(number)

    def lines(self, copy: Copy) -> int:
        """Of the ledger."""
        with self.engine.open(copy) as connection:
            return int(connection.scalar(sa.select(sa.func.count()).select_from(globe.gbkmut)) or 0)


class Embedded(Ground):
    """SQLite files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine = engine_in(folder)
        random_package(folder / "in.ebu", lines=40, seed=5)

    def package(self) -> str:
        return str(self.folder / "in.ebu")

    def names(self) -> set[str]:
        place = Path(self.engine.place("120")).parent
        folders = {"at": place, "aside": place / "aside", "work": self.folder / "work"}
        found = {(word, each) for word, folder in folders.items() if folder.is_dir() for each in folder.iterdir()}
        return {f"{word}/{each.name.removesuffix('.sqlite')}" for word, each in found if each.is_file()}

    def strange(self, number: str) -> None:
        path = Path(self.engine.place(number))
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("create table bedryf (bedrnr text)")


class OnServer(Ground):
    """Databases of the test SQL Server."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.folder = folder
        self.served = served
        self.engine = served.engine
        package(folder / "in.bak")

    def package(self) -> str:
        return str(self.folder / "in.bak")

    def names(self) -> set[str]:
        found = set()
        for name in self.served.engine.databases():
            word = "aside" if name.startswith("wissel-aside-") else "work" if name.startswith("wissel-") else "at"
            found.add(f"{word}/{name.removeprefix('wissel-aside-').removeprefix('wissel-')}")
        return found | {f"file/{each.name}" for each in self.served.exchange.iterdir()}

    def strange(self, number: str) -> None:
        self.served.stranger(number)
