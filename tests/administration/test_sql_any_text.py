"""Any name, text and value through a real driver and back: no driver takes `{`, `?` or `--` for its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from factory.instances import connector
from fakes.sqlserver.ground import DRIVERS, PASSWORD, needed
from fakes.sqlserver.instance import Instance
from fakes.sqlserver.server import TestServer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.administration.sqlserver import names, running, statements
from core.errors import Refused

pytest.importorskip("pyodbc", reason="the driver manager: apt install libodbc2", exc_type=ImportError)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=128)
NASTY = st.text("[]'\"\\\r\n;-/*{}?@$%:. aé\U0001f600", max_size=128)
few = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(scope="module", params=DRIVERS)
def line(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A connection to a server of its own, for all texts."""
    driver = needed(request.param)
    instance = Instance(folder=tmp_path_factory.mktemp("server"))
    instance.add(instance.new("120"))
    with TestServer(instance) as server:
        asked = connector(server.port, driver, password=lambda: PASSWORD)
        with closing(asked.connect()) as connection:
            yield connection, instance


def fits(make: Any, text: str) -> bool:
    try:
        make(text)
    except Refused:
        return False
    return True


@few
@given(text=(TEXT | NASTY).filter(lambda text: fits(names.literal, text)))
@example(text="{fn now()} ? {d '2026-01-01'} -- /* ''] @P1 :x %s")
@example(text="\U0001f600" * 64 + "'")
def test_a_literal_arrives_as_it_was(line: Any, text: str) -> None:
    connection, _ = line
    assert running.one(connection, f"SELECT CAST({names.literal(text)} AS nvarchar(4000)) AS v")["v"] == text


@few
@given(text=TEXT | NASTY)
@example(text="")
@example(text="{fn now()} ? -- ' ] \\\n")
def test_a_value_arrives_as_it_was(line: Any, text: str) -> None:
    connection, _ = line
    assert running.one(connection, "SELECT CAST(? AS nvarchar(4000)) AS v", (text,))["v"] == text


@few
@given(name=(TEXT | NASTY).filter(lambda name: fits(names.identifier, name) and name.strip() == name))
@example(name="]" * 128)
@example(name="{x} ? '--")
def test_a_database_gets_exactly_its_name(line: Any, name: str) -> None:
    connection, instance = line
    before = {each.name for each in instance.all()}
    if any(name.casefold() == each.casefold() for each in before):
        return
    running.rows(connection, statements.rename("120", name))
    try:
        assert {each.name for each in instance.all()} - before == {name}
    finally:
        running.rows(connection, statements.rename(name, "120"))
