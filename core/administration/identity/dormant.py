"""The client's identity as it was before the swap: the record that everything is put back from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.administration.identity import profile
from core.administration.rows import Row, dump, load
from core.errors import BadFormat
from core.model.profile import PRACTICE, IdentityProfile

VERSION = 2
"""Of the JSON. The first had no profile: it is the practice one's."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the firm who works on the administration while it is with us."""

    login: str
    number: int
    """`humres.res_id`."""
    key: Row
    """How the row is found again."""
    former: Row | None
    """The row as it was; None: we added it."""
    temporary: bool
    """A colleague: leaves again without a trace who wrote nothing."""


@dataclass(frozen=True, slots=True)
class Role:
    """The firm's role."""

    number: int
    added: bool
    granted: tuple[int, ...]
    """`res_id` of those who did not have it yet."""


@dataclass(frozen=True, slots=True)
class Licence:
    """The firm's licence."""

    number: str
    former: tuple[Row, ...]
    """The rows with this number as they were; none: we added one."""


@dataclass(frozen=True, slots=True)
class Dormant:
    """Complete rows of the client, and what we put beside them."""

    users: tuple[Row, ...]
    roles: tuple[Row, ...]
    """Of those users: rows of `HRRoles`."""
    licences: tuple[Row, ...]
    people: tuple[Person, ...]
    role: Role | None
    """None: there are no roles here."""
    licence: Licence | None
    """None: there is no licence to swap."""
    profile: IdentityProfile = PRACTICE
    """Where all of it stands: whatever is declared for the target by then, the way back is the way in."""

    def to_json(self) -> dict[str, object]:
        """An object that JSON can hold."""
        role, licence = self.role, self.licence
        return {
            "version": VERSION,
            "users": [dump(row) for row in self.users],
            "roles": [dump(row) for row in self.roles],
            "licences": [dump(row) for row in self.licences],
            "people": [
                [each.login, each.number, dump(each.key), each.former and dump(each.former), each.temporary]
                for each in self.people
            ],
            "role": role and [role.number, role.added, list(role.granted)],
            "licence": licence and [licence.number, [dump(row) for row in licence.former]],
            "profile": profile.record(self.profile),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Dormant:
        """The record of `to_json`. Raises BadFormat."""
        try:
            return _record(dict(data))
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise BadFormat("dormant-record") from problem


def _record(data: dict[str, object]) -> Dormant:
    match data:
        case {
            "version": 1 | 2 as version,
            "users": [*users],
            "roles": [*roles],
            "licences": [*licences],
            "people": [*people],
            "role": role,
            "licence": licence,
        }:
            return Dormant(
                tuple(map(load, users)),
                tuple(map(load, roles)),
                tuple(map(load, licences)),
                tuple(map(_person, people)),
                None if role is None else _role(role),
                None if licence is None else _licence(licence),
                PRACTICE if version == 1 else profile.from_record(data["profile"]),
            )
    raise ValueError


def _person(data: object) -> Person:
    match data:
        case [str(login), int(number), dict(key), dict() | None as former, bool(temporary)]:
            return Person(login, number, load(key), None if former is None else load(former), temporary)
    raise ValueError


def _role(data: object) -> Role:
    match data:
        case [int(number), bool(added), [*granted]]:
            return Role(number, added, tuple(map(_whole, granted)))
    raise ValueError


def _licence(data: object) -> Licence:
    match data:
        case [str(number), [*former]]:
            return Licence(number, tuple(map(load, former)))
    raise ValueError


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value
