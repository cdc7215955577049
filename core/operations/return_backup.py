"""Return: the administration goes back as the client's own, proven cell by cell before anybody sees it.

The identity is swapped in a working copy; what stands at the target keeps the firm's. The package is read back by
the same readers that read deliveries, and compared with the administration and with what the register remembers of
the client's identity: nothing that the swap itself computed is believed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from core.administration import corrections, identity, ledger, own
from core.administration.engine import Copy, Engine
from core.administration.identity.expectation import Expected
from core.administration.original import Mirror, mirror_of
from core.administration.proof import Proof, prove
from core.administration.witness import Witness, witnessed
from core.errors import Refused
from core.files import private_dir, sha256_of, speaking
from core.formats.backup import inspect
from core.formats.filename import SUFFIX
from core.model import Kind, OperationState, Params
from core.operations.checking import (
    AGREED,
    Agreed,
    Plain,
    agree,
    agreed,
    engine_at,
    live,
    perhaps,
    seal_holds,
)
from core.operations.engines import profile_of, target_of, work_folder
from core.operations.facts import NATIVE
from core.operations.letter import package_manifest
from core.operations.step import Bench

IDENTITY = frozenset({"humres", "hrroles", "pwrole", "practicelicence", "bedryf"})
"""Tables that the way in changed."""


def copy_of(bench: Bench, engine: Engine) -> Copy:
    """The working copy in which the client's identity comes back."""
    return engine.draft(bench.id, "return")


def package_path(bench: Bench) -> str:
    """Where the package is made: our own words only."""
    return os.path.join(work_folder(bench.settings), f"{bench.id}-package.ebu")


def dormant_of(bench: Bench, found: Agreed) -> identity.Dormant:
    """The client's identity as the register keeps it. Raises Refused."""
    kept = bench.register.kept(found.restore, "dormant")
    if kept is None:
        raise Refused("dormant-missing", delivery=found.delivery)
    return identity.Dormant.from_json(kept)


class Check(Plain):
    """The verdict again, for the way back; nothing drifted; everything still belongs together."""

    def do(self, bench: Bench) -> Params:
        """Raises Refused, VaultError."""
        facts, made = live(bench)
        seal = seal_holds(bench, facts)
        agree(bench, facts, made)
        conditions = [[each.rule, each.variant, dict(each.params)] for each in made.conditions]
        sides = {"release": facts.client_release, "update": facts.client_update, "inside": facts.inside}
        bench.keep("sides", {"conditions": conditions, **sides})
        verdict = made.verdict
        assert verdict is not None  # noqa: S101 - without one the plan was refused
        return {**seal, "back": verdict.back.value}


class Sound(Plain):
    """What is odd in the ledger, and what changed outside of us: findings, which block nothing."""

    def do(self, bench: Bench) -> Params:
        """Keep them for the manifest and the letter."""
        found = agreed(bench)
        engine = engine_at(bench, found)
        with engine.open(engine.place(found.number), bench.work) as connection:
            odd = ledger.findings(connection, bench.work.check)
            now = ledger.baseline(connection, bench.work.check)
            standing = corrections.standing(connection)
        last = _last_known(bench, found)
        mine = IDENTITY | {name.casefold() for name in profile_of(bench.settings, found.target).tables}
        tables = [name for name in (last.changed(now.digests) if last else ()) if name.casefold() not in mine]
        bench.keep(
            "sound",
            {
                "findings": [list(each) for each in odd],
                "tables": tables,
                "totals": now.totals.to_json(),
                "corrections": [
                    {"operation": each.operation, "entries": list(each.numbers), "reversed_by": each.reversed_by}
                    for each in standing
                ],
            },
        )
        return {"findings": sum(each.times for each in odd), "tables": len(tables)}


