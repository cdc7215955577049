"""What a step of an operation is, and the bench it works at.

    did()   did I happen? Asked before every `do`: after a crash it is what keeps a step from happening twice
    do()    make it happen; returns the few values that `result.<kind>.<name>` shows
    undo()  as if it never happened; harmless when it did not, and when it was only half done

A step keeps nothing in memory: what a later one needs it keeps in the register (`bench.keep`) or finds on disk.

A *final* step has no way back. Its `did` tells whether the point of no return was passed (the package is visible,
the custody line stands); `do` is called either way until it succeeds once, and completes what is left. An error
before that point undoes the operation; after it, `do` is tried again, for as long as it takes. So where nothing else
shows it, the step keeps a note of the point before the first act that cannot be taken back, not after it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from core.administration.engine import Engine, Work
from core.intake.vault import Vault
from core.model import Kind, OperationDetail, Order, Params, Step
from core.register.register import Register
from core.settings import Settings
from core.triage.releases import Tables

Kept = Mapping[str, object]
"""A JSON object."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything a step may use. Made anew for each step."""

    register: Register
    settings: Settings
    tables: Tables
    vault: Vault
    engine: Callable[[str], Engine]
    """The engine of a target, by the target's name."""
    operation: OperationDetail
    """As it stood when this step began."""
    step: Step
    work: Work
    """While a step is undone, `check` asks for nothing: an undo is not cancelled."""
    now: Callable[[], datetime]

    @property
    def id(self) -> str:
        """Of the operation."""
        return self.operation.row.id

    @property
    def order(self) -> Order:
        """What was asked for."""
        return self.operation.order

    @property
    def who(self) -> str:
        """Who ordered it."""
        return self.operation.row.who

    @property
    def office(self) -> str:
        """The office folder."""
        return os.fspath(self.settings.office)

    @property
    def outbox(self) -> str | None:
        """Where packages for clients are laid ready; None: the settings name none."""
        return None if self.settings.outbox is None else os.fspath(self.settings.outbox)

    def stopping(self) -> bool:
        """For what asks instead of being told: never true, for it raises Cancelled."""
        return self.work.stopping()

    def keep(self, name: str, value: Kept) -> None:
        """Keep a JSON object for later steps; another one under the same name takes its place."""
        self.register.keep(self.id, name, dict(value))

    def kept(self, name: str) -> Kept | None:
        """What an earlier step kept; None: nothing."""
        return self.register.kept(self.id, name)

    def leave(self, path: str, sha256: str) -> None:
        """A file that the operation leaves for somebody: one of its outputs, once it is done."""
        self.keep("outputs", {**(self.kept("outputs") or {}), path: sha256})

    def conclude(self, **params: str | int) -> None:
        """Values for the sentence `outcome.<kind>`, once it is done."""
        self.keep("outcome", params)


class StepWork(Protocol):
    """One kind of step. It has no state: one object serves all operations, in several threads.

    Raises errors of ours; anything else counts as a failure nobody foresaw. `work.check` raises Cancelled.
    """

    def did(self, bench: Bench) -> bool:
        """Did it happen already, wholly? Looks only."""

    def do(self, bench: Bench) -> Params:
        """Make it happen, also when a killed process left it half done. Returns small values for its result."""

    def undo(self, bench: Bench) -> None:
        """Take it back, wholly or half done; harmless when there is nothing to take back."""


@runtime_checkable
class Guided(StepWork, Protocol):
    """A step that a person does. `do` prepares for it (an empty body will do); then the operation waits."""

    def prove(self, bench: Bench, answer: str) -> Params:
        """Somebody answered: was it done? Raises an error of ours to ask again. Returns values for its result."""


Steps = Mapping[tuple[Kind, str], StepWork]
"""By kind and name. All of them together are `STEPS` in `core/operations/steps.py`."""
