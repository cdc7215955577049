"""Pages by their position: where a page is follows from the allocation maps, never from what a header claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.formats.inside.damage import Damage, DamageBook
from core.formats.inside.medium import Medium
from core.formats.inside.page import PAGE, Bytes, Numbers, u16, u32, verify

INTERVAL = 511_232
"""Pages that one GAM page describes [observed]."""
EXTENTS = INTERVAL // 8
PFS_EVERY = 8088
BATCH = 512
"""Pages read and checked at a time: 4 MB."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pages of one file are: `numbers` ascending, and the byte offset of each in its medium."""

    numbers: Numbers
    offsets: Numbers
    sources: Numbers | None = None
    """Which medium; None: the first one."""

    @property
    def of(self) -> Numbers:
        """Which medium each page is in."""
        return np.zeros(len(self.numbers), dtype=np.int64) if self.sources is None else self.sources


EMPTY = Place(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def overlaid(base: Place, over: Place) -> Place:
    """`base` with the pages of `over` in their place, or beside them."""
    keep = ~np.isin(base.numbers, over.numbers)
    numbers = np.concatenate([base.numbers[keep], over.numbers])
    order = np.argsort(numbers, kind="stable")
    offsets = np.concatenate([base.offsets[keep], over.offsets])
    return Place(numbers[order], offsets[order], np.concatenate([base.of[keep], over.of])[order])


class Seen:
    """Which pages were looked at, and which of those carry a check: a byte for each page, by its place in `numbers`."""

    def __init__(self) -> None:
        self._marks: dict[int, Bytes] = {}

    def note(self, file_id: int, numbers: Numbers, wanted: Numbers, checked: NDArray[np.bool_]) -> None:
        """The pages `wanted` were looked at; `numbers` are all of the file, ascending."""
        marks = self._marks.setdefault(file_id, np.zeros(len(numbers), dtype=np.uint8))
        marks[np.searchsorted(numbers, wanted)] |= 1 + 2 * checked.astype(np.uint8)

    def of(self, file_id: int, numbers: Numbers, wanted: Numbers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which of the pages `wanted` were looked at, and which carry a check."""
        all_marks = self._marks.setdefault(file_id, np.zeros(len(numbers), dtype=np.uint8))
        marks = all_marks[np.searchsorted(numbers, wanted)]
        return marks > 0, marks > 1


class PageStore(Protocol):
    """The pages of a database, wherever they come from."""

    damage: DamageBook
    seen: Seen | None
    """Notes the pages that are read, when somebody wants to know."""

    @property
    def files(self) -> tuple[int, ...]:
        """Ids of the data files."""

    def count(self, file_id: int) -> int:
        """Pages of this file that are here."""

    def numbers(self, file_id: int) -> Numbers:
        """The numbers of those pages, ascending."""

    def pages(self, file_id: int, numbers: Numbers) -> tuple[Bytes, NDArray[np.bool_]]:
        """These pages, (n, 8192), and which of them are here and whole; the others are zeros and noted as damage."""

    def expect(self, file_id: int, numbers: Numbers) -> None:
        """These pages are asked for next: whatever takes time may begin."""


class PlacedStore:
    """Pages of one medium or several."""

    def __init__(self, media: Sequence[Medium], places: Mapping[int, Place], damage: DamageBook | None = None) -> None:
        self._media = tuple(media)
        self._places = dict(places)
        self.damage = damage or DamageBook()
        self.seen: Seen | None = None

    @property
    def files(self) -> tuple[int, ...]:
        """Ids of the data files."""
        return tuple(self._places)

    def count(self, file_id: int) -> int:
        """Pages of this file that are here."""
        place = self._places.get(file_id)
        return 0 if place is None else len(place.numbers)

    def numbers(self, file_id: int) -> Numbers:
        """The numbers of those pages, ascending."""
        return self._places.get(file_id, EMPTY).numbers

    def over(self, media: Sequence[Medium], places: Mapping[int, Place]) -> PlacedStore:
        """This store with newer pages, which lie in other media, laid over it."""
        first = len(self._media)
        made = dict(self._places)
        for file_id, place in places.items():
            base = made.get(file_id, EMPTY)
            made[file_id] = overlaid(base, Place(place.numbers, place.offsets, place.of + first))
        return PlacedStore((*self._media, *media), made, self.damage)

    def pages(self, file_id: int, numbers: Numbers) -> tuple[Bytes, NDArray[np.bool_]]:
        """These pages, and which of them are here and whole."""
        place = self._places.get(file_id)
        made: Bytes = np.zeros((len(numbers), PAGE), dtype=np.uint8)
        if place is None or not len(place.numbers):
            for number in numbers:
                self.damage.add(Damage("page-missing", file_id, int(number)))
            return made, np.zeros(len(numbers), dtype=bool)
        runs, here = self._runs(place, numbers)
        for medium, offset, first, end in runs:
            medium.expect(offset, PAGE * (end - first))
        for medium, offset, first, end in runs:
            got = np.frombuffer(medium.read_at(offset, PAGE * (end - first)), dtype=np.uint8)
            made[first:end].reshape(-1)[: len(got)] = got
            for start, stop in medium.lost(offset, PAGE * (end - first)):
                # A page of which only a part is left can look like one with fewer rows.
                gone = slice(max(first, first + (start - offset) // PAGE), min(end, first - (offset - stop) // PAGE))
                made[gone], here[gone] = 0, False
        return made, self._checked(made, here, file_id, numbers)

    def expect(self, file_id: int, numbers: Numbers) -> None:
        """These pages are asked for next: whatever takes time may begin."""
        place = self._places.get(file_id)
        if place is not None and len(place.numbers):
            for medium, offset, first, end in self._runs(place, numbers)[0]:
                medium.expect(offset, PAGE * (end - first))

    def _runs(self, place: Place, numbers: Numbers) -> tuple[list[tuple[Medium, int, int, int]], NDArray[np.bool_]]:
        """Runs of neighbours, read at once: medium, byte offset, first and end in `numbers`. And which are here."""
        at = np.minimum(np.searchsorted(place.numbers, numbers), len(place.numbers) - 1)
        here = place.numbers[at] == numbers
        offsets = place.offsets[at]
        sources = np.zeros(len(at), dtype=np.int64) if place.sources is None else place.sources[at]
        if len(at) == 1:  # chains and large values are followed page by page
            return [(self._media[sources[0]], int(offsets[0]), 0, 1)] if here[0] else [], here
        runs: list[tuple[Medium, int, int, int]] = []
        for source in np.unique(sources[here]):
            which = np.flatnonzero(here & (sources == source))
            breaks = np.flatnonzero((np.diff(offsets[which]) != PAGE) | (np.diff(which) != 1)) + 1
            runs += [
                (self._media[source], int(offsets[run[0]]), int(run[0]), int(run[-1]) + 1)
                for run in np.split(which, breaks)
            ]
        return runs, here

    def _checked(self, made: Bytes, here: NDArray[np.bool_], file_id: int, numbers: Numbers) -> NDArray[np.bool_]:
        checked, bad, torn = verify(made)
        stray = here & ((u32(made, 32) != numbers) | (u16(made, 36) != file_id))
        self.damage.checked["pages"] += int((checked & here).sum())
        if self.seen is not None:
            self.seen.note(file_id, self.numbers(file_id), numbers[here], checked[here])
        for code, which in (
            ("page-missing", ~here),
            ("page-torn", here & bad & torn),
            ("page-checksum", here & bad & ~torn),
            ("page-identity", stray & ~bad),
        ):
            for each in np.flatnonzero(which):
                self.damage.add(Damage(code, file_id, int(numbers[each])))
        return np.asarray(here & ~bad & ~stray)


def data_file_place(medium: Medium) -> Place:
    """A database file: page n at n x 8192."""
    numbers = np.arange(medium.size // PAGE, dtype=np.int64)
    return Place(numbers, numbers * PAGE)


def backup_place(medium: Medium, start: int, count: int) -> Place:
    """One file's `count` pages from byte `start` of the data stream of a full back-up.

    Of each GAM interval an extent is there when it is allocated, mixed, the first one, or holds a PFS page
    [observed]. The map itself lies in the first extent.
    """
    parts = [np.zeros(0, dtype=np.int64)]
    interval = done = 0
    while done < count:
        first = interval * INTERVAL
        lead = PAGE * (2 if interval == 0 else 0)
        maps = medium.read_at(start + PAGE * done + lead, 2 * PAGE)
        if len(maps) < 2 * PAGE:
            break
        extents = first // 8 + np.flatnonzero(_present(maps, first))
        parts.append((extents[:, None] * 8 + np.arange(8)).reshape(-1))
        done += len(parts[-1])
        interval += 1
    numbers = np.concatenate(parts)[:count]
    return Place(numbers, start + PAGE * np.arange(len(numbers), dtype=np.int64))


def _present(maps: bytes, first: int) -> NDArray[np.bool_]:
    """Which extents of the interval are in the back-up, by its GAM and SGAM pages."""
    both = np.frombuffer(maps, dtype=np.uint8).reshape(2, PAGE)[:, 194 : 194 + EXTENTS // 8]
    free, mixed = np.unpackbits(both, axis=1, bitorder="little").astype(bool)
    present = ~free | mixed
    present[0] = True
    pfs = np.arange(-(-first // PFS_EVERY) * PFS_EVERY, first + INTERVAL, PFS_EVERY)
    present[(pfs - first) // 8] = True
    return np.asarray(present)
