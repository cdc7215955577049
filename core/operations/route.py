"""Which route an operation takes: we do it, or Globe's own wizard does and we prove each step (rules.md, two routes).

What came in by one route goes back by the same: the wizard leaves nothing of ours inside, and what we swapped only we
can swap back.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.settings import TargetSettings


@dataclass(frozen=True, slots=True)
class Route:
    """The route, and why it is that one."""

    word: str
    """`machine` or `guided`."""
    why: str
    """`route.<word>` of the catalogue."""
    closed: str = ""
    """Why neither is open (`refused.route-<word>`); empty: it is."""


PRACTICE = Route("machine", "practice")


def route_of(target: TargetSettings, package: str, came_by: str = "") -> Route:
    """The route at a target. `package`: why a package cannot be made like the client's own; empty: it can.

    `came_by`: the route by which the administration came in; empty: it is not here yet.
    """
    if target.engine == "embedded":
        return PRACTICE
    against = _against(target, package)
    if came_by:
        route = Route(came_by, "as-it-came")
    elif target.route == "guided":
        route = Route("guided", "chosen")
    else:
        route = Route("guided", against) if against else Route("machine", "server")
    return Route(route.word, route.why, _closed(target, route, "" if came_by else against))


def _against(target: TargetSettings, package: str) -> str:
    """Why it is not for us: what the firm did not declare, or what we do not understand."""
    if target.profile is None or not target.profile.complete:
        return "profile"
    return "package" if package else ""


def _closed(target: TargetSettings, route: Route, against: str) -> str:
    if target.instance is None:
        return "instance"
    if target.exchange_here is None or (route.word == "machine" and target.exchange_there is None):
        return "exchange"
    return against if target.route == "machine" and route.word == "guided" else ""
