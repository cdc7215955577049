"""Catalog, rows, ledger, identity and corrections on SQL Server, over the wire: the same code as on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from factory.engines import Watched, mark_of
from factory.servers import Served, package, served
from fakes.sqlserver.ground import needed

from core.administration import catalog, globe, identity, ledger, own, rows
from core.administration.identity import Firm

MARK = mark_of()
FIRM = Firm("Oefenkantoor", "9999001", ("KANTOOR\\jansen", "KANTOOR\\devries"), "Accountant")


@pytest.fixture(scope="module", params=["freetds", "ms18"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("domain")
    package(folder / "in.bak")
    with served(folder, needed(request.param)) as made:
        made.engine.bring_in(str(folder / "in.bak"), made.engine.draft("O-0001"), Watched().work)
        yield made


@pytest.fixture
def connection(server: Served) -> Iterator[sa.Connection]:
    """A transaction on the working copy; nothing of it stays."""
    with server.engine.open(server.engine.draft("O-0001"), write=True) as opened:
        under_way = opened.get_transaction()
        assert under_way is not None
        yield opened
        under_way.rollback()


def test_the_catalog_says_what_is_there(connection: sa.Connection) -> None:
    names = catalog.names(connection)
    assert names == sorted(names)
    assert {"gbkmut", "bedryf", "humres"} <= set(names)
    assert catalog.has(connection, "GBKMUT")
    assert not catalog.has(connection, own.mark.name)
    found = catalog.shapes(connection)
    assert list(found) == names
    shape = found["gbkmut"]
    columns = {each.name: each for each in shape.columns}
    assert shape.key == ("ID",)
    assert [name for name, each in columns.items() if each.identity] == ["ID"]
    assert [name for name, each in columns.items() if not each.writable] == ["timestamp"]
    assert (columns["bdr_hfl"].kind, columns["sysguid"].kind) == ("float", "uniqueidentifier")
    assert columns["reknr"].kind.startswith("char(9) ")
    assert {each.name for each in globe.gbkmut.columns} == set(columns)


def test_what_is_made_and_dropped_is_seen_at_once(connection: sa.Connection) -> None:
    before = catalog.definitions(connection)
    own.prepare(connection, MARK)
    assert own.mark.name in catalog.shapes(connection)
    assert own.read_mark(connection) == MARK
    assert catalog.definitions(connection) == before, "ours are not the client's"
    own.leave(connection)
    assert own.mark.name not in catalog.shapes(connection)


def test_every_value_comes_back_as_it_was(connection: sa.Connection) -> None:
    """A row that is taken away and put back, its number included: what only the server writes is new."""
    place = rows.place(catalog.shapes(connection), "humres", "res_id")
    assert place is not None
    before = place.read(connection)
    for row in before:
        place.remove(connection, row)
        place.put_back(connection, rows.load(rows.dump(row)))
        place.change(connection, row, {"fullname": "x"})
        place.put_back(connection, row)
    after = place.read(connection)
    assert [{**row, "timestamp": None} for row in after] == [{**row, "timestamp": None} for row in before]


def test_a_table_without_a_key_has_the_same_digest_in_any_order(connection: sa.Connection) -> None:
    for name, values in (("one", (1, 2, 2)), ("other", (2, 1, 2)), ("third", (1, 2, 1))):
        connection.exec_driver_sql(f"CREATE TABLE {name} (a INTEGER NULL)")
        table = sa.table(name, sa.column("a", sa.Integer))
        for value in values:
            connection.execute(sa.insert(table).values(a=value))
    catalog.changed(connection)
    found = ledger.digests(connection)
    assert found["one"] == found["other"] != found["third"]


def test_the_ledger_is_summed_up(connection: sa.Connection) -> None:
    found = ledger.totals(connection)
    assert (found.lines, str(found.debit), str(found.total), found.missing) == (9, "363", "0", ())
    assert sum(ledger.trial_balance(connection).values()) == 0
    assert [each.code for each in ledger.findings(connection)] == []
    connection.execute(sa.update(globe.gbkmut).where(globe.gbkmut.c.ID == 1).values(bdr_hfl=1.0))
    assert "ledger-unbalanced" in [each.code for each in ledger.findings(connection)]


def test_a_baseline_is_the_same_twice_and_sees_a_cent(connection: sa.Connection) -> None:
    first = ledger.baseline(connection)
    assert first.changed(ledger.baseline(connection).digests) == ()
    connection.execute(sa.update(globe.gbkmut).where(globe.gbkmut.c.ID == 1).values(bdr_hfl=0.01))
    assert first.changed(ledger.baseline(connection).digests) == ("gbkmut",)


def test_the_swap_and_its_way_back(connection: sa.Connection) -> None:
    before = ledger.digests(connection)
    users = identity.survey(connection).users
    own.prepare(connection, MARK)
    record = identity.swap_in(connection, FIRM, ["KANTOOR\\stagiair"], operation="O-0001")
    assert identity.swap_in(connection, FIRM, ["KANTOOR\\stagiair"], operation="O-0001") == record
    assert identity.recorded(connection) == record
    assert set(identity.survey(connection).users) == {*FIRM.users, "KANTOOR\\stagiair"}
    wanted = identity.expected(connection, record)
    identity.swap_back(connection, record, operation="O-0002")
    assert identity.survey(connection).users == users
    for name, lines in wanted.items():
        shape = catalog.shapes(connection)[name]
        found = [row for some in catalog.batches(connection, shape) for row in some]
        assert identity.expectation.keyed(shape, found) == lines, name
    changed = {name for name, each in ledger.digests(connection).items() if before.get(name) != each}
    assert changed <= {"humres", "HRRoles", "pwrole", "PracticeLicence"}
