"""Records of a batch of pages, all at once: where each part of each record stands. Layout (FixedVar): [observed]."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.formats.inside.damage import Damage, DamageBook
from core.formats.inside.page import PAGE, Bytes, Numbers, u16

Flags = NDArray[np.bool_]
Addresses = NDArray[np.uint64]

PRIMARY, FORWARDED, STUB = 0, 1, 2
_INDEX, _BLOB = 3, 4
"""Kinds that have no place on a data page; 5 to 7 are ghosts: deleted rows."""
_HAS_NULLS: Final = 0x10
_HAS_VARIABLE: Final = 0x20
_HEADER: Final = 96
_PADDING: Final = PAGE
"""Zeros behind the last page, so that no gather runs over the end."""
COMPLEX: Final = 0x8000
"""The value is a pointer to where the value is (LOB, row overflow), or no column's value at all."""
_BACK_POINTER: Final = 10
"""Bytes that a forwarded record has behind its columns, marked complex: where its stub is
[recalled from the literature, no source at hand; no sample]."""
_SPARSE_VECTOR: Final = 5
"""First word of the complex value behind the columns that holds all sparse columns see `sparse`."""


@dataclass(frozen=True, slots=True)
class Spans:
    """A variable column in every record: byte positions in the batch."""

    start: Numbers
    end: Numbers
    """Equal to `start` where the record does not have the column."""
    pointer: Flags
    """What stands there is not the value itself."""
    broken: Flags
    """The offsets contradict each other."""


