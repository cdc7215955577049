"""Corrections on a real office: booked once, proven, reversed; and nothing booked that does not fit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from factory.journey import ENTRY, Killed, Noted, Office, opened, rows

from core.errors import NoSpace, Refused
from core.model import Kind, OperationState, Order
from core.operations.steps import STEPS


@pytest.fixture
def with_us(office: Office) -> tuple[Office, str]:
    delivery, _ = office.delivery()
    office.restore(delivery)
    return office, delivery


def correction(delivery: str, entry: str = ENTRY) -> Order:
    return Order(Kind.CORRECT, delivery, entry=entry, entry_name="november.toml")


def test_the_plan_shows_the_lines_and_the_trial_balance(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    before = rows(office.place())
    dry_run = office.plan(correction(delivery)).dry_run
    assert dry_run is not None
    assert [(line.account.strip(), line.amount) for line in dry_run.lines] == [
        ("4300", Decimal("125.50")), ("1900", Decimal("-125.50")),
    ]  # fmt: skip
    assert {line.account.strip(): line.after - line.before for line in dry_run.trial} == {
        "4300": Decimal("125.50"), "1900": Decimal("-125.50"),
    }  # fmt: skip
    assert rows(office.place()) == before


def test_it_is_booked_in_the_name_of_whoever_ordered_it(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    office.correct(delivery)
    with opened(office.place()) as connection:
        found = connection.execute(
            "select distinct usr_id from humres where res_id in"
            " (select syscreator from gbkmut where oms25 like 'Afsch%')"
        ).fetchall()
    assert found == [("KANTOOR\\jansen",)]
    (held,) = office.register.held()
    assert held.corrections == 1


def test_the_same_entries_are_booked_once(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    office.correct(delivery)
    assert office.refused(correction(delivery)) == "entry-applied"
    office.done(Order(Kind.REVERSE, delivery))
    assert office.refused(Order(Kind.REVERSE, delivery)) == "nothing-to-reverse"
    assert office.refused(correction(delivery)) == ""
    (held,) = office.register.held()
    assert held.corrections == 0


def test_one_of_several_is_reversed_by_its_name(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    first = office.correct(delivery)
    second = office.correct(delivery, ENTRY.replace("125.50", "99.95"))
    office.done(Order(Kind.REVERSE, delivery, operation=first))
    assert office.refused(Order(Kind.REVERSE, delivery, operation=first)) == "nothing-to-reverse"
    assert office.plan(Order(Kind.REVERSE, delivery)).dry_run is not None
    office.done(Order(Kind.REVERSE, delivery))
    (line,) = [line for line in office.register.custody() if line.what == "reversed"][:1]
    assert line.detail["reversed"] == second


def test_what_does_not_fit_is_refused_and_the_worker_looks_again(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    assert office.refused(correction(delivery, ENTRY.replace("4300", "4999"))) == "entry-account"
    ordered = office.order(correction(delivery))
    with opened(office.place()) as connection:
        connection.execute("update grtbk set blokkeer = 1 where ltrim(reknr) = '4300'")
    before = rows(office.place())
    detail = office.run(ordered)
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.plan-refused")
    assert rows(office.place()) == before


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        ("update gbkmut set bdr_hfl = bdr_hfl + 1 where ID = 3", "error.verify-totals"),
        ("update bedryf set bedrnm = bedrnm || '!'", "error.verify-tables"),
    ],
)
def test_somebody_else_at_work_meanwhile_undoes_the_booking(
    with_us: tuple[Office, str], statement: str, outcome: str
) -> None:
    office, delivery = with_us

    def meddle(name: str) -> None:
        if name == "verify":
            office.before = None
            with opened(office.place()) as connection:
                connection.execute(statement)

    ordered = office.order(correction(delivery))
    office.before = lambda bench: meddle(bench.step.name)
    detail = office.run(ordered)
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, outcome)
    with opened(office.place()) as connection:
        assert connection.execute("select count(*) from wissel_corrections").fetchone() == (0,)
        assert connection.execute("select count(*) from gbkmut where oms25 like 'Afsch%'").fetchone() == (0,)


def test_the_log_has_every_statement_that_changed_something(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    operation = office.correct(delivery)
    told = [line.text for line in office.register.operation(operation, lines=1000).log if line.kind == "sql"]
    assert any(text.startswith("INSERT INTO gbkmut") for text in told)
    assert any(text.startswith("INSERT INTO wissel_corrections") for text in told)


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("update perdat set bgdatum = 'ooit'", "perdat"),
        ("update grtbk set reknr = x'00' where ID = (select min(ID) from grtbk)", "grtbk"),
        ("update dagbk set dagbknr = x'00' where ID = (select min(ID) from dagbk)", "dagbk"),
        ("update kstpl set kstplcode = x'00' where ID = (select min(ID) from kstpl)", "kstpl"),
        ("update amutak set bkstnr = x'00'", "amutak"),
    ],
)
def test_what_a_stranger_put_into_a_column_is_refused_by_its_table(
    with_us: tuple[Office, str], statement: str, table: str
) -> None:
    office, delivery = with_us
    office.correct(delivery)
    with opened(office.place()) as connection:
        connection.executescript(statement)
    with pytest.raises(Refused) as caught:
        office.plan(correction(delivery, ENTRY.replace("125.50", "99.95")))
    assert (caught.value.key, caught.value.params) == ("entries-table", {"table": table})


def test_a_kill_after_the_booking_loses_no_number(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    office.steps[Kind.CORRECT, "book"] = Noted(STEPS[Kind.CORRECT, "book"], "booked", Killed())
    operation = office.order(correction(delivery))
    with pytest.raises(Killed):
        office.leg(operation)
    detail = office.run(operation)
    (line,) = [line for line in office.register.custody() if line.what == "corrected"]
    number = str(line.detail["entries"])
    assert number
    assert detail.row.params["numbers"] == number
    with opened(office.place()) as connection:
        found = connection.execute("select count(*) from amutak where trim(bkstnr) = ?", (number.strip(),)).fetchone()
    assert found == (1,)


def test_what_is_undone_was_never_said_to_count(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    office.steps[Kind.CORRECT, "custody"] = Noted(STEPS[Kind.CORRECT, "custody"], "counts", NoSpace("no-space"))
    detail = office.run(office.order(correction(delivery)))
    assert detail.row.state is OperationState.UNDONE
    assert "corrected" not in office.story(delivery)


def test_what_would_be_reversed_is_what_was_shown(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    first = office.correct(delivery)
    shown = office.plan(Order(Kind.REVERSE, delivery))
    office.correct(delivery, ENTRY.replace("125.50", "99.95"))
    office.done(shown.order)
    (line,) = [line for line in office.register.custody() if line.what == "reversed"]
    assert line.detail["reversed"] == first


def test_a_journal_in_another_case_is_the_same_one(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    office.correct(delivery)
    with opened(office.place()) as connection:
        (taken,) = connection.execute("select trim(max(bkstnr)) from amutak where trim(dagbknr) = '90'").fetchone()
        for table in ("amutak", "amutas", "gbkmut"):
            connection.execute(f"update {table} set dagbknr = ' M1' where trim(dagbknr) = '90'")
        connection.execute("update dagbk set dagbknr = ' m1' where trim(dagbknr) = '90'")
    asked = ENTRY.replace("125.50", "99.95").replace('journal = "90"', f'journal = "m1"\nnumber = {taken}')
    assert office.refused(correction(delivery, asked)) == "entry-number"


def test_the_log_keeps_no_record_of_the_clients_people(with_us: tuple[Office, str]) -> None:
    office, _ = with_us
    told = [line.text for line in office.register.operation("O-0001", lines=1000).log]
    (kept,) = [text for text in told if text.startswith("INSERT INTO wissel_dormant")]
    assert kept.endswith(" characters>")
