"""Values for register tests: evidence, verdicts, moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.model import Answer, Claim, Evidence, FactValue, Reason, Severity, Source, Verdict

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def moment(minutes: int = 0) -> datetime:
    return START + timedelta(minutes=minutes)


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


def evidence(kind: str = "cabinet", **facts: FactValue) -> Evidence:
    claims = tuple(Claim(fact, value, Source.HEADER) for fact, value in facts.items())
    return Evidence(kind, claims, complete=True)


def verdict(target: str = "sql16a", work: Answer = Answer.YES, back: Answer = Answer.YES, *rules: int) -> Verdict:
    reasons = tuple(Reason(rule, Severity.WARNING, work, back) for rule in rules)
    return Verdict(target, work, back, reasons)
