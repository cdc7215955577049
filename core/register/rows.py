"""Between the deliveries' columns and the model's values: reading a row, and what a judgement puts into it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.errors import NotFound
from core.model import Answer, Claim, DeliveryRow, Evidence, OperationRow, Reason, Source, StateWord, Verdict
from core.register import codec
from core.register.ids import number_of, public_id
from core.register.operation_rows import Values, is_at_work, open_by_delivery
from core.register.schema import deliveries, holdings, papers, told
from core.texts.shown import shown

LISTED = tuple(
    deliveries.c[name]
    for name in (
        "number", "file_shown", "word", "size", "arrived_at", "client", "administration_number",
        "administration_name", "product_update", "product_update_source", "sql_release", "best_target",
        "work", "back", "rule", "more", "life",
    )
)  # fmt: skip
"""The columns of one line of the list."""
SHOWN = sa.case((deliveries.c.life != "", deliveries.c.life), else_=deliveries.c.word)
"""What became of a delivery: what was done with it, else what was judged."""
HELD_AT = (
    sa.select(holdings.c.target)
    .where(holdings.c.delivery == deliveries.c.number)
    .order_by(holdings.c.returned_at.is_not(None), holdings.c.target)
    .limit(1)
    .correlate(deliveries)
    .scalar_subquery()
    .label("held_at")
)
"""Where it stands; where it is with us, if it stands at two."""


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """Everything that is stored of one delivery."""

    row: DeliveryRow
    inbox: str
    file_name: str
    """As the file system has it, undecodable bytes as surrogates: for opening, not for showing."""
    identity: str
    stage: str
    """`arriving`, `reading`, `unreadable`, `sealed` or `gone`."""
    sealed_at: datetime | None
    bound_how: str | None
    """`operator`, `inbox` or another word of the caller."""
    bound_by: str | None
    bound_at: datetime | None
    sha256: str | None
    vault: str | None
    """Where the sealed original is: the vault's own name for it."""
    evidence: Evidence
    """From the bytes and the name; what operators told is apart."""
    told: tuple[Claim, ...]
    members: tuple[tuple[str, int], ...]
    verdicts: tuple[Verdict, ...]
    advice: Reason | None
    fingerprint: str
    """Of the rules and targets it was judged with; empty: to be judged again."""
    opened: int
    """How often it was reopened."""
    life: str = ""
    """What was done with it: `with-us`, `returned`, `set-aside`; empty: its verdict speaks."""


def list_row(row: Mapping[Any, Any], operation: OperationRow | None) -> DeliveryRow:
    """One line of the list from its columns, and the operation that is open on it."""
    source, work, back = row["product_update_source"], row["work"], row["back"]
    return DeliveryRow(
        id=public_id(row["number"]),
        file=row["file_shown"],
        state=StateWord.RUNNING if is_at_work(operation) else StateWord(row["life"] or row["word"]),
        size=row["size"],
        arrived_at=row["arrived_at"],
        client=row["client"],
        administration_number=row["administration_number"],
        administration_name=row["administration_name"],
        product_update=row["product_update"],
        product_update_source=Source(source) if source else None,
        sql_release=row["sql_release"],
        best_target=row["best_target"],
        work=Answer(work) if work else None,
        back=Answer(back) if back else None,
        rule=row["rule"],
        more=row["more"],
        operation=operation,
        held_at=row["held_at"],
    )


def stored(connection: sa.Connection, delivery: str) -> Values:
    """All columns of one delivery. Raises NotFound."""
    query = sa.select(deliveries, HELD_AT).where(deliveries.c.number == number_of(delivery))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("delivery", id=shown(delivery))
    return dict(row)


def record(connection: sa.Connection, delivery: str) -> DeliveryRecord:
    """Everything stored of one delivery. Raises NotFound."""
    row = stored(connection, delivery)
    evidence, members, verdicts, advice = papers_of(connection, row["number"])
    return DeliveryRecord(
        row=list_row(row, open_by_delivery(connection, row["number"]).get(row["number"])),
        inbox=row["inbox"],
        file_name=os.fsdecode(bytes(row["file_name"])),
        identity=row["identity"],
        stage=row["stage"],
        sealed_at=row["sealed_at"],
        bound_how=row["bound_how"],
        bound_by=row["bound_by"],
        bound_at=row["bound_at"],
        sha256=row["sha256"],
        vault=row["vault"],
        evidence=evidence,
        told=told_claims(connection, row["number"]),
        members=members,
        verdicts=verdicts,
        advice=advice,
        fingerprint=row["fingerprint"],
        opened=row["opened"],
        life=row["life"],
    )


