"""The life of a delivery in the register: each step one transaction, harmless when done again."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.errors import NotFound, Refused
from core.model import Claim, Evidence, Reason, Source, StateWord, Verdict
from core.register import codec
from core.register.engine import Writing
from core.register.ids import public_id
from core.register.operation_rows import Values
from core.register.rows import (
    judged_columns,
    read_columns,
    search_text,
    stored,
    told_claims,
)
from core.register.schema import OPEN_STAGES, clients, custody, deliveries, papers, told
from core.texts.shown import shown

KIN = ("media_guid", "set_guid", "family_ordinal", "damaged")
"""What makes a delivery the full or the stripe that another one waits for."""
JUDGED = ("word", "best_target", "work", "back", "rule")
"""What makes a judgement another one: only then it gets a line in the custody log."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of one delivery, ready to be stored."""

    verdicts: tuple[Verdict, ...]
    best: str | None
    word: StateWord
    fingerprint: str = ""
    """Of the rules and targets; empty: judge again when there is time."""
    advice: Reason | None = None
    seen: str | None = None
    """The delivery's fingerprint when the judge looked. Another one by now: its mark to judge again stays."""


def known_arrival(
    connection: sa.Connection, inbox: str, file_name: str, identity: str, size: int
) -> tuple[str, bool] | None:
    """The delivery that this file already is, and whether it stands unchanged in the register.

    An open arrival of that name, or a sealed one with the same identity and size: a file that was kept, or
    that a crash left in the inbox.
    """
    query = (
        sa.select(deliveries.c.number, deliveries.c.stage, deliveries.c.identity, deliveries.c.size)
        .where(deliveries.c.inbox == inbox, deliveries.c.file_name == os.fsencode(file_name))
        .order_by(deliveries.c.number.desc())
    )
    for row in connection.execute(query):
        same = (row.identity, row.size) == (identity, size)
        if row.stage in OPEN_STAGES or (row.stage == "sealed" and same):
            return public_id(row.number), same
    return None


def arrive(
    work: Writing, inbox: str, file_name: str, *, identity: str, size: int, at: datetime, client: str | None
) -> str:
    """Note a file that lies in an inbox, or that it grew. Returns the delivery's id."""
    known = known_arrival(work.connection, inbox, file_name, identity, size)
    if known is not None:
        if not known[1]:
            update(work, stored(work.connection, known[0]), {"identity": identity, "size": size})
        return known[0]
    code = client if client and client_exists(work.connection, client) else None
    values: Values = {
        "inbox": inbox, "file_name": os.fsencode(file_name), "file_shown": shown(file_name), "identity": identity,
        "stage": "arriving", "size": size, "arrived_at": at, "client": code, "opened": 0, "search": "",
        **read_columns(Evidence("unknown"), ()), **judged_columns((), None, StateWord.ARRIVING, ""),
    }  # fmt: skip
    if code:
        values |= {"bound_how": "inbox", "bound_by": work.who, "bound_at": at}
    number = work.execute(sa.insert(deliveries).values(values).returning(deliveries.c.number)).scalar_one()
    work.execute(
        sa.update(deliveries)
        .where(deliveries.c.number == number)
        .values(search=search_text(values | {"number": number}))
    )
    delivery = public_id(number)
    detail = {"file": values["file_shown"], "size": size, "inbox": shown(inbox)}
    work.record("arrived", at, delivery=delivery, client=code, detail=detail)
    if code:
        work.record("bound", at, delivery=delivery, client=code, detail={"how": "inbox", "before": ""})
    return delivery


def update(work: Writing, row: Values, values: Values) -> None:
    """Change columns of a delivery, its search text with them; nothing when all stand so already."""
    values = {**values, "search": search_text(row | values)}
    if any(row[name] != value for name, value in values.items()):
        work.execute(sa.update(deliveries).where(deliveries.c.number == row["number"]).values(values))
        row |= values


def stage(work: Writing, delivery: str, name: str, at: datetime, reason: str) -> None:
    """`arriving`, `reading` or `unreadable`; a sealed or vanished delivery stays what it is."""
    row = stored(work.connection, delivery)
    if row["stage"] not in OPEN_STAGES or row["stage"] == name:
        return
    usable = "unreadable" in {row["stage"], name}
    update(work, row, {"stage": name})
    if usable:
        _relatives_again(work, row)
    if name == "unreadable":
        work.record("unreadable", at, delivery=delivery, client=row["client"], detail={"reason": shown(reason)})


