"""The engine of the test SQL Server: tables, what it fills in, how it compares, and what it refuses by number."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from factory.talking import Talk, talk
from fakes.sqlserver.instance import Instance
from fakes.sqlserver.seam import ServerError

TABLE = """CREATE TABLE [dbo].[boek] (
    ID int IDENTITY(1,1) NOT NULL, code char(6) NULL, naam nvarchar(10) NOT NULL DEFAULT N'leeg',
    bedrag float DEFAULT ((0)),
    saldo decimal(16,2) NULL, gemaakt datetime NOT NULL DEFAULT (getdate()), guid uniqueidentifier DEFAULT (newid()),
    memo text NULL, klein tinyint NULL, timestamp rowversion, CONSTRAINT [pk_boek] PRIMARY KEY CLUSTERED ([ID] ASC))"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Instance]:
    with Instance(folder=tmp_path) as made:
        made.add(made.new("120"))
        yield made


@pytest.fixture
def sql(server: Instance) -> Talk:
    made = talk(server, database="120")
    made(TABLE)
    return made


class TestWhatTheServerFillsIn:
    def test_identity_defaults_and_row_version(self, sql: Talk) -> None:
        assert sql.count("INSERT INTO boek (code) VALUES (@P1)", "a") == 1
        row = sql("SELECT ID, code, naam, bedrag, saldo, timestamp FROM boek")[0]
        assert row == (1, "a     ", "leeg", 0.0, None, (1).to_bytes(8, "big"))
        assert sql.one("SELECT guid FROM boek") is not None
        assert sql.one("INSERT INTO boek (code) VALUES (@P1); select scope_identity()", "b") == 2

    def test_a_change_gives_a_new_row_version(self, sql: Talk) -> None:
        sql("INSERT INTO boek (code) VALUES ('a'), ('b')")
        sql("UPDATE boek SET code = 'c' WHERE code = 'a'")
        assert [row[0] for row in sql("SELECT timestamp FROM boek ORDER BY ID")] == [bytes(7) + b"\3", bytes(7) + b"\2"]

    @pytest.mark.parametrize(
        ("statement", "number"),
        [
            ("INSERT INTO boek (ID, code) VALUES (7, 'x')", 544),
            ("INSERT INTO boek (timestamp) VALUES (0x01)", 273),
            ("UPDATE boek SET timestamp = 0x01", 272),
            ("UPDATE boek SET ID = 3", 8102),
            ("INSERT INTO boek (naam) VALUES (NULL)", 515),
            ("INSERT INTO boek (naam) VALUES (N'elf letters')", 8152),
            ("INSERT INTO boek (klein) VALUES (256)", 220),
            ("INSERT INTO boek (klein) VALUES ('x')", 245),
            ("INSERT INTO boek (code, code) VALUES ('x', 'y')", 264),
            ("INSERT INTO boek (code) VALUES ('x', 'y')", 110),
            ("SELECT weg FROM boek", 207),
            ("SELECT x.ID FROM boek", 4104),
            ("SELECT ID FROM weg", 208),
            ("SELECT a.ID FROM boek a JOIN boek b ON a.ID = b.ID WHERE ID = 1", 209),
            ("SELECT ID FROM boek WHERE memo = 'x'", 402),
            ("SELECT DISTINCT memo FROM boek", 421),
            ("SELECT ID FROM boek ORDER BY memo", 306),
            ("SELECT rtrim(memo) FROM boek", 8116),
            ("SELECT naam, count(*) FROM boek GROUP BY code", 8120),
            ("SELECT left(naam, @P1) FROM boek GROUP BY left(naam, @P2)", 8120),
            ("SELECT count(*) FROM boek WHERE sum(bedrag) > 1", 147),
            ("SELECT DISTINCT naam FROM boek ORDER BY code", 145),
            ("SELECT ID FROM (SELECT ID FROM boek ORDER BY ID) AS q", 1033),
            ("SELECT n FROM (SELECT count(*) FROM boek) AS q", 8155),
            ("SELECT ID FROM boek WHERE naam", 4145),
            ("SELECT ID FROM boek WHERE ID = @P3", 137),
            ("SELECT ID / 0 FROM boek", 8134),
            ("SELECT zomaar(ID) FROM boek", 195),
            ("SET IDENTITY_INSERT weg ON", 208),
            ("CREATE TABLE boek (x int)", 2714),
            ("DROP TABLE weg", 3701),
            ("MERGE INTO boek USING boek AS b ON 1 = 1 WHEN MATCHED THEN DELETE", 102),
            ("UPDATE b SET code = 'x' FROM boek b", 102),
            ("DELETE FROM boek OUTPUT deleted.ID", 102),
            ("TRUNCATE TABLE boek", 102),
            ("EXEC xp_cmdshell N'dir'", 2812),
        ],
    )
    def test_refused_by_number(self, sql: Talk, statement: str, number: int) -> None:
        sql("INSERT INTO boek (code) VALUES ('a')")
        assert sql.refused(statement, 1, 1) == [number]

    def test_identity_insert(self, sql: Talk) -> None:
        sql("SET IDENTITY_INSERT [boek] ON")
        assert sql.refused("INSERT INTO boek (code) VALUES ('a')") == [545]
        sql("INSERT INTO boek (ID, code) VALUES (40, 'a')")
        assert sql.refused("INSERT INTO boek (ID, code) VALUES (40, 'a')") == [2627]
        sql("SET IDENTITY_INSERT [boek] OFF")
        sql("INSERT INTO boek (code) VALUES ('b')")
        assert sql("SELECT ID FROM boek ORDER BY ID") == [(40,), (41,)]

    def test_from_2019_on_it_says_which_column_is_too_small(self, tmp_path: Path) -> None:
        with Instance("2019", folder=tmp_path) as made:
            made.add(made.new("120"))
            sql = talk(made, database="120")
            sql(TABLE)
            with pytest.raises(ServerError, match=r"table '120\.dbo\.boek', column 'code'") as caught:
                sql("INSERT INTO boek (code) VALUES (@P1)", "te lang hiervoor")
        assert caught.value.number == 2628


