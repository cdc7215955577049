"""Restore, correction, return: seconds, MB/s and peak memory of the worker, on ledgers of two sizes.

    python tests/benchmarks/journey.py [LINES ...]        default: 50000 1000000

Each size has an office and a worker of its own. A step's time is what the register noted of it; the peer is `cp` of
the administration plus `sha256sum` of it, in the same run.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks.measure import table
from factory.administrations import random_package

ENTRY = (
    "journal;year;period;date;account;description;debit;credit\n90;{year};12;31-12-{year};4300;Voorziening;1250,00;\n"
)
ENTRY += ";;;;1900;Voorziening;;1250,00\n"
MB = 1_000_000


class Office:
    """One practice office and its worker, used by command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "office" / "wissel.toml"
        self._run("demo", str(folder / "office"), "--json")
        self.worker = self._worker()

    def _command(self, *line: str) -> list[str]:
        return [sys.executable, "-m", "tui", *(("--config", str(self.config)) if self.config.exists() else ()), *line]

    def _run(self, *line: str) -> Any:
        done = subprocess.run(self._command(*line), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(line)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return json.loads(done.stdout) if done.stdout[:1] in "[{" else done.stdout

    def _worker(self) -> int:
        """Its process: the demo started it."""
        mine = os.fsencode(self.config)
        while True:
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    words = place.read_bytes().split(b"\0")
                    if b"core.operations.worker" in words and mine in words:
                        return int(place.parent.name)
            time.sleep(0.1)

    def json(self, *line: str) -> Any:
        """The answer of a verb."""
        return self._run(*line, "--json")

    def steps(self, operation: str) -> dict[str, float]:
        """Seconds of each step, by its place in the plan; and of the whole, from order to end."""
        said = self.json("show-operation", operation)
        taken = {}
        for step in said["steps"]:
            if step.get("started_at") and step.get("finished_at"):
                began, ended = (datetime.fromisoformat(step[key]) for key in ("started_at", "finished_at"))
                taken[step["name"]] = (ended - began).total_seconds()
        began, ended = (datetime.fromisoformat(said[key]) for key in ("requested_at", "finished_at"))
        taken["all"] = (ended - began).total_seconds()
        return taken

    def peak(self) -> int:
        """Most bytes that the worker ever had in memory."""
        lines = Path(f"/proc/{self.worker}/status").read_text(encoding="ascii").splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) * 1024

    def close(self) -> None:
        """End the worker."""
        os.kill(self.worker, signal.SIGTERM)
        while Path(f"/proc/{self.worker}").exists():
            time.sleep(0.1)


def sealed(office: Office, name: str) -> str:
    """Wait until the delivery is judged."""
    while True:
        found = [each for each in office.json("list") if each["file"] == name and each["state"] in {"ok", "warn"}]
        if found:
            return str(found[0]["id"])
        time.sleep(0.5)


def timed(command: list[str]) -> float:
    """Seconds of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(lines: int, folder: Path) -> list[tuple[str, str, str]]:
    """One journey. Rows of the table."""
    office = Office(folder)
    try:
        package = folder / "package.ebu"
        shape = random_package(package, lines=lines, seed=lines, client="BEN-001", number="777", name="Meting")
        office.json("client", "BEN-001", "--name", "Meting", "--product-update", str(shape.product_update),
                    "--sql-release", "2016", "--administration", "777=Meting",
                    *(part for login in shape.client_logins for part in ("--login", login)))  # fmt: skip
        name = f"20261119-{shape.product_update}-SQL2016-Meting.ebu"
        os.rename(package, folder / "office" / "inbox" / name)
        while not (found := [each for each in office.json("list") if each["file"] == name and "sha256" not in each]):
            time.sleep(0.5)
        office.json("bind", found[0]["id"], "BEN-001")
        delivery = sealed(office, name)
        restored = office.json("restore", delivery, "--target", "oefen16", "--yes", "--wait")
        place = next((folder / "office" / "office" / "administrations").rglob("777.sqlite"))
        size = place.stat().st_size
        peer = timed(["cp", str(place), str(folder / "copy")]) + timed(["sha256sum", str(folder / "copy")])
        entry = folder / "entry.csv"
        entry.write_text(ENTRY.format(year=shape.open_year), encoding="utf-8")
        start = time.perf_counter()
        office.json("correct", delivery, "--entry", str(entry), "--plan")
        dry = time.perf_counter() - start
        corrected = office.json("correct", delivery, "--entry", str(entry), "--yes", "--wait")
        returned = office.json("return", delivery, "--yes-i-mean", "BEN-001", "--wait")
        restore, correct, back = (office.steps(each["operation"]) for each in (restored, corrected, returned))
        packed = os.path.getsize(returned["outputs"][0]["path"])
        rows = [("administration", f"{size / MB:.0f} MB, package {packed / MB:.0f} MB", "")]
        for title, taken in (("restore", restore), ("correction", correct), ("return", back)):
            rows.append((f"{title}, order to end", f"{taken['all']:.1f} s", f"{size / MB / taken['all']:.0f} MB/s"))
            rows += [
                (f"  {step}", f"{seconds:.2f} s", f"{size / MB / seconds:.0f} MB/s" if seconds > 0.05 else "")
                for step, seconds in taken.items()
                if step != "all" and seconds > 0.05
            ]
        rows.insert(rows.index(next(row for row in rows if row[0].startswith("correction"))), (
            "correction, dry run (whole command)", f"{dry:.1f} s", ""))  # fmt: skip
        rows.append(("peer: cp and sha256sum", f"{peer:.2f} s", f"{size / MB / peer:.0f} MB/s"))
        rows.append(("peak memory of the worker", f"{office.peak() / MB:.0f} MB", ""))
        return rows
    finally:
        office.close()


def main() -> None:
    """Print a table for each size."""
    for lines in map(int, sys.argv[1:] or ("50000", "1000000")):
        with tempfile.TemporaryDirectory() as folder:
            rows = measure(lines, Path(folder))
        table(f"{lines:,} ledger lines", ("what", "taken", "of the administration"), rows)


if __name__ == "__main__":
    main()
