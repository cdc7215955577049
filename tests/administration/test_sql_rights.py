"""The rights that docs/sql-server-setup.md asks for are enough, and each of them is needed."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from factory import granting
from factory.cabinet import packed
from factory.engines import Watched, mark_of
from factory.servers import Served, package, served
from factory.sqlserver.globe import company, globe
from factory.sqlserver.model import Database
from factory.sqlserver.write import write_database
from factory.talking import talk
from fakes.sqlserver.databases import File
from fakes.sqlserver.ground import PASSWORD, needed
from fakes.sqlserver.instance import Instance
from fakes.sqlserver.rights import Login
from fakes.sqlserver.seam import Value

from core.administration import globe as tables
from core.administration import identity, own
from core.administration.identity import Firm
from core.administration.sqlserver import statements
from core.administration.sqlserver.connecting import Connector
from core.administration.sqlserver.engine import SqlServerEngine
from core.administration.sqlserver.probe import missing_rights, missing_wishes, probe
from core.errors import NotFound, Refused, WisselError

MARK = mark_of()
FIRM = Firm("Oefenkantoor", "9999001", ("KANTOOR\\jansen",), "Accountant")
TABLES = ("bedryf", "humres", "pwrole", "HRRoles", "gbkmut")
MANIFEST: dict[str, str | int] = {"client": "BAK-001", "administration_number": "120", "product_update": 421}


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A client's back-up, and a client's data files."""
    folder: Path = tmp_path_factory.mktemp("parcels")
    some = {name: rows for name, rows in company("120").items() if name in TABLES}
    made = write_database(folder / "120.mdf", globe(some, only=TABLES, database=Database(name="120")))
    (folder / "in.ebu").write_bytes(packed([("120.mdf", made[0].read_bytes())], "mszip"))
    return {"machine": str(package(folder / "in.bak", only=TABLES)), "data-files": str(folder / "in.ebu")}


def at(server: Served, login: Login) -> SqlServerEngine:
    """The engine of somebody who logs in as this."""
    server.instance.logins[login.name] = login
    return server.another(user=login.name)


def journey(engine: SqlServerEngine, parcel: str, out: Path) -> None:
    """Restore, swap, a way aside and back, return."""
    work = Watched().work
    copy, back = engine.draft("O-0001"), engine.draft("O-0002", "return")
    engine.bring_in(parcel, copy, work)
    with engine.open(copy, work, write=True) as connection:
        own.prepare(connection, MARK)
        record = identity.swap_in(connection, FIRM, operation="O-0001")
    engine.put(copy, "120", work)
    engine.set_aside("120", "x", MARK, work)
    engine.bring_back("x", "120", work)
    assert engine.occupied("120") == MARK
    engine.duplicate("120", back, work)
    with engine.open(back, work, write=True) as connection:
        identity.swap_back(connection, record, operation="O-0002")
        own.leave(connection)
    engine.pack(back, str(out), MANIFEST, work, like=parcel)
    engine.discard(back, work)
    engine.take_back("120", copy, MARK, work)
    engine.discard(copy, work)


@pytest.mark.parametrize(("way", "driver"), [("machine", "freetds"), ("machine", "ms18"), ("data-files", "freetds")])
def test_restore_swap_and_return_need_no_more_than_the_document_asks(
    driver: str, way: str, parcels: dict[str, str], tmp_path: Path
) -> None:
    with served(tmp_path, needed(driver)) as server:
        server.stranger("200")
        engine = at(server, granting.granted(*dict.fromkeys(("machine", way))))
        assert (engine.room() or 0) > 0
        journey(engine, parcels[way], tmp_path / "out")
        assert server.states() == {"200": "ONLINE MULTI_USER"}
        assert list(server.exchange.iterdir()) == []
        assert {heard.text.split()[1] for heard in server.server.log if heard.kind == "login"} == {granting.LOGIN}


@pytest.mark.parametrize(
    ("way", "less", "key"),
    [("machine", "CREATE ANY DATABASE", "server-rights"), ("data-files", "ALTER ANY DATABASE", "server-rights")],
)
def test_with_one_right_less_it_is_refused_by_name_and_hurts_nobody(
    way: str, less: str, key: str, parcels: dict[str, str], tmp_path: Path
) -> None:
    with served(tmp_path, needed("freetds")) as server:
        server.stranger("200")
        engine = at(server, granting.granted(*dict.fromkeys(("machine", way)), less=less))
        with pytest.raises(Refused) as caught:
            journey(engine, parcels[way], tmp_path / "out")
        assert (caught.value.key, caught.value.params["target"]) == (key, "sql16a")
        assert server.states()["200"] == "ONLINE MULTI_USER"
        # A DBA adds the right, and the same step goes on.
        engine = at(server, granting.granted(*dict.fromkeys(("machine", way))))
        for copy in (engine.draft("O-0002", "return"), engine.draft("O-0001")):
            engine.discard(copy, Watched().work)
        assert set(server.states()) <= {"120", "200"}


