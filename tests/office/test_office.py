"""The one door, on a real office: what it shows, what it takes, what it refuses."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from factory.bench import Bench
from factory.running import Running, wait_until
from factory.tape import Set, tape

from core.errors import NotFound, Refused, RegisterError, SettingsError, UsageError, VaultError, WisselError
from core.model import Administration, Answer, Client, DeliveryDetail, Source, StateWord
from core.office import Office, config_check, config_init, config_show, inspect_file, make_practice
from core.settings import load

TAPE = tape(Set())
KLM = Client("KLM-044", "Klomp", "next", 421, 0, "2016", "standard", administrations=(Administration("150", "Klomp"),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An office with one sealed back-up of nobody's, and settings that fit it."""
    Running(tmp_path).settle()
    bench = Bench(tmp_path)
    bench.register.save_client(KLM)
    (bench.inbox / "150.bak").write_bytes(TAPE)
    bench.tick(times=5)
    assert bench.record().stage == "sealed"
    bench.register.close()
    return tmp_path


@pytest.fixture
def office(folder: Path) -> Iterator[Office]:
    made = Office.open(folder / "wissel.toml")
    yield made
    made.close()


def rules(detail: DeliveryDetail) -> set[int]:
    return {reason.rule for verdict in detail.verdicts for reason in verdict.reasons}


def test_a_client_is_noted_in_the_words_that_the_rules_know(office: Office) -> None:
    office.save_client(Client("NEW-001", sql_release="2008r2", edition="Express"))
    noted = next(client for client in office.clients() if client.code == "NEW-001")
    assert (noted.sql_release, noted.edition) == ("2008 R2", "express")
    with pytest.raises(UsageError, match="told-value"):
        office.save_client(Client("NEW-001", sql_release="nonsense"))


def test_the_list_and_one_delivery_stand_under_the_rules_and_targets_of_now(office: Office) -> None:
    rows, total = office.deliveries()
    assert total == 1
    detail = office.delivery("D-0001")
    assert detail.row == rows[0]
    assert [verdict.target for verdict in detail.verdicts] == ["sql16"]
    assert rows[0].rule == 304
    assert detail.suggestions == ("KLM-044",)
    assert {501, 202} <= rules(detail)
    assert [line.what for line in detail.custody] == ["judged", "sealed", "arrived"]


def test_export_gives_every_verdict(office: Office) -> None:
    ((row, verdicts),) = office.export()
    assert row.id == "D-0001"
    assert [verdict.target for verdict in verdicts] == ["sql16"]
    assert list(office.export("state:ok")) == []
    assert list(office.export(limit=0)) == []


def test_bind_gives_the_verdict_again_at_once(office: Office) -> None:
    detail = office.bind("D-0001", " klm-044 ")
    assert (detail.row.client, detail.row.best_target) == ("KLM-044", "sql16")
    assert 501 not in rules(detail)
    assert {302, 202} <= rules(detail)
    assert {"bound", "judged"} <= {line.what for line in detail.custody}
    assert detail.suggestions == ()


def test_tell_keeps_who_said_it(office: Office) -> None:
    office.bind("D-0001", "KLM-044")
    detail = office.tell("D-0001", "product_update", "424")
    (claim,) = [claim for claim in detail.claims if claim.source is Source.OPERATOR]
    assert (claim.fact, claim.value) == ("product_update", 424)
    assert claim.by
    assert claim.at
    assert 301 in rules(detail)
    assert detail.row.product_update == 424


@pytest.mark.parametrize(
    ("fact", "text", "value"),
    [
        ("sql_release", "2008R2", "2008 R2"),
        ("sql_release", "SQL2014", "2014"),
        ("administration_number", "7", "007"),
        ("family", "Plus", "plus"),
    ],
)
def test_what_is_told_is_tidied(office: Office, fact: str, text: str, value: str) -> None:
    detail = office.tell("D-0001", fact, text)
    assert [claim.value for claim in detail.claims if claim.source is Source.OPERATOR and claim.fact == fact] == [value]


def test_a_conclusion_from_what_was_told_goes_when_it_is_taken_back(office: Office) -> None:
    office.bind("D-0001", "KLM-044")
    assert "plus" in {claim.value for claim in office.tell("D-0001", "product_update", "503").claims}
    assert "plus" not in {claim.value for claim in office.tell("D-0001", "product_update", "421").claims}


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (lambda office: office.tell("D-0001", "sql_releas", "2016"), UsageError),
        (lambda office: office.tell("D-0001", "product_update", "many"), UsageError),
        (lambda office: office.bind("D-0001", "NOBODY"), NotFound),
        (lambda office: office.delivery("D-0009"), NotFound),
        (lambda office: office.reopen("D-0009"), NotFound),
    ],
)
def test_nonsense_is_refused(office: Office, order: Callable[[Office], object], error: type[WisselError]) -> None:
    before = office.pulse()
    with pytest.raises(error):
        order(office)
    assert office.pulse() == before


