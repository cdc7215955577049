from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from factory.records import Clock, moment

from core.errors import RegisterError
from core.model import Client
from core.register import chain, engine
from core.register.register import Register, register_file
from core.register.schema import custody


@pytest.mark.parametrize("statement", [sa.update(custody).values(who="x"), sa.delete(custody)])
def test_lines_cannot_be_changed_or_removed(register: Register, statement: sa.Executable) -> None:
    register.note("office")
    with pytest.raises(RegisterError), engine.writing(register._engine, "w", "h") as work:
        work.execute(statement)
    assert len(register.custody()) == 1
    assert register.verify_custody() is None


def test_the_newest_lines_come_first_and_can_be_narrowed(register: Register) -> None:
    register.save_client(Client("A"), who="jansen")
    first = register.arrive("/in", "a", "1", 1, moment(), client="A")
    register.arrive("/in", "b", "2", 1, moment())
    assert [line.seq for line in register.custody()] == [4, 3, 2, 1]
    assert [line.seq for line in register.custody(2, before=4)] == [3, 2]
    assert [line.what for line in register.custody(delivery=first.lower())] == ["bound", "arrived"]
    assert [line.what for line in register.custody(client="A")] == ["bound", "arrived", "client"]
    assert [(line.who, line.host) for line in register.custody(client="A")][-1] == ("jansen", "desk1")


def test_a_failed_transaction_leaves_no_line(register: Register) -> None:
    def fail() -> None:
        with engine.writing(register._engine, "w", "h") as work:
            work.record("office", moment())
            raise ZeroDivisionError

    register.note("office")
    with pytest.raises(ZeroDivisionError):
        fail()
    register.note("office")
    assert [line.seq for line in register.custody()] == [2, 1]
    assert register.verify_custody() is None


def test_since_you_left(register: Register, clock: Clock) -> None:
    register.arrive("/in", "a", "1", 1, moment())
    assert (register.since("jansen").at, register.since("jansen").counts) == (None, {})
    register.mark_seen("jansen")
    clock.at = moment(60)
    for name in "bc":
        register.arrive("/in", name, name, 1, moment())
    register.save_client(Client("A"))
    since = register.since("jansen")
    assert (since.at, since.seq, dict(since.counts)) == (moment(), 4, {"arrived": 2, "client": 1})
    pulse = register.pulse()
    register.mark_seen("jansen", since.seq)
    register.mark_seen("jansen", 1)
    assert dict(register.since("jansen").counts) == {}
    assert register.pulse() == pulse


TAMPERINGS = [
    ("UPDATE custody SET who = 'x' WHERE seq = 3", 3),
    ("UPDATE custody SET detail = '{}' WHERE seq = 1", 1),
    ("UPDATE custody SET at = '2026-03-02 09:00:01.000000' WHERE seq = 2", 2),
    ("UPDATE custody SET hash = upper(hash) WHERE seq = 5", 5),
    ("DELETE FROM custody WHERE seq = 1", 1),
    ("DELETE FROM custody WHERE seq = 4", 4),
    ("DELETE FROM custody WHERE seq >= 4", 4),
    ("DELETE FROM custody", 1),
    ("UPDATE custody SET seq = 9 WHERE seq = 5", 5),
    ("INSERT INTO custody SELECT 6, at, who, host, what, delivery, client, detail, hash FROM custody WHERE seq = 5", 6),
    ("INSERT INTO custody SELECT 0, at, who, host, what, delivery, client, detail, hash FROM custody WHERE seq = 5", 1),
]


@pytest.mark.parametrize(("statement", "broken"), TAMPERINGS)
def test_verify_names_the_first_line_that_was_touched(tmp_path: Path, statement: str, broken: int) -> None:
    path = Path(register_file(tmp_path))
    register = Register.open(path, create=True, host="desk1", clock=Clock())
    for number in range(5):
        register.note("office", number=number)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER custody_no_update")
        connection.execute("DROP TRIGGER custody_no_delete")
        connection.execute(statement)
    assert register.verify_custody() == broken
    register.close()


def test_verify_of_lines_at_hand(register: Register) -> None:
    for number in range(4):
        register.note("office", number=number)
    lines = register.custody()[::-1]
    assert chain.verify(lines) is None
    assert chain.verify(lines[2:], first=3, previous=lines[1].hash) is None
    assert chain.verify([lines[0], replace(lines[1], who="x"), *lines[2:]]) == 2
    assert chain.verify([lines[0], lines[2]]) == 2


@pytest.fixture
def small_batches() -> Iterator[None]:
    from core.register import custody as log

    before, log.BATCH = log.BATCH, 2
    yield
    log.BATCH = before


def test_batches_join(register: Register, small_batches: None) -> None:
    for number in range(5):
        register.note("office", number=number)
    assert register.verify_custody() is None
