"""Real operations on an office of their own: how it stands before, and what may be seen of it afterwards."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import tomli_w
from factory.journey import ENTRY, Office, opened, target
from factory.running import wait_until
from faults.ground import Ground
from faults.striker import Strike

from core.administration.package import read_package
from core.model import Kind, OperationState, Order

PATIENCE = 180.0
"""Seconds for an operation to end, where many workers share a machine."""
KINDS = (Kind.RESTORE, Kind.CORRECT, Kind.RETURN)


@dataclass
class Journey(Ground):
    """An office in which the next operation is ordered already."""

    steps: str = "core.operations.steps"
    kind: Kind = Kind.RESTORE


def prepare(folder: Path, kind: Kind, *, lines: int = 400) -> None:
    """Everything up to the order itself. The restore of a delivery finds its older, returned one under its number."""
    folder.mkdir(parents=True)
    office = Office(folder)
    try:
        first, _ = office.delivery(lines=lines, product_update=418)
        office.restore(first, colleagues=("KANTOOR\\stagiair",))
        if kind is Kind.RESTORE:
            office.done(Order(Kind.RETURN, first))
            second, _ = office.delivery(lines=lines, product_update=418)
            office.order(Order(Kind.RESTORE, second))
        elif kind is Kind.CORRECT:
            office.order(Order(Kind.CORRECT, first, entry=ENTRY, entry_name="november.toml"))
        else:
            office.correct(first)
            office.order(Order(Kind.RETURN, first))
        for row in office.register.open_operations():
            if row.kind is Kind.HAND_OVER:
                office.run(row.id)
        firm = office.settings.firm
        settings = {
            "office": "office", "outbox": "outbox", "practice": True, "language": "en", "rescan_seconds": 0.3,
            "inboxes": [{"path": "inbox"}],
            "firm": {"name": firm.name, "licence": firm.licence, "users": list(firm.users)},
            "targets": [target().model_dump(exclude_none=True)],
        }  # fmt: skip
    finally:
        office.close()
    config = folder / "wissel.toml"
    config.write_text(tomli_w.dumps(settings), "utf-8")
    config.chmod(0o600)


def copied(prepared: Path, folder: Path, kind: Kind) -> Journey:
    """The same office once more, for one operation."""
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    return Journey(folder, kind=kind, patience=PATIENCE)


def latest(ground: Journey) -> str:
    """The operation of this ground; a hand-over that a return ordered is none."""
    rows, _ = ground.register.operations(limit=10)
    return next(row.id for row in rows if row.kind is ground.kind)


def seen(ground: Journey, operation: str) -> dict[str, object]:
    """All that an operation leaves, without what differs from run to run (moments, GUIDs)."""
    detail = ground.register.operation(operation)
    rows, _ = ground.register.operations()
    held = [(each.target, each.number, each.delivery, bool(each.returned_at)) for each in ground.register.held()]
    deliveries = [(row.id, row.state) for row in ground.rows()]
    return {
        "state": detail.row.state,
        "outcome": detail.row.outcome,
        "steps": [(step.name, step.state) for step in detail.steps],
        "operations": sorted((row.kind, row.state) for row in rows),
        "custody": ground.custody(operation),
        "whole": ground.register.verify_custody(),
        "held": held,
        "deliveries": deliveries,
        "outputs": len(detail.outputs),
        **standing(ground.folder),
    }


def standing(folder: Path) -> dict[str, object]:
    """Files, and what is in the administrations and in the packages."""
    roots = (folder / "office" / "administrations", folder / "office" / "work", folder / "outbox")
    paths = sorted(path for root in roots for path in root.rglob("*") if path.is_file() or path.name.startswith("."))
    return {
        "files": [str(path.relative_to(folder)) for path in paths],
        "links": [str(path.relative_to(folder)) for path in paths if path.is_file() and path.stat().st_nlink > 1],
        "administrations": {
            str(path.relative_to(folder)): inside(path) for path in paths if path.suffix == ".sqlite"
        },
        "packages": {str(path.relative_to(folder)): unpacked(path, folder) for path in paths if path.suffix == ".ebu"},
    }  # fmt: skip


def inside(path: Path) -> dict[str, object]:
    """Row counts, sums and who is active."""
    with opened(path) as globe:
        names = [name for (name,) in globe.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        counts = {name: globe.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
        total = globe.execute("SELECT count(*), round(sum(abs(bdr_hfl)), 2) FROM gbkmut").fetchone()
        people = globe.execute("SELECT usr_id, emp_stat, blocked FROM humres ORDER BY usr_id").fetchall()
        update = globe.execute("SELECT Batchlevel FROM bedryf").fetchall()
    return {"counts": counts, "total": total, "people": people, "update": update}


def unpacked(package: Path, folder: Path) -> dict[str, object]:
    out = folder / "unpacked.sqlite"
    with contextlib.suppress(FileNotFoundError):
        out.unlink()
    read_package(str(package), str(out), tick=lambda _done, _of: None)
    try:
        return inside(out)
    except sqlite3.DatabaseError as problem:
        return {"damaged": str(problem)}
    finally:
        out.unlink()


@dataclass(frozen=True)
class Undisturbed:
    """How one kind of operation goes when nothing happens to it."""

    kind: Kind
    prepared: Path
    counts: Counter[str]
    """Calls by label, in the order in which the labels came up."""
    before: dict[str, object]
    """What stands where, before."""
    after: dict[str, object]

    @property
    def steps(self) -> list[str]:
        """Names of the steps that ran, in order."""
        names = dict.fromkeys(label.split(" ")[0] for label in self.counts)
        return [name for name in names if name.startswith(f"{self.kind}.")]

    def strikes(self, step: str) -> dict[str, Strike]:
        """Where to strike a step: before its effect, in the middle, after it, and just before the engine's mark."""
        doing, after = f"{step} do", f"{step} after"
        return {
            "before": Strike(doing, 1),
            "middle": Strike(doing, self.counts[doing] // 2 + 1),
            "late": Strike(doing, max(1, self.counts[doing] - 1)),
            "after": Strike(after, 1),
            "unmarked": Strike(after, max(1, self.counts[after] // 2)),
        }


def undisturbed(folder: Path, kind: Kind, *, lines: int = 400) -> Undisturbed:
    """Prepare an office and let a copy of it run in a worker, which counts."""
    prepare(folder / "prepared", kind, lines=lines)
    ground = copied(folder / "prepared", folder / "undisturbed", kind)
    operation = latest(ground)
    before = standing(ground.folder)
    try:
        ground.send()
        state = ground.over(operation)
        assert state is OperationState.DONE, ground.register.operation(operation)
        settled(ground)
        return Undisturbed(kind, folder / "prepared", ground.counts(), before, seen(ground, operation))
    finally:
        ground.end()


def uncounted(folder: Path, kind: Kind) -> Undisturbed:
    """The same without a worker, and so without counts."""
    prepare(folder / "prepared", kind)
    ground = copied(folder / "prepared", folder / "undisturbed", kind)
    before = standing(ground.folder)
    office = Office(ground.folder)
    try:
        for row in office.register.open_operations():
            if row.kind is kind:
                office.run(row.id)
        for row in office.register.open_operations():
            office.run(row.id)
        return Undisturbed(kind, folder / "prepared", Counter(), before, seen(ground, latest(ground)))
    finally:
        office.close()
        ground.end()


def settled(ground: Journey) -> None:
    """Wait until everything that is open waits for a person: a return orders its hand-over."""

    def waits() -> bool:
        return all(row.state is OperationState.WAITING for row in ground.register.open_operations())

    wait_until(waits, "nothing runs any more", PATIENCE)


def strike(example: Undisturbed, folder: Path, blow: Strike, *, together: int = 1) -> str:
    """Strike it there, and see how it ends: `finished`, `undone`, or what is wrong."""
    ground = copied(example.prepared, folder, example.kind)
    operation = latest(ground)
    try:
        struck = ground.send(blow)
        if not blow.errno:
            wait_until(
                lambda: struck.poll() is not None or ground.state(operation).over, "it is struck, or over", PATIENCE
            )
            if struck.poll() is None:
                return "not reached"
            for _ in range(together):
                ground.send()
        ground.over(operation)
        settled(ground)
        if blow.errno and not any("struck" in call for call in ground.calls()):
            return "not reached"
        return compared(example, ground, operation)
    finally:
        ground.end()


def compared(example: Undisturbed, ground: Journey, operation: str) -> str:
    """`finished` when it is as if nothing had happened, `undone` when it is as if it was never ordered."""
    found = seen(ground, operation)
    if found["state"] is OperationState.DONE:
        return "finished" if found == example.after else f"DONE, BUT {different(example.after, found)}"
    there = {name: found[name] for name in example.before}
    clean = there == example.before and found["custody"] == ["ordered", f"operation-{found['state']}"]
    word = str(found["state"])
    return word if clean else f"{word.upper()}, BUT {different(example.before, there)} {found['custody']}"


def different(expected: dict[str, object], found: dict[str, object]) -> str:
    return "; ".join(f"{name}: {found[name]} not {value}" for name, value in expected.items() if found[name] != value)