def test_reopen_starts_over_from_the_sealed_original(office: Office) -> None:
    office.tell("D-0001", "product_update", "424")
    detail = office.reopen("D-0001")
    assert "reopened" in {line.what for line in detail.custody}
    assert detail.row.product_update == 424
    assert detail.row.state is not StateWord.READING
    assert detail.complete


@pytest.mark.parametrize("how", ["changed", "gone"])
def test_reopen_proves_the_original_first(office: Office, folder: Path, how: str) -> None:
    original = folder / "office" / "vault" / "D-0001" / "original"
    if how == "gone":
        original.unlink()
    else:
        original.chmod(0o600)
        original.write_bytes(TAPE[:-1] + b"!")
    with pytest.raises(VaultError):
        office.reopen("D-0001")
    assert "reopened" not in {line.what for line in office.custody()}


def test_a_client_that_changes_changes_its_verdicts(office: Office) -> None:
    office.bind("D-0001", "KLM-044")
    office.save_client(Client("KLM-044", "Klomp", "next", 424, 0, "2016"))
    assert 301 in rules(office.delivery("D-0001"))


def test_read_only_looks_and_changes_nothing(folder: Path) -> None:
    office = Office.open(folder / "wissel.toml", read_only=True)
    before = office.pulse()
    assert office.deliveries()[1] == 1
    for order in (
        lambda: office.bind("D-0001", "KLM-044"),
        lambda: office.tell("D-0001", "product_update", "421"),
        lambda: office.reopen("D-0001"),
        lambda: office.save_client(KLM),
    ):
        with pytest.raises(Refused) as caught:
            order()
        assert caught.value.key == "read-only"
    office.leave()
    assert office.pulse() == before
    assert not office.ensure_worker()
    office.close()


def test_read_only_makes_no_office(tmp_path: Path) -> None:
    Running(tmp_path).settle()
    with pytest.raises(RegisterError):
        Office.open(tmp_path / "wissel.toml", read_only=True)
    assert not (tmp_path / "office").exists()


def test_since_you_left(office: Office) -> None:
    assert office.since_left().at is None
    office.leave()
    office.bind("D-0001", "KLM-044")
    since = office.since_left()
    assert since.at is not None
    assert since.counts["bound"] == 1


def test_a_file_is_inspected_without_an_office(tmp_path: Path) -> None:
    path = tmp_path / "150.bak"
    path.write_bytes(TAPE)
    view = inspect_file(path)
    assert (view.file, view.size, view.kind, view.complete) == ("150.bak", len(TAPE), "tape", True)
    assert view.facts["sql_release"] == "2016"
    assert not inspect_file(path, whole=False).complete
    with pytest.raises(NotFound):
        inspect_file(path, set_number=9)


def test_settings_are_made_checked_and_shown(tmp_path: Path) -> None:
    path = config_init(tmp_path / "wissel.toml")
    assert config_check(str(path)) == path
    assert {origin.key for origin in config_show(str(path))} >= {"office", "language"}
    with pytest.raises(Refused):
        config_init(path)
    path.write_text("ofice = 'x'\n")
    with pytest.raises(SettingsError):
        config_check(str(path))


def test_a_worker_is_started_detached_and_only_once(tmp_path: Path) -> None:
    office = Office.open(make_practice(tmp_path / "oefen"))
    assert not office.worker_alive()
    assert office.ensure_worker()
    wait_until(office.worker_alive, "the worker holds the lock")
    assert not office.ensure_worker()
    register, _ = office._desk()
    wait_until(register.worker, "it says who it is")
    status = register.worker()
    assert status is not None
    try:
        assert os.getsid(status.pid) != os.getsid(0)
        wait_until(lambda: not office.deliveries("state:arriving")[1], "all samples are judged")
        assert office.deliveries("state:ok")[1] == 1
    finally:
        os.kill(status.pid, signal.SIGTERM)
    wait_until(lambda: not office.worker_alive(), "the worker ends")
    office.close()


def test_what_the_screen_showed_is_kept_for_each_operator(folder: Path) -> None:
    config = load(folder / "wissel.toml")
    anja, bert = Office(config, who="anja"), Office(config, who="../bert")
    assert anja.since_left().view == ""
    anja.leave("log state:no")
    bert.leave("clients")
    assert (anja.since_left().view, bert.since_left().view) == ("log state:no", "clients")
    anja.leave()
    assert anja.since_left().view == "log state:no"
    assert {path.parent for path in folder.rglob("view-*")} == {folder / "office"}
    anja.close()
    bert.close()


def test_an_office_that_is_gone_is_said_at_the_next_question(office: Office, folder: Path) -> None:
    assert office.pulse()
    (folder / "office" / "register.sqlite").unlink()
    with pytest.raises(RegisterError) as said:
        office.pulse()
    assert said.value.key == "register-missing"


def test_a_row_under_other_targets_shows_its_answers_without_a_good_target_too(folder: Path) -> None:
    config = folder / "wissel.toml"
    config.write_text(config.read_text().replace('"2016"', '"2008"'))
    office = Office.open(config)
    row = office.deliveries()[0][0]
    assert (row.best_target, row.work) == (None, Answer.NO)
    assert row.work == office.delivery(row.id).verdicts[0].work
    office.close()