def _last_known(bench: Bench, found: Agreed) -> ledger.Baseline | None:
    """What it was after our own last work on it."""
    rows, _ = bench.register.operations(delivery=found.delivery, limit=1000)
    for row in rows:
        if row.id == found.restore:
            break
        if row.kind in {Kind.CORRECT, Kind.REVERSE} and row.state is OperationState.DONE:
            after = bench.register.kept(row.id, "after")
            if after is not None:
                return ledger.Baseline.from_json(after)
    first = bench.register.kept(found.restore, "baseline")
    return None if first is None else ledger.Baseline.from_json(first)


class Copying(Plain):
    """A working copy, consistent in itself. Asked again, so that nothing stays beside a whole one."""

    def do(self, bench: Bench) -> Params:
        """Raises NoSpace."""
        found = agreed(bench)
        engine = engine_at(bench, found)
        return {"digest": engine.duplicate(found.number, copy_of(bench, engine), bench.work)}

    def undo(self, bench: Bench) -> None:
        """Throw it away."""
        found = perhaps(bench)
        if found is not None:
            engine = engine_at(bench, found)
            engine.discard(copy_of(bench, engine), bench.work)


class Swap:
    """The client's identity back, the firm's gone, and our own tables with it."""

    def did(self, bench: Bench) -> bool:
        """Our tables leave in the same transaction: without them it happened."""
        engine = engine_at(bench, agreed(bench))
        with engine.open(copy_of(bench, engine), bench.work) as connection:
            return own.read_mark(connection) is None and bench.kept("identity") is not None

    def do(self, bench: Bench) -> Params:
        """From the record that the register keeps, not from the one inside."""
        found = agreed(bench)
        engine = engine_at(bench, found)
        with engine.open(copy_of(bench, engine), bench.work, write=True) as connection:
            back = identity.swap_back(connection, dormant_of(bench, found), operation=bench.id)
        bench.keep("identity", {"removed": list(back.removed), "kept": list(back.kept_colleagues)})
        return {"asleep": len(back.deactivated), "removed": len(back.removed), "kept": len(back.kept_colleagues)}

    def undo(self, bench: Bench) -> None:
        """The working copy goes as a whole."""


class Pack:
    """The working copy, packed as the client's own came."""

    def did(self, bench: Bench) -> bool:
        """Is the one there that we know?"""
        kept, path = bench.kept("package"), package_path(bench)
        return kept is not None and os.path.isfile(path) and sha256_of(path) == kept["sha256"]

    def do(self, bench: Bench) -> Params:
        """Raises NoSpace, LimitExceeded."""
        found = agreed(bench)
        engine, path = engine_at(bench, found), package_path(bench)
        private_dir(os.path.dirname(path))
        manifest = package_manifest(bench, found)
        bench.keep("manifest", manifest)
        original = bench.vault.path(found.delivery)
        sha256 = engine.pack(copy_of(bench, engine), path, manifest, bench.work, like=original)
        if target_of(bench.settings, found.target).engine != "embedded":
            found = called(bench, found, mirror_of(path))
        size = os.path.getsize(path)
        bench.keep("package", {"file": found.file, "sha256": sha256, "size": size})
        return {"file": found.file, "size": size, "sha256": sha256}

    def undo(self, bench: Bench) -> None:
        """Remove it."""
        remove(bench, package_path(bench))


def called(bench: Bench, found: Agreed, mirror: Mirror) -> Agreed:
    """Its name says what it is: a native back-up as it is ends in `.bak`, also where no cabinet holds it (rule 402)."""
    stem, _ = os.path.splitext(found.file)
    bare = mirror.kind == "bare" and mirror.holds == "backup"
    if found.file.casefold().endswith(SUFFIX) == bare:
        found = replace(found, file=stem + (NATIVE if bare else SUFFIX))
        bench.keep(AGREED, asdict(found))
    return found


def remove(bench: Bench, path: str) -> None:
    """A file of ours; harmless when it is gone."""
    with speaking(path), contextlib.suppress(FileNotFoundError):
        bench.work.log("file", f"remove {path}")
        os.unlink(path)


