"""The practice office: made once, found again, and full of every kind of verdict."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factory.bench import Bench

from core.administration import globe
from core.errors import Refused
from core.formats.backup import inspect_file
from core.formats.cabinet import Cabinet
from core.formats.source import FileStream
from core.practice.office import inbox_of, make_practice
from core.practice.samples import CLIENTS, samples
from core.register.register import Register, register_file
from core.settings import load

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
LOCAL = datetime(2026, 11, 21, 18, 0)  # noqa: DTZ001 - the sender's local time


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return make_practice(tmp_path / "oefen", NOW)


def test_its_settings_load(config: Path) -> None:
    settings = load(config)
    assert settings.practice
    targets = settings.all_targets()
    assert {target.engine for target in targets} == {"embedded", "sqlserver"}
    assert len({(target.sql_release, target.product_update) for target in targets}) >= 3
    assert all(target.practice for target in targets)
    assert all(inbox.path.is_dir() for inbox in settings.inboxes)
    assert settings.outbox is not None
    assert settings.outbox.is_dir()
    assert settings.firm.users


def test_its_list_is_not_empty_from_the_first_moment(config: Path) -> None:
    register = Register.open(Path(register_file(config.parent / "office")))
    rows, total = register.page()
    assert total == len(samples(LOCAL)) >= 10
    assert {row.client for row in rows} == {None, *(client.code for client in CLIENTS)}
    assert register.clients() == tuple(sorted(CLIENTS, key=lambda client: client.code))
    register.close()


def test_it_is_found_again_and_left_as_it_is(config: Path) -> None:
    lying = config.parent / "inbox" / "flexy-14.5.ebu"
    lying.unlink()
    before = config.read_bytes()
    assert make_practice(config.parent) == config
    assert config.read_bytes() == before
    assert not lying.exists()


@pytest.mark.parametrize("what", ["file", "full", "other"])
def test_a_folder_with_anything_else_is_refused(tmp_path: Path, what: str) -> None:
    place = tmp_path / "x"
    if what == "file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / ("wissel.toml" if what == "other" else "letter.txt")).write_text("practice = false\n")
    with pytest.raises(Refused) as caught:
        make_practice(place)
    assert caught.value.key == "practice-folder"


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    assert make_practice(tmp_path).is_file()


def test_samples_are_the_same_for_the_same_moment() -> None:
    assert samples(LOCAL) == samples(LOCAL)
    assert len({hashlib.sha256(sample.data).digest() for sample in samples(LOCAL)}) == len(samples(LOCAL))


def test_a_practice_package_is_what_its_layout_says() -> None:
    sample = next(each for each in samples(LOCAL) if each.client == "KLM-044")
    cabinet = Cabinet(FileStream(io.BytesIO(sample.data)))
    members = {data.name: data.read(data.size or 0) for data in cabinet.walk(None)}
    assert list(members) == ["wissel-practice.json", "administration.sqlite"]
    manifest = json.loads(members["wissel-practice.json"])
    assert manifest["wissel_practice"] == 1
    assert (manifest["client"], manifest["administration_number"]) == ("KLM-044", "120")
    assert manifest["data_bytes"] == len(members["administration.sqlite"])
    database = sqlite3.connect(":memory:")
    database.deserialize(members["administration.sqlite"])
    assert database.execute("select bedrnr, Batchlevel from bedryf").fetchall() == [("120", 421)]
    amounts = database.execute("select EntryGuid, bdr_hfl from gbkmut").fetchall()
    entries: dict[str, int] = {}
    for entry, amount in amounts:
        entries[entry] = entries.get(entry, 0) + round(amount * 100)
    assert len(entries) == 36
    assert set(entries.values()) == {0}
    columns = {row[1] for row in database.execute("pragma table_info(gbkmut)")}
    assert columns == set(globe.gbkmut.c.keys())
    database.close()


@pytest.mark.parametrize("name", ["100.bak", "101 vastgoed.bak"])
def test_the_real_back_ups_read_as_such(name: str) -> None:
    sample = next(each for each in samples(LOCAL) if each.file == name)
    inspection = inspect_file(io.BytesIO(sample.data), name=name)
    assert inspection.kind == "tape"
    assert inspection.damaged is (name != "100.bak")
    (payload,) = inspection.payloads
    assert payload.media is not None
    (backup,) = payload.media.sets
    assert (backup.internal_version, backup.backup_type, backup.ended) == (852, "full", True)
    assert backup.finished_at is not None


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[Bench]:
    """The samples taken in by a bench that has the practice office's inboxes."""
    settings = load(make_practice(tmp_path, NOW))
    places = ((inbox_of(None), None), *((inbox_of(client.code), client.code) for client in CLIENTS))
    bench = Bench(tmp_path, places=places, targets=settings.all_targets())
    bench.tick(2.0, times=4)
    bench.tick(500.0, times=4)
    yield bench
    bench.register.close()


EXPECTED = {
    "KLM-044": ("ok", "oefen16", None),
    "ABC-012": ("warn", "oefen16", 303),
    "BRG-007": ("oneway", "oefen14", 203),
    "DUI-300": ("no", None, 201),
    "VRM-015": ("warn", "oefen19", 301),
    "De Linde.ebu": ("unknown", "oefen16", 501),
    "100.bak": ("warn", "sql16", 112),
    "Jansen Interieur.ebu": ("oneway", "sql16", 203),
    "14.5.ebu": ("no", None, 101),
    "bestelling 20931.ebu": ("no", None, 101),
    "Bakkerij Korenaar 20081231.ebu": ("unknown", None, 100),
    "XYZ Holding.ebu": ("no", None, 102),
    "101 vastgoed.bak": ("no", None, 102),
}
"""Client, or the end of the file's name -> word, best target, deciding rule: worked out from the rule book."""


def test_every_kind_of_verdict_is_there(judged: Bench) -> None:
    found = {
        row.file.rpartition("-")[2] if row.client in {None, "XYZ-100"} else row.client: (
            str(row.state),
            row.best_target,
            row.rule,
        )
        for row in judged.rows()
    }
    assert found == EXPECTED
    assert {state for state, _, _ in EXPECTED.values()} == {"ok", "warn", "oneway", "no", "unknown"}
