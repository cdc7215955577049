"""Set aside, and reopen: a delivery leaves its target, and what stood there is kept, renamed and read-only."""

from __future__ import annotations

from dataclasses import asdict

from core.intake.reading import whole
from core.model import Kind, Params, StateWord
from core.operations.checking import (
    Agreed,
    Plain,
    agree,
    agreed,
    by_person,
    engine_at,
    judge_of,
    live,
    perhaps,
    seal_holds,
)
from core.operations.restore import aside_name, old_mark
from core.operations.step import Bench


class Check(Plain):
    """Bound as it should be; to begin anew, the sealed original has to be whole."""

    def do(self, bench: Bench) -> Params:
        """Raises Refused, VaultError."""
        facts, made = live(bench)
        result = seal_holds(bench, facts) if bench.order.kind is Kind.REOPEN else {}
        agree(bench, facts, made, old=asdict(facts.stands) if facts.stands else None)
        return result


class Aside(Plain):
    """Renamed and read-only; its number is free then."""

    def do(self, bench: Bench) -> Params:
        """Harmless when done."""
        found = agreed(bench)
        whose = old_mark(found)
        name = aside_name(whose, bench.id)
        engine_at(bench, found).set_aside(found.number, name, whose, bench.work)
        return {"name": name}

    def undo(self, bench: Bench) -> None:
        """Bring it back."""
        found = perhaps(bench)
        if found is not None:
            engine_at(bench, found).bring_back(aside_name(old_mark(found), bench.id), found.number, bench.work)


class Custody(Plain):
    """The register lets it go; reopened, the delivery is read and judged as if it came in today."""

    def did(self, bench: Bench) -> bool:
        """It was let go: past this nothing is undone."""
        return bench.kept("let-go") is not None

    def do(self, bench: Bench) -> Params:
        """Each part is harmless when done again."""
        found = agreed(bench)
        if bench.order.kind is Kind.REOPEN:
            self._anew(bench, found)
        else:
            bench.keep("let-go", {})
            self._aside(bench, found)
        return {}

    def _aside(self, bench: Bench, found: Agreed) -> None:
        if found.target:
            bench.register.let_go(found.target, found.number, delivery=found.delivery)
        bench.register.life(found.delivery, StateWord.SET_ASIDE)
        what = "set-aside" if found.target else "laid-aside"
        detail: Params = {"number": found.number, "target": found.target, **by_person(bench)}
        bench.register.once(
            bench.id, bench.step.number, what, who=bench.who, delivery=found.delivery,
            client=found.client or None, detail=detail, at=bench.now(),
        )  # fmt: skip

    def _anew(self, bench: Bench, found: Agreed) -> None:
        record = bench.register.delivery(found.delivery)
        sealed = bench.vault.verify(found.delivery, found.sha256, whole(record.file_name))
        # Not sooner: an original that changed since the first step is a reason to undo, not to try for ever.
        bench.keep("let-go", {})
        bench.register.reopen(found.delivery, bench.who, bench.now(), operation=bench.id, step=bench.step.number)
        judge = judge_of(bench)
        judge.judge(found.delivery, judge.read(sealed.inspection))
