"""Which identity a returned package must carry, worked out in memory from the administration and the record.

It shares nothing with the swap back (identity_back.py) but the record, so that the proof does not repeat a mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import sqlalchemy as sa

from core.administration import catalog
from core.administration.catalog import Line, Shape
from core.administration.identity import authors
from core.administration.identity.dormant import Dormant
from core.administration.identity.profile import folded
from core.administration.types import compare
from core.model.profile import IdentityProfile, LicencePlace

Expected = Mapping[str, Mapping[Line, Line]]
"""Table -> primary key -> row. A table without a key: the whole row, and how many of it came before."""
Named = dict[str, object]
Same = Callable[[Named, Iterable[Mapping[str, object]]], bool]
"""Is this row, by its key, one of those?"""


def expected(live: sa.Connection, dormant: Dormant) -> dict[str, dict[Line, Line]]:
    """Every row of the identity tables after the swap back, as far as these tables are there."""
    known = catalog.shapes(live)
    profile = folded(dormant.profile)
    wrote = authors.referred(live, [person.number for person in dormant.people], dormant.profile, grants=False)
    rules: dict[str, tuple[str, Callable[[list[Named], Same], Iterable[Named]]]] = {
        profile.users: (profile.number, lambda rows, same: _users(rows, same, dormant, wrote)),
        profile.grants: (
            f"{profile.grant_role} {profile.grant_user}",
            lambda rows, _: _roles(rows, dormant, profile),
        ),
        profile.role_names: (profile.role_number, lambda rows, _: _role_names(rows, dormant, profile.role_number)),
    }
    place = profile.place
    if place is not None:
        rules[place.table] = (place.number, lambda rows, same: _licences(rows, same, dormant, place))
    found = {}
    for name, (natural, rule) in rules.items():
        shape = catalog.shape(known, name)
        if shape is None:
            continue
        names = [column.name.casefold() for column in shape.columns]
        rows = [dict(zip(names, row, strict=True)) for batch in catalog.batches(live, shape) for row in batch]
        key = [each.casefold() for each in shape.key] or natural.split()
        lines = (tuple(row[each] for each in names) for row in rule(rows, _by(key)))
        found[shape.name] = keyed(shape, lines)
    return found


def keyed(shape: Shape, lines: Iterable[Line]) -> dict[Line, Line]:
    """Rows by their primary key; without one, by themselves and a count.

    What the server alone writes is left out: a row that was switched off and on again has another row version.
    """
    found: dict[Line, Line] = {}
    written = [column.writable or column.identity for column in shape.columns]
    for whole in lines:
        line = tuple(cell if ours else None for cell, ours in zip(whole, written, strict=True))
        key = tuple(line[place] for place in shape.places) or (*line, 0)
        while not shape.key and key in found:
            key = (*line, int(str(key[-1])) + 1)
        found[key] = line
    return found


def _by(key: list[str]) -> Same:
    return lambda row, others: any(all(row.get(name) == other.get(name) for name in key) for other in others)


def _named(row: Mapping[str, object]) -> Named:
    return dict(row)


def _off(row: Named, profile: IdentityProfile) -> Named:
    """Switched off: exit, and blocked wherever there is such a column."""
    return row | {profile.status: profile.gone} | {name: 1 for name in profile.blocked if name in row}


def _works(row: Named, profile: IdentityProfile) -> bool:
    there = compare(str(row[profile.status]), profile.active) == 0
    return there and not any(row.get(name) for name in profile.blocked)


def _users(rows: list[Named], same: Same, dormant: Dormant, wrote: frozenset[int]) -> Iterable[Named]:
    profile = folded(dormant.profile)
    former = [_named(person.former) for person in dormant.people if person.former is not None]
    before = [_named(row) for row in dormant.users]
    before += [_off(row, profile) if _works(row, profile) else row for row in former]
    newcomers = [person for person in dormant.people if person.former is None]
    for row in rows:
        mine = [person for person in newcomers if same(row, [person.key])]
        if mine:
            stays = not mine[0].temporary or mine[0].number in wrote
            yield from [_off(row, profile)] if stays else []
        elif not same(row, before):
            yield row
    yield from before


def _roles(rows: list[Named], dormant: Dormant, profile: IdentityProfile) -> Iterable[Named]:
    newcomers = {person.number for person in dormant.people if person.former is None}
    asleep = {row[profile.number] for row in dormant.users}
    role = dormant.role
    for row in rows:
        who = row.get(profile.grant_user)
        own = role is not None and row[profile.grant_role] == role.number
        granted = role is not None and own and (role.added or who in role.granted)
        if who not in newcomers | asleep and not granted:
            yield row
    yield from map(_named, dormant.roles)


def _role_names(rows: list[Named], dormant: Dormant, number: str) -> Iterable[Named]:
    role = dormant.role
    return (row for row in rows if not (role is not None and role.added and row[number] == role.number))


def _licences(rows: list[Named], same: Same, dormant: Dormant, place: LicencePlace) -> Iterable[Named]:
    firm = dormant.licence
    before = [_named(row) for row in dormant.licences]
    before += [_named(row) | ({place.active: 0} if row[place.active] else {}) for row in (firm.former if firm else ())]
    for row in rows:
        ours = firm is not None and not firm.former and compare(str(row[place.number] or ""), firm.number) == 0
        if not ours and not same(row, before):
            yield row
    yield from before
