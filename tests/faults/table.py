"""Every step of restore, correction and return, struck everywhere.

    cd tests && PYTHONPATH=..:. python -m faults.table [restore|correct|return ...] [--lines N] [--jobs N]

A kill is followed by two workers started at once. Half an hour on two cores; the exit status is 1 when anything is
left that should not be. Columns: killed before the step's effect, in the middle of it, at its last call, after it
and before the register has it, and before the engine has it (`unmarked`); a full disk at the same places.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from faults.journey import KINDS, Undisturbed, strike, undisturbed
from faults.striker import FULL, Strike

from core.model import Kind

KILLS = ("before", "middle", "late", "after", "unmarked")
ERRORS = ("middle", "late", "after", "unmarked")
GOOD = ("finished", "undone", "not reached")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", type=Kind, default=KINDS)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wissel-faults-"))
    began = time.monotonic()
    try:
        endings = [
            word for kind in given.kinds for word in table(folder / kind, kind, lines=given.lines, jobs=given.jobs)
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for word, count in Counter(endings).most_common():
        print(f"{count:5}  {word}")
    print(f"{time.monotonic() - began:.0f} s")
    return 0 if set(endings) <= set(GOOD) else 1


def table(folder: Path, kind: Kind, *, lines: int, jobs: int) -> list[str]:
    """Print one operation's; how each case ended."""
    example = undisturbed(folder, kind, lines=lines)
    cases = [(step, column, blow) for step in example.steps for column, blow in blows(example, step)]

    def run(case: tuple[str, str, Strike]) -> str:
        step, column, blow = case
        place = folder / f"{step}-{column}".replace(" ", "-")
        began = time.monotonic()
        try:
            word = strike(example, place, blow, together=2)
        except AssertionError as problem:
            word = f"FAILED: {str(problem)[-400:]}"
        finally:
            shutil.rmtree(place, ignore_errors=True)
        print(f"{time.monotonic() - began:6.1f} s  {step} {column}: {word}", file=sys.stderr, flush=True)
        return word

    with ThreadPoolExecutor(jobs) as pool:
        words = list(pool.map(run, cases))
    shown = {(step, column): word for (step, column, _blow), word in zip(cases, words, strict=True)}
    columns = list(dict.fromkeys(column for _step, column, _blow in cases))
    print(f"\n{kind}: {sum(example.counts.values())} calls")
    print(f"{'':18}" + "".join(f"{column:>16}" for column in columns))
    for step in example.steps:
        print(f"{step:18}" + "".join(f"{shown[step, column][:15]:>16}" for column in columns))
    for (step, column, blow), word in zip(cases, words, strict=True):
        if word not in GOOD:
            print(f"{step} {column} ({blow.label} {blow.at}): {word}")
    sys.stdout.flush()
    return words


def blows(example: Undisturbed, step: str) -> list[tuple[str, Strike]]:
    """The columns of one row."""
    found = example.strikes(step)
    kills = [(f"kill {name}", found[name]) for name in KILLS]
    errors = [(f"full {name}", Strike(found[name].label, found[name].at, FULL)) for name in ERRORS]
    return [*kills, *errors]


if __name__ == "__main__":
    sys.exit(main())