def test_without_a_look_at_the_server_it_works_and_is_told(parcels: dict[str, str], tmp_path: Path) -> None:
    less = "VIEW SERVER STATE"
    with served(tmp_path, needed("freetds")) as server:
        engine = at(server, granting.granted("machine", less=less))
        assert engine.room() is None
        journey(engine, parcels["machine"], tmp_path / "out")
        found = probe(Connector(engine._access))
        assert (missing_rights(found), missing_wishes(found)) == ((), (less,))
        assert {"volumes", "account"} <= set(found.gaps)


def test_nobody_else_gets_in(tmp_path: Path) -> None:
    with served(tmp_path, needed("freetds")) as server, pytest.raises(Refused) as caught:
        server.another(user=granting.LOGIN).room()
    assert caught.value.key == "server-login"


@pytest.mark.parametrize(("release", "blind"), [("2019", True), ("2022", False)])
def test_from_2022_on_a_smaller_right_shows_room(release: str, blind: bool, tmp_path: Path) -> None:
    login = granting.granted("machine", "2022", less="VIEW SERVER STATE")
    with served(tmp_path, needed("freetds"), release=release) as server:
        engine = at(server, login)
        assert (engine.room() is None) is blind
        found = probe(Connector(engine._access))
        assert missing_wishes(found) == (("VIEW SERVER STATE",) if blind else ())
        login.permissions -= {"VIEW SERVER PERFORMANCE STATE"}
        wished = "VIEW SERVER STATE" if blind else "VIEW SERVER PERFORMANCE STATE"
        assert missing_wishes(probe(Connector(engine._access))) == (wished,)


class TestGuided:
    """Globe's wizard brought it in, under somebody else's account: we look, and that is all."""

    @pytest.fixture
    def server(self, parcels: dict[str, str], tmp_path: Path) -> Iterator[Served]:
        with served(tmp_path, needed("freetds")) as made:
            copy = made.engine.draft("O-0001")
            made.engine.bring_in(parcels["machine"], copy, Watched().work)
            made.engine.put(copy, "120", Watched().work)
            yield made

    def test_everything_can_be_read_and_nothing_changed(
        self, server: Served, parcels: dict[str, str], tmp_path: Path
    ) -> None:
        engine = at(server, granting.granted("guided"))
        assert set(engine.databases()) == {"120"}
        with engine.open("120") as connection:
            assert len(connection.execute(tables.gbkmut.select()).all()) == 9
            assert identity.survey(connection).users
        with pytest.raises(Refused) as caught, engine.open("120", write=True) as connection:
            connection.execute(tables.gbkmut.delete())
        assert caught.value.key == "server-rights"
        with pytest.raises(Refused) as caught:
            engine.bring_in(parcels["machine"], engine.draft("O-0001"), Watched().work)
        assert caught.value.key == "server-rights"
        with pytest.raises(Refused) as caught:
            engine.duplicate("120", engine.draft("O-0002"), Watched().work)
        assert caught.value.key == "server-rights"
        assert set(server.states()) == {"120"}

    @pytest.mark.parametrize(
        ("less", "kind", "key"),
        [("CONNECT ANY DATABASE", NotFound, "server-database-closed"),
         ("SELECT ALL USER SECURABLES", Refused, "server-rights")],
    )  # fmt: skip
    def test_with_one_right_less_it_is_refused_by_name(
        self, server: Served, less: str, kind: type[WisselError], key: str
    ) -> None:
        engine = at(server, granting.granted("guided", less=less))
        with pytest.raises(kind) as caught, engine.open("120") as connection:
            connection.execute(tables.gbkmut.select())
        assert caught.value.key == key


