"""An operation of toy steps that change real files, a real database and the register: the harness is proven on it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from core.errors import Refused
from core.files import atomic_write, rename_new, sha256_of
from core.model import Kind, Params
from core.operations.step import Bench, Guided, Steps

PIECES = 40


def folder(bench: Bench) -> str:
    path = os.path.join(bench.office, "toys")
    os.makedirs(path, exist_ok=True)
    return path


@dataclass(frozen=True)
class Nothing:
    """Looks only."""

    def did(self, bench: Bench) -> bool:
        return False

    def do(self, bench: Bench) -> Params:
        bench.keep("seen", {"delivery": bench.order.delivery})
        return {"delivery": bench.order.delivery}

    def undo(self, bench: Bench) -> None:
        """It changed nothing."""


@dataclass(frozen=True)
class Draft:
    """A file written piece by piece."""

    def _path(self, bench: Bench) -> str:
        return os.path.join(folder(bench), f"{bench.id}.draft")

    def did(self, bench: Bench) -> bool:
        return os.path.exists(self._path(bench))

    def do(self, bench: Bench) -> Params:
        self._tidy(bench)
        bench.work.log("file", f"write {self._path(bench)}")

        def pieces() -> object:
            for at in range(PIECES):
                bench.work.check()
                bench.work.progress(at, PIECES)
                _wait_for(bench)
                yield b"%d\n" % at

        atomic_write(self._path(bench), pieces())  # type: ignore[arg-type]
        return {"pieces": PIECES}

    def undo(self, bench: Bench) -> None:
        with suppress(FileNotFoundError):
            os.remove(self._path(bench))
        self._tidy(bench)

    def _tidy(self, bench: Bench) -> None:
        """What a killed process left."""
        for name in os.listdir(folder(bench)):
            if name.startswith(".wissel-"):
                os.remove(os.path.join(folder(bench), name))


@dataclass(frozen=True)
class Rows:
    """Rows of a database, in one transaction."""

    def _engine(self, bench: Bench) -> sa.Engine:
        return sa.create_engine(sa.URL.create("sqlite", database=os.path.join(folder(bench), "ledger.sqlite")))

    def did(self, bench: Bench) -> bool:
        engine = self._engine(bench)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE IF NOT EXISTS rows (operation TEXT, line INTEGER)"))
            same = {"operation": bench.id}
            count = connection.execute(sa.text("SELECT count(*) FROM rows WHERE operation = :operation"), same).scalar()
        engine.dispose()
        return bool(count)

    def do(self, bench: Bench) -> Params:
        engine = self._engine(bench)
        with engine.begin() as connection:
            for line in range(5):
                bench.work.log("sql", f"INSERT {line}")
                bench.work.check()
                connection.execute(sa.text("INSERT INTO rows VALUES (:o, :l)"), {"o": bench.id, "l": line})
        engine.dispose()
        return {"lines": 5}

    def undo(self, bench: Bench) -> None:
        engine = self._engine(bench)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE IF NOT EXISTS rows (operation TEXT, line INTEGER)"))
            connection.execute(sa.text("DELETE FROM rows WHERE operation = :o"), {"o": bench.id})
        engine.dispose()


@dataclass(frozen=True)
class Place:
    """The draft gets its name, over nothing."""

    def _paths(self, bench: Bench) -> tuple[str, str]:
        return os.path.join(folder(bench), f"{bench.id}.draft"), os.path.join(folder(bench), "120")

    def did(self, bench: Bench) -> bool:
        draft, place = self._paths(bench)
        return os.path.exists(place) and not os.path.exists(draft)

    def do(self, bench: Bench) -> Params:
        draft, place = self._paths(bench)
        if os.path.exists(place) and os.path.samefile(draft, place):
            os.remove(draft)
        else:
            rename_new(draft, place)
        return {"sha256": sha256_of(place)}

    def undo(self, bench: Bench) -> None:
        draft, place = self._paths(bench)
        if os.path.exists(place):
            os.replace(place, draft)


@dataclass(frozen=True)
class Custody:
    """The point of no return: it is with us."""

    def did(self, bench: Bench) -> bool:
        return any(each.delivery == bench.order.delivery for each in bench.register.held())

    def do(self, bench: Bench) -> Params:
        row = bench.operation.row
        bench.register.hold(
            row.target, row.number, name="Bakker", client="c1", delivery=row.delivery, operation=bench.id
        )
        bench.register.once(bench.id, bench.step.number, "with-us", who=bench.who, delivery=row.delivery, client="c1")
        bench.leave(os.path.join(folder(bench), "120"), "00")
        return {}

    def undo(self, bench: Bench) -> None:
        row = bench.operation.row
        bench.register.let_go(row.target, row.number, delivery=row.delivery)


@dataclass(frozen=True)
class Tell:
    """After it: a letter that is written once."""

    def _path(self, bench: Bench) -> str:
        return os.path.join(folder(bench), f"{bench.id}.letter")

    def did(self, bench: Bench) -> bool:
        return os.path.exists(self._path(bench))

    def do(self, bench: Bench) -> Params:
        atomic_write(self._path(bench), "with us\n")
        return {}

    def undo(self, bench: Bench) -> None:
        raise AssertionError("nobody undoes what comes after the point of no return")


@dataclass(frozen=True)
class Send(Nothing, Guided):
    """A person does it."""

    def prove(self, bench: Bench, answer: str) -> Params:
        if answer != "sent":
            raise Refused("not-there")
        return {"answer": answer}


def _wait_for(bench: Bench) -> None:
    """A test catches the step in the middle by the file `hold`; by `deaf`, so that it hears nothing."""
    while os.path.exists(os.path.join(bench.office, "hold")):
        bench.work.check()
        time.sleep(0.01)
    while os.path.exists(deaf := os.path.join(bench.office, "deaf")):
        os.chmod(deaf, 0o600)
        time.sleep(0.01)


NAMES = ("check", "draft", "rows", "place", "custody", "tell")
STEPS: Steps = {
    (Kind.RESTORE, "check"): Nothing(),
    (Kind.RESTORE, "draft"): Draft(),
    (Kind.RESTORE, "rows"): Rows(),
    (Kind.RESTORE, "place"): Place(),
    (Kind.RESTORE, "custody"): Custody(),
    (Kind.RESTORE, "tell"): Tell(),
    (Kind.HAND_OVER, "send"): Send(),
    (Kind.HAND_OVER, "tell"): Tell(),
}