def judge(
    work: Writing,
    delivery: str,
    at: datetime,
    judgement: Judgement,
    *,
    evidence: Evidence | None,
    members: tuple[tuple[str, int], ...] | None,
) -> None:
    """Store a judgement, and the evidence and members when they were read anew."""
    row = stored(work.connection, delivery)
    before, kin = {name: row[name] for name in JUDGED}, {name: row[name] for name in KIN}
    if evidence is not None:
        update(work, row, read_columns(evidence, told_claims(work.connection, row["number"])))
        if row["stage"] in OPEN_STAGES and kin != {name: row[name] for name in KIN}:
            _relatives_again(work, row)
    overtaken = judgement.seen is not None and judgement.seen != row["fingerprint"]
    fingerprint = row["fingerprint"] if overtaken else judgement.fingerprint
    update(work, row, judged_columns(judgement.verdicts, judgement.best, judgement.word, fingerprint))
    _file_papers(work, row["number"], evidence, members, judgement)
    after = {name: row[name] for name in JUDGED}
    if row["stage"] == "sealed" and (before != after or _judged_first(work.connection, public_id(row["number"]))):
        detail = {name: "" if value is None else value for name, value in after.items()}
        work.record("judged", at, delivery=public_id(row["number"]), client=row["client"], detail=detail)


def seal(
    work: Writing,
    delivery: str,
    at: datetime,
    *,
    sha256: str,
    vault: str,
    evidence: Evidence,
    members: tuple[tuple[str, int], ...],
    size: int | None,
    identity: str | None,
) -> bool:
    """The sealed original is in the vault. False: it was sealed before, with the same hash.

    The judgement that stood stays shown, and is marked to be given again.
    """
    row = stored(work.connection, delivery)
    if row["stage"] == "sealed":
        if row["sha256"] != sha256:
            raise Refused("sealed-otherwise", id=delivery)
        return False
    news: Values = {"stage": "sealed", "sealed_at": at, "sha256": sha256, "vault": vault, "fingerprint": work.again}
    news |= {"size": row["size"] if size is None else size, "identity": identity or row["identity"]}
    update(work, row, news | read_columns(evidence, told_claims(work.connection, row["number"])))
    _file_papers(work, row["number"], evidence, members, None)
    detail = {"sha256": sha256, "size": row["size"], "file": row["file_shown"]}
    work.record("sealed", at, delivery=public_id(row["number"]), client=row["client"], detail=detail)
    return True


def gone(work: Writing, delivery: str, at: datetime) -> bool:
    """The file left the inbox before it was sealed. False: it is sealed, or was gone already."""
    row = stored(work.connection, delivery)
    if row["stage"] not in OPEN_STAGES:
        return False
    update(work, row, {"stage": "gone", "gone_at": at, "word": StateWord.GONE.value})
    _relatives_again(work, row)
    work.record("gone", at, delivery=public_id(row["number"]), client=row["client"], detail={"file": row["file_shown"]})
    return True


def bind(work: Writing, delivery: str, client: str | None, *, who: str, at: datetime, how: str) -> bool:
    """Bind to a client (None: loosen). False: it was bound so already. Raises NotFound for either.

    An operator who confirms the client of an inbox changes something: who bound it by name settles rule 502.
    """
    row = stored(work.connection, delivery)
    if client is not None and not client_exists(work.connection, client):
        raise NotFound("client", code=shown(client))
    if row["client"] == client and (how == row["bound_how"] or how != "operator" or client is None):
        return False
    before = row["client"] or ""
    news: Values = {"client": client, "bound_how": how, "bound_by": who, "bound_at": at, "fingerprint": work.again}
    update(work, row, news)
    detail = {"how": how, "before": before}
    work.record("bound", at, who=who, delivery=public_id(row["number"]), client=client, detail=detail)
    return True


