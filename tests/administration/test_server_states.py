"""The engine of the test SQL Server: back-ups in and out, states, who is in the way, paths, rights, releases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from factory.talking import BAK, MOVES, Talk, put_backup, restore, talk
from fakes.sqlserver.instance import Instance, Login
from fakes.sqlserver.schema import Module, User
from fakes.sqlserver.seam import Info, ServerError

from core.formats.backup import inspect
from core.formats.inside.opening import open_backup


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Instance]:
    with Instance(folder=tmp_path) as made:
        put_backup(made)
        yield made


@pytest.fixture
def sql(server: Instance) -> Talk:
    return talk(server)


class TestMedia:
    def test_header_label_and_files_are_those_of_the_file(self, sql: Talk) -> None:
        types = sql.types(f"RESTORE HEADERONLY FROM DISK = N'{BAK}'")
        (row,) = sql(f"RESTORE HEADERONLY FROM DISK = N'{BAK}'")
        assert (len(types), row[9], row[10], row[38]) == (56, "150", 852, 1)
        assert sql(f"RESTORE LABELONLY FROM DISK = N'{BAK}'")[0][2] == 1
        assert [each[:3] for each in sql(f"RESTORE FILELISTONLY FROM DISK = N'{BAK}' WITH FILE = 1")] == [
            ("150", r"C:\Data\150.mdf", "D"), ("150_log", r"C:\Exact\150_log.ldf", "L"),
        ]  # fmt: skip
        assert sql.said(f"RESTORE VERIFYONLY FROM DISK = N'{BAK}' WITH CHECKSUM, STATS = 50") == [3211, 3211, 3262]

    @pytest.mark.parametrize(
        ("release", "columns"), [("2005", 51), ("2008", 52), ("2012", 53), ("2014", 56), ("2022", 59)]
    )
    def test_each_release_has_its_own_columns(self, tmp_path: Path, release: str, columns: int) -> None:
        with Instance(release, folder=tmp_path) as made:
            put_backup(made)
            assert len(talk(made).types(f"RESTORE HEADERONLY FROM DISK = N'{BAK}'")) == columns

    def test_what_cannot_be_opened_or_read(self, server: Instance, sql: Talk) -> None:
        verify = "RESTORE VERIFYONLY FROM DISK = N'{}'".format
        missing, noise = r"C:\SQL\backup\weg.bak", r"C:\SQL\backup\tekst.bak"
        server.disk.here(noise).write_bytes(b"geen back-up" * 1000)
        assert sql.refused(verify(missing)) == [3201, 3013]
        assert sql.refused(verify(noise)) == [3241, 3013]
        assert sql.refused(verify(r"Z:\weg\x.bak")) == [3201, 3013]
        server.disk.denied.add(r"C:\SQL\backup")
        assert sql.refused(verify(BAK)) == [3201, 3013]
        server.disk.denied.clear()
        assert sql.refused(f"RESTORE HEADERONLY FROM DISK = N'{BAK}' WITH FILE = 2") == [4038, 3013]
        put_backup(server, checksums=False)
        assert sql.refused(f"RESTORE VERIFYONLY FROM DISK = N'{BAK}' WITH CHECKSUM") == [3187, 3013]
        sql.session.begin()
        assert sql.refused(verify(BAK)) == [3021, 3013]

    def test_stripes_have_to_be_complete(self, server: Instance, sql: Talk) -> None:
        put_backup(server, r"C:\SQL\backup\s.bak", stripes=2)
        one, two = (rf"DISK = N'C:\SQL\backup\s_{number}.bak'" for number in (1, 2))
        assert sql.refused(f"RESTORE VERIFYONLY FROM {one}") == [3132, 3013]
        assert sql.refused(f"RESTORE DATABASE [120] FROM {one}, {two} WITH {MOVES.format('120')}") == []
        assert len(server.rows("120", "gbkmut")) == 9


class TestRestore:
    def test_rows_types_keys_and_defaults_come_along(self, server: Instance, sql: Talk) -> None:
        assert sql.said(restore("120", "CHECKSUM", "STATS = 25")) == [3211, 3211, 3211, 3211, 4035, 4035, 3014]
        assert server.states() == {"120": "ONLINE"}
        sql("USE [120]")
        assert sql("SELECT TOP 1 ID, reknr, bdr_hfl FROM gbkmut ORDER BY ID") == [(1, "     4000", 100.0)]
        sql("INSERT INTO humres (res_id, usr_id) VALUES (@P1, @P2)", 3, "KANTOOR\\a")
        assert sql("SELECT ID, emp_stat FROM humres WHERE res_id = 3")[0][0] == 3
        assert server.disk.here(r"C:\SQL\data\120.mdf").is_file()

    @pytest.mark.parametrize(("release", "errors"), [("2014", [3169, 3013]), ("2016", []), ("2022", [])])
    def test_a_newer_back_up_is_refused(self, tmp_path: Path, release: str, errors: list[int]) -> None:
        with Instance(release, folder=tmp_path) as made:
            put_backup(made)
            assert talk(made).refused(restore("120")) == errors
            assert (made.find("120") is None) is bool(errors)

    def test_an_existing_database_is_never_replaced_by_accident(self, server: Instance, sql: Talk) -> None:
        sql("CREATE DATABASE [120]")
        assert sql.refused(restore("120")) == [3154, 3013]
        sql("DROP DATABASE [120]")
        sql(restore("120"))
        server.database("120").recovery = "FULL"
        assert sql.refused(restore("120")) == [3159, 3013]
        guest = talk(server, database="120")
        assert sql.refused(restore("120")) == [3101, 3013]
        assert guest.refused(restore("120")) == [3102, 3013]

    def test_places_must_be_there_and_free(self, server: Instance, sql: Talk) -> None:
        bare = f"RESTORE DATABASE [121] FROM DISK = N'{BAK}'"
        sql(restore("120"))
        assert sql.refused(bare) == [5133, 3156, 3119, 3013]
        assert sql.refused(f"{bare} WITH {MOVES.format('120')}") == [1834, 3156, 3119, 3013]
        assert sql.refused(restore("121", r"MOVE N'weg' TO N'C:\SQL\data\x.mdf'")) == [3234, 3013]
        server.disk.here(r"C:\SQL\data\121.mdf").write_bytes(b"van iemand")
        assert sql.refused(restore("121")) == [5170, 3156, 3119, 3013]
        server.disk.free = 1000
        assert sql.refused(restore("122")) == [3257, 3119, 3013]

    def test_express_has_its_limit(self, tmp_path: Path) -> None:
        with Instance(edition="Express", folder=tmp_path, limit_mb=0) as made:
            put_backup(made)
            sql = talk(made)
            assert sql.refused(restore("120")) == [1827, 3013]
            sql("CREATE DATABASE [120]")
            assert sql.refused(r"BACKUP DATABASE [120] TO DISK = N'x.bak' WITH COMPRESSION") == [1844, 3013]

    def test_who_does_not_wait_for_the_end_leaves_it_restoring(self, server: Instance, sql: Talk) -> None:
        events = sql.session.run(restore("120", "STATS = 10"), (), threading.Event())
        first = next(events)
        assert isinstance(first, Info)
        assert first.live
        events.close()  # type: ignore[attr-defined]
        assert server.states() == {"120": "RESTORING"}
        assert sql.refused("USE [120]") == [927]
        sql(restore("120"))
        assert server.states() == {"120": "ONLINE"}

    def test_progress_is_seen_from_another_session(self, server: Instance, sql: Talk) -> None:
        other = talk(server)
        events = sql.session.run(restore("120", "STATS = 25"), (), threading.Event())
        next(events)
        ask = "SELECT percent_complete FROM sys.dm_exec_requests WHERE session_id = @P1"
        assert other.one(ask, sql.session.number) == 25.0
        assert [each for each in events if isinstance(each, Info)]

    def test_a_damaged_page_stops_it(self, server: Instance, sql: Talk) -> None:
        real = server.disk.here(BAK)
        data = bytearray(real.read_bytes())
        data[data.index(b"Inkoop 2")] ^= 1
        real.write_bytes(data)
        found = sql.refused(restore("120"))
        assert found in ([3183, 3013], [3189, 3013])
        assert server.states() == {"120": "RESTORING"}

    def test_traps_can_be_put_into_what_is_restored(self, server: Instance, sql: Talk) -> None:
        def trap(database: object) -> None:
            made = server.database("120")
            made.options["TRUSTWORTHY"] = True
            made.schema.users.append(User("vreemde", b"x" * 16))
            made.schema.modules.append(Module("val", "TR", "create trigger val ...", "gbkmut"))

        server.after_restore = trap
        sql(restore("120"))
        assert sql.one("SELECT is_trustworthy_on FROM sys.databases WHERE name = N'120'") == 1
        sql("USE [120]")
        orphans = (
            "SELECT u.name FROM sys.database_principals AS u LEFT JOIN sys.server_principals AS l ON l.sid = u.sid "
            "WHERE u.type IN ('S', 'U') AND u.principal_id > 4 AND l.sid IS NULL"
        )
        assert sql(orphans) == [("vreemde",)]
        assert sql("SELECT name FROM sys.triggers WHERE parent_class = 1") == [("val",)]


class TestBackup:
    def test_out_and_in_again_nothing_is_lost(self, server: Instance, sql: Talk) -> None:
        sql(restore("120"))
        sql("USE [120]")
        sql("CREATE TABLE wissel_x (a NVARCHAR(max) NULL, b VARCHAR(9) NOT NULL DEFAULT 'q', c VARBINARY(max) NULL, "
            "d MONEY NULL, e DATETIME2(3) NULL, f BIT NULL, PRIMARY KEY (b))")  # fmt: skip
        sql(
            "INSERT INTO wissel_x (a, c, d, e, f) VALUES (@P1, @P2, 1.25, '2024-02-03 04:05:06.789', 1)",
            "é\N{PILE OF POO}" * 9000,
            b"\0\1",
        )
        sql("USE [master]")
        said = sql.said(r"BACKUP DATABASE [120] TO DISK = N'uit.bak' WITH COPY_ONLY, CHECKSUM, INIT, STATS = 50")
        assert said == [3211, 3211, 4035, 4035, 3014]
        real = server.disk.here(r"C:\SQL\backup\uit.bak")
        (payload,) = inspect(real).payloads
        assert payload.media is not None
        assert (payload.media.sets[0].server, payload.media.sets[0].internal_version) == ("SQLTEST", 852)
        with open_backup(real) as inside:
            assert inside.table("wissel_x") is not None
            assert not inside.verify().damage
        sql(restore("121", path=r"C:\SQL\backup\uit.bak"))
        assert server.rows("121", "gbkmut") == server.rows("120", "gbkmut")
        assert server.rows("121", "wissel_x") == server.rows("120", "wissel_x")
        sql("USE [121]")
        sql("INSERT INTO wissel_x (b) VALUES ('z')")
        assert sql.refused("INSERT INTO wissel_x (b) VALUES ('Z ')") == [2627]

    def test_an_abandoned_one_leaves_no_file(self, server: Instance, sql: Talk) -> None:
        sql(restore("120"))
        events = sql.session.run(
            r"BACKUP DATABASE [120] TO DISK = N'uit.bak' WITH INIT, STATS = 10", (), threading.Event()
        )
        next(events)
        events.close()  # type: ignore[attr-defined]
        assert not server.disk.here(r"C:\SQL\backup\uit.bak").exists()

    def test_compressed_and_full_disks(self, server: Instance, sql: Talk) -> None:
        sql(restore("120"))
        sql(r"BACKUP DATABASE [120] TO DISK = N'klein.bak' WITH COMPRESSION, INIT")
        assert inspect(server.disk.here(r"C:\SQL\backup\klein.bak")).kind == "compressed"
        server.disk.free = 10
        assert sql.refused(r"BACKUP DATABASE [120] TO DISK = N'vol.bak' WITH INIT") == [3202, 3013]


class TestDataFiles:
    def test_off_line_dropped_and_attached(self, server: Instance, sql: Talk) -> None:
        sql(restore("120"))
        before = server.rows("120", "gbkmut")
        sql("ALTER DATABASE [120] SET OFFLINE WITH ROLLBACK IMMEDIATE")
        assert (server.states(), sql.refused("USE [120]")) == ({"120": "OFFLINE"}, [942])
        assert inspect(server.disk.here(r"C:\SQL\data\120.mdf")).payloads[0].data_file is not None
        sql("DROP DATABASE [120]")
        files = r"(FILENAME = N'C:\SQL\data\120.mdf'), (FILENAME = N'C:\SQL\data\120.ldf')"
        attach = f"CREATE DATABASE [121] ON {files} FOR ATTACH"
        sql(attach)
        assert server.rows("121", "gbkmut") == before
        assert sql.refused(attach.replace("[121]", "[122]")) == [5120, 1802]
        sql("DROP DATABASE [121]")
        assert not server.disk.here(r"C:\SQL\data\120.mdf").exists()

    def test_without_a_log_only_what_was_shut_down_cleanly(self, server: Instance, sql: Talk) -> None:
        sql(restore("120"))
        sql("EXEC sp_detach_db N'120'")
        server.disk.here(r"C:\SQL\data\120.ldf").unlink()
        server.unclean.add(r"C:\SQL\data\120.mdf")
        attach = r"CREATE DATABASE [120] ON (FILENAME = N'C:\SQL\data\120.mdf') FOR ATTACH_REBUILD_LOG"
        assert sql.refused(attach) == [1813]
        server.unclean.clear()
        sql(attach)
        assert server.states() == {"120": "ONLINE"}

    def test_newer_ones_are_refused(self, tmp_path: Path, server: Instance, sql: Talk) -> None:
        sql(restore("120"))
        sql("EXEC sp_detach_db N'120'")
        with Instance("2012", folder=tmp_path / "old") as old:
            path = r"C:\SQL\data\120.mdf"
            old.disk.here(path).write_bytes(server.disk.here(path).read_bytes())
            assert talk(old).refused(f"CREATE DATABASE [120] ON (FILENAME = N'{path}') FOR ATTACH") == [948, 1813]


class TestStates:
    def test_single_user_throws_everybody_out(self, server: Instance, sql: Talk) -> None:
        sql(restore("120"))
        guest = talk(server, database="120")
        guest.session.begin()
        guest("DELETE FROM gbkmut")
        assert sql.refused("ALTER DATABASE [120] SET SINGLE_USER WITH NO_WAIT") == [5070, 5069]
        assert sql.said("ALTER DATABASE [120] SET SINGLE_USER WITH ROLLBACK IMMEDIATE") == [5060]
        assert guest.refused("SELECT 1") == [596]
        assert (server.states(), len(server.rows("120", "gbkmut"))) == ({"120": "ONLINE SINGLE_USER"}, 9)
        sql("ALTER DATABASE [120] MODIFY NAME = [121]")
        sql("ALTER DATABASE [121] SET MULTI_USER")
        assert server.states() == {"121": "ONLINE"}

    def test_whoever_comes_first_has_the_only_place(self, server: Instance, sql: Talk) -> None:
        sql(restore("120"))
        sql("ALTER DATABASE [120] SET SINGLE_USER WITH ROLLBACK IMMEDIATE")
        thief = talk(server, database="120")
        assert sql.refused("USE [120]") == [924]
        assert sql.refused("ALTER DATABASE [120] SET MULTI_USER") == [5064, 5069]
        with pytest.raises(ServerError) as caught:
            talk(server, database="120")
        assert caught.value.number == 4060
        thief.session.close()
        sql("ALTER DATABASE [120] SET MULTI_USER")

    def test_names_and_readers(self, server: Instance, sql: Talk) -> None:
        sql("CREATE DATABASE [120]")
        sql("CREATE DATABASE [Ander]")
        assert sql.refused("CREATE DATABASE [ander]") == [1801]
        assert sql.refused("ALTER DATABASE [120] MODIFY NAME = [ANDER]") == [1801]
        assert sql.refused("ALTER DATABASE [weg] SET READ_ONLY") == [5011, 5069]
        assert sql.refused("DROP DATABASE [weg]") == [3701]
        assert sql.refused("USE [weg]") == [911]
        sql("ALTER DATABASE [120] SET READ_ONLY")
        inside = talk(server, database="120")
        assert inside.refused("CREATE TABLE x (a int)") == [3906]
        assert sql.refused("DROP DATABASE [120]") == [3702]
        assert sql.refused("ALTER DATABASE [120] MODIFY NAME = [121]") == [5030, 5069]
        sql(f"KILL {inside.session.number}")
        assert inside.refused("SELECT 1") == [596]
        sql("DROP DATABASE [120]")
        sql.session.begin()
        assert sql.refused("DROP DATABASE [Ander]") == [226]

    def test_checkdb(self, server: Instance, sql: Talk) -> None:
        sql("CREATE DATABASE [120]")
        check = "DBCC CHECKDB ([120]) WITH NO_INFOMSGS, ALL_ERRORMSGS, PHYSICAL_ONLY"
        assert sql.refused(check) == []
        server.database("120").damaged = (1, 77)
        assert sql.refused(check) == [8939, 8990]
        assert sql.refused("DBCC CHECKDB ([weg])") == [2520]

    def test_a_server_on_linux(self, tmp_path: Path) -> None:
        with Instance("2019", folder=tmp_path, shape="linux") as made:
            put_backup(made, "/var/opt/mssql/backup/150.bak")
            sql = talk(made)
            asked = "SELECT CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(4000))"
            assert sql.one(asked) == "/var/opt/mssql/data/"
            moves = "MOVE N'150' TO N'/var/opt/mssql/data/120.mdf', MOVE N'150_log' TO N'/var/opt/mssql/data/120.ldf'"
            head = "RESTORE DATABASE [120] FROM DISK = N'/var/opt/mssql/backup/150.{}' WITH "
            assert sql.refused(head.format("BAK") + moves) == [3201, 3013]
            sql(head.format("bak") + moves)
            assert (tmp_path / "disk/root/var/opt/mssql/data/120.mdf").is_file()


class TestRights:
    @pytest.fixture
    def limited(self, tmp_path: Path) -> Iterator[Instance]:
        people = [Login("maker", "m", {"dbcreator"}), Login("gast", "g"), Login("kijker", "k")]
        with Instance(folder=tmp_path, logins=people) as made:
            put_backup(made)
            talk(made)(restore("120"))
            made.database("120").schema.users.append(User("kijker", people[2].sid, roles={"db_datareader"}))
            yield made

    def test_logins(self, limited: Instance) -> None:
        for user, password, database, number in (
            ("sa", "fout", "", 18456),
            ("gast", "g", "120", 4060),
            ("gast", "g", "weg", 4060),
        ):
            with pytest.raises(ServerError) as caught:
                talk(limited, user, password, database)
            assert caught.value.number == number

    def test_a_guest_may_nothing(self, limited: Instance) -> None:
        guest = talk(limited, "gast", "g")
        assert guest.refused("USE [120]") == [916]
        assert guest.refused("CREATE DATABASE [x]") == [262]
        assert guest.refused(f"RESTORE HEADERONLY FROM DISK = N'{BAK}'") == [262, 3013]
        assert guest.refused(restore("121")) == [262, 3013]
        assert guest.refused("ALTER DATABASE [120] SET MULTI_USER") == [5011, 5069]
        assert guest.refused("DROP DATABASE [120]") == [3701]
        assert guest.refused("EXEC sp_detach_db N'120'") == [15247]
        assert guest.refused("SELECT v.available_bytes FROM sys.master_files AS f CROSS APPLY "
                             "sys.dm_os_volume_stats(f.database_id, f.file_id) AS v") == [300]  # fmt: skip
        asked = "SELECT IS_SRVROLEMEMBER('sysadmin'), HAS_PERMS_BY_NAME(NULL, NULL, 'CREATE ANY DATABASE')"
        assert guest(asked) == [(0, 0)]

    def test_a_reader_reads(self, limited: Instance) -> None:
        reader = talk(limited, "kijker", "k", "120")
        assert reader.one("SELECT count(*) FROM gbkmut") == 9
        assert reader.refused("DELETE FROM gbkmut") == [229]
        assert reader.refused("CREATE TABLE x (a int)") == [262]
        assert reader.refused("BACKUP DATABASE [120] TO DISK = N'x.bak' WITH INIT") == [262, 3013]

    def test_a_creator_owns_what_it_restores(self, limited: Instance) -> None:
        maker = talk(limited, "maker", "m")
        maker(restore("121"))
        assert maker.one("SELECT SUSER_SNAME(owner_sid) FROM sys.databases WHERE name = N'121'") == "maker"
        assert maker.refused("ALTER DATABASE [121] SET TRUSTWORTHY OFF") == [15247]
        maker("ALTER DATABASE [121] SET READ_ONLY")
        maker("DROP DATABASE [121]")
