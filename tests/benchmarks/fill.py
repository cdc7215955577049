"""A practice office with as many deliveries as asked: its own, judged by a real worker, copied row by row."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

from core.office import make_practice


def filled_office(folder: Path, deliveries: int) -> Path:
    """Make the office, let its worker judge the samples, then copy them. Returns the settings file.

    The copies stand in the register only: no file, no line in the log. The worker has ended by then.
    """
    config = Path(make_practice(folder))
    office = config.parent / "office"
    command = [sys.executable, "-m", "tui", "demo", str(folder), "--no-screen"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run(["pkill", "-f", f"core.operations.worker.*{config}"], check=False)
    with sqlite3.connect(office / "register.sqlite", timeout=30) as register:
        register.row_factory = sqlite3.Row
        columns = [row[1] for row in register.execute("PRAGMA table_info(deliveries)")]
        samples = [dict(row) for row in register.execute("SELECT * FROM deliveries ORDER BY number")]
        papers = {
            row[0]: row[1:] for row in register.execute("SELECT delivery, evidence, members, verdicts FROM papers")
        }
        marks = ", ".join("?" * len(columns))
        first = len(samples) + 1
        for number in range(first, deliveries + 1):
            sample = samples[number % len(samples)]
            copy = sample | {"number": number, "identity": f"copy {number}", "sha256": None, "vault": None}
            copy["search"] = f"d-{number:04d}\n{sample['search']}"
            register.execute(f"INSERT INTO deliveries VALUES ({marks})", [copy[name] for name in columns])
            register.execute("INSERT INTO papers VALUES (?, ?, ?, ?)", [number, *papers[sample["number"]]])
        register.execute("UPDATE state SET pulse = pulse + 1")
    return config