def tell(work: Writing, delivery: str, claim: Claim, at: datetime) -> bool:
    """Keep a fact that an operator told. False: the same was told last."""
    row = stored(work.connection, delivery)
    earlier = told_claims(work.connection, row["number"])
    last = next((each for each in reversed(earlier) if each.fact == claim.fact), None)
    if last is not None and (last.value, type(last.value)) == (claim.value, type(claim.value)):
        return False
    told_at = claim.at or at
    if last is not None and last.at is not None and told_at <= last.at:
        # Another console's clock is ahead. Told last counts: the rules go by the time.
        told_at = last.at + timedelta(microseconds=1)
    claim = replace(claim, source=Source.OPERATOR, by=claim.by or work.who, at=told_at)
    work.execute(
        sa.insert(told).values(
            delivery=row["number"], fact=claim.fact, value=codec.dump_value(claim.value), who=claim.by, at=claim.at
        )
    )
    evidence = evidence_of(work.connection, row["number"])
    update(work, row, {"fingerprint": work.again, **read_columns(evidence, (*earlier, claim))})
    value = shown(claim.value) if isinstance(claim.value, str) else claim.value
    detail = {"fact": shown(claim.fact), "value": value}
    work.record("told", at, who=claim.by, delivery=public_id(row["number"]), client=row["client"], detail=detail)
    return True


def reopen(work: Writing, delivery: str, who: str, at: datetime) -> int:
    """Start over from the sealed original: the line in the log. Raises Refused when there is none."""
    row = stored(work.connection, delivery)
    if row["stage"] != "sealed":
        raise Refused("not-sealed", id=public_id(row["number"]))
    update(work, row, {"opened": row["opened"] + 1, "fingerprint": work.again})
    detail = {"times": row["opened"]}
    return work.record("reopened", at, who=who, delivery=public_id(row["number"]), client=row["client"], detail=detail)


def _relatives_again(work: Writing, row: Values) -> None:
    """Mark those to be judged again whose full or stripe this one is: it came, or it went."""
    d = deliveries.c
    same = [d.set_guid.is_(None) | (d.set_guid == row["set_guid"])] if row["set_guid"] else []
    kin = [sa.and_(d.media_guid == row["media_guid"], *same)] if row["media_guid"] else []
    kin += [d.base_guid == row["set_guid"]] if row["set_guid"] else []
    if kin:
        others = sa.and_(sa.or_(*kin), d.stage == "sealed", d.number != row["number"])
        work.execute(sa.update(deliveries).where(others).values(fingerprint=work.again))


def _judged_first(connection: sa.Connection, delivery: str) -> bool:
    """Has it got no judgement in the log yet since it was sealed, or reopened?"""
    c = custody.c
    query = sa.select(c.what).where(c.delivery == delivery, c.what.in_(("sealed", "reopened", "judged")))
    return connection.scalar(query.order_by(c.seq.desc()).limit(1)) != "judged"


def client_exists(connection: sa.Connection, code: str) -> bool:
    """Does the register know this client?"""
    return connection.execute(sa.select(clients.c.code).where(clients.c.code == code)).first() is not None


def evidence_of(connection: sa.Connection, number: int) -> Evidence:
    """The stored evidence; that of an unread file when there is none."""
    text = connection.execute(sa.select(papers.c.evidence).where(papers.c.delivery == number)).scalar()
    return codec.load_evidence(text) if text else Evidence("unknown")


def _file_papers(
    work: Writing,
    number: int,
    evidence: Evidence | None,
    members: tuple[tuple[str, int], ...] | None,
    judgement: Judgement | None,
) -> None:
    values: Values = {}
    if evidence is not None:
        values["evidence"] = codec.dump_evidence(evidence)
    if members is not None:
        values["members"] = codec.dump_members(members)
    if judgement is not None:
        values["verdicts"] = codec.dump_verdicts(judgement.verdicts, judgement.advice)
    if not values:
        return
    if work.execute(sa.update(papers).where(papers.c.delivery == number).values(values)).rowcount == 0:
        empty = {
            "evidence": codec.dump_evidence(Evidence("unknown")),
            "members": codec.dump_members(()),
            "verdicts": codec.dump_verdicts((), None),
        }
        work.execute(sa.insert(papers).values(delivery=number, **(empty | values)))
