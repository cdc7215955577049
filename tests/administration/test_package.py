"""The practice package: a round trip without a byte's difference, and everything that is refused before it is used."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sources
from factory.administrations import package_manifest, random_administration
from factory.memory import PEAK_MEMORY

from core.administration.catalog import PREFIX
from core.administration.globe import metadata
from core.administration.package import DATABASE, is_package_of, pack, read_package, write_package
from core.administration.types import COLLATION, compare
from core.errors import BadFormat, Cancelled, LimitExceeded, NoSpace, Refused, Unreadable, WisselError
from core.files import sha256_of
from core.formats.backup import MANIFEST, inspect
from core.formats.cabinet_writer import write_cabinet
from core.formats.source import BytesStream

SAID: dict[str, str | int] = {"client": "BAK-001", "administration_number": "120", "product_update": 421}


def still(_done: int, _total: int) -> None:
    pass


def read(package: Path, out: Path) -> dict[str, str | int]:
    return read_package(str(package), str(out), tick=still)


def refused(package: Path) -> WisselError:
    """Why it is refused; nothing is left behind."""
    out = package.with_name("out.sqlite")
    with pytest.raises(WisselError) as caught:
        read(package, out)
    assert not list(package.parent.glob("out.sqlite*"))
    return caught.value


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("one") / "a.sqlite"
    random_administration(path, lines=300, seed=1)
    return path.read_bytes()


def packed(folder: Path, database: bytes, said: dict[str, str | int] | None = None) -> Path:
    path = folder / "in.ebu"
    with open(path, "wb") as out:
        pack(out, SAID if said is None else said, len(database), BytesStream(database))
    return path


def members(folder: Path, *entries: tuple[str, bytes]) -> Path:
    path = folder / "in.ebu"
    with open(path, "wb") as out:
        write_cabinet(out, [(name, len(data), BytesStream(data)) for name, data in entries], "mszip")
    return path


def changed(folder: Path, database: bytes, *statements: str) -> Path:
    """A package whose administration was changed by somebody."""
    path = folder / "changed.sqlite"
    path.write_bytes(database)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.create_collation(COLLATION, compare)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return packed(folder, path.read_bytes())


def test_fifty_thousand_lines_there_and_back_without_a_byte_s_difference(tmp_path: Path) -> None:
    database, package, out = (str(tmp_path / name) for name in ("a.sqlite", "a.ebu", "b.sqlite"))
    shape = random_administration(database, lines=50_000)
    said = package_manifest(shape)
    done: list[tuple[int, int]] = []
    digest = write_package(package, database, said, tick=lambda so_far, size: done.append((so_far, size)))
    assert digest == sha256_of(package)
    assert done[-1][0] == done[-1][1] == os.path.getsize(database)
    assert sorted(done) == done
    found = read_package(package, out, tick=still)
    assert found == said | {"wissel_practice": 1, "data_bytes": os.path.getsize(database)}
    assert sha256_of(out) == sha256_of(database)
    assert is_package_of(package, database, said, tick=still)
    assert not is_package_of(package, database, said | {"client": "XYZ-100"}, tick=still)


def test_it_is_read_by_the_readers_and_taken_for_nothing_else(tmp_path: Path, database: bytes) -> None:
    found = inspect(packed(tmp_path, database))
    assert (found.kind, found.complete, found.notes) == ("practice", True, ())
    assert found.manifest == SAID | {"wissel_practice": 1, "data_bytes": len(database)}


def test_the_same_administration_makes_the_same_package(tmp_path: Path, database: bytes) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(database)
    made = {write_package(str(tmp_path / name), str(path), SAID, tick=still) for name in ("a.ebu", "b.ebu")}
    assert len(made) == 1
    with pytest.raises(Refused):
        write_package(str(tmp_path / "a.ebu"), str(path), SAID, tick=still)


def test_a_changed_administration_is_not_what_was_packed(tmp_path: Path, database: bytes) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(database)
    write_package(str(tmp_path / "a.ebu"), str(path), SAID, tick=still)
    for at in (20_000, len(database) - 1):
        other = bytearray(database)
        other[at] ^= 1
        path.write_bytes(bytes(other))
        assert not is_package_of(str(tmp_path / "a.ebu"), str(path), SAID, tick=still)


@pytest.mark.parametrize(
    "statement",
    [
        "create trigger t after update on humres begin delete from gbkmut; end",
        "create view v as select * from gbkmut",
        "create view humres2(usr_id) as select load_extension('x')",
        "create virtual table v using fts5(x)",
        f"create table {PREFIX}mark (delivery, client, number, sha256, operation)",
        f"create table {PREFIX.upper()}Done (operation, step)",
        "create table x (a, b generated always as (a + 1))",
        "create table x (a, b as (abs(a)) stored)",
        "create table x (a check (a > 0))",
        "create table x (a references grtbk(ID) on delete cascade)",
        "create table x (a integer primary key autoincrement)",
        "create table x (a unique on conflict replace)",
        "create table x (a /* ' */ check (a > 0) /* ' */)",
        "create table x (a -- '\n check (a > 0) -- '\n)",
        "create index x on gbkmut (abs(bdr_hfl))",
        "create index x on gbkmut (bdr_hfl + 1)",
        "create index x on gbkmut (bdr_hfl) where bdr_hfl > 0",
        f"create index {PREFIX}x on gbkmut (bdr_hfl)",
    ],
)
def test_what_does_something_by_itself_or_is_called_as_ours_is_refused(
    tmp_path: Path, database: bytes, statement: str
) -> None:
    assert refused(changed(tmp_path, database, statement)).key == "package-hostile"


@pytest.mark.parametrize(
    "row",
    [
        "'table', 'humres', 'humres', 0, 'create trigger t after update on gbkmut begin delete from gbkmut; end'",
        "'table', 'x', 'x', 0, 'create view x(a) as select 1'",
        f"'table', 'x', 'x', 3, 'create table {PREFIX}mark (delivery, client, number, sha256, operation)'",
        "'index', 'x', 'gbkmut', 0, 'create table x (a)'",
        "'table', 'x', 'x', 0, 'create table if not exists x (a)'",
        "'table', 'sqlite_stat1', 'sqlite_stat1', 3, 'create table sqlite_stat1(tbl,idx,stat)'",
        "'trigger', 't', 'humres', 0, 'create trigger t after update on humres begin select 1; end'",
        "x'7461626c65', 'x', 'x', 3, 'create table x (a)'",
        "'table', 'x', 'x', 3, null",
    ],
)
def test_a_schema_that_calls_an_object_something_else_is_refused(tmp_path: Path, database: bytes, row: str) -> None:
    package = changed(tmp_path, database, "pragma writable_schema = on", f"insert into sqlite_master values ({row})")
    assert refused(package).key in {"package-hostile", "administration-damaged"}


def test_words_in_names_and_defaults_are_no_harm(tmp_path: Path, database: bytes) -> None:
    package = changed(
        tmp_path,
        database,
        "create table CSCTwhere (\"check\" text default 'it''s as view', [references] integer, `virtual` real)",
        'create unique index "as" on CSCTwhere ("check" collate nocase desc)',
    )
    read(package, tmp_path / "out.sqlite")


def test_a_schema_with_everything_that_globe_has_is_welcome(tmp_path: Path, database: bytes) -> None:
    read(packed(tmp_path, database), tmp_path / "out.sqlite")
    with contextlib.closing(sqlite3.connect(tmp_path / "out.sqlite")) as connection:
        found = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    assert found == set(metadata.tables)


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("update bedryf set bedrnr = '121'", "package-lies"),
        ("update bedryf set Batchlevel = 424", "package-lies"),
        ("update bedryf set Batchlevel = '421x'", "package-lies"),
        ("update bedryf set bedrnr = x'313230'", "package-lies"),
        ("insert into bedryf (bedrnr, bedrnm, valcode, landcode) values ('121', 'x', 'EUR', 'NL')", "package-database"),
        ("delete from bedryf", "package-database"),
        ("drop table bedryf", "administration-damaged"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(
    tmp_path: Path, database: bytes, statement: str, key: str
) -> None:
    assert refused(changed(tmp_path, database, statement)).key == key


def damaged_page(database: bytes) -> bytes:
    data = bytearray(database)
    data[4096 * 30 : 4096 * 30 + 200] = b"\xff" * 200
    return bytes(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda _data: b"",
        lambda _data: b"no database" * 1000,
        lambda data: data[:90],
        lambda data: data[:18] + b"\2\2" + data[20:],
        lambda data: data[: len(data) // 2],
        lambda data: data[:100] + bytes(len(data) - 100),
        damaged_page,
    ],
    ids=["empty", "text", "short", "write-ahead", "half", "zeros", "page"],
)
def test_what_is_no_whole_database_is_refused(
    tmp_path: Path, database: bytes, change: Callable[[bytes], bytes]
) -> None:
    assert isinstance(refused(packed(tmp_path, change(database))), BadFormat)


def test_a_schema_that_points_to_one_page_twice_is_refused(tmp_path: Path, database: bytes) -> None:
    package = changed(
        tmp_path,
        database,
        "pragma writable_schema = on",
        "update sqlite_master set rootpage = (select rootpage from sqlite_master where name = 'humres')"
        " where name = 'pwrole'",
    )
    assert refused(package).key == "administration-damaged"


def manifest(**said: object) -> bytes:
    return json.dumps({"wissel_practice": 1, **SAID, **said}).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"[" * 40_000,
        b"{}",
        manifest(wissel_practice=2, data_bytes=1),
        manifest(data_bytes="1"),
        manifest(data_bytes=True),
        manifest(data_bytes=1, client=None),
        manifest(data_bytes=1, administration_number=120),
        manifest(data_bytes=1, product_update="421"),
        manifest(data_bytes=1, note="x" * 70_000),
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: bytes) -> None:
    assert refused(members(tmp_path, (MANIFEST, text), (DATABASE, b"x"))).key == "package-manifest"


@pytest.mark.parametrize("said", [0, 1, 10**18, -1])
def test_a_size_that_is_not_so_is_refused(tmp_path: Path, database: bytes, said: int) -> None:
    package = members(tmp_path, (MANIFEST, manifest(data_bytes=said)), (DATABASE, database))
    assert refused(package).key == "package-lies"


def test_only_two_members_and_in_their_order(tmp_path: Path, database: bytes) -> None:
    good = manifest(data_bytes=len(database))
    for entries in (
        ((DATABASE, database), (MANIFEST, good)),
        ((MANIFEST, good), (DATABASE, database), ("extra.txt", b"x")),
        ((MANIFEST, good), (DATABASE, database), (DATABASE, database)),
        ((MANIFEST, good), ("..\\administration.sqlite", database)),
        ((MANIFEST, good), ("/etc/passwd", database)),
        ((MANIFEST, good),),
        ((DATABASE, database),),
    ):
        assert refused(members(tmp_path, *entries)).key == "package-members"


def test_a_huge_declared_size_is_refused_before_the_first_byte(tmp_path: Path, database: bytes) -> None:
    package = packed(tmp_path, database)
    raw = bytearray(package.read_bytes())
    at = raw.index(DATABASE.encode()) - 16
    raw[at : at + 4] = (0x7FFF_0000).to_bytes(4, "little")
    package.write_bytes(bytes(raw))
    assert isinstance(refused(package), LimitExceeded)


def test_room_is_asked_for_before_the_first_byte(tmp_path: Path, database: bytes) -> None:
    asked: list[int] = []

    def none(need: int) -> None:
        asked.append(need)
        raise NoSpace("engine-full", need=need, free=0, path="x")

    with pytest.raises(NoSpace):
        read_package(str(packed(tmp_path, database)), str(tmp_path / "out.sqlite"), tick=still, room=none)
    assert asked == [len(database)]
    assert [each.name for each in tmp_path.iterdir()] == ["in.ebu"]


def test_cut_anywhere_or_one_byte_changed_it_is_refused(tmp_path: Path, database: bytes) -> None:
    package = packed(tmp_path, database)
    whole = package.read_bytes()
    for at in range(0, len(whole), len(whole) // 40):
        package.write_bytes(whole[:at])
        assert isinstance(refused(package), BadFormat), at
        package.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        out = tmp_path / "out.sqlite"
        try:
            read(package, out)
        except BadFormat:
            continue
        assert at < 200, "only what no checksum covers: numbers, dates and attributes in the tables"
        assert out.read_bytes() == database
        out.unlink()


def test_something_behind_it_is_refused(tmp_path: Path, database: bytes) -> None:
    package = packed(tmp_path, database)
    package.write_bytes(package.read_bytes() + b"more")
    assert refused(package).key == "package-damaged"


def test_a_link_is_no_package(tmp_path: Path, database: bytes) -> None:
    packed(tmp_path, database)
    (tmp_path / "link.ebu").symlink_to(tmp_path / "in.ebu")
    assert isinstance(refused(tmp_path / "link.ebu"), Unreadable)


@pytest.mark.parametrize("question", range(1, 5))
def test_it_stops_on_request(tmp_path: Path, database: bytes, question: int) -> None:
    asked = 0

    def tick(_done: int, _total: int) -> None:
        nonlocal asked
        asked += 1
        if asked == question:
            raise Cancelled("cancelled")

    package = packed(tmp_path, database)
    with contextlib.suppress(Cancelled):
        read_package(str(package), str(tmp_path / "out.sqlite"), tick=tick)
    assert (tmp_path / "out.sqlite").exists() is (asked < question)
    assert not (tmp_path / "out.sqlite.part").exists()


def test_more_than_a_cabinet_holds_is_refused(tmp_path: Path) -> None:
    class Endless(BytesStream):
        def read(self, n: int, /) -> bytes:
            return bytes(n)

    with pytest.raises(LimitExceeded) as caught:
        pack(io.BytesIO(), SAID, 2_147_450_881, Endless(b""))
    assert caught.value.key == "cabinet-2gb"


MEMORY = (
    PEAK_MEMORY
    + """
import sys
from core.administration.package import is_package_of, read_package, write_package
folder, said = sys.argv[1], {"client": "BAK-001", "administration_number": "120", "product_update": 421}
tick = lambda done, total: None
before = peak_memory()
write_package(folder + "/a.ebu", folder + "/a.sqlite", said, tick=tick)
read_package(folder + "/a.ebu", folder + "/b.sqlite", tick=tick)
assert is_package_of(folder + "/a.ebu", folder + "/b.sqlite", said, tick=tick)
print(peak_memory() - before)
"""
)


def test_memory_does_not_grow_with_the_administration(tmp_path: Path) -> None:
    grown = []
    for lines in (1_000, 30_000):
        folder = tmp_path / str(lines)
        folder.mkdir()
        random_administration(folder / "a.sqlite", lines=lines, seed=2)
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, str(folder)],
            cwd=sources.ROOT, capture_output=True, text=True, timeout=50, check=True,
        )  # fmt: skip
        grown.append(int(done.stdout))
    assert grown[1] - grown[0] < 8 << 20, grown
