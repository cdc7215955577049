"""Head facts and whole facts of big packages, against cabextract and sha256sum. Prints tables.

    python tests/benchmarks/formats.py [--gigabytes 2] [--folder DIR]

Makes its own samples in a temporary folder: a back-up of half-compressible pages, bare, in a stored and in
an MSZIP cabinet. Each figure is the median of several runs in a process of its own.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT), str(HERE.parents[1])]

from benchmarks.measure import in_turn, spread, table  # noqa: E402
from factory.memory import PEAK_MEMORY  # noqa: E402
from factory.tape import File, Set, pieces  # noqa: E402

from core.formats.cabinet_writer import write_cabinet  # noqa: E402
from core.formats.source import FileStream  # noqa: E402

PAGE = 8192
HEAD_LIMIT = 0.050

_PROBE = """
import sys, time
sys.path.insert(0, {root!r})
from core.formats.backup import inspect
inspect({small!r}, whole=False)
before = peak_memory()
took = []
for _ in range({runs}):
    start = time.perf_counter()
    seen = inspect({path!r}, whole={whole})
    took.append(time.perf_counter() - start)
media = seen.payloads[0].media
print(sorted(took)[len(took) // 2], max(took), (peak_memory() - before) // 1024,
      media.sets[0].database, media.sets[0].finished_at, len(seen.notes))
"""


def page_data(size: int) -> Iterator[bytes]:
    """Bytes of which deflate takes about half away, a megabyte at a time, never the same twice in a row."""
    maker = random.Random(7)
    loose = maker.randbytes(1 << 19)
    words = b"".join(maker.choice((b"factuur ", b"debiteur ", b"grootboek ", b"0000")) for _ in range(80_000))[
        : 1 << 19
    ]
    piece = b"".join(loose[at : at + 512] + words[at : at + 512] for at in range(0, 1 << 19, 512))
    while size > 0:
        turn = maker.randrange(1 << 10)
        data = (piece[turn:] + piece[:turn])[:size]
        yield data
        size -= len(data)


def write_tape(path: Path, size: int) -> None:
    """One full back-up with filled pages."""
    with path.open("wb") as out:
        for part in pieces([Set(files=(File(pages=size // PAGE, size_pages=size // PAGE),))], seed=None):
            if isinstance(part, int):
                for data in page_data(part):
                    out.write(data)
            else:
                out.write(part)


def pack(source: Path, target: Path, packing: str) -> None:
    """The same back-up in a cabinet."""
    with source.open("rb") as file, target.open("wb") as out:
        write_cabinet(out, [("150.bak", source.stat().st_size, FileStream(file))], packing)  # type: ignore[arg-type]


def probe(path: Path, small: Path, *, whole: bool, runs: int) -> list[str]:
    """Run the reader in its own process: median and worst seconds, kilobytes more than a tiny file took, facts."""
    import subprocess

    code = PEAK_MEMORY + _PROBE.format(root=str(ROOT), small=str(small), path=str(path), whole=whole, runs=runs)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.split(None, 3)


def heads(samples: dict[str, Path], small: Path) -> bool:
    """Head facts: milliseconds and memory."""
    rows = []
    good = True
    for name, path in samples.items():
        median, worst, more, facts = probe(path, small, whole=False, runs=15)
        good = good and float(worst) <= HEAD_LIMIT
        size = f"{path.stat().st_size / 1e6:.0f} MB"
        rows.append([name, size, f"{float(median) * 1e3:.1f}", f"{float(worst) * 1e3:.1f}", more, facts.strip()])
    title = f"head facts, limit {HEAD_LIMIT * 1e3:.0f} ms: {'held' if good else 'BROKEN'}"
    table(title, ["sample", "file", "median ms", "worst ms", "kB more", "database, finished, notes"], rows)
    return good


def wholes(samples: dict[str, Path], small: Path, runs: int) -> None:
    """Whole facts against the tools that read the same bytes, in turn."""
    for name, path in samples.items():
        code = PEAK_MEMORY + _PROBE.format(root=str(ROOT), small=str(small), path=str(path), whole=True, runs=1)
        commands: dict[str, list[str]] = {"wissel": [sys.executable, "-c", code]}
        if name != "bare" and shutil.which("cabextract"):
            commands["cabextract -p"] = ["cabextract", "-q", "-p", str(path)]
        if shutil.which("sha256sum"):
            commands["sha256sum"] = ["sha256sum", str(path)]
        size = path.stat().st_size / 1e6
        rows = [
            [tool, spread([run.wall for run in taken]), f"{size / sorted(run.wall for run in taken)[runs // 2]:.0f}"]
            for tool, taken in in_turn(commands, runs).items()
        ]
        table(f"whole facts, {name}, {size:.0f} MB file", ["tool", "seconds", "MB/s of file"], rows)


def main() -> int:
    """Make the samples, measure, remove them."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--gigabytes", type=float, default=2.0)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--folder", help="where the samples are made")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        bare = Path(folder, "bare.bak")
        small = Path(folder, "small.bak")
        write_tape(small, 64 * PAGE)
        write_tape(bare, min(int(chosen.gigabytes * 1e9), 2_140_000_000))
        samples = {"bare": bare}
        for packing in ("stored", "mszip"):
            samples[packing] = Path(folder, f"{packing}.ebu")
            pack(bare, samples[packing], packing)
        good = heads(samples, small)
        wholes(samples, small, chosen.runs)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
