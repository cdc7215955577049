"""One file's way from the inbox into the vault, in a thread of its own. Every step can be cut short and done again.

look            nobody writes it, its end is there               nothing has happened
copy            vault/ID/original.part, hashed and inspected     thrown away after a crash
original        renamed, read-only, on the platter               taken over after a crash
register        sealed, with the SHA-256 and the evidence        the inbox file is known from here on
judged          the verdicts                                     given at start when they are missing
inbox           the file is taken out (or kept)                  finished at start
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.errors import NotFound, Unreadable, VaultError, WisselError
from core.files import sha256_of, sha256_of_file
from core.formats.backup import open_regular
from core.intake.exclusive import free
from core.intake.inbox import ASIDE, Found, scan
from core.intake.judging import Judge, Read
from core.intake.reading import peek, whole
from core.intake.removal import Removal, Unfinished, finish, take_out, unfinished
from core.intake.settle import Decision, Patience, Settling, decide
from core.intake.vault import Sealed, Vault
from core.register.register import Arrival, Register

SHOWN_FROM = 16 << 20
"""Bytes from which sealing takes long enough to be shown as *still being read*."""
CLOCK_SECONDS = 120.0
"""A clock that is set may go back this far, and an original still be its delivery's."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a thread needs to know of one file that stands still."""

    delivery: str
    inbox: str
    found: Found
    state: Settling
    ended: bool | None
    looked: bool
    """`ended` was found out for this very state of the file."""
    quiet: bool
    """False: only look at the head, for a provisional verdict."""

    @property
    def path(self) -> str:
        """Where the file lies."""
        return os.path.join(self.inbox, self.found.name)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task."""

    task: Task
    sealed: bool = False
    kept: bool = False
    """Sealed, and the file stays in the inbox: it must not be taken again."""
    looked: bool = False
    ended: bool | None = None
    error: WisselError | None = None


class Sealing:
    """Takes files in. One instance serves all threads."""

    def __init__(
        self,
        register: Register,
        vault: Vault,
        judge: Judge,
        patience: Patience,
        *,
        keep: bool = False,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        cancel: Callable[[], bool] | None = None,
        stands: Callable[[], bool] = lambda: True,
    ) -> None:
        """`stands`: the register that was opened is still the office's; no file is taken out for another one."""
        self._register = register
        self._vault = vault
        self._judge = judge
        self._patience = patience
        self._keep = keep
        self._clock = clock
        self._monotonic = monotonic
        self._cancel = cancel
        self._stands = stands

    def work(self, task: Task) -> Outcome:
        """Look at a file, and seal it when it is whole. Errors of ours are an outcome, not an end."""
        try:
            if self._vault.holds(task.delivery):
                return self._adopt(task)
            decision, ended, looked = self._look(task)
            return Outcome(task, looked=looked, ended=ended) if decision is Decision.WAIT else self._seal(task)
        except WisselError as error:
            return Outcome(task, error=error)
        except OSError as error:
            return Outcome(task, error=Unreadable("intake-read", path=task.path, why=error.strerror or str(error)))

    def _look(self, task: Task) -> tuple[Decision, bool | None, bool]:
        """The decision; whether the end is there; whether that was looked at."""
        with open_regular(task.path) as file:
            unwritten = free(task.path, file)
            if task.looked and task.quiet:
                return self._decide(task, free=unwritten, ended=task.ended), task.ended, True
            seen = peek(file, task.found.name)
        decision = self._decide(task, free=unwritten, ended=seen.ended)
        if decision is Decision.WAIT:
            self._judge.provisional(task.delivery, self._judge.read(seen.inspection), "arriving")
        return decision, seen.ended, True

    def _seal(self, task: Task) -> Outcome:
        if task.found.look.size >= SHOWN_FROM:
            self._register.stage(task.delivery, "reading")
            with open_regular(task.path) as file:
                seen = peek(file, task.found.name)
            self._judge.provisional(task.delivery, self._judge.read(seen.inspection), "reading")
        sealed = self._vault.seal(task.delivery, task.path, task.found, whole(task.found.name, cancel=self._cancel))
        self._note(task.delivery, sealed, task.found)
        return Outcome(task, sealed=True, kept=not self.out(task.delivery, task.inbox, task.found))

    def _adopt(self, task: Task) -> Outcome:
        self._prove_ours(task.delivery, task.path)
        sealed = self.adopt(task.delivery, task.found.name)
        own = _same_bytes(task.path, sealed.sha256, sealed.size)
        return Outcome(task, sealed=True, kept=own and not self.out(task.delivery, task.inbox, task.found))

    def adopt(self, delivery: str, name: str) -> Sealed:
        """Take over what a crash left: a whole original in the vault without its row in the register."""
        sealed = self._vault.adopt(delivery, whole(name, cancel=self._cancel))
        self._note(delivery, sealed, None)
        return sealed

    def finish_leftovers(self, inbox: str) -> None:
        """Finish what a crash left between the vault and this inbox: files set aside, and arrivals in the vault.

        What cannot be finished does not keep the rest waiting; the first error is raised at the end.
        """
        problems: list[WisselError] = []
        for left in unfinished(inbox):
            try:
                finish(inbox, left.delivery, left.name, left.file if self._sealed(inbox, left) else None)
            except OSError as error:
                problems.append(Unreadable("intake-read", path=left.name, why=error.strerror or str(error)))
            except WisselError as error:
                problems.append(error)
        lying = {found.name: found for found in scan(inbox).files}
        for arrival in self._register.open_arrivals(inbox):
            try:
                self._finish_arrival(inbox, arrival, lying.get(arrival.file_name))
            except WisselError as error:
                problems.append(error)
        if problems:
            raise problems[0]

    def _finish_arrival(self, inbox: str, arrival: Arrival, found: Found | None) -> None:
        if not self._vault.holds(arrival.id):
            return
        path = os.path.join(inbox, arrival.file_name)
        self._prove_ours(arrival.id, path)
        sealed = self.adopt(arrival.id, arrival.file_name)
        if found and _same_bytes(path, sealed.sha256, sealed.size):
            self.out(arrival.id, inbox, found)

    def _prove_ours(self, delivery: str, path: str) -> None:
        """An original that is older than its delivery is another register's, unless it is this very file.

        Raises VaultError (key `vault-foreign`).
        """
        arrived = self._register.delivery(delivery).row.arrived_at.timestamp()
        if self._vault.sealed_at(delivery) < arrived - CLOCK_SECONDS and not _equal(path, self._vault.path(delivery)):
            raise VaultError("vault-foreign", id=delivery, path=self._vault.folder)

    def unreadable(self, delivery: str, reason: str) -> None:
        """Say on the row that the file could not be read or stored; what was known of it stands."""
        self._register.stage(delivery, "unreadable", reason=reason)
        record = self._register.delivery(delivery)
        self._judge.provisional(delivery, Read(record.evidence, record.members), "unreadable")

    @property
    def keeps(self) -> bool:
        """Sealed files are meant to stay in the inbox."""
        return self._keep

    def mark(self, found: Found) -> str:
        """How the register remembers this file: where files are kept, touching its rights makes no new delivery."""
        return found.lasting_mark if self._keep else found.mark

    def out(self, delivery: str, inbox: str, found: Found) -> bool:
        """Take a sealed file out of its inbox. False: it stays there."""
        return not self._keep and self._stands() and take_out(inbox, found.name, found, delivery) is not Removal.STUCK

    def _sealed(self, inbox: str, left: Unfinished) -> bool:
        try:
            record = self._register.delivery(left.delivery)
        except NotFound:
            return False
        aside = os.path.join(inbox, ASIDE + left.delivery, left.name)
        return record.stage == "sealed" and _same_bytes(aside, record.sha256, record.row.size)

    def _note(self, delivery: str, sealed: Sealed, found: Found | None) -> None:
        read = self._judge.read(sealed.inspection)
        self._register.seal(
            delivery,
            sealed.sha256,
            os.path.relpath(sealed.path, self._vault.folder),
            self._clock(),
            read.evidence,
            members=read.members,
            size=sealed.size,
            identity=self.mark(found) if found else None,
        )
        self._judge.judge(delivery)

    def _decide(self, task: Task, *, free: bool | None, ended: bool | None) -> Decision:
        if not task.quiet:
            return Decision.WAIT
        return decide(task.state, self._monotonic(), self._patience, free=free, ended=ended)


def _equal(one: str, other: str) -> bool:
    try:
        return _same_bytes(one, sha256_of(other), os.stat(other).st_size)
    except (OSError, WisselError):
        return False


def _same_bytes(path: str, sha256: str | None, size: int) -> bool:
    """Is the file there still what was sealed? Read and hashed: this is asked only after a crash."""
    try:
        with open_regular(path) as file:
            return os.fstat(file.fileno()).st_size == size and sha256_of_file(file) == sha256
    except (OSError, WisselError):
        return False
