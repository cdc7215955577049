"""A profile tried on a scratch copy: swapped, swapped back, and compared with what it was and with what it must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from core.administration import own
from core.administration.engine import Mark
from core.administration.identity.expectation import expected
from core.administration.identity.people import Survey, recorded, survey
from core.administration.identity.swap import Firm, swap_in
from core.administration.identity.way_back import swap_back
from core.administration.ledger.digest import digests
from core.administration.proof import Proof, against
from core.errors import Refused
from core.model.profile import IdentityProfile

OPERATION = "trial"
_MARK = Mark(OPERATION, "", "", "", OPERATION)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it."""

    before: Survey
    during: Survey
    after: Survey
    touched: tuple[str, ...]
    """Tables beside the profile's own whose rows are not as they were."""
    proof: Proof
    """The profile's tables against what was worked out for them."""

    @property
    def good(self) -> bool:
        """The client is back as it was, the firm could work meanwhile, and nothing else was touched."""
        return not self.touched and not self.proof.count and self.before == self.after


def tried(
    connection: sa.Connection, firm: Firm, profile: IdentityProfile, check: Callable[[], None] = lambda: None
) -> Trial:
    """Swap and swap back on this scratch copy, in the caller's transaction.

    Raises Refused: `identity-swapped` where a client sleeps in it, and whatever a swap refuses.
    """
    if recorded(connection) is not None:
        raise Refused("identity-swapped")
    own.leave(connection)
    mine = {profile.users, profile.role_names, profile.grants, *([profile.place.table] if profile.place else [])}
    but = {each.casefold() for each in mine}
    before, first = survey(connection, profile), digests(connection, check, but=but)
    own.prepare(connection, _MARK)
    dormant = swap_in(connection, firm, operation=OPERATION, profile=profile)
    during = survey(connection, profile)
    wanted = expected(connection, dormant)
    swap_back(connection, dormant, operation=OPERATION)
    last = digests(connection, check, but=but)
    touched = tuple(sorted(name for name in first.keys() | last.keys() if first.get(name) != last.get(name)))
    return Trial(before, during, survey(connection, profile), touched, against(connection, wanted, check))
