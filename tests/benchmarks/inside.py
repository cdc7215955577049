"""Rows out of back-ups: header, catalog, full read, verify, against a plain reader of one row at a time.

    python tests/benchmarks/inside.py [--megabytes 1000] [--folder DIR] [--runs 3]

Reads the corpus (where there is one) and data files and back-ups that the factory writes: a narrow table, a broad
one, bare, as a tape and compressed. Every figure is the median of runs in processes of their own; rows/s are of the
read itself (catalog included), peak memory is of the whole process. The plain reader decodes the same columns of
the same pages with `struct`, one row after the other, and checks nothing: what most public readers do. Peers that
could not be had here: OrcaMDF and its forks (.NET Framework), BusinessCentral.BakReader (.NET), mssqlbak and BAK-SHELL
(no package), commercial readers (Windows).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT), str(HERE.parents[1])]

from benchmarks.measure import table  # noqa: E402
from benchmarks.plain_rows import WHAT  # noqa: E402
from corpus import CORPUS  # noqa: E402
from factory.memory import PEAK_MEMORY  # noqa: E402
from factory.sqlserver.backup import write_backup  # noqa: E402
from factory.sqlserver.model import Database, Row, Table, columns  # noqa: E402
from factory.sqlserver.write import write_database  # noqa: E402

TARGET = 1_000_000
"""Rows/s of a narrow table, in batches."""
NARROW = columns(id="int", amount="money", day="datetime", code="varchar(12)")
BROAD = columns(
    id="bigint", name="nvarchar(60)", city="varchar(40)", amount="decimal(18,4)", day="datetime2(7)", born="date",
    flag="bit", key="uniqueidentifier", rate="float", note="nvarchar(200)",
)  # fmt: skip

_PROBE = """
import sys, time
sys.path[:0] = [{root!r}, {tests!r}]
from benchmarks.plain_rows import work
start = time.perf_counter()
rows = work({what!r}, {path!r})
print(time.perf_counter() - start, rows, peak_memory())
"""


def narrow(count: int) -> list[Row]:
    """Short rows, as of a ledger."""
    from datetime import datetime, timedelta
    from decimal import Decimal

    first = datetime.fromisoformat("2016-01-01")
    return [[at, Decimal(at * 37).scaleb(-2), first + timedelta(minutes=at), f"{at % 9999:06d}"] for at in range(count)]


def broad(count: int) -> list[Row]:
    """Rows of every common type."""
    import uuid
    from datetime import date, datetime, timedelta
    from decimal import Decimal

    first, born = datetime.fromisoformat("2016-01-01"), date.fromisoformat("1970-01-01")
    return [
        [
            at, f"Bedrijf {at} \u00e9n Zoon", "Dordrecht"[: at % 9], Decimal(at).scaleb(-4),
            first + timedelta(seconds=at), born + timedelta(days=at), at % 3 == 0, uuid.UUID(int=at), at / 7,
            None if at % 4 else "opmerking " * (at % 9),
        ]
        for at in range(count)
    ]  # fmt: skip


def samples(folder: Path, megabytes: int) -> Iterator[tuple[str, Path]]:
    """What is read: name and file."""
    for name, shape, rows, share in (("narrow", NARROW, narrow(20_000), 1.0), ("broad", BROAD, broad(5_000), 0.2)):
        once, more = (
            write_database(folder / "size.mdf", Database([Table("t", shape, rows, mixed=False, repeat=each)]))[0].stat()
            for each in (1, 11)
        )
        each = max(1, (more.st_size - once.st_size) // 10)
        repeat = max(1, int(megabytes * share * 1e6 - once.st_size) // each)
        many = Database([Table("t", shape, rows, mixed=False, repeat=repeat)])
        yield f"{name}, data file", write_database(folder / f"{name}.mdf", many)[0]
        few = Database([Table("t", shape, rows, mixed=False, repeat=max(1, repeat // 20))])
        yield f"{name}, tape", write_backup(folder / f"{name}.bak", few)[0]
        yield f"{name}, compressed", write_backup(folder / f"{name}.cbak", few, container=2)[0]


def strangers() -> Iterator[tuple[str, Path]]:
    """The larger ones of the corpus."""
    facts = CORPUS / "facts.json"
    if facts.is_file():
        entries = [each for each in json.loads(facts.read_text("utf-8")) if (each["rows"] or 0) >= 3000]
        for entry in sorted(entries, key=lambda each: -each["rows"]):
            yield f"corpus {entry['release']} {entry['container']}", CORPUS / entry["file"]


def probe(what: str, path: Path, runs: int) -> tuple[float, int, int]:
    """Median seconds, rows, and highest peak of memory in bytes."""
    code = PEAK_MEMORY + _PROBE.format(root=str(ROOT), tests=str(HERE.parents[1]), what=what, path=str(path))
    taken = []
    for _ in range(runs):
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        seconds, rows, peak = done.stdout.split()
        taken.append((float(seconds), int(rows), int(peak)))
    return statistics.median(each[0] for each in taken), taken[0][1], max(each[2] for each in taken)


def measure(name: str, path: Path, runs: int) -> float:
    """Print one file's table; rows/s in batches."""
    size = path.stat().st_size
    rows, speed = [], 0.0
    for what in WHAT:
        if what == "plain" and path.suffix != ".mdf":
            continue
        seconds, count, peak = probe(what, path, runs if size < 3e8 else 1)
        speed = count / seconds if what == "batches" else speed
        per_second = f"{count / seconds:,.0f}" if count else ""
        rows.append([WHAT[what], f"{seconds:.3f}", per_second, f"{size / seconds / 1e6:,.0f}", f"{peak / 1e6:.0f}"])
    table(f"{name}, {size / 1e6:,.1f} MB", ["what", "seconds", "rows/s", "MB/s of file", "peak MB"], rows)
    return speed


def main() -> int:
    """Make the samples, measure, remove them."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--megabytes", type=int, default=1000, help="size of the large data file")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--folder", help="where the samples are made")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        speeds = {name: measure(name, path, chosen.runs) for name, path in samples(Path(folder), chosen.megabytes)}
    for name, path in strangers():
        measure(name, path, chosen.runs)
    good = speeds["narrow, data file"] >= TARGET
    print(f"\nnarrow table in batches, target {TARGET:,} rows/s: {'held' if good else 'BROKEN'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
