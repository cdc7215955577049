"""Whole commands, timed from outside: runs in turn, the system's own accounting, the median to quote."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run: wall and processor seconds, peak memory in bytes."""

    wall: float
    cpu: float
    peak: int


def run_once(command: Sequence[str]) -> Run:
    """Run a command to its end, its output thrown away."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = 0
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def in_turn(commands: Mapping[str, Sequence[str]], runs: int = 7) -> dict[str, list[Run]]:
    """All commands in turn, A B C A B C ..., after one warm-up each: a drifting machine hits all alike."""
    for command in commands.values():
        run_once(command)
    taken: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(run_once(command))
    return taken


def spread(values: Sequence[float], scale: float = 1.0) -> str:
    """`median (min-max)`, scaled."""
    return f"{statistics.median(values) * scale:8.1f} ({min(values) * scale:.1f}-{max(values) * scale:.1f})"


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table whose columns line up."""
    print(f"\n{title}")
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
