"""Is the returned package cell by cell what was planned? One difference, of whatever kind, and it does not leave.

Both sides are read side by side in the order of their keys, and compared as bytes; only where these differ are rows
looked at. What differs is then found by key, not by place: one row too few is one difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

import sqlalchemy as sa

from core.administration import catalog
from core.administration.catalog import Line, Shape
from core.administration.identity.expectation import Expected, keyed
from core.administration.ledger.digest import packed

REPORTED = 20
"""So many differences are told apart; the others are only counted."""
ENOUGH = 5_000
"""After so many in one table, the rest of it is not read: it is no longer the same table."""
SHOWN = 100
"""Characters of a value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as planned."""

    table: str
    """Empty: not of one table."""
    key: str
    """Empty: not of one row."""
    column: str
    """Empty: the whole row or table."""
    planned: str
    """Empty: it should not be there."""
    found: str
    """Empty: it is not there."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was compared, and what differs."""

    tables: int
    rows: int
    count: int
    """Of all differences; where a table was given up, at least so many."""
    differences: tuple[Difference, ...]
    """The first of them. None: it is proven."""


@dataclass(slots=True)
class Notes:
    """What differs, told apart as far as that is any use."""

    check: Callable[[], None]
    rows: int = 0
    count: int = 0
    first: list[Difference] = field(default_factory=list)

    def add(self, table: str, key: str, column: str, planned: object, found: object) -> None:
        """One difference more; `NOTHING` on the side where it is not."""
        self.count += 1
        if len(self.first) < REPORTED:
            self.first.append(Difference(table, key, column, _shown(planned), _shown(found)))


NOTHING = object()
"""What stands on the side where there is nothing; None is a value."""


def _shown(value: object) -> str:
    if value is NOTHING:
        return ""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)})"


def differences(
    planned: sa.Connection, returned: sa.Connection, expected: Expected, check: Callable[[], None] = lambda: None
) -> tuple[Difference, ...]:
    """The first differences; none: it is proven."""
    return prove(planned, returned, expected, check).differences


def prove(
    planned: sa.Connection, returned: sa.Connection, expected: Expected, check: Callable[[], None] = lambda: None
) -> Proof:
    """Compare everything but our own tables of `planned`; of the tables in `expected`, with the rows it names.

    `planned` is the administration as it stands at the target, `returned` what was read back from the package.
    `check` is called between small pieces of work.
    """
    notes = Notes(check)
    ours, theirs = catalog.shapes(planned), catalog.shapes(returned)
    ours = {name: shape for name, shape in ours.items() if not catalog.ours(name)}
    _schema(ours, theirs, catalog.definitions(planned), catalog.definitions(returned), notes)
    for name in expected.keys() - ours.keys():
        notes.add(name, "", "", name, NOTHING)
    for name, shape in ours.items():
        check()
        if theirs.get(name) != shape:
            continue
        if name in expected:
            found = keyed(shape, (row for rows in catalog.batches(returned, shape) for row in rows))
            whole(shape, expected[name], found, notes)
        else:
            _stream(shape, planned, returned, notes)
    return Proof(len(ours), notes.rows, notes.count, tuple(notes.first))


def against(returned: sa.Connection, expected: Expected, check: Callable[[], None] = lambda: None) -> Proof:
    """Compare these tables only, with rows that stand nowhere."""
    notes = Notes(check)
    shapes = catalog.shapes(returned)
    for name, wanted in expected.items():
        check()
        shape = catalog.shape(shapes, name)
        if shape is None:
            notes.add(name, "", "", name, NOTHING)
            continue
        whole(shape, wanted, keyed(shape, (row for rows in catalog.batches(returned, shape) for row in rows)), notes)
    return Proof(len(expected), notes.rows, notes.count, tuple(notes.first))


def _schema(
    ours: Mapping[str, Shape],
    theirs: Mapping[str, Shape],
    planned: Mapping[str, str],
    found: Mapping[str, str],
    notes: Notes,
) -> None:
    told: set[str] = set()
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        if one == other:
            continue
        told.add(f"table {name}")
        if one is None or other is None:
            notes.add(name, "", "", NOTHING if one is None else name, NOTHING if other is None else name)
            continue
        before = notes.count
        for left, right in zip_longest(one.columns, other.columns):
            if left != right:
                notes.add(
                    name,
                    "",
                    (left or right).name,
                    NOTHING if left is None else f"{left.name} {left.kind} {left.rule}",
                    NOTHING if right is None else f"{right.name} {right.kind} {right.rule}",
                )
        if notes.count == before:
            notes.add(name, "", "", one.key, other.key)
    for name in sorted(planned.keys() | found.keys()):
        if name not in told and planned.get(name) != found.get(name):
            notes.add("", name, "", planned.get(name, NOTHING), found.get(name, NOTHING))


def whole(shape: Shape, wanted: Mapping[Line, Line], found: Mapping[Line, Line], notes: Notes) -> None:
    """An identity table: small, and compared with rows that stand nowhere. Both by their keys."""
    notes.rows += len(found)
    for key in wanted.keys() | found.keys():
        if key not in wanted or key not in found:
            notes.add(shape.name, _key(shape, key), "", wanted.get(key, NOTHING), found.get(key, NOTHING))
        else:
            _cells(shape, wanted[key], found[key], notes)


def _stream(shape: Shape, planned: sa.Connection, returned: sa.Connection, notes: Notes) -> None:
    left, right = catalog.batches(planned, shape), catalog.batches(returned, shape)
    alone = Alone(shape, notes)
    before = notes.count
    nothing: list[Line] = []
    for one, other in zip_longest(left, right, fillvalue=nothing):
        notes.check()
        notes.rows += len(other)
        if packed(one) == packed(other):
            continue
        alone.match(one, other)
        if notes.count - before + alone.waiting > ENOUGH:
            break
    alone.tell()


class Alone:
    """Rows of either side that have not met their like yet: few, unless the tables are different ones."""

    def __init__(self, shape: Shape, notes: Notes) -> None:
        self._shape = shape
        self._notes = notes
        self._sides: tuple[dict[Line, list[Line]], dict[Line, list[Line]]] = ({}, {})

    @property
    def waiting(self) -> int:
        """How many keys are alone."""
        return sum(map(len, self._sides))

    def match(self, planned: Iterable[Line], found: Iterable[Line]) -> None:
        """Let these rows meet each other and those that wait."""
        for side, rows in enumerate((planned, found)):
            mine, others = self._sides[side], self._sides[1 - side]
            for row in rows:
                key = tuple(row[place] for place in self._shape.places) or row
                if key not in others:
                    mine.setdefault(key, []).append(row)
                    continue
                other = others[key].pop(0)
                if not others[key]:
                    del others[key]
                _cells(self._shape, *((row, other) if side == 0 else (other, row)), self._notes)

    def tell(self) -> None:
        """Who is still alone is missing on the other side."""
        for side, keys in enumerate(self._sides):
            for key, rows in keys.items():
                for row in rows:
                    pair = (row, NOTHING) if side == 0 else (NOTHING, row)
                    self._notes.add(self._shape.name, _key(self._shape, key), "", *pair)


def _cells(shape: Shape, planned: Line, found: Line, notes: Notes) -> None:
    if packed([planned]) == packed([found]):
        return
    key = _key(shape, tuple(found[place] for place in shape.places))
    for column, one, other in zip(shape.columns, planned, found, strict=True):
        if packed([(one,)]) != packed([(other,)]):
            notes.add(shape.name, key, column.name, one, other)


def _key(shape: Shape, key: Line) -> str:
    return _shown(key[0] if len(key) == 1 else key) if shape.key else ""
