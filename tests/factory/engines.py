"""An embedded engine on a bench: small administrations of one table, and work that can be watched and stopped."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from core.administration import own
from core.administration.embedded import EmbeddedEngine
from core.administration.engine import Copy, Mark, Work
from core.errors import Cancelled


@dataclass
class Watched:
    """Everything a step said; `stop_at` cancels at that many questions."""

    stop_at: int | None = None
    log: list[tuple[str, str]] = field(default_factory=list)
    progress: list[tuple[int, int]] = field(default_factory=list)
    asked: int = 0

    def check(self) -> None:
        self.asked += 1
        if self.stop_at is not None and self.asked >= self.stop_at:
            raise Cancelled("cancelled")

    @property
    def work(self) -> Work:
        return Work(
            log=lambda kind, text: self.log.append((kind, text)),
            progress=lambda done, total: self.progress.append((done, total)),
            check=self.check,
        )

    def said(self, kind: str) -> list[str]:
        return [text for what, text in self.log if what == kind]


def mark_of(number: str = "120", delivery: str = "D-0001", operation: str = "O-0001") -> Mark:
    return Mark(delivery, "BAK-001", number, "ab" * 32, operation)


def engine_in(folder: Path) -> EmbeddedEngine:
    return EmbeddedEngine(str(folder / "administrations" / "oefen16"), str(folder / "work"), reserve=0)


def small(engine: EmbeddedEngine, copy: Copy, rows: int = 3, mark: Mark | None = None) -> Copy:
    """A working copy of one table, with a mark if one is given."""
    Path(copy).parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(copy)) as database:
        database.execute("create table gbkmut (ID integer primary key, oms25 text)")
        database.executemany("insert into gbkmut values (?, ?)", ((n, f"regel {n}") for n in range(1, rows + 1)))
        database.commit()
    if mark is not None:
        with engine.open(copy, write=True) as connection:
            own.prepare(connection, mark)
    return copy


def content(engine: EmbeddedEngine, copy: Copy) -> int:
    """Rows of the one table."""
    with engine.open(copy) as connection:
        return int(connection.exec_driver_sql("select count(*) from gbkmut").scalar_one())
