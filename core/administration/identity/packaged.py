"""Whose a package is, as our own reader of files sees it: no server is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.administration.identity.people import can_work
from core.administration.identity.profile import folded
from core.administration.rows import Row
from core.formats.inside.database import Database
from core.model.profile import IdentityProfile


@dataclass(frozen=True, slots=True)
class Packaged:
    """The company and who can work in it."""

    companies: tuple[tuple[str, str], ...]
    """Number and name, of each row of `bedryf`."""
    users: tuple[str, ...]
    """Logins that can work in it."""
    licences: tuple[str, ...]
    """Numbers of the active ones; none where the profile does not say where they are."""


def packaged(database: Database, profile: IdentityProfile) -> Packaged:
    """Read the few tables that say so; one that is not there says nothing. What is damaged is in `database.damage`."""
    own = folded(profile)
    licence = own.place
    company = _rows(database, "bedryf", ("bedrnr", "bedrnm"))
    people = _rows(database, own.users, (own.login, own.status, *own.blocked))
    held = [] if licence is None else _rows(database, licence.table, (licence.number, licence.active))
    return Packaged(
        tuple((_text(row.get("bedrnr")), _text(row.get("bedrnm"))) for row in company),
        tuple(_text(row[own.login]) for row in people if {own.login, own.status} <= row.keys() and can_work(row, own)),
        tuple(_text(row[licence.number]) for row in held if row.get(licence.active)) if licence is not None else (),
    )


def _rows(database: Database, name: str, wanted: Sequence[str]) -> Iterator[Row]:
    table = database.table(name)
    if table is None:
        return
    chosen = [each.name for each in table.columns if each.name.casefold() in wanted]
    names = [each.casefold() for each in chosen]
    for batch in database.read(table, chosen):
        columns = [column.to_list() for column in batch.columns]
        for values in zip(*columns, strict=True):
            yield dict(zip(names, values, strict=True))


def _text(value: object) -> str:
    return str(value or "").strip()
