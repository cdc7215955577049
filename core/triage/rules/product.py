"""3xx: product update and product. Updates are compared as numbers; there is no way down."""

from __future__ import annotations

from core.model import Severity, Source
from core.triage.evidence import PLUS_FROM
from core.triage.rules.book import CONDITIONAL, NO, SILENT, UNKNOWN, YES, AtTarget, Found, Hit, OfFile, Params
from core.triage.rules.case import Case, Site

_SHOWN = 5
"""Affected clients named in the sentence."""


def target_must_update(c: Case, t: Site) -> Found:
    """It restores but does not open. Exactly the client's update keeps the way back open."""
    pair = _pair(c, t)
    if not pair or pair[0] <= pair[1]:
        return None
    params: Params = {"theirs": pair[0], "ours": pair[1], "target": t.target.name}
    affected = c.circumstances.affected.get(t.target.name, ())
    if not affected:
        return Hit("", params, c.claims("product_update"))
    named = ", ".join(affected[:_SHOWN]) + (" ..." if len(affected) > _SHOWN else "")
    return Hit("affected", {**params, "clients": named, "count": len(affected)}, c.claims("product_update"))


def same_update(c: Case, t: Site) -> Found:
    """Opens as it is, and so does what we send back."""
    pair = _pair(c, t)
    return Hit("", {"update": pair[0]}, c.claims("product_update")) if pair and pair[0] == pair[1] else None


def client_must_update(c: Case, t: Site) -> Found:
    """Opening it upgrades it; the only way back is the file as received."""
    pair = _pair(c, t)
    if not pair or pair[0] >= pair[1]:
        return None
    params: Params = {"theirs": pair[0], "ours": pair[1], "target": t.target.name}
    return Hit("", params, c.claims("product_update"))


def update_not_known(c: Case) -> Found:
    """An administration of Exact Online has none."""
    return Hit() if c.update is None and not c.online else None


def families_differ(c: Case, t: Site) -> Found:
    """Only where both sides declare it: the formats are not interchangeable in either direction."""
    if c.family is None or t.target.family is None or c.family == t.target.family:
        return None
    return Hit(f"{c.family}-{t.target.family}", {"target": t.target.name}, c.claims("family"))


def family_inferred(c: Case, t: Site) -> Found:
    """The number alone: 500 and up is taken for Globe+; below it only a target that declares Globe+ asks.

    The same holds for a target that declares nothing: where its number speaks for the other product, nobody knows.
    """
    if c.update is None:
        return None
    params: Params = {"update": c.update, "target": t.target.name}
    beside = t.target.product_update
    if t.target.family is None and beside is not None:
        theirs = c.family or _by_number(c.update)
        if theirs != _by_number(beside):
            params |= {"ours": beside}
            return Hit(f"target-{_by_number(beside)}", params, c.claims("product_update", "family"))
    if c.family is not None:
        return None
    if c.update >= PLUS_FROM:
        return Hit("", params, c.claims("product_update", "family"))
    return Hit("below", params, c.claims("product_update")) if t.target.family == "plus" else None


def do_not_go_together(c: Case, t: Site) -> Found:
    """A product update and a SQL release, by the table: the client's, the target's, or the target's once updated."""
    found = []
    theirs, ours = c.update, t.target.product_update
    goes = c.tables.goes_with
    params: Params
    if theirs is not None and c.release and not goes(theirs, c.release):
        params = {"update": theirs, "release": c.release.label}
        found.append(Hit("client", params, c.claims("product_update", "sql_release")))
    if ours is not None and t.release and not goes(ours, t.release):
        params = {"update": ours, "release": t.release.label, "target": t.target.name}
        found.append(Hit("target", params, whole_target=True))
    if theirs is not None and ours is not None and theirs > ours and t.release and not goes(theirs, t.release):
        params = {"update": theirs, "release": t.release.label, "target": t.target.name}
        found.append(Hit("update", params, c.claims("product_update")))
    return tuple(found)


def lower_service_pack(c: Case, t: Site) -> Found:
    """Same product update, the target's service pack is lower."""
    pair = _service_packs(c, t)
    return _packs(c, t, pair) if pair and pair[1] < pair[0] else None


def higher_service_pack(c: Case, t: Site) -> Found:
    """Same product update, the target's service pack is higher."""
    pair = _service_packs(c, t)
    return _packs(c, t, pair) if pair and pair[1] > pair[0] else None


def no_accountancy(c: Case, t: Site) -> Found:
    """Only where it is known to be missing."""
    del c
    return Hit("", {"target": t.target.name}, whole_target=True) if t.target.accountancy is False else None


def _by_number(update: int) -> str:
    return "plus" if update >= PLUS_FROM else "next"


def _pair(c: Case, t: Site) -> tuple[int, int] | None:
    if c.update is None or t.target.product_update is None:
        return None
    return c.update, t.target.product_update


def _service_packs(c: Case, t: Site) -> tuple[int, int] | None:
    """Both known, and of the same product update. The register's counts only with the update it was noted with."""
    pair, ours = _pair(c, t), t.target.service_pack
    theirs = next(iter(c.claims("service_pack")), None)
    if not pair or pair[0] != pair[1] or theirs is None or ours is None or not isinstance(theirs.value, int):
        return None
    if theirs.source is Source.REGISTER and c.client and c.client.product_update != c.update:
        return None
    return theirs.value, ours


def _packs(c: Case, t: Site, pair: tuple[int, int]) -> Hit:
    params: Params = {"theirs": pair[0], "ours": pair[1], "target": t.target.name}
    return Hit("", params, c.claims("product_update", "service_pack"))


PRODUCT = (
    # rule         work         back
    AtTarget(301, CONDITIONAL, YES, target_must_update),
    AtTarget(302, YES, YES, same_update),
    AtTarget(303, YES, CONDITIONAL, client_must_update),
    OfFile(304, UNKNOWN, UNKNOWN, update_not_known),
    AtTarget(305, NO, NO, families_differ),
    AtTarget(306, UNKNOWN, UNKNOWN, family_inferred),
    AtTarget(307, SILENT, SILENT, do_not_go_together, severity=Severity.WARNING),
    AtTarget(308, CONDITIONAL, SILENT, lower_service_pack),
    AtTarget(309, SILENT, CONDITIONAL, higher_service_pack),
    AtTarget(310, CONDITIONAL, CONDITIONAL, no_accountancy),
)
