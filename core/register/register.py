"""The register of one office: clients, deliveries, verdicts and the custody log. The one way in."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from core.errors import WisselError
from core.model import (
    Circumstances,
    Claim,
    Client,
    CustodyLine,
    DeliveryRow,
    Evidence,
    Probe,
    Probed,
    Reason,
    StateWord,
    Target,
    Verdict,
)
from core.register import circumstances, clients, custody, deliveries, desk, holdings, ids, probes, rows
from core.register.access import now
from core.register.custody import SinceSeen
from core.register.deliveries import Judgement
from core.register.desk import Arrival, WorkerStatus
from core.register.engine import FILE_NAME
from core.register.operating import Operating
from core.register.rows import DeliveryRecord
from core.register.schema import OPEN_STAGES, state

__all__ = ["Arrival", "DeliveryRecord", "Judgement", "Register", "SinceSeen", "WorkerStatus", "now", "register_file"]

Members = tuple[tuple[str, int], ...]


def register_file(office: str | os.PathLike[str]) -> str:
    """Where an office's SQLite register is."""
    return os.path.join(os.fspath(office), FILE_NAME)


class Register(Operating):
    """Access says how its methods behave, Operating has those for operations."""

    # Looking

    def pulse(self) -> int:
        """A number that grows with every change: compare it to know whether to look again."""
        with self._read() as connection:
            return int(connection.execute(sa.select(state.c.pulse)).scalar_one())

    def page(
        self, filter_text: str = "", offset: int = 0, limit: int = 100, *, newest_first: bool = True
    ) -> tuple[tuple[DeliveryRow, ...], int]:
        """A page of the list, and how many deliveries the filter (see filters.py) leaves in all."""
        with self._read() as connection:
            return desk.page(connection, filter_text, offset, limit, newest_first=newest_first)

    def verdicts(self, wanted: Iterable[str]) -> dict[str, tuple[Verdict, ...]]:
        """The stored verdicts of many deliveries, by id: give a page of them at most."""
        with self._read() as connection:
            return rows.verdicts_of(connection, wanted)

    def delivery(self, delivery: str) -> DeliveryRecord:
        """Everything stored of one delivery."""
        with self._read() as connection:
            return rows.record(connection, delivery)

    def circumstances(self, delivery: str, targets: Iterable[Target] = (), moment: str = "arrival") -> Circumstances:
        """What the rules ask around a delivery."""
        with self._read() as connection:
            return circumstances.circumstances(connection, delivery, targets, moment)

    def related_ids(self, delivery: str, *, news: bool = False) -> tuple[str, ...]:
        """Deliveries whose verdict can change when this one changes; ask before and after a change."""
        with self._read() as connection:
            return circumstances.related_ids(connection, delivery, news=news)

    def stale(self, fingerprint: str, limit: int = 500) -> tuple[str, ...]:
        """Sealed deliveries that were judged by other rules or targets, or must be judged again; newest first."""
        with self._read() as connection:
            return desk.stale(connection, fingerprint, limit)

    def unlooked(self, fact: str, limit: int, *, but: Collection[str] = ()) -> tuple[str, ...]:
        """Sealed deliveries, newest first and without `but`, whose evidence lacks this fact."""
        with self._read() as connection:
            return desk.unlooked(connection, fact, limit, but)

    def open_arrivals(self, inbox: str | None = None) -> tuple[Arrival, ...]:
        """What is not sealed yet: for the worker that starts, and to see what vanished."""
        with self._read() as connection:
            return desk.open_arrivals(connection, inbox)

    # A delivery's life

    def arrive(
        self, inbox: str, file_name: str, identity: str, size: int, at: datetime, *, client: str | None = None
    ) -> str:
        """Note a file in an inbox, or that it grew. The same file gets the same id, however often it is noted.

        `identity` is text that changes with the file: device, inode, modification time. `client` binds at once when
        the register knows that code.
        """
        with self._read() as connection:
            known = deliveries.known_arrival(connection, inbox, file_name, identity, size)
        if known is not None and known[1]:
            return known[0]
        with self._write() as work:
            return deliveries.arrive(work, inbox, file_name, identity=identity, size=size, at=at, client=client)

    def arrive_all(
        self, inbox: str, files: Iterable[tuple[str, str, int]], at: datetime, *, client: str | None = None
    ) -> tuple[str, ...]:
        """Note many files (name, identity, size) in one transaction, a few hundred at most. Their ids, in order."""
        with self._write() as work:
            return tuple(
                deliveries.arrive(work, inbox, name, identity=identity, size=size, at=at, client=client)
                for name, identity, size in files
            )

    def stage(self, delivery: str, name: str, *, at: datetime | None = None, reason: str = "") -> None:
        """Set `arriving`, `reading` or `unreadable` (with the reason); not after sealing."""
        with self._write() as work:
            deliveries.stage(work, delivery, name, at or self._clock(), reason)

    def provisional(
        self,
        delivery: str,
        evidence: Evidence,
        verdicts: Iterable[Verdict],
        best: str | None,
        word: StateWord,
        *,
        advice: Reason | None = None,
        members: Members = (),
    ) -> None:
        """Head facts and a verdict while the file arrives or is read. Left alone once it is sealed."""
        with self._write() as work:
            if rows.stored(work.connection, delivery)["stage"] in OPEN_STAGES:
                judgement = Judgement(tuple(verdicts), best, word, "", advice)
                deliveries.judge(work, delivery, self._clock(), judgement, evidence=evidence, members=members)

    def seal(
        self,
        delivery: str,
        sha256: str,
        vault_path: str,
        at: datetime,
        evidence: Evidence,
        *,
        members: Members = (),
        size: int | None = None,
        identity: str | None = None,
    ) -> bool:
        """The original is in the vault. False: it was sealed before. Raises Refused for another hash than then."""
        with self._write() as work:
            return deliveries.seal(
                work, delivery, at, sha256=sha256, vault=vault_path, evidence=evidence, members=members, size=size,
                identity=identity,
            )  # fmt: skip

    def judge(  # noqa: PLR0917 - the order of the evidence's way: read, judged, chosen, shown
        self,
        delivery: str,
        evidence: Evidence | None,
        verdicts: Iterable[Verdict],
        best: str | None,
        word: StateWord,
        fingerprint: str,
        *,
        advice: Reason | None = None,
        members: Members | None = None,
        seen: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Store a judgement; evidence and members too when they were read anew (None: they stand).

        `seen` is the fingerprint of the record that was judged: what came in between is judged again.
        """
        with self._write() as work:
            judgement = Judgement(tuple(verdicts), best, word, fingerprint, advice, seen)
            deliveries.judge(work, delivery, at or self._clock(), judgement, evidence=evidence, members=members)

    def judge_all(self, judgements: Iterable[tuple[str, Judgement]], *, at: datetime | None = None) -> None:
        """Store many judgements in one transaction: give a few hundred at most, others wait meanwhile."""
        with self._write() as work:
            for delivery, judgement in judgements:
                deliveries.judge(work, delivery, at or self._clock(), judgement, evidence=None, members=None)

    def gone(self, delivery: str, at: datetime) -> bool:
        """The file left the inbox unsealed. False: it is sealed, or was gone before."""
        with self._write() as work:
            return deliveries.gone(work, delivery, at)

    def bind(self, delivery: str, client: str | None, who: str, at: datetime, *, how: str = "operator") -> bool:
        """Bind to a client of the register (None: loosen). False: it was so before."""
        with self._write() as work:
            return deliveries.bind(work, delivery, client, who=who, at=at, how=how)

    def tell(self, delivery: str, claim: Claim) -> bool:
        """Keep a fact told by `claim.by` at `claim.at`. False: the same was told last."""
        with self._write() as work:
            return deliveries.tell(work, delivery, claim, claim.at or self._clock())

    def reopen(self, delivery: str, who: str, at: datetime, *, operation: str | None = None, step: int = 0) -> None:
        """Start over from the sealed original; judge it again next. Nothing of it counts as being at a target.

        As a step of an `operation` it happens exactly once. Raises Refused when nothing is sealed, and Busy
        (`operation-open`) while another operation is open on it.
        """
        with self._write() as work:
            holdings.reopen(work, delivery, who, at, operation=operation, step=step)

    # Clients

    def clients(self) -> tuple[Client, ...]:
        """All clients, by code."""
        with self._read() as connection:
            return clients.all_clients(connection)

    def client(self, code: str) -> Client:
        """One client."""
        with self._read() as connection:
            return clients.client(connection, code)

    def save_client(self, client: Client, *, who: str | None = None, at: datetime | None = None) -> bool:
        """Note a client as a whole. False: it stood so. Raises Refused for an impossible code or number."""
        with self._write() as work:
            return clients.save(work, client, who or self._who, at or self._clock())

    def suggest(self, number: str | None, name: str | None) -> tuple[str, ...]:
        """Codes of clients whose administrations fit, best first."""
        with self._read() as connection:
            return clients.suggest(connection, number, name)

    # Custody

    def custody(
        self, limit: int = 200, before: int | None = None, delivery: str | None = None, client: str | None = None
    ) -> tuple[CustodyLine, ...]:
        """Lines of the log, newest first."""
        of = None if delivery is None else ids.public_id(ids.number_of(delivery))
        with self._read() as connection:
            return custody.lines(connection, limit=limit, before=before, delivery=of, client=client)

    def verify_custody(self) -> int | None:
        """The first line that was changed or is missing; None: the log is whole."""
        with self._read() as connection:
            return custody.verify_log(connection)

    def note(self, what: str, *, who: str | None = None, **detail: str | int) -> int:
        """Add a line of no delivery (`office`, `settings`, ...) to the log. Returns its number."""
        with self._write() as work:
            return work.record(what, self._clock(), who=who, detail=detail)

    def since(self, who: str) -> SinceSeen:
        """What came since `who` last looked."""
        with self._read() as connection:
            return custody.since(connection, who)

    def mark_seen(self, who: str, seq: int | None = None, *, at: datetime | None = None) -> None:
        """Remember that `who` saw the log up to `seq` (None: all)."""
        with self._write() as work:
            custody.mark_seen(work, who, seq, at or self._clock())

    # The targets' instances

    def probed(self) -> dict[str, Probed]:
        """What each target's instance last said of itself, by target."""
        with self._read() as connection:
            return probes.probed(connection)

    def save_probe(self, target: str, instance: str, found: Probe | WisselError, *, at: datetime | None = None) -> None:
        """Keep what came of a probe: what the instance said, or why it said nothing."""
        with self._write() as work:
            probes.save(work, target, instance, at or self._clock(), found)

    # The worker

    def worker(self) -> WorkerStatus | None:
        """What the worker last said of itself. Alive is who holds the lock, not what stands here."""
        with self._read() as connection:
            return desk.worker(connection)

    def worker_says(self, pid: int, started_at: datetime, doing: str, *, at: datetime | None = None) -> None:
        """The worker's row: who it is and what it is doing."""
        with self._write() as work:
            desk.worker_says(work, pid, started_at, doing, at or self._clock())
