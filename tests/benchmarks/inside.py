"""Rows out of back-ups: header, catalog, full read, verify, beside whatever else can be measured on the same file.

    python tests/benchmarks/inside.py [--megabytes 1000] [--folder DIR] [--runs 3]

Reads data files and back-ups that the factory writes (a narrow table, a broad one, one of Globe's shape with 194
columns; bare, as a tape, compressed), and of the corpus, where there is one, the largest of each release and container.
Every figure is the median of runs in processes of their own; rows/s are of the read itself (catalog included), MB/s of
the expanded tape where it is compressed, peak memory is the resident set of the whole process. Speeds are per second of
processor time, which a busy machine changes less than the clock; where threads help, `seconds` shows it.

Beside it: `cat` and `sha256sum` of the same file, and a plain reader that decodes the same columns of the same pages
with `struct`, one row after the other, and checks nothing: what most public readers do. For the packing alone: every
decoder that is installed (`pip install dissect.util`, `apt-get install libwim15`).

Readers of rows that could not be had to run beside this one: OrcaMDF and OrcaSql (.NET Framework sources of 2015, no
package), BusinessCentral.BakReader and BAK-SHELL (.NET, no package), mdf-rs with mtf-rs (sources of an unfinished
library, no crate), bakread (all rights reserved), mssqlbak (its code is not published), commercial ones (Windows). No
package of PyPI, npm or Debian reads SQL Server's pages or media: `dissect.database` reads ESE, Berkeley DB and SQLite,
`mtftar` (not packaged) finds no files on such a medium, TDS clients and `tdsodbc` need a server. What those say of
themselves: BAK-SHELL 50,000 rows/s, mssqlbak 190,000 to 930,000 rows/s with its part in Rust.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT), str(HERE.parents[1])]

from benchmarks import decoders  # noqa: E402
from benchmarks.measure import run_once, table  # noqa: E402
from benchmarks.plain_rows import WHAT  # noqa: E402
from benchmarks.row_samples import Sample, samples  # noqa: E402
from corpus import CORPUS  # noqa: E402
from factory.memory import PEAK_MEMORY  # noqa: E402

ROWS = 1_000_000
"""Rows/s of a narrow table in batches, on one core: the target."""
EXPANDED = 100.0
"""MB/s through a compressed container, on one core."""
MEMORY = 256_000_000
"""Bytes at most, whatever the size of the file."""
_LARGE = 300_000_000
"""Measured once."""

_PROBE = """
import os, sys, time
sys.path[:0] = [{root!r}, {tests!r}]
if {alone!r}:
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
from benchmarks.plain_rows import work
start, used = time.perf_counter(), time.process_time()
rows = work({what!r}, {path!r})
print(time.perf_counter() - start, time.process_time() - used, rows, peak_memory())
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Medians of the wall and of the processor, seconds; rows; the highest peak of memory in bytes."""

    seconds: float
    processor: float
    rows: int
    peak: int

    @property
    def speed(self) -> float:
        """Rows in a second of the processor."""
        return self.rows / self.processor


def probe(what: str, path: Path, runs: int, *, alone: bool = False) -> Taken:
    """Measure one thing. `alone`: on one core."""
    tests = str(HERE.parents[1])
    code = PEAK_MEMORY + _PROBE.format(root=str(ROOT), tests=tests, what=what, path=str(path), alone=alone)
    taken = []
    for _ in range(runs):
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        seconds, processor, rows, peak = done.stdout.split()
        taken.append(Taken(float(seconds), float(processor), int(rows), int(peak)))
    return Taken(
        statistics.median(each.seconds for each in taken),
        statistics.median(each.processor for each in taken),
        taken[0].rows,
        max(each.peak for each in taken),
    )


def measure(sample: Sample, runs: int) -> Taken:
    """Print one file's table; what reading all rows in batches takes when it has one core only."""
    path, size = sample.path, sample.path.stat().st_size
    runs = runs if sample.expanded < _LARGE else 1
    rows = []
    for command in ("cat", "sha256sum"):
        own = [run_once([command, str(path)]) for _ in range(runs + 1)][1:]
        wall, cpu = (statistics.median(each) for each in zip(*((each.wall, each.cpu) for each in own), strict=True))
        rows.append([command, f"{wall:.3f}", f"{cpu:.3f}", "", f"{size / cpu / 1e6:,.0f}", ""])
    found: dict[str, Taken] = {}
    for what in (*WHAT, "alone"):
        if what == "plain" and path.suffix != ".mdf":
            continue
        alone = what == "alone"
        found[what] = taken = probe("batches" if alone else what, path, runs, alone=alone)
        per_second = f"{taken.speed:,.0f}" if taken.rows else ""
        through = (
            f"{sample.expanded / taken.seconds / 1e6:,.0f}" if what in {"batches", "alone", "lists", "verify"} else ""
        )
        name = WHAT.get(what, "all rows, batches, on one core")
        rows.append(
            [name, f"{taken.seconds:.3f}", f"{taken.processor:.3f}", per_second, through, f"{taken.peak / 1e6:.0f}"]
        )
    head = f"{sample.name}: {size / 1e6:,.1f} MB"
    if sample.expanded != size:
        head += f", expands to {sample.expanded / 1e6:,.1f} MB"
    table(head, ["what", "seconds", "cpu", "rows/s", "MB/s", "peak MB"], rows)
    return found["alone"]


