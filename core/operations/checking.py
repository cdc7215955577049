"""What the steps of every kind share: judging again on live facts, and what was agreed then."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from core.administration.engine import Engine, Mark
from core.errors import Refused, Unreadable, VaultError
from core.files import sha256_of_file
from core.formats.backup import open_regular
from core.intake.judging import Judge
from core.intake.rooms import firm_of, targets_of
from core.model import Consent, Kind, Params, Plan
from core.operations.facts import gather
from core.operations.plan import MOMENTS, Facts, plan
from core.operations.refusals import refused
from core.operations.step import Bench

WORDS = 500
"""Characters of what a person says that are kept."""
AGREED = "agreed"
"""Under this name the first step keeps what the others work by."""


class Plain:
    """A step that only looks, or that may be done twice without harm."""

    def did(self, _bench: Bench) -> bool:
        """Nobody needs to know."""
        return False

    def undo(self, _bench: Bench) -> None:
        """There is nothing to take back."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the first step found and the others work by."""

    delivery: str
    client: str
    client_name: str
    number: str
    name: str
    """Of the administration."""
    target: str
    sha256: str
    """Of the sealed original."""
    restore: str
    """The operation that brings, or brought, the administration in."""
    need: int = 0
    """Bytes that the work takes at the target."""
    old: dict[str, str] | None = None
    """The mark of what goes aside first."""
    file: str = ""
    """Name of the return back-up."""

    @property
    def mark(self) -> Mark:
        """Whose the administration is."""
        return Mark(self.delivery, self.client, self.number, self.sha256, self.restore)

    @property
    def told(self) -> dict[str, str]:
        """For sentences about the operation."""
        return {name: getattr(self, name) for name in ("delivery", "client", "number", "target")}


def live(bench: Bench) -> tuple[Facts, Plan]:
    """The order again, on the facts of this moment: what a front showed was a forecast. Raises Refused."""
    row, order = bench.operation.row, bench.order
    if order.kind is Kind.RESTORE:
        order = replace(order, target=row.target)
    if order.kind in MOMENTS:
        _ask(bench, row.target)
    facts = gather(order, bench.register, judge_of(bench), bench.settings, running=row.id)
    made = plan(order, facts)
    if made.refusal is not None:
        raise refused(made.refusal, bench.settings.language)
    planned = [step.name for step in bench.operation.steps]
    if [step.name for step in made.steps] != planned or (made.client, made.number) != (row.client, row.number):
        raise Refused("plan-changed", delivery=row.delivery)
    if made.consent is Consent.TYPED and bench.register.plan(row.id).consent is not Consent.TYPED:
        # It could be taken back when it was ordered, and a yes was enough.
        raise Refused("plan-changed", delivery=row.delivery)
    return facts, made


def _ask(bench: Bench, name: str) -> None:
    """A verdict is given on what an instance is now, not on what it was yesterday. Raises what a probe raises."""
    target = next((each for each in bench.settings.targets if each.name == name), None)
    if target is None or target.engine != "sqlserver" or target.instance is None or bench.settings.practice:
        return
    from core.operations.servers import ask

    found = ask(bench.settings, name)
    bench.register.save_probe(name, target.instance, found, at=bench.now())


def agree(bench: Bench, facts: Facts, made: Plan, **more: Any) -> Agreed:
    """Keep what was found for the steps that follow."""
    restore = bench.id if made.order.kind is Kind.RESTORE else facts.restored_by
    found = Agreed(
        delivery=facts.delivery,
        client=made.client,
        client_name=made.client_name,
        number=made.number,
        name=made.administration,
        target=made.target,
        sha256=facts.sha256 or "",
        restore=restore,
        need=facts.need or 0,
        file=facts.package,
        **more,
    )
    bench.keep(AGREED, asdict(found))
    bench.keep("outcome", found.told)
    return found


def agreed(bench: Bench) -> Agreed:
    """What the first step kept. Raises Refused where it kept nothing."""
    kept: Any = bench.kept(AGREED)
    if kept is None:
        raise Refused("step-order", name=bench.step.name)
    return Agreed(**kept)


def perhaps(bench: Bench) -> Agreed | None:
    """The same for an undo: None when the first step never ended."""
    return None if bench.kept(AGREED) is None else agreed(bench)


def by_person(bench: Bench) -> Params:
    """Who said that the step of a person was done, and in which words; nothing where there is no such step."""
    step = next((each for each in bench.operation.steps if each.guided), None)
    answer = None if step is None else bench.register.answered(bench.id, step.number)
    return {} if answer is None else {"said_by": answer[0], "text": " ".join(answer[1].split())[:WORDS]}


def engine_at(bench: Bench, found: Agreed) -> Engine:
    """The engine of the target."""
    return bench.engine(found.target)


def seal_holds(bench: Bench, facts: Facts) -> Params:
    """Read the sealed original again. Raises VaultError (`vault-missing`, `vault-changed`)."""
    path = bench.vault.path(facts.delivery)

    try:
        with open_regular(path) as file:
            size = file.seek(0, 2)
            file.seek(0)
            found = sha256_of_file(file, cancel=bench.stopping, progress=lambda done: bench.work.progress(done, size))
    except Unreadable as error:
        why = str(error.params.get("reason", error.key))
        raise VaultError("vault-missing", id=facts.delivery, why=why) from error
    expected = facts.sha256 or ""
    if found != expected:
        raise VaultError("vault-changed", id=facts.delivery, expected=expected, found=found)
    return {"size": size, "sha256": found}


def judge_of(bench: Bench) -> Judge:
    """Who gives verdicts at this bench."""
    targets = targets_of(bench.settings, bench.register, bench.tables)
    return Judge(bench.register, targets, bench.tables, firm_of(bench.settings))
