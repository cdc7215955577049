"""Builders for evidence, targets and circumstances: an everyday delivery that is a clean yes, and how it differs."""

from __future__ import annotations

from dataclasses import replace

from core.model import (
    Administration,
    Circumstances,
    Claim,
    Client,
    Evidence,
    FactValue,
    Finding,
    Source,
    Target,
)  # fmt: skip
from core.triage.releases import load_tables

TABLES = load_tables()

CLIENT = Client("KLM-044", "Klomp Metaal B.V.", administrations=(Administration("120", "Klomp Metaal"),))
BOUND = Circumstances(delivery="D-0001", client=CLIENT)
SQL16 = Target("sql16", family="next", product_update=421, sql_release="2016", edition="standard", isolated=True)
EMBEDDED = replace(SQL16, name="practice", engine="embedded", practice=True)

_SOURCES = {
    "content": Source.CONTAINER, "wrapped": Source.CONTAINER, "packing": Source.CONTAINER, "size": Source.CONTAINER,
    "product_update": Source.NAME, "administration_name": Source.NAME, "by_convention": Source.NAME,
    "backup_date": Source.NAME,
}  # fmt: skip
_EVERYDAY: dict[str, FactValue] = {
    "content": "tape",
    "wrapped": True,
    "size": 50_000_000,
    "internal_version": 852,
    "backup_type": "full",
    "started_at": "2026-11-19T17:32:05",
    "data_bytes": 300_000_000,
    "log_bytes": 40_000_000,
    "administration_number": "120",
    "product_update": 421,
    "by_convention": True,
}


def claim(fact: str, value: FactValue, source: Source | None = None, *, inferred: bool = False) -> Claim:
    """A claim by the source that usually makes it."""
    return Claim(fact, value, source or _SOURCES.get(fact, Source.HEADER), inferred)


def evidence(
    *more: Claim, kind: str = "cabinet", findings: tuple[Finding, ...] = (), without: str = "", **facts: FactValue
) -> Evidence:
    """A full back-up in a cabinet, SQL 2016, update 421, administration 120; `facts` differ, `without` are gone."""
    known = {fact: value for fact, value in {**_EVERYDAY, **facts}.items() if fact not in without.split()}
    claims = tuple(claim(fact, value) for fact, value in known.items())
    stranger = kind not in {"cabinet", "tape", "compressed", "data-file", "zip", "practice", "unknown"}
    return Evidence(kind, (*claims, *more), findings, stranger, complete=True)