class TestHowItCompares:
    def test_case_and_trailing_blanks_do_not_count_leading_ones_do(self, sql: Talk) -> None:
        sql("INSERT INTO boek (code, naam) VALUES ('Ab', N'Één')")
        assert sql.one("SELECT count(*) FROM boek WHERE code = @P1", "AB   ") == 1
        assert sql.one("SELECT count(*) FROM boek WHERE naam = @P1", "ÉÉN") == 1
        assert sql.one("SELECT count(*) FROM boek WHERE naam = @P1", "Een") == 0
        assert sql.one("SELECT count(*) FROM boek WHERE code = @P1", " ab") == 0
        assert sql.one("SELECT count(*) FROM boek WHERE code IN (@P1, @P2)", "x", "aB") == 1
        assert sql.one("SELECT count(*) FROM boek WHERE naam LIKE N'éé%'") == 1

    def test_a_datetime_is_kept_in_thirds_and_met_exactly(self, sql: Talk) -> None:
        when = datetime.fromisoformat("2024-01-02T03:04:05.123")
        sql("INSERT INTO boek (gemaakt) VALUES (@P1)", when)
        assert sql.one("SELECT gemaakt FROM boek") == "2024-01-02 03:04:05.123"
        # From 2016 on a datetime2 beside it is not rounded: .123 is .1233333 there.
        assert sql.one("SELECT count(*) FROM boek WHERE gemaakt = @P1", when) == 0

    def test_decimals_are_exact_and_sorted_as_numbers(self, sql: Talk) -> None:
        for each in ("10.10", "9.20", "-1.005"):
            sql("INSERT INTO boek (saldo) VALUES (@P1)", Decimal(each))
        assert [row[0] for row in sql("SELECT saldo FROM boek ORDER BY saldo")] == ["-1.01", "9.20", "10.10"]
        assert sql.one("SELECT sum(saldo) FROM boek") == "18.29"
        assert sql.one("SELECT count(*) FROM boek WHERE saldo > 9.5") == 1

    def test_texts_are_added_numbers_too(self, sql: Talk) -> None:
        assert sql("SELECT N'a' + 'b', 1 + 2, 7 / 2, 7 / 2.0, round(2.5, 0), upper(rtrim(12))") == [
            ("ab", 3, 3, "3.500000", "3.0", "12")
        ]

    def test_types_of_results(self, sql: Talk) -> None:
        text = "SELECT ID, code, count(*), sum(bedrag), max(gemaakt), SERVERPROPERTY('Edition') FROM boek "
        text += "GROUP BY ID, code"
        assert sql.types(text) == ["int", "char(6)", "int", "float", "datetime", "sql_variant"]


class TestTransactions:
    def test_rolled_back_rows_and_tables_are_gone(self, sql: Talk) -> None:
        sql.session.begin()
        sql("INSERT INTO boek (code) VALUES ('a')")
        sql("CREATE TABLE wissel_mark (x VARCHAR(20) NOT NULL, PRIMARY KEY (x))")
        sql.session.rollback()
        assert sql.one("SELECT count(*) FROM boek") == 0
        assert sql.refused("SELECT x FROM wissel_mark") == [208]
        with pytest.raises(ServerError) as caught:
            sql.session.commit()
        assert caught.value.number == 3902

    def test_with_xact_abort_an_error_undoes_all_of_it(self, sql: Talk) -> None:
        for mode in ("OFF", "ON"):
            sql(f"SET XACT_ABORT {mode}")
            sql.session.begin()
            sql("DELETE FROM boek")
            sql("INSERT INTO boek (code) VALUES ('a')")
            assert sql.refused("INSERT INTO boek (naam) VALUES (NULL)") == [515]
            assert sql.session.in_transaction is (mode == "OFF")
            if mode == "OFF":
                sql.session.commit()
            # What the first round left is there again.
            assert sql.one("SELECT count(*) FROM boek") == 1

    def test_who_waits_for_a_lock_gets_1222(self, server: Instance, sql: Talk) -> None:
        other = talk(server, database="120")
        sql.session.begin()
        sql("INSERT INTO boek (code) VALUES ('a')")
        other("SET LOCK_TIMEOUT 10")
        assert other.refused("UPDATE boek SET code = 'b'") == [1222]
        sql.session.commit()
        assert other.count("UPDATE boek SET code = 'b'") == 1

    def test_a_lock_is_waited_for_until_the_client_gives_up(self, server: Instance, sql: Talk) -> None:
        other = talk(server, database="120")
        sql.session.begin()
        sql("INSERT INTO boek (code) VALUES ('a')")
        timer = threading.Timer(0.02, other.cancelled.set)
        timer.start()
        assert other.refused("UPDATE boek SET code = 'b'") == [1222]
        timer.join()

    def test_the_texts_of_drivers(self, sql: Talk) -> None:
        sql("IF @@TRANCOUNT = 0 BEGIN TRANSACTION")
        assert sql.one("SELECT @@TRANCOUNT") == 1
        sql("IF @@TRANCOUNT > 0 COMMIT TRAN")
        assert sql.refused("COMMIT") == [3902]
