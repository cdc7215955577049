"""The command line as whole processes, from start to exit. Prints a table; exits 1 where a limit is passed.

    python tests/benchmarks/command.py [--deliveries 10000] [--runs 7]

Makes a practice office in a temporary folder. `list` runs read-only, so that no worker competes for the processor.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT), str(HERE.parents[1])]

from benchmarks.fill import filled_office  # noqa: E402
from benchmarks.measure import in_turn, spread, table  # noqa: E402

LIMITS = {"inspect": 0.25, "list": 0.7}
"""Seconds, for the median of the whole process."""

HEAD = ["process", "wall", "processor", "limit"]


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = filled_office(Path(folder, "practice"), args.deliveries)
        sample = max((config.parent / "office").rglob("original"), key=lambda path: path.stat().st_size)
        wissel = [sys.executable, "-m", "tui", "--read-only", "--config", str(config)]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "wissel --version": [*wissel, "--version"],
            "wissel inspect FILE --json": [*wissel, "inspect", str(sample), "--json"],
            "wissel list": [*wissel, "list"],
        }
        taken = in_turn(commands, args.runs)
    rows, late = [], False
    for name, runs in taken.items():
        wall, cpu = (spread([getattr(run, what) for run in runs], 1000) for what in ("wall", "cpu"))
        middle = sorted(run.wall for run in runs)[len(runs) // 2]
        limit = next((each for verb, each in LIMITS.items() if f"wissel {verb}" in name), None)
        late = late or (limit is not None and middle > limit)
        rows.append([name, wall, cpu, "" if limit is None else f"{limit * 1000:.0f}"])
    table(f"whole processes, {args.deliveries} deliveries, ms: median (min-max)", HEAD, rows)
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
