"""Corrections: refused for one reason at a time, booked to the cent, taken out to the byte, reversed to nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from factory.administrations import Shape, random_administration
from factory.books import Books, everything
from factory.entry_files import PLAIN, YEAR, big, entry_sets, good, lines, only
from hypothesis import HealthCheck, given, settings
from sqlalchemy.dialects import mssql

from core.administration import corrections, ledger, own
from core.administration.corrections.entries import EntrySet, Line
from core.administration.engine import Mark
from core.administration.globe import amutak, amutas, dagbk, gbkmut, grtbk, kstpl
from core.errors import NotFound, Refused
from core.texts import LANGUAGES, say
from core.texts.plans import TEXTS

SQL_SERVER = mssql.dialect()  # type: ignore[no-untyped-call]
NOW = datetime.fromisoformat("2026-07-21 14:02:03.456")
Prepared = Callable[[sa.Connection], object]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Shape:
    return random_administration(tmp_path_factory.mktemp("corrections") / "model.sqlite", lines=90)


@pytest.fixture
def books(model: Shape, tmp_path: Path) -> Iterator[Books]:
    path = tmp_path / "120.sqlite"
    shutil.copy(model.path, path)
    made = Books(path, model)
    with made.open(keep=True) as connection:
        own.prepare(connection, Mark("D-0001", "BAK-001", "120", "ab" * 32, "O-0001"))
    yield made
    made.close()


def book(connection: sa.Connection, entries: EntrySet, operation: str = "O-0002") -> corrections.Booked:
    return corrections.book(connection, entries, operation=operation, author=17, now=NOW)


def rows_of(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Any]:
    return list(connection.execute(sa.select(table).where(*where).order_by(table.c.ID)))


def reasons(connection: sa.Connection, entries: EntrySet) -> list[str]:
    found = corrections.check(connection, entries)
    for each in found:
        for language in LANGUAGES:
            assert "<" not in say(f"refused.{each.variant}", language, **each.params)
    return [each.variant for each in found]


def change(table: sa.Table, code: str, **values: object) -> Prepared:
    """Change the row of this code."""
    column = table.c["reknr" if table is grtbk else "dagbknr" if table is dagbk else "kstplcode"]
    width = column.type.length  # type: ignore[attr-defined]
    return lambda connection: connection.execute(sa.update(table).where(column == f"{code:>{width}}").values(values))


def booked_before(entries: EntrySet, operation: str = "O-0002") -> Prepared:
    return lambda connection: book(connection, entries, operation)


def reversed_before(connection: sa.Connection) -> None:
    book(connection, only())
    book(connection, corrections.reversal(connection, "O-0002"), "O-0003")


def taken_number(connection: sa.Connection) -> EntrySet:
    number = book(connection, only(description="Eerder"), "O-0009").numbers[0]
    return only(number=number)


def reversal_twice(connection: sa.Connection) -> EntrySet:
    book(connection, only())
    again = corrections.reversal(connection, "O-0002")
    book(connection, again, "O-0003")
    return again


FITS: list[tuple[EntrySet, Prepared | None]] = [
    (only(), None),
    (only(lines=lines("1", "-1", cost_centre="200")), None),
    (only(lines=lines("1", "-1", account="4400", cost_centre="100", cost_unit="p1")), None),
    (only(number="77"), None),
    (only(lines=(*lines("0.10", "0.20"), *lines("-0.30", account="8000"))), None),
    (only(), reversed_before),
    (only(), change(grtbk, "1000", blokkeer=1)),
]
REFUSED: dict[str, tuple[EntrySet | Callable[[sa.Connection], EntrySet], Prepared | None, str]] = {
    "unknown account": (only(lines=lines("1", "-1", account="4301")), None, "account"),
    "blocked account": (only(lines=lines("1", "-1", account="4900")), None, "account-blocked"),
    "debtors": (only(lines=lines("1", "-1", account="1300")), None, "control"),
    "creditors": (only(lines=lines("1", "-1", account="1600")), None, "control"),
    "unknown journal": (only(journal="91"), None, "journal"),
    "a bank's journal": (only(journal="50"), None, "journal-kind"),
    "blocked journal": (only(), change(dagbk, "90", blokkeer=1), "journal-blocked"),
    "unknown year": (only(year=2019, date=date(2019, 3, 31)), None, "period"),
    "unknown period": (only(period=13), None, "period"),
    "closed period": (only(year=YEAR - 1, date=date(YEAR - 1, 3, 31)), None, "period-closed"),
    "the day before": (only(date=date(YEAR, 2, 28)), None, "date"),
    "the day after": (only(date=date(YEAR, 4, 1)), None, "date"),
    "one cent off": (only(lines=lines("100.00", "-99.99")), None, "balance"),
    "one line": (only(lines=lines("1")), None, "single"),
    "no lines": (only(lines=()), None, "single"),
    "a zero": (only(lines=lines("1", "-1", "0")), None, "zero"),
    "tenths of a cent": (only(lines=lines("1.005", "-1.005")), None, "decimals"),
    "a point that may mean thousands": (only(lines=lines("1.250", "-1.250")), None, "decimals"),
    "no cost centre": (only(lines=lines("1", "-1", account="4400")), None, "centre-missing"),
    "unknown cost centre": (only(lines=lines("1", "-1", cost_centre="300")), None, "centre"),
    "disabled cost centre": (
        only(lines=lines("1", "-1", cost_centre="200")),
        change(kstpl, "200", Enabled=0),
        "centre",
    ),
    "no cost unit": (only(), change(grtbk, "4300", kstdrrek=1), "unit-missing"),
    "unknown cost unit": (only(lines=lines("1", "-1", cost_unit="P2")), None, "unit"),
    "number taken": (taken_number, None, "number"),
    "number twice": (EntrySet((good(number="77"), good(number="77", description="Ander"))), None, "number"),
    "no number left": (only(), change(dagbk, "90", lbkstnr="99999999"), "numbers"),
    "applied before": (only(), booked_before(only()), "applied"),
    "reversed before": (reversal_twice, None, "reversed"),
}


@pytest.mark.parametrize(("entries", "prepared"), FITS)
def test_what_fits(books: Books, entries: EntrySet, prepared: Prepared | None) -> None:
    with books.open() as connection:
        if prepared:
            prepared(connection)
        assert reasons(connection, entries) == []
        book(connection, entries, "O-0008")


@pytest.mark.parametrize("case", REFUSED)
def test_each_check_refuses_its_case_and_only_that(books: Books, case: str) -> None:
    given_entries, prepared, variant = REFUSED[case]
    with books.open() as connection:
        if prepared:
            prepared(connection)
        entries = given_entries if isinstance(given_entries, EntrySet) else given_entries(connection)
        assert {*reasons(connection, entries)} == {f"entry-{variant}"}
        before = everything(connection)
        with pytest.raises(Refused, match="entries-unfit"):
            book(connection, entries, "O-0008")
        assert everything(connection) == before


def test_reasons_come_in_the_order_of_the_file_and_are_bounded(books: Books) -> None:
    wrong = tuple(Line(f"{9000 + each}", Decimal(1), "x", place=f"a.csv:{each}") for each in range(200))
    with books.open() as connection:
        found = corrections.check(connection, only(journal="50", lines=(*wrong, *wrong)))
    assert [each.variant for each in found[:2]] == ["entry-journal-kind", "entry-account"]
    assert found[1].params["place"] == "a.csv:0"
    assert len(found) == 50


def test_nobody_elses_tables_are_looked_for(model: Shape) -> None:
    """A plan is made before anything of ours is in it."""
    books = Books(Path(model.path), model)
    with books.open() as connection:
        assert corrections.check(connection, only()) == ()
        assert corrections.standing(connection) == ()
        with pytest.raises(NotFound):
            corrections.reversal(connection, "O-0002")
        corrections.unbook(connection, "O-0002")
    books.close()


def test_the_rows_look_as_globe_writes_them(books: Books) -> None:
    entry = good(
        lines=(*lines("10.10", account="4400", cost_centre="100", cost_unit="P1"), *lines("-10.10", account="1900"))
    )
    with books.open() as connection:
        last = connection.scalar(sa.select(dagbk.c.lbkstnr).where(dagbk.c.dagbknr == " 90"))
        booked = book(connection, EntrySet((entry,)))
        [head] = rows_of(connection, amutak, amutak.c.sysguid == booked.guids[0])
        parts = rows_of(connection, amutas, amutas.c.bkstnr == head.bkstnr)
        ledger_rows = rows_of(connection, gbkmut, gbkmut.c.EntryGuid == booked.guids[0])
        assert connection.scalar(sa.select(dagbk.c.lbkstnr).where(dagbk.c.dagbknr == " 90")) == head.bkstnr
    assert int(head.bkstnr) == int(last or 0) + 1 == int(booked.numbers[0])
    assert booked.rows == 5
    assert (head.dagbknr, head.periode, head.bkjrcode, len(head.volgnr5), head.status) == (" 90", "  3", YEAR, 5, "E")
    assert (head.oorsprong, head.entrytype, head.entryorigin, head.datum) == (
        "A",
        "N",
        "N",
        datetime.fromisoformat(f"{YEAR}-03-31"),
    )
    assert [each.regel for each in parts] == [each.regel for each in ledger_rows] == ["   1", "   2"]
    assert [each.reknr for each in ledger_rows] == ["     4400", "     1900"]
    assert [each.bdr_hfl for each in ledger_rows] == [each.bedrag for each in parts] == [10.1, -10.1]
    assert {(each.regelcode, each.transtype, each.transsubtype, each.oorsprong) for each in ledger_rows} == {
        tuple("BNNA")
    }
    assert {(each.verwerknrl, each.dbk_verwnr, each.volgnr5, each.bkstnr) for each in ledger_rows} == {
        (0, 0, head.volgnr5, head.bkstnr)
    }
    assert [each.TransactionGuid for each in ledger_rows] == [each.sysguid for each in parts]
    assert (ledger_rows[0].kstplcode, ledger_rows[0].kstdrcode, ledger_rows[1].kstplcode) == (
        "     100",
        "      P1",
        None,
    )
    for row in (head, *parts, *ledger_rows):
        assert (row.syscreator, row.sysmodifier, row.syscreated, row.sysmodified) == (17, 17, NOW, NOW)
        assert (row.valcode, row.faktuurnr) == ("EUR", head.bkstnr)
    guids = [each.sysguid for each in (head, *parts, *ledger_rows)]
    assert len({*guids}) == len(guids)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(entry_sets())
def test_any_balanced_entries_change_exactly_their_lines_and_leave_no_trace(books: Books, entries: EntrySet) -> None:
    with books.open() as connection:
        first = everything(connection)
        assert reasons(connection, entries) == []
        plan = corrections.dry_run(connection, entries)
        before = ledger.baseline(connection)
        odd = ledger.findings(connection)
        balances = ledger.trial_balance(connection, PLAIN)
        booked = book(connection, entries)
        once = everything(connection)
        assert book(connection, entries) == booked, "book twice is book once"
        assert everything(connection) == once

        every = [line for entry in entries.entries for line in entry.lines]
        after = ledger.trial_balance(connection, PLAIN)
        for account in PLAIN:
            change = sum(line.amount for line in every if line.account == account)
            assert after[account] - balances[account] == change
        assert {line.account: (line.before, line.after) for line in plan.trial} == {
            account: (balances[account], after[account]) for account in PLAIN if after[account] != balances[account]
        }
        assert [(line.account, line.amount) for line in plan.lines] == [(line.account, line.amount) for line in every]
        assert {line.entry for line in plan.lines} == {*booked.numbers}
        now = ledger.baseline(connection)
        assert plan.total_before == plan.total_after == before.totals.total == now.totals.total
        gained = corrections.expected_change(entries)
        assert now.totals.lines - before.totals.lines == gained.lines == len(every)
        assert now.totals.debit - before.totals.debit == gained.debit
        assert now.totals.credit - before.totals.credit == gained.credit
        assert {*before.changed(now.digests)} <= {*corrections.CHANGED}
        assert ledger.findings(connection) == odd

        back = corrections.reversal(connection, "O-0002")
        assert reasons(connection, back) == []
        book(connection, back, "O-0003")
        assert ledger.trial_balance(connection, PLAIN) == balances
        assert corrections.standing(connection)[0].reversed_by == "O-0003"
        assert (
            reasons(connection, replace(entries, entries=tuple(replace(each, number="") for each in entries.entries)))
            == []
        )

        corrections.unbook(connection, "O-0003")
        assert everything(connection) == once
        corrections.unbook(connection, "O-0002")
        assert everything(connection) == first
        corrections.unbook(connection, "O-0002")
        assert everything(connection) == first


TRIGGERS = {
    "fails": ("before insert", "select raise(abort, 'no');", sa.exc.IntegrityError),
    "changes an amount": ("after insert", "update gbkmut set bdr_hfl = 0 where ID = new.ID;", Refused),
    "takes a line away": ("after insert", "delete from gbkmut where ID = new.ID and regel = '   2';", Refused),
    "moves it to another entry": ("after insert", "update gbkmut set EntryGuid = 'x' where ID = new.ID;", Refused),
}


@pytest.mark.parametrize("case", TRIGGERS)
def test_what_goes_wrong_half_way_leaves_nothing(books: Books, case: str) -> None:
    moment, what, problem = TRIGGERS[case]
    with books.open() as connection:
        connection.exec_driver_sql(f"create trigger strange {moment} on gbkmut begin {what} end")
        before = everything(connection)
        nested = connection.begin_nested()
        with pytest.raises(problem):
            book(connection, only())
        nested.rollback()
        assert everything(connection) == before
        assert not own.did(connection, "O-0002", corrections.STEP)


def test_every_statement_is_one_for_sql_server_too(books: Books) -> None:
    said = []

    def heard(_: object, statement: sa.ClauseElement, *__: object) -> None:
        if not isinstance(statement, sa.sql.ddl.DDLElement):
            said.append(str(statement.compile(dialect=SQL_SERVER)))

    with books.open() as connection:
        sa.event.listen(connection, "before_execute", heard)
        book(connection, only())
        assert corrections.check(connection, corrections.reversal(connection, "O-0002")) == ()
        corrections.dry_run(connection, only())
        corrections.unbook(connection, "O-0002")
    changing = {re.sub(r"[\[\]]", "", each) for each in said if not each.startswith("SELECT")}
    tables = "amutak amutas gbkmut wissel_corrections wissel_done"
    expected = {f"{verb} {name}" for verb in ("INSERT INTO", "DELETE FROM") for name in tables.split()}
    assert {" ".join(each.split(" ")[:3]) for each in changing} == {*expected, "UPDATE dagbk SET"}


def test_numbers_follow_the_journal_of_the_year(books: Books) -> None:
    with books.open() as connection:
        connection.execute(sa.update(dagbk).values(lbkstnr="26900900"))
        entries = EntrySet((good(), good(number="26900902", description="b"), good(description="c")))
        assert book(connection, entries).numbers == ("26900901", "26900902", "26900903")
        assert {row.lbkstnr for row in rows_of(connection, dagbk, dagbk.c.dagbknr == " 90")} == {"26900903"}
        assert book(connection, only(number="500"), "O-0003").numbers == ("500",)
        [row] = rows_of(connection, amutak, amutak.c.bkstnr == "     500")
        assert row.volgnr5.strip().isdigit()
        assert {row.lbkstnr for row in rows_of(connection, dagbk, dagbk.c.dagbknr == " 90")} == {"26900903"}
        mine = (amutak.c.periode == "  3", amutak.c.dagbknr == " 90", amutak.c.bkjrcode == YEAR)
        sequences = [row.volgnr5 for row in rows_of(connection, amutak, *mine)]
        assert len({*sequences}) == len(sequences)


def test_a_first_number_and_a_last_one(books: Books) -> None:
    with books.open() as connection:
        for table in (amutak, gbkmut):
            connection.execute(sa.delete(table))
        connection.execute(sa.update(dagbk).values(lbkstnr=None))
        assert book(connection, only()).numbers == ("1",)
        [row] = rows_of(connection, amutak)
        assert (row.bkstnr, row.volgnr5) == ("       1", "    1")
        corrections.unbook(connection, "O-0002")
        assert {row.lbkstnr for row in rows_of(connection, dagbk)} == {None}
        connection.execute(sa.update(dagbk).values(lbkstnr="99999998"))
        assert reasons(connection, EntrySet((good(), good(description="b")))) == ["entry-numbers"]
        assert reasons(connection, only()) == []


def test_a_reversal_is_refused_when_there_is_nothing_to_reverse(books: Books) -> None:
    with books.open() as connection:
        with pytest.raises(NotFound, match="correction"):
            corrections.reversal(connection, "O-0002")
        book(connection, only())
        back = corrections.reversal(connection, "O-0002")
        assert back.reverses == "O-0002"
        assert [line.amount for line in back.entries[0].lines] == [Decimal("-125.50"), Decimal("125.50")]
        assert back.entries[0].description.startswith("Storno ")
        book(connection, back, "O-0003")
        for operation, key in (("O-0002", "correction-reversed"), ("O-0003", "correction-is-reversal")):
            with pytest.raises(Refused, match=key):
                corrections.reversal(connection, operation)
        with pytest.raises(Refused, match="correction-reversed"):
            corrections.unbook(connection, "O-0002")
        # What is reversed can be booked once more, and reversed once more.
        assert reasons(connection, only()) == []
        book(connection, only(), "O-0010")
        book(connection, corrections.reversal(connection, "O-0010"), "O-0011")
        assert [(each.operation, each.reversed_by) for each in corrections.standing(connection)] == [
            ("O-0002", "O-0003"), ("O-0010", "O-0011"),
        ]  # fmt: skip


def edit(table: sa.Table, **values: object) -> Prepared:
    """Change what was booked here."""
    return lambda connection: connection.execute(sa.update(table).where(table.c.syscreator == 17).values(values))


CHANGES_SINCE: dict[str, tuple[Prepared, bool]] = {
    "an amount": (edit(gbkmut, bdr_hfl=1.0), True),
    "an account": (edit(gbkmut, reknr="     1000"), True),
    "a cost centre": (edit(gbkmut, kstplcode="     100"), True),
    "another period": (edit(gbkmut, periode="  4"), True),
    "a line gone": (lambda each: each.execute(sa.delete(gbkmut).where(gbkmut.c.syscreator == 17)), True),
    "processed": (edit(gbkmut, verwerknrl=9), False),
    "header": (edit(amutak, status="P"), False),
    "entry line": (edit(amutas, oms25="x"), False),
    "a later entry": (change(dagbk, "90", lbkstnr="26999999"), False),
}


@pytest.mark.parametrize("case", CHANGES_SINCE)
def test_what_somebody_changed_since_is_not_touched(books: Books, case: str) -> None:
    changed, in_the_ledger = CHANGES_SINCE[case]
    with books.open() as connection:
        book(connection, only())
        changed(connection)
        before = everything(connection)
        nested = connection.begin_nested()
        with pytest.raises(Refused, match="entries-changed"):
            corrections.unbook(connection, "O-0002")
        nested.rollback()
        assert everything(connection) == before
        if in_the_ledger:
            with pytest.raises(Refused, match="entries-changed"):
                corrections.reversal(connection, "O-0002")
        else:
            corrections.reversal(connection, "O-0002")


def test_ten_thousand_lines(books: Books) -> None:
    entries = big(10_000)
    with books.open() as connection:
        before = everything(connection)
        assert corrections.check(connection, entries) == ()
        assert len(corrections.dry_run(connection, entries).lines) == 10_000
        assert book(connection, entries).rows == 20_002
        corrections.reversal(connection, "O-0002")
        corrections.unbook(connection, "O-0002")
        assert everything(connection) == before


def rebuilt(connection: sa.Connection, turn: Callable[[str], str]) -> None:
    """An empty `gbkmut` whose definition was turned into another."""
    text = connection.exec_driver_sql("select sql from sqlite_master where name = 'gbkmut'").scalar_one()
    connection.exec_driver_sql("drop table gbkmut")
    connection.exec_driver_sql(turn(text))


def test_columns_that_we_do_not_know_or_miss(books: Books) -> None:
    """An add-on brings columns that must hold something; an older release lacks some."""

    def turn(text: str) -> str:
        without = "\n".join(row for row in text.split("\n") if '"Rate"' not in row and "\tRate " not in row)
        assert without != text
        return without.replace("bkjrcode", '"AddOn" VARCHAR(5) NOT NULL, "AddOn2" FLOAT NOT NULL, bkjrcode', 1)

    with books.open() as connection:
        rebuilt(connection, turn)
        book(connection, only())
        found = connection.exec_driver_sql("select AddOn, AddOn2, bdr_hfl from gbkmut").all()
        assert found == [("", 0.0, 125.5), ("", 0.0, -125.5)]
        corrections.unbook(connection, "O-0002")
        assert connection.exec_driver_sql("select count(*) from gbkmut").scalar() == 0


@pytest.mark.parametrize(
    "turn",
    [
        lambda text: text.replace("bdr_hfl", "amount", 1),
        lambda text: text.replace("bkjrcode", '"AddOn" DATETIME NOT NULL, bkjrcode', 1),
    ],
)
def test_a_ledger_that_we_do_not_understand_is_left_alone(books: Books, turn: Callable[[str], str]) -> None:
    with books.open() as connection:
        rebuilt(connection, turn)
        with pytest.raises(Refused, match="entries-table"):
            book(connection, only())


def test_the_time_is_the_wall_clock(books: Books) -> None:
    moment = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
    with books.open() as connection:
        booked = corrections.book(connection, only(), operation="O-0002", author=17, now=moment)
        [head] = rows_of(connection, amutak, amutak.c.sysguid == booked.guids[0])
    assert head.syscreated == moment.astimezone().replace(tzinfo=None)


def test_every_objection_is_tested_and_has_its_sentence() -> None:
    said = {key.removeprefix("refused.entry-") for key in TEXTS if key.startswith("refused.entry-")}
    assert said == {variant for _, _, variant in REFUSED.values()}
