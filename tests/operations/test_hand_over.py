"""Handing over is a person's step: we say what to send, wait, and prove that it is what was released."""

from __future__ import annotations

from pathlib import Path

import pytest
from factory.journey import Killed, Noted, Office

from core.model import Kind, OperationState, Order, StateWord
from core.operations.steps import STEPS


@pytest.fixture
def waiting(office: Office) -> tuple[Office, str, Path]:
    delivery, _ = office.delivery()
    office.restore(delivery)
    package = Path(office.done(Order(Kind.RETURN, delivery)).outputs[0].path)
    (row,) = office.register.open_operations()
    assert (row.kind, row.target, row.instance) == (Kind.HAND_OVER, "", delivery)
    detail = office.run(row.id)
    assert detail.row.state is OperationState.WAITING
    assert detail.steps[0].params == {"file": package.name, "client": "BAK-001"}
    return office, row.id, package


def test_it_says_what_to_send_and_keeps_who_sent_it(waiting: tuple[Office, str, Path]) -> None:
    office, operation, package = waiting
    office.register.answer(operation, "sent by  Jansen,\nby courier", who="piet")
    detail = office.run(operation)
    assert (detail.row.state, detail.row.outcome) == (OperationState.DONE, "outcome.hand-over")
    assert detail.row.params["file"] == package.name
    (line,) = [line for line in office.register.custody() if line.what == "handed-over"]
    assert (line.who, line.client) == ("piet", "BAK-001")
    assert line.detail["text"] == "sent by Jansen, by courier"


@pytest.mark.parametrize("act", ["change", "remove", "link", "nothing"])
def test_what_does_not_hold_is_asked_again(waiting: tuple[Office, str, Path], act: str) -> None:
    office, operation, package = waiting
    data = package.read_bytes()
    if act == "change":
        package.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif act in {"remove", "link"}:
        elsewhere = package.rename(office.folder / "elsewhere")
        if act == "link":
            package.symlink_to(elsewhere)
    office.register.answer(operation, "   " if act == "nothing" else "sent by Jansen", who="piet")
    detail = office.run(operation)
    assert detail.row.state is OperationState.WAITING
    assert "hand-over-" in detail.log[-1].text
    assert not any(line.what == "handed-over" for line in office.register.custody())
    package.unlink(missing_ok=True)
    package.write_bytes(data)
    office.register.answer(operation, "sent by Jansen", who="piet")
    assert office.run(operation).row.state is OperationState.DONE


def test_while_it_waits_the_number_is_free_for_others(waiting: tuple[Office, str, Path]) -> None:
    office, operation, _ = waiting
    following, _ = office.delivery()
    office.restore(following)
    assert office.register.delivery(following).row.state is StateWord.WITH_US
    assert office.register.operation(operation).row.state is OperationState.WAITING
    assert any("aside/120-D-0001" in name for name in office.files())
    assert "made-room" in office.story("D-0001")


def test_it_can_be_called_off(waiting: tuple[Office, str, Path]) -> None:
    office, operation, package = waiting
    office.register.ask_cancel(operation, who="jansen")
    assert office.register.operation(operation).row.state is OperationState.CANCELLED
    assert package.exists(), "what was released stays"


def test_there_is_nothing_to_hand_over_without_a_return(office: Office) -> None:
    delivery, _ = office.delivery()
    assert office.refused(Order(Kind.HAND_OVER, delivery)) == "nothing-released"


def test_what_was_noted_as_sent_stays_so_when_the_package_is_gone_by_then(waiting: tuple[Office, str, Path]) -> None:
    office, operation, package = waiting
    office.steps[Kind.HAND_OVER, "confirm"] = Noted(STEPS[Kind.HAND_OVER, "confirm"], "outcome", Killed())
    office.register.answer(operation, "sent by Jansen", who="piet")
    with pytest.raises(Killed):
        office.leg(operation)
    package.unlink()
    assert office.run(operation).row.state is OperationState.DONE
    assert len([line for line in office.register.custody() if line.what == "handed-over"]) == 1
