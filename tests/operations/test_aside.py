"""Set aside and reopen: nothing is lost, the number is free, and the sealed original can start over at any time."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from factory.journey import ENTRY, Office, opened, rows, target

from core.model import Kind, OperationState, Order, StateWord
from core.operations.step import Bench


def test_what_is_set_aside_is_kept_read_only_and_frees_its_number(office: Office) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)
    before = rows(office.place())
    office.done(Order(Kind.SET_ASIDE, delivery))
    (name,) = office.files()
    kept = office.folder / name
    assert kept.parent.name == "aside"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o400
    assert rows(kept) == before
    assert office.register.held() == ()
    assert office.register.delivery(delivery).row.state is StateWord.SET_ASIDE
    following, _ = office.delivery()
    office.restore(following)
    assert office.refused(Order(Kind.RESTORE, delivery)) == "set-aside"
    assert office.refused(Order(Kind.SET_ASIDE, delivery)) == "set-aside"


def test_a_delivery_that_is_nowhere_is_laid_aside_and_taken_up_again(office: Office) -> None:
    delivery, _ = office.delivery()
    office.done(Order(Kind.SET_ASIDE, delivery))
    assert office.register.delivery(delivery).row.state is StateWord.SET_ASIDE
    assert office.story(delivery)[-1] in {"laid-aside", "judged"}
    office.done(Order(Kind.REOPEN, delivery))
    office.restore(delivery)


def test_reopened_it_starts_over_from_what_was_sealed(office: Office) -> None:
    delivery, shape = office.delivery()
    office.restore(delivery)
    office.correct(delivery)
    office.done(Order(Kind.REOPEN, delivery))
    assert office.register.delivery(delivery).row.state is StateWord.OK
    office.restore(delivery)
    with opened(office.place()) as connection:
        assert connection.execute("select count(*) from gbkmut").fetchone() == (shape.rows,)
    (held,) = office.register.held()
    assert held.corrections == 0


def test_after_the_return_it_can_start_over_too(office: Office) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)
    office.done(Order(Kind.RETURN, delivery))
    assert office.refused(Order(Kind.RESTORE, delivery)) == "returned"
    office.done(Order(Kind.REOPEN, delivery))
    office.restore(delivery)
    # Two returns of one delivery never wait to be sent side by side.
    assert office.refused(Order(Kind.RETURN, delivery)) == "busy"
    (waiting,) = office.register.open_operations()
    office.register.ask_cancel(waiting.id, who="jansen")
    office.done(Order(Kind.RETURN, delivery))
    assert len(list((office.folder / "outbox").rglob("*.ebu"))) == 2


def test_a_changed_original_does_not_start_over(office: Office) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)
    path = office.folder / "office" / "vault" / delivery / "original"
    path.chmod(0o600)
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    detail = office.run(office.order(Order(Kind.REOPEN, delivery)))
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.vault-changed")
    assert office.register.delivery(delivery).row.state is StateWord.WITH_US
    assert office.place().exists()


@pytest.mark.parametrize("kind", [Kind.SET_ASIDE, Kind.REOPEN, Kind.REVERSE, Kind.CORRECT, Kind.RETURN])
def test_where_nobody_can_look_nothing_is_let_go(office: Office, kind: Kind) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)
    later = office.again(target("oefen19", sql_release="2019"))
    assert later.refused(Order(kind, delivery, entry=ENTRY, entry_name="a.toml")) == "target-gone"
    later = later.again(target())
    assert later.refused(Order(Kind.SET_ASIDE, delivery)) == ""
    later.close()


def test_an_original_that_changed_meanwhile_is_a_reason_to_undo(office: Office) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)
    original = Path(office.vault.path(delivery))

    def meddle(bench: Bench) -> None:
        if bench.step.name == "custody":
            original.chmod(0o600)
            original.write_bytes(original.read_bytes() + b"!")

    office.before = meddle
    detail = office.run(office.order(Order(Kind.REOPEN, delivery)))
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.vault-changed")
    assert office.place().exists()
    assert [each.delivery for each in office.register.held()] == [delivery]
