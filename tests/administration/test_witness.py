"""Our own reader as the witness: what is in the package is compared with what was planned, whoever read it."""

from __future__ import annotations

import contextlib
import itertools
import tracemalloc
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from factory.cabinet import packed
from factory.identities import MARK, driver, opened, put, saved
from factory.sqlserver.backup import media_of, write_backup
from factory.sqlserver.globe import globe
from factory.sqlserver.model import Column, Database, Table, columns
from factory.sqlserver.write import write_database
from hypothesis import given
from hypothesis import strategies as st

from core.administration import canonical, identity, own
from core.administration import globe as tables
from core.administration.identity import Firm
from core.administration.proof import Difference
from core.administration.witness import DRAWERS, Witness, witnessed
from core.errors import BadFormat, Cancelled, Refused
from core.formats.inside import types as kinds
from core.formats.inside.types import type_of

WHEN = datetime(2024, 3, 4, 5, 6, 7, 3_333)  # noqa: DTZ001 - the server's local time
KINDS = Table(
    "alles",
    columns(
        id="int", klein="tinyint", groot="bigint", vlag="bit", bedrag="float", deel="real", geld="money",
        exact="decimal(19,4)", vast="char(9)", breed="nchar(4)", tekst="varchar(40)", ruim="nvarchar(40)", lang="text",
        wanneer="datetime", minuut="smalldatetime", fijn="datetime2(7)", dag="date", klok="time(3)",
        gids="uniqueidentifier", ruw="varbinary(20)", blok="binary(4)", beeld="image", versie="timestamp",
    ),
    [
        (
            1, 255, -(2**62), True, 0.1, 0.5, Decimal("-12.3400"), Decimal("99.9900"), "     1600", "ab", "blanco  ",
            "é☃", "lang  ", WHEN, datetime(2024, 3, 4, 5, 6), "2024-03-04 05:06:07.1234560", date(2024, 3, 4),  # noqa: DTZ001
            time(5, 6, 7, 500_000), uuid.UUID(int=7), b"\0\1", b"xy", b"\xff" * 30, (5).to_bytes(8, "big"),
        ),
        (2, *[None] * 21, (6).to_bytes(8, "big")),
    ],
    clustered=("id",),
)  # fmt: skip


def plain(value: object) -> object:
    """As SQLite keeps it."""
    match value:
        case bool():
            return int(value)
        case datetime():
            return value.isoformat(" ", "milliseconds")
        case date() | time() | Decimal() | uuid.UUID():
            return str(value)
    return value


def laid(connection: sa.Connection, database: Database) -> None:
    """The same tables and rows in SQLite, whose own types do not matter here."""
    raw = driver(connection)
    for table in database.tables:
        names = ", ".join(f'"{each.name}" {_declared(each, table)}' for each in table.visible)
        raw.execute(f'create table "{table.name}" ({names})')
        marks = ", ".join("?" * len(table.visible))
        raw.executemany(f'insert into "{table.name}" values ({marks})', [tuple(map(plain, row)) for row in table.rows])


def _declared(column: Column, table: Table) -> str:
    name = column.kind.name
    kind = "integer" if name in {"int", "smallint", "tinyint", "bigint", "bit"} else ""
    kind = "real" if name in {"float", "real"} else kind
    return f"{kind} primary key" if table.clustered == (column.name,) else kind


@contextlib.contextmanager
def live(database: Database, *changes: str) -> Iterator[sa.Connection]:
    with opened() as connection:
        laid(connection, database)
        for change in changes:
            driver(connection).execute(change)
        yield connection


def written(folder: Path, database: Database, **options: Any) -> str:
    (path,) = write_backup(folder / "terug.bak", database, **options)
    return str(path)


def compared(folder: Path, database: Database, *changes: str) -> Witness:
    with live(database, *changes) as connection:
        return witnessed(written(folder, database), connection, {})


def lines(count: int) -> Database:
    rows = [(n, f"regel {n}", n / 7) for n in range(count)]
    return Database([Table("regels", columns(id="int", oms="varchar(40)", bdr="float"), rows, clustered=("id",))])


