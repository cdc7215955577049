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
from core.administration.types import compare

Expected = Mapping[str, Mapping[Line, Line]]
"""Table -> primary key -> row. A table without a key: the whole row, and how many of it came before."""
Named = dict[str, object]
Same = Callable[[Named, Iterable[Mapping[str, object]]], bool]
"""Is this row, by its key, one of those?"""


def expected(live: sa.Connection, dormant: Dormant) -> dict[str, dict[Line, Line]]:
    """Every row of the identity tables after the swap back, as far as these tables are there."""
    known = catalog.shapes(live)
    wrote = authors.referred(live, [person.number for person in dormant.people], grants=False)
    rules: dict[str, tuple[str, Callable[[list[Named], Same], Iterable[Named]]]] = {
        "humres": ("res_id", lambda rows, same: _users(rows, same, dormant, wrote)),
        "HRRoles": ("roleid empid", lambda rows, _: _roles(rows, dormant)),
        "pwrole": ("roleid", lambda rows, _: _role_names(rows, dormant)),
        "PracticeLicence": ("licnumber", lambda rows, same: _licences(rows, same, dormant)),
    }
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
    """Rows by their primary key; without one, by themselves and a count."""
    found: dict[Line, Line] = {}
    for line in lines:
        key = tuple(line[place] for place in shape.places) or (*line, 0)
        while not shape.key and key in found:
            key = (*line, int(str(key[-1])) + 1)
        found[key] = line
    return found


def _by(key: list[str]) -> Same:
    return lambda row, others: any(all(row.get(name) == other.get(name) for name in key) for other in others)


def _named(row: Mapping[str, object]) -> Named:
    return dict(row)


def _off(row: Named) -> Named:
    """Switched off: exit, and blocked wherever there is such a column."""
    return row | {"emp_stat": "I"} | {name: 1 for name in ("blocked", "backofficeblocked") if name in row}


def _works(row: Named) -> bool:
    return compare(str(row["emp_stat"]), "A") == 0 and not (row.get("blocked") or row.get("backofficeblocked"))


def _users(rows: list[Named], same: Same, dormant: Dormant, wrote: frozenset[int]) -> Iterable[Named]:
    former = [_named(person.former) for person in dormant.people if person.former is not None]
    before = [_named(row) for row in dormant.users] + [_off(row) if _works(row) else row for row in former]
    newcomers = [person for person in dormant.people if person.former is None]
    for row in rows:
        mine = [person for person in newcomers if same(row, [person.key])]
        if mine:
            stays = not mine[0].temporary or mine[0].number in wrote
            yield from [_off(row)] if stays else []
        elif not same(row, before):
            yield row
    yield from before


def _roles(rows: list[Named], dormant: Dormant) -> Iterable[Named]:
    newcomers = {person.number for person in dormant.people if person.former is None}
    asleep = {row["res_id"] for row in dormant.users}
    role = dormant.role
    for row in rows:
        who = row.get("empid")
        granted = role is not None and row["roleid"] == role.number and (role.added or who in role.granted)
        if who not in newcomers | asleep and not granted:
            yield row
    yield from map(_named, dormant.roles)


def _role_names(rows: list[Named], dormant: Dormant) -> Iterable[Named]:
    role = dormant.role
    return (row for row in rows if not (role is not None and role.added and row["roleid"] == role.number))


def _licences(rows: list[Named], same: Same, dormant: Dormant) -> Iterable[Named]:
    firm = dormant.licence
    before = [_named(row) for row in dormant.licences]
    before += [_named(row) | ({"active": 0} if row["active"] else {}) for row in (firm.former if firm else ())]
    for row in rows:
        ours = firm is not None and not firm.former and compare(str(row["licnumber"] or ""), firm.number) == 0
        if not ours and not same(row, before):
            yield row
    yield from before
