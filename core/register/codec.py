"""The model's frozen values as JSON text and back, strict: what does not fit is a damaged register."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from core.errors import RegisterError
from core.model import Answer, Claim, Evidence, Finding, Params, Reason, Severity, Source, Verdict

VERSION = 1
"""Of the JSON. A reader refuses a version that it does not know."""

T = TypeVar("T")


def dump_evidence(evidence: Evidence) -> str:
    """What the file says. Claims of operators are left out: they are rows of their own."""
    return pack(
        kind=evidence.kind,
        stranger=evidence.stranger,
        complete=evidence.complete,
        claims=[_claim_out(claim) for claim in evidence.claims if claim.source is not Source.OPERATOR],
        findings=[[each.code, dict(each.detail), each.proves_damage] for each in evidence.findings],
    )


def load_evidence(text: str) -> Evidence:
    """The evidence of `dump_evidence`. Raises RegisterError."""
    return unpack(
        text,
        lambda data: Evidence(
            kind=typed(data["kind"], str),
            claims=tuple(_claim_in(each) for each in data["claims"]),
            findings=tuple(
                Finding(typed(code, str), params_in(detail), typed(proves, bool))
                for code, detail, proves in data["findings"]
            ),
            stranger=typed(data["stranger"], bool),
            complete=typed(data["complete"], bool),
        ),
    )


def dump_verdicts(verdicts: Iterable[Verdict], advice: Reason | None) -> str:
    """All verdicts of a delivery, in order, and the advice."""
    return pack(
        verdicts=[verdict_out(each) for each in verdicts],
        advice=None if advice is None else reason_out(advice),
    )


def load_verdicts(text: str) -> tuple[tuple[Verdict, ...], Reason | None]:
    """The verdicts and the advice of `dump_verdicts`. Raises RegisterError."""
    return unpack(
        text,
        lambda data: (
            tuple(verdict_in(each) for each in data["verdicts"]),
            None if data["advice"] is None else reason_in(data["advice"]),
        ),
    )


def dump_members(members: Iterable[tuple[str, int]]) -> str:
    """Names and sizes (bytes) of the files inside."""
    return pack(members=[[name, size] for name, size in members])


def load_members(text: str) -> tuple[tuple[str, int], ...]:
    """The members of `dump_members`. Raises RegisterError."""
    return unpack(text, lambda data: tuple((typed(name, str), typed(size, int)) for name, size in data["members"]))


def dump_value(value: str | int | bool) -> str:  # noqa: FBT001 - a value of a claim
    """One claimed value."""
    return json.dumps(value)


def load_value(text: str) -> str | int | bool:
    """The value of `dump_value`. Raises RegisterError."""
    return guarded(lambda: value_in(json.loads(text)))


def dump_params(params: Params) -> str:
    """Parameters of a sentence, in the order of their names."""
    return json.dumps(dict(params), sort_keys=True, separators=(",", ":"))


def load_params(text: str) -> Params:
    """The parameters of `dump_params`. Raises RegisterError."""
    return guarded(lambda: params_in(json.loads(text)))


def pack(**data: object) -> str:
    """One paper, with the version of its form."""
    return json.dumps({"v": VERSION, **data}, separators=(",", ":"))


def unpack(text: str, make: Callable[[dict[str, Any]], T]) -> T:
    """What `make` makes of a paper of `pack`. Raises RegisterError."""

    def checked() -> T:
        data = json.loads(text)
        if data.pop("v") != VERSION:
            raise ValueError("version")
        return make(data)

    return guarded(checked)


def guarded(make: Callable[[], T]) -> T:
    """What `make` returns; RegisterError when what is stored does not fit."""
    try:
        return make()
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise RegisterError("register-damaged", reason=f"{type(problem).__name__}: {problem}") from problem


def typed(value: object, kind: type[T]) -> T:
    """The value, exactly of this kind. Raises TypeError."""
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected")
    return value


def value_in(value: object) -> str | int | bool:
    """A text, a number or a flag. Raises TypeError."""
    if isinstance(value, str | int):
        return value
    raise TypeError("text, number or flag expected")


def params_in(data: object) -> dict[str, str | int]:
    """Values for a sentence. Raises TypeError."""
    return {typed(name, str): value_in(value) for name, value in typed(data, dict).items()}


def _claim_out(claim: Claim) -> list[object]:
    at = claim.at.isoformat() if claim.at else None
    return [claim.fact, claim.value, claim.source, claim.inferred, claim.by, at]


def _claim_in(data: list[Any]) -> Claim:
    fact, value, source, inferred, by, at = data
    return Claim(
        fact=typed(fact, str),
        value=value_in(value),
        source=Source(source),
        inferred=typed(inferred, bool),
        by=None if by is None else typed(by, str),
        at=None if at is None else datetime.fromisoformat(at),
    )


def verdict_out(verdict: Verdict) -> list[object]:
    """A verdict as JSON."""
    return [verdict.target, verdict.work, verdict.back, [reason_out(reason) for reason in verdict.reasons]]


def verdict_in(data: list[Any]) -> Verdict:
    """The verdict of `verdict_out`."""
    target, work, back, reasons = data
    return Verdict(typed(target, str), Answer(work), Answer(back), tuple(reason_in(each) for each in reasons))


def reason_out(reason: Reason) -> dict[str, object]:
    """A reason as JSON."""
    return {
        "rule": reason.rule,
        "severity": reason.severity,
        "work": reason.work,
        "back": reason.back,
        "variant": reason.variant,
        "params": dict(reason.params),
        "evidence": [_claim_out(claim) for claim in reason.evidence],
        "whole_target": reason.whole_target,
        "override": reason.override,
    }


def reason_in(data: dict[str, Any]) -> Reason:
    """The reason of `reason_out`."""
    return Reason(
        rule=typed(data["rule"], int),
        severity=Severity(data["severity"]),
        work=None if data["work"] is None else Answer(data["work"]),
        back=None if data["back"] is None else Answer(data["back"]),
        variant=typed(data["variant"], str),
        params=params_in(data["params"]),
        evidence=tuple(_claim_in(each) for each in data["evidence"]),
        whole_target=typed(data["whole_target"], bool),
        override=None if data["override"] is None else typed(data["override"], str),
    )
