"""The outbox: hidden until it is whole, visible in one step, never over anything, wherever names come from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Cancelled, Refused
from core.formats.filename import parse
from core.operations.facts import _file_name, today
from core.operations.outbox import LETTER, MANIFEST, Lot, tidy

PAPERS = {MANIFEST: {"delivery": "D-0001"}, LETTER: {"client": "\udc80\u202e"}}


def nothing() -> None:
    """Nobody wants to stop."""


@pytest.fixture
def lot(tmp_path: Path) -> Lot:
    (tmp_path / "package").write_bytes(b"the package")
    return Lot.of(str(tmp_path / "outbox"), "BAK-001", "D-0001", "O-0002", "20261121-421-SQL2016-Bakker.ebu")


def filled(lot: Lot, tmp_path: Path) -> dict[str, str]:
    return lot.fill(str(tmp_path / "package"), PAPERS, nothing)


def test_it_is_hidden_until_it_is_released(lot: Lot, tmp_path: Path) -> None:
    sums = filled(lot, tmp_path)
    assert set(os.listdir(lot.folder)) == {".D-0001-O-0002"}
    assert lot.proven(sums, draft=True) == ""
    lot.release()
    assert os.listdir(lot.folder) == ["D-0001-O-0002"]
    assert lot.proven(sums, draft=False) == ""
    assert Path(lot.package).read_bytes() == b"the package"


def test_what_a_killed_process_left_is_thrown_away(lot: Lot, tmp_path: Path) -> None:
    filled(lot, tmp_path)
    Path(lot.draft, "half").write_text("x")
    sums = filled(lot, tmp_path)
    assert set(os.listdir(lot.draft)) == set(sums)
    lot.discard()
    lot.discard()
    assert os.listdir(lot.folder) == []


def test_nothing_visible_is_ever_replaced(lot: Lot, tmp_path: Path) -> None:
    sums = filled(lot, tmp_path)
    Path(lot.visible).mkdir()
    Path(lot.visible, "theirs").write_text("x")
    with pytest.raises(Refused):
        lot.release()
    with pytest.raises(Refused):
        filled(lot, tmp_path)
    lot.discard()
    assert os.listdir(lot.visible) == ["theirs"]
    assert sums


def test_links_lead_nowhere(lot: Lot, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "file").write_text("x")
    os.makedirs(lot.folder)
    os.symlink(victim, lot.draft)
    lot.discard()
    assert (victim / "file").exists()
    os.rmdir(lot.folder)
    os.symlink(victim, lot.folder)
    with pytest.raises(Refused):
        filled(lot, tmp_path)


def test_a_wish_to_stop_leaves_only_what_is_hidden(lot: Lot, tmp_path: Path) -> None:
    def stop() -> None:
        raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        lot.fill(str(tmp_path / "package"), PAPERS, stop)
    assert not lot.released()
    lot.discard()
    assert os.listdir(lot.folder) == []


@given(st.text(max_size=300))
def test_any_name_becomes_one_part_of_a_path(text: str) -> None:
    part = tidy(text)
    assert part not in {"", ".", ".."}
    assert os.path.basename(part) == part
    assert "\0" not in part
    assert len(os.fsencode(part)) <= 101
    assert not part.startswith("."), "what is hidden is ours to hide"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("BAK-001", "BAK-001"),
        ("../../etc", "_.._etc"),
        ("..", "_"),
        ("con", "_con"),
        ("LPT1.x", "_LPT1.x"),
        ("a\u202eb\x1b[31m", "a_b_[31m"),
        ("Café B.V.", "Café B.V"),
    ],
)
def test_names_that_would_lead_elsewhere(text: str, part: str) -> None:
    assert tidy(text) == part


@given(st.text(min_size=1, max_size=80))
def test_a_file_name_fits_and_reads_back(name: str) -> None:
    made = _file_name(today(), 421, "2008 R2", name)
    assert len(os.fsencode(made)) < 255
    read = parse(made)
    assert (read.product_update, read.sql_release, read.by_convention) == (421, "2008 R2", True)


def test_without_its_parts_there_is_no_file_name() -> None:
    assert _file_name(today(), None, "2016", "Bakker") == ""
    assert _file_name(today(), 421, None, "Bakker") == ""
    assert _file_name(today(), 421, "2016", "") == ""
    assert _file_name(today(), 421, "2019 RC1", "Bakker") == ""


def test_what_somebody_else_gave_its_name_is_not_released(lot: Lot, tmp_path: Path) -> None:
    filled(lot, tmp_path)
    Path(lot.visible).mkdir()
    assert not lot.released()
    Path(lot.visible).rmdir()
    lot.release()
    assert lot.released()
