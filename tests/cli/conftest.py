from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from factory.command import Command
from fakes.office import FakeOffice

from tui.cli import main
from tui.verbs import awaiting, waiting

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def office() -> FakeOffice:
    return FakeOffice()


@pytest.fixture
def run(office: FakeOffice, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """One command line on the fake office: exit code, standard output, standard error."""
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setattr(waiting, "QUIET", 0.0)
    monkeypatch.setattr(awaiting, "PROBE", 0.0)

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments, opener=lambda _args: office)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.fixture
def wissel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """When it goes, a practice office in `office` and its worker go, too."""
    for name in [name for name in os.environ if name.startswith("WISSEL_")]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    yield Command(tmp_path, capsys)
    shutil.rmtree(tmp_path / "office", ignore_errors=True)
