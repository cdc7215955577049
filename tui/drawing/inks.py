"""Which ink a word has."""

from __future__ import annotations

from core.model import Answer, OperationState, Severity, StateWord, StepState

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
    StateWord.RUNNING: "badge-accent",
    StateWord.WITH_US: "button",
}
"""Every other state is quiet."""

OPERATION = {
    OperationState.REQUESTED: "button",
    OperationState.RUNNING: "badge-accent",
    OperationState.WAITING: "badge-conditional",
    OperationState.DONE: "badge-yes",
    OperationState.FAILED: "badge-no",
}
"""What was stopped or undone is quiet: everything is as it was."""

STEP = {
    StepState.TODO: "dim",
    StepState.RUNNING: "accent-strong",
    StepState.WAITING: "conditional-strong",
    StepState.DONE: "yes",
    StepState.FAILED: "no-strong",
    StepState.UNDONE: "dim",
}

SEVERITY = {
    Severity.INFO: "dim",
    Severity.NOTE: "accent",
    Severity.WARNING: "conditional",
    Severity.BLOCK: "no",
}


def badge(state: StateWord) -> str:
    """The ink of a state's badge."""
    return BADGE.get(state, "badge-quiet")


def operation_badge(state: OperationState) -> str:
    """The ink of an operation's badge."""
    return OPERATION.get(state, "badge-quiet")
