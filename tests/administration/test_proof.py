"""The proof finds whatever is not as planned: any cell of any table, rows, definitions; a few rows at a time."""

from __future__ import annotations

import itertools
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

import pytest
import sqlalchemy as sa
from factory.identities import driver, empty, opened, put, saved

from core.administration import catalog, globe, identity, own, proof
from core.administration.identity import Firm
from core.administration.identity.expectation import keyed
from core.administration.ledger.digest import packed
from core.administration.proof import Difference, Proof
from core.errors import Cancelled

TABLES = sorted(globe.metadata.tables)
ODD = """
create table CSCTzonder (naam varchar(20) collate Latin1_General_CI_AS, aantal);
create table CSCTtekst (code varchar(20) collate Latin1_General_CI_AS primary key, aantal) without rowid;
create table "CSCT ""vreemd"" x" (rowid text, "kolom [x]" blob, "order" real, primary key ("kolom [x]", "order"));
create table CSCTleeg (id integer primary key, niets text);
create index CSCTindex on CSCTzonder (naam);
"""
"""What a firm adds to Globe: tables without a key, with a key of text, with names that need quotes."""
MORE = ["CSCTzonder", "CSCTtekst", 'CSCT "vreemd" x']
KEYS = {"CSCTtekst": "code", 'CSCT "vreemd" x': '"kolom [x]"'}
"""How a row of a table is found that has no number of its own."""
MADE = [*TABLES, *MORE]


@cache
def planned(only: str = "") -> bytes:
    """Three rows in every table, and odd ones beside them; or in one table alone."""
    tables = [globe.table(only)] if only in TABLES else [] if only else list(globe.metadata.tables.values())
    with opened(empty(*tables or [globe.pwrole])) as connection:
        for table in tables:
            for turn in range(3):
                put(connection, table, **texts(table, turn))
            blob = next(each for each in table.c if isinstance(each.type, sa.LargeBinary))
            connection.execute(sa.update(table).values({blob: sa.literal_column("7")}))
        own.leave(connection)
        connection.commit()
        if only not in TABLES:
            add_odd(driver(connection))
        return saved(connection)


def texts(table: sa.Table, turn: int) -> dict[str, object]:
    return {
        each.name: f"Aa{turn} " for each in table.c if isinstance(each.type, sa.String) and (each.type.length or 9) > 3
    }


def add_odd(database: sqlite3.Connection) -> None:
    database.executescript(ODD)
    for turn in range(3):
        database.execute("insert into CSCTzonder values (?, ?)", (f"Aa{turn // 2} ", 7))
        database.execute("insert into CSCTtekst values (?, ?)", (f"Aa{turn} ", 7))
        database.execute('insert into "CSCT ""vreemd"" x" values (?, ?, ?)', (f"Aa{turn} ", turn, 0.5))


@pytest.fixture
def both(request: pytest.FixtureRequest) -> Iterator[tuple[sa.Connection, sa.Connection]]:
    """The same twice; for a test of one table, that one alone."""
    data = planned(request.node.callspec.params.get("table", "") if hasattr(request.node, "callspec") else "")
    with ExitStack() as stack:
        pair = stack.enter_context(opened(data)), stack.enter_context(opened(data))
        for connection in pair:
            connection.begin()
        yield pair


def compare(pair: tuple[sa.Connection, sa.Connection]) -> Proof:
    return proof.prove(*pair, {})


def change(pair: tuple[sa.Connection, sa.Connection], *statements: str) -> sqlite3.Connection:
    database = driver(pair[1])
    for statement in statements:
        assert database.execute(statement).rowcount != 0
    return database


def quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def columns(pair: tuple[sa.Connection, sa.Connection], table: str) -> list[str]:
    return [each.name for each in catalog.shapes(pair[0])[table].columns]


def test_the_same_is_the_same(both: tuple[sa.Connection, sa.Connection]) -> None:
    found = compare(both)
    assert (found.differences, found.count) == ((), 0)
    assert found.tables == len(TABLES) + len(MORE) + 1
    assert found.rows == 3 * (len(TABLES) + len(MORE))


