"""How files become deliveries: real files and register, time turned by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from factory.bench import Bench
from factory.tape import File, Set, tape, write_sparse

from core.intake.disk import RealDisk
from core.intake.sealing import SHOWN_FROM
from core.model import Client, StateWord

TAPE = tape(Set())
STRANGE = b"\x03\x9a\x00\x02" + bytes(range(1, 256)) * 20


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.register.close()


def settle(bench: Bench) -> None:
    bench.tick(2.0, times=4)


def test_a_whole_file_is_sealed_judged_and_taken_out(bench: Bench) -> None:
    (bench.inbox / "150.bak").write_bytes(TAPE)
    bench.tick()
    assert bench.only().state is StateWord.ARRIVING
    settle(bench)
    row = bench.only()
    assert (row.file, row.size, row.administration_number, row.sql_release) == ("150.bak", len(TAPE), "150", "2016")
    assert row.state not in {StateWord.ARRIVING, StateWord.READING}
    assert bench.original() == TAPE
    assert bench.lying() == []
    assert bench.story() == ["arrived", "sealed", "judged"]
    assert bench.record().evidence.complete


def test_what_lies_there_at_start_is_picked_up(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "150.bak").write_bytes(TAPE)
    bench = Bench(tmp_path)
    settle(bench)
    assert bench.original() == TAPE
    bench.register.close()


def test_an_upload_that_pauses_and_resumes_is_one_delivery(bench: Bench) -> None:
    path = bench.inbox / "150.bak"
    path.write_bytes(TAPE[: len(TAPE) // 2])
    bench.tick(60.0, times=10)
    assert bench.words() == [StateWord.ARRIVING]
    with path.open("ab") as upload:
        upload.write(TAPE[len(TAPE) // 2 : -100])
    bench.tick(60.0, times=10)
    with path.open("ab") as upload:
        upload.write(TAPE[-100:])
    settle(bench)
    assert bench.original() == TAPE
    assert bench.story() == ["arrived", "sealed", "judged"]


def test_while_it_arrives_it_has_a_provisional_verdict_on_its_head(bench: Bench) -> None:
    (bench.inbox / "150.bak").write_bytes(TAPE[: len(TAPE) // 2])
    bench.tick(2.0, times=4)
    assert bench.rules() >= {103}
    assert 102 not in bench.rules()
    row = bench.only()
    assert (row.state, row.administration_number, row.sql_release) == (StateWord.ARRIVING, "150", "2016")


def test_one_that_never_goes_on_is_sealed_and_judged_as_truncated(bench: Bench) -> None:
    (bench.inbox / "150.bak").write_bytes(TAPE[: len(TAPE) // 2])
    bench.tick(90.0, times=9)
    assert bench.words() == [StateWord.ARRIVING]
    bench.tick(90.0, times=4)
    assert bench.words() == [StateWord.NO]
    assert 102 in bench.rules()
    assert bench.original() == TAPE[: len(TAPE) // 2]


@pytest.mark.parametrize("again", ["truncated", "removed"])
def test_an_upload_that_starts_over_is_one_delivery(bench: Bench, again: str) -> None:
    path = bench.inbox / "150.bak"
    path.write_bytes(TAPE[:5000])
    bench.tick()
    if again == "removed":
        path.unlink()
    path.write_bytes(TAPE[:100])
    bench.tick()
    path.write_bytes(TAPE)
    settle(bench)
    assert bench.original() == TAPE
    assert len(bench.rows()) == 1


def test_a_file_that_is_written_under_another_name_and_renamed_is_one_delivery(bench: Bench) -> None:
    part = bench.inbox / "150.bak.part"
    part.write_bytes(TAPE[:5000])
    bench.tick(10.0, times=5)
    assert bench.rows() == ()
    part.write_bytes(TAPE)
    part.rename(bench.inbox / "150.bak")
    settle(bench)
    assert bench.only().file == "150.bak"


def test_a_file_that_somebody_still_writes_is_left_alone(bench: Bench) -> None:
    with (bench.inbox / "150.bak").open("wb") as upload:
        upload.write(TAPE)
        upload.flush()
        bench.tick(10_000.0, times=5)
        assert bench.words() == [StateWord.ARRIVING]
    settle(bench)
    assert bench.original() == TAPE


def test_room_claimed_beforehand_is_no_arrival(bench: Bench) -> None:
    path = bench.inbox / "150.bak"
    path.write_bytes(bytes(len(TAPE)))
    settle(bench)
    assert bench.words() == [StateWord.ARRIVING]
    with path.open("r+b") as upload:
        upload.write(TAPE[:-3000])
    settle(bench)
    assert bench.words() == [StateWord.ARRIVING]
    path.write_bytes(TAPE)
    settle(bench)
    assert bench.original() == TAPE


def test_two_files_of_one_name_are_two_deliveries(bench: Bench) -> None:
    path = bench.inbox / "150.bak"
    for data in (TAPE, STRANGE):
        path.write_bytes(data)
        settle(bench)
    assert [bench.original(row.id) for row in bench.rows()] == [TAPE, STRANGE]


def test_the_same_bytes_again_are_a_delivery_that_says_so(bench: Bench) -> None:
    for _ in range(2):
        (bench.inbox / "150.bak").write_bytes(TAPE)
        settle(bench)
    assert len(bench.rows()) == 2
    assert 506 in bench.rules("D-0002")
    assert 506 not in bench.rules("D-0001")


def test_a_second_file_in_the_very_moment_of_sealing_is_not_lost(bench: Bench) -> None:
    path = bench.inbox / "150.bak"
    path.write_bytes(TAPE)

    def replaced(task: object) -> None:
        bench.between = None
        path.unlink()
        path.write_bytes(STRANGE)

    bench.tick(2.0, times=2)
    bench.between = replaced
    bench.tick(2.0, times=6)
    assert bench.original() == STRANGE
    assert bench.lying() == []


def test_one_that_vanishes_unsealed_is_gone(bench: Bench) -> None:
    path = bench.inbox / "150.bak"
    path.write_bytes(TAPE[:3000])
    bench.tick()
    path.unlink()
    bench.tick()
    assert bench.words() == [StateWord.GONE]
    assert bench.story() == ["arrived", "gone"]


def test_one_that_vanished_while_nobody_looked_is_gone_too(bench: Bench) -> None:
    path = bench.inbox / "150.bak"
    path.write_bytes(TAPE[:3000])
    bench.tick()
    path.unlink()
    again = bench.restart()
    assert again.words() == [StateWord.GONE]
    again.register.close()


def test_a_clock_set_back_changes_nothing(bench: Bench) -> None:
    (bench.inbox / "150.bak").write_bytes(TAPE)
    bench.tick()
    bench.clock.day = bench.clock.day.replace(year=2020)
    settle(bench)
    assert bench.original() == TAPE


HOSTILE = [
    b"\xff\xfe.ebu",
    b"a\nb.ebu",
    b"\x1b]0;owned\x07.ebu",
    "\u202egpj.ebu".encode(),
    b"-rf.ebu",
    b"x\\..\\..\\up.ebu",
    b"CON.ebu",
    b"[red]x[bold].ebu",
    b"'; DROP TABLE deliveries--].ebu",
    b"n" * 251 + b".ebu",
    b" ",
    b"%s%n{0}.ebu",
]


def test_hostile_names_are_data(bench: Bench) -> None:
    for place, raw in enumerate(HOSTILE):
        with open(os.path.join(os.fsencode(bench.inbox), raw), "wb") as file:
            file.write(STRANGE + bytes([place]))
    settle(bench)
    assert bench.lying() == []
    assert sorted(bench.original(row.id)[-1] for row in bench.rows()) == list(range(len(HOSTILE)))
    assert all(row.file.isprintable() for row in bench.rows())
    vault = Path(bench.vault.folder)
    assert {path.name for path in vault.rglob("*")} == {row.id for row in bench.rows()} | {"original"}


def test_links_pipes_and_folders_are_said_once_and_never_opened(bench: Bench) -> None:
    (bench.inbox / "link.ebu").symlink_to("/etc/passwd")
    (bench.inbox / "sub").mkdir()
    (bench.inbox / "sub" / "inside.ebu").write_bytes(TAPE)
    os.mkfifo(bench.inbox / "pipe.ebu")
    bench.tick(10.0, times=5)
    assert bench.rows() == ()
    assert len(bench.said) == 3
    assert bench.lying() == ["link.ebu", "pipe.ebu", "sub"]


def test_a_file_swapped_for_a_link_is_not_followed(bench: Bench) -> None:
    path = bench.inbox / "150.bak"
    path.write_bytes(STRANGE)

    def swapped(task: object) -> None:
        path.unlink(missing_ok=True)
        path.symlink_to("/etc/passwd")

    bench.tick(2.0, times=2)
    bench.between = swapped
    bench.tick(2.0, times=5)
    assert bench.words() == [StateWord.GONE]
    assert not Path(bench.vault.folder, "D-0001", "original").exists()


def test_an_inbox_of_a_client_binds(tmp_path: Path) -> None:
    bench = Bench(tmp_path, places=(("klm", "KLM-044"),))
    bench.register.save_client(Client("KLM-044", "Klomp"))
    (bench.inbox / "150.bak").write_bytes(TAPE)
    settle(bench)
    assert bench.only().client == "KLM-044"
    assert bench.record().bound_how == "inbox"
    bench.register.close()


def test_an_inbox_that_is_away_is_said_once_and_taken_up_again(bench: Bench) -> None:
    bench.inbox.rmdir()
    bench.tick(times=5)
    assert len(bench.said) == 1
    bench.inbox.mkdir()
    (bench.inbox / "150.bak").write_bytes(TAPE)
    settle(bench)
    assert bench.original() == TAPE


def test_the_full_that_comes_later_changes_the_verdict_of_its_differential(bench: Bench) -> None:
    import uuid

    full, own = uuid.UUID(int=7), uuid.UUID(int=8)
    (bench.inbox / "diff.bak").write_bytes(tape(Set(letter="I", set_guid=own, base_guid=full)))
    settle(bench)
    assert 105 in bench.rules("D-0001")
    (bench.inbox / "full.bak").write_bytes(tape(Set(set_guid=full)))
    settle(bench)
    assert 105 not in bench.rules("D-0001")
    assert 104 in bench.rules("D-0001")


def test_a_large_file_is_shown_as_still_being_read_with_its_head_facts(tmp_path: Path) -> None:
    seen: list[tuple[StateWord, str | None]] = []

    class Looking(RealDisk):
        def sync(self, file: BinaryIO) -> None:
            seen.append((large.only().state, large.only().sql_release))
            super().sync(file)

    large = Bench(tmp_path, Looking())
    write_sparse(large.inbox / "150.bak", Set(files=(File(size_pages=2400, pages=2400),)))
    assert large.inbox.joinpath("150.bak").stat().st_size > SHOWN_FROM
    settle(large)
    assert seen == [(StateWord.READING, "2016")]
    assert large.only().state not in {StateWord.READING, StateWord.ARRIVING}
    large.register.close()


class TestKeeping:
    """after_sealing = "keep": the file stays, and is taken once."""

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Iterator[Bench]:
        made = Bench(tmp_path, keep=True)
        (made.inbox / "150.bak").write_bytes(TAPE)
        settle(made)
        yield made
        made.register.close()

    def test_it_stays_and_is_taken_once(self, bench: Bench) -> None:
        bench.tick(times=10)
        assert bench.lying() == ["150.bak"]
        assert len(bench.rows()) == 1

    def test_nor_again_after_a_restart_or_new_rights(self, bench: Bench) -> None:
        (bench.inbox / "150.bak").chmod(0o640)
        again = bench.restart()
        settle(again)
        assert len(again.rows()) == 1
        again.register.close()

    def test_a_new_file_in_its_place_is_another_delivery(self, bench: Bench) -> None:
        (bench.inbox / "150.bak").write_bytes(STRANGE)
        settle(bench)
        assert [bench.original(row.id) for row in bench.rows()] == [TAPE, STRANGE]
