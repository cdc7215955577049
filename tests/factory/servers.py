"""The test SQL Server with our engine at it: its exchange folder, a client's package, strangers beside us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factory.instances import access, connector
from factory.sqlserver.backup import write_backup
from factory.sqlserver.globe import company, globe
from factory.sqlserver.model import Database
from fakes.sqlserver.databases import File
from fakes.sqlserver.ground import Driver
from fakes.sqlserver.instance import PASSWORD, Instance
from fakes.sqlserver.server import TestServer

from core.administration.sqlserver.engine import SqlServerEngine

WINDOWS = r"C:\Uitwisseling"
LINUX = "/var/opt/uitwisseling"


@dataclass
class Served:
    """A server on its port, and what looks at it from our side."""

    server: TestServer
    instance: Instance
    engine: SqlServerEngine
    exchange: Path
    driver: Driver

    def another(self, **changes: Any) -> SqlServerEngine:
        """An engine with other settings at the same instance."""
        return _engine(self.server, self.driver, self.instance, **changes)

    def stranger(self, name: str) -> None:
        """A database of somebody else."""
        database = self.instance.new(name)
        self.instance.add(database)

    @contextmanager
    def visitor(self, name: str) -> Iterator[None]:
        """Somebody else, who is in a database for as long as the block lasts."""
        connection = connector(self.server.port, self.driver, password=lambda: PASSWORD).connect(name)
        try:
            yield
        finally:
            connection.close()

    def states(self) -> dict[str, str]:
        """All but the server's own four: state, who is let in, and whether it may be written."""
        return {
            each.name: f"{each.state} {each.access}{' READ_ONLY' if each.read_only else ''}"
            for each in self.instance.all()
            if not each.system
        }


@contextmanager
def served(
    folder: Path, driver: Driver, *, shape: str = "windows", release: str = "2016", edition: str = "Standard",
    **changes: Any,
) -> Iterator[Served]:  # fmt: skip
    """A server of its own for a test."""
    instance = Instance(release, edition, folder=folder / "server", shape=shape)
    # As on every server; what stands where, tells which volumes there are.
    master = instance.disk.join(instance.disk.data, "master.mdf")
    instance.database("master").files.append(File("master", master, "D", 1, 4 << 20))
    with TestServer(instance) as server:
        exchange = instance.disk.here(_there(instance))
        exchange.mkdir(parents=True)
        yield Served(server, instance, _engine(server, driver, instance, **changes), exchange, driver)


def _engine(server: TestServer, driver: Driver, instance: Instance, **changes: Any) -> SqlServerEngine:
    there = _there(instance)
    values: dict[str, Any] = {
        "exchange_here": str(instance.disk.here(there)), "exchange_there": there, "password": lambda: PASSWORD,
    }  # fmt: skip
    patience = changes.pop("patience", 5.0)
    return SqlServerEngine(access(server.port, driver, **values | changes), patience=patience)


def _there(instance: Instance) -> str:
    return WINDOWS if instance.disk.shape == "windows" else LINUX


def package(path: Path, version: int = 852, only: Sequence[str] | None = None) -> Path:
    """A client's back-up as a file of its own: administration 120, nine lines in its ledger.

    `only`: no tables but these, where it has to be quick.
    """
    rows = {name: own for name, own in company("120").items() if only is None or name in only}
    write_backup(path, globe(rows, only=only, database=Database(name="120", version=version)))
    return path
