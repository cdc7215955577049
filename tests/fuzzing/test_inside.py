"""Some of the spoiled databases that `fuzzing.table` reads by the hundred thousand; and that it would see a fault."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from fuzzing.cases import BAD, Ending, judged, run
from fuzzing.changes import Spoiled, spoiled
from fuzzing.samples import MAKERS, MEDIUM, sample

SEED, CASES, SHARES = 11, 240, 4


@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_that_is_spoiled_upsets_the_reader(share: int, tmp_path: Path) -> None:
    results = {number: run(number, SEED, tmp_path) for number in range(share, CASES, SHARES)}
    assert {number: each for number, each in results.items() if each.ending in BAD} == {}
    assert Counter(each.ending for each in results.values())[Ending.DAMAGED] > CASES / SHARES / 5


@pytest.mark.parametrize("kind", MAKERS)
def test_every_sample_is_whole_and_has_rows(kind: str, tmp_path: Path) -> None:
    whole = sample(kind)
    assert sum(len(columns[0]) for columns in whole.rows.values()) > 10
    same = Spoiled({name: bytearray(data) for name, data in whole.files.items()})
    assert judged(whole, same, tmp_path, thorough=True) == Ending.EQUAL


def test_the_same_number_is_the_same_case() -> None:
    made = [spoiled(sample("tape"), random.Random("1/2")) for _ in range(2)]
    assert made[0] == made[1] != spoiled(sample("tape"), random.Random("1/3"))


def test_rows_that_differ_without_a_word_are_seen(tmp_path: Path) -> None:
    whole = sample("data file")
    name, columns = next(iter(whole.rows.items()))
    other = replace(whole, rows={**whole.rows, name: columns[1:]})
    for covered, ending in ((True, Ending.SILENT), (False, Ending.OTHER)):
        same = Spoiled({file: bytearray(data) for file, data in whole.files.items()}, covered=covered)
        assert judged(other, same, tmp_path, thorough=False) == ending


def test_a_change_under_a_checksum_is_known_as_such() -> None:
    """Of a page, of a stream, of a record of a compressed medium, of a block of a cabinet."""
    for kind in (
        "data file",
        "tape, only a stream checksum",
        "compressed medium, dense",
        "data file in a cabinet, none",
    ):
        made = [spoiled(sample(kind), random.Random(number)) for number in range(60)]
        assert sum(each.covered for each in made) > 10, kind
        assert not all(each.covered for each in made), kind
    assert MEDIUM in made[0].files
