"""Why an order is refused before anything changes: pure objections in order, the first one that speaks counts.

An objection answers with a reason: a rule of the rule book (`rule.<number>`), or rule 0 and a variant
(`refused.<variant>`) where the matter is not one of back-ups but of the order itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.administration.engine import FOREIGN, Mark
from core.errors import Refused
from core.model import Answer, Client, DryRun, Held, Kind, Order, Reason, Severity, Target, Verdict
from core.texts import has, say

YES, CONDITIONAL, NO, UNKNOWN = Answer.YES, Answer.CONDITIONAL, Answer.NO, Answer.UNKNOWN
NOT_ISOLATED = 211
"""The rule about instances that hold more than administrations under exchange."""
ONE_WAY = "one-way"
"""The override of rule 203."""
FIRST = frozenset({104, 106, 210, 301})
"""Conditions that nobody can consent to: something has to happen first."""
UNREAD = frozenset({100, 108})
"""Rules that say only that nobody here can read it. Globe's wizard can: its route stays open, knowingly."""
LETTING_GO = frozenset({"gone", "client", "number"})
"""What may be wrong with the binding of a delivery that is set aside or starts over."""
DRIFTING = frozenset({201, 203, 204, 206, 207, 208, 301, 303, 305, 306, 308, 309})
"""Rules that compare the client with what a target is: they can change while an administration is with us."""


@dataclass(frozen=True, slots=True)
class Side:
    """What decides at a target whether the client can read what comes from there. None: not known."""

    release: str | None = None
    product_update: int | None = None
    service_pack: int | None = None
    edition: str | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything live that a plan rests on. Empty: there is no such thing."""

    delivery: str
    client: Client | None = None
    """That the delivery is bound to now."""
    number: str | None = None
    administration: str = ""
    sha256: str | None = None
    """Of the sealed original, as the register has it."""
    original: bool = True
    """It is in the vault."""
    life: str = ""
    """`with-us`, `returned`, `set-aside`, or nothing of these."""
    busy: str = ""
    """The operation that is in the way."""
    target: Target | None = None
    verdict: Verdict | None = None
    """Of that target, for this moment."""
    stands: Mark | None = None
    """Whose administration has the number at the target now, by its own mark."""
    by_wizard: bool = False
    """Globe's wizard brought in what stands there: nothing is renamed that we did not make."""
    neighbour: Held | None = None
    """What the register says is there of another delivery."""
    held: Held | None = None
    """Where this delivery's own administration is, by the register."""
    restored_by: str = ""
    """The operation that brought it in."""
    broken: str = ""
    """What does not fit between register, vault and administration: a word of binding.py."""
    noted: Side | None = None
    """The target at the restore."""
    now: Side | None = None
    """The target today."""
    client_update: int | None = None
    client_release: str | None = None
    inside: int | None = None
    """The product update that the administration itself has now."""
    firm: bool = True
    """The settings say who the firm is: its users and its licence."""
    route: str = "machine"
    """`machine`: we do it; `guided`: Globe's own wizard does, and we prove it (rules.md, two routes)."""
    route_why: str = "practice"
    """`route.<word>` of the catalogue."""
    closed: str = ""
    """Why no route is open: a word of route.py."""
    laid: str = ""
    """What the sealed original is called where the wizard finds it."""
    colleagues: tuple[str, ...] = ()
    """Who is to be let in for a while."""
    swapped: str = ""
    """Tables in which users, roles and licence stand at the target: what a swap of identities touches."""
    shared: str = ""
    """A login of the firm's, or of a colleague who is to come, that is the client's as well."""
    outbox: bool = True
    """There is a place for return back-ups."""
    package: str = ""
    """File name of the return back-up that would be made, or was released."""
    sha256_package: str = ""
    need: int | None = None
    """Bytes that the work takes at the target."""
    entries: tuple[Reason, ...] = ()
    """What is wrong with an entry set."""
    dry_run: DryRun | None = None
    reverses: str = ""
    """The correction that would be reversed."""

    @property
    def native(self) -> bool:
        """Is the target a SQL Server?"""
        return self.target is not None and self.target.engine != "embedded"


Objection = Callable[[Order, Facts], Reason | None]


def refusal(order: Order, facts: Facts) -> Reason | None:
    """Why nothing may be done; None: it may."""
    found = (objection(order, facts) for objection in OBJECTIONS[order.kind])
    return next((each for each in found if each is not None), None)


def sentence(reason: Reason, language: str) -> str:
    """A refusal, or what a rule says, for people."""
    if not reason.rule:
        return say(f"refused.{reason.variant}", language, **reason.params)
    key = f"rule.{reason.rule}.{reason.variant}"
    return say(key if has(key) else f"rule.{reason.rule}", language, **reason.params)


