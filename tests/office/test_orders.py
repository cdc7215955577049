"""Orders at the one door, on a real office whose worker never comes: planned, consented, ordered once, followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from factory import journey
from fakes.orders import planned

from core.errors import Busy, NotFound, Refused, UsageError, WisselError
from core.model import Client, Consent, Kind, OperationState, Order, StateWord
from core.office import YES, Office, entry_file
from core.office.orders import agree
from core.operations.lock import WorkerLock


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[journey.Office]:
    made = journey.Office(tmp_path)
    yield made
    made.close()


@pytest.fixture
def office(desk: journey.Office) -> Iterator[Office]:
    """The same office as a front sees it. The test holds the worker's lock: nobody carries anything out."""
    lock = WorkerLock(str(desk.folder / "office"))
    assert lock.take()
    made = Office(desk.settings, who="anja")
    yield made
    made.close()
    lock.free()


@pytest.fixture
def delivery(desk: journey.Office) -> str:
    return desk.delivery()[0]


def refused(call: Callable[[], object]) -> WisselError:
    with pytest.raises(WisselError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    ("consent", "given", "key"),
    [
        (Consent.NONE, "", None),
        (Consent.YES, YES, None),
        (Consent.YES, "Y", None),
        (Consent.YES, " abc-012 ", None),
        (Consent.YES, "", "consent-yes"),
        (Consent.YES, "y", "consent-typed"),
        (Consent.YES, "ABC-013", "consent-typed"),
        (Consent.TYPED, "ABC-012", None),
        (Consent.TYPED, "abc-012", None),
        (Consent.TYPED, "", "consent-code"),
        (Consent.TYPED, YES, "consent-code"),
        (Consent.TYPED, "Y", "consent-typed"),
        (Consent.TYPED, "ABC-01", "consent-typed"),
    ],
)
def test_consent(consent: Consent, given: str, key: str | None) -> None:
    plan = planned(Order(Kind.RESTORE, "D-0001"), consent=consent)
    if key is None:
        agree(plan, given)
    else:
        assert refused(lambda: agree(plan, given)).key == key


def test_yes_is_no_clients_code_whatever_it_is_called() -> None:
    plan = planned(Order(Kind.RETURN, "D-0001"), client="Y", consent=Consent.TYPED)
    assert refused(lambda: agree(plan, YES)).key == "consent-code"
    agree(plan, "y")
    unbound = replace(plan, client="")
    assert refused(lambda: agree(unbound, "")).key == "consent-code"


def test_a_plan_changes_nothing(office: Office, delivery: str, desk: journey.Office) -> None:
    before, files = office.pulse(), desk.files()
    plan = office.plan(Order(Kind.RESTORE, delivery))
    assert (plan.target, plan.refusal, plan.consent) == ("oefen16", None, Consent.YES)
    assert refused(lambda: office.order(Order(Kind.RESTORE, delivery))).key == "consent-yes"
    assert (office.pulse(), desk.files()) == (before, files)


def test_ordered_with_consent_it_stands_in_the_list(office: Office, delivery: str) -> None:
    row = office.order(Order(Kind.RESTORE, delivery), consent=YES)
    assert (row.id, row.state, row.who, row.target) == ("O-0001", OperationState.REQUESTED, "anja", "oefen16")
    assert office.operations(open_only=True) == ((row,), 1)
    assert office.operation("o1").order == Order(Kind.RESTORE, delivery, "oefen16")
    detail = office.delivery(delivery)
    assert detail.row.state is StateWord.RUNNING
    assert detail.row.operation == row
    assert detail.operations == (row,)


def test_twice_is_once(office: Office, delivery: str) -> None:
    order = Order(Kind.RESTORE, delivery)
    office.order(order, consent=YES)
    again = refused(lambda: office.order(order, consent=YES))
    assert isinstance(again, Busy)
    assert (again.key, again.params["id"]) == ("operation-open", "O-0001")
    assert office.operations()[1] == 1


def test_another_delivery_for_the_same_place_is_busy_too(office: Office, desk: journey.Office, delivery: str) -> None:
    other = desk.delivery(lines=62)[0]
    office.order(Order(Kind.RESTORE, delivery), consent=YES)
    again = refused(lambda: office.order(Order(Kind.RESTORE, other), consent=YES))
    assert (again.key, again.params["id"]) == ("operation-open", "O-0001")


def test_what_the_plan_refuses_is_not_ordered(office: Office, delivery: str) -> None:
    error = refused(lambda: office.order(Order(Kind.RETURN, delivery), consent="BAK-001"))
    assert isinstance(error, Refused)
    assert (error.key, error.params["rule"]) == ("plan-refused", 0)
    assert "not with us" in str(error.params["text"])
    assert office.operations() == ((), 0)


def test_a_refusal_by_a_rule_says_the_rule(office: Office, desk: journey.Office) -> None:
    unbound = desk.deliver(desk.package(desk.administration()), client=None)
    error = refused(lambda: office.order(Order(Kind.RESTORE, unbound), consent=YES))
    assert (error.key, error.params["rule"]) == ("plan-refused", 501)
    assert error.params["text"]


