"""6xx: what the evidence says of itself; 603 to 606, which need the rows, are in inside.py."""

from __future__ import annotations

import re
from datetime import date, timedelta

from core.model import Claim, Severity, Source
from core.triage.releases import tidy_label
from core.triage.rules.book import SILENT, Found, Hit, OfFile
from core.triage.rules.case import Case
from core.triage.rules.inside import INSIDE
from core.triage.rules.who_and_which import plain

_FORM = re.compile(r"(?<=..)(bv|nv|vof|cv|bvba|srl)$")


def name_contradicts(c: Case) -> Found:
    """Content decides; the name is only the sender's word."""
    return tuple(hit for hit in (_release(c), _update(c), _date(c), _administration(c)) if hit)


def only_the_name(c: Case) -> Found:
    """An odd name is normal, and a good one proves nothing."""
    found = []
    convention = next(iter(c.claims("by_convention")), None)
    if convention and convention.value is False:
        found.append(Hit("convention", {}, (convention,)))
    for fact, variant in (("sql_release", "release"), ("product_update", "update")):
        claims = c.known.get(fact, ())
        if claims and claims[0].source is Source.NAME:
            found.append(Hit(variant, {"value": claims[0].value}, (claims[0],)))
    update = next(iter(c.claims("product_update")), None)
    if update and update.inferred:
        found.append(Hit("batch", {"value": update.value}, (update, *c.claims("batch_level"))))
    return tuple(found)


def not_checked_yet(c: Case) -> Found:
    """Where the licence of this product is kept: no product's place is configured here."""
    return Hit("pending") if c.content is not None else None


def _release(c: Case) -> Hit | None:
    named, inside = c.named("sql_release"), c.inside("sql_release")
    if not named or not inside or tidy_label(str(named.value)) == tidy_label(str(inside.value)):
        return None
    return _hit("release", named, inside)


def _update(c: Case) -> Hit | None:
    named, inside = c.named("product_update"), c.inside("product_update")
    return None if not named or not inside or named.value == inside.value else _hit("update", named, inside)


def _date(c: Case) -> Hit | None:
    """The day it was started or finished, or the day after: the wizard may pack a while later."""
    named = c.named("backup_date")
    day = _day(named)
    inside = [claim for fact in ("started_at", "finished_at", "backup_date") if (claim := c.inside(fact))]
    days = [found for claim in inside if (found := _day(claim))]
    if named is None or day is None or not days or any(day - found in _TOLERATED for found in days):
        return None
    return Hit("date", {"named": day.isoformat(), "inside": days[0].isoformat()}, (named, *inside))


_TOLERATED = (timedelta(0), timedelta(days=1))


def _administration(c: Case) -> Hit | None:
    named = c.named("administration_name")
    inside = c.inside("administration_name") or c.inside("company_name")
    if not named or not inside or _bare(named) == _bare(inside):
        return None
    return _hit("name", named, inside)


def _bare(name: Claim) -> str:
    """Letters and digits of a name, without the form of the company at its end: a file is seldom named with it."""
    return _FORM.sub("", plain(str(name.value)))


def _day(claim: Claim | None) -> date | None:
    try:
        return date.fromisoformat(str(claim.value)[:10]) if claim else None
    except ValueError:
        return None


def _hit(variant: str, named: Claim, inside: Claim) -> Hit:
    return Hit(variant, {"named": named.value, "inside": inside.value}, (named, inside))


CONSISTENCY = (
    # rule      work    back
    OfFile(601, SILENT, SILENT, name_contradicts, severity=Severity.WARNING),
    OfFile(602, SILENT, SILENT, only_the_name, severity=Severity.INFO),
    *INSIDE,
    OfFile(607, SILENT, SILENT, not_checked_yet),
)
