"""A declared profile on a live administration: its places, and rows that its catalog takes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

import sqlalchemy as sa

from core.administration import catalog
from core.administration.catalog import Column
from core.administration.rows import Place, Row, Value, dump, load, place
from core.errors import Refused
from core.model.profile import PRACTICE, IdentityProfile, LicencePlace, NewValue

_WORDS = (
    "number", "login", "status", "left", "name", "kind", "role_number", "role_name", "grant_role", "grant_user",
)  # fmt: skip
_AUTHORS = ("syscreator", "sysmodifier")
_BYTES = ("image", "binary", "varbinary")
_GUID = "sysguid"
"""Columns that nearly every table of Globe has (facts.md section 3.1): filled where they have no default."""
_SIZE = re.compile(r"\((\d+)\)")


@dataclass(frozen=True, slots=True)
class Places:
    """The tables of the swap. None: it is not there, and there is nothing to swap in it."""

    profile: IdentityProfile
    """With all names of columns in small letters, as rows have them."""
    users: Place
    role_names: Place | None
    roles: Place | None
    """Who has which."""
    licences: Place | None

    def new(self, connection: sa.Connection, table: Place, values: Row) -> None:
        """Add a row with these values. Raises Refused (`identity-required`)."""
        table.add(connection, new_row(self.profile, table, values))


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of it."""

    profile: IdentityProfile
    users: Place | None
    role_names: Place | None
    roles: Place | None
    licences: Place | None


def folded(profile: IdentityProfile) -> IdentityProfile:
    """The same with every name of a column in small letters, as rows have them."""
    licence = profile.place
    return replace(
        profile,
        **{word: getattr(profile, word).casefold() for word in _WORDS},
        blocked=tuple(each.casefold() for each in profile.blocked),
        licence=profile.licence if licence is None else LicencePlace(
            licence.table, licence.number.casefold(), licence.active.casefold(), licence.holder.casefold()
        ),
        values={
            table.casefold(): {name.casefold(): value for name, value in own.items()}
            for table, own in profile.values.items()
        },
    )  # fmt: skip


def found_places(connection: sa.Connection, profile: IdentityProfile) -> Found:
    """The tables as they are; of one that lacks the columns asked it is as if it were not there."""
    known, own = catalog.shapes(connection), folded(profile)
    licence = own.place

    def one(name: str, *natural: str, also: tuple[str, ...] = ()) -> Place | None:
        found = place(known, name, *natural)
        return found if found and found.has(*natural, *also) else None

    users = place(known, own.users, own.number)
    return Found(
        own,
        users if users and users.has(own.number, own.login, own.status) else None,
        one(own.role_names, own.role_number, also=(own.role_name,)),
        one(own.grants, own.grant_role, own.grant_user),
        # Whether it counts is what a swap changes: no row is found again by that.
        one(licence.table, licence.number, also=(licence.active,)) if licence else None,
    )


def places(connection: sa.Connection, profile: IdentityProfile) -> Places:
    """The tables as they are.

    Raises Refused: `identity-unknown` without users, `identity-undeclared` where nobody said where the licence is, and
    `identity-columns` where a declared table is not as it was declared. Of roles there may be none.
    """
    found = found_places(connection, profile)
    if found.users is None:
        raise Refused("identity-unknown", table=profile.users, columns=_listed(profile))
    if not profile.complete:
        raise Refused("identity-undeclared")
    if profile != PRACTICE:  # a practice package may lack whatever it likes
        licence = profile.place
        known = catalog.shapes(connection)
        for table, columns in missing(connection, profile).items():
            if catalog.shape(known, table) is not None or (licence is not None and licence.table == table):
                raise Refused("identity-columns", table=table, columns=", ".join(columns))
    return Places(found.profile, found.users, found.role_names, found.roles, found.licences)


def _listed(profile: IdentityProfile) -> str:
    return f"{profile.number}, {profile.login}, {profile.status}"