def test_a_cancel_before_the_beginning_ends_at_once(office: Office, delivery: str) -> None:
    office.order(Order(Kind.RESTORE, delivery), consent=YES)
    assert office.cancel("1").state is OperationState.CANCELLED
    assert refused(lambda: office.cancel("O-0001")).key == "operation-over"
    assert office.delivery(delivery).row.state is StateWord.OK
    assert office.order(Order(Kind.RESTORE, delivery), consent=YES).id == "O-0002"


def test_nobody_is_answered_who_does_not_ask(office: Office, delivery: str) -> None:
    office.order(Order(Kind.RESTORE, delivery), consent=YES)
    assert refused(lambda: office.answer("O-0001", "sent")).key == "operation-not-waiting"
    assert isinstance(refused(lambda: office.answer("O-0009", "sent")), NotFound)


def test_what_stands_at_a_target_is_its_clients(office: Office, desk: journey.Office, delivery: str) -> None:
    desk.client("ZON-002", "121", "Zonneveld")
    desk.restore(delivery)
    (held,) = office.held()
    assert (held.delivery, held.target, held.number) == (delivery, "oefen16", "120")
    detail = office.delivery(delivery)
    assert (detail.row.state, detail.row.held_at, detail.held) == (StateWord.WITH_US, "oefen16", held)
    for call in (lambda: office.bind(delivery, "ZON-002"), lambda: office.reopen(delivery)):
        assert refused(call).key == "held"
    assert office.order(Order(Kind.REOPEN, delivery), consent=YES).kind is Kind.REOPEN
    for call in (lambda: office.bind(delivery, "ZON-002"), lambda: office.reopen(delivery)):
        assert refused(call).key == "operation-open"


def test_what_was_returned_still_stands_there(office: Office, desk: journey.Office, delivery: str) -> None:
    desk.restore(delivery)
    desk.done(Order(Kind.RETURN, delivery))
    (hand_over,) = office.operations(open_only=True)[0]
    assert refused(lambda: office.reopen(delivery)).key == "held", "who waits to send it is in nobody's way"
    desk.run(hand_over.id)
    office.answer(hand_over.id, "sent by Anja")
    desk.run(hand_over.id)
    assert office.operations(open_only=True)[1] == 0
    assert office.delivery(delivery).row.state is StateWord.RETURNED
    assert refused(lambda: office.reopen(delivery)).key == "held"
    desk.done(Order(Kind.REOPEN, delivery))
    assert office.delivery(delivery).row.state is StateWord.OK
    assert office.held() == ()
    assert office.plan(Order(Kind.RESTORE, delivery)).refusal is None


def test_under_other_rules_what_became_of_it_stands(office: Office, desk: journey.Office, delivery: str) -> None:
    desk.restore(delivery)
    office.save_client(Client("BAK-001", "Bakker Metaal", "next", 424, 0, "2016", "standard"))
    assert office.delivery(delivery).row.state is StateWord.WITH_US
    other = Office(desk.settings.model_copy(update={"targets": (journey.target(product_update=424),)}))
    assert other.deliveries()[0][0].state is StateWord.WITH_US
    assert other.delivery(delivery).row.state is StateWord.WITH_US
    other.close()


def test_read_only_plans_and_orders_nothing(office: Office, desk: journey.Office, delivery: str) -> None:
    looker = Office(desk.settings.model_copy(update={"read_only": True}))
    assert looker.plan(Order(Kind.RESTORE, delivery)).refusal is None
    office.order(Order(Kind.RESTORE, delivery), consent=YES)
    for call in (
        lambda: looker.order(Order(Kind.RESTORE, delivery), consent=YES),
        lambda: looker.cancel("O-0001"),
        lambda: looker.answer("O-0001", "sent"),
    ):
        assert refused(call).key == "read-only"
    assert looker.operations()[1] == 1
    looker.close()


def test_an_entry_file_is_text_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "memo\x1b.csv"
    path.write_bytes("omschrijving;bedrag\ncaf\xe9;1,00".encode("cp1252"))
    text, name = entry_file(path)
    assert "café" in text
    assert name == "memo\\x1b.csv"
    path.write_bytes(b"x" * (3 << 20))
    assert isinstance(refused(lambda: entry_file(path)), UsageError)
    assert isinstance(refused(lambda: entry_file(tmp_path / "nowhere")), NotFound)
    assert refused(lambda: entry_file(tmp_path)).exit_code == 5


def test_a_package_that_waits_to_be_sent_holds_nothing_up(office: Office, desk: journey.Office, delivery: str) -> None:
    desk.restore(delivery)
    desk.done(Order(Kind.RETURN, delivery))
    assert office.operations(open_only=True)[1] == 1
    assert office.order(Order(Kind.REOPEN, delivery), consent=YES).kind is Kind.REOPEN
