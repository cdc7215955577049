"""Our own reader as the witness of a native package: does it hold what was planned, cell by cell?

What was planned is the live administration with the identity that was worked out for it. The witness shares nothing
with the server that wrote the package. The order of rows means nothing to it: of every row of either side a digest is
added up, by a few thousand drawers that follow from the key; only drawers whose sums differ are opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.administration import canonical, catalog
from core.administration.catalog import Line, Shape
from core.administration.identity.expectation import Expected, keyed
from core.administration.proof import ENOUGH, NOTHING, Alone, Notes, Proof, whole
from core.errors import BadFormat, Refused
from core.formats.backup import inspect
from core.formats.inside.catalog import COLUMNSTORE, Table, TableColumn
from core.formats.inside.database import Database
from core.formats.inside.opening import open_backup

DRAWERS = 1 << 12
_FORMAT = 2
"""Of marshal: without references, so equal rows are equal bytes."""
_BYTES = 16
"""Of the digest of a row. Sums of so many bits of different rows do not meet by chance."""
_PLAIN_SCHEMA = "dbo"

Lines = Callable[[], Iterator[list[Line]]]
"""All rows of one table on one side, some at a time; from the start at every call."""
Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Witness(Proof):
    """A proof, and what nobody could compare."""

    untold: tuple[str, ...] = ()
    """`table` or `table.column`: kept in a way, or of a type, that our reader does not decode; or never stored."""


def witnessed(
    package: str | Sequence[str],
    planned: sa.Connection,
    expected: Expected,
    check: Check = lambda: None,
    *,
    newest: int | None = None,
    scratch: str | None = None,
    only: Collection[str] | None = None,
) -> Witness:
    """Compare every table of the package with the live administration `planned`; those of `expected` with its rows.

    `package`: the file that goes to the client (bare, cabinet or zip), or all its data files. `newest`: the highest
    internal version that the client's release can read. `scratch`: folder for what has to be unpacked on the way.
    `only`: these tables alone, in small letters. `check` is called between small pieces of work and may raise.

    Raises BadFormat (`witness-damaged`: the package itself is not sound; `inside-...`: it cannot be opened) and Refused
    (`witness-newer`); what differs is in the result, told by table, key and column. Memory does not grow with the rows.
    """

    def asked(name: str) -> bool:
        return only is None or name.casefold() in only

    for path in [package] if isinstance(package, str) else package:
        _sound(path, check)
    notes = Notes(check)
    untold: list[str] = []
    with open_backup(package, scratch=scratch, cancel=_asked(check)) as database:
        if newest is not None and database.internal_version > newest:
            raise Refused("witness-newer", found=database.internal_version, newest=newest)
        theirs = {_name(table): table for table in database.tables() if not table.ms_shipped and asked(_name(table))}
        ours = {
            name: shape for name, shape in catalog.shapes(planned).items() if not catalog.ours(name) and asked(name)
        }
        for shape, table in _pairs(ours, theirs, expected, notes):
            check()
            wanted = next((rows for name, rows in expected.items() if name.casefold() == shape.name.casefold()), None)
            untold += _Sides(shape, table, planned, database, notes).compare(wanted)
        _undamaged(database)
    return Witness(len(ours), notes.rows, notes.count, tuple(notes.first), tuple(untold))


def _asked(check: Check) -> Callable[[], bool]:
    def asked() -> bool:
        check()
        return False

    return asked


def _sound(path: str, check: Check) -> None:
    """Every checksum of the package around the pages, and that nothing of it is missing."""
    found = inspect(path, cancel=_asked(check))
    broken = [note.code for note in found.notes if note.proves_damage]
    if broken:
        raise BadFormat("witness-damaged", what=broken[0], count=len(broken))


def _undamaged(database: Database) -> None:
    """Nothing of what was read on the way was broken: pages, rows, and how many the catalog counts."""
    damage = database.damage
    if damage.found:
        first = damage.all[0]
        what = f"{first.code} {first.table}".strip()
        raise BadFormat("witness-damaged", what=what, count=len(damage.found) + damage.more)


def _name(table: Table) -> str:
    return table.name if table.schema.casefold() == _PLAIN_SCHEMA else table.full_name


def _pairs(
    ours: Mapping[str, Shape], theirs: Mapping[str, Table], expected: Expected, notes: Notes
) -> list[tuple[Shape, Table]]:
    """Tables that can be compared row by row; what is only on one side, or made up otherwise, is told."""
    found = {name.casefold(): table for name, table in theirs.items()}
    pairs = []
    for name in sorted(expected.keys() - ours.keys()):
        notes.add(name, "", "", name, NOTHING)
    for name, shape in ours.items():
        table = found.pop(name.casefold(), None)
        if table is None:
            notes.add(name, "", "", name, NOTHING)
            continue
        if _same_columns(shape, table, notes):
            pairs.append((shape, table))
    for table in found.values():
        notes.add(_name(table), "", "", NOTHING, _name(table))
    return pairs


def _same_columns(shape: Shape, table: Table, notes: Notes) -> bool:
    """Do both sides have the same columns in the same order? Those that are only on one side are told."""
    here = {each.name.casefold(): each.name for each in shape.columns}
    there = {each.name.casefold(): each.name for each in table.columns}
    if [*here] == [*there]:
        return True
    for folded in here.keys() - there.keys():
        notes.add(shape.name, "", here[folded], here[folded], NOTHING)
    for folded in there.keys() - here.keys():
        notes.add(shape.name, "", there[folded], NOTHING, there[folded])
    if here.keys() == there.keys():
        notes.add(shape.name, "", "", ", ".join(here.values()), ", ".join(there.values()))
    return False


def _dark(column: TableColumn) -> bool:
    """Is there nothing that our reader could tell?"""
    never = column.computed or column.column_set
    return never or bool(column.unreadable) or column.type.id in canonical.UNTOLD


class _Sides:
    """One table on both sides."""

    def __init__(self, shape: Shape, table: Table, planned: sa.Connection, database: Database, notes: Notes) -> None:
        self._shape = shape
        self._table = table
        self._planned = planned
        self._database = database
        self._notes = notes
        self._forms = [canonical.of_type(each.type) for each in table.columns]
        self._dark = [_dark(each) for each in table.columns]

    def compare(self, wanted: Mapping[Line, Line] | None) -> list[str]:
        """Rows with rows; what could not be told."""
        if self._table.storage == "elsewhere" or any(
            each.compression >= COLUMNSTORE for each in self._table.partitions
        ):
            return [self._shape.name]
        if wanted is not None:
            there = keyed(self._shape, (line for lines in self._formed([*wanted.values()]) for line in lines))
            whole(self._shape, there, keyed(self._shape, self._flat(self._theirs)), self._notes)
        else:
            self._rows()
        return [
            f"{self._shape.name}.{each.name}"
            for each, dark in zip(self._table.columns, self._dark, strict=True)
            if dark
        ]

    def _flat(self, side: Lines) -> Iterator[Line]:
        return (line for lines in side() for line in lines)

    def _formed(self, rows: Sequence[Line]) -> Iterator[list[Line]]:
        """Rows in the one form; a column that nobody can tell is left out of both sides."""
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        yield self._lines(columns, len(rows))

    def _lines(self, columns: Sequence[Sequence[object]], count: int) -> list[Line]:
        nothing = [None] * count
        formed = [
            nothing if dark else form(column)
            for form, dark, column in zip(self._forms, self._dark, columns, strict=True)
        ]
        return list(zip(*formed, strict=True))

    def _ours(self) -> Iterator[list[Line]]:
        with contextlib.closing(catalog.batches(self._planned, self._shape)) as batches:  # type: ignore[type-var]
            for rows in batches:
                self._notes.check()
                yield from self._formed(rows)

    def _theirs(self) -> Iterator[list[Line]]:
        for batch in self._database.read(self._table):
            self._notes.check()
            if batch.rows:
                yield self._lines([column.to_list() for column in batch.columns], batch.rows)

    def _drawer(self, line: Line, places: tuple[int, ...]) -> int:
        return hash(tuple(line[place] for place in places) if places else line) % DRAWERS

    def _sums(self, side: Lines) -> tuple[list[int], list[int]]:
        """How many rows, and what their digests come to, by drawer."""
        counts, sums = [0] * DRAWERS, [0] * DRAWERS
        places = self._shape.places
        for lines in side():
            for line in lines:
                drawer = self._drawer(line, places)
                counts[drawer] += 1
                digest = hashlib.blake2b(marshal.dumps(line, _FORMAT), digest_size=_BYTES).digest()  # type: ignore[arg-type]
                sums[drawer] += int.from_bytes(digest, "little")
        return counts, sums

    def _rows(self) -> None:
        counts, sums = self._sums(self._ours)
        others, totals = self._sums(self._theirs)
        self._notes.rows += sum(others)
        unequal = [
            drawer for drawer in range(DRAWERS) if (counts[drawer], sums[drawer]) != (others[drawer], totals[drawer])
        ]
        opened: set[int] = set()
        held = 0
        for drawer in unequal:
            held += counts[drawer] + others[drawer]
            if opened and held > ENOUGH:
                break
            opened.add(drawer)
        if opened:
            self._open(opened)
            # A drawer that stays shut holds one difference at least.
            self._notes.count += len(unequal) - len(opened)

    def _open(self, drawers: set[int]) -> None:
        """Read both sides once more, and let the rows of these drawers meet."""
        alone = Alone(self._shape, self._notes)
        places = self._shape.places
        for turn, side in enumerate((self._ours, self._theirs)):
            for lines in side():
                some = [line for line in lines if self._drawer(line, places) in drawers]
                alone.match(*((some, []) if turn == 0 else ([], some)))
        alone.tell()