@pytest.mark.parametrize("table", MADE)
def test_every_single_cell_of_every_table_counts(both: tuple[sa.Connection, sa.Connection], table: str) -> None:
    """As many rows as columns, and in each row another column changed."""
    shape = catalog.shapes(both[0])[table]
    name, key = quoted(table), KEYS.get(table, "rowid")
    for connection in both:
        database = driver(connection)
        rows = database.execute(f"select * from {name} limit 1").fetchall()
        marks = ",".join("?" * len(shape.columns))
        for turn in range(len(shape.columns)):
            (row,) = rows
            unique = dict.fromkeys(shape.places[:1], f"k{turn}" if table == "CSCTtekst" else 100 + turn)
            database.execute(
                f"insert into {name} values ({marks})", [unique.get(n, cell) for n, cell in enumerate(row)]
            )
    wanted: set[str] = set()
    places = driver(both[1]).execute(f"select {key} from {name} order by {key} desc").fetchall()
    for column, (place,) in zip(shape.columns, places, strict=False):
        change(both, f"update {name} set {quoted(column.name)} = 99 where {key} = {place!r}")
        wanted.add("" if column.name in shape.key or not shape.key else column.name)
    found = compare(both)
    double = len(shape.columns) if not shape.key else len(shape.key)
    assert found.count == len(shape.columns) + double
    assert {each.table for each in found.differences} == {table}
    assert {each.column for each in found.differences} <= wanted | {""}
    assert found.count > proof.REPORTED or {each.column for each in found.differences} == wanted


@pytest.mark.parametrize("table", MADE)
def test_case_a_trailing_blank_and_the_kind_of_number_count(
    both: tuple[sa.Connection, sa.Connection], table: str
) -> None:
    database = driver(both[1])
    rows = database.execute(f"select * from {quoted(table)} limit 1")
    names, values = [each[0] for each in rows.description], rows.fetchone()
    tried: set[tuple[type, int]] = set()
    for name, value in zip(names, values, strict=True):
        for form, other in enumerate(other_forms(value)):
            if (type(value), form) in tried:
                continue
            database.execute("savepoint one")
            database.execute(f"update {quoted(table)} set {quoted(name)} = ? where {quoted(name)} is ?", (other, value))
            kept = [row[0] for row in database.execute(f"select {quoted(name)} from {quoted(table)}")]
            if any(type(each) is type(other) and each == other for each in kept):
                assert compare(both).count, (name, value, other)
                tried.add((type(value), form))
            database.execute("rollback to one")
    assert {(int, 0), (int, 1)} <= tried
    assert {(str, 0), (str, 2)} <= tried or table in {"HRRoles", "perdat"}


def other_forms(value: object) -> list[object]:
    """What SQL Server or Python would call the same."""
    if isinstance(value, str):
        return [each for each in (value.upper(), value.lower(), value + " ", value.rstrip()) if each != value]
    if isinstance(value, int):
        return [float(value), str(value)]
    return [int(value)] if isinstance(value, float) and value == int(value) else []


@pytest.mark.parametrize("row", [1, 2, 3])
@pytest.mark.parametrize("table", MADE)
def test_one_row_less_or_more_is_one_difference(
    both: tuple[sa.Connection, sa.Connection], table: str, row: int
) -> None:
    name = quoted(table)
    key = KEYS.get(table, "rowid")
    change(both, f"delete from {name} where {key} = (select {key} from {name} order by {key} limit 1 offset {row - 1})")
    (missing,) = compare(both).differences
    assert (missing.table, missing.column, missing.found) == (table, "", "")
    assert missing.planned
    (extra,) = proof.differences(both[1], both[0], {})
    assert (extra.table, extra.planned, extra.found) == (table, "", missing.planned)


SCHEMA = {
    "create table extra (a)": "extra",
    "create table wissel_extra (a)": "wissel_extra",
    "create view gezien as select 1": "view gezien",
    "create index extra on gbkmut (reknr)": "index extra",
    "drop index CSCTindex": "index CSCTindex",
    "drop table CSCTleeg": "CSCTleeg",
    "create trigger na after insert on gbkmut begin delete from grtbk; end": "trigger na",
    "alter table grtbk add column nieuw text": "grtbk",
    "alter table grtbk drop column oms25_4": "grtbk",
    "alter table CSCTleeg rename column niets to iets": "CSCTleeg",
}


