"""A life of one administration on SQL Server, each step disturbed at each of its statements and then asked again.

`fail`: the server refuses the statement. `lost`: it takes effect, and the line drops before the answer. `dead`: the
same, and our process is killed: nothing it would have done to clean up happens. `torn`: killed in the middle of a
statement that takes its time. `stopped`: the operator cancels it there. What comes of asking again is compared with a
life that nobody disturbed; so is what stands beside.

Statements that change something are all disturbed: killed there, and in one of the other ways in turn. Of questions,
which change nothing, some are. All of them in every way with WISSEL_EVERY_STATEMENT=1, which takes minutes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from factory.engines import Watched, mark_of
from factory.servers import Served, package, served
from fakes.sqlserver.faults import Heard, Hold
from fakes.sqlserver.ground import needed

from core.administration import own
from core.errors import Cancelled, WisselError
from core.formats.backup import inspect

MARK = mark_of()
MANIFEST: dict[str, str | int] = {"client": "BAK-001", "administration_number": "120", "product_update": 421}
REST = 400
"""Statements that a killed process would have said."""
LONG = ("RESTORE DATABASE", "BACKUP DATABASE", "RESTORE VERIFYONLY", "DBCC", "CREATE DATABASE")
FEW = 1 if os.environ.get("WISSEL_EVERY_STATEMENT") else 6
"""Of so many questions one is disturbed."""


@dataclass
class Life:
    """The steps in the order of a life, each with a way back to where it began."""

    served: Served
    folder: Path
    hold: Hold | None = None

    def __post_init__(self) -> None:
        self.engine = self.served.engine
        self.draft = self.engine.draft("O-0001")
        self.copy = self.engine.draft("O-0002", "return")
        self.out = self.folder / "out.bak"
        self.work = replace(Watched().work, check=self._check)
        for name in ("200", "wissel-O-0009-draft", "wissel-aside-200"):
            self.served.stranger(name)

    def _check(self) -> None:
        if self.hold is not None and self.hold.reached.is_set():
            raise Cancelled("cancelled")

    def bring_in(self) -> None:
        self.engine.bring_in(str(self.folder / "in.bak"), self.draft, self.work)

    def swap(self) -> None:
        """A transaction that writes: done, or not at all."""
        with self.engine.open(self.draft, self.work, write=True) as connection:
            own.prepare(connection, MARK)
            if not own.did(connection, "O-0001", "swap"):
                own.note_done(connection, "O-0001", "swap")

    def put(self) -> None:
        self.engine.put(self.draft, "120", self.work)

    def duplicate(self) -> None:
        self.engine.duplicate("120", self.copy, self.work)

    def leave(self) -> None:
        with self.engine.open(self.copy, self.work, write=True) as connection:
            own.leave(connection)

    def pack(self) -> None:
        self.engine.pack(self.copy, str(self.out), MANIFEST, self.work, like=str(self.folder / "in.bak"))

    def set_aside(self) -> None:
        self.engine.set_aside("120", "x", MARK, self.work)

    def bring_back(self) -> None:
        self.engine.bring_back("x", "120", self.work)

    def take_back(self) -> None:
        self.engine.take_back("120", self.draft, MARK, self.work)

    def discard(self) -> None:
        self.engine.discard(self.draft, self.work)

    def unpacked(self) -> None:
        self.out.unlink()

    def undo_duplicate(self) -> None:
        self.engine.discard(self.copy, self.work)

    def unswap(self) -> None:
        with self.engine.open(self.draft, write=True) as connection:
            own.leave(connection)

    def swap_copy(self) -> None:
        with self.engine.open(self.copy, write=True) as connection:
            own.prepare(connection, MARK)

    def undo_discard(self) -> None:
        """What a restore in the middle of its work leaves behind, and a working copy."""
        for name, state in ((self.draft, "ONLINE"), (f"{self.draft}-part", "RESTORING")):
            self.served.stranger(name)
            self.served.instance.database(name).state = state
        (self.served.exchange / f"{self.draft}-1.bak.part").write_bytes(b"half")

    def seen(self) -> dict[str, object]:
        """Every database: its state, whom it lets in, its ledger lines and whose it is; every file of ours."""
        found: dict[str, object] = {}
        for name, state in self.served.states().items():
            tables = {each.name for each in self.served.instance.database(name).schema.tables.values()}
            lines = len(self.served.instance.rows(name, "gbkmut")) if "gbkmut" in tables else 0
            found[name] = (state, lines, sorted(each for each in tables if each.startswith("wissel_")))
        found["exchange"] = sorted(os.listdir(self.served.exchange))
        found["package"] = self.out.exists() and _sound(self.out)
        return found


def _sound(path: Path) -> bool:
    found = inspect(path)
    return found.complete and not found.damaged and bool(found.payloads)


WAYS: dict[str, tuple[str, ...]] = {
    "bring_in": ("discard",),
    "swap": ("unswap",),
    "put": ("take_back",),
    "duplicate": ("undo_duplicate",),
    "leave": ("swap_copy",),
    "pack": ("unpacked",),
    "set_aside": ("bring_back",),
    "bring_back": ("set_aside",),
    "take_back": ("put",),
    "discard": ("undo_discard",),
}
"""Step -> how one comes back to before it. The steps in the order of a life."""


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    package(tmp_path / "in.bak", only=("bedryf", "gbkmut"))
    with served(tmp_path, needed("freetds")) as server:
        yield Life(server, tmp_path)


def disturbances(heard: list[Heard]) -> Iterator[tuple[int, str]]:
    """Which statement, and how. A question changes nothing: where it fails, all that comes after it is missing."""
    for at, each in enumerate(heard, 1):
        text = each.text.lstrip().upper()
        if each.kind == "login" or text.startswith(("SELECT", "SET ", "ROLLBACK", "BEGIN")):
            if at % FEW == 0:
                yield at, "lost" if each.kind == "login" else "fail"
            continue
        ways = ["fail", "lost", "dead", *(["torn", "stopped"] if text.startswith(LONG) else [])]
        yield from ((at, how) for how in (ways if FEW == 1 else dict.fromkeys([ways[at % len(ways)], "dead"])))


def disturb(life: Life, at: int, how: str) -> None:
    faults = life.served.server.faults
    if how == "fail":
        faults.fail(3271, at=at)
        return
    faults.drop(at=at, late=how != "torn", after=2 if how == "torn" else None)
    if how != "lost":
        for number in range(at + 1, at + REST):
            faults.drop(at=number)


def disturbed(life: Life, step: Callable[[], None], at: int, how: str) -> None:
    """Do a step that goes wrong; it says so in our own words, or it came to its end all the same."""
    if how == "stopped":
        life.hold = life.served.server.faults.hold(at=at, after=1)
    else:
        disturb(life, at, how)
    try:
        step()
    except WisselError:
        pass
    finally:
        life.hold = None
        life.served.server.faults.clear()
        life.served.server.quiet()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", WAYS)
def test_disturbed_at_any_statement_a_step_is_asked_again_and_ends_the_same(life: Life, name: str) -> None:
    for each in WAYS:
        if each == name:
            break
        getattr(life, each)()
    step, back = getattr(life, name), [getattr(life, each) for each in WAYS[name]]
    if name == "discard":
        step()
        back[0]()
    before = life.seen()
    start = len(life.served.server.log)
    step()
    heard = life.served.server.log[start:]
    expected = life.seen()
    assert expected != before
    for at, how in disturbances(heard):
        for each in back:
            each()
        assert life.seen() == before, (at, how)
        disturbed(life, step, at, how)
        step()
        assert life.seen() == expected, (at, how, heard[at - 1].text)
