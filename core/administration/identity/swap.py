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
from core.administration.identity.people import (
    ACTIVE,
    GONE,
    Places,
    Survey,
    can_work,
    places,
    recorded,
    same_text,
    survey,
)
from core.administration.identity.way_back import Back, swap_back, swapped_back
from core.administration.rows import Place, Row, Value
from core.errors import Refused

__all__ = [
    "Back", "Dormant", "Firm", "Survey", "expected", "recorded", "survey", "swap_back", "swap_in", "swapped_back",
]  # fmt: skip

STEP = "swap"
"""How it is called in our table of what happened."""
CONTRACTOR = "C"
"""`humres.emp_type` of a colleague: here for a while (facts.md section 3.2)."""

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
) -> Dormant:
    """Make the client dormant and the firm active. Part of the caller's transaction; again: changes nothing.

    `client_logins` are the client's as the register knows them. Raises Refused before anything changes: for a login
    that the firm and the client share, without anybody of the firm, for a second swap, and without our mark.
    """
    there = recorded(connection)
    if there is not None and own.did(connection, operation, STEP):
        return there
    if own.read_mark(connection) is None:
        raise Refused("identity-no-mark")
    if there is not None:
        raise Refused("identity-swapped")
    found = places(connection)
    rows = found.users.read(connection)
    logins = _logins(firm, colleagues)
    _refuse_shared(rows, logins, client_logins)

    users = tuple(row for row in rows if can_work(row) and not _among(row["usr_id"], logins))
    people = _let_in(connection, found.users, logins, rows)
    # The firm's grants come before the client's go: so no new row gets the number of one that has to come back.
    role = _grant(connection, found, firm.role, {person.number for person in people})
    roles = _take_roles(connection, found.roles, {row["res_id"] for row in users})
    for row in users:
        found.users.change(connection, row, GONE)
    licences, licence = _swap_licence(connection, found.licences, firm)

    record = Dormant(users, roles, licences, people, role, licence)
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


def _refuse_shared(rows: Rows, logins: dict[str, bool], client_logins: Collection[str]) -> None:
    """An active user with a colleague's login is the client's; with the firm's, a hand-over went wrong (rule 605)."""
    active = [str(row["usr_id"]) for row in rows if can_work(row)]
    for login, temporary in logins.items():
        if _among(login, client_logins) or (temporary and _among(login, active)):
            raise Refused("identity-shared", login=login)


def _let_in(connection: sa.Connection, users: Place, logins: dict[str, bool], rows: Rows) -> tuple[Person, ...]:
    """Activate one row for each login. Where several carry it, the others are switched off."""
    found: list[Person] = []
    new: list[str] = []
    for login, temporary in logins.items():
        carrying = sorted((row for row in rows if same_text(row["usr_id"], login)), key=can_work, reverse=True)
        if not carrying:
            new.append(login)
        for turn, row in enumerate(carrying):
            users.change(connection, row, GONE if turn else {**ACTIVE, "ldatuitdienst": None})
            found.append(_person(users, row, row, temporary=temporary))
    numbers = authors.free(connection, filter(None, map(_number, rows)), len(new))
    for login, number in zip(new, numbers, strict=True):
        users.add(connection, _newcomer(login, number, temporary=logins[login]))
    added = [row for row in users.read(connection) if row["res_id"] in numbers]
    return (*found, *(_person(users, row, None, temporary=logins[str(row["usr_id"]).rstrip(" ")]) for row in added))


def _person(users: Place, row: Row, former: Row | None, *, temporary: bool) -> Person:
    key = {name: row[name] for name in users.key}
    return Person(str(row["usr_id"]), _number(row), key, former, temporary)


def _newcomer(login: str, number: int, *, temporary: bool) -> Row:
    kind: Row = {"emp_type": CONTRACTOR} if temporary else {}
    return {"res_id": number, "usr_id": login, "fullname": login.rpartition("\\")[2][:60], **ACTIVE, **kind}


def _number(row: Row) -> int:
    value = row["res_id"]
    return value if isinstance(value, int) else 0


def _grant(connection: sa.Connection, found: Places, name: str, people: set[int]) -> Role | None:
    if found.role_names is None or found.roles is None:
        return None
    names, grants = found.role_names.read(connection), found.roles.read(connection)
    number = next((row["roleid"] for row in names if same_text(row["rolename"], name)), None)
    there = isinstance(number, int)
    if not isinstance(number, int):
        used = [row["roleid"] for row in (*names, *grants)]
        number = max((each for each in used if isinstance(each, int)), default=0) + 1
        found.role_names.add(connection, {"roleid": number, "rolename": name})
    granted = tuple(sorted(people - {row["empid"] for row in grants if row["roleid"] == number}))
    for person in granted:
        found.roles.add(connection, {"roleid": number, "empid": person})
    return Role(number, added=not there, granted=granted)


def _take_roles(connection: sa.Connection, roles: Place | None, people: set[Value]) -> tuple[Row, ...]:
    if roles is None:
        return ()
    taken = tuple(row for row in roles.read(connection) if row["empid"] in people)
    for row in taken:
        roles.remove(connection, row)
    return taken


def _swap_licence(
    connection: sa.Connection, licences: Place | None, firm: Firm
) -> tuple[tuple[Row, ...], Licence | None]:
    if licences is None or not firm.licence:
        return (), None
    rows = licences.read(connection)
    firms = tuple(row for row in rows if same_text(row["licnumber"], firm.licence))
    dormant = tuple(row for row in rows if row["active"] and row not in firms)
    for row in (*dormant, *firms[1:]):
        licences.change(connection, row, {"active": 0})
    for row in firms[:1]:
        licences.change(connection, row, {"active": 1})
    if not firms:
        licences.add(connection, {"licnumber": firm.licence, "holder": firm.name[:60], "data": b"", "active": 1})
    return dormant, Licence(firm.licence, firms)
