"""Which pages belong to an allocation unit: its IAM chain, filtered by PFS. Layout: [observed]."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.formats.inside.damage import Damage
from core.formats.inside.page import IAM, PFS, Bytes, Numbers, u16, u32
from core.formats.inside.store import EXTENTS, INTERVAL, PFS_EVERY, PageStore

ALLOCATED: Final = 0x40
_MIXED: Final = 0x20
"""Bits of a PFS byte. Small objects' bitmaps also cover mixed extents of others, so a page that the bitmap gives
counts only when it is not in a mixed extent, one of the single slots only when it is."""
_START, _SINGLES, _BITMAP = 136, 142, 194
MOST_IAM: Final = 100_000
"""Pages of one chain: fifty terabytes."""

Units = list[tuple[int, Numbers]]
"""(file id, page numbers) in the order of the chain."""


class Allocation:
    """Follows IAM chains; keeps the PFS bytes that it has seen."""

    def __init__(self, store: PageStore) -> None:
        self._store = store
        self._pfs: dict[tuple[int, int], Bytes] = {}

    def pages_of(self, file_id: int, page: int) -> Units:
        """The pages of the unit whose first IAM page this is; empty for page 0.

        A chain that does not hold ends there, with damage `chain`.
        """
        found: Units = []
        covered: set[tuple[int, int]] = set()
        while page:
            raw, whole = self._store.pages(file_id, np.array([page], dtype=np.int64))
            if not whole[0]:
                break
            # A unit has one IAM page for an interval of a file: a second one is a loop, or a lie.
            interval = int(u16(raw, _START + 4)[0]), int(u32(raw, _START)[0]) // INTERVAL
            if raw[0, 1] != IAM or interval in covered or len(covered) >= MOST_IAM:
                self._store.damage.add(Damage("chain", file_id, page))
                break
            covered.add(interval)
            self._one(raw[0], *interval, found)
            page, file_id = int(u32(raw, 16)[0]), int(u16(raw, 20)[0])
        return _merged(found)

    def state(self, file_id: int, numbers: Numbers) -> Bytes:
        """The PFS byte of each page; 0 where no PFS page says it."""
        states = np.zeros(len(numbers), dtype=np.uint8)
        groups = numbers // PFS_EVERY
        for group in np.unique(groups).tolist():
            which = groups == group
            states[which] = self._group(file_id, group)[numbers[which] % PFS_EVERY]
        return states

    def _one(self, iam: Bytes, covered: int, interval: int, found: Units) -> None:
        singles = iam[_SINGLES : _SINGLES + 48].reshape(8, 6)
        numbers, files = u32(singles, 0).astype(np.int64), u16(singles, 4)
        for file_id in np.unique(files[(numbers > 0) & (files > 0)]).tolist():
            own = np.unique(numbers[(files == file_id) & (numbers > 0)])
            state = self.state(file_id, own)
            found.append((file_id, own[state & (ALLOCATED | _MIXED) == ALLOCATED | _MIXED]))
        extents = np.flatnonzero(np.unpackbits(iam[_BITMAP : _BITMAP + EXTENTS // 8], bitorder="little"))
        if len(extents):
            own = (interval * INTERVAL + extents[:, None] * 8 + np.arange(8)).reshape(-1).astype(np.int64)
            found.append((covered, own[self.state(covered, own) & (ALLOCATED | _MIXED) == ALLOCATED]))

    def _group(self, file_id: int, group: int) -> Bytes:
        known = self._pfs.get((file_id, group))
        if known is None:
            number = group * PFS_EVERY or 1
            raw, whole = self._store.pages(file_id, np.array([number], dtype=np.int64))
            good = bool(whole[0]) and raw[0, 1] == PFS
            if not good:
                # What it says of 8,088 pages is lost; pages that may be left-overs are never shown as rows.
                self._store.damage.add(Damage("allocation", file_id, number))
            known = raw[0, 100 : 100 + PFS_EVERY].copy() if good else np.zeros(PFS_EVERY, dtype=np.uint8)
            self._pfs[file_id, group] = known
        return known


def _merged(units: Units) -> Units:
    """Neighbours of the same file together: longer runs."""
    made: Units = []
    for file_id, numbers in units:
        if made and made[-1][0] == file_id:
            made[-1] = file_id, np.concatenate([made[-1][1], numbers])
        elif len(numbers):
            made.append((file_id, numbers))
    return made
