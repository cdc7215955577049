"""`wissel target profile`: looking writes nothing, and a trial leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from factory.journey import Office

from core.errors import NotFound, Refused
from core.model import Kind, Order
from core.operations import profiling
from core.operations.engines import engine_of

TARGET = "oefen16"


def everything(folder: Path) -> dict[str, bytes]:
    """Every file of the office's administrations and working copies."""
    found = [*(folder / "office" / "administrations").rglob("*"), *(folder / "office" / "work").rglob("*")]
    return {str(each): each.read_bytes() for each in found if each.is_file()}


@pytest.fixture
def placed(office: Office) -> Office:
    """An administration at its place, its client asleep no longer there: as one of the firm's own."""
    _, shape = office.delivery()
    place = office.settings.office / "administrations" / TARGET / f"{shape.number}.sqlite"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(Path(shape.path).read_bytes())
    return office


def test_looking_tells_whose_it_is_and_writes_nothing(placed: Office) -> None:
    before = everything(placed.folder)
    found = profiling.look(placed.settings, TARGET, "120")
    assert found.good
    assert (found.complete, found.licence, found.missing, found.wanted) == (True, "PracticeLicence", (), ())
    assert found.users
    assert found.licences
    assert "PracticeLicence" in {each.table for each in found.like_licences}
    assert found.trial is None
    assert everything(placed.folder) == before


def test_a_trial_swaps_on_a_copy_that_is_gone_afterwards(placed: Office) -> None:
    before = everything(placed.folder)
    found = profiling.look(placed.settings, TARGET, "120", trial=True)
    assert found.trial is not None
    assert (found.trial.good, found.trial.touched, found.trial.count) == (True, (), 0)
    assert set(found.trial.firm) == set(placed.settings.firm.users)
    assert everything(placed.folder) == before


def test_what_a_killed_trial_left_is_thrown_away(placed: Office) -> None:
    engine = engine_of(placed.settings, TARGET)
    Path(engine.draft("O-0000120", "profile")).parent.mkdir(parents=True, exist_ok=True)
    Path(engine.draft("O-0000120", "profile")).write_bytes(b"half")
    assert profiling.try_out(placed.settings, TARGET, "120").good
    assert not engine.exists(engine.draft("O-0000120", "profile"))


def test_a_client_who_sleeps_is_never_tried_on(office: Office) -> None:
    delivery, shape = office.delivery()
    office.run(office.order(Order(Kind.RESTORE, delivery, TARGET)))
    before = everything(office.folder)
    assert set(profiling.look(office.settings, TARGET, shape.number).users) == set(office.settings.firm.users)
    with pytest.raises(Refused, match="identity-swapped"):
        profiling.try_out(office.settings, TARGET, shape.number)
    assert everything(office.folder) == before


def test_where_nothing_stands_there_is_nothing_to_look_at(office: Office) -> None:
    with pytest.raises(NotFound, match="administration-none"):
        profiling.look(office.settings, TARGET, "999")
