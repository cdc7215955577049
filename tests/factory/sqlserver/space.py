"""Data files and who owns which page: mixed and uniform extents, IAM chains, GAM, SGAM and PFS pages."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from factory.sqlserver.page import (
    BULK,
    DATA,
    DIFF,
    GAM,
    IAM,
    PFS,
    SGAM,
    SIZE,
    Address,
    Page,
    renumbered,
    sealed,
)

INTERVAL = 511_232
"""Pages described by one GAM page, and by one IAM page."""
EXTENTS = INTERVAL // 8
PFS_EVERY = 8088
ALLOCATED, MIXED, IAM_BIT, FULL = 0x40, 0x20, 0x10, 0x04


class DataFile:
    """One data file: its pages, and the state of each as PFS and GAM tell it."""

    def __init__(self, file_id: int, protection: str) -> None:
        self.file_id = file_id
        self.protection = protection
        self.pages: dict[int, Page | bytes] = {}
        """Bytes: a sealed page that stands here under this number."""
        self.state: dict[int, int] = dict.fromkeys((0, 1, 2, 3, 6, 7), ALLOCATED | FULL)
        self.taken = {0}
        """Extents that are allocated."""
        self.mixed: dict[int, set[int]] = {}
        """Mixed extent -> its pages that are free."""
        self.changed: set[int] | None = None
        """Extents in the differential map; None: all that are allocated."""
        self.least = 64

    def single(self, low: int = 0, flags: int = 0) -> int:
        """A page of a mixed extent."""
        extent = next((each for each, free in self.mixed.items() if free and each * 8 >= low), None)
        if extent is None:
            extent = self.extent(low)
            self.mixed[extent] = {page for page in range(extent * 8, extent * 8 + 8) if page % PFS_EVERY}
        page = min(self.mixed[extent])
        self.mixed[extent].discard(page)
        self.state[page] = ALLOCATED | MIXED | flags
        return page

    def extent(self, low: int = 0) -> int:
        """An extent that nobody owns."""
        number = max(1, -(-low // 8))
        while number in self.taken or number % EXTENTS == 0:
            number += 1
        self.taken.add(number)
        return number

    def take(self, page: int, flags: int = 0) -> None:
        """Mark a page of a uniform extent as used."""
        self.state[page] = ALLOCATED | flags

    @property
    def size(self) -> int:
        """Pages in the file."""
        return max(self.least, 8 * (max(self.taken) + 2))

    def finish(self, *, leftovers: bool) -> None:
        """Write the pages that say which extents and pages are taken."""
        for start in range(0, self.size, INTERVAL):
            self._map(start + 2 - 2 * (start > 0), GAM, self._bits(start, ones=True))
            self._map(start + 3 - 2 * (start > 0), SGAM, self._bits(start, ones=False))
            changed = self.changed if self.changed is not None else self.present()
            self._map(start + 6, DIFF, _bitmap({each - start // 8 for each in changed}))
            self._map(start + 7, BULK, _bitmap(set()))
            if start:
                self.state |= dict.fromkeys((start, start + 1, start + 6, start + 7), ALLOCATED | FULL)
        for start in range(0, self.size, PFS_EVERY):
            page = start or 1
            self.state[page] = ALLOCATED | FULL
            made = Page(PFS, self.file_id, page)
            states = bytearray(PFS_EVERY)
            for number in range(start, min(start + PFS_EVERY, self.size)):
                states[number - start] = self.state.get(number, 0)
            made.data[2] = 1
            made.add(struct.pack("<HH", 0, 4 + PFS_EVERY) + states)
            self.pages[page] = made
        if leftovers:
            self._left_over()

    def present(self) -> set[int]:
        """Extents that a full back-up holds: taken ones, mixed ones, those that lead an interval or hold a PFS page."""
        leads = set(range(0, self.size // 8, EXTENTS)) | {page // 8 for page in range(0, self.size, PFS_EVERY)}
        return self.taken | leads

    def image(self, number: int) -> bytes:
        """A page as it stands on disk."""
        page = self.pages.get(number)
        if page is None:
            return bytes(SIZE)
        return renumbered(page, number) if isinstance(page, bytes) else sealed(page.data, self.protection)

    def images(self) -> Iterator[tuple[int, bytes]]:
        """All pages that are not just zeros, ascending."""
        for number in sorted(self.pages):
            yield number, self.image(number)

    def write(self, path: Path) -> None:
        """The file; what was never written stays a hole."""
        with path.open("wb") as out:
            for number, page in self.images():
                out.seek(number * SIZE)
                out.write(page)
            out.truncate(self.size * SIZE)

    def _map(self, number: int, kind: int, bits: bytes) -> None:
        page = Page(kind, self.file_id, number, low=90)
        page.add(struct.pack("<HH", 0, 94) + bytes(90))
        page.add(struct.pack("<HH", 0, 4 + len(bits)) + bits)
        self.pages[number] = page

    def _bits(self, start: int, *, ones: bool) -> bytes:
        """GAM: one where an extent is free. SGAM: one where an extent is mixed and has room."""
        first = start // 8
        if not ones:
            return _bitmap({each - first for each, free in self.mixed.items() if free})
        taken = {each - first for each in self.taken if first <= each < first + EXTENTS} | {0}
        return bytes(each ^ 0xFF for each in _bitmap(taken))

    def _left_over(self) -> None:
        """Pages of taken extents that nobody uses hold what stood there, or what once stood elsewhere."""
        source = next((page for page in self.pages.values() if isinstance(page, Page) and page.kind == DATA), None)
        if source is None:
            return
        for extent in sorted(self.taken - {0}):
            for number in range(extent * 8, extent * 8 + 8):
                if number not in self.state and number not in self.pages:
                    old = Page(DATA, self.file_id, source.number if number % 2 else number)
                    keep = old.data[32:38]
                    old.data[:] = source.data
                    old.data[32:38] = keep
                    self.pages[number] = old


class Unit:
    """An allocation unit: hands out pages and keeps the IAM chain."""

    def __init__(
        self,
        files: dict[int, DataFile],
        number: int,
        kind: int,
        owner: int,
        *,
        mixed: bool = True,
        places: tuple[tuple[int, int], ...] = ((1, 0),),
    ) -> None:
        """`kind`: 1 in the row, 2 LOB, 3 row overflow. `owner`: its rowset."""
        self.files, self.number, self.kind, self.owner = files, number, kind, owner
        self.mixed, self.places = mixed, places
        self.singles: list[Address] = []
        self.extents: list[tuple[int, int]] = []
        self.first: Address | None = None
        self.iam: Address | None = None
        self.data_pages = 0
        self._free: list[Address] = []
        self._turn = 0

    def address(self, kind: int) -> Address:
        """A page that is its own from now on."""
        if self.iam is None:
            file = self.files[self.places[0][0]]
            self.iam = (file.file_id, file.single(flags=IAM_BIT))
        if self.mixed and len(self.singles) < 8:
            file_id, low = self.places[len(self.singles) % len(self.places)]
            made = (file_id, self.files[file_id].single(low))
            self.singles.append(made)
        else:
            if not self._free:
                self._more()
            made = self._free.pop(0)
            self.files[made[0]].take(made[1])
        self.data_pages += kind == DATA
        self.first = self.first or made
        return made

    def page(self, kind: int, low: int = 0) -> Page:
        """A new page in its place."""
        file_id, number = self.address(kind)
        made = Page(kind, file_id, number, owner=self.number >> 16 & 0xFFFFFFFF, index=self.number >> 48, low=low)
        self.files[file_id].pages[number] = made
        return made

    def _more(self) -> None:
        file_id, low = self.places[self._turn % len(self.places)]
        self._turn += 1
        extent = self.files[file_id].extent(low)
        self.extents.append((file_id, extent))
        self._free = [(file_id, page) for page in range(extent * 8, extent * 8 + 8) if page % PFS_EVERY]

    def finish(self) -> None:
        """Write the IAM pages, one for each interval of each file."""
        if self.iam is None:
            return
        first = (self.iam[0], self.iam[1] // INTERVAL)
        groups = [first, *sorted({(file, extent // EXTENTS) for file, extent in self.extents} - {first})]
        places = [self.iam, *((file, self.files[file].single(flags=IAM_BIT)) for file, _ in groups[1:])]
        for at, ((file_id, interval), place) in enumerate(zip(groups, places, strict=True)):
            page = Page(IAM, *place, owner=self.number >> 16 & 0xFFFFFFFF, index=self.number >> 48, low=90)
            head = bytearray(struct.pack("<HH", 0, 94) + bytes(90))
            struct.pack_into("<I", head, 4, at)
            struct.pack_into("<IH", head, 40, interval * INTERVAL, file_id)
            for slot, (file, number) in enumerate(self.singles if at == 0 else ()):
                struct.pack_into("<IH", head, 46 + 6 * slot, number, file)
            page.add(bytes(head))
            mine = (extent for file, extent in self.extents if (file, extent // EXTENTS) == (file_id, interval))
            own = {extent % EXTENTS for extent in mine}
            page.add(struct.pack("<HH", 0, 4 + EXTENTS // 8) + _bitmap(own))
            page.link(places[at - 1] if at else None, places[at + 1] if at + 1 < len(places) else None)
            self.files[place[0]].pages[place[1]] = page


def _bitmap(ones: set[int]) -> bytes:
    made = bytearray(EXTENTS // 8)
    for each in ones:
        if 0 <= each < EXTENTS:
            made[each // 8] |= 1 << each % 8
    return bytes(made)
