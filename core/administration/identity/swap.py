"""The swap of users, roles and licence: the client's become dormant, the firm's active (facts.md section 2.5).

Nobody of the client is deleted: a row keeps its place and is switched off, and what it was is kept whole in the record
(dormant.py), inside the administration and in the register. Logins compare as SQL Server compares them. The way back
is identity_back.py; what must come of it, computed another way, is expected.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.administration import own
from core.administration.identity import authors
from core.administration.identity.dormant import Dormant, Licence, Person, Role
from core.administration.identity.expectation import expected
from core.administration.identity.people import Survey, active, can_work, gone, recorded, same_text, survey
from core.administration.identity.profile import Places, fitting, new_row, places
from core.administration.identity.way_back import Back, swap_back, swapped_back
from core.administration.rows import Place, Row, Value
from core.errors import Refused
from core.model.profile import PRACTICE, IdentityProfile, LicencePlace

__all__ = [
    "Back", "Dormant", "Firm", "Survey", "expected", "recorded", "survey", "swap_back", "swap_in", "swapped_back",
]  # fmt: skip

STEP = "swap"
"""How it is called in our table of what happened."""

Rows = Sequence[Row]


@dataclass(frozen=True, slots=True)
class Firm:
    """The accountancy firm's own identity."""

    name: str
    licence: str
    """Number of its licence; empty: there is no licence to swap, and none is touched."""
    users: tuple[str, ...]
    """Windows logins."""
    role: str


def swap_in(
    connection: sa.Connection,
    firm: Firm,
    colleagues: Iterable[str] = (),
    *,
    operation: str,
    client_logins: Collection[str] = (),
    profile: IdentityProfile = PRACTICE,
) -> Dormant:
    """Make the client dormant and the firm active. Part of the caller's transaction; again: changes nothing.

    `client_logins` are the client's as the register knows them, `profile` is the one declared for the target. Raises
    Refused before anything changes: for a login that the firm and the client share, without anybody of the firm, for a
    second swap, without our mark, for a profile that does not fit, and for a table that wants of a new row what nobody
    here knows.
    """
    there = recorded(connection)
    if there is not None and own.did(connection, operation, STEP):
        return there
    if own.read_mark(connection) is None:
        raise Refused("identity-no-mark")
    if there is not None:
        raise Refused("identity-swapped")
    found = places(connection, profile)
    own_names = found.profile
    rows = found.users.read(connection)
    logins = _logins(firm, colleagues)
    _refuse_shared(rows, logins, client_logins, own_names)
    _refuse_unknown(connection, found, firm, logins, rows)

    users = tuple(row for row in rows if can_work(row, own_names) and not _among(row[own_names.login], logins))
    people = _let_in(connection, found, logins, rows)
    # The firm's grants come before the client's go: so no new row gets the number of one that has to come back.
    role = _grant(connection, found, firm.role, {person.number for person in people})
    roles = _take_roles(connection, found, {row[own_names.number] for row in users})
    for row in users:
        found.users.change(connection, row, gone(own_names))
    licences, licence = _swap_licence(connection, found, firm)

    record = Dormant(users, roles, licences, people, role, licence, profile)
    connection.execute(sa.insert(own.dormant).values(id=1, record=json.dumps(record.to_json())))
    own.note_done(connection, operation, STEP)
    return record


def _among(login: Value, logins: Iterable[str]) -> bool:
    return any(same_text(login, each) for each in logins)


def _logins(firm: Firm, colleagues: Iterable[str]) -> dict[str, bool]:
    """Everybody who is let in, and whether for a while only. Raises Refused for nobody."""
    found: dict[str, bool] = {}
    for logins, temporary in ((firm.users, False), (colleagues, True)):
        for login in logins:
            if login.strip() and not _among(login, found):
                found[login.rstrip(" ")] = temporary
    if not found:
        raise Refused("identity-nobody")
    return found


def _refuse_shared(
    rows: Rows, logins: dict[str, bool], client_logins: Collection[str], profile: IdentityProfile
) -> None:
    """An active user with a colleague's login is the client's; with the firm's, a hand-over went wrong (rule 605)."""
    there = [str(row[profile.login]) for row in rows if can_work(row, profile)]
    for login, temporary in logins.items():
        if _among(login, client_logins) or (temporary and _among(login, there)):
            raise Refused("identity-shared", login=login)


