from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from factory.orders import planned
from factory.records import Clock, moment

from core.errors import RegisterError
from core.model import CustodyLine, Held, OperationState, StateWord
from core.register import chain, codec
from core.register.engine import engine_for
from core.register.register import Register, register_file
from core.register.schema import VERSION

HERE = Path(__file__).parent


def fill(connection: sa.Connection) -> None:
    """One client, one judged delivery that is with us, one line in the log: as version 1 wrote them."""
    line = chain.sealed(CustodyLine(1, moment(), "jansen", "desk1", "office"), chain.FIRST_HASH)
    delivery = {
        "number": 1, "inbox": "/in", "file_name": b"a.ebu", "file_shown": "a.ebu", "identity": "1", "stage": "sealed",
        "word": "ok", "size": 9, "client": "KLM-044", "sha256": "ab" * 32, "vault": "D-0001", "kind": "cabinet",
        "complete": True, "damaged": False, "fingerprint": "f1", "opened": 0, "administration_number": "120",
        "more": 0, "rules": " ", "search": "d-0001\na.ebu", "arrived_at": moment().replace(tzinfo=None),
    }  # fmt: skip
    rows: dict[str, dict[str, object]] = {
        "state": {"id": 1, "version": 1, "pulse": 7, "custody_seq": 1, "custody_hash": line.hash},
        "clients": {"code": "KLM-044", "name": "Klomp", "search": "klomp"},
        "deliveries": delivery,
        "holdings": {
            "target": "oefen16", "number": "120", "client": "KLM-044", "delivery": 1,
            "since": moment().replace(tzinfo=None),
        },
        "custody": {
            "seq": 1, "at": moment().replace(tzinfo=None), "who": line.who, "host": line.host, "what": line.what,
            "detail": codec.dump_params(line.detail), "hash": line.hash,
        },
    }  # fmt: skip
    for name, row in rows.items():
        table = sa.Table(name, sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(table).values(row))
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT setval('deliveries_number_seq', 1)")


def make_old(url: str | Path) -> str | Path:
    """A register as version 1 made it."""
    kind = "sqlite" if isinstance(url, Path) else "postgresql"
    statements = (HERE / f"version_1.{kind}.sql").read_text(encoding="utf-8")
    if isinstance(url, Path):
        with closing(sqlite3.connect(url)) as connection:
            connection.executescript(statements)
    engine = engine_for(url)
    with engine.begin() as made:
        if kind == "postgresql":
            made.exec_driver_sql(statements)
        fill(made)
    engine.dispose()
    return url


@pytest.fixture
def old(url: str | Path) -> str | Path:
    return make_old(url)


def shape(url: str | Path) -> dict[str, object]:
    """Everything a database says of its tables."""
    engine = engine_for(url)
    with engine.connect() as connection:
        look = sa.inspect(connection)
        found: dict[str, object] = {name: shape_of(look, name) for name in look.get_table_names()}
    engine.dispose()
    return found


def shape_of(look: sa.Inspector, table: str) -> list[object]:
    indexes = [
        (each["name"], each["column_names"], each["unique"], [str(how) for how in each["dialect_options"].values()])
        for each in look.get_indexes(table)
    ]
    keys = [(each["constrained_columns"], each["referred_table"]) for each in look.get_foreign_keys(table)]
    return [
        [(each["name"], str(each["type"]), each["nullable"], each["default"]) for each in look.get_columns(table)],
        look.get_pk_constraint(table)["constrained_columns"],
        sorted(indexes, key=str),
        sorted(keys, key=str),
    ]


def test_an_old_register_is_brought_up_and_keeps_everything(old: str | Path) -> None:
    register = Register.open(old, create=True, clock=Clock())
    row = register.page()[0][0]
    assert (row.id, row.state, row.held_at, row.operation) == ("D-0001", StateWord.OK, "oefen16", None)
    assert register.held() == (Held("oefen16", "120", "", "KLM-044", "Klomp", "D-0001", moment()),)
    assert (register.verify_custody(), register.pulse()) == (None, 8)
    plan = planned("D-0001")
    operation = register.order(plan.order, plan, who="jansen")
    register.end(operation, OperationState.DONE, "outcome.restore")
    assert register.arrive("/in", "b", "2", 1, moment()) == "D-0002"
    register.close()
    again = Register.open(old)
    assert [line.what for line in again.custody()] == ["arrived", "ordered", "office"]
    again.close()


def test_an_old_register_that_was_brought_up_is_like_a_new_one(old: str | Path, request: pytest.FixtureRequest) -> None:
    new: str | Path = old.with_name("new.sqlite") if isinstance(old, Path) else request.getfixturevalue("another_url")
    for each in (old, new):
        Register.open(each, create=True).close()
    assert shape(old) == shape(new)


def test_who_only_looks_is_told_what_to_do(old: str | Path) -> None:
    before = shape(old)
    with pytest.raises(RegisterError) as caught:
        Register.open(old)
    assert (caught.value.key, caught.value.params) == ("register-older", {"theirs": 1, "ours": VERSION})
    assert shape(old) == before


def test_who_has_it_open_under_the_old_version_can_go_on(old: str | Path) -> None:
    engine = engine_for(old)
    before = sa.Table("deliveries", sa.MetaData(), autoload_with=engine)
    with engine.begin() as connection:
        row = dict(connection.execute(sa.select(before)).mappings().one())
    Register.open(old, create=True).close()
    with engine.begin() as connection:
        connection.execute(sa.insert(before).values({**row, "number": 9, "file_name": b"b"}))
    engine.dispose()
    register = Register.open(old)
    assert [(row.id, row.state) for row in register.page()[0]] == [("D-0009", StateWord.OK), ("D-0001", StateWord.OK)]
    register.close()


def test_many_bring_it_up_at_once(old: str | Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        for register in pool.map(lambda _: Register.open(old, create=True), range(6)):
            assert register.page()[1] == 1
            register.close()


def test_a_migration_that_fails_leaves_the_register_as_it_was(old: str | Path) -> None:
    engine = engine_for(old)
    with engine.begin() as connection:
        # A table of somebody else's has the name of an index that we need.
        connection.exec_driver_sql("CREATE TABLE holdings_delivery (x INTEGER)")
    before = shape(old)
    with pytest.raises(RegisterError, match="register-failed"):
        Register.open(old, create=True)
    assert shape(old) == before
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE holdings_delivery")
    engine.dispose()
    register = Register.open(old, create=True)
    assert register.page()[1] == 1
    register.close()


def test_a_register_newer_than_us_gets_no_tables_of_ours(tmp_path: Path) -> None:
    path = Path(register_file(tmp_path))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE state (id INTEGER, version INTEGER, pulse, custody_seq, custody_hash)")
        connection.execute("INSERT INTO state VALUES (1, ?, 0, 0, '')", (VERSION + 1,))
    before = os.stat(path).st_size
    with pytest.raises(RegisterError, match="register-newer"):
        Register.open(path, create=True)
    assert list(shape(path)) == ["state"]
    assert os.stat(path).st_size == before


def test_a_state_without_its_row_is_damage(url: str | Path) -> None:
    Register.open(url, create=True).close()
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM state")
    engine.dispose()
    for create in (True, False):
        with pytest.raises(RegisterError, match="register-damaged"):
            Register.open(url, create=create)
