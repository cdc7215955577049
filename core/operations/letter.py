"""What goes along with a return back-up: for whom it is, what is in it, and what the letter to the client will say."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from core.administration import ledger
from core.administration.corrections.entries import EntrySet
from core.model import Kind, OperationState, Reason, Severity
from core.operations.checking import Agreed
from core.operations.refusals import sentence
from core.operations.step import Bench
from core.triage.evidence import with_told

LAYOUT = 1
"""Of both papers: fields are added, never renamed."""
_FROM_FILE = ("service_pack", "family", "internal_version", "database")
"""What the client's own package said, and ours says again."""


def package_manifest(bench: Bench, found: Agreed) -> dict[str, str | int]:
    """What the package says of itself: as the client's own did, and by whom it was returned."""
    kept = bench.kept("manifest")
    if kept is not None:
        return {name: value for name, value in kept.items() if isinstance(value, str | int)}
    record = bench.register.delivery(found.delivery)
    evidence = with_told(record.evidence, record.told)
    sides: Any = bench.kept("sides") or {}
    local = bench.now().astimezone()
    said = {name: evidence.value(name) for name in _FROM_FILE}
    values = {
        "client": found.client,
        "administration_number": found.number,
        "administration_name": found.name,
        "product_update": sides.get("inside") or sides.get("update"),
        "sql_release": sides.get("release"),
        "backup_date": local.date().isoformat(),
        "started_at": local.replace(tzinfo=None).isoformat(timespec="seconds"),
        "returned_by": bench.settings.firm.name,
        "delivery": found.delivery,
        "operation": bench.id,
    }
    return {name: value for name, value in (said | values).items() if isinstance(value, str | int)}


def manifest_of(bench: Bench, found: Agreed) -> dict[str, object]:
    """`manifest.json`: what belongs together."""
    restored: Any = bench.register.kept(found.restore, "sides") or {}
    package, proof, sound = (bench.kept(name) or {} for name in ("package", "proof", "sound"))
    return {
        "layout": LAYOUT,
        "wissel": tool(),
        "operation": bench.id,
        "restore": found.restore,
        "delivery": found.delivery,
        "client": found.client,
        "administration": {"number": found.number, "name": found.name},
        "original_sha256": found.sha256,
        "package": package,
        "proof": _proof(proof),
        "not_read_back": (bench.kept("untold") or {}).get("columns", []),
        "sides": {"restore": restored, "return": bench.kept("sides")},
        "corrections": sound.get("corrections", []),
        "findings": sound.get("findings", []),
        "changed_outside": sound.get("tables", []),
        "made_at": bench.now().isoformat(timespec="seconds"),
    }


def _proof(kept: Mapping[str, object]) -> dict[str, object]:
    """What was read back; `how` says so where nobody could."""
    return {name: kept.get(name) for name in ("tables", "rows")} | ({"how": kept["how"]} if "how" in kept else {})


def letter_of(bench: Bench, found: Agreed) -> dict[str, object]:
    """`letter.json`: what changed, the totals before and after, and what the client must do."""
    sound: Any = bench.kept("sound") or {}
    package: Any = bench.kept("package") or {}
    baseline = bench.register.kept(found.restore, "baseline")
    before = None if baseline is None else ledger.Baseline.from_json(baseline).totals.to_json()
    return {
        "layout": LAYOUT,
        "language": bench.settings.language,
        "firm": bench.settings.firm.name,
        "client": {"code": found.client, "name": found.client_name},
        "administration": {"number": found.number, "name": found.name},
        "delivery": found.delivery,
        "file": {"name": found.file, "sha256": package.get("sha256"), "size": package.get("size")},
        "entries": _entries(bench, found),
        "totals": {"before": before, "after": sound.get("totals")},
        "findings": sound.get("findings", []),
        "to_do": [_told(bench, each) for each in (bench.kept("sides") or {}).get("conditions", [])],  # type: ignore[attr-defined]
    }


def _entries(bench: Bench, found: Agreed) -> list[Mapping[str, object]]:
    """Every entry set since the restore, with its numbers, reversals too."""
    rows, _ = bench.register.operations(delivery=found.delivery, limit=1000)
    made: list[Mapping[str, object]] = []
    for row in rows:
        if row.id == found.restore:
            break
        if row.kind not in {Kind.CORRECT, Kind.REVERSE} or row.state is not OperationState.DONE:
            continue
        entries: Any = bench.register.kept(row.id, "entries")
        booked: Any = bench.register.kept(row.id, "booked") or {}
        at = row.finished_at.isoformat(timespec="seconds") if row.finished_at else None
        told = EntrySet.from_json(entries).to_json() if entries else {}
        made.append({"operation": row.id, "kind": row.kind, "at": at, "numbers": booked.get("numbers", []), **told})
    return made[::-1]


def _told(bench: Bench, kept: tuple[int, str, Mapping[str, str | int]]) -> dict[str, object]:
    rule, variant, params = kept
    reason = Reason(rule, Severity.WARNING, None, None, variant, params)
    return {"rule": rule, "text": sentence(reason, bench.settings.language)}


def tool() -> str:
    """Which wissel made it."""
    try:
        return version("wissel")
    except PackageNotFoundError:
        return "?"