def refused(reason: Reason, language: str) -> Refused:
    """The error for a plan that is refused; a rule is named, so that `wissel why` can be asked about it."""
    text = sentence(reason, language)
    if reason.rule:
        text += f" ({say('word.rule', language, rule=reason.rule)})"
    return Refused("plan-refused", rule=reason.rule, text=text)


def no(variant: str, **params: str | int) -> Reason:
    """A refusal that is no rule of the rule book."""
    return Reason(0, Severity.BLOCK, NO, None, variant, params)


def _busy(_: Order, f: Facts) -> Reason | None:
    return no("busy", operation=f.busy) if f.busy else None


def _not_sealed(_: Order, f: Facts) -> Reason | None:
    if f.sha256 is None:
        return no("not-sealed", delivery=f.delivery)
    return None if f.original else no("original-gone", delivery=f.delivery)


def _begun(_: Order, f: Facts) -> Reason | None:
    """A delivery makes its journey once; reopened, it begins anew."""
    return no(f.life, delivery=f.delivery) if f.life else None


def _set_aside_before(_: Order, f: Facts) -> Reason | None:
    return no("set-aside", delivery=f.delivery) if f.life == "set-aside" else None


def _not_bound(_: Order, f: Facts) -> Reason | None:
    return Reason(501, Severity.WARNING, CONDITIONAL, UNKNOWN) if f.client is None else None


def _no_target(order: Order, f: Facts) -> Reason | None:
    if f.target is not None and f.verdict is not None:
        return None
    return no("no-target", delivery=f.delivery) if not order.target else no("target-gone", target=order.target)


def _work(_: Order, f: Facts) -> Reason | None:
    """Never where the rules say no, or where a fact is missing."""
    return _worst(f.verdict, "work", NO) or _missing(f, "work")


def _to_happen_first(_: Order, f: Facts) -> Reason | None:
    return next((each for each in _reasons(f.verdict) if each.rule in FIRST and each.work is CONDITIONAL), None)


def _one_way(order: Order, f: Facts) -> Reason | None:
    """Nothing can go back: only where the operator says so, and only by the rule that leaves the choice."""
    closed = [each for each in _reasons(f.verdict) if each.back is NO]
    hard = next((each for each in closed if each.override != ONE_WAY), None)
    return hard or (closed[0] if closed and not order.one_way else None)


def _way_back(_: Order, f: Facts) -> Reason | None:
    return _worst(f.verdict, "back", NO) or _missing(f, "back")


def _way_back_known(_: Order, f: Facts) -> Reason | None:
    return _missing(f, "back")


def unread(f: Facts) -> tuple[Reason, ...]:
    """What nobody knows of a package that only Globe's wizard reads: to be consented to. Elsewhere it is refused."""
    if f.route != "guided":
        return ()
    return tuple(each for each in _reasons(f.verdict) if each.rule in UNREAD and UNKNOWN in {each.work, each.back})


def _missing(f: Facts, which: str) -> Reason | None:
    """The fact that is missing, but for what only the wizard can read."""
    return _worst(f.verdict, which, UNKNOWN, but=unread(f))


def _not_isolated(order: Order, f: Facts) -> Reason | None:
    """A stranger's back-up is a stranger's program: it goes to an exchange instance, or knowingly elsewhere."""
    shared = next((each for each in _reasons(f.verdict) if each.rule == NOT_ISOLATED), None)
    return None if order.not_isolated else shared


def _no_route(_: Order, f: Facts) -> Reason | None:
    """Neither we nor, with us, Globe's wizard can do it there."""
    if f.target is None or not f.closed:
        return None
    return no(f"route-{f.closed}", target=f.target.name)


def _by_hand(_: Order, f: Facts) -> Reason | None:
    """What Globe's wizard brought in carries nothing of ours, and gets nothing of ours."""
    if f.target is None or f.route != "guided":
        return None
    return no("guided-correct", target=f.target.name, delivery=f.delivery)


def _guided_room(_: Order, f: Facts) -> Reason | None:
    """Globe's wizard takes a free number only, and what it brought in makes room for nobody: a person does that."""
    if f.stands is None or f.target is None or not (f.route == "guided" or f.by_wizard):
        return None
    return no("guided-number", number=f.number or "?", target=f.target.name)


