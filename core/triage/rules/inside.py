"""603 to 606: what the rows inside say. Where they have not been read, or are not there, that is the note.

The evidence is that of a look after sealing (`core.triage.inside`). Each rule says itself what it could not check:
nothing is concluded from a table that is absent, damaged, or was not reached in time.
"""

from __future__ import annotations

from core.model import Claim, Severity
from core.triage.inside import LOOKED, Look
from core.triage.rules.book import CONDITIONAL, SILENT, Answers, Found, Hit, OfFile, Params
from core.triage.rules.case import Case

_NOTE: Answers = (SILENT, SILENT)
_SHOWN = 5
"""Logins named in the sentence."""
_UNSETTLED = frozenset({None, Look.LEFT.value})

CHECKS = (
    # sentence, fact that counts, fact that holds examples
    ("entries", "unbalanced_entries", "unbalanced_entry"),
    ("accounts", "unknown_account_lines", "unknown_account"),
    ("blocked", "blocked_account_lines", "blocked_account"),
    ("journals", "unknown_journal_lines", "unknown_journal"),
    ("periods", "unknown_period_lines", "unknown_period"),
    ("cost-centres", "unknown_cost_centre_lines", "unknown_cost_centre"),
    ("cost-units", "unknown_cost_unit_lines", "unknown_cost_unit"),
    ("suspense", "open_suspense", "open_suspense_account"),
    ("control", "control_unmatched", "control_entry"),
)
"""What of a ledger is warned of; where its count is not known, it was not checked."""


def live_integrations(c: Case) -> Found:
    """A restored copy could talk to the client's live systems."""
    count = c.whole("integrations")
    if count is None:
        return _not_checked(c)
    if not count:
        return None
    return Hit("", {"count": count, "example": _example(c, "integration")}, c.claims("integrations", "integration"))


def ledger_in_order(c: Case) -> Found:
    """What came with the delivery, so that nobody takes it for ours afterwards."""
    damaged = c.known.get("damaged_table", ())
    found: list[Hit] = [_warning("damaged", {"tables": _named(damaged)}, damaged[:_SHOWN])] if damaged else []
    balance = c.text("trial_balance")
    if balance is None:
        return tuple(found) or _not_checked(c)
    if balance.strip("-0.,"):
        found.append(_warning("balance", {"amount": balance}, c.claims("trial_balance", "ledger_lines")))
    unknown = []
    for variant, fact, example in CHECKS:
        count = c.whole(fact)
        if count is None:
            unknown.append(variant)
        elif count:
            params: Params = {"count": count, "example": _example(c, example)}
            found.append(_warning(variant, params, c.claims(fact, example)))
    if unknown:
        found.append(Hit("unknown", {"checks": ", ".join(unknown)}, c.claims(LOOKED, "too_large"), _NOTE))
    return tuple(found)


def firm_inside(c: Case) -> Found:
    """The firm's own licence or users, active in what a client sends: the last hand-over went wrong."""
    firm, logins = c.circumstances.firm, _logins(c)
    if logins is None:
        return _not_checked(c)
    if not firm.users and not firm.licence:
        return Hit("firm", {}, (), _NOTE)
    found: list[Hit] = []
    theirs = {_bare(each) for each in (c.client.logins if c.client else ())}
    ours = [each for each in logins if _is_one_of(str(each.value), firm.users, but=theirs)]
    if ours:
        found.append(Hit("users", {"logins": _named(ours), "count": len(ours)}, tuple(ours[:_SHOWN])))
    licence = [each for each in c.known.get("licence", ()) if firm.licence and _same(str(each.value), firm.licence)]
    if licence:
        found.append(Hit("licence", {"licence": str(licence[0].value)}, (licence[0],)))
    return tuple(found)


def client_inside(c: Case) -> Found:
    """Without its own active user, or its licence, the client cannot open what we send back."""
    logins = _logins(c)
    if logins is None:
        return _not_checked(c)
    if c.client is None:
        return Hit("client", {}, (), _NOTE)
    found: list[Hit] = []
    if not c.client.logins:
        found.append(Hit("logins", {"client": c.client.code}, (), _NOTE))
    elif not any(_is_one_of(str(each.value), c.client.logins) for each in logins) and not c.flag("logins_cut"):
        params: Params = {"registered": ", ".join(c.client.logins[:_SHOWN]), "inside": _named(logins) or "-"}
        found.append(Hit("user", params, (*c.claims("users_active"), *logins[:_SHOWN])))
    active, traces = c.known.get("licence", ()), c.known.get("licence_trace", ())
    numbers, licence = (*active, *traces), c.client.licence
    if licence and numbers and not any(_same(str(each.value), licence) for each in numbers):
        params = {"registered": licence, "inside": _named(numbers)}
        found.append(Hit("licence" if active else "trace", params, numbers[:_SHOWN]))
    return tuple(found)


def _not_checked(c: Case) -> Hit | None:
    """Not looked into yet; looked, but what would tell is not there; or it could not be read."""
    if c.content is None:
        return None
    look = c.text(LOOKED)
    if look in _UNSETTLED:
        return Hit("pending", {}, (), _NOTE)
    evidence = c.claims(LOOKED, "look_problem", "too_large")
    return Hit("absent" if look == Look.WHOLE else "unread", {}, evidence, _NOTE)


def _logins(c: Case) -> tuple[Claim, ...] | None:
    """Active logins inside; None: not known."""
    return None if c.whole("users_active") is None else c.known.get("login", ())


def _warning(variant: str, params: Params, evidence: tuple[Claim, ...]) -> Hit:
    return Hit(variant, params, evidence, severity=Severity.WARNING)


def _example(c: Case, fact: str) -> str:
    return str(c.known[fact][0].value) if fact in c.known else "-"


def _named(claims: tuple[Claim, ...] | list[Claim]) -> str:
    return ", ".join(str(each.value) for each in claims[:_SHOWN]) + (" ..." if len(claims) > _SHOWN else "")


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _bare(login: str) -> str:
    return login.rpartition("\\")[2].strip().casefold()


def _is_one_of(inside: str, logins: tuple[str, ...], but: frozenset[str] | set[str] = frozenset()) -> bool:
    """Is it one of these? One without a domain is compared by its name alone, unless that name is in `but`."""
    if any(_same(inside, each) for each in logins):
        return True
    return "\\" not in inside and _bare(inside) not in but and _bare(inside) in {_bare(each) for each in logins}


INSIDE = (
    # rule      work         back
    OfFile(603, CONDITIONAL, SILENT, live_integrations),
    OfFile(604, SILENT, SILENT, ledger_in_order),
    OfFile(605, SILENT, CONDITIONAL, firm_inside),
    OfFile(606, SILENT, CONDITIONAL, client_inside),
)
