"""The office as a front sees it: frozen values out, orders in, each in one short call that may be made in a thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import Refused, VaultError
from core.model import Check, Claim, Client, CustodyLine, DeliveryDetail, DeliveryRow, Source, Verdict
from core.office.asking import Asking
from core.office.inside.opened import Inside, open_inside
from core.office.opened import now
from core.office.orders import Orders

if TYPE_CHECKING:
    from core.intake.judging import Judge

PAGE = 200
"""Rows fetched at a time where a caller wants all of them."""


@dataclass(frozen=True, slots=True)
class SinceLeft:
    """What happened while this operator was away."""

    at: datetime | None = None
    """When the operator left; None: never been here."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Custody word -> how often."""
    view: str = ""
    """What the screen showed then, in its own words."""


class Office(Orders, Asking):
    """Everything a front may ask or order. Safe in several threads; raises WisselError and nothing else."""

    @classmethod
    def open(cls, config: str | os.PathLike[str] | None = None, **overrides: object) -> Office:
        """The office that the settings describe; `overrides` are the command line's.

        Raises SettingsError, NotFound, RegisterError. A new office is made, unless it is to be read only.
        """
        from core.settings import load

        office = cls(load(config, overrides))
        office._desk()
        return office

    # What it is

    @property
    def language(self) -> str:
        """`en` or `nl`."""
        return self._settings.language

    @property
    def practice(self) -> bool:
        """A practice office: nothing in it is real."""
        return self._settings.practice

    @property
    def firm_name(self) -> str:
        """As the settings say."""
        return self._settings.firm.name

    @property
    def config_path(self) -> str | None:
        """The settings file, when there is one."""
        path = self._settings.config_path
        return None if path is None else str(path)

    # Looking

    def deliveries(
        self, filter_text: str = "", offset: int = 0, limit: int = 100
    ) -> tuple[tuple[DeliveryRow, ...], int]:
        """A window of the list, newest first, and the number of all that pass the filter."""
        register, judge = self._desk()
        rows, total = register.page(filter_text, offset, limit)
        stale = set(register.stale(judge.fingerprint))
        return tuple(self._fresh(row) if row.id in stale else row for row in rows), total

    def export(
        self, filter_text: str = "", offset: int = 0, limit: int | None = None
    ) -> Iterator[tuple[DeliveryRow, tuple[Verdict, ...]]]:
        """The list with every verdict, newest first; all of it unless a limit is given."""
        register, judge = self._desk()
        left = limit
        while left is None or left > 0:
            rows, _ = register.page(filter_text, offset, PAGE if left is None else min(PAGE, left))
            verdicts = register.verdicts([row.id for row in rows])
            stale = set(register.stale(judge.fingerprint))
            for row in rows:
                if row.id in stale:
                    detail = self.delivery(row.id)
                    yield detail.row, detail.verdicts
                else:
                    yield row, verdicts.get(row.id, ())
            if len(rows) < PAGE:
                return
            offset += len(rows)
            left = None if left is None else left - len(rows)

    def delivery(self, delivery: str) -> DeliveryDetail:
        """Everything of one. Verdicts given under other rules or targets are given again on the way."""
        from core.office.views import detail

        register, judge = self._desk()
        return detail(register, judge, delivery)

    def original(self, delivery: str) -> str:
        """Path of the sealed original, to be read only. Raises NotFound, Refused (`inside-not-sealed`), VaultError."""
        from core.intake.rooms import vault_of

        record = self._desk()[0].delivery(delivery)
        if record.sha256 is None:
            raise Refused("inside-not-sealed", id=record.row.id)
        vault = vault_of(self._settings)
        if not vault.holds(record.row.id):
            raise VaultError("vault-missing", id=record.row.id, why=vault.path(record.row.id))
        return vault.path(record.row.id)

    def look(self, delivery: str, *, cancel: Callable[[], bool] | None = None) -> Inside:
        """Open the database that the verdict speaks of; close it again. Raises as `original` and `open_inside` do."""
        path, (position, member) = self.original(delivery), self.taken(delivery)
        return open_inside(path, set_number=position, member=member, cancel=cancel)

    def taken(self, delivery: str) -> tuple[int | None, str | None]:
        """Of several sets on the medium, and of several databases in the package, what the verdict speaks of."""
        from core.triage.inside import opening

        how = opening(self._desk()[0].delivery(delivery).evidence)
        return (None, None) if how is None else (how.position, how.member)

    def clients(self) -> tuple[Client, ...]:
        """All of them, by code."""
        return self._desk()[0].clients()

    def custody(
        self, limit: int = 200, before: int | None = None, delivery: str | None = None, client: str | None = None
    ) -> tuple[CustodyLine, ...]:
        """Lines of the log, newest first, from just before a sequence number."""
        return self._desk()[0].custody(limit, before, delivery, client)

    def verify_custody(self) -> int | None:
        """The first line of the log that was changed or is missing; None: it is whole."""
        return self._desk()[0].verify_custody()

    def pulse(self) -> int:
        """A number that changes with every change in the register."""
        return self._desk()[0].pulse()

    def since_left(self) -> SinceLeft:
        """Since this operator left."""
        from core.office.place import kept

        since = self._desk()[0].since(self._who)
        return SinceLeft(since.at, dict(since.counts), kept(self._settings.office, self._who))

    def leave(self, view: str = "") -> None:
        """The operator has seen everything up to now; `view` is what the screen wants to open with again."""
        from core.office.place import keep

        if not self.read_only:
            if view:
                keep(self._settings.office, self._who, view)
            self._desk()[0].mark_seen(self._who)

    def check(self) -> tuple[Check, ...]:
        """Every named check with what to do; none takes longer than its time limit."""
        from core.office.checks import all_checks

        return all_checks(self._settings)

    # Orders

    def bind(self, delivery: str, code: str) -> DeliveryDetail:
        """This delivery is this client's. Raises Busy, Refused (`read-only`, `held`), NotFound."""
        register, judge = self._orders()
        self._free(delivery)
        self._away(delivery)  # what stands at a target is its client's, and nobody else's
        known = {client.code.casefold(): client.code for client in register.clients()}
        before = register.related_ids(delivery)
        register.bind(delivery, known.get(code.strip().casefold(), code.strip()), self._who, now())
        return self._judged(judge, delivery, before)

    def tell(self, delivery: str, fact: str, value_text: str) -> DeliveryDetail:
        """A fact by word of mouth, kept with who and when. Raises Refused (`read-only`), UsageError, NotFound."""
        from core.triage.told import read_told

        register, judge = self._orders()
        value = read_told(fact, value_text, judge.tables)
        before = register.related_ids(delivery)
        register.tell(delivery, Claim(fact, value, Source.OPERATOR, by=self._who, at=now()))
        return self._judged(judge, delivery, before)

    def reopen(self, delivery: str) -> DeliveryDetail:
        """Start over from the sealed original: proven, read and judged anew. What was told stands.

        One that stands at a target has to be ordered: its administration has to leave it first.
        Raises Busy, Refused (`read-only`, `not-sealed`, `held`), VaultError, NotFound.
        """
        from core.intake.reading import whole
        from core.intake.rooms import vault_of

        register, judge = self._orders()
        self._free(delivery)
        self._away(delivery)
        record = register.delivery(delivery)
        if record.sha256 is None:
            raise Refused("not-sealed", id=record.row.id)
        sealed = vault_of(self._settings).verify(record.row.id, record.sha256, whole(record.file_name))
        before = register.related_ids(delivery)
        register.reopen(delivery, self._who, now())
        judge.judge(delivery, judge.read(sealed.inspection))
        return self._judged(judge, delivery, before)

    def save_client(self, client: Client) -> None:
        """Note what is known of a client; its deliveries are judged again. Raises Refused, UsageError."""
        from core.triage.told import read_told

        register, judge = self._orders()
        if client.sql_release is not None:
            client = replace(client, sql_release=str(read_told("sql_release", client.sql_release, judge.tables)))
        if client.edition is not None:
            client = replace(client, edition=str(read_told("edition", client.edition, judge.tables)))
        if register.save_client(client, who=self._who, at=now()):
            judge.catch_up()

    # The worker

    def work(self) -> int:
        """Be the worker, here, until stopped; 0 at once when there is one already."""
        from core.operations.worker import run
        from core.settings import load

        self.close()
        path = self.config_path
        return run(lambda: load(path))

    def _judged(self, judge: Judge, delivery: str, before: tuple[str, ...]) -> DeliveryDetail:
        judge.judge(delivery)
        judge.again(before)
        return self.delivery(delivery)

    def _away(self, delivery: str) -> None:
        """Raises Refused while its administration stands at a target, with us or returned."""
        for each in self._desk()[0].held(delivery):
            raise Refused("held", id=each.delivery, target=each.target, number=each.number)

    def _fresh(self, row: DeliveryRow) -> DeliveryRow:
        return self.delivery(row.id).row
