"""Operations made of toy steps: each tells what was asked of it, and fails where a test wants it to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from core.model import Consent, Kind, Order, Params, Plan, PlanStep
from core.operations.step import Bench, Guided, Steps, StepWork
from core.register.register import Register

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def delivery(register: Register, name: str = "120.bak") -> str:
    """A delivery to operate on."""
    return register.arrive("inbox", name, identity=name, size=1, at=AT)


def plan(order: Order, steps: Iterable[PlanStep], *, instance: str = "here", number: str = "120") -> Plan:
    numbered = tuple(replace(each, number=at) for at, each in enumerate(steps, 1))
    return Plan(
        order, "", "", number, "Bakker", "oefen16", "machine", "practice", Consent.YES, numbered, instance=instance
    )  # fmt: skip


def step(name: str, *, undo: str = "discard", guided: bool = False, final: bool = False) -> PlanStep:
    return PlanStep(0, name, undo=undo, guided=guided, final=final)


@dataclass
class Scene:
    """What happened in the world of the toys, and what will go wrong there."""

    calls: list[str] = field(default_factory=list)
    happened: set[str] = field(default_factory=set)
    troubles: dict[str, list[BaseException | Callable[[Bench], object]]] = field(default_factory=dict)
    """By `do name`, `undo name`, `did name`, `prove name`: raised, or called, once each, in order."""

    def steps(self, kind: Kind, *names: str, guided: Iterable[str] = ()) -> Steps:
        made: dict[tuple[Kind, str], StepWork] = {(kind, name): Toy(self, name) for name in names}
        return made | {(kind, name): Asking(self, name) for name in guided}

    def goes(self, what: str, bench: Bench) -> None:
        self.calls.append(what)
        waiting = self.troubles.get(what)
        if not waiting:
            return
        trouble = waiting.pop(0)
        if isinstance(trouble, BaseException):
            raise trouble
        trouble(bench)

    def done(self) -> list[str]:
        """What was done and undone; not what was only asked."""
        return [each for each in self.calls if not each.startswith("did ")]


@dataclass(frozen=True)
class Toy:
    scene: Scene
    name: str

    def did(self, bench: Bench) -> bool:
        self.scene.goes(f"did {self.name}", bench)
        return self.name in self.scene.happened

    def do(self, bench: Bench) -> Params:
        self.scene.goes(f"do {self.name}", bench)
        self.scene.happened.add(self.name)
        return {"made": self.name}

    def undo(self, bench: Bench) -> None:
        self.scene.goes(f"undo {self.name}", bench)
        self.scene.happened.discard(self.name)


@dataclass(frozen=True)
class Asking(Toy, Guided):
    def prove(self, bench: Bench, answer: str) -> Params:
        self.scene.goes(f"prove {self.name}", bench)
        return {"said": answer}


def settings_file(folder: Path) -> Path:
    """The least that an office needs."""
    config = folder / "wissel.toml"
    config.write_text('office = "office"\n', "utf-8")
    config.chmod(0o600)
    return config
