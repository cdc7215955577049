"""Every statement of restore, correction, reversal and return on SQL Server, disturbed.

    cd tests && PYTHONPATH=..:. python -m faults.sqlserver [restore|correct|reverse|return ...] [--every N] [--step S]

`fail`: the server refuses the statement. `lost`: it takes effect, and the line drops before the answer. `cancel`: the
operator cancels there. `dead`: as lost, and our process is killed with it; the next worker goes on. Afterwards the
operation is done or as if it was never ordered; the exit status is 1 when anything is left that should not be.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from factory.exchange import ENTRY, STRANGERS, Exchange, office
from factory.journey import Killed
from fakes.sqlserver.faults import Heard, Hold
from fakes.sqlserver.ground import needed
from faults.photo import Photo, put_back, taken

from core.administration.engine import Work
from core.errors import Refused, WisselError
from core.formats.backup import inspect
from core.model import Kind, OperationDetail, OperationState, Order, Params, Step
from core.operations.dispatch import bench_maker
from core.operations.recorder import Recorder
from core.operations.runner import Leg, Word
from core.operations.step import Bench, Guided, StepWork
from core.operations.steps import STEPS

KINDS = (Kind.RESTORE, Kind.CORRECT, Kind.REVERSE, Kind.RETURN)
LONG = ("RESTORE", "BACKUP", "DBCC", "CREATE DATABASE")
"""Statements that are cancelled while they run."""
CHANGING = ("RESTORE DATABASE", "BACKUP", "DBCC", "ALTER", "DROP", "CREATE", "INSERT", "UPDATE", "DELETE", "COMMIT")
REST = 600
"""Statements that a killed process would have said."""
GOOD = ("done", "undone", "cancelled", "waiting")


@dataclass
class Mortal:
    """A step in a process that can die: whatever it would have done then does not happen."""

    work: StepWork
    dead: Callable[[], bool]

    def did(self, bench: Bench) -> bool:
        with self._dying():
            return self.work.did(bench)

    def do(self, bench: Bench) -> Params:
        with self._dying():
            return self.work.do(bench)

    def undo(self, bench: Bench) -> None:
        self.work.undo(bench)

    @contextmanager
    def _dying(self) -> Iterator[None]:
        try:
            yield
        except WisselError:
            if self.dead():
                raise Killed from None
            raise
        if self.dead():
            raise Killed


@dataclass
class MortalGuided(Mortal):
    def prove(self, bench: Bench, answer: str) -> Params:
        assert isinstance(self.work, Guided)
        return self.work.prove(bench, answer)


@dataclass
class Stage:
    """An office in which one operation is ordered, and photographs of the moment before each of its steps."""

    office: Exchange
    kind: Kind
    operation: str = ""
    photos: list[Photo] = field(default_factory=list)
    heard: list[list[Heard]] = field(default_factory=list)
    """What the server heard of each step when nobody disturbed it."""
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)
    stop_at: int = 0
    hold: Hold | None = None
    dead: Hold | None = None

    def leg(self) -> Word:
        """One leg, up to the step `stop_at` if there is one."""
        made = bench_maker(self.office.register, self.office.settings)

        def bench(detail: OperationDetail, step: Step, recorder: Recorder) -> Bench:
            if step.number == self.stop_at:
                raise Killed
            mine = made(detail, step, recorder)
            return replace(mine, work=self._work(mine.work, recorder))

        steps = {
            key: (MortalGuided if isinstance(work, Guided) else Mortal)(work, self._is_dead)
            for key, work in STEPS.items()
        }
        register = self.office.register
        return Leg(register, steps, bench, lambda: False, lambda _seconds: None, str).run(self.operation)

    def _is_dead(self) -> bool:
        return self.dead is not None and self.dead.reached.is_set()

    def _work(self, work: Work, recorder: Recorder) -> Work:
        def check() -> None:
            if self.hold is not None and self.hold.reached.is_set():
                recorder._heard = float("-inf")  # every check hears it, not one in so many
            work.check()

        return replace(work, check=check)

    def to_the_end(self) -> None:
        """As workers would: again, until it is over or waits for a person."""
        for _ in range(5):
            try:
                word = self.leg()
            except Killed:
                word = Word.AGAIN
            self.office.server.server.faults.clear()
            self.office.server.server.quiet()
            self.dead = None
            if word is not Word.AGAIN:
                return
        raise AssertionError("it never ends")

    def photograph(self, folder: Path) -> None:
        """Run it through, and stop before each step."""
        steps = self.office.register.operation(self.operation).steps
        for number in range(1, len(steps) + 2):
            start = len(self.office.server.server.log)
            self.stop_at = number if number <= len(steps) else 0
            with suppress(Killed):
                self.leg()
            if number > 1:
                self.heard.append(self.office.server.server.log[start:])
            if number <= len(steps):
                self.photos.append(taken(self.office, folder / f"{number}"))
        self.after = self.seen()
        assert self.state() is OperationState.DONE, self.office.register.operation(self.operation).log[-3:]

    def state(self) -> OperationState:
        return self.office.register.operation(self.operation).row.state

    def seen(self) -> dict[str, object]:
        """Databases, files, and what the register has, without what differs from run to run."""
        found = standing(self.office)
        register = self.office.register
        found["held"] = [(each.number, each.delivery, bool(each.returned_at)) for each in register.held()]
        found["deliveries"] = [(row.id, row.state) for row in register.page(newest_first=False, limit=99)[0]]
        found["outputs"] = len(register.operation(self.operation).outputs) if self.operation else 0
        mine = [line.what for line in register.custody(limit=1000) if line.detail.get("operation") == self.operation]
        found["custody"] = [what for what in mine if not what.startswith(("ordered", "operation-"))]
        found["log"] = register.verify_custody()
        return found

    def disturbed(self, step: int, at: int, how: str) -> str:
        """How it ends: a word of GOOD, or what is wrong."""
        put_back(self.office, self.photos[step - 1])
        self.stop_at = 0
        person: threading.Thread | None = None
        faults = self.office.server.server.faults
        text = self.heard[step - 1][at - 1].text.lstrip().upper()
        if how == "fail":
            faults.fail(3271, at=at)
        elif how == "cancel":
            self.hold = faults.hold(at=at, after=1 if text.startswith(("RESTORE DATABASE", "BACKUP")) else None)
            go_on = not text.startswith(LONG)
            person = threading.Thread(target=self._cancel, args=(self.hold,), kwargs={"go_on": go_on})
            person.start()
        else:
            faults.drop(at=at, late=True)
        if how == "dead":
            self.dead = faults.hold(at=at)
            self.dead.release()
            for number in range(at + 1, at + REST):
                faults.drop(at=number)
        try:
            self.to_the_end()
        finally:
            if person is not None:
                person.join()
            self.hold = self.dead = None
            faults.clear()
        return self.judged(how)

    def _cancel(self, hold: Hold, *, go_on: bool) -> None:
        """The operator, while a statement runs; `go_on`: that is not long enough to be heard in the middle of it."""
        hold.wait()
        try:
            self.office.register.ask_cancel(self.operation, who="jansen")
        except Refused:  # too late for that
            go_on = True
        if go_on:
            hold.release()

    def judged(self, how: str) -> str:
        state, found = self.state(), self.seen()
        if state is OperationState.DONE:
            wrong = different(self.after, found)
        elif state in {OperationState.UNDONE, OperationState.CANCELLED} and how != "dead":
            wrong = different(self.before, found) or self._unsaid(state)
        else:
            wrong = f"ends {state}"
        return f"{state.upper()}, BUT {wrong}" if wrong else str(state)

    def _unsaid(self, state: OperationState) -> str:
        """What the log ought to say and does not: the error that turned it back, in words of ours."""
        detail = self.office.register.operation(self.operation)
        if state is OperationState.CANCELLED:
            return ""
        key = detail.row.outcome.removeprefix("error.")
        if key == "unexpected":
            return f"nobody foresaw {detail.row.params}"
        return "" if any(line.text.startswith(key) for line in detail.log) else f"no word of {detail.row.outcome}"


def standing(office: Exchange) -> dict[str, object]:
    """Every database: state, whom it lets in, rows, users, licences, whose it is; every file of ours."""
    instance = office.server.instance
    found: dict[str, object] = {}
    owned = set()
    for name, state in office.server.states().items():
        database = instance.database(name)
        owned |= {instance.disk.here(each.physical).name for each in database.files}
        counts = {} if name in STRANGERS else {
            table.name: len(instance.rows(name, table.name)) for table in database.schema.tables.values()
        }  # fmt: skip
        people = [] if "humres" not in counts else sorted(
            (str(row["usr_id"]), row["emp_stat"], row["blocked"]) for row in instance.rows(name, "humres")
        )  # fmt: skip
        licences = [] if "Licentie" not in counts else sorted(
            (str(row["LicNr"]), row["Actief"]) for row in instance.rows(name, "Licentie")
        )  # fmt: skip
        total = round(sum(abs(float(str(row["bdr_hfl"]))) for row in instance.rows(name, "gbkmut")), 2) if counts else 0
        found[name] = (state, counts, people, licences, total)
    data = instance.disk.here(instance.disk.data)
    found["orphans"] = sorted({each.name for each in data.iterdir()} - owned)
    found["left"] = sorted(office.left())
    out = office.folder / "outbox"
    # An empty folder of a client hurts nobody; a hidden one would be half a package.
    left = [each for each in out.rglob("*") if each.is_file() or each.name.startswith(".")]
    found["outbox"] = sorted(str(each.relative_to(out)) for each in left)
    found["packages"] = [_sound(each) for each in sorted(out.rglob("*")) if each.suffix in {".ebu", ".bak"}]
    return found


def _sound(path: Path) -> bool:
    read = inspect(path)
    return read.complete and not read.damaged and bool(read.payloads)


def different(expected: dict[str, object], found: dict[str, object]) -> str:
    names = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
    return "; ".join(f"{name}: {found.get(name)} not {expected.get(name)}" for name in names)[:600]


@contextmanager
def stage(folder: Path, kind: Kind, *, older: bool = True) -> Iterator[Stage]:
    """Everything up to the order. A restore finds its `older`, returned delivery under its number."""
    place = folder / "place"
    place.mkdir(parents=True)
    with office(place, needed("freetds")) as made:
        first = made.came()
        order = Order(Kind.RESTORE, first, colleagues=("KANTOOR\\stagiair",))
        if kind is not Kind.RESTORE or older:
            made.done(order)
        if kind is Kind.RESTORE and older:
            made.done(Order(Kind.RETURN, first))
            order = replace(order, delivery=made.came(entries=4))
        elif kind is Kind.RESTORE:
            pass
        elif kind is Kind.CORRECT:
            order = Order(Kind.CORRECT, first, entry=ENTRY, entry_name="november.toml")
        else:
            made.done(Order(Kind.CORRECT, first, entry=ENTRY, entry_name="november.toml"))
            order = Order(kind, first)
        found = Stage(made, kind)
        found.before = found.seen()
        found.operation = made.order(order)
        found.photograph(folder / "photos")
        yield found


def cases(found: Stage, *, every: int = 1, step: str = "") -> Iterator[tuple[int, str, int, str]]:
    """Step, its name, which of its statements, how. Of those that only ask one in `every`."""
    names = [each.name for each in found.office.register.operation(found.operation).steps]
    count = 0
    for number, (name, heard) in enumerate(zip(names, found.heard, strict=True), 1):
        for at, each in enumerate(heard, 1):
            changes = each.text.lstrip().upper().startswith(CHANGING)
            count += 1
            if (step and step != name) or (not changes and count % every):
                continue
            yield from ((number, name, at, how) for how in ("fail", "lost", "cancel"))
            if changes:
                yield number, name, at, "dead"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", type=Kind, default=KINDS)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--step", default="")
    given = parser.parse_args()
    bad = 0
    for kind in given.kinds:
        folder = Path(tempfile.mkdtemp(prefix="wissel-sql-faults-"))
        began = time.monotonic()
        try:
            with stage(folder, kind) as found:
                bad += table(found, every=given.every, step=given.step)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(f"{kind}: {time.monotonic() - began:.0f} s", flush=True)
    return 1 if bad else 0


def table(found: Stage, *, every: int, step: str) -> int:
    """Print one operation's; how many cases came out wrong."""
    made: dict[tuple[int, str, str], Counter[str]] = {}
    bad = 0
    for number, name, at, how in cases(found, every=every, step=step):
        try:
            word = found.disturbed(number, at, how)
        except Exception as problem:  # noqa: BLE001 - the table goes on
            word = f"{type(problem).__name__}: {problem}"
        if word not in GOOD:
            bad += 1
            heard = found.heard[number - 1][at - 1]
            print(f"{found.kind}.{name} {at} {how} [{' '.join(heard.text.split())[:90]}]: {word}", flush=True)
        made.setdefault((number, name, how), Counter())[word if word in GOOD else "WRONG"] += 1
    for (_, name, how), words in made.items():
        told = ", ".join(f"{count} {word}" for word, count in words.items())
        print(f"{found.kind}.{name:10} {how:7} {told}", flush=True)
    statements = sum(map(len, found.heard))
    print(
        f"{found.kind}: {statements} statements, {sum(sum(each.values()) for each in made.values())} cases, {bad} wrong"
    )
    return bad


if __name__ == "__main__":
    sys.exit(main())
