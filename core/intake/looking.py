"""The third look, after sealing and the first verdict: into the rows. In a thread of its own, one at a time.

It ends with the claim `looked` among the evidence, or with nothing when it was cut short: then it is begun again, after
a kill as well. Time, memory and attempts are bounded, damage and whatever else a stranger's database holds become
claims: a look never takes a verdict away, it only gives a better one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from core.errors import BadFormat, Busy, Cancelled, NoSpace, WisselError
from core.files import private_dir, speaking
from core.intake.judging import Judge, Read
from core.intake.vault import Vault
from core.model import Claim, Evidence, Source
from core.register.register import Register
from core.triage.inside import LOOKED, Look, Opening, looked, opening, with_inside

if TYPE_CHECKING:
    from core.triage.company import Reader

MEMORY = 64 << 20
"""Bytes kept of expanded records."""
ATTEMPTS = 3
"""So often a look may be cut short by the end of its process before it is given up."""
ASKED = 20
"""Deliveries without a look fetched at a time."""
_TRIES = ".tries"
_TABLES = {
    "company": "bedryf", "people": "humres", "licences": "LicenseUserLog", "wired": "IntegrationServers",
    "calendar": "perdat", "vat": "btwtrs", "ledger": "gbkmut",
}  # fmt: skip
"""Part of a look -> the table that it mostly reads, for an error that names none."""


class TimeUp(Cancelled):
    """The look has taken as long as it may."""


class _Clock:
    """Says when to stop, and why."""

    def __init__(self, until: float, monotonic: Callable[[], float], cancel: Callable[[], bool]) -> None:
        self._until = until
        self._monotonic = monotonic
        self._cancel = cancel

    def over(self) -> bool:
        """Is it to stop?"""
        return self._cancel() or self._monotonic() > self._until

    def check(self) -> None:
        """Raises Cancelled when the worker stops, TimeUp when time is over."""
        if self._cancel():
            raise Cancelled("stopped")
        if self._monotonic() > self._until:
            raise TimeUp("stopped")


class Looking:
    """Looks into sealed deliveries. `folder` is ours alone: scratch files and the count of attempts."""

    def __init__(
        self,
        register: Register,
        vault: Vault,
        judge: Judge,
        folder: str,
        *,
        seconds: float,
        monotonic: Callable[[], float],
        cancel: Callable[[], bool] = lambda: False,
        say: Callable[[str], object] = lambda _text: None,
    ) -> None:
        """`seconds`: of one look; 0: there is none."""
        self._register = register
        self._vault = vault
        self._judge = judge
        self._folder = folder
        self._seconds = seconds
        self._monotonic = monotonic
        self._cancel = cancel
        self._say = say
        self._later: set[str] = set()
        """What cannot be looked into now; the next start tries again."""

    def begin(self) -> None:
        """Make the folder; throw away what a kill left there."""
        private_dir(self._folder)
        for name in os.listdir(self._folder):
            if not name.endswith(_TRIES):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(self._folder, name))

    def due(self) -> tuple[str, ...]:
        """Sealed deliveries that were not looked into, newest first."""
        return self._register.unlooked(LOOKED, ASKED, but=self._later) if self._seconds else ()

    def work(self, delivery: str) -> Look | None:
        """Look into one and judge it again; None: nothing was done, and it is still due. Raises RegisterError, Busy."""
        record = self._register.delivery(delivery)
        if record.stage != "sealed" or looked(record.evidence):
            return None
        try:
            result, found = self._look(delivery, record.evidence)
        except (NoSpace, Busy) as error:
            self._later.add(delivery)
            self._say(f"{delivery}: {error}")
            return None
        except Cancelled:
            self._forget(delivery)
            return None
        record = self._register.delivery(delivery)
        evidence = with_inside(record.evidence, [*found, Claim(LOOKED, result.value, Source.PAGES)])
        self._forget(delivery)
        self._judge.judge(delivery, Read(evidence, record.members))
        return result

    def _look(self, delivery: str, evidence: Evidence) -> tuple[Look, list[Claim]]:
        how = opening(evidence)
        if how is None:
            return Look.LEFT, []
        if not self._attempt(delivery):
            return Look.NO, [_problem("gave-up")]
        found: list[Claim] = []
        try:
            return self._through(delivery, how, found), found
        except TimeUp:
            return Look.PARTLY, found
        except (Cancelled, NoSpace, Busy):
            raise
        except WisselError as error:
            return Look.NO, [*found, _problem(error.key)]
        except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes do to a reader, the verdict stands
            self._say(f"{delivery}: looking inside: {error!r}")
            return Look.NO, [*found, _problem("unexpected")]

    def _through(self, delivery: str, how: Opening, found: list[Claim]) -> Look:
        """Everything that can be asked, one table after the other; adds to `found` as it comes."""
        from core.triage.company import unread

        clock = _Clock(self._monotonic() + self._seconds, self._monotonic, self._cancel)
        with self._open(self._vault.path(delivery), how, clock) as reader:
            for part in _parts():
                clock.check()
                try:
                    found += part(reader)
                except (BadFormat, ValueError, ArithmeticError) as error:
                    found.append(unread(_TABLES.get(part.__name__, "?"), error))
        facts = {each.fact for each in found}
        return Look.DAMAGED if "damaged_table" in facts else Look.PARTLY if "too_large" in facts else Look.WHOLE

    @contextlib.contextmanager
    def _open(self, path: str, how: Opening, clock: _Clock) -> Iterator[Reader]:
        if how.practice:
            from core.intake.practice_reader import open_practice

            with open_practice(path, self._folder, clock.check) as practice:
                yield practice
            return
        from core.formats.inside.opening import open_backup
        from core.formats.inside.plain import PlainTables

        try:
            database = open_backup(
                path, position=how.position, member=how.member, memory=MEMORY, scratch=self._folder, cancel=clock.over
            )
        except Cancelled:
            clock.check()
            raise
        with database:
            yield PlainTables(database, clock.check)

    def _attempt(self, delivery: str) -> bool:
        """Count this attempt where a kill does not undo it; false: there were too many."""
        path = os.path.join(self._folder, delivery + _TRIES)
        private_dir(self._folder)
        with speaking(path), open(path, "ab", opener=_private) as tries:
            if tries.tell() >= ATTEMPTS:
                return False
            tries.write(b".")
        return True

    def _forget(self, delivery: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self._folder, delivery + _TRIES))


def _parts() -> tuple[Callable[[Reader], list[Claim]], ...]:
    """The small tables first: they say whose it is."""
    from core.triage import company, ledger, masters

    small = (company.company, company.people, company.licences, company.wired, masters.calendar, company.vat)
    return (*small, ledger.ledger, company.sizes)


def _problem(key: str) -> Claim:
    return Claim("look_problem", key, Source.PAGES)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
