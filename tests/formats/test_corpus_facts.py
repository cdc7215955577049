"""Every file of the corpus says what is really in it: bare, and wrapped into cabinets."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
from corpus import CORPUS, corpus_facts

from core.formats.backup import inspect, inspect_file
from core.formats.cabinet_writer import write_cabinet
from core.formats.compressed import read_compressed
from core.formats.pages import read_data_file
from core.formats.report import BackupSet, Inspection, Media, Payload
from core.formats.source import BytesStream
from core.formats.tape import read_tape

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(180)]

Facts = Mapping[str, Any]
Results = dict[str, tuple[Facts, Facts]]
"""File -> (found, stated)."""
_LETTERS = {"full": "D", "differential": "I", "log": "L"}
_CABINET_FIELDS = ("internal_version", "engine", "compatibility_level", "database", "backup_type", "started")


@pytest.fixture(scope="module", name="databases")
def _databases() -> list[Facts]:
    entries: list[Facts] = json.loads(corpus_facts().read_text("utf-8"))
    return [entry for entry in entries if entry["container_kind"] in ("tape", "compressed", "data-file")]


def data(entry: Facts) -> bytes:
    return CORPUS.joinpath(entry["file"]).read_bytes()


def stated(entry: Facts) -> dict[str, Any]:
    """The facts of one entry in our words."""
    names = ("internal_version", "engine", "compatibility_level", "database", "collation")
    facts = {name: entry[name] for name in names}
    backup = entry["container_kind"] != "data-file"
    for name in ("backup_type", "started", "finished", "stripe", "sets"):
        facts[name] = entry[name] if backup else None
    return facts


def read(media: Media) -> dict[str, Any]:
    """The same facts from a medium; the file of several sets is described by its first."""
    first: BackupSet = media.sets[0]
    return {
        "internal_version": first.internal_version,
        "engine": first.engine_version,
        "compatibility_level": first.compatibility_level,
        "database": first.database,
        "collation": first.collation,
        "backup_type": "".join(_LETTERS[one.backup_type or ""] for one in media.sets),
        "started": str(first.started_at),
        "finished": str(first.finished_at),
        "stripe": f"{media.family_ordinal}/{media.family_count}",
        "sets": str(len(media.sets)),
    }


def said(payload: Payload) -> dict[str, Any]:
    """What an inspection found, in the words of `stated`."""
    if payload.media is not None:
        return read(payload.media)
    file = payload.data_file
    assert file is not None
    none = dict.fromkeys(("engine", "backup_type", "started", "finished", "stripe", "sets"))
    return {
        **none,
        "internal_version": file.internal_version,
        "compatibility_level": file.compatibility_level,
        "database": file.database,
        "collation": f"boot {file.collation}",
    }


def tally(results: Results) -> str:
    """Right and total, and each field that differs."""
    wrong = [
        f"{name}: {key} is {found.get(key)!r}, should be {value!r}"
        for name, (found, expected) in results.items()
        for key, value in expected.items()
        if found.get(key) != value
    ]
    total = sum(len(expected) for _, expected in results.values())
    return f"{total - len(wrong)}/{total} right" + "".join(f"\n{line}" for line in wrong)


def all_right(results: Results) -> None:
    line = tally(results)
    print(line)
    total = sum(len(expected) for _, expected in results.values())
    assert total
    assert line == f"{total}/{total} right", line


@pytest.mark.parametrize("whole", [False, True])
def test_the_readers_alone(databases: list[Facts], whole: bool) -> None:
    results: Results = {}
    for entry in databases:
        stream = BytesStream(data(entry))
        if entry["container_kind"] == "data-file":
            page = read_data_file(stream, size=stream.size, whole=whole)
            payload, notes = Payload("data-file", data_file=page.data_file), page.notes
        else:
            reader = read_tape if entry["container_kind"] == "tape" else read_compressed
            tape = reader(stream, whole=whole)
            payload, notes = Payload(entry["container_kind"], media=tape.media), tape.notes
            assert tape.media is not None
            assert all(one.ended for one in tape.media.sets)
        assert notes == (), entry["file"]
        results[entry["file"]] = said(payload), stated(entry)
    all_right(results)


def test_flags_of_the_special_cases(databases: list[Facts]) -> None:
    found = {entry["file"]: inspect(CORPUS / entry["file"]) for entry in databases}
    for entry in databases:
        media = found[entry["file"]].payloads[0].media
        if media is None:
            continue
        assert media.password == ("password" in entry["notes"]), entry["file"]
        assert not any(one.encrypted or one.password for one in media.sets), entry["file"]
        files = [file for file in media.sets[0].files if file.kind == "data"]
        assert (len(files) > 1) == ("2 data files" in entry["notes"]), entry["file"]
        container = entry["container"]
        assert media.container_version == (int(container[10]) if container.startswith("MSSQLBAK") else None)


def test_a_differential_finds_the_full_it_needs(databases: list[Facts]) -> None:
    media = {entry["file"]: inspect(CORPUS / entry["file"]).payloads[0].media for entry in databases}
    folder = "dataplat__appveyor-lab/DoubleDiffing/difftest-"
    full, *later = (media[f"{folder}{name}.bak"] for name in ("full", "diff1", "diff2"))
    assert full is not None
    for one in later:
        assert one is not None
        assert one.sets[0].base_guid == full.sets[0].set_guid


def wrap(packing: Any, *members: tuple[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    write_cabinet(out, [(name, len(content), BytesStream(content)) for name, content in members], packing)
    return out


def check(found: Inspection, entry: Facts, *, whole: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    assert found.kind == "cabinet"
    (payload,) = found.payloads
    assert payload.member == "database.bak"
    expected = stated(entry)
    if whole:
        assert found.notes == (), entry["file"]
    else:  # the finish time and further sets need the end of the file
        assert not found.damaged, entry["file"]
        expected = {name: expected[name] for name in _CABINET_FIELDS if entry["sets"] != "6" or name != "backup_type"}
    return said(payload), expected


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("packing", ["stored", "mszip"])
@pytest.mark.parametrize("behind", [False, True])
def test_wrapped_into_a_cabinet(databases: list[Facts], packing: str, behind: bool, whole: bool) -> None:
    results: Results = {}
    for entry in databases:
        before = [("readme.txt", b"Beste accountant,\r\n" * 3000)] if behind else []
        file = wrap(packing, *before, ("database.bak", data(entry)))
        found = inspect_file(file, name="20170601-421-SQL2016-Jansen.ebu", whole=whole)
        results[entry["file"]] = check(found, entry, whole=whole)
    all_right(results)
