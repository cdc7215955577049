"""What the register knows around one delivery, for the rules; and which others its news can change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from core.model import Circumstances, Client, Holding, Related, Target
from core.register.clients import all_clients
from core.register.ids import public_id
from core.register.operation_rows import Values
from core.register.rows import SHOWN, ordinals, papers_of, stored
from core.register.schema import administrations, clients, deliveries, holdings

d = deliveries.c
_USABLE = ("arriving", "reading", "sealed")
"""Stages in which a full or a stripe counts as here: in the vault or in the inbox."""


def circumstances(
    connection: sa.Connection, delivery: str, targets: Iterable[Target] = (), moment: str = "arrival"
) -> Circumstances:
    """Everything around `delivery`. Raises NotFound."""
    row = stored(connection, delivery)
    client = next(iter(all_clients(connection, row["client"])), None) if row["client"] else None
    held = tuple(
        Holding(each.target, each.number, each.client, public_id(each.delivery), each.returned_at is not None)
        for each in connection.execute(sa.select(holdings).order_by(holdings.c.target, holdings.c.number))
    )
    mine = (row["client"], _number(row, client))
    out = [each for each in held if (each.client, each.number) == mine and not each.returned]
    return Circumstances(
        moment=moment,
        stage=row["stage"],
        delivery=public_id(row["number"]),
        bound_by_hand=row["bound_how"] == "operator",
        client=client,
        base_full=_base_full(connection, row),
        stripes_here=_stripes(connection, row),
        same_bytes=_same_bytes(connection, row),
        later=_later(connection, row, client),
        out=min(out, key=lambda each: each.delivery == public_id(row["number"]), default=None),
        holdings=held,
        affected=_affected(connection, row, client, targets),
    )


def related_ids(connection: sa.Connection, delivery: str, *, news: bool = False) -> tuple[str, ...]:
    """The deliveries whose verdict can change when this one changes. Raises NotFound.

    Ask before and after: a change can move it from one family of deliveries to another. With `news` it only came:
    an older copy that has heard of a later one (rule 507) hears nothing new, however many copies there are.
    """
    row = stored(connection, delivery)
    tests = []
    if row["sha256"]:
        tests.append(sa.and_(d.sha256 == row["sha256"], d.number > row["number"]))
    if row["media_guid"]:
        # A medium that is used every night keeps its id: only the stripes of this very back-up are related.
        tests.append(sa.and_(d.media_guid == row["media_guid"], _same_set(row)))
    if row["set_guid"]:
        tests.append(d.base_guid == row["set_guid"])
    client = next(iter(all_clients(connection, row["client"])), None) if row["client"] else None
    same = _same_administration(connection, row, client)
    if same is not None:
        unheard = [sa.not_(d.rules.contains(" 507 ")), sa.not_(d.damaged)] if news else []
        tests.append(sa.and_(same, d.number < row["number"], *unheard))
    # One query each: every one of them has its own index.
    found = {
        number
        for test in tests
        for number in connection.scalars(sa.select(d.number).where(test, d.stage != "gone", d.number != row["number"]))
    }
    return tuple(public_id(number) for number in sorted(found))


def _same_set(row: Mapping[Any, Any]) -> sa.ColumnElement[bool]:
    """Of the same back-up set, as far as both say which."""
    return sa.or_(d.set_guid.is_(None), sa.literal(row["set_guid"]).is_(None), d.set_guid == row["set_guid"])


def _base_full(connection: sa.Connection, row: Values) -> str | None:
    """The full that this one builds on, the sealed one first; one in stripes counts when all of them are here."""
    if not row["base_guid"]:
        return None
    query = sa.select(d.number, d.stage, d.media_guid, d.set_guid, d.family_ordinal).where(
        d.set_guid == row["base_guid"], d.number != row["number"], d.stage.in_(_USABLE), sa.not_(d.damaged)
    )
    found = sorted(connection.execute(query).mappings(), key=lambda each: (each["stage"] != "sealed", each["number"]))
    return next((public_id(each["number"]) for each in found if _whole(connection, each)), None)


def _whole(connection: sa.Connection, row: Mapping[Any, Any]) -> bool:
    evidence = papers_of(connection, row["number"])[0]
    count = evidence.value("family_count")
    here = _stripes(connection, row) | ordinals(evidence)
    return not isinstance(count, int) or count <= 1 or here.issuperset(range(1, count + 1))


def _stripes(connection: sa.Connection, row: Mapping[Any, Any]) -> frozenset[int]:
    if row["family_ordinal"] is None:
        return frozenset()
    own = frozenset({int(row["family_ordinal"])})
    if not row["media_guid"]:
        return own
    query = sa.select(d.family_ordinal).where(
        d.media_guid == row["media_guid"],
        d.family_ordinal.is_not(None),
        _same_set(row),
        d.stage.in_(_USABLE),
        sa.not_(d.damaged),
    )
    return own | frozenset(connection.scalars(query))


def _same_bytes(connection: sa.Connection, row: Values) -> tuple[Related, ...]:
    if not row["sha256"]:
        return ()
    return _related(connection, sa.and_(d.sha256 == row["sha256"], d.number < row["number"]))


def _later(connection: sa.Connection, row: Values, client: Client | None) -> tuple[Related, ...]:
    same = _same_administration(connection, row, client)
    if same is None or not row["backup_at"]:
        return ()
    moment = str(row["backup_at"])
    later = sa.and_(
        same,
        d.number > row["number"],
        # ISO text: an earlier moment is a smaller text. Where this one has only a day, days are compared.
        sa.func.substr(d.backup_at, 1, len(moment)) > moment,
        d.stage == "sealed",
        sa.not_(d.damaged),
    )
    return _related(connection, later)


def _number(row: Values, client: Client | None) -> str | None:
    """The administration's number: as read or told, else the one that the register has for its name."""
    name = row["administration_name"]
    return row["administration_number"] or (_registered(client, name) if client and name else None)


