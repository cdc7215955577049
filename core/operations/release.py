"""The last steps of a return: laid ready unseen, looked at once more, released in one step, handed on to a person."""

from __future__ import annotations

import os
from typing import Any

from core.errors import Refused
from core.model import Kind, Order, Params
from core.operations.checking import Agreed, Plain, agreed, by_person, engine_at, judge_of, perhaps
from core.operations.facts import gather
from core.operations.letter import letter_of, manifest_of
from core.operations.outbox import LETTER, MANIFEST, Lot
from core.operations.plan import plan
from core.operations.refusals import refused
from core.operations.return_backup import copy_of, package_path, remove
from core.operations.step import Bench


def lot_of(bench: Bench, found: Agreed) -> Lot:
    """Its place in the outbox: the one that it was put into, whatever the settings say since. Raises Refused."""
    kept: Any = bench.kept("place")
    outbox = str(kept["outbox"]) if kept else bench.outbox
    if outbox is None:
        raise Refused("outbox-none")
    return Lot.of(outbox, found.client, found.delivery, bench.id, found.file)


class Outbox:
    """Into a hidden folder of the outbox, with the manifest and what the letter will say."""

    def did(self, bench: Bench) -> bool:
        """Does everything lie there, as it was written?"""
        kept: Any = bench.kept("lot")
        lot = lot_of(bench, agreed(bench))
        return kept is not None and os.path.isdir(lot.draft) and not lot.proven(kept, draft=True)

    def do(self, bench: Bench) -> Params:
        """Raises NoSpace, Refused."""
        found = agreed(bench)
        lot = lot_of(bench, found)
        if bench.kept("place") is None:
            bench.keep("place", {"outbox": bench.outbox})
        kept: Any = bench.kept("proof") or {}
        papers = {MANIFEST: manifest_of(bench, found), LETTER: letter_of(bench, found)}
        bench.work.log("file", f"copy {package_path(bench)} -> {lot.draft}")
        sums = lot.fill(package_path(bench), papers, bench.work.check)
        if sums[found.file] != kept.get("sha256"):
            raise Refused("package-changed", file=found.file)
        bench.keep("lot", sums)
        return {"folder": lot.folder}

    def undo(self, bench: Bench) -> None:
        """Remove the hidden folder."""
        found = perhaps(bench)
        if found is not None and bench.kept("place") is not None:
            lot = lot_of(bench, found)
            bench.work.log("file", f"remove {lot.draft}")
            lot.discard()


class Release(Plain):
    """The last look, and then the folder is visible: from here on it is the client's."""

    def did(self, bench: Bench) -> bool:
        """Past the point of no return: the hidden folder got its name."""
        found = perhaps(bench)
        return found is not None and lot_of(bench, found).released()

    def do(self, bench: Bench) -> Params:
        """Raises Refused before anything is visible."""
        found = agreed(bench)
        lot = lot_of(bench, found)
        sums: Any = bench.kept("lot") or {}
        proven: Any = bench.kept("proof") or {}
        if not lot.released():
            self._look(bench, found)
            if found.file not in sums or sums[found.file] != proven.get("sha256"):
                raise Refused("package-changed", file=found.file)
            if strange := lot.proven(sums, draft=True):
                raise Refused("package-changed", file=strange)
            bench.work.log("file", f"rename {lot.draft} -> {lot.visible}")
            lot.release()
        self._note(bench, found, lot, str(proven["sha256"]))
        return {"file": found.file, "folder": lot.visible}

    def _look(self, bench: Bench, found: Agreed) -> None:
        """Does everything still belong together?"""
        facts = gather(bench.order, bench.register, judge_of(bench), bench.settings, running=bench.id)
        refusal = plan(bench.order, facts).refusal
        if refusal is not None:
            raise refused(refusal, bench.settings.language)
        there = (facts.stands, facts.sha256, facts.client.code if facts.client else "")
        if there != (found.mark, found.sha256, found.client):
            raise Refused("plan-changed", delivery=found.delivery)

    def _note(self, bench: Bench, found: Agreed, lot: Lot, sha256: str) -> None:
        bench.register.returned(found.target, found.number, at=bench.now())
        detail: Params = {
            "number": found.number, "target": found.target, "file": found.file, "sha256": sha256, **by_person(bench),
        }  # fmt: skip
        bench.register.once(
            bench.id, bench.step.number, "returned", who=bench.who, delivery=found.delivery, client=found.client,
            detail=detail, at=bench.now(),
        )  # fmt: skip
        bench.keep("outputs", {lot.package: sha256})
        bench.keep("outcome", {**found.told, "file": found.file})
        engine = engine_at(bench, found)
        engine.discard(copy_of(bench, engine), bench.work)
        remove(bench, package_path(bench))


class HandOver(Plain):
    """A person sends it: that is an operation of its own, which may wait for days."""

    def did(self, bench: Bench) -> bool:
        """Is it ordered?"""
        return bool(_ordered(bench))

    def do(self, bench: Bench) -> Params:
        """Order it in the name of whoever ordered the return."""
        there = _ordered(bench)
        if not there:
            order = Order(Kind.HAND_OVER, bench.order.delivery, operation=bench.id)
            facts = gather(order, bench.register, judge_of(bench), bench.settings, running=bench.id)
            there = bench.register.order(order, plan(order, facts), who=bench.who, at=bench.now())
        return {"operation": there}


def _ordered(bench: Bench) -> str:
    rows, _ = bench.register.operations(delivery=bench.order.delivery, limit=1000)
    for row in rows:
        if row.kind is Kind.HAND_OVER and bench.register.operation(row.id).order.operation == bench.id:
            return row.id
    return ""
