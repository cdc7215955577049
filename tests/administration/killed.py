"""A life of one administration, each step killed at each of its calls to the system and then asked again.

    killed.py FOLDER    prints how often each step was killed: {"put": 7, ...}

A child of this process works and is killed; this process asks again and compares with a life that nobody disturbed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from factory.administrations import random_package
from factory.engines import Watched, engine_in, mark_of

from core.administration import own
from core.administration.embedded import EmbeddedEngine
from core.files import sha256_of

CALLS = ("open", "os.rename", "os.link", "os.remove", "os.chmod", "os.mkdir", "sqlite3.connect")
MARK = mark_of()
MANIFEST: dict[str, str | int] = {"client": "BAK-001", "administration_number": "120", "product_update": 421}


class Life:
    """The steps in the order of a life; each can be asked twice."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine: EmbeddedEngine = engine_in(folder)
        self.draft = self.engine.draft("O-0001")
        self.copy = self.engine.draft("O-0002", "return")

    def bring_in(self) -> None:
        self.engine.bring_in(str(self.folder / "in.ebu"), self.draft, Watched().work)
        with self.engine.open(self.draft, write=True) as connection:
            own.prepare(connection, MARK)

    def put(self) -> None:
        self.engine.put(self.draft, "120", Watched().work)

    def duplicate(self) -> None:
        self.engine.duplicate("120", self.copy, Watched().work)
        with self.engine.open(self.copy, write=True) as connection:
            own.leave(connection)

    def pack(self) -> None:
        self.engine.pack(self.copy, str(self.folder / "out.ebu"), MANIFEST, Watched().work)

    def set_aside(self) -> None:
        self.engine.set_aside("120", "x", MARK, Watched().work)

    def bring_back(self) -> None:
        self.engine.bring_back("x", "120", Watched().work)

    def take_back(self) -> None:
        self.engine.take_back("120", self.draft, MARK, Watched().work)

    def discard(self) -> None:
        self.engine.discard(self.draft, Watched().work)

    def seen(self) -> dict[str, str]:
        """Every file and what is in it: rows of an administration, else its bytes."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                shown = str(path.relative_to(self.folder))
                found[shown] = f"{path.stat().st_mode:o} {path.stat().st_nlink} {self._content(path)}"
        return found

    def _content(self, path: Path) -> str:
        if path.suffix != ".sqlite":
            return sha256_of(path)
        with self.engine.open(str(path)) as connection:
            rows = connection.exec_driver_sql("select count(*), sum(bdr_hfl), max(sysguid) from gbkmut").one()
            return f"{tuple(rows)} {own.read_mark(connection)}"


STEPS = ("bring_in", "put", "duplicate", "pack", "set_aside", "bring_back", "take_back", "discard")


def killed(step: Callable[[], None], at: int) -> bool:
    """Run a step in a child that is killed at its `at`-th call. False: it ended before."""
    child = os.fork()
    if not child:
        left = at

        def count(event: str, _arguments: object) -> None:
            nonlocal left
            if event in CALLS:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        step()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit(f"the step failed by itself: {status}")
    return os.WIFSIGNALED(status)


def main(folder: Path) -> None:
    calm = folder / "calm"
    calm.mkdir()
    random_package(calm / "in.ebu", lines=60, seed=7)
    counts = {}
    for step in STEPS:
        start = folder / f"before-{step}"
        shutil.copytree(calm, start)
        getattr(Life(calm), step)()
        expected = Life(calm).seen()
        at = 0
        while True:
            place = folder / "work"
            shutil.copytree(start, place)
            life = Life(place)
            if not killed(getattr(life, step), at):
                break
            for _ in range(2):
                getattr(life, step)()
                assert life.seen() == expected, (step, at)
            shutil.rmtree(place)
            at += 1
        counts[step] = at
        shutil.rmtree(folder / "work")
    print(json.dumps(counts))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
