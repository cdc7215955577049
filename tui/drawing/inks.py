"""Which ink a word has."""

from __future__ import annotations

from core.model import Answer, Severity, StateWord

ANSWER = {
    Answer.YES: "yes",
    Answer.CONDITIONAL: "conditional",
    Answer.NO: "no",
    Answer.UNKNOWN: "unknown",
    None: "dim",
}

BADGE = {
    StateWord.OK: "badge-yes",
    StateWord.WARN: "badge-conditional",
    StateWord.ONEWAY: "badge-oneway",
    StateWord.NO: "badge-no",
    StateWord.UNKNOWN: "badge-unknown",
    StateWord.READING: "badge-accent",
}
"""Every other state is quiet."""

SEVERITY = {
    Severity.INFO: "dim",
    Severity.NOTE: "accent",
    Severity.WARNING: "conditional",
    Severity.BLOCK: "no",
}


def badge(state: StateWord) -> str:
    """The ink of a state's badge."""
    return BADGE.get(state, "badge-quiet")
