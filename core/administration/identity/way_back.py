"""The way back of the swap: the client's identity as it was, the firm's away (facts.md section 2.5).

The firm's users stay, switched off: entries refer to them. A colleague who wrote nothing leaves no trace.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from core.administration import own
from core.administration.identity import authors
from core.administration.identity.dormant import Dormant, Licence, Person
from core.administration.identity.people import can_work, gone, recorded, same_text
from core.administration.identity.profile import Places, places
from core.administration.rows import Row
from core.errors import Refused
from core.model.profile import IdentityProfile


@dataclass(frozen=True, slots=True)
class Back:
    """What became of the firm's people."""

    deactivated: tuple[str, ...]
    removed: tuple[str, ...]
    kept_colleagues: tuple[str, ...]
    """They wrote something, or were there before us: switched off, not removed."""


def swapped_back(connection: sa.Connection) -> bool:
    """Did the swap back happen in this working copy? Our tables leave in the same transaction."""
    return own.read_mark(connection) is None


def swap_back(connection: sa.Connection, dormant: Dormant, *, operation: str) -> Back:  # noqa: ARG001
    """Put the client's identity back, the firm's away, and take our own tables along.

    For a working copy only, in the caller's transaction. It looks at what stands there, so again: changes nothing;
    `operation` is not noted, for nothing of ours stays behind. Raises Refused when the copy carries another record,
    and when somebody else's role stands where one of the client's was.
    """
    if recorded(connection) not in (None, dormant):
        raise Refused("identity-other-record")
    found = places(connection, dormant.profile)
    passing = {each.number for each in dormant.people if each.temporary and each.former is None}
    leaving = passing - authors.referred(connection, passing, dormant.profile, grants=False)
    for row in dormant.users:
        found.users.put_back(connection, row)
    _roles_back(connection, found, dormant)
    for person in dormant.people:
        if person.number in leaving:
            found.users.remove(connection, person.key)
        else:
            _switch_off(connection, found, person)
    _licences_back(connection, found, dormant.licences, dormant.licence)
    own.leave(connection)
    return Back(
        tuple(each.login for each in dormant.people if not each.temporary),
        tuple(each.login for each in dormant.people if each.number in leaving),
        tuple(each.login for each in dormant.people if each.temporary and each.number not in leaving),
    )


def _roles_back(connection: sa.Connection, found: Places, dormant: Dormant) -> None:
    if found.roles is None:
        return
    for row in found.roles.read(connection):
        if _is_ours(row, dormant, found.profile):
            found.roles.remove(connection, row)
    standing = {tuple(row[name] for name in found.roles.key): row for row in found.roles.read(connection)}
    for former in dormant.roles:
        row = dict(former)
        there = standing.get(tuple(row[name] for name in found.roles.key))
        if there is None:
            found.roles.put_back(connection, row)
        elif there != row:
            raise Refused("identity-role-taken")
    if dormant.role is not None and dormant.role.added and found.role_names is not None:
        for row in found.role_names.read(connection):
            if row[found.profile.role_number] == dormant.role.number:
                found.role_names.remove(connection, row)


def _is_ours(row: Row, dormant: Dormant, profile: IdentityProfile) -> bool:
    """Is it our people's, in our role, or the sleeping client's, whose own come back from the record?"""
    role, who = dormant.role, row[profile.grant_user]
    if who in {each.number for each in dormant.people if each.former is None}:
        return True
    if role is not None and row[profile.grant_role] == role.number and (role.added or who in role.granted):
        return True
    return who in {each[profile.number] for each in dormant.users}


def _switch_off(connection: sa.Connection, found: Places, person: Person) -> None:
    users, off = found.users, gone(found.profile)
    if person.former is None:
        users.change(connection, person.key, off)
        return
    still = off if can_work(person.former, found.profile) else {}
    users.put_back(connection, {**person.former, **{name: still[name] for name in still if users.has(name)}})


def _licences_back(connection: sa.Connection, found: Places, client: tuple[Row, ...], firm: Licence | None) -> None:
    place, licences = found.profile.place, found.licences
    if place is None or licences is None:
        return
    for row in client:
        licences.put_back(connection, row)
    for row in firm.former if firm else ():
        licences.put_back(connection, {**row, place.active: 0} if row[place.active] else row)
    added = firm.number if firm and not firm.former else ""
    for row in licences.read(connection):
        if added and same_text(row[place.number], added):
            licences.remove(connection, row)
