"""What a live administration says of its own places of users, roles and licence: for the firm to complete a profile.

Reads its catalog, and counts rows; writes nothing. What a table means only the firm knows: names are a hint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from core.administration import catalog
from core.administration.catalog import Shape
from core.administration.identity.people import Survey, survey
from core.administration.identity.profile import missing, required
from core.model.profile import Candidate, IdentityProfile

_LICENCE = re.compile(r"licen[cs]", re.IGNORECASE)
_SHORT = re.compile(r"^lic(?=[A-Z_]|nr|no|num)|_lic", re.IGNORECASE)
_LOG = re.compile(r"log|snapshot|audit|call|history", re.IGNORECASE)
"""Tables beside the licence that only tell what happened (facts.md section 3.2)."""
_NUMBER = re.compile(r"num|nr$|no$|code$|id$", re.IGNORECASE)
_ACTIVE = re.compile(r"active|actief|enabled|valid|status", re.IGNORECASE)
_LOGIN = re.compile(r"^(usr_id|user_?id|user_?name|login|logon|windows.*)$", re.IGNORECASE)
_BYTES = ("image", "varbinary", "blob", "binary")
MOST = 20
"""Candidates that are told of a kind."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How far a profile fits, and what there is beside it."""

    missing: tuple[tuple[str, tuple[str, ...]], ...]
    """Declared tables and those of their declared columns that are not there."""
    wanted: tuple[tuple[str, tuple[str, ...]], ...]
    """Declared tables and columns that a new row needs a value for and that the profile does not give."""
    survey: Survey
    """Whose it is, read by this profile."""
    licences: tuple[Candidate, ...]
    """Tables that look like the licence's, the likely ones first; told also where one is declared."""
    users: tuple[Candidate, ...]
    """Tables that look like those of users, where the declared one is not there."""


def suggest(connection: sa.Connection, profile: IdentityProfile) -> Suggestion:
    """What the firm should know to complete this profile."""
    known = {name: shape for name, shape in catalog.shapes(connection).items() if not catalog.ours(name)}
    lacking = missing(connection, profile)
    licences = [_licence(connection, shape) for shape in known.values() if _looks_like_licence(shape)]
    licences.sort(key=lambda each: (each.log, not (each.numbers and each.active), not each.data, each.table.casefold()))
    people: list[Candidate] = []
    if profile.users in lacking:
        people = [
            Candidate(shape.name, _count(connection, shape), named)
            for shape in known.values()
            if (named := _matching(shape, _LOGIN))
        ]
    return Suggestion(
        tuple(lacking.items()),
        tuple(_wanted(known.values(), profile)),
        survey(connection, profile),
        tuple(licences[:MOST]),
        tuple(people[:MOST]),
    )


def _wanted(shapes: Iterable[Shape], profile: IdentityProfile) -> Iterable[tuple[str, tuple[str, ...]]]:
    licence = profile.place
    given: dict[str, tuple[str, ...]] = {
        profile.users: (
            profile.number, profile.login, profile.status, profile.name, *profile.blocked,
        ),
        profile.role_names: (profile.role_number, profile.role_name),
        profile.grants: (profile.grant_role, profile.grant_user),
    }  # fmt: skip
    if licence is not None:
        given[licence.table] = (licence.number, licence.active, licence.holder)
    declared = {table.casefold(): {name.casefold() for name in own} for table, own in profile.values.items()}
    for shape in shapes:
        name = shape.name.casefold()
        named = next((columns for table, columns in given.items() if table.casefold() == name), None)
        if named is None:
            continue
        have = (
            {each.casefold() for each in named} | declared.get(name, set()) | {"syscreator", "sysmodifier", "sysguid"}
        )
        lacking = tuple(each for each in required(shape.columns) if each.casefold() not in have)
        if lacking:
            yield shape.name, lacking


def _looks_like_licence(shape: Shape) -> bool:
    names = (shape.name, *(each.name for each in shape.columns))
    return any(_LICENCE.search(each) or _SHORT.search(each) for each in names)


def _licence(connection: sa.Connection, shape: Shape) -> Candidate:
    named = tuple(each.name for each in shape.columns if _LICENCE.search(each.name) or _SHORT.search(each.name))
    own = bool(_LICENCE.search(shape.name))
    numbers = tuple(each for each in (_matching(shape, _NUMBER) if own else named) if _NUMBER.search(each))
    data = tuple(each.name for each in shape.columns if each.kind.casefold().startswith(_BYTES))
    return Candidate(
        shape.name, _count(connection, shape), named, numbers, _matching(shape, _ACTIVE), data,
        log=bool(_LOG.search(shape.name)),
    )  # fmt: skip


def _matching(shape: Shape, pattern: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(each.name for each in shape.columns if pattern.search(each.name))


def _count(connection: sa.Connection, shape: Shape) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(shape.table)).scalar_one())
