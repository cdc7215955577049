"""The worker looks into what it sealed, and after kill -9 begins the look again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from factory.cabinet import packed
from factory.running import Running, wait_until
from factory.sqlserver.globe import company, globe
from factory.sqlserver.write import lay, write_layout

from core.model import FactValue
from core.triage.inside import LOOKED


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    made.settle()
    yield made
    made.end()


def drop(office: Running, entries: int = 3, imbalance: float = 0.0) -> None:
    path = office.folder / "made.mdf"
    write_layout(path, lay(globe(company(entries=entries, imbalance=imbalance))))
    (office.inbox / "20261119-421-SQL2016-Voorbeeld.ebu").write_bytes(packed([("150.mdf", path.read_bytes())], "mszip"))


def fact(office: Running, name: str) -> FactValue | None:
    return office.register.delivery("D-0001").evidence.value(name)


def rules(office: Running) -> set[tuple[int, str]]:
    verdicts = office.register.delivery("D-0001").verdicts
    return {(reason.rule, reason.variant) for verdict in verdicts for reason in verdict.reasons}


def test_what_is_dropped_shows_what_is_inside(office: Running) -> None:
    drop(office, imbalance=0.25)
    office.start()
    wait_until(lambda: office.sealed(1), "it is sealed")
    wait_until(lambda: fact(office, LOOKED), "it was looked into")
    assert fact(office, LOOKED) == "whole"
    assert fact(office, "unbalanced_entries") == 1
    assert {(604, "balance"), (604, "entries"), (606, "client")} <= rules(office)
    assert not (office.folder / "office" / "looking" / "D-0001.tries").exists()


def test_kill_9_in_the_middle_of_a_look_begins_it_again(office: Running) -> None:
    drop(office, entries=400)
    office.start()
    tries = office.folder / "office" / "looking" / "D-0001.tries"
    wait_until(tries.exists, "a look has begun")
    office.workers[0].kill()
    office.workers[0].wait()
    office.start()
    wait_until(lambda: fact(office, LOOKED), "it was looked into")
    assert fact(office, "ledger_entries") == 400
    assert not tries.exists()
    assert [path.name for path in (office.folder / "office" / "looking").iterdir()] == []
