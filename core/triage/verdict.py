"""From one delivery to all targets: every verdict, the best target, and what would do where none does."""

from __future__ import annotations

from collections.abc import Sequence

from core.model import Answer, Circumstances, Evidence, Reason, Severity, StateWord, Target, Verdict
from core.triage.releases import Tables
from core.triage.rules import Hearing, judge
from core.triage.rules.case import Case

__all__ = ["advice", "best", "judge", "judge_all", "state_word"]

_PREFERENCE = {Answer.YES: 0, Answer.CONDITIONAL: 1, Answer.UNKNOWN: 2, Answer.NO: 3}
"""Among targets an unknown is better than a no: a fact may still turn up."""
_PROMISING = frozenset({Answer.YES, Answer.CONDITIONAL})
_SERVICE_PACKS = frozenset({308, 309})
_FITTING = frozenset({201, 203, 204, 206, 207, 208, 301, 303, 305, 306, 308, 309})
"""Rules that speak against the target as such: another one could do better."""


def judge_all(
    evidence: Evidence, targets: Sequence[Target], circumstances: Circumstances, tables: Tables
) -> tuple[Verdict, ...]:
    """One verdict for each target, in the order of `targets`."""
    hearing = Hearing(evidence, circumstances, tables)
    return tuple(hearing.verdict(target, targets) for target in targets)


def best(verdicts: Sequence[Verdict], targets: Sequence[Target]) -> str | None:
    """The target to recommend; None where no target promises anything.

    Best return first, then best work (this is an exchange desk), then isolated, same service pack, most free
    room, name.
    """
    first = next(iter(_in_order(verdicts, targets)), None)
    return first.target if first and (first.back in _PROMISING or first.work in _PROMISING) else None


def state_word(verdicts: Sequence[Verdict], targets: Sequence[Target], stage: str = "sealed") -> StateWord:
    """The word of a row: of the recommended target, else of the one that comes nearest."""
    if stage in {"arriving", "reading"}:
        return StateWord(stage)
    first = next(iter(_in_order(verdicts, targets)), None)
    if first is None:
        return StateWord.UNKNOWN
    if first.work is Answer.NO:
        return StateWord.NO
    if first.work is Answer.UNKNOWN:
        return StateWord.UNKNOWN
    if first.back is Answer.NO:
        return StateWord.ONEWAY
    if first.back is Answer.UNKNOWN:
        return StateWord.UNKNOWN
    return StateWord.WARN if Answer.CONDITIONAL in (first.work, first.back) else StateWord.OK


def advice(
    evidence: Evidence,
    verdicts: Sequence[Verdict],
    targets: Sequence[Target],
    circumstances: Circumstances,
    tables: Tables,
) -> Reason | None:
    """One sentence (`advice.<variant>`) on what would give two times yes; None where a target does, or to wait."""
    if any(each.work is Answer.YES and each.back is Answer.YES for each in verdicts):
        return None
    hearing = Hearing(evidence, circumstances, tables)
    everywhere = {reason.rule for reason in hearing.everywhere}
    if 103 in everywhere:
        return None
    for rules, variant in _OF_THE_FILE:
        if everywhere & rules:
            return _advice(variant)
    case = hearing.case
    if case.content == "practice" and not any(each.engine == "embedded" for each in targets):
        return _advice("practice")
    if case.release is None or case.release.prerelease or case.release.beyond or case.update is None:
        return None
    return _closest(verdicts, targets) or _instance(case, verdicts)


_OF_THE_FILE: tuple[tuple[frozenset[int], str], ...] = (
    (frozenset({101}), "other"),
    (frozenset({401}), "native"),
    (frozenset({102}), "again"),
    (frozenset({105}), "full"),
    (frozenset({100}), "guided"),
    (frozenset({111, 209, 509}), "never"),
    (frozenset({501, 502}), "bind"),
    (frozenset({205}), "tell-release"),
    (frozenset({304}), "tell-update"),
    (frozenset({503}), "tell-number"),
)
"""What stands in the way everywhere, the first thing first."""


def _closest(verdicts: Sequence[Verdict], targets: Sequence[Target]) -> Reason | None:
    """A target that fits the delivery, where something else is in the way."""
    for verdict in _in_order(verdicts, targets):
        against = {each.rule for each in verdict.reasons if {each.work, each.back} - {None, Answer.YES}}
        deciding = verdict.deciding
        if 306 in against and not against & (_FITTING - {306}):
            return _advice("tell-family")
        if deciding and not against & (_FITTING | {109, 110}):
            return _advice("closest", target=verdict.target, rule=deciding.rule)
    return None


def _instance(case: Case, verdicts: Sequence[Verdict]) -> Reason:
    """The instance that the firm lacks."""
    release = case.release.label if case.release else "?"
    over = all(any(each.rule == 208 for each in verdict.reasons) for verdict in verdicts) and bool(verdicts)
    family = f"-{case.family}" if case.family else ""
    return _advice("edition" if over else f"instance{family}", release=release, update=case.update or 0)


def _advice(variant: str, **params: str | int) -> Reason:
    return Reason(rule=0, severity=Severity.INFO, variant=variant, params=params)


def _in_order(verdicts: Sequence[Verdict], targets: Sequence[Target]) -> list[Verdict]:
    by_name = {target.name: target for target in targets}

    def place(verdict: Verdict) -> tuple[int, int, bool, bool, int, str]:
        target = by_name[verdict.target]
        differs = any(reason.rule in _SERVICE_PACKS for reason in verdict.reasons)
        room = -(target.free_bytes or 0)
        return (
            _PREFERENCE[verdict.back], _PREFERENCE[verdict.work], not target.isolated, differs, room, verdict.target
        )  # fmt: skip

    return sorted(verdicts, key=place)
