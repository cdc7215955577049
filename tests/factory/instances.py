"""A connector to the test SQL Server, as the settings of a target would make it."""

from __future__ import annotations

from typing import Any

from fakes.sqlserver.ground import PASSWORD, USER, Driver

from core.administration.engine import Work
from core.administration.sqlserver.connecting import Access, Connector

TARGET = "sql16a"


def access(port: int, driver: Driver, **changes: Any) -> Access:
    """The test server at this port, without encryption."""
    values: dict[str, Any] = {
        "target": TARGET, "instance": f"127.0.0.1,{port}", "driver": driver.path, "authentication": "sql",
        "user": USER, "password": lambda: PASSWORD, "encrypt": "no",
    }  # fmt: skip
    return Access(**values | changes)


def connector(port: int, driver: Driver, **changes: Any) -> Connector:
    """The line to it."""
    return Connector(access(port, driver, **changes))


class Watched:
    """A `Work` that keeps what it is told; `stop` makes the next check raise that error."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.steps: list[int] = []
        self.stop: BaseException | None = None
        self.work = Work(self._log, self._progress, self._check)

    def _log(self, kind: str, text: str) -> None:
        self.lines.append((kind, text))

    def _progress(self, done: int, of: int) -> None:
        assert of == 100
        self.steps.append(done)

    def _check(self) -> None:
        if self.stop is not None:
            raise self.stop