def _number_taken(_: Order, f: Facts) -> Reason | None:
    """Only what went back already, and is the same client's, makes room."""
    if f.stands is None or f.target is None:
        return None
    place = {"number": f.number or "?", "target": f.target.name}
    if f.stands == FOREIGN:
        return no("number-foreign", **place)
    if f.client is None or f.stands.client != f.client.code:
        other = place | {"delivery": f.stands.delivery, "client": f.stands.client}
        return Reason(505, Severity.BLOCK, NO, NO, "", other)
    known = f.neighbour or f.held
    if known is None or known.delivery != f.stands.delivery or f.stands.number != f.number:
        return no("number-unknown", delivery=f.stands.delivery, **place)
    if known.returned_at is None:
        return Reason(504, Severity.WARNING, CONDITIONAL, None, "", place | {"delivery": f.stands.delivery})
    return None


def _target_gone(_: Order, f: Facts) -> Reason | None:
    """It is at a target that nobody can look at any more: nobody knows what stands there, so nothing is done to it."""
    if f.held is not None and f.target is None:
        return no("target-gone", target=f.held.target)
    return None if f.held is None else _no_route(_, f)


def _no_firm(_: Order, f: Facts) -> Reason | None:
    return None if f.firm else no("firm")


def _shared_login(_: Order, f: Facts) -> Reason | None:
    return no("shared-login", login=f.shared) if f.shared else None


def _not_with_us(_: Order, f: Facts) -> Reason | None:
    if f.life != "with-us" or f.held is None or f.held.returned_at is not None:
        return no("not-with-us", delivery=f.delivery)
    return None


def _binding(_: Order, f: Facts) -> Reason | None:
    """Register, vault and administration tell of the same delivery, client, number and original."""
    return no(f"binding-{f.broken}", delivery=f.delivery) if f.broken else None


def _not_ours(order: Order, f: Facts) -> Reason | None:
    """To let go of what is there it need not fit in every way: it has to be this delivery's, or gone."""
    return None if f.broken in LETTING_GO else _binding(order, f)


def _entries(_: Order, f: Facts) -> Reason | None:
    return next(iter(f.entries), None)


def _nothing_to_reverse(_: Order, f: Facts) -> Reason | None:
    return None if f.reverses else no("nothing-to-reverse", delivery=f.delivery)


def _drift(_: Order, f: Facts) -> Reason | None:
    """The target is not what it was at the restore: the rule that applies now refuses, whatever one consents to."""
    if f.noted is None:
        return no("not-noted", delivery=f.delivery)
    if f.noted == f.now:
        return None
    against = [each for each in _reasons(f.verdict) if each.rule in DRIFTING and {each.work, each.back} - {None, YES}]
    return max(against, key=_weight, default=None)


def _no_outbox(_: Order, f: Facts) -> Reason | None:
    return None if f.outbox else no("no-outbox")


def _no_package_name(_: Order, f: Facts) -> Reason | None:
    return None if f.package else no("no-name", delivery=f.delivery)


def _nothing_released(_: Order, f: Facts) -> Reason | None:
    return None if f.package else no("nothing-released", delivery=f.delivery)


def _reasons(verdict: Verdict | None) -> tuple[Reason, ...]:
    return verdict.reasons if verdict else ()


def _worst(verdict: Verdict | None, which: str, answer: Answer, but: tuple[Reason, ...] = ()) -> Reason | None:
    """The loudest reason for this answer, where it is the verdict's."""
    if verdict is None or getattr(verdict, which) is not answer:
        return None
    found = (each for each in verdict.reasons if getattr(each, which) is answer and each not in but)
    return max(found, key=_weight, default=None)


def _weight(reason: Reason) -> tuple[int, int, int]:
    back = reason.back.badness if reason.back else 0
    work = reason.work.badness if reason.work else 0
    return max(back, work), back + work, -reason.rule


_HERE: tuple[Objection, ...] = (_busy, _not_with_us, _target_gone, _binding)

OBJECTIONS: dict[Kind, tuple[Objection, ...]] = {
    Kind.RESTORE: (
        _busy, _not_sealed, _begun, _not_bound, _no_target, _work, _to_happen_first, _one_way, _way_back_known,
        _not_isolated, _no_route, _number_taken, _guided_room, _no_firm, _shared_login,
    ),
    Kind.CORRECT: (*_HERE, _by_hand, _entries),
    Kind.REVERSE: (*_HERE, _by_hand, _nothing_to_reverse, _entries),
    Kind.RETURN: (*_HERE, _not_sealed, _no_target, _drift, _way_back, _no_outbox, _no_package_name),
    Kind.HAND_OVER: (_nothing_released,),
    Kind.SET_ASIDE: (_busy, _set_aside_before, _target_gone, _not_ours),
    Kind.REOPEN: (_busy, _not_sealed, _target_gone, _not_ours),
}  # fmt: skip
