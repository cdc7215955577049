"""What an operator reads when the server refuses: over the wire, by both drivers, in both languages, as a closed list.

`WISSEL_TOLD=write` writes the list anew; its changes are read like any sentence.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from factory.servers import served
from factory.told import CASES, Ground, met, shown
from fakes.sqlserver.ground import Driver

LIST = Path(__file__).parent / "told.txt"
UPDATE = "WISSEL_TOLD"


@pytest.fixture
def ground(driver: Driver, tmp_path: Path) -> Iterator[Ground]:
    with served(tmp_path, driver, compress=True) as server:
        yield Ground(server, tmp_path)


def test_every_message_is_told_and_nothing_is_left_behind(ground: Ground) -> None:
    told = []
    for case in CASES:
        problem = met(ground, case)
        assert (problem.key, case.title) == (case.key, case.title)
        assert problem.params["target"] == "sql16a"
        assert ground.served.states() == {}, case.title
        assert list(ground.served.exchange.iterdir()) == [], case.title
        told += [*shown(case, problem), ""]
    found = "\n".join(told)
    if os.environ.get(UPDATE) == "write":
        LIST.write_text(found, "utf-8")
    assert LIST.read_text("utf-8") == found, f"{UPDATE}=write writes the list anew"
