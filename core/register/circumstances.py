"""What the register knows around one delivery, for the rules; and which others its news can change."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from core.model import Circumstances, Client, Holding, Related, Target
from core.register.clients import all_clients
from core.register.rows import Values, public_id, stored
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
        Holding(each.target, each.number, each.client, public_id(each.delivery))
        for each in connection.execute(sa.select(holdings).order_by(holdings.c.target, holdings.c.number))
    )
    mine = (row["client"], row["administration_number"])
    return Circumstances(
        moment=moment,
        stage=row["stage"],
        delivery=public_id(row["number"]),
        bound_by_hand=row["bound_how"] == "operator",
        client=client,
        base_full=_base_full(connection, row),
        stripes_here=_stripes(connection, row),
        same_bytes=_same_bytes(connection, row),
        later=_later(connection, row),
        out=next((each for each in held if (each.client, each.number) == mine), None),
        holdings=held,
        affected=_affected(connection, row, client, targets),
    )


def related_ids(connection: sa.Connection, delivery: str) -> tuple[str, ...]:
    """The deliveries whose verdict can change when this one changes. Raises NotFound.

    Ask before and after: a change can move it from one family of deliveries to another.
    """
    row = stored(connection, delivery)
    tests = []
    if row["sha256"]:
        tests.append(sa.and_(d.sha256 == row["sha256"], d.number > row["number"]))
    if row["media_guid"]:
        tests.append(d.media_guid == row["media_guid"])
    if row["set_guid"]:
        tests.append(d.base_guid == row["set_guid"])
    if row["client"] and row["administration_number"]:
        tests.append(
            sa.and_(
                d.client == row["client"],
                d.administration_number == row["administration_number"],
                d.number < row["number"],
            )
        )
    # One query each: every one of them has its own index.
    found = {
        number
        for test in tests
        for number in connection.scalars(sa.select(d.number).where(test, d.stage != "gone", d.number != row["number"]))
    }
    return tuple(public_id(number) for number in sorted(found))


def _base_full(connection: sa.Connection, row: Values) -> str | None:
    if not row["base_guid"]:
        return None
    query = sa.select(d.number, d.stage).where(
        d.set_guid == row["base_guid"], d.number != row["number"], d.stage.in_(_USABLE), sa.not_(d.damaged)
    )
    found = sorted(connection.execute(query), key=lambda each: (each.stage != "sealed", each.number))
    return public_id(found[0].number) if found else None


def _stripes(connection: sa.Connection, row: Values) -> frozenset[int]:
    if row["family_ordinal"] is None:
        return frozenset()
    own = frozenset({int(row["family_ordinal"])})
    if not row["media_guid"]:
        return own
    query = sa.select(d.family_ordinal).where(
        d.media_guid == row["media_guid"],
        d.family_ordinal.is_not(None),
        sa.or_(d.set_guid.is_(None), sa.literal(row["set_guid"]).is_(None), d.set_guid == row["set_guid"]),
        d.stage.in_(_USABLE),
        sa.not_(d.damaged),
    )
    return own | frozenset(connection.scalars(query))


def _same_bytes(connection: sa.Connection, row: Values) -> tuple[Related, ...]:
    if not row["sha256"]:
        return ()
    query = sa.select(d.number, d.word, d.arrived_at).where(d.sha256 == row["sha256"], d.number < row["number"])
    return _related(connection, query)


def _later(connection: sa.Connection, row: Values) -> tuple[Related, ...]:
    if not (row["client"] and row["administration_number"] and row["backup_at"]):
        return ()
    query = sa.select(d.number, d.word, d.arrived_at).where(
        d.client == row["client"],
        d.administration_number == row["administration_number"],
        d.number > row["number"],
        # ISO text: an earlier moment is a smaller text.
        d.backup_at > row["backup_at"],
        d.stage == "sealed",
        sa.not_(d.damaged),
    )
    return _related(connection, query)


def _related(connection: sa.Connection, query: sa.Select[tuple[int, str, object]]) -> tuple[Related, ...]:
    rows = connection.execute(query.order_by(d.number))
    return tuple(Related(public_id(each.number), each.word, each.arrived_at) for each in rows)


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