@dataclass(frozen=True, slots=True)
class Records:
    """`count` records. Places are byte positions in `data`, the pages one after the other."""

    data: Bytes
    """Flat: n x 8192, and a page of zeros."""
    start: Numbers
    fixed_end: Numbers
    columns: Numbers
    """Columns that the record was written with; 0 where it has no null bitmap."""
    nulls: Numbers
    """Place of the null bitmap."""
    variables: Numbers
    """Number of variable columns in the record."""
    offsets: Numbers
    """Place of the array of end offsets."""
    content: Numbers
    """Place behind that array, where the first variable column starts."""
    page_end: Numbers
    sparse: Flags
    """Behind the variable columns stands the vector of the sparse ones, as number `variables` + 1."""
    file_id: int = 0
    numbers: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Page numbers of the pages in `data`."""
    _kept: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def count(self) -> int:
        """How many."""
        return len(self.start)

    def page_of(self, row: int) -> int:
        """The number of the page that a record stands on."""
        return int(self.numbers[self.start[row] // PAGE])

    def part(self, first: int, end: int) -> Records:
        """The records from `first` up to `end`."""
        return _chosen(self, slice(first, end))

    @property
    def memory(self) -> bytes:
        """`data` as bytes, made once."""
        if "memory" not in self._kept:
            self._kept["memory"] = self.data.tobytes()
        return self._kept["memory"]

    def take(self, offset: int, kind: str) -> tuple[NDArray[Any], Flags]:
        """The item of NumPy type `kind` at byte `offset` of each record, and which have it in their fixed part."""
        size = np.dtype(kind).itemsize
        return gather(self.data, self.start + offset, kind), self.start + (offset + size) <= self.fixed_end

    def null(self, bit: int) -> Flags:
        """Which are NULL by the bitmap; `bit` counts from 1, 0 is never NULL. Of columns that are there."""
        if bit <= 0:
            return np.zeros(self.count, dtype=bool)
        byte = gather(self.data, self.nulls + (bit - 1) // 8, "u1")
        return np.asarray((self.columns >= bit) & ((byte >> ((bit - 1) % 8)) & 1 != 0))

    def short(self, bit: int) -> Flags:
        """Which were written before the column with this null bit came."""
        return np.asarray((self.columns > 0) & (self.columns < bit))

    def variable(self, ordinal: int) -> Spans:
        """A variable column (ordinal from 1). A record that does not have it any more: empty."""
        there = ordinal <= self.variables
        end, raw = self._end(ordinal)
        start = self._end(ordinal - 1)[0] if ordinal > 1 else self.content
        good = there & (start <= end) & (end <= self.page_end) & (start >= self.content)
        return Spans(
            np.where(good, start, 0), np.where(good, end, 0), good & (raw & COMPLEX != 0), np.asarray(there & ~good)
        )

    def vector(self) -> Spans:
        """The sparse vector; empty where there is none."""
        last = self.offsets + 2 * self.variables
        ends = self.start + (gather(self.data, last, "<u2").astype(np.int64) & ~COMPLEX)
        before = self.start + (gather(self.data, last - 2, "<u2").astype(np.int64) & ~COMPLEX)
        start = np.where(self.variables > 0, before, self.content)
        good = self.sparse & (start <= ends) & (start >= self.content) & (ends <= self.page_end)
        return Spans(np.where(good, start, 0), np.where(good, ends, 0), good, self.sparse & ~good)

    def _end(self, ordinal: int) -> tuple[Numbers, Numbers]:
        raw = gather(self.data, self.offsets + 2 * (ordinal - 1), "<u2").astype(np.int64)
        return self.start + (raw & ~COMPLEX), raw


def gather(data: Bytes, places: Numbers, kind: str) -> NDArray[Any]:
    """The items of NumPy type `kind` at these byte places, wherever they stand; places past the end: the last."""
    size = np.dtype(kind).itemsize
    # One item at every byte, each over the next: an index takes from it what `take` would first copy all of.
    view: NDArray[Any] = np.ndarray((len(data) - size + 1,), kind, data.data, strides=(1,))
    return view[np.minimum(places, len(view) - 1)]


@dataclass(frozen=True, slots=True)
class Moves:
    """Rows that moved: what the stubs point at, and where the moved records stand.

    Addresses are file << 48 | page << 16 | slot.
    """

    pointed: list[Addresses] = field(default_factory=list)
    found: list[Addresses] = field(default_factory=list)

    def check(self, damage: DamageBook) -> None:
        """Every stub has its record and every moved record its stub; else damage `forward`."""
        if not self.pointed and not self.found:
            return
        pointed, found = (
            np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *each])) for each in (self.pointed, self.found)
        )
        damage.checked["forwards"] += len(pointed)
        for address in np.setxor1d(pointed, found).tolist():
            damage.add(Damage("forward", address >> 48, address >> 16 & 0xFFFF_FFFF, address & 0xFFFF))


def records_of(pages: Bytes, damage: DamageBook, file_id: int, numbers: Numbers, moves: Moves | None = None) -> Records:
    """The records in the slots of these pages, in slot order, page by page; ghosts and stubs left out.

    `pages` is (n, 8192), whole data pages; `numbers` their page numbers, for damage: code `record`.
    """
    data: Bytes = np.zeros(pages.size + _PADDING, dtype=np.uint8)
    data[: pages.size] = pages.reshape(-1)
    counts = u16(pages, 22).astype(np.int64)
    crowded = PAGE - 2 * counts < np.maximum(u16(pages, 30), _HEADER)
    for each in np.flatnonzero(crowded):  # slots over records: nothing on the page can be trusted
        damage.add(Damage("record", file_id, int(numbers[each])))
    counts[crowded] = 0
    page = np.repeat(np.arange(len(pages)), counts)
    slot = np.arange(len(page)) - np.repeat(np.cumsum(counts) - counts, counts)
    offset = gather(data, page * PAGE + (PAGE - 2) - 2 * slot, "<u2").astype(np.int64)
    start = page * PAGE + offset
    kind = (gather(data, start, "u1") >> 1) & 7
    used = offset != 0
    bad = used & ((offset < _HEADER) | (offset >= PAGE - 4) | (kind == _INDEX) | (kind == _BLOB))
    wanted = np.flatnonzero(used & ~bad & (kind <= FORWARDED))
    made, sound, length = _parts(data, start[wanted], (page[wanted] + 1) * PAGE, kind[wanted] == FORWARDED)
    made = replace(made, file_id=file_id, numbers=numbers)
    # Records on top of each other: little bytes would become many rows.
    held = np.bincount(page[wanted], np.where(sound, length, 0), minlength=len(pages))
    heaped = held > PAGE - _HEADER - 2 * counts
    for each in np.flatnonzero(heaped):
        damage.add(Damage("record", file_id, int(numbers[each])))
    if heaped.any():
        clear = ~heaped[page[wanted]]
        wanted, made, sound = wanted[clear], _chosen(made, clear), sound[clear]
    sound &= _rising(made, sound)
    for each in (*np.flatnonzero(bad), *wanted[~sound]):
        damage.add(Damage("record", file_id, int(numbers[page[each]]), int(slot[each])))
    damage.checked["records"] += len(wanted)
    if moves is not None:
        _note(moves, data, start[used & ~bad & (kind == STUB)])
        own = wanted[kind[wanted] == FORWARDED]
        if len(own):
            moves.found.append(_addresses(file_id, numbers[page[own]], slot[own]))
    return made if sound.all() else _chosen(made, sound)


def _note(moves: Moves, data: Bytes, stubs: Numbers) -> None:
    if len(stubs):
        page, file_id, slot = (
            gather(data, stubs + at, kind).astype(np.int64) for at, kind in ((1, "<u4"), (5, "<u2"), (7, "<u2"))
        )
        moves.pointed.append(_addresses(file_id, page, slot))


def _addresses(file_id: int | Numbers, page: Numbers, slot: Numbers) -> Addresses:
    high, middle, low = (np.asarray(each).astype(np.uint64) for each in (file_id, page, slot))
    return np.asarray((high << 48) | (middle << 16) | low)


def _chosen(records: Records, chosen: Flags | slice) -> Records:
    """Some of them."""
    names = ("start", "fixed_end", "columns", "nulls", "variables", "offsets", "content", "page_end", "sparse")
    return replace(records, **{name: getattr(records, name)[chosen] for name in names})


def _rising(records: Records, sound: Flags) -> Flags:
    """Which have end offsets that never go back: else columns would share bytes, and little would become much."""
    good = np.ones(records.count, dtype=bool)
    several = np.flatnonzero(sound & (records.variables > 2))  # `variable` looks at both ends of each by itself
    if not len(several):
        return good
    counts = records.variables[several]
    owner = np.repeat(np.arange(len(several)), counts)
    ordinal = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    ends = gather(records.data, records.offsets[several][owner] + 2 * ordinal, "<u2") & np.uint16(~COMPLEX & 0xFFFF)
    back = (ends[1:] < ends[:-1]) & (owner[1:] == owner[:-1])
    good[several[owner[1:][back]]] = False
    return good


def _parts(data: Bytes, start: Numbers, page_end: Numbers, forwarded: Flags) -> tuple[Records, Flags, Numbers]:
    """The parts of each record, whether they fit together, and how many bytes they take."""

    def word(places: Numbers) -> Numbers:
        return gather(data, places, "<u2").astype(np.int64)

    status = gather(data, start, "u1")
    fixed_end = start + word(start + 2)
    sound = (fixed_end >= start + 4) & (fixed_end <= page_end)
    has_nulls, has_variable = (status & _HAS_NULLS) != 0, (status & _HAS_VARIABLE) != 0
    columns = np.where(has_nulls, word(fixed_end), 0)
    nulls = fixed_end + 2
    after = np.where(has_nulls, nulls + (columns + 7) // 8, fixed_end)
    variables = np.where(has_variable, word(after), 0)
    offsets = after + 2
    content = offsets + 2 * variables
    sound &= (after <= page_end) & (~has_variable | (content <= page_end))
    last = word(content - 2)
    end = np.where(has_variable & (variables > 0), start + (last & ~COMPLEX), np.where(has_variable, content, after))
    sound &= (end <= page_end) & (~has_variable | (variables == 0) | (end >= content))
    extra = np.flatnonzero(sound & (variables > 0) & ((last & COMPLEX) != 0))
    sparse = np.zeros(len(start), dtype=bool)
    if len(extra):
        ends, count, at = last[extra] & ~COMPLEX, variables[extra], start[extra]
        begins = np.where(count > 1, word(content[extra] - 4) & ~COMPLEX, content[extra] - at)
        back = forwarded[extra] & (ends - begins == _BACK_POINTER)
        variables[extra[back]] -= 1
        sparse[extra] = ~back & (word(at + begins) == _SPARSE_VECTOR)
        variables[sparse] -= 1
    return (
        Records(data, start, fixed_end, columns, nulls, variables, offsets, content, page_end, sparse),
        sound,
        end - start,
    )
