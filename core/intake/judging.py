"""From evidence to a stored verdict: the pure rules between two looks into the register."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from functools import cache

from core import triage
from core.formats.report import Inspection
from core.model import Circumstances, Evidence, Firm, Target
from core.register.deliveries import Judgement
from core.register.register import Register
from core.register.rows import DeliveryRecord
from core.triage.evidence import evidence_of, with_told
from core.triage.releases import Tables

BATCH = 200
"""Judgements stored in one transaction: others wait meanwhile."""


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a file gave: the evidence and the list of its members."""

    evidence: Evidence
    members: tuple[tuple[str, int], ...]


class Judge:
    """Judges deliveries for the targets of one office. Safe in several threads."""

    def __init__(
        self, register: Register, targets: tuple[Target, ...], tables: Tables, firm: Firm | None = None
    ) -> None:
        self._register = register
        self.tables = tables
        self.firm = firm or Firm()
        """What must not be active inside a client's delivery (rule 605)."""
        self._standing = (targets, fingerprint(targets, tables, self.firm))

    @property
    def targets(self) -> tuple[Target, ...]:
        """As they were last known."""
        return self._standing[0]

    @property
    def fingerprint(self) -> str:
        """Of everything that a verdict depends on beside the delivery: another one means *judge again*."""
        return self._standing[1]

    def renew(self, targets: tuple[Target, ...]) -> bool:
        """Judge for these from now on. False: they are the same."""
        if targets == self.targets:
            return False
        self._standing = (targets, fingerprint(targets, self.tables, self.firm))
        return True

    def read(self, inspection: Inspection) -> Read:
        """Evidence from an inspection; what operators told is added when it is judged."""
        members = tuple((member.name, member.size) for member in inspection.members)
        return Read(evidence_of(inspection, self.tables), members)

    def provisional(self, delivery: str, read: Read, stage: str) -> None:
        """A verdict on head facts, while the file arrives or is read (rule 103 speaks too)."""
        told = self._register.delivery(delivery).told
        circumstances = self._register.circumstances(delivery, self.targets)
        made = self._judgement(with_told(read.evidence, told), circumstances, stage)
        self._register.provisional(
            delivery, read.evidence, made.verdicts, made.best, made.word, advice=made.advice, members=read.members
        )

    def judge(self, delivery: str, read: Read | None = None, *, related: bool = True) -> None:
        """Judge a delivery, on new evidence or on what is stored; then those that its news can change."""
        record = self._register.delivery(delivery)
        if record.stage != "sealed":
            self.provisional(delivery, read or Read(record.evidence, record.members), record.stage)
            return
        evidence = with_told(read.evidence if read else record.evidence, record.told)
        made = self._judgement(evidence, self._register.circumstances(delivery, self.targets), record.stage)
        self._register.judge(
            delivery,
            read.evidence if read else None,
            made.verdicts,
            made.best,
            made.word,
            made.fingerprint,
            advice=made.advice,
            members=read.members if read else None,
            seen=record.fingerprint,
        )
        if related:
            self.again(self._register.related_ids(delivery, news=True))

    def again(self, deliveries: Iterable[str]) -> int:
        """Judge these again on what is stored. Returns how many were judged."""
        count = 0
        batch: list[tuple[str, Judgement]] = []
        for delivery in deliveries:
            record = self._register.delivery(delivery)
            if record.stage != "sealed":
                continue
            batch.append((delivery, self.judgement(record)))
            count += 1
            if len(batch) >= BATCH:
                self._register.judge_all(batch)
                batch = []
        if batch:
            self._register.judge_all(batch)
        return count

    def catch_up(self, limit: int = BATCH, *, but: Container[str] = ()) -> int:
        """Judge deliveries that stand under other rules or targets, newest first, `but` these. Returns how many."""
        stale = self._register.stale(self.fingerprint, limit)
        return self.again(delivery for delivery in stale if delivery not in but)

    def judgement(self, record: DeliveryRecord) -> Judgement:
        """The verdicts of one delivery as it stands in the register, without storing them."""
        circumstances = self._register.circumstances(record.row.id, self.targets)
        made = self._judgement(with_told(record.evidence, record.told), circumstances, record.stage)
        return replace(made, seen=record.fingerprint)

    def _judgement(self, evidence: Evidence, circumstances: Circumstances, stage: str) -> Judgement:
        from core.triage import verdict  # a list that stands needs no rules

        around = replace(circumstances, stage=stage, firm=self.firm)
        targets, mark = self._standing  # together: another thread may renew them meanwhile
        verdicts = verdict.judge_all(evidence, targets, around, self.tables)
        return Judgement(
            verdicts,
            verdict.best(verdicts, targets),
            verdict.state_word(verdicts, targets, stage),
            mark,
            verdict.advice(evidence, verdicts, targets, around, self.tables),
        )


def fingerprint(targets: tuple[Target, ...], tables: Tables, firm: Firm) -> str:
    """Of rules, tables, targets and firm. The rules count by their source, so nobody has to remember a version."""
    told = repr((targets, firm, tables.releases, tables.express, tables.wizard_bytes, tables.support, tables.minimum))
    return hashlib.sha256(_rules().encode() + told.encode()).hexdigest()[:16]


@cache
def _rules() -> str:
    folder = os.path.dirname(os.path.abspath(triage.__file__))
    digest = hashlib.sha256()
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.endswith((".py", ".toml")):
                with open(os.path.join(place, name), "rb") as file:
                    digest.update(file.read())
    return digest.hexdigest()
