"""The large files that `inside.py` reads: written in a minute or two, because pages repeat."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from factory.huffman import BLOCK, pack
from factory.sqlserver.backup import write_backup
from factory.sqlserver.globe import company, globe
from factory.sqlserver.model import Database, Row, Table, columns
from factory.sqlserver.write import write_database

from core.formats.compressed import records_of
from core.formats.inside.medium import FileMedium

NARROW = columns(id="int", amount="money", day="datetime", code="varchar(12)")
BROAD = columns(
    id="bigint", name="nvarchar(60)", city="varchar(40)", amount="decimal(18,4)", day="datetime2(7)", born="date",
    flag="bit", key="uniqueidentifier", rate="float", note="nvarchar(200)",
)  # fmt: skip
_PACKED = 4
"""The compressed samples expand to so many times less than the data files are."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A file, and how many bytes its tape has."""

    name: str
    path: Path
    expanded: int


def samples(folder: Path, megabytes: int) -> Iterator[Sample]:
    """One after the other; says how long the factory took."""
    for name, made, share in (("narrow", narrow(), 1.0), ("broad", broad(), 0.2), ("Globe", globe_lines(), 0.2)):
        once, more = (_pages(folder, replace(made, repeat=each)) for each in (1, 11))
        each = max(1, (more - once) // 10)
        repeat = max(1, int(megabytes * share * 1e6 - once) // each)
        for container, many in (("data file", repeat), ("tape", repeat // _PACKED), ("compressed", repeat // _PACKED)):
            start = time.perf_counter()
            database = Database([replace(made, repeat=max(1, many))])
            path = _written(folder / name, container, database)
            print(f"\n{name}, {container}: written in {time.perf_counter() - start:.1f} s", end="")
            yield Sample(f"{name}, {container}", path, _expanded(path))
            path.unlink()


def _pages(folder: Path, table: Table) -> int:
    """Bytes of the data file."""
    path = write_database(folder / "size.mdf", Database([table]))[0]
    size = path.stat().st_size
    path.unlink()
    return size


def _written(path: Path, container: str, database: Database) -> Path:
    if container == "data file":
        return write_database(path.with_suffix(".mdf"), database)[0]
    if container == "tape":
        return write_backup(path.with_suffix(".bak"), database)[0]
    return write_backup(path.with_suffix(".cbak"), database, container=2, packer=pack, block=BLOCK)[0]


def _expanded(path: Path) -> int:
    with path.open("rb") as file:
        return sum(size for _, _, size, _ in records_of(FileMedium(file))) or path.stat().st_size


def narrow(count: int = 20_000) -> Table:
    """Short rows, as of a ledger."""
    first = datetime.fromisoformat("2016-01-01")
    rows: list[Row] = [
        [at, Decimal(at * 37).scaleb(-2), first + timedelta(minutes=at), f"{at % 9999:06d}"] for at in range(count)
    ]
    return Table("t", NARROW, rows, mixed=False)


def broad(count: int = 5_000) -> Table:
    """Rows of every common type."""
    first, born = datetime.fromisoformat("2016-01-01"), date.fromisoformat("1970-01-01")
    rows: list[Row] = [
        [
            at, f"Bedrijf {at} \u00e9n Zoon", "Dordrecht"[: at % 9], Decimal(at).scaleb(-4),
            first + timedelta(seconds=at), born + timedelta(days=at), at % 3 == 0, uuid.UUID(int=at), at / 7,
            None if at % 4 else "opmerking " * (at % 9),
        ]
        for at in range(count)
    ]  # fmt: skip
    return Table("t", BROAD, rows, mixed=False)


def globe_lines(entries: int = 700) -> Table:
    """Lines of a ledger in Globe's shape: 194 columns, most of them empty or as by default."""
    (found,) = globe(company(entries=entries), only=("gbkmut",)).tables
    return replace(found, clustered=(), mixed=False)
