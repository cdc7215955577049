"""Extents that say themselves where they belong: region 2 of a back-up, stripes, differentials.

Their order is not known beforehand [observed]: devices take extents as they get free, and extents that changed
during the back-up are copied once more. Eight pages follow each other; their headers vote for the extent. A page
that is not allocated may carry a left-over header of another one, so the vote counts only headers that stand in
the right place of their extent, and ascending order breaks a tie.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from core.formats.inside.medium import Medium
from core.formats.inside.page import PAGE, Bytes, u16, u32
from core.formats.inside.store import Place

EXTENT = 8 * PAGE
_BATCH = 64
_FILLER = 0x65


@dataclass(frozen=True, slots=True)
class Found:
    """One extent of eight pages in a stream."""

    file_id: int
    extent: int
    offset: int


def extents_in(medium: Medium, start: int, pages: int) -> tuple[list[Found], int]:
    """The extents of one data stream, in its order, and how many groups do not say where they belong.

    Filler pages are not counted.
    """
    found: list[Found] = []
    untold = 0
    last = (0, -1)
    for at in range(0, pages // 8, _BATCH):
        count = min(_BATCH, pages // 8 - at)
        place = start + at * EXTENT
        data = medium.read_at(place, count * EXTENT)
        if len(data) < EXTENT:  # a length that promises more than there is
            break
        whole = np.frombuffer(data[: len(data) // EXTENT * EXTENT], dtype=np.uint8).reshape(-1, 8, PAGE)
        for number, group in enumerate(whole):
            voted = _vote(group, last)
            if voted is None:
                untold += int((group[:, 1] != _FILLER).any())
                continue
            last = voted
            found.append(Found(*voted, place + number * EXTENT))
    return found, untold


def place_of(found: list[Found], file_id: int, source: int) -> Place:
    """Where the pages of one file are in medium `source`; an extent that comes twice counts where it comes last."""
    last = {each.extent: each.offset for each in found if each.file_id == file_id}
    extents = np.array(sorted(last), dtype=np.int64)
    offsets = np.array([last[int(each)] for each in extents], dtype=np.int64)
    step = np.arange(8)
    numbers = (extents[:, None] * 8 + step).reshape(-1)
    places = (offsets[:, None] + step * PAGE).reshape(-1).astype(np.int64)
    return Place(numbers, places, np.full(len(numbers), source, dtype=np.int64))


def _vote(group: Bytes, last: tuple[int, int]) -> tuple[int, int] | None:
    ids, files = u32(group, 32).astype(np.int64), u16(group, 36).astype(np.int64)
    fits = (group[:, 0] == 1) & (group[:, 1] > 0) & (group[:, 1] < 32) & (ids % 8 == np.arange(8)) & (files > 0)
    votes = Counter(zip(files[fits].tolist(), (ids[fits] // 8).tolist(), strict=True))
    if not votes:
        return None
    most = max(votes.values())
    best = sorted(each for each, count in votes.items() if count == most)
    return next((each for each in best if each > last), best[0])
