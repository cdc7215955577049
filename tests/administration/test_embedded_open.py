"""What happens inside an administration of the embedded engine: transactions, guards, cancelling, a full disk."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from factory.engines import Watched, content, engine_in, mark_of, small

from core.administration import own
from core.administration.embedded import EmbeddedEngine
from core.administration.globe import humres
from core.errors import BadFormat, Busy, Cancelled, NoSpace, NotFound, Refused
from core.files import sha256_of

MARK = mark_of()


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    return engine_in(tmp_path)


@pytest.fixture
def placed(engine: EmbeddedEngine) -> EmbeddedEngine:
    engine.put(small(engine, engine.draft("O-0001"), mark=MARK), "120", Watched().work)
    return engine


class TestOpen:
    def test_a_block_is_one_transaction(self, placed: EmbeddedEngine) -> None:
        place = placed.place("120")

        def half() -> None:
            with placed.open(place, write=True) as connection:
                connection.exec_driver_sql("delete from gbkmut")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            half()
        assert content(placed, place) == 3

    def test_looking_cannot_write(self, placed: EmbeddedEngine) -> None:
        with pytest.raises(Refused) as caught, placed.open(placed.place("120")) as connection:
            connection.exec_driver_sql("delete from gbkmut")
        assert caught.value.key == "administration-read-only"

    def test_every_connection_is_on_its_guard(self, placed: EmbeddedEngine) -> None:
        with placed.open(placed.place("120"), write=True) as connection:
            found = {
                name: connection.exec_driver_sql(f"pragma {name}").scalar_one()
                for name in ("trusted_schema", "cell_size_check", "synchronous", "journal_mode", "secure_delete")
            }
        assert found == {
            "trusted_schema": 0, "cell_size_check": 1, "synchronous": 3, "journal_mode": "delete", "secure_delete": 1,
        }  # fmt: skip

    def test_another_file_cannot_be_attached(self, placed: EmbeddedEngine, tmp_path: Path) -> None:
        with pytest.raises(BadFormat), placed.open(placed.place("120"), write=True) as connection:
            connection.exec_driver_sql(f"attach '{tmp_path / 'x'}' as x")
        assert not (tmp_path / "x").exists()

    def test_each_statement_is_in_the_log_before_it_runs(self, placed: EmbeddedEngine) -> None:
        watched = Watched()
        with placed.open(placed.place("120"), watched.work, write=True) as connection:
            connection.execute(sa.insert(own.done).values(operation="O-0002", step="book"))
            connection.execute(sa.insert(own.done), [{"operation": "O-0003", "step": each} for each in ("a", "b")])
            assert watched.said("sql") == [
                "INSERT INTO wissel_done (operation, step) VALUES (?, ?) -- 'O-0002', 'book'",
                "INSERT INTO wissel_done (operation, step) VALUES (?, ?) -- 2 x",
            ]

    def test_bytes_and_long_values_do_not_fill_the_log(self, placed: EmbeddedEngine) -> None:
        watched = Watched()
        with placed.open(placed.place("120"), watched.work, write=True) as connection:
            connection.exec_driver_sql("insert into gbkmut values (?, ?)", (98, b"licence" * 9))
            connection.exec_driver_sql("insert into gbkmut values (?, ?)", (99, "x" * 5000))
        short, long = watched.said("sql")
        assert short.endswith("-- 98, <63 bytes>")
        assert len(long) < 500

    def test_long_sql_stops_on_request(self, placed: EmbeddedEngine) -> None:
        endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n"
        with pytest.raises(Cancelled), placed.open(placed.place("120"), Watched(stop_at=1).work) as connection:
            connection.exec_driver_sql(endless)

    def test_logins_are_found_as_sql_server_finds_them(self, engine: EmbeddedEngine) -> None:
        copy = small(engine, engine.draft("O-0001"))
        with engine.open(copy, write=True) as connection:
            humres.create(connection)
            connection.execute(sa.insert(humres).values(res_id=1, usr_id="BAKKER\\Jos\u00c9  "))
            for login, found in (
                ("bakker\\jos\u00e9", 1),
                ("BAKKER\\JOS\u00c9 ", 1),
                (" BAKKER\\JOS\u00c9", 0),
                ("BAKKER\\JOSE", 0),
            ):
                query = sa.select(sa.func.count()).where(humres.c.usr_id == login)
                assert connection.execute(query).scalar_one() == found, login

    def test_an_unknown_collation_is_an_error_of_ours(self, engine: EmbeddedEngine) -> None:
        copy = small(engine, engine.draft("O-0001"))
        with pytest.raises(BadFormat), engine.open(copy) as connection:
            connection.exec_driver_sql("select * from gbkmut order by oms25 collate nobody")

    def test_a_full_disk_leaves_it_as_it_was(self, placed: EmbeddedEngine) -> None:
        place = placed.place("120")
        before = sha256_of(place)

        def fill() -> None:
            with placed.open(place, write=True) as connection:
                connection.exec_driver_sql("pragma max_page_count = 12")
                connection.exec_driver_sql("insert into gbkmut values (99, hex(zeroblob(500000)))")

        with pytest.raises(NoSpace):
            fill()
        assert sha256_of(place) == before

    def test_somebody_else_in_it_is_busy(self, placed: EmbeddedEngine) -> None:
        place = placed.place("120")
        hasty = EmbeddedEngine(os.path.dirname(place), os.path.dirname(placed.draft("x")), patience=0)
        with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as other:
            other.execute("begin exclusive")
            with pytest.raises(Busy), hasty.open(place, write=True) as connection:
                assert connection
            with pytest.raises(Busy):
                hasty.set_aside("120", "x", MARK, Watched().work)
        assert placed.occupied("120") == MARK

    def test_what_is_no_database(self, engine: EmbeddedEngine) -> None:
        copy = Path(engine.draft("O-0001"))
        copy.parent.mkdir()
        copy.write_bytes(b"no database" * 500)
        with pytest.raises(BadFormat):
            content(engine, str(copy))

    def test_what_is_not_there_or_elsewhere(self, engine: EmbeddedEngine, tmp_path: Path) -> None:
        with pytest.raises(NotFound), engine.open(engine.place("120")):
            pass
        elsewhere = small(engine, str(tmp_path / "x.sqlite"))
        with pytest.raises(Refused), engine.open(elsewhere):
            pass
