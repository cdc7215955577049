"""What every engine promises, asked of each in the same words: SQLite files, and the test SQL Server over the wire."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from factory.engines import Watched, mark_of
from factory.grounds import MARK, Embedded, Ground, OnServer
from factory.servers import served
from fakes.sqlserver.ground import needed

from core.administration import globe, own
from core.administration.engine import FOREIGN, Engine
from core.errors import Cancelled, NotFound, Refused

OTHER = mark_of(delivery="D-0002", operation="O-0002")
MANIFEST: dict[str, str | int] = {"client": "BAK-001", "administration_number": "120", "product_update": 421}


@pytest.fixture(params=["embedded", "freetds", "ms18"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    if request.param == "embedded":
        yield Embedded(tmp_path)
        return
    with served(tmp_path, needed(request.param)) as server:
        yield OnServer(server, tmp_path)


def work(stop_at: int | None = None) -> Watched:
    return Watched(stop_at)


def refused(key: str, call: Callable[..., object], *args: object, **more: object) -> None:
    with pytest.raises(Refused) as caught:
        call(*args, **more)
    assert caught.value.key == key


def test_it_is_an_engine(ground: Ground) -> None:
    asked: Engine = ground.engine
    assert asked.occupied("120") is None
    assert not asked.exists(asked.place("120"))
    assert (asked.room() or 0) > 0
    assert ground.names() == set()


def test_a_life(ground: Ground) -> None:
    """From package to package, and everything may be asked twice."""
    engine = ground.engine
    copy = engine.draft("O-0001")
    for _ in range(2):
        engine.bring_in(ground.package(), copy, work().work)
        assert ground.names() == {"work/O-0001-draft"}
    lines = ground.lines(copy)
    assert lines > 5
    with engine.open(copy, write=True) as connection:
        own.prepare(connection, MARK)
    for _ in range(2):
        engine.put(copy, "120", work().work)
        assert (ground.names(), engine.occupied("120")) == ({"at/120"}, MARK)
    made, digests = engine.draft("O-0002", "return"), set()
    for _ in range(2):
        digests.add(engine.duplicate("120", made, work().work))
        assert ground.names() == {"at/120", "work/O-0002-return"}
    assert len(digests) == 1
    with engine.open(made, write=True) as connection:
        own.leave(connection)
    out = ground.folder / "out.ebu"
    packed = {engine.pack(made, str(out), MANIFEST, work().work, like=ground.package()) for _ in range(2)}
    assert packed == {hashlib.sha256(out.read_bytes()).hexdigest()}
    proof = engine.draft("O-0002", "proof")
    engine.bring_in(str(out), proof, work().work)
    assert ground.lines(proof) == lines
    for each in (made, proof):
        for _ in range(2):
            engine.discard(each, work().work)
    assert ground.names() == {"at/120"}
    for _ in range(2):
        aside = engine.set_aside("120", "120-D-0001", MARK, work().work)
        assert (ground.names(), engine.occupied("120")) == ({"aside/120-D-0001"}, None)
    assert ground.lines(aside) == lines
    for _ in range(2):
        engine.bring_back("120-D-0001", "120", work().work)
        assert (ground.names(), engine.occupied("120")) == ({"at/120"}, MARK)
    for _ in range(2):
        engine.take_back("120", copy, MARK, work().work)
        assert (ground.names(), engine.occupied("120")) == ({"work/O-0001-draft"}, None)
    engine.discard(copy, work().work)
    assert ground.names() == set()


class TestPut:
    def test_of_nothing_is_told(self, ground: Ground) -> None:
        with pytest.raises(NotFound):
            ground.engine.put(ground.engine.draft("O-0001"), "120", work().work)

    def test_of_another_operation_is_not_taken_for_done(self, ground: Ground) -> None:
        ground.placed()
        with pytest.raises(NotFound):
            ground.engine.put(ground.engine.draft("O-0002"), "120", work().work)

    def test_never_over_anything(self, ground: Ground) -> None:
        copy = ground.brought()
        ground.strange("120")
        assert ground.engine.occupied("120") == FOREIGN
        refused("number-taken", ground.engine.put, copy, "120", work().work)
        assert ground.names() == {"at/120", "work/O-0001-draft"}
        assert ground.engine.occupied("120") == FOREIGN

    def test_it_says_what_it_does(self, ground: Ground) -> None:
        copy, watched = ground.brought(), work()
        ground.engine.put(copy, "120", watched.work)
        assert [text for _, text in watched.log if copy in text and "120" in text]


class TestOccupied:
    @pytest.mark.parametrize("number", ["", "12", "1200", "../", "\u0661\u0662\u0663", "12\n", "1 0"])
    def test_what_is_no_number_names_nothing(self, ground: Ground, number: str) -> None:
        refused("administration-number", ground.engine.occupied, number)

    def test_the_mark_of_another_number_is_foreign(self, ground: Ground) -> None:
        ground.placed("121", mark=MARK)
        assert ground.engine.occupied("121") == FOREIGN

    def test_a_table_that_only_looks_like_a_mark_is_none(self, ground: Ground) -> None:
        copy = ground.brought(mark=None)
        with ground.engine.open(copy, write=True) as connection:
            connection.exec_driver_sql(f"CREATE TABLE {own.mark.name} (x INTEGER)")
        ground.engine.put(copy, "120", work().work)
        assert ground.engine.occupied("120") == FOREIGN


class TestTakeBack:
    def test_another_one_is_left_where_it_is(self, ground: Ground) -> None:
        ground.placed()
        copy = ground.engine.draft("O-0002")
        refused("administration-foreign", ground.engine.take_back, "120", copy, OTHER, work().work)
        assert ground.engine.occupied("120") == MARK

    def test_of_nothing_is_harmless(self, ground: Ground) -> None:
        ground.engine.take_back("120", ground.engine.draft("O-0001"), MARK, work().work)


class TestAside:
    def test_nobody_writes_in_it(self, ground: Ground) -> None:
        ground.placed()
        aside = ground.engine.set_aside("120", "x", MARK, work().work)
        with pytest.raises(Refused), ground.engine.open(aside, write=True):
            pass

    def test_done_stays_done_when_the_number_is_used_again(self, ground: Ground) -> None:
        ground.placed()
        ground.engine.set_aside("120", "x", MARK, work().work)
        ground.placed(operation="O-0002", mark=OTHER)
        ground.engine.set_aside("120", "x", MARK, work().work)
        assert ground.engine.occupied("120") == OTHER
        # A name that is taken is left alone, and a number in use is.
        with pytest.raises(Refused):
            ground.engine.set_aside("120", "x", OTHER, work().work)
        refused("number-taken", ground.engine.bring_back, "x", "120", work().work)
        refused("administration-foreign", ground.engine.bring_back, "x", "121", work().work)
        assert ground.engine.occupied("120") == OTHER
        assert ground.names() == {"at/120", "aside/x"}

    def test_another_one_is_not_touched(self, ground: Ground) -> None:
        ground.placed()
        refused("administration-foreign", ground.engine.set_aside, "120", "x", OTHER, work().work)
        for number in ("121", "122"):
            with pytest.raises(NotFound):
                ground.engine.set_aside(number, "x", mark_of(number), work().work)
            with pytest.raises(NotFound):
                ground.engine.bring_back("y", number, work().work)
        assert ground.engine.occupied("120") == MARK

    @pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a\nb", "x" * 101, "a]b", "a'b"])
    def test_a_name_that_is_more_than_one_is_refused(self, ground: Ground, name: str) -> None:
        refused("administration-place", ground.engine.set_aside, "120", name, MARK, work().work)


class TestDuplicate:
    def test_it_lives_its_own_life(self, ground: Ground) -> None:
        place, copy = ground.placed(), ground.engine.draft("O-0002")
        lines, watched = ground.lines(place), work()
        first = ground.engine.duplicate("120", copy, watched.work)
        assert watched.progress
        assert watched.progress[-1][0] == watched.progress[-1][1]
        with ground.engine.open(copy, write=True) as connection:
            connection.execute(sa.delete(globe.gbkmut))
        assert (ground.lines(place), ground.lines(copy)) == (lines, 0)
        assert ground.engine.duplicate("120", copy, work().work) != first

    def test_what_is_not_there(self, ground: Ground) -> None:
        with pytest.raises(NotFound):
            ground.engine.duplicate("120", ground.engine.draft("O-0002"), work().work)


class TestBringIn:
    def test_it_stops_on_request_and_leaves_nothing(self, ground: Ground) -> None:
        copy = ground.engine.draft("O-0001")
        with pytest.raises(Cancelled):
            ground.engine.bring_in(ground.package(), copy, work(stop_at=1).work)
        assert not ground.engine.exists(copy)
        assert ground.names() == set()

    @pytest.mark.parametrize("copy", ["120", "master", "x", "", "wissel-aside-x", "wissel-O-0001-draft-part"])
    def test_only_as_a_working_copy(self, ground: Ground, copy: str) -> None:
        for call in (ground.engine.bring_in, ground.engine.discard):
            args = (ground.package(), copy) if call == ground.engine.bring_in else (copy,)
            refused("administration-place", call, *args, work().work)
        assert ground.names() == set()


class TestDiscard:
    def test_never_one_that_has_its_place(self, ground: Ground) -> None:
        place = ground.placed()
        refused("administration-place", ground.engine.discard, place, work().work)
        aside = ground.engine.set_aside("120", "x", MARK, work().work)
        refused("administration-place", ground.engine.discard, aside, work().work)
        assert ground.names() == {"aside/x"}


class TestOpen:
    def test_a_block_is_one_transaction(self, ground: Ground) -> None:
        place = ground.placed()
        lines = ground.lines(place)

        def half() -> None:
            with ground.engine.open(place, write=True) as connection:
                connection.execute(sa.delete(globe.gbkmut))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            half()
        assert ground.lines(place) == lines

    def test_looking_cannot_write(self, ground: Ground) -> None:
        place = ground.placed()
        with pytest.raises(Refused) as caught, ground.engine.open(place) as connection:
            connection.execute(sa.delete(globe.gbkmut))
        assert caught.value.key == "administration-read-only"
        assert ground.lines(place)

    def test_each_statement_is_in_the_log_before_it_runs(self, ground: Ground) -> None:
        place, watched = ground.placed(), work()
        with ground.engine.open(place, watched.work, write=True) as connection:
            connection.execute(sa.insert(own.done).values(operation="O-0002", step="book"))
            (told,) = watched.said("sql")
        assert told == "INSERT INTO wissel_done (operation, step) VALUES (?, ?) -- 'O-0002', 'book'"

    def test_what_is_not_there_or_elsewhere(self, ground: Ground) -> None:
        with pytest.raises(NotFound), ground.engine.open(ground.engine.place("120")):
            pass
        with pytest.raises(Refused), ground.engine.open("master"):
            pass


class TestPack:
    def test_what_is_ours_does_not_leave(self, ground: Ground) -> None:
        copy, out = ground.brought(), ground.folder / "out.ebu"
        like = ground.package()
        refused("administration-ours", ground.engine.pack, copy, str(out), MANIFEST, work().work, like=like)
        assert not out.exists()

    def test_another_file_under_that_name_is_left_alone(self, ground: Ground) -> None:
        copy, out = ground.brought(mark=None), ground.folder / "out.ebu"
        out.write_bytes(b"somebody's")
        refused("exists", ground.engine.pack, copy, str(out), MANIFEST, work().work, like=ground.package())
        assert out.read_bytes() == b"somebody's"