def papers_of(
    connection: sa.Connection, number: int
) -> tuple[Evidence, tuple[tuple[str, int], ...], tuple[Verdict, ...], Reason | None]:
    """Evidence, members, verdicts and advice of one delivery; empty before anything was read."""
    row = connection.execute(sa.select(papers).where(papers.c.delivery == number)).first()
    if row is None:
        return Evidence("unknown"), (), (), None
    verdicts, advice = codec.load_verdicts(row.verdicts)
    return codec.load_evidence(row.evidence), codec.load_members(row.members), verdicts, advice


def verdicts_of(connection: sa.Connection, wanted: Iterable[str]) -> dict[str, tuple[Verdict, ...]]:
    """Stored verdicts by delivery; one that was never judged is left out."""
    numbers = [number_of(delivery) for delivery in wanted]
    query = sa.select(papers.c.delivery, papers.c.verdicts).where(papers.c.delivery.in_(numbers))
    return {public_id(row.delivery): codec.load_verdicts(row.verdicts)[0] for row in connection.execute(query)}


def told_claims(connection: sa.Connection, number: int) -> tuple[Claim, ...]:
    """What operators told of one delivery, oldest first."""
    rows = connection.execute(sa.select(told).where(told.c.delivery == number).order_by(told.c.id))
    return tuple(Claim(row.fact, codec.load_value(row.value), Source.OPERATOR, by=row.who, at=row.at) for row in rows)


def read_columns(evidence: Evidence, told_too: Iterable[Claim]) -> Values:
    """What the list and the circumstances need of the evidence, told facts included."""
    whole = Evidence(evidence.kind, (*evidence.claims, *told_too))
    update = whole.claim("product_update")
    moment = whole.value("started_at") or whole.value("finished_at") or whole.value("backup_date")
    return {
        "kind": evidence.kind,
        "complete": evidence.complete,
        "damaged": any(finding.proves_damage for finding in evidence.findings),
        "administration_number": _text(whole, "administration_number"),
        "administration_name": _text(whole, "administration_name"),
        "product_update": update.value if update and isinstance(update.value, int) else None,
        "product_update_source": update.source.value if update and isinstance(update.value, int) else None,
        "sql_release": _text(whole, "sql_release"),
        "media_guid": _text(whole, "media_guid"),
        "set_guid": _text(whole, "set_guid"),
        "base_guid": _text(whole, "base_guid"),
        "family_ordinal": next(iter(sorted(ordinals(evidence))), None),
        "backup_at": str(moment) if moment else None,
    }


def ordinals(evidence: Evidence) -> frozenset[int]:
    """Which stripes of its medium a file holds: its own, and for a package those that it holds together."""
    own = str(evidence.value("stripe") or "").partition("/")[0]
    inside = str(evidence.value("stripes_inside") or "").split()
    return frozenset(int(each) for each in (own, *inside) if each.isdecimal())


def judged_columns(verdicts: tuple[Verdict, ...], best: str | None, word: StateWord, fingerprint: str) -> Values:
    """What the list shows of a judgement: the best target; without one, the answers that come nearest.

    Of equally bad ones that with the most to say: where the matter did not end at once.
    """
    verdict = next((each for each in verdicts if each.target == best), None)
    spoken = verdict or min(
        verdicts, key=lambda each: (each.back.badness, each.work.badness, -len(each.reasons)), default=None
    )
    deciding = spoken.deciding if spoken else None
    against = [reason for reason in (spoken.reasons if spoken else ()) if _speaks_against(reason)]
    return {
        "word": word.value,
        "fingerprint": fingerprint,
        "best_target": verdict.target if verdict else None,
        "work": spoken.work.value if spoken else None,
        "back": spoken.back.value if spoken else None,
        "rule": deciding.rule if deciding else None,
        "more": len([reason for reason in against if reason is not deciding]),
        "rules": " " + "".join(f"{rule} " for rule in sorted({each.rule for each in spoken.reasons} if spoken else ())),
    }


def search_text(row: Values) -> str:
    """What a plain word of the filter is looked for in: folded, so that LIKE needs no case."""
    parts = (
        public_id(row["number"]), row["file_shown"], row["client"], row["administration_number"],
        row["administration_name"], row["product_update"], row["sql_release"], row["best_target"], row["kind"],
    )  # fmt: skip
    return "\n".join(str(part) for part in parts if part not in {None, ""}).casefold()


def _speaks_against(reason: Reason) -> bool:
    return any(answer is not None and answer is not Answer.YES for answer in (reason.work, reason.back))


def _text(evidence: Evidence, fact: str) -> str | None:
    value = evidence.value(fact)
    return None if value is None else shown(str(value))
