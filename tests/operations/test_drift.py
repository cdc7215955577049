"""The firm updates its target while an administration is with us: the return is refused, and there is another way."""

from __future__ import annotations

from pathlib import Path

import pytest
from factory.journey import Office, rows, target

from core.model import Kind, OperationState, Order, StateWord


@pytest.fixture
def with_us(office: Office) -> tuple[Office, str]:
    delivery, _ = office.delivery()
    office.restore(delivery)
    return office, delivery


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"product_update": 424}, "303"),
        ({"product_update": 418}, "301"),
        ({"sql_release": "2019"}, "203"),
        ({"sql_release": "2014"}, "201"),
        ({"sql_release": None}, "206"),
        ({"sql_release": "2019", "product_update": 424}, "203"),
        ({"service_pack": 3}, "309"),
        ({"family": "plus"}, "305"),
    ],
)
def test_a_return_after_an_update_is_refused_with_the_rule_that_applies_now(
    with_us: tuple[Office, str], changes: dict[str, object], rule: str
) -> None:
    office, delivery = with_us
    before, files = rows(office.place()), office.files()
    later = office.again(target(**changes))
    assert later.refused(Order(Kind.RETURN, delivery)) == rule
    assert rows(later.place()) == before
    assert later.files() == files
    assert later.register.delivery(delivery).row.state is StateWord.WITH_US
    later.close()


def test_the_worker_looks_again_when_its_turn_comes(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    before, files = rows(office.place()), office.files()
    ordered = office.order(Order(Kind.RETURN, delivery))
    later = office.again(target(product_update=424))
    detail = later.run(ordered)
    assert detail.row.state is OperationState.UNDONE
    assert (detail.row.outcome, detail.row.params["rule"]) == ("error.plan-refused", 303)
    assert rows(later.place()) == before
    assert later.files() == files
    later.close()


def test_reopened_it_goes_another_way(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    later = office.again(target(product_update=424), target("oefen16b"))
    later.done(Order(Kind.REOPEN, delivery))
    assert later.register.held(delivery) == ()
    assert later.register.delivery(delivery).row.state is StateWord.OK
    assert later.plan(Order(Kind.RESTORE, delivery)).target == "oefen16b"
    later.restore(delivery, target="oefen16b")
    later.done(Order(Kind.RETURN, delivery))
    assert any(name.startswith("office/administrations/oefen16/aside/120-D-0001") for name in later.files())
    later.close()


def test_a_client_that_went_along_gets_its_return(with_us: tuple[Office, str]) -> None:
    """The register learned of the client's own update: then nothing stands in the way."""
    office, delivery = with_us
    office.client(product_update=424)
    later = office.again(target(product_update=424))
    later.client(product_update=424)
    assert later.refused(Order(Kind.RETURN, delivery)) == ""
    later.close()


def test_a_client_that_changed_alone_is_noticed(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    office.client(sql_release="2014")
    assert office.refused(Order(Kind.RETURN, delivery)) == "203"


def test_a_target_that_is_gone_from_the_settings(with_us: tuple[Office, str]) -> None:
    office, delivery = with_us
    later = office.again(target("oefen19", sql_release="2019"))
    assert later.refused(Order(Kind.RETURN, delivery)) == "target-gone"
    later.close()


def test_an_outbox_that_is_gone_from_the_settings(with_us: tuple[Office, str], tmp_path: Path) -> None:
    office, delivery = with_us
    later = office.again(outbox=None)
    assert later.refused(Order(Kind.RETURN, delivery)) == "no-outbox"
    later.close()
