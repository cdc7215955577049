"""Hundreds of thousands of spoiled back-ups, read. Prints how they ended; exits 1 where one ended badly.

    cd tests && PYTHONPATH=..:. python -m fuzzing.table [--cases 200000] [--seed 1] [--jobs 2] [--first 0]
    cd tests && PYTHONPATH=..:. python -m fuzzing.table --case 4711     one of them, and what came of it

What is spoiled: see `samples`; how: see `changes`. A case must end within two seconds of processor time, and with no
more than `ROOM` beside what the process held before. The same seed and number make the same case. Half an hour on
two cores.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from benchmarks.measure import table
from fuzzing.cases import BAD, Ending, Result, TooSlow, run
from fuzzing.samples import MAKERS, sample

SECONDS = 2.0
ROOM = 256 << 20
"""Bytes of address space."""
STUCK = 120
"""Seconds without a word after which a process is taken for hung in C code."""
SHOWN = 8
"""Of each fault."""
CHUNK = 50
STEP = 5000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--case", type=int, help="only this one, without limits")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wissel-fuzzing-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        if given.case is not None:
            result = run(given.case, given.seed, folder)
            print(result.kind, result.ending, result.how, result.trace, sep="\n")
            return int(result.ending in BAD)
        return _all(folder, given.seed, range(given.first, given.first + given.cases), given.jobs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _all(folder: Path, seed: int, numbers: range, jobs: int) -> int:
    for name in MAKERS:
        sample(name)  # once, before the processes part
    began = time.monotonic()
    workers = [_Worker(folder, seed, numbers[at::jobs]) for at in range(min(jobs, len(numbers)))]
    lines = {each.line: each for each in workers}
    counts: Counter[tuple[str, Ending]] = Counter()
    faults: dict[str, list[int]] = {}
    done = 0
    while lines:
        ready = [each for each in wait(list(lines), timeout=STUCK) if isinstance(each, Connection)]
        for line in ready or list(lines):
            worker = lines.pop(line)
            some = worker.heard() if ready else None
            if some is None:  # it died, or hangs: the case it was at is to blame, the rest goes on
                some = [(worker.at, Result("?", Ending.CRASHED, trace=f"process ended with {worker.stop()}"))]
                if rest := worker.share[worker.share.index(worker.at) + 1 :]:
                    worker = _Worker(folder, seed, rest)
                    lines[worker.line] = worker
            elif some[-1][0] != worker.share[-1]:
                lines[line] = worker
            for number, result in some:
                counts[result.kind, result.ending] += 1
                if result.ending in BAD:
                    _note(faults, number, result)
            done += len(some)
            if done % STEP < CHUNK:
                print(f"{done:,} in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return _report(counts, faults, f"{done:,} cases, seed {seed}, {time.monotonic() - began:.0f} s")


class _Worker:
    """A process that works through its share, and the line to it."""

    def __init__(self, folder: Path, seed: int, share: range) -> None:
        self.share = share
        self.line, there = multiprocessing.Pipe(duplex=False)
        own = Path(tempfile.mkdtemp(dir=folder))
        context = multiprocessing.get_context("fork")
        self._current = context.Value("q", share[0])
        self._process = context.Process(target=_work, args=(there, self._current, own, seed, share), daemon=True)
        self._process.start()
        there.close()

    @property
    def at(self) -> int:
        """The case it is at."""
        return int(self._current.value)

    def heard(self) -> list[tuple[int, Result]] | None:
        """The next results; None: it is gone."""
        try:
            some: list[tuple[int, Result]] = self.line.recv()
        except EOFError:
            return None
        return some

    def stop(self) -> int | None:
        """End it, if it has not ended; how it did."""
        self._process.kill()
        self._process.join()
        return self._process.exitcode


def _work(line: Connection, current: Any, folder: Path, seed: int, share: range) -> None:
    def late(*_signal: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGVTALRM, late)
    run(share[0], seed, folder)  # what is imported late is there before the limit is drawn
    held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + ROOM, held + ROOM))
    made: list[tuple[int, Result]] = []
    for number in share:
        current.value = number
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            result = run(number, seed, folder)
        except TooSlow:
            result = Result("?", Ending.SLOW)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        made.append((number, result))
        if len(made) == CHUNK or number == share[-1]:
            line.send(made)
            made = []


def _note(faults: dict[str, list[int]], number: int, result: Result) -> None:
    lines = [line for line in result.trace.splitlines() if line.strip()]
    where = [line.strip() for line in lines if "/core/" in line][-1:]
    key = " | ".join([result.ending, *where, *lines[-1:], *([result.kind] if result.ending == Ending.SILENT else [])])
    if key not in faults:
        print(f"case {number}, {result.kind}: {key}\n  {result.how}", file=sys.stderr, flush=True)
    faults.setdefault(key, []).append(number)


def _report(counts: Counter[tuple[str, Ending]], faults: dict[str, list[int]], title: str) -> int:
    kinds = [*MAKERS, *sorted({kind for kind, _ in counts} - MAKERS.keys())]
    rows = [
        [kind, f"{sum(counts[kind, each] for each in Ending):,}", *(f"{counts[kind, each]:,}" for each in Ending)]
        for kind in kinds
    ]
    totals = [sum(counts[kind, each] for kind in kinds) for each in Ending]
    rows.append(["all", f"{sum(totals):,}", *(f"{each:,}" for each in totals)])
    table(title, ["what", "cases", *Ending], rows)
    for key, numbers in sorted(faults.items(), key=lambda each: -len(each[1])):
        print(f"{len(numbers)} x {key}: cases {numbers[:SHOWN]}")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
