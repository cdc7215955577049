"""`wissel target profile`: how a target's identity profile fits one administration there, and if a swap by it works.

Looking writes nothing. A trial works on a scratch copy that is gone afterwards, whatever comes of it.
"""

from __future__ import annotations

from collections.abc import Callable

from core.administration.engine import Work
from core.administration.identity.suggestion import suggest
from core.administration.identity.trial import tried
from core.errors import NotFound
from core.model.profile import ProfileView, TrialView
from core.operations.engines import engine_of, profile_of, target_of
from core.operations.restore import firm_of
from core.settings import Settings

_COPY = "profile"
FIRST = 5
"""Differences that are told."""


def look(settings: Settings, target: str, number: str, *, trial: bool = False) -> ProfileView:
    """What stands in this administration, by the target's profile. `trial`: swap there and back on a scratch copy.

    Raises NotFound (`target`, `administration-none`), what the engine raises, and with `trial` whatever a swap
    refuses.
    """
    found = target_of(settings, target)
    engine, profile = engine_of(settings, found.name), profile_of(settings, found.name)
    if engine.occupied(number) is None:
        raise NotFound("administration-none", number=number, target=found.name)
    with engine.open(engine.place(number)) as connection:
        said = suggest(connection, profile)
    place = profile.place
    return ProfileView(
        found.name,
        number,
        profile.complete,
        place.table if place is not None else "none" if profile.licence else "",
        said.missing,
        said.wanted,
        said.survey.users,
        said.survey.roles,
        said.survey.licences,
        said.licences,
        said.users,
        try_out(settings, found.name, number) if trial else None,
    )


def try_out(settings: Settings, target: str, number: str, check: Callable[[], None] = lambda: None) -> TrialView:
    """Swap the client's identity for the firm's and back, on a copy; the administration itself is only read."""
    engine = engine_of(settings, target)
    work = Work(log=lambda _kind, _text: None, progress=lambda _done, _total: None, check=check)
    copy = engine.draft(f"O-0000{number}", _COPY)
    engine.discard(copy, work)  # of a trial that was killed
    try:
        engine.duplicate(number, copy, work)
        with engine.open(copy, work, write=True) as connection:
            trial = tried(connection, firm_of(settings), profile_of(settings, target), check)
    finally:
        engine.discard(copy, work)
    first = trial.proof.differences[:FIRST]
    return TrialView(
        trial.good,
        trial.during.users,
        trial.touched,
        trial.proof.count,
        tuple(" ".join(filter(None, (each.table, each.key, each.column))) for each in first),
    )
