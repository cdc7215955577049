"""4xx: size and packing."""

from __future__ import annotations

from core.triage.rules.book import CONDITIONAL, NO, SILENT, UNKNOWN, Found, Hit, OfFile, Params
from core.triage.rules.case import Case

MB = 1024 * 1024
NOT_OURS = frozenset({"lzx", "quantum"})
"""Packings that only Windows' own tools write: we would return MSZIP."""


def broke_at_limit(c: Case) -> Found:
    """The cabinet's own numbers prove it: blocks wrapped around, bytes missing."""
    return Hit("", {}, c.claims("size")) if any(each.code == "wrapped-2gb" for each in c.evidence.findings) else None


def too_big_for_wizard(c: Case) -> Found:
    """What we send back is about as big as what came."""
    if c.online:
        return None
    if c.data_bytes is None:
        return Hit("size", {}, (), (SILENT, UNKNOWN)) if c.understood else None
    limit = c.tables.wizard_bytes
    params = {"size_mb": c.data_bytes // MB, "limit_mb": limit // MB}
    return Hit("", params, c.claims("data_bytes")) if c.data_bytes > limit else None


def not_reproducible(c: Case) -> Found:
    """A packing we cannot write, or a member whose meaning we do not know."""
    found = []
    packing = c.text("packing")
    if packing in NOT_OURS:
        found.append(Hit("packing", {"packing": str(packing)}, c.claims("packing")))
    others = c.whole("other_members")
    if others:
        params: Params = {"member": c.text("other_member") or "?", "count": others}
        found.append(Hit("member", params, c.claims("other_members")))
    return tuple(found)


PACKAGE = (
    # rule       work         back
    OfFile(401, NO, NO, broke_at_limit, ends=True),
    OfFile(402, SILENT, CONDITIONAL, too_big_for_wizard),
    OfFile(403, SILENT, CONDITIONAL, not_reproducible),
)
