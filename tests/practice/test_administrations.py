"""Random administrations are what they say they are: Globe's shape, balanced, and another one each time."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from factory.administrations import COLLEAGUES, FIRM_LOGINS, Shape, random_administration

from core.administration import globe
from core.administration.sqlite_file import transaction
from core.administration.types import COLLATION, compare

LEDGER = "transtype in ('N', 'C', 'P', 'F')"


@pytest.fixture(scope="module")
def shape(tmp_path_factory: pytest.TempPathFactory) -> Shape:
    return random_administration(tmp_path_factory.mktemp("a") / "a.sqlite", lines=3001, firm_users=2, colleagues=1)


@pytest.fixture
def database(shape: Shape) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(shape.path)) as connection:
        connection.create_collation(COLLATION, compare)
        yield connection


def test_every_table_and_column_is_globe_s(shape: Shape) -> None:
    with transaction(shape.path, "ro") as connection:
        found = sa.inspect(connection)
        assert set(found.get_table_names()) == set(globe.metadata.tables)
        for table in globe.metadata.sorted_tables:
            assert [column["name"] for column in found.get_columns(table.name)] == table.c.keys()
            connection.execute(sa.select(table).limit(50)).all()


def test_exactly_as_many_ledger_lines_as_asked_and_planning_beside(shape: Shape, database: sqlite3.Connection) -> None:
    assert database.execute(f"select count(*) from gbkmut where {LEDGER}").fetchone() == (3001,)
    assert database.execute("select count(*) from gbkmut").fetchone() == (shape.rows,)
    assert database.execute("select count(distinct transtype) from gbkmut").fetchone()[0] >= 6


def test_every_entry_balances_to_the_cent_and_has_its_header_and_lines(
    shape: Shape, database: sqlite3.Connection
) -> None:
    worst = database.execute(
        f"select max(abs(total)) from (select sum(bdr_hfl) total from gbkmut where {LEDGER} group by EntryGuid)"
    ).fetchone()
    assert worst[0] < 0.005
    cents = database.execute(f"select sum(round(bdr_hfl * 100)) from gbkmut where {LEDGER} and bdr_hfl > 0").fetchone()
    assert round(cents[0]) == shape.debit
    assert not database.execute("select EntryGuid from gbkmut except select sysguid from amutak").fetchall()
    assert (
        database.execute("select count(*) from amutas").fetchone()
        == database.execute("select count(*) from gbkmut where regelcode = 'B'").fetchone()
    )


def test_codes_stand_right_in_their_width_and_amounts_are_floats(database: sqlite3.Connection) -> None:
    row = database.execute("select periode, dagbknr, reknr, regel, typeof(bdr_hfl), datum from gbkmut").fetchone()
    assert [len(each) for each in row[:4]] == [3, 10, 9, 4]
    assert row[4] == "real"
    assert row[5].endswith(" 00:00:00.000")
    assert database.execute("select type_dgbk from dagbk where dagbknr = ' 90'").fetchone() == ("M",)
    noisy = database.execute("select count(*) from gbkmut where bdr_hfl <> round(bdr_hfl, 2)").fetchone()[0]
    assert noisy > 0


def test_numbers_go_up_and_the_journals_know_their_last(database: sqlite3.Connection) -> None:
    last = dict(database.execute("select trim(dagbknr), max(bkstnr) from amutak group by 1"))
    noted = dict(database.execute("select trim(dagbknr), lbkstnr from dagbk where lbkstnr is not null"))
    assert noted == last
    doubles = "select 1 from amutak group by dagbknr, bkstnr having count(*) > 1"
    assert not database.execute(doubles).fetchall()


def test_people_roles_and_licence_are_as_the_shape_says(shape: Shape, database: sqlite3.Connection) -> None:
    people = dict(database.execute("select usr_id, emp_stat from humres"))
    assert {login for login, state in people.items() if state == "A"} == set(shape.client_logins)
    assert len(shape.client_logins) == 3
    inactive = {*shape.inactive_logins, *shape.firm_logins, *shape.colleague_logins}
    assert {login for login, state in people.items() if state == "I"} == inactive
    for given, known in ((shape.firm_logins, FIRM_LOGINS), (shape.colleague_logins, COLLEAGUES)):
        assert all(compare(left, right) == 0 for left, right in zip(given, known, strict=False))
    assert dict(database.execute("select RoleID, RoleName from pwrole")) == dict(shape.roles)
    granted = database.execute("select distinct usr_id from HRRoles join humres on EmpID = res_id").fetchall()
    assert {login for (login,) in granted} == set(shape.client_logins)
    licence = database.execute("select LicNumber, Data, Active from PracticeLicence").fetchall()
    assert licence == [(shape.licence, shape.licence_data, 1)]


def test_another_one_each_time_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    def made(name: str, seed: int | None) -> bytes:
        random_administration(tmp_path / name, lines=50, seed=seed)
        return (tmp_path / name).read_bytes()

    assert made("a", 5) == made("b", 5)
    assert made("c", None) != made("d", None)


@pytest.mark.parametrize("lines", [2, 3, 4, 5, 7])
def test_however_few(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "a"
    shape = random_administration(path, lines=lines)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.create_collation(COLLATION, compare)
        assert database.execute(f"select count(*) from gbkmut where {LEDGER}").fetchone() == (shape.lines,)
