"""Who wrote what: every column, in any table, that names somebody by `humres.res_id` (facts.md section 3.1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain, islice

import sqlalchemy as sa

from core.administration import catalog
from core.model.profile import PRACTICE, IdentityProfile

NAMES = frozenset({
    "syscreator", "sysmodifier", "res_id", "empid", "humanresourceid", "approver", "approver2", "processor",
    "journalizer", "cmp_acc_man", "accountemployeeid", "salespersonnumber", "responsible", "del_res_identry",
})  # fmt: skip
"""Names of such columns. One too many only keeps somebody who could have been removed."""
HIGHEST = 2**31 - 1
"""SQL Server's `int`."""
_AT_ONCE = 16
"""SQL Server takes 2100 values in a statement."""


def referred(
    connection: sa.Connection, numbers: Collection[int], profile: IdentityProfile = PRACTICE, *, grants: bool = True
) -> frozenset[int]:
    """Those of these people whom some row names: as author, owner or otherwise.

    Somebody's own row among the users does not count; with `grants` off, neither does a role that they have.
    """
    if not numbers:
        return frozenset()
    found: set[int] = set()
    for shape in catalog.shapes(connection).values():
        found |= _in_table(connection, shape, sorted(numbers), profile, grants=grants)
    return frozenset(found)


def _in_table(
    connection: sa.Connection, shape: catalog.Shape, numbers: list[int], profile: IdentityProfile, *, grants: bool
) -> set[int]:
    table, name = shape.table, shape.name.casefold()
    number, grant = profile.number.casefold(), profile.grant_user.casefold()
    people = name == profile.users.casefold()
    wanted = NAMES - {number} if people else NAMES
    if name == profile.grants.casefold():
        wanted = wanted | {grant} if grants else wanted - {grant}
    columns = [column for column in table.c if column.key in wanted]
    if not columns:
        return set()
    named = [column.in_(numbers) for column in columns]
    query = (
        sa.select(*(sa.case((hit, column)) for hit, column in zip(named, columns, strict=True)))
        .where(sa.or_(*named))
        .distinct()
    )
    if people and number in table.c:
        query = query.where(table.c[number].not_in(numbers))
    return {int(cell) for row in connection.execute(query) for cell in row if cell is not None}


def free(
    connection: sa.Connection, taken: Iterable[int], count: int, profile: IdentityProfile = PRACTICE
) -> tuple[int, ...]:
    """So many numbers for new people: above all that are given, and that no row names, not even of one long gone."""
    used = {number for number in taken if 0 < number <= HIGHEST}
    top = max(used, default=0)
    candidates = chain(range(top + 1, HIGHEST + 1), (number for number in range(1, top) if number not in used))
    found: list[int] = []
    while len(found) < count:
        some = list(islice(candidates, _AT_ONCE))
        named = referred(connection, some, profile)
        found += [number for number in some if number not in named]
    return tuple(found[:count])
