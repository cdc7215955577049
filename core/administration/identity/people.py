"""Whose an administration is: who can work in it now, and with which licence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.administration import catalog, own
from core.administration.identity.dormant import Dormant
from core.administration.identity.profile import Found, found_places
from core.administration.rows import Row, Value
from core.administration.types import compare
from core.model.profile import PRACTICE, IdentityProfile


@dataclass(frozen=True, slots=True)
class Survey:
    """Whose an administration is, as it says itself."""

    users: tuple[str, ...]
    """Logins that can work in it now."""
    roles: tuple[str, ...]
    licences: tuple[str, ...]
    """Numbers of the active ones."""
    missing: tuple[str, ...] = ()
    """Tables that are not there, or lack the columns asked: what they would say is not known."""


def survey(connection: sa.Connection, profile: IdentityProfile = PRACTICE) -> Survey:
    """Whose it is now; nothing changes."""
    found = found_places(connection, profile)
    own, licence = found.profile, profile.place
    asked = {profile.users: found.users, profile.role_names: found.role_names}
    if licence is not None:
        asked[licence.table] = found.licences
    return Survey(
        tuple(str(row[own.login]) for row in found.users.read(connection) if can_work(row, own)) if found.users else (),
        tuple(str(row[own.role_name]) for row in found.role_names.read(connection)) if found.role_names else (),
        tuple(in_force(connection, found)),
        tuple(name for name, there in asked.items() if there is None),
    )


def in_force(connection: sa.Connection, found: Found) -> Iterator[str]:
    """Numbers of the licences that count now."""
    licence = found.profile.place
    if licence is not None and found.licences is not None:
        for row in found.licences.read(connection):
            if row[licence.active]:
                yield str(row[licence.number])


def active(profile: IdentityProfile) -> Row:
    """What a user has who can work. `profile` is folded."""
    return {profile.status: profile.active} | dict.fromkeys(profile.blocked, 0)


def gone(profile: IdentityProfile) -> Row:
    """What a user has who cannot: gone, and shut out wherever there is such a column. `profile` is folded."""
    return {profile.status: profile.gone} | dict.fromkeys(profile.blocked, 1)


def same_text(left: Value, right: Value) -> bool:
    """Would SQL Server say that they are equal?"""
    return compare(str(left or ""), str(right or "")) == 0


def can_work(row: Row, profile: IdentityProfile) -> bool:
    """Can this user open the administration? `profile` is folded."""
    return (
        not same_text(row[profile.login], "")
        and same_text(row[profile.status], profile.active)
        and not any(row.get(name) for name in profile.blocked)
    )


def recorded(connection: sa.Connection) -> Dormant | None:
    """The record that this administration carries; None: the client's identity is not dormant here."""
    if not catalog.has(connection, own.dormant.name):
        return None
    text = connection.execute(sa.select(own.dormant.c.record)).scalar()
    return None if text is None else Dormant.from_json(json.loads(text))