def test_every_type_is_the_same_from_a_driver_and_from_the_pages(tmp_path: Path) -> None:
    found = compared(tmp_path, Database([KINDS]))
    assert (found.tables, found.rows, found.differences, found.untold) == (1, 2, (), ())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("klein", 254), ("groot", 1), ("vlag", 0), ("bedrag", 0.10000000000000002), ("geld", "-12.3401"),
        ("exact", "99.99001"), ("vast", "    1600 "), ("tekst", "blanco "), ("tekst", "Blanco  "), ("ruim", "e☃"),
        ("lang", "lang"), ("wanneer", "2024-03-04 05:06:07.007"), ("minuut", "2024-03-04 05:07:00.000"),
        ("fijn", "2024-03-04 05:06:07.123457"), ("dag", "2024-03-05"), ("klok", "05:06:07.501"),
        ("gids", "00000000-0000-0000-0000-000000000008"), ("ruw", b"\0"), ("blok", b"xz"), ("beeld", b"\xff" * 31),
        ("versie", (4).to_bytes(8, "big")), ("tekst", None), ("tekst", ""),
    ],
)  # fmt: skip
def test_one_value_that_differs_is_told_by_its_place(column: str, value: object, tmp_path: Path) -> None:
    with live(Database([KINDS])) as connection:
        driver(connection).execute(f'update alles set "{column}" = ? where id = 1', (value,))
        found = witnessed(written(tmp_path, Database([KINDS])), connection, {})
    assert [(each.table, each.key, each.column) for each in found.differences] == [("alles", "1", column)]


ROWS = lines(500)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update regels set oms = 'x' where id = 77", ("regels", "77", "oms")),
        ("update regels set id = 900 where id = 77", ("regels", "77", "")),
        ("delete from regels where id = 77", ("regels", "77", "")),
        ("insert into regels values (900, 'x', 0.0)", ("regels", "900", "")),
        ("drop table regels", ("regels", "", "")),
        ("create table meer (a)", ("meer", "", "")),
        ("alter table regels add column extra", ("regels", "", "extra")),
        ("alter table regels drop column oms", ("regels", "", "oms")),
        ("alter table regels rename column oms to oms2", ("regels", "", "oms")),
    ],
)
def test_whatever_differs_is_told(change: str, told: tuple[str, str, str], tmp_path: Path) -> None:
    found = compared(tmp_path, ROWS, change)
    assert found.count in {1, 2}
    assert told in {(each.table, each.key, each.column) for each in found.differences}


def test_the_order_of_rows_and_the_case_of_names_mean_nothing(tmp_path: Path) -> None:
    turned = [*reversed(list(ROWS.tables[0].rows))]
    with live(Database([replace(ROWS.tables[0], rows=turned, clustered=())])) as connection:
        driver(connection).execute("alter table regels rename column oms to OMS")
        driver(connection).execute("alter table regels rename to r")
        driver(connection).execute("alter table r rename to Regels")
        found = witnessed(written(tmp_path, ROWS), connection, {})
    assert (found.count, found.rows) == (0, 500)


def test_rows_without_a_key_are_counted(tmp_path: Path) -> None:
    twice = Database([Table("t", columns(a="int"), [(1,), (1,), (2,)])])
    assert not compared(tmp_path, twice).count
    (tmp_path / "terug.bak").unlink()
    found = compared(tmp_path, twice, "delete from t where rowid = 1")
    assert found.differences == (Difference("t", "", "", "", "(1,)"),)


def test_our_own_tables_stay_behind_and_are_not_looked_for(tmp_path: Path) -> None:
    assert not compared(tmp_path, ROWS, "create table wissel_mark (a)").count
    ours = Database([*ROWS.tables, Table("wissel_mark", columns(a="int"), [])])
    with live(ROWS) as connection:
        found = witnessed(written(tmp_path, ours), connection, {})
    assert [(each.table, each.planned, each.found) for each in found.differences] == [
        ("wissel_mark", "", "'wissel_mark'")
    ]


