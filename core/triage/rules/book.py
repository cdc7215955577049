"""What a rule is: a number, two answers, and a pure predicate that says whether it applies and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.model import Answer, Claim, Reason, Severity
from core.triage.rules.case import Case, Site

YES, CONDITIONAL, NO, UNKNOWN = Answer.YES, Answer.CONDITIONAL, Answer.NO, Answer.UNKNOWN
SILENT: Answer | None = None
"""The `.` of the rule book: leaves that answer alone."""

Answers = tuple[Answer | None, Answer | None]
Params = dict[str, str | int]
BOTH_UNKNOWN: Answers = (UNKNOWN, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule applies: which sentence, its values, the claims it rests on; `answers` where not the table's."""

    variant: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
    evidence: tuple[Claim, ...] = ()
    answers: Answers | None = None
    whole_target: bool = False
    severity: Severity | None = None
    """Where it is not the one that follows from the answers, nor the table's."""


Found = Hit | tuple[Hit, ...] | None


@dataclass(frozen=True, slots=True)
class OfFile:
    """A rule that only looks at the delivery: it says the same for every target."""

    number: int
    work: Answer | None
    back: Answer | None
    when: Callable[[Case], Found]
    ends: bool = False
    """Nothing after this rule matters: those beyond *what it is* stay silent."""
    severity: Severity | None = None
    """Where it is not the one that follows from the answers."""
    override: str | None = None


@dataclass(frozen=True, slots=True)
class AtTarget:
    """A rule that compares the delivery with a target."""

    number: int
    work: Answer | None
    back: Answer | None
    when: Callable[[Case, Site], Found]
    ends: bool = False
    severity: Severity | None = None
    override: str | None = None


Rule = OfFile | AtTarget


def reasons(rule: Rule, found: Found) -> tuple[Reason, ...]:
    """What a rule found, as reasons."""
    if not found:
        return ()
    hits = found if isinstance(found, tuple) else (found,)
    return tuple(_reason(rule, hit) for hit in hits)


def _reason(rule: Rule, hit: Hit) -> Reason:
    work, back = hit.answers or (rule.work, rule.back)
    return Reason(
        rule=rule.number,
        severity=hit.severity or rule.severity or _severity(work, back),
        work=work,
        back=back,
        variant=hit.variant,
        params=hit.params,
        evidence=hit.evidence,
        whole_target=hit.whole_target,
        override=rule.override,
    )


def _severity(work: Answer | None, back: Answer | None) -> Severity:
    if NO in (work, back):
        return Severity.BLOCK
    if CONDITIONAL in (work, back) or UNKNOWN in (work, back):
        return Severity.WARNING
    return Severity.INFO if YES in (work, back) else Severity.NOTE