def _refuse_unknown(connection: sa.Connection, found: Places, firm: Firm, logins: dict[str, bool], rows: Rows) -> None:
    """Make every row that will be new once, before one is written."""
    profile = found.profile
    for login, temporary in logins.items():
        if not any(same_text(row[profile.login], login) for row in rows):
            new_row(profile, found.users, _newcomer(found, login, 0, temporary=temporary))
    if found.role_names is not None and found.roles is not None:
        new_row(profile, found.roles, {profile.grant_role: 0, profile.grant_user: 0})
        names = found.role_names.read(connection)
        if not any(same_text(row[profile.role_name], firm.role) for row in names):
            new_row(profile, found.role_names, {profile.role_number: 0, profile.role_name: firm.role})
    licence = profile.place
    if licence is not None and found.licences is not None and firm.licence:
        standing = found.licences.read(connection)
        if not any(same_text(row[licence.number], firm.licence) for row in standing):
            new_row(profile, found.licences, _licence_row(licence, found.licences, firm))


def _let_in(connection: sa.Connection, found: Places, logins: dict[str, bool], rows: Rows) -> tuple[Person, ...]:
    """Activate one row for each login. Where several carry it, the others are switched off."""
    profile, users = found.profile, found.users
    people: list[Person] = []
    new: list[str] = []
    on: Row = {**active(profile), profile.left: None} if profile.left else active(profile)
    for login, temporary in logins.items():
        carrying = sorted(
            (row for row in rows if same_text(row[profile.login], login)),
            key=lambda row: can_work(row, profile),
            reverse=True,
        )
        if not carrying:
            new.append(login)
        for turn, row in enumerate(carrying):
            users.change(connection, row, gone(profile) if turn else on)
            people.append(_person(found, row, row, temporary=temporary))
    numbers = authors.free(connection, filter(None, (_number(row, profile) for row in rows)), len(new), profile)
    for login, number in zip(new, numbers, strict=True):
        found.new(connection, users, _newcomer(found, login, number, temporary=logins[login]))
    added = [row for row in users.read(connection) if row[profile.number] in numbers]
    return (
        *people,
        *(_person(found, row, None, temporary=logins[str(row[profile.login]).rstrip(" ")]) for row in added),
    )


def _person(found: Places, row: Row, former: Row | None, *, temporary: bool) -> Person:
    profile = found.profile
    key = {name: row[name] for name in found.users.key}
    return Person(str(row[profile.login]), _number(row, profile), key, former, temporary)


def _newcomer(found: Places, login: str, number: int, *, temporary: bool) -> Row:
    profile = found.profile
    name = fitting(found.users, profile.name, login.rpartition("\\")[2])
    named: Row = {profile.name: name} if profile.name else {}
    kind: Row = {profile.kind: profile.contractor} if temporary and profile.kind else {}
    return {profile.number: number, profile.login: login, **named, **active(profile), **kind}


def _number(row: Row, profile: IdentityProfile) -> int:
    value = row[profile.number]
    return value if isinstance(value, int) else 0


def _grant(connection: sa.Connection, found: Places, name: str, people: set[int]) -> Role | None:
    if found.role_names is None or found.roles is None:
        return None
    own_names = found.profile
    names, grants = found.role_names.read(connection), found.roles.read(connection)
    number = next((row[own_names.role_number] for row in names if same_text(row[own_names.role_name], name)), None)
    there = isinstance(number, int)
    if not isinstance(number, int):
        used = [*(row[own_names.role_number] for row in names), *(row[own_names.grant_role] for row in grants)]
        number = max((each for each in used if isinstance(each, int)), default=0) + 1
        found.new(connection, found.role_names, {own_names.role_number: number, own_names.role_name: name})
    have = {row[own_names.grant_user] for row in grants if row[own_names.grant_role] == number}
    granted = tuple(sorted(people - have))
    for person in granted:
        found.new(connection, found.roles, {own_names.grant_role: number, own_names.grant_user: person})
    return Role(number, added=not there, granted=granted)


def _take_roles(connection: sa.Connection, found: Places, people: set[Value]) -> tuple[Row, ...]:
    if found.roles is None:
        return ()
    taken = tuple(row for row in found.roles.read(connection) if row[found.profile.grant_user] in people)
    for row in taken:
        found.roles.remove(connection, row)
    return taken


def _swap_licence(connection: sa.Connection, found: Places, firm: Firm) -> tuple[tuple[Row, ...], Licence | None]:
    place, licences = found.profile.place, found.licences
    if place is None or licences is None or not firm.licence:
        return (), None
    rows = licences.read(connection)
    firms = tuple(row for row in rows if same_text(row[place.number], firm.licence))
    dormant = tuple(row for row in rows if row[place.active] and row not in firms)
    for row in (*dormant, *firms[1:]):
        licences.change(connection, row, {place.active: 0})
    for row in firms[:1]:
        licences.change(connection, row, {place.active: 1})
    if not firms:
        found.new(connection, licences, _licence_row(place, licences, firm))
    return dormant, Licence(firm.licence, firms)


def _licence_row(place: LicencePlace, licences: Place, firm: Firm) -> Row:
    held: Row = {place.holder: fitting(licences, place.holder, firm.name)} if place.holder else {}
    return {place.number: firm.licence, **held, place.active: 1}