def missing(connection: sa.Connection, profile: IdentityProfile) -> dict[str, tuple[str, ...]]:
    """Declared table -> declared columns that it lacks; all of them where the table is not there."""
    known = catalog.shapes(connection)
    licence = profile.place
    asked: dict[str, tuple[str, ...]] = {
        profile.users: (profile.number, profile.login, profile.status),
        profile.role_names: (profile.role_number, profile.role_name),
        profile.grants: (profile.grant_role, profile.grant_user),
    }
    if licence is not None:
        asked[licence.table] = tuple(filter(None, (licence.number, licence.active, licence.holder)))
    found = {}
    for table, columns in asked.items():
        shape = catalog.shape(known, table)
        there = set() if shape is None else {each.name.casefold() for each in shape.columns}
        lacking = tuple(each for each in columns if each.casefold() not in there)
        if lacking:
            found[table] = lacking
    return found


def required(columns: Iterable[Column]) -> tuple[str, ...]:
    """Columns that a new row must have a value for: not to be empty, no default, and not the engine's own."""
    return tuple(
        each.name for each in columns if each.rule == "not null default None" and each.writable and not each.identity
    )


def new_row(profile: IdentityProfile, table: Place, values: Row) -> Row:
    """These values, the profile's own for new rows of this table, and what every table of Globe has.

    `profile` is folded. Raises Refused (`identity-required`) by name for a column that would stay without a value.
    """
    row = {**_declared(profile, table), **values}
    lacking = [each.casefold() for each in required(table.shape.columns) if each.casefold() not in row]
    row |= {name: made for name in lacking if (made := _usual(name, row, profile)) is not None}
    unknown = [each for each in required(table.shape.columns) if each.casefold() not in row]
    if unknown:
        raise Refused("identity-required", table=table.shape.name, columns=", ".join(unknown))
    return row


def _declared(profile: IdentityProfile, table: Place) -> dict[str, Value]:
    """The profile's own values for this table; settings know no bytes, so these come as hexadecimal digits."""
    kinds = {each.name.casefold(): each.kind for each in table.shape.columns}
    made: dict[str, Value] = {}
    for name, value in profile.values.get(table.shape.name.casefold(), {}).items():
        made[name] = value
        if isinstance(value, str) and kinds.get(name, "").startswith(_BYTES):
            try:
                made[name] = bytes.fromhex(value.removeprefix("0x"))
            except ValueError:
                raise Refused("identity-required", table=table.shape.name, columns=name) from None
    return made


def fitting(table: Place, column: str, text: str) -> str:
    """As much of a name as its column holds, as its catalog says."""
    kind = next((each.kind for each in table.shape.columns if each.name.casefold() == column), "")
    size = _SIZE.search(kind)
    return text if size is None else text[: int(size[1])]


def _usual(name: str, row: Mapping[str, Value], profile: IdentityProfile) -> Value:
    if name in _AUTHORS:
        who = row.get(profile.number, 0)
        return who if isinstance(who, int) else 0
    return str(uuid.uuid4()).upper() if name == _GUID else None


def record(profile: IdentityProfile) -> dict[str, object]:
    """An object that JSON can hold."""
    made: dict[str, object] = {each.name: getattr(profile, each.name) for each in fields(profile)}
    licence = profile.place
    return {
        **made,
        "blocked": list(profile.blocked),
        "licence": profile.licence if licence is None else asdict(licence),
        "values": {table: dump(own) for table, own in profile.values.items()},
    }


def from_record(data: object) -> IdentityProfile:
    """The profile of `record`. Raises ValueError, TypeError, KeyError."""
    match data:
        case {"blocked": [*blocked], "licence": licence, "values": dict(values), **rest}:
            made: dict[str, Any] = {str(name): _word(value) for name, value in rest.items()}
            return IdentityProfile(
                **made,
                blocked=tuple(map(_word, blocked)),
                licence=_licence(licence),
                values={str(table): _values(own) for table, own in values.items()},
            )
    raise ValueError


def _values(data: object) -> dict[str, NewValue]:
    found: dict[str, NewValue] = {}
    for name, value in load(data).items():
        if not isinstance(value, str | int | float | bytes):
            raise TypeError(type(value))
        found[name] = value
    return found


def _licence(data: object) -> LicencePlace | Literal["none"] | None:
    if isinstance(data, dict):
        made: dict[str, Any] = {str(name): _word(value) for name, value in data.items()}
        return LicencePlace(**made)
    if data is None:
        return None
    if data == "none":
        return "none"
    raise ValueError


def _word(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(type(value))