@pytest.mark.parametrize("container", ["cabinet", "data file", "compressed", "ebu with data files"])
def test_however_it_is_packed(container: str, tmp_path: Path) -> None:
    path = tmp_path / "terug.ebu"
    if container == "cabinet":
        path.write_bytes(packed([("150.bak", media_of([ROWS])[0])], "mszip"))
    elif container == "compressed":
        path = Path(written(tmp_path, ROWS, container=1))
    else:
        (data,) = write_database(tmp_path / "150.mdf", ROWS)
        members = [("150.mdf", data.read_bytes()), ("150_log.ldf", bytes(9000))]
        path = data if container == "data file" else path
        if path != data:
            path.write_bytes(packed(members, "mszip"))
    with live(ROWS) as connection:
        found = witnessed(str(path), connection, {}, scratch=str(tmp_path))
    assert (found.count, found.rows) == (0, 500)


FIRM = Firm("Oefenkantoor", "9999001", ("KANTOOR\\jansen",), "Accountant")


def administration(connection: sa.Connection) -> Database:
    """The rows of an administration in SQLite as a database of SQL Server, in its own types."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for table in tables.metadata.tables.values():
        kept = [dict(row._mapping) for row in connection.execute(sa.select(table))]
        rows[table.name] = [
            {name: uuid.UUID(value) if name == "sysguid" else value for name, value in row.items()} for row in kept
        ]
    return globe(rows)


def test_the_identity_that_goes_back_is_the_one_that_was_worked_out(tmp_path: Path) -> None:
    with opened() as connection:
        tables.metadata.create_all(connection)
        own.prepare(connection, MARK)
        put(connection, tables.humres, res_id=1, usr_id="BAKKER\\piet", fullname="Piet")
        put(connection, tables.hr_roles, RoleID=1, EmpID=1)
        put(connection, tables.practice_licence, LicNumber="1000120", Holder="H", Data=b"x", Active=1)
        put(connection, tables.gbkmut, bdr_hfl=0.1)
        record = identity.swap_in(connection, FIRM, operation="O-0001")
        expected = identity.expected(connection, record)
        connection.commit()
        with opened(saved(connection)) as copy:
            asleep = written(tmp_path, administration(copy))
            identity.swap_back(copy, record, operation="O-0002")
            copy.commit()
            (tmp_path / "goed").mkdir()
            awake = written(tmp_path / "goed", administration(copy))
        good = witnessed(awake, connection, expected)
        assert (good.differences, good.count) == ((), 0)
        found = witnessed(asleep, connection, expected)
        assert {each.table for each in found.differences} == {"humres", "HRRoles", "pwrole", "PracticeLicence"}
        piet = [each for each in found.differences if each.key == "1" and each.column == "emp_stat"]
        assert [(each.planned, each.found) for each in piet] == [("'A'", "'I'")]


def test_damage_in_the_package_is_never_a_difference_only(tmp_path: Path) -> None:
    path = Path(written(tmp_path, replace(ROWS, leftovers=False)))
    data = bytearray(path.read_bytes())
    at = data.index(b"regel 300")
    data[at] ^= 1
    path.write_bytes(data)
    with live(ROWS) as connection, pytest.raises(BadFormat, match="witness-damaged"):
        witnessed(str(path), connection, {})


def test_a_package_that_ends_early_is_refused(tmp_path: Path) -> None:
    path = Path(written(tmp_path, ROWS))
    path.write_bytes(path.read_bytes()[:-4096])
    with live(ROWS) as connection, pytest.raises(BadFormat, match="witness-damaged"):
        witnessed(str(path), connection, {})


def test_a_package_that_the_client_cannot_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, replace(ROWS, version=869))
    with live(ROWS) as connection:
        assert not witnessed(path, connection, {}, newest=869).count
        with pytest.raises(Refused, match="witness-newer"):
            witnessed(path, connection, {}, newest=852)


def test_what_nobody_can_tell_is_said(tmp_path: Path) -> None:
    odd = Table("t", columns(a="int", b="xml"), [(1, b"\1\2")])
    with live(Database([Table("t", columns(a="int", b="varchar(9)"), [(1, "<a/>")])])) as connection:
        found = witnessed(written(tmp_path, Database([odd])), connection, {})
    assert (found.count, found.untold) == (0, ("t.b",))


def test_the_work_can_be_stopped(tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    for turn in range(6):
        left = itertools.count(turn, -1)

        def check(left: Iterator[int] = left) -> None:
            if next(left) <= 0:
                raise Cancelled("cancelled")

        with live(ROWS) as connection, pytest.raises(Cancelled):
            witnessed(path, connection, {}, check)


def test_many_differences_are_counted_and_few_are_held(tmp_path: Path) -> None:
    many = lines(3 * DRAWERS)
    found = compared(tmp_path, many, "update regels set oms = oms || 'x'")
    assert found.count >= DRAWERS * 0.9
    assert {each.column for each in found.differences} == {"oms"}


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        repeat = 1 + count // 500
        table = Table("t", columns(a="int", b="char(3900)"), [(n, "x") for n in range(500)], repeat=repeat)
        (tmp_path / f"{count}").mkdir()
        path = written(tmp_path / f"{count}", Database([table]))
        with opened() as connection:
            driver(connection).execute("create table t (a integer, b)")
            rows: Sequence[tuple[int, str]] = [(n, "x") for n in range(500)]
            for _ in range(repeat):
                driver(connection).executemany("insert into t values (?, ?)", rows)
            tracemalloc.start()
            try:
                assert not witnessed(path, connection, {}).count
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    peak(500)
    assert peak(8_000) < peak(4_000) + (1 << 20)


MOMENTS = st.datetimes(datetime(1753, 1, 1), datetime(9999, 1, 1))  # noqa: DTZ001


@given(MOMENTS)
def test_a_moment_is_the_same_in_every_spelling(moment: datetime) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    form = canonical.of_type(type_of(kinds.DATETIME2, 8, 0, 7, 0))
    assert len({*form([whole, whole.isoformat(" "), f"{whole.isoformat()}"])}) == 1
    old = canonical.of_type(type_of(kinds.DATETIME, 8, 0, 0, 0))
    third = timedelta(microseconds=333)
    tick = datetime(moment.year, 1, 1) + timedelta(milliseconds=10, microseconds=3_000)  # noqa: DTZ001
    assert len({*old([tick, tick + third, (tick + third).isoformat(" ")])}) == 1
    assert len({*old([tick, tick + timedelta(microseconds=4_000)])}) == 2


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14))
def test_a_decimal_is_its_value(value: Decimal) -> None:
    form = canonical.of_type(type_of(kinds.DECIMAL, 9, 19, 4, 0))
    assert len({*form([value, str(value), value.normalize(), Decimal(f"{value}00")])}) == 1
    assert len({*form([value, value + Decimal("0.00001")])}) == 2


def test_what_cannot_be_a_value_of_its_type_keeps_its_own_form() -> None:
    guid = canonical.of_type(type_of(kinds.GUID, 16, 0, 0, 0))
    assert (
        guid(["{00000000-0000-0000-0000-00000000000a}", uuid.UUID(int=10)])
        == ["00000000-0000-0000-0000-00000000000A"] * 2
    )
    assert guid(["geen"]) == ["geen"]
    number = canonical.of_type(type_of(kinds.INT, 4, 0, 0, 0))
    assert number([True, 2.0, Decimal(3), 2.5, "4", None]) == [1, 2, 3, 2.5, "4", None]
    day = canonical.of_type(type_of(kinds.DATE, 3, 0, 0, 0))
    assert day([date(2024, 1, 2), "2024-01-02", "2024-01-02 10:00"])[:2] == [738_887] * 2
    away = canonical.of_type(type_of(kinds.OFFSET, 10, 0, 7, 0))
    moment = datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=1)))
    assert away([moment])[0] == away(["2024-01-02T03:00:00.0000000+01:00"])[0] != away([moment.astimezone(UTC)])[0]
    assert canonical.of_type(type_of(kinds.VARBINARY, 9, 0, 0, 0))([bytearray(b"a"), memoryview(b"a"), "a"]) == [
        b"a",
        b"a",
        "a",
    ]