def _registered(client: Client, name: str) -> str | None:
    found = {each.number for each in client.administrations if each.name.casefold() == name.casefold()}
    return found.pop() if len(found) == 1 else None


def _same_administration(
    connection: sa.Connection, row: Values, client: Client | None
) -> sa.ColumnElement[bool] | None:
    """Deliveries of the same client and number, whether a file says the number or only the register does."""
    number = _number(row, client)
    if client is None or number is None:
        return None
    unnumbered = sa.and_(d.client == client.code, d.administration_number.is_(None))
    asked = sa.select(d.administration_name).distinct().where(unnumbered, d.administration_name.is_not(None))
    names = [name for name in connection.scalars(asked) if _registered(client, name) == number]
    numbered = sa.and_(d.client == client.code, d.administration_number == number)
    return sa.or_(numbered, sa.and_(unnumbered, d.administration_name.in_(names))) if names else numbered


def _related(connection: sa.Connection, test: sa.ColumnElement[bool]) -> tuple[Related, ...]:
    query = sa.select(d.number, SHOWN.label("word"), d.arrived_at).where(test).order_by(d.number)
    return tuple(Related(public_id(each.number), each.word, each.arrived_at) for each in connection.execute(query))


def _affected(
    connection: sa.Connection, row: Values, client: Client | None, targets: Iterable[Target]
) -> dict[str, tuple[str, ...]]:
    """Clients that a target serves now and that could read nothing of it after an update to this delivery's."""
    update = row["product_update"] or (client.product_update if client else None)
    wanting = [
        target for target in targets if target.product_update is not None and target.product_update < (update or 0)
    ]
    if update is None or not wanting:
        return {}
    query = (
        sa.select(clients.c.code, clients.c.family, clients.c.product_update)
        .where(
            clients.c.product_update < update,
            clients.c.code != (row["client"] or ""),
            clients.c.code.in_(sa.select(administrations.c.client)),
        )
        .order_by(clients.c.code)
    )
    known = connection.execute(query).all()
    return {
        target.name: tuple(
            each.code
            for each in known
            if each.product_update <= (target.product_update or 0)
            and (each.family == target.family or not each.family or not target.family)
        )
        for target in wanting
    }