@pytest.mark.parametrize("statement", SCHEMA)
def test_what_is_defined_counts(both: tuple[sa.Connection, sa.Connection], statement: str) -> None:
    change(both, statement)
    found = compare(both)
    assert SCHEMA[statement] in {each.table or each.key for each in found.differences}


@pytest.mark.parametrize("table", TABLES)
def test_a_column_of_another_type_counts_though_every_value_is_the_same(
    both: tuple[sa.Connection, sa.Connection], table: str
) -> None:
    database = driver(both[1])
    (text,) = database.execute("select sql from sqlite_master where name = ?", (table,)).fetchone()
    other = text.replace(" BLOB", " XBLOB", 1)
    database.execute("pragma writable_schema = on")
    database.execute("update sqlite_master set sql = ? where name = ?", (other, table))
    database.execute("pragma writable_schema = reset")
    (difference,) = compare(both).differences
    assert (difference.table, difference.column in columns(both, table)) == (table, True)
    assert "XBLOB" in difference.found


def test_our_own_tables_stay_behind_and_must_not_come_along(both: tuple[sa.Connection, sa.Connection]) -> None:
    """They stand in what was planned, never in what is returned."""
    own.metadata.create_all(both[0])
    assert not compare(both).count
    assert {each.table for each in proof.differences(both[1], both[0], {})} == set(own.metadata.tables)


def swapped() -> tuple[bytes, bytes, dict[str, dict[catalog.Line, catalog.Line]]]:
    with opened(empty()) as live:
        put(live, globe.humres, res_id=5, usr_id="BAKKER\\piet", fullname="Piet")
        put(live, globe.pwrole, RoleID=1, RoleName="Verkoop")
        put(live, globe.hr_roles, RoleID=1, EmpID=5)
        put(live, globe.practice_licence, LicNumber="1000120", Holder="H", Data=b"\x00\x01\x02", Active=1)
        firm = Firm("Oefenkantoor", "9999001", ("KANTOOR\\jansen",), "Accountant")
        record = identity.swap_in(live, firm, ["KANTOOR\\stagiair"], operation="O-0001")
        live.commit()
        with opened(saved(live)) as copy:
            identity.swap_back(copy, record, operation="O-0002")
            copy.commit()
            return saved(live), saved(copy), identity.expected(live, record)


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("update PracticeLicence set Data = x'000103'", "PracticeLicence"),
        ("update PracticeLicence set Active = 0", "PracticeLicence"),
        ("insert into PracticeLicence (LicNumber, Holder, Data) values ('9999001', '', x'')", "PracticeLicence"),
        ("update HRRoles set RoleID = 2", "HRRoles"),
        ("delete from HRRoles", "HRRoles"),
        ("insert into HRRoles (RoleID, EmpID) values (1, 6)", "HRRoles"),
        ("update pwrole set RoleName = 'verkoop'", "pwrole"),
        ("insert into pwrole (RoleID, RoleName) values (9, 'Accountant')", "pwrole"),
        ("update humres set emp_stat = 'A', blocked = 0 where res_id = 6", "humres"),
        ("update humres set usr_id = 'BAKKER\\piet ' where res_id = 5", "humres"),
        ("delete from humres where res_id = 6", "humres"),
        ("update bedryf set Batchlevel = 422", "bedryf"),
    ],
)
def test_a_changed_identity_in_the_package_is_found(statement: str, table: str) -> None:
    planned, returned, wanted = swapped()
    with opened(planned) as live, opened(returned) as copy:
        assert not proof.prove(live, copy, wanted).count
        if table == "bedryf":
            for connection in (live, copy):
                put(connection, globe.bedryf, bedrnr="120", bedrnm="B", valcode="EUR", landcode="NL")
        driver(copy).execute(statement)
        found = proof.differences(live, copy, wanted)
        assert {each.table for each in found} == {table}


