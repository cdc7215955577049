"""The JSON shapes of the command line: an API. Fields are added, never renamed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime

from core.model import (
    Check,
    Claim,
    Client,
    CustodyLine,
    DeliveryRow,
    Finding,
    OperationRow,
    Reason,
    Target,
    TargetView,
    Verdict,
)
from tui import wording

Form = dict[str, object]


def problem(finding: Finding, language: str) -> Form:
    """`{"code", "text"}` of something a reader noticed."""
    return {"code": finding.code, "text": wording.problem(finding, language)}


def claim(each: Claim) -> Form:
    """`{"fact", "value", "source"}`, and who told it when somebody did."""
    form: Form = {"fact": each.fact, "value": each.value, "source": str(each.source)}
    if each.inferred:
        form["inferred"] = True
    if each.by is not None:
        form["by"] = each.by
    if each.at is not None:
        form["at"] = moment(each.at)
    return form


def moment(at: datetime | None) -> str | None:
    """A moment in ISO 8601 with its offset."""
    return None if at is None else at.isoformat(timespec="seconds")


def row(each: DeliveryRow, verdicts: Iterable[Verdict]) -> Form:
    """One element of `list --json`; the last two fields only where there is something to say."""
    form: Form = {
        "id": each.id,
        "file": each.file,
        "state": str(each.state),
        "client": each.client,
        "administration_number": each.administration_number,
        "administration_name": each.administration_name,
        "size": each.size,
        "arrived_at": moment(each.arrived_at),
        "verdicts": {verdict.target: _verdict(verdict) for verdict in verdicts},
        "best_target": each.best_target,
    }
    if each.operation is not None:
        form["operation"] = _running(each.operation)
    if each.held_at is not None:
        form["held_at"] = each.held_at
    return form


def _running(each: OperationRow) -> Form:
    return {
        "operation": each.id,
        "kind": str(each.kind),
        "state": str(each.state),
        "step": each.step,
        "step_count": each.steps,
        "percent": each.percent,
    }


def _verdict(verdict: Verdict) -> Form:
    rules = sorted({reason.rule for reason in verdict.reasons})
    return {"work": str(verdict.work), "return": str(verdict.back), "rules": rules}


def reason(each: Reason, target: str, language: str) -> Form:
    """One rule that applies to one target."""
    form: Form = {
        "rule": each.rule,
        "severity": str(each.severity),
        "target": target,
        "text": wording.sentence(each, language),
        "evidence": [claim(one) for one in each.evidence],
        "work": None if each.work is None else str(each.work),
        "return": None if each.back is None else str(each.back),
    }
    if each.override:
        form["override"] = each.override
    return form


def members(pairs: Iterable[tuple[str, int]]) -> list[Form]:
    """What lies in a container, in its order."""
    return [{"name": name, "size": size} for name, size in pairs]


def custody(line: CustodyLine, language: str) -> Form:
    """One line of the custody log."""
    from tui.drawing.custody import sentence

    return {
        "seq": line.seq,
        "at": moment(line.at),
        "who": line.who,
        "host": line.host,
        "what": line.what,
        "delivery": line.delivery,
        "client": line.client,
        "detail": dict(line.detail),
        "text": sentence(line, language),
        "hash": line.hash,
    }


def client(each: Client) -> Form:
    """What the register says of a client."""
    return {
        "code": each.code,
        "name": each.name,
        "family": each.family,
        "product_update": each.product_update,
        "service_pack": each.service_pack,
        "sql_release": each.sql_release,
        "edition": each.edition,
        "company_number": each.company_number,
        "licence": each.licence,
        "logins": list(each.logins),
        "administrations": [{"number": one.number, "name": one.name} for one in each.administrations],
    }


def target(each: Target) -> Form:
    """What the settings, and the server where it was asked, say of a target."""
    return {
        "name": each.name,
        "engine": each.engine,
        "instance": each.instance,
        "family": each.family,
        "product_update": each.product_update,
        "service_pack": each.service_pack,
        "sql_release": each.sql_release,
        "edition": each.edition,
        "internal_version": each.internal_version,
        "stale": each.stale,
        "accountancy": each.accountancy,
        "isolated": each.isolated,
        "free_bytes": each.free_bytes,
        "practice": each.practice,
    }


def target_view(view: TargetView) -> Form:
    """A target with what its instance said of itself; `probe` is null where it never answered."""
    probed = view.probed
    return target(view.target) | {
        "release": view.release,
        "limit_bytes": view.limit_bytes,
        "differs": {fact: {"settings": declared, "server": said} for fact, (declared, said) in view.differs.items()},
        "probed_at": moment(probed.at) if probed and probed.at else None,
        "tried_at": moment(probed.tried_at) if probed and probed.tried_at else None,
        "problem": probed.problem or None if probed else None,
        "probe": dataclasses.asdict(probed.probe) if probed and probed.probe else None,
    }


def check(each: Check) -> Form:
    """One named check; `ok` is null where it could not be found out."""
    return {"name": each.name, "ok": each.ok, "text": each.text, "hint": each.hint, "seconds": round(each.seconds, 3)}
