"""Small databases of every kind, whole, as the factory writes them, with the rows that they hold: what is spoiled."""

from __future__ import annotations

import random
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from factory import compressed as container
from factory.cabinet import packed
from factory.sqlserver import compressed_rows
from factory.sqlserver.backup import Backup, media_of
from factory.sqlserver.kinds import Value
from factory.sqlserver.model import Column, Database, Table, columns
from factory.sqlserver.page import SIZE
from factory.sqlserver.write import Layout, lay, write_layout

from core.formats.inside.opening import open_backup
from core.formats.source import BytesStream
from core.formats.tape import read_tape

Rows = dict[str, list[list[object]]]
"""Table -> its columns."""
FIRST = datetime.fromisoformat("2016-01-01T10:20:30")
MEDIUM = "medium"
"""The only file of most samples."""


@dataclass(frozen=True)
class Sample:
    """One back-up or database, on one file or several."""

    name: str
    files: dict[str, bytes]
    full: bool = False
    """The file `full` is the back-up under the others."""
    pages: tuple[tuple[str, int], ...] = ()
    """(file, place) of each page that stands in the files as it is."""
    summed: bool = False
    """A checksum of the whole stream stands beside the pages."""
    inner: bytes = b""
    """The tape inside a compressed medium."""
    inner_pages: tuple[int, ...] = ()
    rows: Rows = field(default_factory=dict)

    def paths(self, folder: Path) -> tuple[list[str], str | None]:
        """What to open, and the back-up underneath."""
        named = {name: str(folder / name) for name in self.files}
        return [path for name, path in named.items() if name != "full"], named["full"] if self.full else None


def rows_of(paths: Sequence[str], full: str | None = None) -> Rows:
    """Every table, read to the end."""
    with open_backup(paths, full=full) as opened:
        return {
            table.full_name: [
                [value for part in parts for value in part.to_list()]
                for parts in zip(*(batch.columns for batch in opened.read(table)), strict=True)
            ]
            for table in opened.tables()
        }


def _numbers(count: int) -> Table:
    rows: list[list[Value]] = [
        [
            at, at * 10**12, at % 200, at % 3 == 0, at / 7, Decimal(at * 37).scaleb(-2), Decimal(at).scaleb(-4),
            Decimal(10**30 + at), FIRST + timedelta(hours=at), FIRST.replace(second=0) + timedelta(days=at),
            date(1970, 1, 1) + timedelta(days=at), f"10:20:30.{at:07d}", FIRST + timedelta(minutes=at),
            f"2020-02-02T10:00:00.{at:03d}+01:00", uuid.UUID(int=at), None if at % 4 else "ja", bytes([at % 256]) * 4,
        ]
        for at in range(count)
    ]  # fmt: skip
    shape = columns(
        nr="int", big="bigint", tiny="tinyint", flag="bit", rate="float", amount="money", exact="decimal(18,4)",
        wide="decimal(38,0)", moment="datetime", minute="smalldatetime", day="date", clock="time(7)",
        later="datetime2(3)", zone="datetimeoffset(3)", key="uniqueidentifier", code="char(6)", raw="binary(4)",
    )  # fmt: skip
    return Table("getallen", shape, rows, mixed=False)


def _texts(count: int, *, moved: bool = True) -> Table:
    rows: list[list[Value]] = [
        [
            at, f"tekst {at}" * (at % 5), "wijd \u20ac \u017c" * (at % 4), None if at < 6 else f"later {at}",
            bytes([at]) * (at % 9),
        ]
        for at in range(count)
    ]  # fmt: skip
    shape = [*columns(nr="int", a="varchar(90)", n="nvarchar(60)"), Column("late", "varchar(40)", since=6)]
    shape.append(Column("b", "varbinary(20)"))
    return Table("teksten", shape, rows, forwarded=frozenset({2, 9} if moved else ()), ghosts=2 if moved else 0)


def _far(count: int) -> Table:
    """Values outside the row, some with a tree of their own."""
    rows: list[list[Value]] = [
        [at, "m" * (at * 700), "t" * (at * at * 30), bytes(at * 500), "n" * (at % 3) * 4100, None]
        for at in range(count)
    ]
    shape = columns(nr="int", m="varchar(max)", t="text", i="image", n="nvarchar(max)", x="ntext")
    return Table("buiten", shape, rows)