BACK_UP = r"C:\SQL\backup\150.bak"
GIVEN: dict[str, object] = {
    "name": "120", "new": "121", "path": BACK_UP, "paths": [BACK_UP], "position": 1, "checksum": False,
    "compress": False, "rebuild_log": False, "physical": True,
    "moves": [("150", r"C:\SQL\data\new.mdf"), ("150_log", r"C:\SQL\data\new.ldf")],
}  # fmt: skip
ELSE: dict[str, dict[str, object]] = {
    "restore": {"name": "new"}, "attach": {"name": "new", "paths": [r"C:\SQL\data\none.mdf"]},
    "backup": {"path": r"C:\SQL\backup\out.bak"},
}  # fmt: skip
PARAMETERS: dict[str, Value] = {"DATABASE": "120", "DATABASE_BY_ID": 5, "FILES_OF": 5, "PERCENT": 51}
WITH: dict[str, set[str]] = {
    "everybody": set(), "owner": set(), "CREATE ANY DATABASE": {"CREATE ANY DATABASE"},
    "ALTER ANY DATABASE": {"ALTER ANY DATABASE"}, "to enter": {"CONNECT ANY DATABASE"}, "CONTROL SERVER": set(),
    "VIEW SERVER STATE": {"VIEW SERVER STATE", "CREATE ANY DATABASE"},
}  # fmt: skip
WITHOUT: dict[str, set[str]] = {
    "owner": {"CREATE ANY DATABASE", "VIEW SERVER STATE"}, "CREATE ANY DATABASE": {"VIEW SERVER STATE"},
    "ALTER ANY DATABASE": {"CREATE ANY DATABASE"}, "to enter": {"CREATE ANY DATABASE"}, "CONTROL SERVER": set(),
    "VIEW SERVER STATE": {"CREATE ANY DATABASE"},
}  # fmt: skip
OWNED = {"ALTER ANY DATABASE", "CONTROL SERVER"}
"""Rights that an owner does not have for being one."""
DENIED = {229, 262, 300, 916, 3110, 3701, 5011, 7983, 15247}
"""By these numbers the server says that somebody may not."""


def spoken(name: str) -> list[str]:
    value = getattr(statements, name)
    if inspect.isfunction(value):
        given = GIVEN | ELSE.get(name, {})
        value = value(**{each: given[each] for each in inspect.signature(value).parameters})
    return [str(each).replace("?", "@P1") for each in (value if isinstance(value, tuple) else (value,))]


@pytest.fixture(scope="module")
def back_up(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return package(tmp_path_factory.mktemp("media") / "150.bak", only=("bedryf",)).read_bytes()


def refusals(folder: Path, name: str, right: str, login: Login, back_up: bytes, *, owner: bool) -> list[int]:
    """How the server refuses this statement to somebody; one that may look at nothing counts as 0."""
    with Instance(folder=folder, logins=[login]) as instance:
        instance.disk.here(BACK_UP).write_bytes(back_up)
        database = instance.add(instance.new("120", login if owner else None))
        database.files = [File("120", r"C:\SQL\data\120.mdf", "D", 1, 1 << 20)]
        if name == "online":
            database.state = "OFFLINE"
            instance.disk.here(database.files[0].physical).touch()
        line = talk(instance, login.name, PASSWORD, "master")
        if right == "to enter" and name != "globe_tables" and (refused := line.refused("USE [120]")):
            return refused
        parameters = (PARAMETERS[name],) if name in PARAMETERS else ()
        found = [number for text in spoken(name) for number in line.refused(text, *parameters)]
        if name == "FILES_OF" and not line(spoken(name)[0], *parameters):
            found.append(0)
        return found


@pytest.mark.parametrize(("name", "right"), [*granting.table()])
def test_a_statement_needs_the_right_that_the_table_says(name: str, right: str, back_up: bytes, tmp_path: Path) -> None:
    login = Login("x", PASSWORD, {"sysadmin"} if right == "CONTROL SERVER" else set(), WITH[right])
    owner = right in OWNED | {"owner"}
    assert not {0, *DENIED} & {*refusals(tmp_path / "with", name, right, login, back_up, owner=owner)}
    if right == "everybody" or name == "PERCENT":
        return
    lesser = Login("x", PASSWORD, permissions=WITHOUT[right])
    found = refusals(tmp_path / "without", name, right, lesser, back_up, owner=right in OWNED)
    assert {0, *DENIED} & {*found}, f"{name} asks for nothing"


def test_the_table_has_every_statement_once() -> None:
    listed = [name for name, _ in granting.table()]
    known = [
        name
        for name, value in vars(statements).items()
        if not name.startswith("_")
        and (
            (name.isupper() and isinstance(value, str | tuple))
            or (inspect.isfunction(value) and value.__module__ == statements.__name__)
        )
    ]
    assert sorted(listed) == sorted(known)


@pytest.mark.parametrize("name", ["machine", "2022", "data-files", "guided"])
def test_the_scripts_are_t_sql(name: str) -> None:
    for each in granting.statements(name):
        if not each.startswith("CREATE LOGIN"):
            assert sqlglot.parse_one(each, dialect="tsql")
