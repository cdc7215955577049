"""From what is stored to what a front shows."""

from __future__ import annotations

from dataclasses import replace

from core.intake.judging import Judge
from core.model import Answer, DeliveryDetail, StateWord
from core.register.register import Register
from core.register.rows import judged_columns
from core.texts.shown import shown
from core.triage.evidence import with_told

CUSTODY_LINES = 200
OPERATIONS = 50
LIVED = frozenset({StateWord.RUNNING, StateWord.WITH_US, StateWord.RETURNED, StateWord.SET_ASIDE})
"""Words for what became of a delivery, which no verdict takes away."""


def detail(register: Register, judge: Judge, delivery: str) -> DeliveryDetail:
    """Everything of one delivery; judged anew, without storing it, when it stands under other rules or targets."""
    record = register.delivery(delivery)
    row, verdicts, advice = record.row, record.verdicts, record.advice
    if record.stage == "sealed" and record.fingerprint != judge.fingerprint:
        made = judge.judgement(record)
        verdicts, advice = made.verdicts, made.advice
        columns = judged_columns(made.verdicts, made.best, made.word, made.fingerprint)
        row = replace(
            row,
            state=row.state if row.state in LIVED else made.word,
            best_target=columns["best_target"],
            work=Answer(columns["work"]) if columns["work"] else None,
            back=Answer(columns["back"]) if columns["back"] else None,
            rule=columns["rule"],
            more=columns["more"],
        )
    evidence = with_told(record.evidence, record.told)
    return DeliveryDetail(
        row=row,
        inbox=shown(record.inbox),
        kind=evidence.kind,
        members=record.members,
        sha256=record.sha256,
        sealed_at=record.sealed_at,
        complete=evidence.complete,
        claims=evidence.claims,
        findings=evidence.findings,
        verdicts=verdicts,
        custody=register.custody(CUSTODY_LINES, delivery=delivery),
        advice=advice,
        suggestions=() if row.client else register.suggest(row.administration_number, row.administration_name),
        operations=register.operations(delivery=row.id, limit=OPERATIONS)[0],
        held=next(iter(register.held(row.id)), None),
    )
