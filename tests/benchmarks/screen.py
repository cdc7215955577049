"""The screen on a real terminal: time to first paint, and bytes and milliseconds per key, against bare Textual.

    python tests/benchmarks/screen.py [DELIVERIES]

Makes a practice office, fills its register with DELIVERIES rows (default 10,000) and types on a pty of 80x24.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.fill import filled_office  # noqa: E402
from benchmarks.measure import spread, table  # noqa: E402
from terminal import Terminal  # noqa: E402

BARE_APP = """
from textual.app import App
from textual.widgets import DataTable, Footer, Header
class Bare(App):
    BINDINGS = [("q", "quit", "quit")]
    ENABLE_COMMAND_PALETTE = False
    def compose(self):
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns(*"state id client adm name PU SQL size target work back".split())
        for i in range(20):
            table.add_row("OK", f"D-{i:04}", *"KLM-044 120 Kalma 421 2016 310MB sql16 yes yes".split())
Bare().run()
"""


def first_paint(command: Sequence[str], sign: str) -> float:
    """Seconds from start till `sign` stands on the screen."""
    start = time.perf_counter()
    with Terminal(command) as terminal:
        terminal.wait(lambda text: sign in text)
        taken = time.perf_counter() - start
        terminal.send("q")
        terminal.quiet()
    return taken


def keys(command: Sequence[str], sign: str, presses: Sequence[str]) -> dict[str, list[tuple[int, float]]]:
    """Bytes and seconds for each key press, once the screen has come to rest."""
    taken: dict[str, list[tuple[int, float]]] = {}
    with Terminal(command) as terminal:
        terminal.wait(lambda text: sign in text)
        terminal.quiet(1.0)
        for press in presses:
            terminal.send(press)
            taken.setdefault(press, []).append(terminal.quiet(0.12))
        terminal.send("q")
        terminal.quiet()
    return taken


def main(deliveries: int) -> None:
    """Print both tables."""
    names = {"\x1b[B": "down", "\x1b[6~": "page down"}
    with tempfile.TemporaryDirectory() as folder:
        config = filled_office(Path(folder) / "office", deliveries)
        ours = [sys.executable, "-m", "tui", "--config", str(config), "--lang", "en"]
        bare = [sys.executable, "-c", BARE_APP]
        paints: dict[str, list[float]] = {"wissel": [], "bare": []}
        for _ in range(6):
            paints["bare"].append(first_paint(bare, "D-0003"))
            paints["wissel"].append(first_paint(ours, "wissel"))
        over = [a - b for a, b in zip(paints["wissel"], paints["bare"], strict=True)]
        table(
            "cold start to first paint, ms: median (min-max)",
            ["", "ms"],
            [[name, spread(values[1:], 1000)] for name, values in [*paints.items(), ("wissel over bare", over)]],
        )
        presses = ["\x1b[B"] * 12 + ["\x1b[6~"] * 6
        rows = []
        for name, command, sign in (("bare, one page", bare, "D-0003"), (f"wissel, {deliveries:,}", ours, "D-")):
            for press, taken in keys(command, sign, presses).items():
                rows.append(
                    [
                        name,
                        names[press],
                        f"{statistics.median(size for size, _ in taken):.0f}",
                        spread([seconds for _, seconds in taken], 1000),
                    ]
                )
        table("a key press: bytes to the terminal, ms till the last of them", ["screen", "key", "bytes", "ms"], rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
