"""Known traps that no other test meets, and whether docs/sql-server-traps.md tells the truth about those that do."""

from __future__ import annotations

import ast
import re
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
import sources
import sqlalchemy as sa
from factory.engines import Watched
from factory.instances import connector
from factory.servers import package, served
from fakes.sqlserver.canned import Canned, Said, table
from fakes.sqlserver.ground import PASSWORD, Driver, needed
from fakes.sqlserver.instance import Instance
from fakes.sqlserver.rights import Login
from fakes.sqlserver.seam import Done, Failed, Info, ServerError
from fakes.sqlserver.server import TestServer

from core.administration.sqlserver import running, statements
from core.administration.sqlserver.connecting import Access, Connector, choose
from core.administration.sqlserver.folders import Folders
from core.errors import Busy, Refused, Unreadable, WisselError

pytest.importorskip("pyodbc", reason="the driver manager: apt install libodbc2", exc_type=ImportError)
DOC = sources.ROOT / "docs" / "sql-server-traps.md"
SPOKEN = [sources.ROOT / "core" / "administration" / "sqlserver" / "statements.py",
          sources.ROOT / "tests" / "administration" / "statements.txt"]  # fmt: skip


def named_in(path: Path) -> set[str]:
    """`test_x` and `TestY::test_x`."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


def test_every_trap_names_tests_that_are_there() -> None:
    rows = re.findall(r"^\| (?!trap|---)(.+?) \| (.+) \|$", DOC.read_text("utf-8"), re.MULTILINE)
    assert len(rows) > 40
    for trap, tests in rows:
        named = re.findall(r"`(test_\w+)(?:::([\w:]+))?`", tests)
        assert named, trap
        for file, test in named:
            paths = [*(sources.ROOT / "tests").rglob(f"{file}.py")]
            assert paths, file
            assert not test or any(test in named_in(path) for path in paths), f"{trap}: {file}::{test}"


class TestDrivers:
    def test_many_rows_at_once_the_fast_way_are_never_sent(self, driver: Driver) -> None:
        """FreeTDS ends the whole process over `fast_executemany`."""
        line = Connector(Access("x", "h", driver=driver.path))
        engine = line.sqlalchemy_engine("120")
        assert getattr(engine.dialect, "fast_executemany", None) is False
        engine.dispose()
        room = sources.ROOT / "core" / "administration" / "sqlserver"
        said = {line.strip() for path in room.glob("*.py") for line in path.read_text("utf-8").splitlines()}
        assert {each.partition(",")[0] for each in said if "fast_executemany" in each} == {"fast_executemany=False"}

    def test_many_rows_one_by_one_arrive(self, tmp_path: Path, driver: Driver) -> None:
        instance = Instance(folder=tmp_path)
        instance.add(instance.new("120"))
        with TestServer(instance) as server:
            engine = connector(server.port, driver).sqlalchemy_engine("120")
            rows = sa.Table("rows", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.Unicode(20)))
            with engine.begin() as connection:
                rows.create(connection)
                connection.execute(rows.insert(), [{"a": number, "b": "é" * (number % 20)} for number in range(50)])
            engine.dispose()
            assert len(instance.rows("120", "rows")) == 50

    def test_the_beta_in_rust_is_not_taken_by_itself(self) -> None:
        """It sends no attention: a cancel would not reach the server."""
        assert choose(None, ["SQL Server ODBC (mssqlodbc)", "mssqlodbc", "FreeTDS"]) == "FreeTDS"

    def test_the_drivers_package_of_the_tests_is_not_the_products(self) -> None:
        """Its licence is for developing and testing."""
        project = tomllib.loads((sources.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        optional = project["optional-dependencies"]
        named = "mssql-python"
        assert not [each for each in project["dependencies"] if each.startswith(named)]
        assert [name for name, each in optional.items() if any(one.startswith(named) for one in each)] == ["test"]


class TestTwoErrors:
    """FreeTDS hands on the most severe of several, not the first: why it failed is lost behind *it failed*."""

    @pytest.mark.parametrize(("number", "severity"), [(262, 14), (927, 14), (3201, 16)])
    def test_which_of_two_is_seen(self, driver: Driver, number: int, severity: int) -> None:
        said: Said = [Failed(ServerError(number, "Why.", severity)), ServerError(3013, "Terminating abnormally.", 16)]
        with TestServer(Canned({statements.SESSION: [Done()], "q": said})) as server:
            with closing(connector(server.port, driver).connect()) as line, pytest.raises(WisselError) as caught:
                running.rows(line, "q")
            lost = severity < 16 and not driver.microsoft
            assert caught.value.params["number"] == (3013 if lost else number)

    @pytest.mark.parametrize(
        ("state", "access", "owner", "kind", "key"),
        [
            ("OFFLINE", "MULTI_USER", True, Refused, "server-database-offline"),
            ("RESTORING", "MULTI_USER", True, Busy, "server-database-restoring"),
            ("SUSPECT", "MULTI_USER", True, Unreadable, "server-database-broken"),
            ("ONLINE", "SINGLE_USER", True, Busy, "server-database-single"),
            ("ONLINE", "MULTI_USER", False, Refused, "server-rights"),
            ("ONLINE", "MULTI_USER", True, Unreadable, "server-broke-off"),
        ],
    )
    def test_then_the_server_is_asked_why(
        self, *, tmp_path: Path, state: str, access: str, owner: bool, kind: type[WisselError], key: str
    ) -> None:
        with served(tmp_path, needed("freetds")) as server:
            login = Login("wissel", PASSWORD, permissions={"CREATE ANY DATABASE"})
            server.instance.logins["wissel"] = login
            found = server.instance.add(server.instance.new("1]20", login if owner else None))
            found.state, found.access = state, access
            server.server.faults.fail(3013, "BACKUP DATABASE is terminating abnormally.", text="^BACKUP")
            with server.another(user="wissel")._instance.line() as line, pytest.raises(kind) as caught:
                line.run(statements.backup("1]20", r"C:\x.bak", compress=False), Watched().work)
            assert caught.value.key == key


class TestStatements:
    def test_nothing_is_replaced_killed_forced_or_detached(self) -> None:
        text = SPOKEN[0].read_text("utf-8")
        for word in ("REPLACE", "KILL", "sp_detach", "CONTINUE_AFTER_ERROR", "xp_cmdshell", "REPAIR_", "sp_configure"):
            assert not re.search(rf"\b{word}", text), word

    def test_plain_statements_alone(self) -> None:
        """No clock of the server, no texts added up in SQL, no UPDATE over a join: engines differ in these."""
        for path in SPOKEN:
            text = path.read_text("utf-8")
            assert not re.search(r"(?i)GETDATE|SYSDATETIME|SYSUTC|CURRENT_TIMESTAMP|OUTPUT INSERTED", text), path
            assert not re.search(r"(?i)UPDATE .* SET [^\n]*\bFROM\b", text), path
            assert not re.search(r"'\s*\+|\+\s*N?'", "\n".join(re.findall(r'"""\n?SELECT.*?"""', text, re.DOTALL))), (
                path
            )

    def test_no_count_does_not_silence_a_restore(self, driver: Driver) -> None:
        """It silences counts of rows; messages are read to their end all the same."""
        said = [Info(3211, f"{step} percent processed.", live=True) for step in (50, 100)]
        answers: dict[str, Said | ServerError] = {
            statements.SESSION: [Done()], "SET NOCOUNT ON": [Done()], "RESTORE": [*said, Done()],
            statements.SESSION_ID: table(("id", "smallint"), rows=[(51,)]),
        }  # fmt: skip
        with TestServer(Canned(answers)) as server, closing(connector(server.port, driver).connect()) as line:
            running.rows(line, "SET NOCOUNT ON")
            watched = Watched()
            answer = running.run(line, "RESTORE", watched.work)
            assert [each.number for each in answer.messages] == [3211, 3211]
            assert watched.progress == [(50, 100), (100, 100)]


class TestPlaces:
    def test_every_kind_of_file_gets_a_place(self) -> None:
        """Several data files, FILESTREAM (a folder) and full text: a MOVE for each."""
        listed = [("D", 1), ("D", 3), ("L", 2), ("L", 5), ("S", 65537), ("F", 4)]
        for data, log, mark in (("E:\\data\\", "L:\\log", "\\"), ("/data/", "/log", "/")):
            place = Folders(data, log, 852)
            found = [place.place("wissel-x", kind, number, "ab12") for kind, number in listed]
            assert len(set(found)) == len(found)
            assert [each.rpartition(".")[2] for each in found[:4]] == ["mdf", "ndf", "ldf", "ldf"]
            assert all(
                each.startswith(log if kind == "L" else data) for (kind, _), each in zip(listed, found, strict=True)
            )
            assert "." not in found[4].rpartition(mark)[2]
            text = statements.restore("x", [f"{data}b.bak"], 1, [("n]'", each) for each in found], checksum=True)
            assert text.count("MOVE ") == len(listed)
            assert text.count("N'n]''' TO N'") == len(listed)

    @pytest.mark.parametrize("release", ["2008R2", "2012", "2022"])
    def test_each_release_is_read_by_column_name_and_says_or_lacks_its_folders(
        self, release: str, tmp_path: Path
    ) -> None:
        """HEADERONLY gains columns; the default folders are said since 2012, before that they are those of master."""
        package(tmp_path / "in.bak", version=655, only=("bedryf",))
        with served(tmp_path, needed("freetds"), release=release) as server:
            copy = server.engine.draft("O-0001")
            server.engine.bring_in(str(tmp_path / "in.bak"), copy, Watched().work)
            places = [each.physical for each in server.instance.database(copy).files]
            assert all(each.startswith(server.instance.disk.data) for each in places)

    def test_names_of_linux_are_case_sensitive(self, tmp_path: Path) -> None:
        package(tmp_path / "in.bak", only=("bedryf",))
        with served(tmp_path, needed("freetds"), shape="linux") as server:
            wrong = server.another(exchange_there="/var/opt/Uitwisseling")
            with pytest.raises(WisselError) as caught:
                wrong.bring_in(str(tmp_path / "in.bak"), wrong.draft("O-0001"), Watched().work)
        assert caught.value.key == "server-file-missing"

    def test_an_edition_that_cannot_compress_is_told_which_setting(self, tmp_path: Path) -> None:
        package(tmp_path / "in.bak", only=("bedryf",))
        with served(tmp_path, needed("freetds"), edition="Express", compress=True) as server:
            copy = server.engine.draft("O-0001")
            server.engine.bring_in(str(tmp_path / "in.bak"), copy, Watched().work)
            with pytest.raises(Refused) as caught:
                server.engine.pack(copy, str(tmp_path / "out.bak"), {}, Watched().work, like=str(tmp_path / "in.bak"))
            assert caught.value.key == "server-compression"
            assert server.states() == {copy: "ONLINE MULTI_USER"}
