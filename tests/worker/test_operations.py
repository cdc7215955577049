"""The engine is one module's secret, and costs nothing while nothing is open."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sources
from factory.running import Running, wait_until

from core.operations.durable import damaged, state_file
from core.settings import load


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    made.settle()
    yield made
    made.end()


def test_only_one_module_speaks_to_the_engine() -> None:
    users = {sources.name(path) for path in sources.files() if "import dbos" in (text := path.read_text("utf-8"))
             or "from dbos" in text}  # fmt: skip
    assert users == {"core/operations/durable.py"}


@pytest.mark.parametrize("module", ["core.operations.worker", "core.operations.dispatch", "core.operations.durable"])
def test_it_is_not_loaded_before_it_is_needed(module: str) -> None:
    program = f"import sys, {module}; sys.exit('dbos' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=sources.ROOT, check=False).returncode == 0


def test_without_an_operation_there_is_no_state(office: Running) -> None:
    office.start()
    office.watching()
    wait_until(office.register.worker, "the worker goes its rounds")
    assert not Path(state_file(load(str(office.config)))).exists()


@pytest.mark.parametrize("name", ["register_url", "state_url"])
def test_where_things_are_kept_does_not_change_under_a_worker(office: Running, name: str) -> None:
    worker = office.start()
    office.watching()
    office.settle(**{name: "postgresql://nobody@127.0.0.1:1/nothing"})
    wait_until(lambda: f"{name} changed" in office.log, "it is said")
    assert worker.poll() is None


def test_an_error_of_another_kind_is_no_damage() -> None:
    from sqlalchemy.exc import DatabaseError

    assert not damaged(DatabaseError("", {}, Exception("server gone")))
