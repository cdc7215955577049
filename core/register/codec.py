"""The model's frozen values as JSON text and back, strict: what does not fit is a damaged register."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from core.errors import RegisterError
from core.model import Answer, Claim, Evidence, Finding, Reason, Severity, Source, Verdict

VERSION = 1
"""Of the JSON. A reader refuses a version that it does not know."""

T = TypeVar("T")
Params = Mapping[str, str | int]


def dump_evidence(evidence: Evidence) -> str:
    """What the file says. Claims of operators are left out: they are rows of their own."""
    return _dump(
        kind=evidence.kind,
        stranger=evidence.stranger,
        complete=evidence.complete,
        claims=[_claim_out(claim) for claim in evidence.claims if claim.source is not Source.OPERATOR],
        findings=[[each.code, dict(each.detail), each.proves_damage] for each in evidence.findings],
    )


def load_evidence(text: str) -> Evidence:
    """The evidence of `dump_evidence`. Raises RegisterError."""
    return _load(
        text,
        lambda data: Evidence(
            kind=_is(data["kind"], str),
            claims=tuple(_claim_in(each) for each in data["claims"]),
            findings=tuple(
                Finding(_is(code, str), _params(detail), _is(proves, bool)) for code, detail, proves in data["findings"]
            ),
            stranger=_is(data["stranger"], bool),
            complete=_is(data["complete"], bool),
        ),
    )


def dump_verdicts(verdicts: Iterable[Verdict], advice: Reason | None) -> str:
    """All verdicts of a delivery, in order, and the advice."""
    return _dump(
        verdicts=[
            [each.target, each.work, each.back, [_reason_out(reason) for reason in each.reasons]] for each in verdicts
        ],
        advice=None if advice is None else _reason_out(advice),
    )


def load_verdicts(text: str) -> tuple[tuple[Verdict, ...], Reason | None]:
    """The verdicts and the advice of `dump_verdicts`. Raises RegisterError."""
    return _load(
        text,
        lambda data: (
            tuple(
                Verdict(_is(target, str), Answer(work), Answer(back), tuple(_reason_in(each) for each in reasons))
                for target, work, back, reasons in data["verdicts"]
            ),
            None if data["advice"] is None else _reason_in(data["advice"]),
        ),
    )


def dump_members(members: Iterable[tuple[str, int]]) -> str:
    """Names and sizes (bytes) of the files inside."""
    return _dump(members=[[name, size] for name, size in members])


def load_members(text: str) -> tuple[tuple[str, int], ...]:
    """The members of `dump_members`. Raises RegisterError."""
    return _load(text, lambda data: tuple((_is(name, str), _is(size, int)) for name, size in data["members"]))


def dump_value(value: str | int | bool) -> str:  # noqa: FBT001 - a value of a claim
    """One claimed value."""
    return json.dumps(value)


def load_value(text: str) -> str | int | bool:
    """The value of `dump_value`. Raises RegisterError."""
    return _guarded(lambda: _value(json.loads(text)))


def dump_params(params: Params) -> str:
    """Parameters of a sentence, in the order of their names."""
    return json.dumps(dict(params), sort_keys=True, separators=(",", ":"))


def load_params(text: str) -> Params:
    """The parameters of `dump_params`. Raises RegisterError."""
    return _guarded(lambda: _params(json.loads(text)))


def _dump(**data: object) -> str:
    return json.dumps({"v": VERSION, **data}, separators=(",", ":"))


def _load(text: str, make: Callable[[dict[str, Any]], T]) -> T:
    def checked() -> T:
        data = json.loads(text)
        if data.pop("v") != VERSION:
            raise ValueError("version")
        return make(data)

    return _guarded(checked)


def _guarded(make: Callable[[], T]) -> T:
    try:
        return make()
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise RegisterError("register-damaged", reason=f"{type(problem).__name__}: {problem}") from problem


def _is(value: object, kind: type[T]) -> T:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected")
    return value


def _value(value: object) -> str | int | bool:
    if isinstance(value, str | int):
        return value
    raise TypeError("text, number or flag expected")


def _params(data: object) -> dict[str, str | int]:
    return {_is(name, str): _value(value) for name, value in _is(data, dict).items()}


def _claim_out(claim: Claim) -> list[object]:
    at = claim.at.isoformat() if claim.at else None
    return [claim.fact, claim.value, claim.source, claim.inferred, claim.by, at]


def _claim_in(data: list[Any]) -> Claim:
    fact, value, source, inferred, by, at = data
    return Claim(
        fact=_is(fact, str),
        value=_value(value),
        source=Source(source),
        inferred=_is(inferred, bool),
        by=None if by is None else _is(by, str),
        at=None if at is None else datetime.fromisoformat(at),
    )


def _reason_out(reason: Reason) -> dict[str, object]:
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


def _reason_in(data: dict[str, Any]) -> Reason:
    return Reason(
        rule=_is(data["rule"], int),
        severity=Severity(data["severity"]),
        work=None if data["work"] is None else Answer(data["work"]),
        back=None if data["back"] is None else Answer(data["back"]),
        variant=_is(data["variant"], str),
        params=_params(data["params"]),
        evidence=tuple(_claim_in(each) for each in data["evidence"]),
        whole_target=_is(data["whole_target"], bool),
        override=None if data["override"] is None else _is(data["override"], str),
    )
