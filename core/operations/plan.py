"""From an order and the facts of this moment to numbered steps. Pure: the same facts give the same plan.

Reads like the rule book: what is refused (refusals.py), what one should know before consenting, what consent it
takes, and what would be done, kind by kind. The worker makes the plan again in its first step, on the facts of
that moment: the one that a front showed was only a forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from core.model import Answer, Consent, Held, Kind, Order, Plan, PlanStep, Reason
from core.operations.refusals import FIRST, ONE_WAY, Facts, Side, refusal, unread

__all__ = ["Facts", "Side", "makes_room", "plan", "upgrade"]

MOMENTS = {Kind.RESTORE: "restore", Kind.RETURN: "return"}
"""The kinds that need a verdict, and the moment for which it is given."""


def plan(order: Order, facts: Facts) -> Plan:
    """What the order would do, or why it is refused."""
    target = facts.target.name if facts.target and order.kind is not Kind.HAND_OVER else ""
    refused = refusal(order, facts)
    return Plan(
        order=order if refused else _named(order, facts),
        client=facts.client.code if facts.client else "",
        client_name=facts.client.name if facts.client else "",
        number=facts.number or "",
        administration=facts.administration,
        target=target,
        route="guided" if order.kind is Kind.HAND_OVER else facts.route,
        route_why=_why(order, facts),
        consent=_consent(order, facts),
        steps=tuple(replace(step, number=number) for number, step in enumerate(_STEPS[order.kind](facts), 1)),
        verdict=facts.verdict if order.kind in MOMENTS else None,
        refusal=refused,
        conditions=_conditions(order, facts),
        dry_run=facts.dry_run,
        instance=(facts.target.instance or target) if facts.target and target else facts.delivery,
    )


def _named(order: Order, facts: Facts) -> Order:
    """With what was left to us by its name: what one consents to is this, not what would be chosen by then."""
    match order.kind:
        case Kind.RESTORE if facts.target is not None:
            return replace(order, target=facts.target.name)
        case Kind.REVERSE:
            return replace(order, operation=facts.reverses)
    return order


def makes_room(facts: Facts) -> Held | None:
    """What stands under the number, went back already and yields to this delivery."""
    known = facts.neighbour or facts.held
    return known if facts.stands and known and known.returned_at else None


def upgrade(facts: Facts) -> tuple[int, int] | None:
    """We take its product update from this to that (rule 303). At a SQL Server Globe does, when it opens it."""
    if facts.native:
        return None
    theirs, ours = facts.client_update, facts.target.product_update if facts.target else None
    return (theirs, ours) if theirs is not None and ours is not None and theirs < ours else None


def _why(order: Order, facts: Facts) -> str:
    if order.kind is Kind.HAND_OVER:
        return "person"
    return "register" if facts.target is None else facts.route_why


def _consent(order: Order, facts: Facts) -> Consent:
    if order.kind is Kind.HAND_OVER:
        return Consent.NONE
    one_way = facts.verdict is not None and facts.verdict.back is Answer.NO
    knowingly = one_way or order.not_isolated or bool(unread(facts))
    typed = order.kind is Kind.RETURN or (order.kind is Kind.RESTORE and knowingly)
    return Consent.TYPED if typed else Consent.YES


def _conditions(order: Order, facts: Facts) -> tuple[Reason, ...]:
    """What speaks against it and may be consented to. A return asks no more whether one can work there."""
    if order.kind not in MOMENTS or facts.verdict is None:
        return ()

    def may_be_consented(reason: Reason) -> bool:
        work = reason.work is Answer.CONDITIONAL and order.kind is Kind.RESTORE and reason.rule not in FIRST
        return (
            work
            or reason in unread(facts)
            or reason.back is Answer.CONDITIONAL
            or (reason.back is Answer.NO and reason.override == ONE_WAY)
        )

    return tuple(each for each in facts.verdict.reasons if may_be_consented(each))


def _restore(f: Facts) -> Iterator[PlanStep]:
    if f.route == "guided":
        yield from _guided_restore(f)
        return
    place = _place(f)
    yield _step("check", effect=_seal(f.sha256), delivery=f.delivery)
    yield _step("room", need={} if f.need is None else {"room": f.need}, target=_target(f))
    if (old := makes_room(f)) is not None:
        yield _step("aside", undo="bring-back", effect=place, number=old.number, delivery=old.delivery)
    yield _step("unpack", undo="discard", delivery=f.delivery)
    yield _step("look", number=f.number or "?")
    yield _step("baseline")
    if (updates := upgrade(f)) is not None:
        theirs, ours = updates
        yield _step("upgrade", undo="discard", effect=f"bedryf.Batchlevel {theirs} -> {ours}", theirs=theirs, ours=ours)
    yield _step("swap", undo="discard", effect=f.swapped)
    yield _step("place", undo="take-back", effect=f"-> {place}", number=f.number or "?", target=_target(f))
    yield _step("custody", final=True)


def _correct(f: Facts) -> Iterator[PlanStep]:
    lines = f.dry_run.lines if f.dry_run else ()
    entries = len({each.entry for each in lines})
    yield _step("check", delivery=f.delivery)
    yield _step("before")
    rows = f"amutak +{entries} amutas +{len(lines)} gbkmut +{len(lines)}"
    yield _step("book", undo="unbook", effect=rows, entries=entries, lines=len(lines))
    yield _step("verify")
    yield _step("custody", final=True)


def _guided_restore(f: Facts) -> Iterator[PlanStep]:
    """Globe's wizard restores and swaps (rules.md, two routes): each step is proven, and nothing is written by us."""
    number, target, need = f.number or "?", _target(f), {} if f.need is None else {"room": f.need}
    yield _step("check", effect=_seal(f.sha256), delivery=f.delivery)
    yield _step("lay", undo="remove", need=need, file=f.laid, number=number, target=target)
    yield _step(
        "wizard", undo="by-hand", guided=True, file=f.laid, number=number, target=target, instance=_instance(f),
        company=f.administration or "?", colleagues=", ".join(f.colleagues),
    )  # fmt: skip
    yield _step("baseline")
    yield _step("clear", file=f.laid)
    yield _step("custody", final=True)


