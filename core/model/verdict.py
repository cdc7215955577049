"""The two answers, and the reasons for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.model.evidence import Claim


class Answer(StrEnum):
    """One of the four answers to *can we work on it?* and *can it go back?*."""

    YES = "yes"
    CONDITIONAL = "conditional"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def badness(self) -> int:
        """Order of the rule book: no > unknown > conditional > yes."""
        return _BADNESS[self]


_BADNESS = {Answer.YES: 0, Answer.CONDITIONAL: 1, Answer.UNKNOWN: 2, Answer.NO: 3}


def worst(answers: Iterable[Answer]) -> Answer:
    """The worst answer; *yes* when no rule objects."""
    return max(answers, key=lambda answer: answer.badness, default=Answer.YES)


class Severity(StrEnum):
    """How loudly a reason speaks."""

    INFO = "info"
    NOTE = "note"
    WARNING = "warning"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that applies. The sentence is `rule.<number>[.<variant>]` of the catalogue."""

    rule: int
    severity: Severity
    work: Answer | None = None
    """None: the rule leaves this answer alone."""
    back: Answer | None = None
    variant: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
    """Values for the sentence."""
    evidence: tuple[Claim, ...] = ()
    whole_target: bool = False
    """A condition of the target as a whole: shown once at the target, only counted in the rows."""
    override: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Two answers for one target, each the worst of its reasons."""

    target: str
    work: Answer
    back: Answer
    reasons: tuple[Reason, ...] = ()

    @property
    def deciding(self) -> Reason | None:
        """The one reason a row shows: the worst answer's, the return first, the louder first."""

        def weight(reason: Reason) -> tuple[int, int, int]:
            back = reason.back.badness if reason.back is self.back else 0
            work = reason.work.badness if reason.work is self.work else 0
            return (max(back, work), back + work, -reason.rule)

        felt = [reason for reason in self.reasons if reason.work or reason.back]
        best = max(felt, key=weight, default=None)
        return best if best and weight(best)[0] else None
