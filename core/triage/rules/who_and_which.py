"""5xx: who and which. The register's side of the matter: whose it is, and what became of its relatives."""

from __future__ import annotations

import unicodedata

from core.model import Client, Holding, Related
from core.triage.evidence import padded
from core.triage.rules.book import BOTH_UNKNOWN, CONDITIONAL, NO, SILENT, UNKNOWN, AtTarget, Found, Hit, OfFile
from core.triage.rules.case import Case, Site


def not_bound(c: Case) -> Found:
    """Whose is it?"""
    return Hit() if c.client is None else None


def not_this_client(c: Case) -> Found:
    """What the bytes say of the owner against the register; once an operator bound it by name, only a note."""
    if c.client is None:
        return None
    settled = (SILENT, SILENT) if c.circumstances.bound_by_hand else None
    found = []
    for fact, registered in _registered(c, c.client).items():
        claim = None if c.online and fact == "administration_number" else c.inside(fact)
        if claim and registered and not any(alike(str(claim.value), each, fact) for each in registered):
            params = {"inside": str(claim.value), "registered": ", ".join(registered), "client": c.client.code}
            found.append(Hit(fact, params, (claim,), settled))
    return tuple(found)


def number_not_known(c: Case) -> Found:
    """A database named `150` claims it; an administration of Exact Online has none."""
    return Hit() if c.number is None and not c.online else None


def number_in_use_by_client(c: Case, t: Site) -> Found:
    """Set aside or return that one first. What went back already is set aside by the restore itself."""
    held = _held(c, t)
    if held is None or held.returned or c.client is None or held.client != c.client.code:
        return None
    params = {"number": held.number, "target": held.target, "delivery": held.delivery}
    return Hit("", params, c.claims("administration_number"))


def number_in_use_by_other(c: Case, t: Site) -> Found:
    """A restore would overwrite somebody else. Not bound: it may be the same client's."""
    held = _held(c, t)
    if held is None or (c.client is not None and held.client == c.client.code):
        return None
    params = {"number": held.number, "target": held.target, "delivery": held.delivery, "client": held.client}
    evidence = c.claims("administration_number")
    return Hit("", params, evidence) if c.client else Hit("unbound", params, evidence, BOTH_UNKNOWN)


def same_bytes(c: Case) -> Found:
    """It came before."""
    return _related(c.circumstances.same_bytes)


def older_than_ours(c: Case) -> Found:
    """We returned, or received, a later copy."""
    return _related(c.circumstances.later)


def out_with_us(c: Case) -> Found:
    """What the client books meanwhile is lost at return. Another number of the same client is another matter."""
    out = c.circumstances.out
    if out is None or _own(c, out) or (c.number is not None and padded(out.number) != c.number):
        return None
    return Hit("", {"number": out.number, "target": out.target, "delivery": out.delivery})


def not_swapped_in(c: Case) -> Found:
    """At return: without the swap on the way in there is no client's identity to put back."""
    if c.circumstances.moment != "return" or c.circumstances.swapped_in is True:
        return None
    return Hit() if c.circumstances.swapped_in is False else Hit("unknown", {}, (), (SILENT, UNKNOWN))


def alike(inside: str, registered: str, fact: str) -> bool:
    """Numbers and codes: equal. Names: equal in letters and digits, or one within the other (`... B.V.`)."""
    first, second = plain(inside), plain(registered)
    if fact not in {"company_name", "administration_name"}:
        return first == second
    return bool(first and second) and (first in second or second in first)


def plain(text: str) -> str:
    """Letters and digits only, without case and accents."""
    spread = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in spread if each.isalnum())


def _registered(c: Case, client: Client) -> dict[str, tuple[str, ...]]:
    """What the register expects of each fact; empty: it says nothing. A name belongs to its number."""
    numbers = tuple(padded(each.number) or each.number for each in client.administrations)
    by_number = tuple(each.name for each in client.administrations if each.name and padded(each.number) == c.number)
    every = tuple(each.name for each in client.administrations if each.name)
    names = by_number or tuple(dict.fromkeys(name for name in (client.name, *every) if name))
    return {
        "administration_number": numbers,
        "administration_name": names,
        "company_name": names,
        "company_number": (client.company_number,) if client.company_number else (),
        "licence": (client.licence,) if client.licence else (),
        "client": (client.code,),
    }


def _own(c: Case, held: Holding) -> bool:
    return c.circumstances.delivery is not None and held.delivery == c.circumstances.delivery


def _held(c: Case, t: Site) -> Holding | None:
    """What has this number at this target now, this delivery itself left out."""
    if c.number is None:
        return None
    for held in c.circumstances.holdings:
        if held.target == t.target.name and padded(held.number) == c.number and not _own(c, held):
            return held
    return None


def _related(related: tuple[Related, ...]) -> Found:
    if not related:
        return None
    last = max(related, key=lambda each: (len(each.delivery), each.delivery))  # D-9999 before D-10000
    return Hit("", {"delivery": last.delivery, "state": last.state, "count": len(related)})


WHO_AND_WHICH = (
    # rule         work         back
    OfFile(501, CONDITIONAL, UNKNOWN, not_bound),
    OfFile(502, NO, NO, not_this_client, override="bind"),
    OfFile(503, UNKNOWN, UNKNOWN, number_not_known),
    AtTarget(504, CONDITIONAL, SILENT, number_in_use_by_client),
    AtTarget(505, NO, NO, number_in_use_by_other),
    OfFile(506, CONDITIONAL, SILENT, same_bytes),
    OfFile(507, CONDITIONAL, CONDITIONAL, older_than_ours),
    OfFile(508, CONDITIONAL, CONDITIONAL, out_with_us),
    OfFile(509, SILENT, NO, not_swapped_in),
)
