"""Where users, roles and licences stand in an administration, and who can work in it now."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa

from core.administration import catalog, own
from core.administration.identity.dormant import Dormant
from core.administration.rows import Place, Row, Value, place
from core.administration.types import compare
from core.errors import Refused

ACTIVE: Row = {"emp_stat": "A", "blocked": 0, "backofficeblocked": 0}
GONE: Row = {"emp_stat": "I", "blocked": 1, "backofficeblocked": 1}
"""`humres.emp_stat`: A is active, I is exit (eExact-Schema.xsd; facts.md section 3.2)."""


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


@dataclass(frozen=True, slots=True)
class Places:
    """The tables of the swap. None: it is not there, and there is nothing to swap in it."""

    users: Place
    role_names: Place | None
    roles: Place | None
    """Who has which."""
    licences: Place | None


def places(connection: sa.Connection) -> Places:
    """The tables as they are. Raises Refused (`identity-unknown`) without users."""
    users, role_names, roles, licences = _found(connection)
    if users is None:
        raise Refused("identity-unknown")
    return Places(users, role_names, roles, licences)


def survey(connection: sa.Connection) -> Survey:
    """Whose it is now; nothing changes."""
    users, role_names, _, licences = _found(connection)
    asked = {"humres": users, "pwrole": role_names, "PracticeLicence": licences}
    return Survey(
        tuple(str(row["usr_id"]) for row in users.read(connection) if can_work(row)) if users else (),
        tuple(str(row["rolename"]) for row in role_names.read(connection)) if role_names else (),
        tuple(str(row["licnumber"]) for row in licences.read(connection) if row["active"]) if licences else (),
        tuple(name for name, found in asked.items() if found is None),
    )


def _found(connection: sa.Connection) -> tuple[Place | None, Place | None, Place | None, Place | None]:
    known = catalog.shapes(connection)

    def one(name: str, *wanted: str) -> Place | None:
        found = place(known, name, *wanted)
        return found if found and found.has(*wanted) else None

    # What is asked first identifies a row where a table has no primary key.
    users = place(known, "humres", "res_id")
    return (
        users if users and users.has("res_id", "usr_id", "emp_stat") else None,
        one("pwrole", "roleid", "rolename"),
        one("HRRoles", "roleid", "empid"),
        one("PracticeLicence", "licnumber", "active"),
    )


def same_text(left: Value, right: Value) -> bool:
    """Would SQL Server say that they are equal?"""
    return compare(str(left or ""), str(right or "")) == 0


def can_work(row: Row) -> bool:
    """Can this user open the administration?"""
    return (
        not same_text(row["usr_id"], "")
        and same_text(row["emp_stat"], ACTIVE["emp_stat"])
        and not any(row.get(name) for name in ("blocked", "backofficeblocked"))
    )


def recorded(connection: sa.Connection) -> Dormant | None:
    """The record that this administration carries; None: the client's identity is not dormant here."""
    if not sa.inspect(connection).has_table(own.dormant.name):
        return None
    text = connection.execute(sa.select(own.dormant.c.record)).scalar()
    return None if text is None else Dormant.from_json(json.loads(text))
