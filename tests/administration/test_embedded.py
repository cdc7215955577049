"""The embedded engine: every method can be asked again after a crash, and nothing is ever overwritten."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sources
from factory.engines import Watched, content, engine_in, mark_of, small

from core.administration import own
from core.administration.embedded import EmbeddedEngine
from core.administration.engine import FOREIGN, Engine
from core.errors import Cancelled, NotFound, Refused
from core.files import sha256_of

MARK = mark_of()


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    return engine_in(tmp_path)


@pytest.fixture
def placed(engine: EmbeddedEngine) -> EmbeddedEngine:
    engine.put(small(engine, engine.draft("O-0001"), mark=MARK), "120", Watched().work)
    return engine


def names(engine: EmbeddedEngine) -> set[str]:
    """Every file of it: folders `at`, `aside` and `work`."""
    folder = Path(engine.place("120")).parent
    places = {"at": folder, "aside": folder / "aside", "work": Path(engine.draft("x")).parent}
    return {f"{word}/{each.name}" for word, place in places.items() if place.is_dir() for each in place.iterdir()} - {
        "at/aside"
    }


def half_renamed(source: str, target: str) -> None:
    """What a kill between the two steps of a rename leaves: one file with both names."""
    Path(target).parent.mkdir(mode=0o700, exist_ok=True, parents=True)
    os.link(source, target)


def test_it_is_an_engine(engine: EmbeddedEngine) -> None:
    asked: Engine = engine
    assert asked.occupied("120") is None
    assert not asked.exists(asked.place("120"))
    assert (asked.room() or 0) > 0


class TestPut:
    def test_a_working_copy_gets_its_place_and_says_whose_it_is(self, placed: EmbeddedEngine) -> None:
        assert names(placed) == {"at/120.sqlite"}
        assert placed.occupied("120") == MARK
        assert content(placed, placed.place("120")) == 3

    def test_again_after_it_was_done(self, placed: EmbeddedEngine) -> None:
        placed.put(placed.draft("O-0001"), "120", Watched().work)
        assert placed.occupied("120") == MARK

    def test_again_after_half_of_it(self, engine: EmbeddedEngine) -> None:
        copy = small(engine, engine.draft("O-0001"), mark=MARK)
        half_renamed(copy, engine.place("120"))
        engine.put(copy, "120", Watched().work)
        assert names(engine) == {"at/120.sqlite"}

    def test_of_nothing_is_told(self, engine: EmbeddedEngine) -> None:
        with pytest.raises(NotFound):
            engine.put(engine.draft("O-0001"), "120", Watched().work)

    def test_of_another_operation_is_not_taken_for_done(self, placed: EmbeddedEngine) -> None:
        with pytest.raises(NotFound):
            placed.put(placed.draft("O-0002"), "120", Watched().work)

    @pytest.mark.parametrize("beside", ["", "-journal", "-wal"])
    def test_never_over_anything(self, engine: EmbeddedEngine, beside: str) -> None:
        copy = small(engine, engine.draft("O-0001"), mark=MARK)
        there = Path(engine.place("120") + beside)
        there.parent.mkdir(parents=True, mode=0o700)
        there.write_bytes(b"mine")
        assert engine.occupied("120") == FOREIGN
        with pytest.raises(Refused) as caught:
            engine.put(copy, "120", Watched().work)
        assert caught.value.key == "number-taken"
        assert there.read_bytes() == b"mine"
        assert content(engine, copy) == 3

    def test_an_empty_file_that_a_kill_left_holds_no_number(self, engine: EmbeddedEngine) -> None:
        copy = small(engine, engine.draft("O-0001"), mark=MARK)
        there = Path(engine.place("120"))
        there.parent.mkdir(parents=True, mode=0o700)
        there.touch()
        assert engine.occupied("120") is None
        engine.put(copy, "120", Watched().work)
        assert engine.occupied("120") == MARK

    def test_takes_what_a_killed_writer_left_along(self, engine: EmbeddedEngine) -> None:
        """Killed in a transaction: what is not committed is undone before the name changes, and no journal stays."""
        copy = small(engine, engine.draft("O-0001"), rows=2000, mark=MARK)
        killed_while_writing(copy)
        assert os.path.exists(f"{copy}-journal")
        engine.put(copy, "120", Watched().work)
        assert names(engine) == {"at/120.sqlite"}
        assert content(engine, engine.place("120")) == 2000

    def test_says_what_it_does_before(self, engine: EmbeddedEngine) -> None:
        watched = Watched()
        copy = small(engine, engine.draft("O-0001"), mark=MARK)
        engine.put(copy, "120", watched.work)
        assert watched.said("file") == [f"rename {copy} -> {engine.place('120')}"]


KILLED = """
import os, sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("pragma cache_size = 2")
c.execute("begin immediate")
c.execute("update gbkmut set oms25 = 'half done ' || hex(randomblob(200))")
c.execute("delete from gbkmut where ID % 2")
os.kill(os.getpid(), 9)
"""


def killed_while_writing(path: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, path], check=False, capture_output=True, timeout=30)
    assert done.returncode == -9, done.stderr


class TestOccupied:
    def test_a_stranger_of_any_kind_is_foreign(self, engine: EmbeddedEngine) -> None:
        folder = Path(engine.place("120")).parent
        folder.mkdir(parents=True, mode=0o700)
        (folder / "001.sqlite").mkdir()
        (folder / "002.sqlite").symlink_to(folder / "nowhere")
        (folder / "003.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 500)
        small(engine, str(folder / "004.sqlite"))
        small(engine, str(folder / "005.sqlite"), mark=mark_of("120"))
        assert {engine.occupied(f"{n:03}") for n in range(1, 6)} == {FOREIGN}

    def test_a_table_that_only_looks_like_a_mark_is_none(self, engine: EmbeddedEngine) -> None:
        place = small(engine, engine.place("120"))
        with contextlib.closing(sqlite3.connect(place)) as database:
            database.execute(f"create table {own.mark.name} (x)")
        assert engine.occupied("120") == FOREIGN

    def test_after_a_killed_writer_it_still_says_whose_it_is(self, engine: EmbeddedEngine) -> None:
        engine.put(small(engine, engine.draft("O-0001"), rows=2000, mark=MARK), "120", Watched().work)
        killed_while_writing(engine.place("120"))
        assert engine.occupied("120") == MARK
        assert content(engine, engine.place("120")) == 2000

    @pytest.mark.parametrize("number", ["", "12", "1200", "../", "\u0661\u0662\u0663", "12\n"])
    def test_what_is_no_number_names_no_file(self, engine: EmbeddedEngine, number: str) -> None:
        with pytest.raises(Refused) as caught:
            engine.occupied(number)
        assert caught.value.key == "administration-number"


class TestTakeBack:
    def test_the_place_is_free_again(self, placed: EmbeddedEngine) -> None:
        copy = placed.draft("O-0001")
        for _ in range(2):
            placed.take_back("120", copy, MARK, Watched().work)
            assert placed.occupied("120") is None
            assert names(placed) == {"work/O-0001-draft.sqlite"}

    def test_after_half_of_it_and_after_half_of_the_way_there(self, placed: EmbeddedEngine) -> None:
        copy = placed.draft("O-0001")
        half_renamed(placed.place("120"), copy)
        placed.take_back("120", copy, MARK, Watched().work)
        assert names(placed) == {"work/O-0001-draft.sqlite"}

    def test_another_one_is_left_where_it_is(self, placed: EmbeddedEngine) -> None:
        with pytest.raises(Refused) as caught:
            placed.take_back("120", placed.draft("O-0002"), mark_of(operation="O-0002"), Watched().work)
        assert caught.value.key == "administration-foreign"
        assert placed.occupied("120") == MARK

    def test_of_nothing_is_harmless(self, engine: EmbeddedEngine) -> None:
        engine.take_back("120", engine.draft("O-0001"), MARK, Watched().work)


class TestAside:
    def test_renamed_read_only_and_its_number_is_free(self, placed: EmbeddedEngine) -> None:
        for _ in range(2):
            aside = placed.set_aside("120", "120-D-0001", MARK, Watched().work)
            assert names(placed) == {"aside/120-D-0001.sqlite"}
            assert stat.S_IMODE(os.stat(aside).st_mode) == 0o400
            assert placed.occupied("120") is None
        assert content(placed, aside) == 3
        with pytest.raises(Refused), placed.open(aside, write=True):
            pass

    def test_after_each_half(self, placed: EmbeddedEngine) -> None:
        aside = str(Path(placed.place("120")).parent / "aside" / "x.sqlite")
        half_renamed(placed.place("120"), aside)
        placed.set_aside("120", "x", MARK, Watched().work)
        assert names(placed) == {"aside/x.sqlite"}
        os.chmod(aside, 0o600)
        placed.set_aside("120", "x", MARK, Watched().work)
        assert stat.S_IMODE(os.stat(aside).st_mode) == 0o400

    def test_done_stays_done_when_the_number_is_used_again(self, placed: EmbeddedEngine) -> None:
        placed.set_aside("120", "x", MARK, Watched().work)
        other = mark_of(delivery="D-0002", operation="O-0002")
        placed.put(small(placed, placed.draft("O-0002"), mark=other), "120", Watched().work)
        placed.set_aside("120", "x", MARK, Watched().work)
        assert placed.occupied("120") == other

    def test_another_one_is_not_touched(self, placed: EmbeddedEngine) -> None:
        with pytest.raises(Refused) as caught:
            placed.set_aside("120", "x", mark_of(delivery="D-0009"), Watched().work)
        assert caught.value.key == "administration-foreign"
        with pytest.raises(NotFound):
            placed.set_aside("121", "x", mark_of("121"), Watched().work)
        assert placed.occupied("120") == MARK

    def test_a_name_that_is_taken_is_left_alone(self, placed: EmbeddedEngine) -> None:
        placed.set_aside("120", "x", MARK, Watched().work)
        other = mark_of(delivery="D-0002", operation="O-0002")
        placed.put(small(placed, placed.draft("O-0002"), mark=other), "120", Watched().work)
        with pytest.raises(Refused):
            placed.set_aside("120", "x", other, Watched().work)
        assert placed.occupied("120") == other

    def test_and_back_again_after_each_half(self, placed: EmbeddedEngine) -> None:
        aside = placed.set_aside("120", "x", MARK, Watched().work)
        half_renamed(aside, placed.place("120"))
        for _ in range(2):
            placed.bring_back("x", "120", Watched().work)
            assert names(placed) == {"at/120.sqlite"}
            assert placed.occupied("120") == MARK
        with placed.open(placed.place("120"), write=True) as connection:
            own.note_done(connection, "O-0001", "book")

    def test_not_back_to_a_number_in_use_nor_to_another(self, placed: EmbeddedEngine) -> None:
        placed.set_aside("120", "x", MARK, Watched().work)
        placed.put(small(placed, placed.draft("O-0002"), mark=mark_of(operation="O-0002")), "120", Watched().work)
        with pytest.raises(Refused) as caught:
            placed.bring_back("x", "120", Watched().work)
        assert caught.value.key == "number-taken"
        with pytest.raises(Refused):
            placed.bring_back("x", "121", Watched().work)
        with pytest.raises(NotFound):
            placed.bring_back("y", "121", Watched().work)

    @pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a\nb", "x" * 101])
    def test_a_name_that_is_a_path_is_refused(self, placed: EmbeddedEngine, name: str) -> None:
        with pytest.raises(Refused) as caught:
            placed.set_aside("120", name, MARK, Watched().work)
        assert caught.value.key == "administration-place"
        assert placed.occupied("120") == MARK


class TestDuplicate:
    def test_it_is_the_same_and_lives_its_own_life(self, placed: EmbeddedEngine) -> None:
        copy = placed.draft("O-0002", "return")
        watched = Watched()
        found = placed.duplicate("120", copy, watched.work)
        assert found == sha256_of(copy) == placed.duplicate("120", copy, watched.work)
        assert watched.progress
        assert watched.progress[-1][0] == watched.progress[-1][1]
        assert names(placed) == {"at/120.sqlite", "work/O-0002-return.sqlite"}
        with placed.open(copy, write=True) as connection:
            connection.exec_driver_sql("delete from gbkmut")
        assert content(placed, placed.place("120")) == 3
        assert stat.S_IMODE(os.stat(copy).st_mode) == 0o600

    def test_half_of_one_is_thrown_away_first(self, placed: EmbeddedEngine) -> None:
        copy = placed.draft("O-0002")
        for beside in (".part", ".part-journal", "-journal"):
            Path(copy + beside).write_bytes(b"half")
        placed.duplicate("120", copy, Watched().work)
        assert names(placed) == {"at/120.sqlite", "work/O-0002-draft.sqlite"}
        assert content(placed, copy) == 3

    def test_it_stops_on_request_and_has_no_name_then(self, engine: EmbeddedEngine) -> None:
        engine.put(small(engine, engine.draft("O-0001"), 50_000, MARK), "120", Watched().work)
        copy = engine.draft("O-0002")
        with pytest.raises(Cancelled):
            engine.duplicate("120", copy, Watched(stop_at=1).work)
        assert not engine.exists(copy)
        engine.discard(copy, Watched().work)
        assert names(engine) == {"at/120.sqlite"}

    def test_what_is_not_there(self, engine: EmbeddedEngine) -> None:
        with pytest.raises(NotFound):
            engine.duplicate("120", engine.draft("O-0002"), Watched().work)


class TestDiscard:
    def test_it_is_gone_with_all_that_lies_beside_it(self, engine: EmbeddedEngine) -> None:
        copy = small(engine, engine.draft("O-0001"))
        for beside in (".part", ".part-journal", "-journal"):
            Path(copy + beside).write_bytes(b"half")
        for _ in range(2):
            engine.discard(copy, Watched().work)
            assert names(engine) == set()

    @pytest.mark.parametrize("name", ["120.sqlite", "aside/x.sqlite"])
    def test_never_one_that_has_its_place(self, placed: EmbeddedEngine, name: str) -> None:
        place = str(Path(placed.place("120")).parent / name)
        with pytest.raises(Refused) as caught:
            placed.discard(place, Watched().work)
        assert caught.value.key == "administration-place"
        assert placed.occupied("120") == MARK

    def test_never_through_a_path(self, placed: EmbeddedEngine) -> None:
        for copy in (f"{Path(placed.draft('x')).parent}/../administrations/oefen16/120.sqlite", "x.sqlite", ""):
            with pytest.raises(Refused):
                placed.discard(copy, Watched().work)


def test_killed_at_any_call_every_step_is_asked_again_and_ends_the_same(tmp_path: Path) -> None:
    script = sources.ROOT / "tests" / "administration" / "killed.py"
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = json.loads(done.stdout)
    assert set(counts) | {"room", "occupied", "place", "draft", "exists", "open"} == {
        name for name in vars(Engine) if not name.startswith("_")
    }
    assert min(counts.values()) >= 2, counts
