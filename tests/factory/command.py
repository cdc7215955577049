"""The command as an operator and a script meet it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sources

from tui.cli import main


@dataclass
class Command:
    """`wissel` in a folder of its own, in English, without the settings of whoever runs the tests."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    config: str = ""

    def process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """As a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "tui", *self._options(), *arguments],
            env={**os.environ, "PYTHONPATH": str(sources.ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=55,
            check=False,
        )

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The same in this process, which has everything imported already."""
        code = main([*self._options(), *arguments])
        return subprocess.CompletedProcess(arguments, code, *self.capsys.readouterr())

    def json(self, *arguments: str) -> Any:
        """What a verb answers with `--json`."""
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        assert done.stdout.isascii()
        return json.loads(done.stdout)

    def _options(self) -> list[str]:
        return ["--config", self.config] if self.config else []

    def until(self, *arguments: str, found: int = 1, seconds: float = 30.0) -> Any:
        """The list, once it has that many rows that are judged to the end."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            rows = [row for row in self.json("list", *arguments) if row["state"] not in ("arriving", "reading")]
            if len(rows) >= found:
                return rows
        pytest.fail(f"{arguments}: no {found} judged rows after {seconds} s")
