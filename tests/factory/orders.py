"""Orders and plans for register tests."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from factory.records import evidence, moment, verdict

from core.model import (
    Client,
    Consent,
    DryRun,
    EntryLine,
    Kind,
    Order,
    Plan,
    PlanStep,
    Reason,
    Severity,
    TrialLine,
)
from core.register.register import Register

STEPS = (
    PlanStep(1, "check", {"sha256": "3f9c"}),
    PlanStep(2, "unpack", effect="-> oefen16/120", need={"bytes": 90}, undo="discard", statements=("copy a", "copy b")),
    PlanStep(3, "custody", final=True),
)
GUIDED = (
    PlanStep(1, "send", guided=True),
    PlanStep(2, "confirm", final=True),
)


def planned(
    delivery: str,
    kind: Kind = Kind.RESTORE,
    *,
    target: str = "oefen16",
    number: str = "120",
    client: str = "KLM-044",
    steps: tuple[PlanStep, ...] = STEPS,
) -> Plan:
    return Plan(
        order=Order(kind, delivery, target=target),
        client=client,
        client_name="Klomp",
        number=number,
        administration="Klomp Metaal",
        target=target,
        route="machine",
        route_why="practice",
        consent=Consent.YES,
        steps=steps,
        instance=target,
    )


def full_plan(delivery: str) -> Plan:
    """One that has everything that a plan can have."""
    order = Order(Kind.CORRECT, delivery, "t", ("DOM\\b",), "[[entry]]\x00\udcff", "memo.toml", "O-0001", one_way=True)
    amount = Decimal("-0.10")
    entry = EntryLine(
        "26900001", " 90", 2026, 3, "2026-03-02", "  4000", "Kosten \u202e", "é漢", amount, "  1", "k"
    )  # fmt: skip
    return replace(
        planned(delivery, Kind.CORRECT, steps=(*STEPS[:2], replace(GUIDED[0], number=3))),
        order=order,
        verdict=verdict("t", verdict().work, verdict().back, 303),
        refusal=Reason(0, Severity.BLOCK, variant="entry-unbalanced", params={"entry": 1, "cents": "0.01"}),
        conditions=(Reason(308, Severity.WARNING),),
        dry_run=DryRun((entry,), (TrialLine("  4000", "Kosten", Decimal("1E+3"), amount),), Decimal(0), amount),
    )


def sealed(register: Register, *, client: str = "KLM-044", name: str = "a", number: str = "120") -> str:
    """A sealed delivery of a client that is noted."""
    register.save_client(Client(client, f"Firm {client}"))
    delivery = register.arrive("/in", name, name, 1, moment(), client=client)
    read = evidence(administration_number=number)
    register.seal(delivery, name.encode().hex().rjust(64, "0"), delivery, moment(), read)
    return delivery
