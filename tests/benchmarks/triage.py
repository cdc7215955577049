"""Triage of many small files by a real worker: from the inbox to the verdict. Prints a table.

    python tests/benchmarks/triage.py [FILES]

Half of the files are genuine small back-ups in cabinets, half are strangers; all lie there when the worker starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.measure import table  # noqa: E402
from factory import tape  # noqa: E402

from core.formats.cabinet_writer import write_cabinet  # noqa: E402
from core.formats.source import BytesStream  # noqa: E402
from core.office import Office, make_practice  # noqa: E402


def lay_down(inbox: Path, files: int) -> None:
    """Different files: one number in each makes its bytes its own."""
    for number in range(files):
        if number % 2:
            (inbox / f"order {number}.ebu").write_text(f"Bestelling {number}\nvan een vreemde\n", "utf-8")
            continue
        one = tape.Set(database=f"{number % 1000:03}", set_guid=uuid.UUID(int=number))
        medium = tape.tape(one, medium=tape.Medium(guid=uuid.UUID(int=number)), seed=number)
        out = BytesIO()
        write_cabinet(out, [("150.bak", len(medium), BytesStream(medium))], "mszip")
        (inbox / f"20261121-421-SQL2016-Klant {number}.ebu").write_bytes(out.getvalue())


def main(files: int) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        config = make_practice(Path(folder, "office"))
        samples = sum(1 for path in Path(folder).rglob("*") if path.suffix in {".ebu", ".bak"})
        lay_down(config.parent / "inbox", files)
        command = [sys.executable, "-m", "core.operations.worker", "--config", str(config)]
        worker = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=ROOT)
        office = Office.open(str(config))
        start, first = time.monotonic(), 0.0
        sealed = 0
        while sealed < files + samples:
            time.sleep(0.2)
            if worker.poll() is not None:
                sys.exit(f"the worker ended: see {config.parent / 'office' / 'worker.log'}")
            waiting = office.deliveries("state:arriving", limit=1)[1] + office.deliveries("state:reading", limit=1)[1]
            sealed = office.deliveries(limit=1)[1] - waiting
            first = first or (time.monotonic() - start if sealed else 0.0)
        taken = time.monotonic() - start
        worker.terminate()
        _, _, usage = os.wait4(worker.pid, 0)
        worker.returncode = 0
        table(
            f"triage of {files:,} small files by one worker",
            ["seconds", "files a second", "first verdict, s", "processor, s", "peak memory, MB"],
            [
                [
                    f"{taken:.1f}",
                    f"{files / taken:.0f}",
                    f"{first:.1f}",
                    f"{usage.ru_utime + usage.ru_stime:.1f}",
                    f"{usage.ru_maxrss / 1024:.0f}",
                ]
            ],
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
