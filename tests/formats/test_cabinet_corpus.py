"""Strangers' cabinets: the outcome of each stands in a table, and every cabinet of the suite must be in it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from corpus import CORPUS, corpus_file
from factory.memory import PEAK_MEMORY

from core.formats.cabinet import Cabinet
from core.formats.source import FileStream

pytestmark = pytest.mark.corpus

BUGS = "cabinets/cabextract/test/bugs/"
CABS = "cabinets/cabextract/test/cabs/"

READ: dict[str, set[str]] = {
    # Members come out as cabextract gives them; the notes that may go with it.
    CABS + "case-ascii.cab": set(),
    CABS + "case-utf8.cab": set(),
    CABS + "dir.cab": set(),
    CABS + "dirwalk-vulns.cab": {"unsafe-name"},
    CABS + "encoding-koi8.cab": {"unsafe-name"},
    CABS + "encoding-latin1.cab": {"unsafe-name"},
    CABS + "encoding-sjis.cab": {"unsafe-name"},
    CABS + "simple.cab": set(),
    CABS + "utf8-stresstest.cab": {"unsafe-name"},
    "Apress__pro-sql-server-reporting-services/Chapter 10/AS_DB.CAB": set(),
}
PARTLY: dict[str, tuple[set[str], set[str]]] = {
    # Some folders are ours to read: the notes, and the members that come out.
    CABS + "mixed.cab": ({"packing-unknown"}, {"mszip.txt"}),
    BUGS + "cve-2014-9732-folders-segfault.cab": ({"packing-unknown", "member-size"}, {"1", "3"}),
    CABS + "split-1.cab": ({"cabinet-split"}, {"small1.bin"}),
}
REFUSED: dict[str, set[str]] = {
    # Nothing comes out, for these reasons.
    BUGS + "cve-2010-2800-mszip-infinite-loop.cab": {"structure"},
    BUGS + "cve-2010-2801-qtm-flush.cab": {"packing-unknown"},
    BUGS + "cve-2014-9556-qtm-infinite-loop.cab": {"packing-unknown", "member-size"},
    BUGS + "cve-2015-4470-mszip-over-read.cab": {"truncated", "structure", "newer-format"},
    BUGS + "cve-2015-4471-lzx-under-read.cab": {"truncated", "structure"},
    BUGS + "filename-read-violation-2.cab": {"truncated", "member-size", "unsafe-name"},
    BUGS + "filename-read-violation-3.cab": {"trailing", "member-size", "unsafe-name"},
    BUGS + "filename-read-violation-4.cab": {"trailing", "truncated", "member-size", "unsafe-name"},
    BUGS + "lzx-main-tree-no-lengths.cab": {"packing-unknown"},
    BUGS + "lzx-premature-matches.cab": {"packing-unknown"},
    BUGS + "qtm-max-size-block.cab": {"packing-unknown"},
    CABS + "large-files-cab.cab": {"packing-unknown"},
    CABS + "split-2.cab": {"cabinet-split"},
    CABS + "split-3.cab": {"cabinet-split"},
    CABS + "split-4.cab": {"cabinet-split"},
    CABS + "split-5.cab": {"cabinet-split"},
}
NAMELESS = BUGS + "filename-read-violation-1.cab"
"""Its one member has no name: cabextract finds no cabinet, we read the bytes and warn of the name."""
NO_CABINET = CABS + "search.cab"
"""Cabinets hidden between other bytes: a file that does not start as one is none."""


def read(name: str) -> tuple[dict[str, bytes], set[str]]:
    """Members that came out whole, and the notes."""
    with corpus_file(name).open("rb") as file:
        cabinet = Cabinet(FileStream(file))
        out = {}
        for stream in cabinet.walk():
            data = stream.read(1 << 24)
            if stream.whole and (stream.size or not stream.broken):
                out[stream.name] = data
        names = [member.name for member in cabinet.members if not member.size]
        return {**out, **dict.fromkeys(names, b"")}, {note.code for note in cabinet.notes}


def extracted(name: str, member: str | None = None) -> bytes:
    """What cabextract prints."""
    if shutil.which("cabextract") is None:
        pytest.skip("cabextract is not installed")
    only = ["-F", member] if member else []
    return subprocess.run(["cabextract", "-q", "-p", *only, corpus_file(name)], check=True, capture_output=True).stdout


@pytest.mark.parametrize("name", READ)
def test_valid_members_come_out_byte_for_byte(name: str) -> None:
    out, notes = read(name)
    assert notes == READ[name]
    with corpus_file(name).open("rb") as file:
        order = [member.name for member in Cabinet(FileStream(file)).members]
    assert b"".join(out[member] for member in order) == extracted(name)


@pytest.mark.parametrize("name", PARTLY)
def test_what_we_can_read_of_mixed_ones(name: str) -> None:
    notes, members = PARTLY[name]
    out, found = read(name)
    assert (found, set(out)) == (notes, members)
    assert all(out[member] == extracted(name, member) for member in members)


@pytest.mark.parametrize("name", REFUSED)
def test_the_others_are_refused_with_the_reason(name: str) -> None:
    assert read(name) == ({}, REFUSED[name])


def test_a_member_without_name() -> None:
    out, notes = read(NAMELESS)
    assert list(out) == [""]
    assert notes == {"unsafe-name"}


def test_hidden_cabinets_are_not_hunted_for() -> None:
    cabinet = Cabinet(FileStream(BytesIO(corpus_file(NO_CABINET).read_bytes())))
    assert not cabinet.sound
    assert cabinet.members == ()


def test_the_table_names_every_cabinet() -> None:
    corpus_file(NO_CABINET)
    there = {str(path.relative_to(CORPUS)) for path in CORPUS.rglob("*") if path.suffix.lower() == ".cab"}
    assert there == {*READ, *PARTLY, *REFUSED, NAMELESS, NO_CABINET}


def test_none_takes_five_seconds_or_a_hundred_megabytes() -> None:
    corpus_file(NO_CABINET)
    code = """
import json, sys, time
from core.formats.backup import inspect
took = {}
for path in sys.argv[1:]:
    start = time.perf_counter()
    inspect(path, whole=False), inspect(path)
    took[path] = time.perf_counter() - start
print(json.dumps([took, peak_memory()]))
"""
    paths = [str(CORPUS / name) for name in (*READ, *PARTLY, *REFUSED, NAMELESS, NO_CABINET)]
    done = subprocess.run(
        [sys.executable, "-c", PEAK_MEMORY + code, *paths],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    took, peak = json.loads(done.stdout)
    assert max(took.values()) < 5, took
    assert peak < 100 << 20