def test_the_identity_as_it_stands_at_the_target_is_not_the_identity_that_goes_back() -> None:
    planned, _, wanted = swapped()
    with opened(planned) as live, opened(planned) as copy:
        assert {each.table for each in proof.differences(live, copy, wanted)} >= {"humres", "HRRoles", "wissel_dormant"}


def test_an_identity_table_that_is_not_there_is_told() -> None:
    with opened(planned("pwrole")) as live, opened(planned("pwrole")) as copy:
        (found,) = proof.differences(live, copy, {"humres2": {}})
        assert found == Difference("humres2", "", "", "'humres2'", "")


def test_the_first_are_told_and_all_are_counted(both: tuple[sa.Connection, sa.Connection]) -> None:
    database = driver(both[0])
    rows = ((f"{turn}",) for turn in range(300))
    for connection in both:
        driver(connection).executemany("insert into CSCTleeg (niets) values (?)", rows)
        rows = ((f"x{turn}",) for turn in range(300))
    assert database.execute("select count(*) from CSCTleeg").fetchone() == (300,)
    found = compare(both)
    assert (found.count, len(found.differences)) == (300, proof.REPORTED)
    assert found.differences[0] == Difference("CSCTleeg", "1", "niets", "'0'", "'x0'")


def test_a_value_is_shown_within_bounds_and_without_control_signs(both: tuple[sa.Connection, sa.Connection]) -> None:
    change(both, "update grtbk set oms25_0 = char(27) || printf('%.9000c', 'x') where ID = 1")
    (found,) = compare(both).differences
    assert len(found.found) < proof.SHOWN + 20
    assert found.found.startswith("'\\x1b")


def test_the_work_can_be_stopped(both: tuple[sa.Connection, sa.Connection]) -> None:
    left = itertools.count(5, -1)

    def check() -> None:
        if not next(left):
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        proof.prove(*both, {}, check)


NUMBERS = "with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) "
FILL = NUMBERS + "insert into groot select i, 'regel ' || i, i / 7.0 from n"


def peak(rows: int, *changes: str) -> tuple[int, Proof]:
    with opened() as one, opened() as other:
        for connection in (one, other):
            driver(connection).execute("create table groot (id integer primary key, tekst text, bedrag real)")
            driver(connection).execute(FILL.format(rows))
        for statement in changes:
            driver(other).execute(statement)
        tracemalloc.start()
        try:
            found = proof.prove(one, other, {})
            return tracemalloc.get_traced_memory()[1], found
        finally:
            tracemalloc.stop()


def test_however_many_rows_only_a_few_are_in_memory() -> None:
    small, _ = peak(2_000)
    large, found = peak(200_000, "update groot set bedrag = bedrag + 1e-9 where id = 200000")
    assert found.rows == 200_000
    assert [(each.key, each.column) for each in found.differences] == [("200000", "bedrag")]
    assert large < small + (1 << 20)
    assert large < 4 << 20


def test_a_row_too_few_shifts_nothing_and_another_table_is_given_up_soon() -> None:
    _, found = peak(20_000, "delete from groot where id = 3")
    assert [(each.key, each.found) for each in found.differences] == [("3", "")]
    _, found = peak(40_000, "update groot set id = id + 1000000 where id > 100")
    assert proof.ENOUGH < found.count < 3 * proof.ENOUGH
    assert found.rows < 40_000


def test_rows_without_a_key_are_told_apart_by_how_many_there_are() -> None:
    shape = catalog.Shape("t", (catalog.Column("a", "", "", writable=True),), ())
    assert keyed(shape, [("x",), ("y",), ("x",)]) == {("x", 0): ("x",), ("y", 0): ("y",), ("x", 1): ("x",)}


def test_rows_are_the_same_bytes_however_they_were_batched() -> None:
    rows = [(1, "a"), (None, 2.5), (b"x", -0.0)]
    assert bytes(packed(rows)) == bytes(packed(rows[:1])) + bytes(packed(rows[1:]))
    assert packed([(0.0,)]) != packed([(-0.0,)])