def equal(bench: Bench, report: Proof) -> None:
    """Nothing differs. Raises Refused (`proof-differs`), and keeps what does."""
    if not report.count:
        return
    first = report.differences[0]
    where = ".".join(part for part in (first.table, first.column) if part)
    told = [[each.table, each.key, each.column, each.planned, each.found] for each in report.differences]
    bench.keep("differences", {"count": report.count, "first": told})
    raise Refused("proof-differs", count=report.count, where=where, key=first.key)


def newest_of(bench: Bench) -> int | None:
    """The newest internal version that the client's release reads; None: not known."""
    sides: Any = bench.kept("sides") or {}
    release = bench.tables.of_label(str(sides.get("release") or ""))
    return None if release is None else release.high


def by_reader(
    bench: Bench, path: str, planned: sa.Connection, rows: Expected, only: Collection[str] | None = None
) -> Witness:
    """Our own reader's proof; what it could not read is kept. Raises Refused (`proof-...`), BadFormat."""
    scratch = work_folder(bench.settings)
    private_dir(scratch)
    newest, check = newest_of(bench), bench.work.check
    report = witnessed(path, planned, rows, check, newest=newest, scratch=scratch, only=only)
    equal(bench, report)
    bench.keep("untold", {"columns": list(report.untold)})
    return report


class Prove:
    """Read back by the readers of deliveries, and compared with what was planned: every cell."""

    def did(self, bench: Bench) -> bool:
        """A proof counts for exactly these bytes."""
        kept, path = bench.kept("proof"), package_path(bench)
        return kept is not None and os.path.isfile(path) and sha256_of(path) == kept["sha256"]

    def do(self, bench: Bench) -> Params:
        """Raises Refused (`proof-...`)."""
        found = agreed(bench)
        engine, path = engine_at(bench, found), package_path(bench)
        practice = self._reads_as_planned(bench, path)
        back = engine.draft(bench.id, "proof")
        # Another one than this package's would be taken for it.
        engine.discard(back, bench.work)
        engine.bring_in(path, back, bench.work)
        with (
            engine.open(engine.place(found.number), bench.work) as planned,
            engine.open(back, bench.work) as returned,
        ):
            rows = identity.expected(planned, dormant_of(bench, found))
            report = prove(planned, returned, rows, bench.work.check)
            equal(bench, report)
            if not practice:
                # The server read what the server wrote: here our own reader does, and the two must agree.
                by_reader(bench, path, planned, rows)
        engine.discard(back, bench.work)
        kept: Any = bench.kept("package")
        # Last: what was compared is what is there now.
        if sha256_of(path) != kept["sha256"]:
            raise Refused("package-changed", file=found.file)
        bench.keep("proof", {"sha256": kept["sha256"], "tables": report.tables, "rows": report.rows})
        return {"tables": report.tables, "rows": report.rows}

    def _reads_as_planned(self, bench: Bench, path: str) -> bool:
        """Whole and undamaged, of the kind that came; a practice package also says what it was told to say."""
        found = agreed(bench)
        kept: Any = bench.kept("package") or {}

        inspection = inspect(path, name=found.file, cancel=bench.stopping)
        if inspection.sha256 != kept.get("sha256"):
            raise Refused("package-changed", file=found.file)
        if not inspection.complete or inspection.damaged:
            raise Refused("proof-reads", file=found.file)
        if target_of(bench.settings, found.target).engine != "embedded":
            return False
        planned = bench.kept("manifest") or {}
        said = {name: (inspection.manifest or {}).get(name) for name in planned}
        if inspection.kind != "practice" or said != dict(planned):
            raise Refused("proof-reads", file=found.file)
        return True

    def undo(self, bench: Bench) -> None:
        """The unpacked copy goes."""
        found = perhaps(bench)
        if found is not None:
            engine = engine_at(bench, found)
            engine.discard(engine.draft(bench.id, "proof"), bench.work)
