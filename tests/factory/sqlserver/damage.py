"""Ways to spoil a database file that was written: each says which pages suffer, and what covers them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from factory.sqlserver.page import SIZE, sealed
from factory.sqlserver.space import PFS_EVERY
from factory.sqlserver.write import Layout

Spoil = Callable[[bytearray], None]


@dataclass(frozen=True)
class Spot:
    """Pages worth spoiling, of one table."""

    data: tuple[int, ...]
    """Its data pages, in the order of its rows."""
    iam: int
    outside: tuple[int, ...]
    """Pages of values outside the row."""


def spots(layout: Layout, table: str) -> Spot:
    """Where a table is, in the primary file."""
    laid = layout.tables[table]
    data = tuple(dict.fromkeys(page for file_id, page, _ in laid.where if file_id == 1))
    iam = laid.units[0].iam
    outside = {page for unit in laid.units[1:] for file_id, page in _pages(unit.singles, unit.extents) if file_id == 1}
    there = tuple(sorted(page for page in outside if page in layout.primary.state))
    return Spot(data, iam[1] if iam else 0, there)


def _pages(singles: list[tuple[int, int]], extents: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [*singles, *((file, page) for file, extent in extents for page in range(extent * 8, extent * 8 + 8))]


def spoil(path: Path, page: int, how: Spoil, *, reseal: str | None = None) -> None:
    """Change one page of a data file; `reseal` computes its check again: damage that no checksum shows."""
    with path.open("r+b") as file:
        file.seek(page * SIZE)
        data = bytearray(file.read(SIZE))
        how(data)
        file.seek(page * SIZE)
        file.write(sealed(data, reseal) if reseal else data)


def flip(at: int, mask: int = 1) -> Spoil:
    """One byte with other bits."""

    def change(page: bytearray) -> None:
        page[at] ^= mask

    return change


def put(at: int, form: str, *values: int) -> Spoil:
    """Other numbers at this place."""

    def change(page: bytearray) -> None:
        struct.pack_into(form, page, at, *values)

    return change


def zeros(page: bytearray) -> None:
    """Nothing left."""
    page[:] = bytes(SIZE)


def record(slot: int, at: int, form: str, *values: int) -> Spoil:
    """Other numbers inside a record."""

    def change(page: bytearray) -> None:
        (start,) = struct.unpack_from("<H", page, SIZE - 2 - 2 * slot)
        struct.pack_into(form, page, start + at, *values)

    return change


def slot(number: int, place: int) -> Spoil:
    """A slot that leads elsewhere."""
    return put(SIZE - 2 - 2 * number, "<H", place)


def over(path: Path, source: int, target: int) -> None:
    """A page written in the place of another: whole, but not the one that belongs there."""
    with path.open("r+b") as file:
        file.seek(source * SIZE)
        page = file.read(SIZE)
        file.seek(target * SIZE)
        file.write(page)


def torn(page: bytearray) -> None:
    """The second half of an older page: with torn-page detection its signature is another one."""
    for sector in range(8, 16):
        page[sector * 512 + 511] ^= 3


def unallocated(number: int) -> Spoil:
    """PFS says that a page is free."""

    def change(page: bytearray) -> None:
        page[100 + number % PFS_EVERY] = 0

    return change
