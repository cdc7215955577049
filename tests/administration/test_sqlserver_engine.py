"""What only a server can do to an engine: others in a database, half restores, strangers' options, lying headers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from factory.cabinet import packed
from factory.engines import Watched, mark_of
from factory.servers import Served, package, served
from factory.sqlserver.backup import write_backup
from factory.sqlserver.globe import company, globe
from factory.sqlserver.model import Database
from factory.sqlserver.write import write_database
from fakes.sqlserver.databases import Database as Held
from fakes.sqlserver.ground import needed

from core.administration import own
from core.administration.engine import FOREIGN
from core.errors import BadFormat, Busy, Cancelled, NoSpace, Refused, Unreadable, WisselError
from core.formats.inside.opening import open_backup

MARK = mark_of()
MANIFEST: dict[str, str | int] = {"client": "BAK-001", "administration_number": "120", "product_update": 421}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    """Over FreeTDS; what both drivers have to show is in test_engine_promises.py."""
    package(tmp_path / "in.bak")
    with served(tmp_path, needed("freetds")) as made:
        yield made


@pytest.fixture
def bak(tmp_path: Path) -> str:
    return str(tmp_path / "in.bak")


def placed(server: Served, bak: str) -> None:
    copy = server.engine.draft("O-0001")
    server.engine.bring_in(bak, copy, Watched().work)
    with server.engine.open(copy, write=True) as connection:
        own.prepare(connection, MARK)
    server.engine.put(copy, "120", Watched().work)


@contextmanager
def refused(key: str, kind: type[WisselError] = Refused) -> Iterator[None]:
    with pytest.raises(kind) as caught:
        yield
    assert caught.value.key == key


class TestSingleUser:
    """Left behind by a process that was killed between two statements of a rename."""

    def test_of_ours_is_opened_when_somebody_asks_whose_it_is(self, server: Served, bak: str) -> None:
        placed(server, bak)
        server.instance.database("120").access = "SINGLE_USER"
        assert server.engine.occupied("120") == MARK
        assert server.states() == {"120": "ONLINE MULTI_USER"}

    def test_of_a_working_copy_is_opened_when_it_is_asked_for(self, server: Served, bak: str) -> None:
        copy = server.engine.draft("O-0001")
        server.engine.bring_in(bak, copy, Watched().work)
        server.instance.database(copy).access = "SINGLE_USER"
        assert server.engine.exists(copy)
        assert server.states() == {copy: "ONLINE MULTI_USER"}

    def test_of_somebody_else_is_left_as_it_is(self, server: Served) -> None:
        server.stranger("120")
        server.instance.database("120").access = "SINGLE_USER"
        assert server.engine.occupied("120") == FOREIGN
        assert server.states() == {"120": "ONLINE SINGLE_USER"}

    def test_somebody_in_it_is_shown_out_and_it_is_open_again(self, server: Served, bak: str) -> None:
        placed(server, bak)
        with server.visitor("120"):
            server.engine.set_aside("120", "x", MARK, Watched().work)
        assert server.states() == {"wissel-aside-x": "ONLINE MULTI_USER READ_ONLY"}

    def test_somebody_who_is_always_faster_is_told_of(self, server: Served, bak: str) -> None:
        """He sits on the only place: nothing is renamed, and nothing of ours is in his way."""
        placed(server, bak)
        server.instance.database("120").access = "SINGLE_USER"
        hasty = server.another(patience=0.0)
        with server.visitor("120"):
            with pytest.raises(Busy):
                hasty.set_aside("120", "x", MARK, Watched().work)
            assert "120" in server.states()
        assert server.engine.occupied("120") == MARK
        assert server.states() == {"120": "ONLINE MULTI_USER"}

    def test_a_refused_rename_opens_it_again(self, server: Served, bak: str) -> None:
        placed(server, bak)
        server.server.faults.fail(1105, text="MODIFY NAME")
        with pytest.raises(NoSpace):
            server.engine.set_aside("120", "x", MARK, Watched().work)
        assert server.states() == {"120": "ONLINE MULTI_USER"}

    def test_a_name_taken_in_between_is_left_to_who_took_it(self, server: Served, bak: str) -> None:
        copy = server.engine.draft("O-0001")
        server.engine.bring_in(bak, copy, Watched().work)
        hold = server.server.faults.hold(text="MODIFY NAME")
        found: list[BaseException] = []

        def put() -> None:
            try:
                server.engine.put(copy, "120", Watched().work)
            except WisselError as problem:
                found.append(problem)

        thread = threading.Thread(target=put)
        thread.start()
        hold.wait()
        server.stranger("120")
        hold.release()
        thread.join(20)
        assert [str(getattr(each, "key", "")) for each in found] == ["number-taken"]
        assert server.states() == {"120": "ONLINE MULTI_USER", copy: "ONLINE MULTI_USER"}

    def test_whoever_gets_its_number_meanwhile_is_left_alone(self, server: Served, bak: str) -> None:
        """Somebody drops the database; the server gives its number to the next one."""
        placed(server, bak)
        hold = server.server.faults.hold(text="SET SINGLE_USER")
        found: list[str] = []

        def aside() -> None:
            try:
                server.engine.set_aside("120", "x", MARK, Watched().work)
            except WisselError as problem:
                found.append(problem.key)

        thread = threading.Thread(target=aside)
        thread.start()
        hold.wait()
        number = server.instance.database("120").number
        server.instance.remove(server.instance.database("120"), files=True)
        server.stranger("777")
        server.instance.database("777").access = "SINGLE_USER"
        assert server.instance.database("777").number == number
        hold.release()
        thread.join(20)
        assert len(found) == 1
        assert server.states() == {"777": "ONLINE SINGLE_USER"}


class TestOccupied:
    @pytest.mark.parametrize("state", ["RESTORING", "OFFLINE", "SUSPECT", "RECOVERING"])
    def test_what_cannot_be_read_is_foreign(self, server: Served, state: str) -> None:
        server.stranger("120")
        server.instance.database("120").state = state
        assert server.engine.occupied("120") == FOREIGN

    def test_a_name_that_only_compares_equal_is_foreign(self, server: Served) -> None:
        server.stranger("120 ")
        assert server.engine.occupied("120") == FOREIGN

    def test_a_line_that_is_down_is_no_answer(self, server: Served, bak: str) -> None:
        placed(server, bak)
        server.server.faults.drop(text=own.mark.name)
        with pytest.raises(Unreadable):
            server.engine.occupied("120")
        assert server.engine.occupied("120") == MARK


class TestBringIn:
    def test_half_of_one_is_thrown_away_first(self, server: Served, bak: str) -> None:
        copy = server.engine.draft("O-0001")
        server.stranger(f"{copy}-part")
        server.instance.database(f"{copy}-part").state = "RESTORING"
        (server.exchange / f"{copy}-1.bak.part").write_bytes(b"half")
        (server.exchange / "somebody.bak").write_bytes(b"his")
        server.engine.bring_in(bak, copy, Watched().work)
        assert server.states() == {copy: "ONLINE MULTI_USER"}
        assert [each.name for each in server.exchange.iterdir()] == ["somebody.bak"]

    def test_a_working_copy_that_is_not_whole_is_made_anew(self, server: Served, bak: str) -> None:
        copy = server.engine.draft("O-0001")
        server.stranger(copy)
        server.instance.database(copy).state = "RESTORING"
        assert not server.engine.exists(copy)
        server.engine.bring_in(bak, copy, Watched().work)
        assert server.states() == {copy: "ONLINE MULTI_USER"}

    def test_cancelled_while_the_server_restores(self, server: Served, bak: str) -> None:
        copy, watched = server.engine.draft("O-0001"), Watched()
        hold = server.server.faults.hold(text="RESTORE DATABASE", after=2)

        def check() -> None:
            if hold.reached.is_set():
                raise Cancelled("cancelled")

        with pytest.raises(Cancelled):
            server.engine.bring_in(bak, copy, replace(watched.work, check=check))
        assert (server.states(), list(server.exchange.iterdir())) == ({}, [])
        server.engine.bring_in(bak, copy, Watched().work)
        assert server.states() == {copy: "ONLINE MULTI_USER"}

    def test_every_file_gets_a_place_of_its_own(self, server: Served, bak: str) -> None:
        copies = [server.engine.draft(f"O-000{number}") for number in (1, 2)]
        for copy in copies:
            server.engine.bring_in(bak, copy, Watched().work)
        places = [file.physical for copy in copies for file in server.instance.database(copy).files]
        assert len(set(places)) == len(places) == 4
        assert all(place.startswith(server.instance.disk.data) for place in places)

    def test_folders_of_the_settings_are_taken(self, server: Served, bak: str) -> None:
        disk = server.instance.disk
        data, log = disk.join("D:\\", "data"), disk.join("E:\\", "log")
        for each in (data, log):
            disk.here(each).mkdir(parents=True)
        copy = server.engine.draft("O-0001")
        server.another(data_path=data, log_path=log + "\\").bring_in(bak, copy, Watched().work)
        found = {file.kind: file.physical for file in server.instance.database(copy).files}
        assert found["D"].startswith(data + "\\wissel-O-0001-draft-")
        assert found["L"].startswith(log + "\\wissel-O-0001-draft-")

    def test_what_reaches_out_of_it_is_switched_off(self, server: Served, bak: str) -> None:
        def trap(database: Held) -> None:
            database.options.update(TRUSTWORTHY=True, DB_CHAINING=True, BROKER=True)

        server.instance.after_restore = trap
        copy, watched = server.engine.draft("O-0001"), Watched()
        server.engine.bring_in(bak, copy, watched.work)
        options = server.instance.database(copy).options
        assert not any(options.get(each) for each in ("TRUSTWORTHY", "DB_CHAINING", "BROKER"))
        told = " ".join(watched.said("note"))
        assert all(each in told for each in ("TRUSTWORTHY", "DB_CHAINING", "ENABLE_BROKER"))

    def test_the_server_reads_another_file_than_we_do(self, server: Served, bak: str, tmp_path: Path) -> None:
        """Both names of the exchange folder exist, and are not of one folder."""
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        copy = server.engine.draft("O-0001")
        other = globe(company("121"), database=Database(name="121"))
        write_backup(server.exchange / f"{copy}-1.bak", other)
        with refused("media-differs", BadFormat):
            server.another(exchange_here=str(elsewhere)).bring_in(bak, copy, Watched().work)
        assert server.states() == {}

    def test_a_newer_release_is_refused_before_anything_is_restored(self, server: Served, tmp_path: Path) -> None:
        package(tmp_path / "new.bak", version=904)
        copy, watched = server.engine.draft("O-0001"), Watched()
        with refused("server-newer"):
            server.engine.bring_in(str(tmp_path / "new.bak"), copy, watched.work)
        assert not [each for each in watched.said("sql") if each.startswith(("RESTORE DATABASE", "RESTORE VERIFYONLY"))]
        assert (server.states(), list(server.exchange.iterdir())) == ({}, [])

    def test_a_database_that_is_not_in_order_is_refused(self, server: Served, bak: str) -> None:
        def spoil(database: Held) -> None:
            database.damaged = 1, 200

        server.instance.after_restore = spoil
        copy = server.engine.draft("O-0001")
        with refused("administration-damaged", BadFormat):
            server.engine.bring_in(bak, copy, Watched().work)
        assert server.states() == {}
        server.another(check_database="none").bring_in(bak, copy, Watched().work)
        assert server.states() == {copy: "ONLINE MULTI_USER"}

    def test_too_little_room_at_the_server(self, server: Served, bak: str) -> None:
        server.instance.disk.free = 4096
        with refused("engine-full", NoSpace):
            server.engine.bring_in(bak, server.engine.draft("O-0001"), Watched().work)
        assert server.states() == {}

    def test_without_an_exchange_folder_nothing_is_done(self, server: Served, bak: str) -> None:
        with refused("exchange-none"):
            server.another(exchange_here=None).bring_in(bak, server.engine.draft("O-0001"), Watched().work)

    def test_a_cabinet(self, server: Served, bak: str, tmp_path: Path) -> None:
        ebu = tmp_path / "in.ebu"
        ebu.write_bytes(packed([("120.bak", Path(bak).read_bytes())], "mszip"))
        copy = server.engine.draft("O-0001")
        server.engine.bring_in(str(ebu), copy, Watched().work)
        assert len(server.instance.rows(copy, "gbkmut")) == 9
        out = tmp_path / "out.ebu"
        server.engine.pack(copy, str(out), MANIFEST, Watched().work, like=str(ebu))
        with open_backup(str(out)) as database:
            table = database.table("gbkmut")
            assert table is not None
            assert database.count(table) == 9


class TestDataFiles:
    @pytest.fixture
    def ebu(self, tmp_path: Path) -> str:
        made = write_database(tmp_path / "120.mdf", globe(company("120"), database=Database(name="120")))
        path = tmp_path / "files.ebu"
        path.write_bytes(packed([("120.mdf", made[0].read_bytes())], "mszip"))
        return str(path)

    def test_they_are_attached_and_laid_down_anew(self, server: Served, ebu: str) -> None:
        copy = server.engine.draft("O-0001")
        for _ in range(2):
            server.engine.bring_in(ebu, copy, Watched().work)
            assert server.states() == {copy: "ONLINE MULTI_USER"}
            assert list(server.exchange.iterdir()) == []
        assert len(server.instance.rows(copy, "gbkmut")) == 9

    def test_not_shut_down_cleanly_and_without_a_log(self, server: Served, ebu: str) -> None:
        copy = server.engine.draft("O-0001")
        server.instance.unclean.add(server.instance.disk.join(r"C:\Uitwisseling", f"{copy}-1.mdf"))
        with pytest.raises(WisselError):
            server.engine.bring_in(ebu, copy, Watched().work)
        assert (server.states(), list(server.exchange.iterdir())) == ({}, [])

    def test_they_go_back_as_data_files(self, server: Served, ebu: str, tmp_path: Path) -> None:
        copy, out = server.engine.draft("O-0001"), tmp_path / "out.ebu"
        server.engine.bring_in(ebu, copy, Watched().work)
        made = {server.engine.pack(copy, str(out), MANIFEST, Watched().work, like=ebu) for _ in range(2)}
        assert len(made) == 1
        assert server.states() == {copy: "ONLINE MULTI_USER"}
        assert list(server.exchange.iterdir()) == []
        with open_backup(str(out)) as database:
            table = database.table("gbkmut")
            assert table is not None
            assert database.count(table) == 9


class TestDiscard:
    def test_others_in_it_are_shown_out(self, server: Served, bak: str) -> None:
        copy = server.engine.draft("O-0001")
        server.engine.bring_in(bak, copy, Watched().work)
        with server.visitor(copy):
            server.engine.discard(copy, Watched().work)
        assert server.states() == {}

    def test_nobody_elses_is_ever_dropped(self, server: Served, bak: str) -> None:
        names = [
            "120",
            "wissel",
            "wissel-aside-x",
            "wissel-O-0002-draft",
            "wissel-O-0001-draft-parts",
            "WISSEL-O-0001-PROOF",
        ]
        for name in names:
            server.stranger(name)
        for each in ("draft", "proof"):
            server.engine.discard(server.engine.draft("O-0001", each), Watched().work)
        assert set(server.states()) == set(names)

    def test_its_files_go_with_it(self, server: Served, bak: str) -> None:
        copy = server.engine.draft("O-0001")
        server.engine.bring_in(bak, copy, Watched().work)
        server.engine.discard(copy, Watched().work)
        data = server.instance.disk.here(server.instance.disk.data)
        assert [each.name for each in data.iterdir() if each.name.startswith("wissel")] == []


class TestOpen:
    def test_the_commits_line_drops_and_the_administration_itself_says_what_happened(
        self, server: Served, bak: str
    ) -> None:
        placed(server, bak)
        for late in (False, True):
            server.server.faults.drop(text=r"^COMMIT", late=late)
            with pytest.raises(Unreadable), server.engine.open("120", write=True) as connection:
                own.note_done(connection, "O-0002", "book")
            server.server.faults.clear()
            server.server.quiet()
            with server.engine.open("120") as connection:
                assert own.did(connection, "O-0002", "book") is late

    def test_it_is_stopped_between_two_statements(self, server: Served, bak: str) -> None:
        placed(server, bak)

        def twice() -> None:
            with server.engine.open("120", Watched(stop_at=2).work, write=True) as connection:
                own.note_done(connection, "O-0002", "book")
                own.note_done(connection, "O-0003", "book")

        with pytest.raises(Cancelled):
            twice()
        with server.engine.open("120") as connection:
            assert not own.did(connection, "O-0002", "book")


def test_a_linux_server(tmp_path: Path) -> None:
    package(tmp_path / "in.bak")
    with served(tmp_path, needed("freetds"), shape="linux") as server:
        placed(server, str(tmp_path / "in.bak"))
        assert all(file.physical.startswith("/var/opt/mssql/data/") for file in server.instance.database("120").files)
        server.engine.duplicate("120", server.engine.draft("O-0002", "return"), Watched().work)


def test_others_at_the_target_are_seen(server: Served) -> None:
    server.stranger("200")
    before = server.engine.databases()
    server.instance.remove(server.instance.database("200"), files=True)
    server.stranger("200")
    assert before.keys() == server.engine.databases().keys() == {"200"}
