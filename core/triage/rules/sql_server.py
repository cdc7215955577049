"""2xx: SQL Server. Releases are compared by internal database version; builds of one release do not differ."""

from __future__ import annotations

from core.model import Claim
from core.triage.releases import Release
from core.triage.rules.book import (
    BOTH_UNKNOWN,
    CONDITIONAL,
    NO,
    SILENT,
    UNKNOWN,
    YES,
    AtTarget,
    Found,
    Hit,
    OfFile,
    Params,
)
from core.triage.rules.case import Case, Site, is_express, release_of

MB = 1024 * 1024


def target_older(c: Case, t: Site) -> Found:
    """SQL Server never restores a newer database on an older release."""
    pair = _pair(c, t)
    return _said(c, t, pair) if pair and pair[1].older_than(pair[0]) else None


def same_release(c: Case, t: Site) -> Found:
    """Both ways open."""
    pair = _pair(c, t)
    return _said(c, t, pair) if pair and pair[0].label == pair[1].label else None


def target_newer(c: Case, t: Site) -> Found:
    """One way: what was restored here can never be read by the client's older server again."""
    pair = _pair(c, t)
    if not pair or not pair[0].older_than(pair[1]) or _needs_step_between(c, pair):
        return None
    for other in sorted(t.others, key=lambda each: each.name):
        if other.engine == t.target.engine and release_of(other, c.tables) == pair[0]:
            return _said(c, t, pair, "elsewhere", other=other.name)
    return _said(c, t, pair)


def step_between(c: Case, t: Site) -> Found:
    """SQL Server 2012 and later restore only what 2005 or later wrote."""
    pair = _pair(c, t)
    return _said(c, t, pair) if pair and _needs_step_between(c, pair) else None


def release_not_known(c: Case) -> Found:
    """Neither header nor pages, name, operator or register tell it."""
    return Hit() if c.release is None else None


def target_not_known(c: Case, t: Site) -> Found:
    """Release or product update of the target; a condition of the whole target."""
    found = []
    if t.release is None:
        params = {"target": t.target.name, "release": t.target.sql_release or "?"}
        declared = t.target.sql_release is not None
        variant = "stale" if t.target.stale else "label" if declared else ""
        found.append(Hit(variant, params, whole_target=True))
    if t.target.product_update is None and not c.online:
        found.append(Hit("update", {"target": t.target.name}, whole_target=True))
    return tuple(found)


def release_not_final(c: Case, t: Site) -> Found:
    """A pre-release, or newer than every release we know: a known target is older, or nobody can say."""
    release = c.release
    if release is None or not (release.prerelease or release.beyond):
        return None
    variant = "beyond" if release.beyond else ""
    params = {"theirs": release.label, "target": t.target.name}
    older = t.release is not None and t.release.older_than(release)
    return Hit(variant, params, _release_claims(c), (NO if older else UNKNOWN, UNKNOWN))


def express_too_small(c: Case, t: Site) -> Found:
    """Only the data files count; without the edition or the size nobody can say."""
    if t.express is False or t.release is None:
        return None
    if c.data_bytes is None:
        return Hit("size", {"target": t.target.name}, (), BOTH_UNKNOWN) if c.understood else None
    limit = c.tables.express_limit(t.release)
    if c.data_bytes <= limit:
        return None
    params: Params = {"target": t.target.name, "size_mb": c.data_bytes // MB, "limit_mb": limit // MB}
    evidence = c.claims("data_bytes")
    return Hit("", params, evidence) if t.express else Hit("edition", params, evidence, BOTH_UNKNOWN)


def client_express_too_small(c: Case) -> Found:
    """An edition that was never noted says nothing: the database did run there."""
    edition = c.text("edition")
    if edition is None or not is_express(edition) or c.data_bytes is None or c.release is None:
        return None
    limit = c.tables.express_limit(c.release)
    params = {"size_mb": c.data_bytes // MB, "limit_mb": limit // MB}
    return Hit("", params, c.claims("edition", "data_bytes")) if c.data_bytes > limit else None


def room(c: Case, t: Site) -> Found:
    """Data and log, once more for the working copy of the return, and the package itself."""
    free = t.target.free_bytes
    if free is None:
        return None
    if c.data_bytes is None:
        unknown = (UNKNOWN, SILENT)
        return Hit("size", {"target": t.target.name}, (), unknown) if c.understood else None
    need = 2 * (c.data_bytes + (c.whole("log_bytes") or 0)) + (c.whole("size") or 0)
    params: Params = {"target": t.target.name, "need_mb": -(-need // MB), "free_mb": free // MB}
    return Hit("", params, c.claims("data_bytes", "log_bytes", "size")) if need > free else None


def not_isolated(c: Case, t: Site) -> Found:
    """Restoring a stranger's database is running a stranger's program; the embedded engine runs none."""
    del c
    if t.target.isolated or t.target.engine == "embedded":
        return None
    return Hit("", {"target": t.target.name}, whole_target=True)


def _pair(c: Case, t: Site) -> tuple[Release, Release] | None:
    """The client's release and the target's, where both are known and the client's is a final one (else 207)."""
    if c.release is None or t.release is None or c.release.prerelease or c.release.beyond:
        return None
    return c.release, t.release


def _needs_step_between(c: Case, pair: tuple[Release, Release]) -> bool:
    labels = c.tables.labels
    return pair[0].older_than(labels["2005"]) and not pair[1].older_than(labels["2012"])


def _said(c: Case, t: Site, pair: tuple[Release, Release], variant: str = "", **more: str) -> Hit:
    params = {"theirs": pair[0].label, "ours": pair[1].label, "target": t.target.name, **more}
    return Hit(variant, params, _release_claims(c))


def _release_claims(c: Case) -> tuple[Claim, ...]:
    return c.claims("sql_release", "internal_version")


SQL_SERVER = (
    # rule         work         back
    AtTarget(201, NO, NO, target_older),
    AtTarget(202, YES, YES, same_release),
    AtTarget(203, CONDITIONAL, NO, target_newer, override="one-way"),
    AtTarget(204, NO, NO, step_between),
    OfFile(205, UNKNOWN, UNKNOWN, release_not_known),
    AtTarget(206, UNKNOWN, UNKNOWN, target_not_known),
    AtTarget(207, NO, UNKNOWN, release_not_final),
    AtTarget(208, NO, NO, express_too_small),
    OfFile(209, SILENT, NO, client_express_too_small),
    AtTarget(210, CONDITIONAL, SILENT, room),
    AtTarget(211, CONDITIONAL, SILENT, not_isolated, override="not-isolated"),
)