def _keyed(count: int) -> Table:
    rows: list[list[Value]] = [[at // 3, f"sleutel {at // 3}", at] for at in range(count)]
    return Table("sleutels", columns(k="int", s="varchar(30)", v="int"), rows, clustered=("k",), unique=False)


def _tables(count: int = 24) -> list[Table]:
    return [_numbers(count), _texts(count), _far(9), _keyed(count)]


def _few() -> list[Table]:
    """Enough where the container is what matters."""
    return [_texts(16), _far(5)]


def _dense(level: int) -> list[Table]:
    """Compressed rows: repeated values, many columns, SCSU."""
    style = compressed_rows.Style(trim=True, ghosts=1, moved=frozenset({1, 4}) if level == 1 else frozenset())
    many: list[list[Value]] = [[at, *(at * each % 7 if each % 3 else None for each in range(40))] for at in range(20)]
    wide = Table("breed", [Column("nr", "int"), *(Column(f"c{each}", "int") for each in range(40))], many)
    chosen = (_numbers(40), _texts(40, moved=False), wide)
    return [compressed_rows.compressed(table, level, style) for table in chosen]


def _earlier(tables: Sequence[Table]) -> list[Table]:
    """Before the last rows came."""
    return [replace(table, rows=table.rows[:-4], forwarded=frozenset(), ghosts=0) for table in tables]


def _data_files(name: str, database: Database) -> Sample:
    with tempfile.TemporaryDirectory() as folder:
        paths = write_layout(Path(folder, f"{MEDIUM}.mdf"), lay(database))
        files = {path.name: path.read_bytes() for path in paths}
    pages = tuple((each, at) for each, data in files.items() for at in range(0, len(data), SIZE))
    return Sample(name, files, pages=pages)


def _tape(name: str, files: dict[str, bytes], *, summed: bool = False, full: bool = False) -> Sample:
    pages = tuple((each, at) for each, data in files.items() for at in pages_in(data))
    return Sample(name, files, full=full, pages=pages, summed=summed)


def pages_in(tape: bytes) -> list[int]:
    """Where the pages are in an uncompressed medium."""
    regions = [
        span for own in read_tape(BytesStream(tape), whole=False).pages for region in own.regions for span in region
    ]
    return [start + SIZE * at for start, count in regions for at in range(count)]


def _packed(name: str, tape: bytes, version: int, *, dense: bool = False) -> Sample:
    files = {MEDIUM: container.compress(tape, version, dense=dense)}
    return Sample(name, files, inner=b"" if dense else tape, inner_pages=() if dense else tuple(pages_in(tape)))


def _again(layout: Layout) -> Backup:
    """The second region of 2019 and later: extents of data pages that changed during the copy."""
    numbers = [
        number for number, page in layout.primary.pages.items() if not isinstance(page, bytes) and page.kind == 1
    ]
    return Backup(layout, again={1: sorted({number // 8 for number in numbers})[-2:]}, filler=8)


def _stripes() -> Sample:
    made = media_of([lay(Database(_few(), version=957, leftovers=False))], 2)
    return _tape("two stripes", {f"{number}.bak": data for number, data in enumerate(made)})


def _differential() -> Sample:
    before = lay(Database(_earlier(_few()), version=852, leftovers=False))
    after = lay(Database(_few(), version=852, leftovers=False))
    (full,), (rest,) = media_of([before]), media_of([Backup(after, base=before)])
    return _tape("differential on its full", {MEDIUM: rest, "full": full}, full=True)


def _cabinet(protection: str) -> Sample:
    database = Database(_few(), protection=protection, leftovers=False)
    file = _data_files("", database).files[f"{MEDIUM}.mdf"]
    return Sample(f"data file in a cabinet, {protection}", {MEDIUM: packed([("a.mdf", file)], "mszip")})


def _zip() -> Sample:
    tape = media_of([lay(Database(_few(), leftovers=False))])[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr(zipfile.ZipInfo("a.bak", (2020, 1, 1, 0, 0, 0)), tape, zipfile.ZIP_DEFLATED)
        return Sample("back-up in a zip", {MEDIUM: path.read_bytes()})


def _full(database: Database, **how: bool) -> bytes:
    return media_of([Backup(lay(database), **how)])[0]  # type: ignore[arg-type]


def _two_files() -> Database:
    first, *rest = _tables()
    return Database([replace(first, places=((1, 0), (3, 0))), *rest], leftovers=False)


MAKERS: dict[str, Callable[[], Sample]] = {
    "data file": lambda: _data_files("data file", Database(_tables())),
    "data file of 2005": lambda: _data_files(
        "data file of 2005", Database(_tables(), version=611, protection="torn", leftovers=False)
    ),
    "data file, no checks": lambda: _data_files(
        "data file, no checks", Database(_tables(), version=706, protection="none", leftovers=False)
    ),
    "two data files": lambda: _data_files("two data files", _two_files()),
    "row compression": lambda: _data_files("row compression", Database(_dense(1), leftovers=False)),
    "page compression": lambda: _data_files("page compression", Database(_dense(2), leftovers=False)),
    "tape": lambda: _tape("tape", {MEDIUM: _full(Database(_few()))}),
    "tape, only a stream checksum": lambda: _tape(
        "tape, only a stream checksum",
        {MEDIUM: _full(Database(_few(), protection="none", leftovers=False), checksums=True)},
        summed=True,
    ),
    "tape of 2019, two regions": lambda: _tape(
        "tape of 2019, two regions", {MEDIUM: media_of([_again(lay(Database(_few(), version=904)))])[0]}
    ),
    "compressed medium of 2008": lambda: _packed(
        "compressed medium of 2008", _full(Database(_few(), version=655, protection="none", leftovers=False)), 1
    ),
    "compressed medium": lambda: _packed("compressed medium", _full(Database(_few(), leftovers=False)), 2),
    "compressed medium, dense": lambda: _packed(
        "compressed medium, dense", _full(Database(_few(), leftovers=False)), 2, dense=True
    ),
    "two stripes": _stripes,
    "differential on its full": _differential,
    "data file in a cabinet, checksum": lambda: _cabinet("checksum"),
    "data file in a cabinet, none": lambda: _cabinet("none"),
    "back-up in a zip": _zip,
}


@cache
def sample(name: str) -> Sample:
    """One of them, with its rows; that these are right is what the other tests are for."""
    made = MAKERS[name]()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for file, data in made.files.items():
            (folder / file).write_bytes(data)
        paths, full = made.paths(folder)
        return replace(made, rows=rows_of(paths, full))


def choice(chance: random.Random) -> Sample:
    """Any of them."""
    return sample(chance.choice(list(MAKERS)))
