"""Restore on a real office: what stands there afterwards, and what stops it before anything changed."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from factory.journey import FIRM, Office, opened, rows, target

from core.errors import NotFound
from core.model import Claim, Consent, Kind, OperationState, Order, Source, StateWord


def working(office: Office, number: str = "120") -> set[str]:
    with opened(office.place(number)) as connection:
        found = connection.execute("select usr_id from humres where emp_stat = 'A' and blocked = 0").fetchall()
    return {login for (login,) in found}


def test_it_is_with_us_with_the_firms_people_and_nobody_elses(office: Office) -> None:
    delivery, shape = office.delivery()
    operation = office.restore(delivery, colleagues=("KANTOOR\\stagiair",))
    assert office.register.delivery(delivery).row.state is StateWord.WITH_US
    assert office.files() == {"office/administrations/oefen16/120.sqlite"}
    assert working(office) == {*FIRM.users, "KANTOOR\\stagiair"}
    with opened(office.place()) as connection:
        licences = connection.execute("select LicNumber from PracticeLicence where Active = 1").fetchall()
        (mark,) = connection.execute("select * from wissel_mark").fetchall()
    assert licences == [(FIRM.licence,)]
    assert mark == (delivery, "BAK-001", "120", office.register.delivery(delivery).sha256, operation)
    (held,) = office.register.held()
    assert (held.target, held.number, held.delivery, held.returned_at) == ("oefen16", "120", delivery, None)
    kept = office.register.kept(operation, "dormant")
    assert kept is not None
    assert {row["usr_id"] for row in kept["users"]} == set(shape.client_logins)


def test_both_sides_and_every_table_are_noted(office: Office) -> None:
    delivery, shape = office.delivery()
    operation = office.restore(delivery)
    sides, baseline = office.register.kept(operation, "sides"), office.register.kept(operation, "baseline")
    assert sides is not None
    assert baseline is not None
    assert sides["target"] == {
        "release": "2016", "product_update": 421, "service_pack": 0, "edition": "standard", "family": "next",
    }  # fmt: skip
    assert sides["client"] == {"product_update": 421, "sql_release": "2016"}
    assert {name: rows for name, (rows, _) in baseline["digests"].items()} == {
        name: len(table) for name, table in rows(shape.path).items()
    }


def test_one_way_is_typed(office: Office) -> None:
    delivery, _ = office.delivery()
    later = office.again(target("oefen19", sql_release="2019"))
    assert later.refused(Order(Kind.RESTORE, delivery)) == "203"
    order = Order(Kind.RESTORE, delivery, one_way=True)
    assert later.plan(order).consent is Consent.TYPED
    later.done(order)
    assert later.refused(Order(Kind.RETURN, delivery)) == "203"
    later.close()


def test_an_older_client_is_upgraded_in_the_working_copy(office: Office) -> None:
    delivery, _ = office.delivery(product_update=418)
    office.restore(delivery)
    with opened(office.place()) as connection:
        assert connection.execute("select Batchlevel from bedryf").fetchall() == [(421,)]
    operation = office.register.kept("O-0001", "baseline")
    assert operation is not None


def test_a_target_that_must_update_first(office: Office) -> None:
    delivery, _ = office.delivery(product_update=424)
    assert office.refused(Order(Kind.RESTORE, delivery)) == "301"


def test_without_a_client_it_stays_where_it_is(office: Office) -> None:
    office.client()
    delivery = office.deliver(office.package(office.administration()), client=None)
    assert office.refused(Order(Kind.RESTORE, delivery)) == "501"


def test_a_firm_that_does_not_say_who_it_is(office: Office) -> None:
    delivery, _ = office.delivery()
    later = office.again(firm=FIRM.model_copy(update={"licence": None}))
    assert later.refused(Order(Kind.RESTORE, delivery)) == "firm"
    later.close()


def test_a_login_that_is_the_clients_as_well(office: Office) -> None:
    delivery, _ = office.delivery()
    office.client(logins=("kantoor\\JANSEN ",))
    assert office.refused(Order(Kind.RESTORE, delivery)) == "shared-login"
    office.client(logins=("BAKKER\\piet",))
    order = Order(Kind.RESTORE, delivery, colleagues=("bakker\\Piet",))
    assert office.refused(order) == "shared-login"


def test_a_real_back_up_and_a_real_server_take_another_route(office: Office) -> None:
    delivery, _ = office.delivery()
    later = office.again(target(engine="sqlserver", instance="SRV\\X", isolated=True))
    assert later.refused(Order(Kind.RESTORE, delivery)) == "109"
    later.close()


def test_a_target_that_nobody_knows(office: Office) -> None:
    delivery, _ = office.delivery()
    with pytest.raises(NotFound) as caught:
        office.plan(Order(Kind.RESTORE, delivery, target="oefen17"))
    assert caught.value.key == "target"


def test_a_number_that_somebody_told_wrong(office: Office) -> None:
    delivery, _ = office.delivery()
    claim = Claim("administration_number", "121", Source.OPERATOR, by="jansen", at=datetime.now(UTC))
    office.restore(delivery)
    office.register.tell(delivery, claim)
    # Bytes outrank people.
    assert office.refused(Order(Kind.RETURN, delivery)) == ""


def test_a_package_cut_short_in_the_vault(office: Office) -> None:
    delivery, _ = office.delivery()
    ordered = office.order(Order(Kind.RESTORE, delivery))
    path = office.vault.path(delivery)
    os.chmod(path, 0o600)
    with open(path, "r+b") as original:
        original.truncate(1000)
    detail = office.run(ordered)
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.vault-changed")
    os.unlink(path)
    assert office.refused(Order(Kind.RESTORE, delivery)) == "original-gone"


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        ("drop table perdat", "error.look-missing"),
        ("create table CSCTExtra (ID integer primary key)", "error.look-strange"),
        (
            "insert into bedryf (bedrnr, bedrnm, valcode, landcode) values ('121', 'x', '', '')",
            "error.package-database",
        ),
    ],
)
def test_what_has_no_place_in_an_administration(office: Office, statement: str, outcome: str) -> None:
    shape = office.administration()
    office.client()
    with opened(shape.path) as connection:
        connection.execute(statement)
    delivery = office.deliver(office.package(shape))
    detail = office.run(office.order(Order(Kind.RESTORE, delivery)))
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, outcome)
    assert office.files() == set()


def test_a_plan_changes_nothing_and_takes_no_time(office: Office) -> None:
    import time

    delivery, _ = office.delivery(lines=3000)
    before, started = office.files(), time.process_time()
    office.plan(Order(Kind.RESTORE, delivery))
    assert time.process_time() - started < 0.3
    assert office.files() == before
    office.restore(delivery)
    there = rows(office.place())
    started = time.process_time()
    office.plan(Order(Kind.RETURN, delivery))
    assert time.process_time() - started < 0.3
    assert rows(office.place()) == there


def test_a_yes_is_no_consent_to_what_became_one_way_meanwhile(office: Office) -> None:
    delivery, _ = office.delivery()
    operation = office.order(Order(Kind.RESTORE, delivery, one_way=True))
    later = office.again(target(sql_release="2019"))
    detail = later.run(operation)
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.plan-changed")
    assert later.register.held() == ()
    later.close()


def test_what_would_be_done_names_its_target(office: Office) -> None:
    delivery, _ = office.delivery()
    assert office.plan(Order(Kind.RESTORE, delivery)).order == Order(Kind.RESTORE, delivery, "oefen16")
