"""A wrong client is impossible: whatever is swapped, renamed, renumbered or bound otherwise, it is refused by name."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factory.journey import ENTRY, Office, opened, rows, target

from core.administration.engine import FOREIGN, Mark
from core.model import Held, Kind, OperationState, Order, StateWord
from core.operations.binding import Bound, broken

BOUND = Bound("D-0001", "BAK-001", "120", "3f" * 32, "O-0001")
HELD = Held("oefen16", "120", "Bakker", "BAK-001", "Bakker", "D-0001", datetime.now(UTC))
MARK = Mark("D-0001", "BAK-001", "120", "3f" * 32, "O-0001")


@pytest.mark.parametrize(
    ("bound", "mark", "word"),
    [
        (BOUND, MARK, ""),
        (BOUND, None, "gone"),
        (BOUND, FOREIGN, "foreign"),
        (replace(BOUND, client="KLM-044"), MARK, "client"),
        (replace(BOUND, client=None), MARK, "client"),
        (replace(BOUND, number="121"), MARK, "number"),
        (replace(BOUND, sha256="ab" * 32), MARK, "original"),
        (replace(BOUND, restored_by="O-0009"), MARK, "restore"),
        (BOUND, replace(MARK, delivery="D-0002"), "delivery"),
        (BOUND, replace(MARK, client="KLM-044"), "mark-client"),
        (BOUND, replace(MARK, number="121"), "mark-number"),
    ],
)
def test_each_thing_that_does_not_fit_has_its_word(bound: Bound, mark: Mark | None, word: str) -> None:
    assert broken(bound, HELD, mark) == word


def two(office: Office) -> tuple[str, str]:
    """Two clients with us, each with its own number."""
    office.client("KLM-044", "121", "Klomp")
    first, _ = office.delivery()
    second, _ = office.delivery(number="121", client="KLM-044", name="Klomp")
    return first, second


def test_swapped_originals_in_the_vault(office: Office) -> None:
    first, second = two(office)
    one, other = Path(office.vault.path(first)), Path(office.vault.path(second))
    spare = one.with_name("spare")
    os.rename(one, spare)
    os.rename(other, one)
    os.rename(spare, other)
    for delivery in (first, second):
        detail = office.run(office.order(Order(Kind.RESTORE, delivery)))
        assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.vault-changed")
    assert office.files() == set()


def test_swapped_originals_while_with_us(office: Office) -> None:
    first, second = two(office)
    office.restore(first)
    shutil.copy(office.vault.path(second), office.folder / "copy")
    os.unlink(office.vault.path(first))
    shutil.move(office.folder / "copy", office.vault.path(first))
    detail = office.run(office.order(Order(Kind.RETURN, first)))
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.vault-changed")


def test_renamed_administrations(office: Office) -> None:
    first, second = two(office)
    office.restore(first)
    office.restore(second)
    one, other = office.place("120"), office.place("121")
    spare = one.with_name("spare")
    os.rename(one, spare)
    os.rename(other, one)
    os.rename(spare, other)
    for delivery in (first, second):
        for kind in (Kind.RETURN, Kind.CORRECT, Kind.SET_ASIDE, Kind.REOPEN):
            assert office.refused(Order(kind, delivery, entry=ENTRY, entry_name="a.toml")) == "binding-foreign"
    one.rename(spare)
    assert office.refused(Order(Kind.RETURN, first)) == "binding-gone"


def test_a_file_renamed_and_its_mark_with_it(office: Office) -> None:
    """Somebody who also writes our mark still cannot make one client's administration another's."""
    first, second = two(office)
    office.restore(first)
    office.restore(second)
    one, other = office.place("120"), office.place("121")
    with opened(other) as connection:
        connection.execute("update wissel_mark set number = '120'")
    one.unlink()
    other.rename(one)
    assert office.refused(Order(Kind.RETURN, first)) == "binding-delivery"
    with opened(one) as connection:
        connection.execute("update wissel_mark set delivery = ?", (first,))
    assert office.refused(Order(Kind.RETURN, first)) == "binding-mark-client"
    with opened(one) as connection:
        connection.execute("update wissel_mark set client = 'BAK-001'")
    assert office.refused(Order(Kind.RETURN, first)) == "binding-original"
    with opened(one) as connection:
        sha256 = office.register.delivery(first).sha256
        connection.execute("update wissel_mark set sha256 = ?", (sha256,))
    assert office.refused(Order(Kind.RETURN, first)) == "binding-restore"
    with opened(one) as connection:
        connection.execute("update wissel_mark set operation = 'O-0001'")
    # Its own company row still says what it is.
    assert office.refused(Order(Kind.RETURN, first)) == "binding-inside"


def test_one_number_for_two_clients(office: Office) -> None:
    office.client("KLM-044", "120", "Klomp")
    first, _ = office.delivery()
    second, _ = office.delivery(client="KLM-044", name="Klomp")
    office.restore(first)
    before = rows(office.place())
    assert office.refused(Order(Kind.RESTORE, second)) == "505"
    # Even when the register was made to forget, what stands there says whose it is.
    office.register.let_go("oefen16", "120")
    assert office.refused(Order(Kind.RESTORE, second)) == "505"
    assert rows(office.place()) == before


def test_ordered_together_only_one_gets_the_number(office: Office) -> None:
    office.client("KLM-044", "120", "Klomp")
    first, _ = office.delivery()
    second, _ = office.delivery(client="KLM-044", name="Klomp")
    other = office.again(target(), target("oefen16b"))
    office = other
    assert office.refused(Order(Kind.RESTORE, first, target="oefen16")) == ""
    ordered = office.order(Order(Kind.RESTORE, first, target="oefen16"))
    assert office.refused(Order(Kind.RESTORE, second, target="oefen16")) == "busy"
    assert office.refused(Order(Kind.RESTORE, second, target="oefen16b")) == ""
    assert office.run(ordered).row.state is OperationState.DONE
    office.close()


def test_a_number_that_was_taken_meanwhile(office: Office) -> None:
    delivery, shape = office.delivery()
    ordered = office.order(Order(Kind.RESTORE, delivery))
    office.place().parent.mkdir(parents=True, mode=0o700)
    shutil.copy(shape.path, office.place())
    detail = office.run(ordered)
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.plan-refused")
    assert office.files() == {"office/administrations/oefen16/120.sqlite"}
    assert rows(office.place()) == rows(shape.path)


def test_bound_to_another_client_while_with_us(office: Office) -> None:
    first, _ = two(office)
    office.restore(first)
    office.register.bind(first, "KLM-044", "jansen", datetime.now(UTC))
    for kind in (Kind.RETURN, Kind.CORRECT, Kind.REVERSE):
        assert office.refused(Order(kind, first, entry=ENTRY, entry_name="a.toml")) == "binding-client"
    office.register.bind(first, "BAK-001", "jansen", datetime.now(UTC))
    office.done(Order(Kind.RETURN, first))


@pytest.mark.parametrize("step", ["check", "release"])
def test_bound_to_another_client_while_it_goes_back(office: Office, step: str) -> None:
    first, _ = two(office)
    office.restore(first)
    ordered = office.order(Order(Kind.RETURN, first))

    def bind(name: str) -> None:
        if name == step:
            office.before = None
            office.register.bind(first, "KLM-044", "jansen", datetime.now(UTC))

    office.before = lambda bench: bind(bench.step.name)
    detail = office.run(ordered)
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.plan-refused")
    assert not list((office.folder / "outbox").rglob("*.ebu"))
    assert office.register.delivery(first).row.state is StateWord.WITH_US


def test_another_number_inside_than_the_package_says(office: Office) -> None:
    shape = office.administration()
    office.client()
    package = office.package(shape)
    with opened(shape.path) as connection:
        connection.execute("update bedryf set bedrnr = '121'")
    lying = office.package(shape)
    honest = office.deliver(package)
    office.restore(honest)
    office.done(Order(Kind.REOPEN, honest))
    liar = office.deliver(lying)
    detail = office.run(office.order(Order(Kind.RESTORE, liar)))
    assert detail.row.state is OperationState.UNDONE
    assert detail.row.outcome in {"error.package-lies", "error.look-number"}
    assert not any("work" in name for name in office.files())


def test_another_company_inside_than_the_register_knows(office: Office) -> None:
    shape = office.administration()
    office.client()
    with opened(shape.path) as connection:
        connection.execute("update bedryf set bedrnm = 'Kwekerij De Linde'")
    delivery = office.deliver(office.package(shape))
    ordered = office.order(Order(Kind.RESTORE, delivery))
    assert office.run(ordered).row.outcome == "error.look-company"
    office.register.bind(delivery, "BAK-001", "jansen", datetime.now(UTC), how="operator")
    assert office.files() == set()


def test_bound_otherwise_while_with_us_it_can_start_over(office: Office) -> None:
    """What is there is still this delivery's; whose it is, is decided anew."""
    first, _ = two(office)
    office.restore(first)
    office.register.bind(first, "KLM-044", "jansen", datetime.now(UTC))
    office.done(Order(Kind.REOPEN, first))
    assert office.register.held(first) == ()
    assert not office.place().exists()


def test_what_somebody_took_away_can_start_over(office: Office) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)
    office.place().unlink()
    assert office.refused(Order(Kind.RETURN, delivery)) == "binding-gone"
    office.done(Order(Kind.REOPEN, delivery))
    office.restore(delivery)