def strangers() -> Iterator[tuple[str, Path]]:
    """Of each release and container in the corpus the one with most rows."""
    facts = CORPUS / "facts.json"
    if facts.is_file():
        chosen: dict[tuple[str, str], tuple[int, Path]] = {}
        for entry in json.loads(facts.read_text("utf-8")):
            if entry["rows"] is not None and entry["release"] != "2000" and entry["container"] != "CAB":
                key = entry["release"], entry["container"].split(" (")[0]
                chosen[key] = max(chosen.get(key, (-1, CORPUS)), (entry["rows"], CORPUS / entry["file"]))
        for (release, container), (_, path) in sorted(chosen.items()):
            yield f"{release} {container}", path


def measure_strangers(runs: int) -> None:
    """One line for each; milliseconds."""
    rows = []
    for name, path in strangers():
        own = {what: probe(what, path, runs) for what in ("header", "catalog", "batches", "verify")}
        rows.append([
            name, f"{path.stat().st_size / 1e6:.1f}", f"{own['batches'].rows:,}",
            *(f"{own[what].processor * 1000:.1f}" for what in own),
            f"{own['batches'].speed:,.0f}", f"{max(each.peak for each in own.values()) / 1e6:.0f}",
        ])  # fmt: skip
    head = ["corpus", "MB", "rows", "header", "catalog", "full read", "verify", "rows/s", "peak MB"]
    table("strangers' files, milliseconds of processor time (small files: what a first look takes)", head, rows)


def packing(name: str, paths: list[Path]) -> list[list[str]]:
    """Expanded MB/s of every decoder on the records of these files."""
    ratio, made = decoders.speeds(paths)
    return [[name, f"{ratio:.1f}", decoder, speed] for decoder, speed in made.items()]


def main() -> int:
    """Make the samples, measure, remove them."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--megabytes", type=int, default=1000, help="size of the large data file")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--folder", help="where the samples are made")
    chosen = arguments.parse_args()
    found: dict[str, tuple[Sample, Taken]] = {}
    packed: list[list[str]] = []
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        for sample in samples(Path(folder), chosen.megabytes):
            found[sample.name] = sample, measure(sample, chosen.runs)
            if sample.path.suffix == ".cbak":
                packed += packing(sample.name, [sample.path])
    if corpus := [path for name, path in strangers() if "MSSQLBAK" in name]:
        packed += packing("corpus", corpus)
    table("the packing alone", ["records of", "times smaller", "decoder", "MB/s expanded"], packed)
    measure_strangers(chosen.runs)
    speed = found["narrow, data file"][1].speed
    through = min(s.expanded / t.processor / 1e6 for s, t in found.values() if s.path.suffix == ".cbak")
    peak = max(taken.peak for _, taken in found.values())
    with_what = next(iter(decoders.decoders()))
    print(f"\nnarrow table, one core: {speed:,.0f} rows/s, target {ROWS:,}: {_held(good=speed >= ROWS)}")
    said = _held(good=through >= EXPANDED)
    print(f"compressed, one core, the slowest, with {with_what}: {through:.0f} MB/s, target {EXPANDED:.0f}: {said}")
    print(f"memory: {peak / 1e6:.0f} MB at most, target {MEMORY / 1e6:.0f}: {_held(good=peak <= MEMORY)}")
    return 0 if speed >= ROWS and peak <= MEMORY else 1


def _held(*, good: bool) -> str:
    return "held" if good else "BROKEN"


if __name__ == "__main__":
    sys.exit(main())