def _guided_return(f: Facts) -> Iterator[PlanStep]:
    """The same the other way: what the wizard makes is read before it leaves."""
    yield _step("check", effect=_seal(f.sha256), delivery=f.delivery)
    yield _step("sound")
    yield _step("lay", undo="remove", target=_target(f))
    yield _step("wizard", undo="remove", guided=True, number=f.number or "?", target=_target(f), instance=_instance(f))
    yield _step("witness", file=f.package)
    yield _step("outbox", undo="remove", file=f.package)
    yield _step("release", final=True, client=f.client.code if f.client else "?")
    yield _step("handover")


def _return(f: Facts) -> Iterator[PlanStep]:
    if f.route == "guided":
        yield from _guided_return(f)
        return
    yield _step("check", effect=_seal(f.sha256), delivery=f.delivery)
    yield _step("sound")
    yield _step("copy", undo="discard", need={} if f.need is None else {"room": f.need})
    yield _step("swap", undo="discard", effect=f.swapped)
    yield _step("pack", undo="remove", effect=f.package, file=f.package)
    yield _step("prove", file=f.package)
    yield _step("outbox", undo="remove", file=f.package)
    yield _step("release", final=True, client=f.client.code if f.client else "?")
    yield _step("handover")


def _hand_over(f: Facts) -> Iterator[PlanStep]:
    client = f.client.code if f.client else "?"
    yield _step("send", guided=True, file=f.package, client=client)
    yield _step("confirm", final=True, effect=_seal(f.sha256_package), file=f.package)


def _away(f: Facts) -> Iterator[PlanStep]:
    """Set aside and reopen: the delivery leaves its target, if it is at one."""
    yield _step("check", effect=_seal(f.sha256), delivery=f.delivery)
    if f.held is not None and f.stands is not None and f.route == "guided":
        yield _step("gone", guided=True, number=f.held.number, target=f.held.target)
    elif f.held is not None and f.stands is not None:
        yield _step("aside", undo="bring-back", effect=_place(f), number=f.held.number, target=f.held.target)
    yield _step("custody", final=True)


_STEPS: dict[Kind, Callable[[Facts], Iterator[PlanStep]]] = {
    Kind.RESTORE: _restore,
    Kind.CORRECT: _correct,
    Kind.REVERSE: _correct,
    Kind.RETURN: _return,
    Kind.HAND_OVER: _hand_over,
    Kind.SET_ASIDE: _away,
    Kind.REOPEN: _away,
}


def _step(
    name: str,
    *,
    undo: str = "",
    effect: str = "",
    need: dict[str, int] | None = None,
    guided: bool = False,
    final: bool = False,
    **params: str | int,
) -> PlanStep:
    return PlanStep(0, name, params, effect, dict(need or {}), undo, guided, final)


def _target(f: Facts) -> str:
    return f.target.name if f.target else "?"


def _instance(f: Facts) -> str:
    return (f.target.instance or "?") if f.target else "?"


def _place(f: Facts) -> str:
    return f"{_target(f)}/{f.number or '?'}"


def _seal(sha256: str | None) -> str:
    return f"SHA-256 {sha256[:4]}..{sha256[-2:]}" if sha256 else ""
