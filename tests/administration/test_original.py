"""A client's package taken apart, and made again: the same kind, names, order and packing; nothing left behind."""

from __future__ import annotations

import stat
import struct
import zipfile
from functools import cache
from pathlib import Path

import pytest
from factory.cabinet import Raw, packed, stored
from factory.sqlserver.backup import media_of
from factory.sqlserver.model import Database, Table, columns
from factory.sqlserver.write import write_database

from core.administration.original import Mirror, bare_instead, forget, mirror_of, pack_like, unpack
from core.errors import BadFormat, Cancelled, LimitExceeded, NoSpace, Refused, Unreadable
from core.formats.backup import inspect
from core.formats.cabinet import MAX_MEMBER
from core.formats.cabinet_writer import Packing

SMALL = Database([Table("t", columns(id="int", naam="varchar(40)"), [(n, f"naam {n}") for n in range(50)])])
LOG = bytes(8192) + b"log" * 3000
README = ("lees mij.txt", b"Beste kantoor,")


def quiet(_done: int, _total: int) -> None:
    """Nobody listens."""


@cache
def bak() -> bytes:
    return media_of([SMALL])[0]


@pytest.fixture(scope="module")
def mdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    (only,) = write_database(tmp_path_factory.mktemp("laid") / "a.mdf", SMALL)
    return only.read_bytes()


def cabinet(path: Path, *members: tuple[str, bytes], packing: Packing = "mszip", each: bool = False) -> str:
    path.write_bytes(packed(members, packing, folder_each=each))
    return str(path)


def zipped(path: Path, *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> str:
    with zipfile.ZipFile(path, "w", method) as out:
        for name, data in members:
            out.writestr(zipfile.ZipInfo(name), data, method)
    return str(path)


def made_of(mirror: Mirror) -> list[tuple[str, int | None, str, str]]:
    return [(part.name, part.size, part.packing, part.role) for part in mirror.parts]


def unpacked(path: str, folder: Path) -> dict[str, tuple[str, bytes]]:
    """Member -> what our file is called, and its bytes."""
    folder.mkdir(exist_ok=True)
    found = unpack(path, mirror_of(path), str(folder), "O-1", quiet)
    assert {stat.S_IMODE(Path(each.path).stat().st_mode) for each in found} == {0o600}
    assert all(each.size == each.part.size for each in found)
    return {each.part.name: (Path(each.path).name, Path(each.path).read_bytes()) for each in found}


def there_and_back(path: str, folder: Path) -> Path:
    """Unpacked and packed like it."""
    folder.mkdir()
    mirror = mirror_of(path)
    files = {each.part.name: each.path for each in unpack(path, mirror, str(folder), "O-1", quiet)}
    again = folder / "again"
    digest = pack_like(mirror, files, str(again), quiet)
    assert inspect(again).sha256 == digest
    forget(str(folder), "O-1")
    assert [each.name for each in folder.iterdir()] == ["again"]
    return again


@pytest.mark.parametrize("packing", ["stored", "mszip"])
@pytest.mark.parametrize("each", [False, True])
def test_a_cabinet_of_data_files_comes_back_byte_for_byte(
    packing: Packing, each: bool, mdf: bytes, tmp_path: Path
) -> None:
    members = (("150.MDF", mdf), ("150_2é.ndf", mdf[:36] + b"\3" + mdf[37:]), ("150_log.ldf", LOG))
    path = cabinet(tmp_path / "a.ebu", *members, packing=packing, each=each)
    mirror = mirror_of(path)
    assert (mirror.kind, mirror.holds, mirror.why, mirror.changes) == ("cabinet", "data", "", ())
    roles = ("data", "data", "log")
    assert made_of(mirror) == [
        (name, len(data), packing, role) for (name, data), role in zip(members, roles, strict=True)
    ]
    assert [part.primary for part in mirror.parts] == [True, False, False]
    names = ("O-1-1.mdf", "O-1-2.ndf", "O-1-3.ldf")
    wanted = {name: (ours, data) for (name, data), ours in zip(members, names, strict=True)}
    assert unpacked(path, tmp_path / "out") == wanted
    assert there_and_back(path, tmp_path / "back").read_bytes() == Path(path).read_bytes()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_comes_back_with_its_names_order_and_packing(method: int, mdf: bytes, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", ("map/150_log.ldf", LOG), ("map/150.mdf", mdf), method=method)
    again = there_and_back(path, tmp_path / "back")
    with zipfile.ZipFile(path) as one, zipfile.ZipFile(again) as other:
        for before, after in zip(one.infolist(), other.infolist(), strict=True):
            assert (before.filename, before.compress_type) == (after.filename, after.compress_type)
            assert one.read(before) == other.read(after)


def test_a_bare_back_up_comes_back_bare(tmp_path: Path) -> None:
    path = tmp_path / "20091001-394-SQL2008-Mijn Administratie.ebu"
    path.write_bytes(bak())
    mirror = mirror_of(str(path))
    assert (mirror.kind, mirror.holds, made_of(mirror)) == (
        "bare", "backup", [(path.name, len(bak()), "bare", "backup")],
    )  # fmt: skip
    assert bare_instead(mirror, {path.name: 1})
    assert unpacked(str(path), tmp_path / "out") == {path.name: ("O-1-1.bak", bak())}
    assert there_and_back(str(path), tmp_path / "back").read_bytes() == bak()


def test_what_a_member_is_its_bytes_say_and_not_its_name(mdf: bytes, tmp_path: Path) -> None:
    path = cabinet(tmp_path / "a.ebu", ("data.001", mdf), ("log.LDF", LOG), packing="stored")
    assert mirror_of(path).why == ""
    assert unpacked(path, tmp_path / "out") == {"data.001": ("O-1-1.mdf", mdf), "log.LDF": ("O-1-2.ldf", LOG)}
    path = cabinet(tmp_path / "b.ebu", ("a.mdf", bak()))
    assert [part.role for part in mirror_of(path).parts] == ["backup"]


def test_deep_in_a_packed_folder_the_name_is_believed_until_it_is_unpacked(tmp_path: Path) -> None:
    deep = ("a.ldf", bytes(6 << 20))  # beyond what the head phase decodes
    path = cabinet(tmp_path / "a.ebu", deep, ("b.mdf", b"geen databank" * 9))
    mirror = mirror_of(path)
    assert [part.role for part in mirror.parts] == ["log", "data"]
    with pytest.raises(BadFormat, match="original-not"):
        unpack(path, mirror, str(tmp_path), "O-1", quiet)
    assert [each.name for each in tmp_path.iterdir()] == ["a.ebu"]


def test_a_member_more_does_not_hinder_unpacking_but_goes_back_guided(tmp_path: Path) -> None:
    path = cabinet(tmp_path / "a.ebu", README, ("a.bak", bak()))
    mirror = mirror_of(path)
    assert (mirror.why, mirror.member, mirror.readable, mirror.writable) == ("other-member", README[0], True, False)
    assert unpacked(path, tmp_path / "out") == {"a.bak": ("O-1-1.bak", bak())}
    with pytest.raises(Refused, match="original-guided"):
        pack_like(mirror, {"a.bak": path}, str(tmp_path / "again"), quiet)


def test_what_cannot_be_made_again_says_why(mdf: bytes, tmp_path: Path) -> None:
    split = Raw(blocks=[stored(mdf)], files=[(b"a.mdf", len(mdf), 0, 0)], flags=2, set_names=b"b.cab\0\0").build()
    cases: dict[str, tuple[str, bytes]] = {
        "split": ("split", split),
        "short": ("damaged", packed([("a.bak", bak())])[:-1]),
        "two": ("many-databases", packed([("a.bak", bak()), ("b.bak", bak())])),
        "both": ("many-databases", packed([("a.bak", bak()), ("b.mdf", mdf)])),
        "firsts": ("many-databases", packed([("a.mdf", mdf), ("b.mdf", mdf)])),
        "none": ("no-database", packed([README])),
        "text": ("no-database", b"tekst"),
        "second": ("no-database", packed([("a.ndf", mdf[:36] + b"\3" + mdf[37:])])),
        "twice": ("name", packed([("a.mdf", mdf), ("A.MDF", mdf)])),
        "away": ("name", packed([("..\\a.mdf", mdf)])),
        "nested": ("nested", packed([("a.ebu", packed([("a.bak", bak())]))])),
    }
    for name, (why, data) in cases.items():
        path = tmp_path / name
        path.write_bytes(data)
        mirror = mirror_of(str(path))
        assert (name, mirror.why, mirror.readable) == (name, why, False)
        wanted = BadFormat if why == "damaged" else Refused
        with pytest.raises(wanted, match="original-"):
            unpack(str(path), mirror, str(tmp_path), "O-1", quiet)


def test_an_encrypted_zip_is_guided(tmp_path: Path) -> None:
    path = Path(zipped(tmp_path / "a.zip", ("a.bak", bak())))
    data = bytearray(path.read_bytes())
    for magic, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(magic) + at] |= 1
    path.write_bytes(data)
    assert (mirror_of(str(path)).why, mirror_of(str(path)).member) == ("encrypted", "a.bak")


def test_a_packing_that_only_windows_writes_is_read_by_nobody_here_and_comes_back_as_mszip(tmp_path: Path) -> None:
    raw = Raw(blocks=[stored(bak())], files=[(b"a.bak", len(bak()), 0, 0)], packing=[3 | 15 << 8])
    path = tmp_path / "a.ebu"
    path.write_bytes(raw.build())
    mirror = mirror_of(str(path))
    assert (mirror.why, mirror.changes, mirror.parts[0].packing) == ("", ("lzx",), "lzx")
    with pytest.raises(BadFormat, match="packing-unknown"):
        unpack(str(path), mirror, str(tmp_path), "O-1", quiet)
    made = tmp_path / "made.bak"
    made.write_bytes(bak())
    pack_like(mirror, {"a.bak": str(made)}, str(tmp_path / "again"), quiet)
    assert mirror_of(str(tmp_path / "again")).parts[0].packing == "mszip"


def test_mixed_packing_is_told(mdf: bytes, tmp_path: Path) -> None:
    raw = Raw(
        blocks=[stored(mdf), stored(LOG)],
        files=[(b"a.mdf", len(mdf), 0, 0), (b"a.ldf", len(LOG), 0, 1)],
        packing=[0, 3],
    )
    (tmp_path / "a.ebu").write_bytes(raw.build())
    assert mirror_of(str(tmp_path / "a.ebu")).changes == ("lzx", "mixed")


def flipped(path: str) -> str:
    data = bytearray(Path(path).read_bytes())
    data[-100] ^= 1
    Path(path).write_bytes(data)
    return path


@pytest.mark.parametrize("kind", ["cabinet", "zip"])
def test_damage_is_found_and_leaves_nothing(kind: str, tmp_path: Path) -> None:
    members = (("a.bak", bak()), README)
    if kind == "cabinet":
        path = flipped(cabinet(tmp_path / "a", *members))
    else:
        path = zipped(tmp_path / "a", *members)
        data = bytearray(Path(path).read_bytes())
        data[len(data) // 3] ^= 1
        Path(path).write_bytes(data)
    with pytest.raises(BadFormat, match="original-damaged"):
        unpack(path, mirror_of(path), str(tmp_path), "O-1", quiet)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_member_that_is_longer_than_stated_stops_there(tmp_path: Path) -> None:
    path = Path(zipped(tmp_path / "a.zip", ("a.bak", bak() + bytes(3 << 20))))
    data = bytearray(path.read_bytes())
    for magic, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", data, data.index(magic) + at, len(bak()))
    path.write_bytes(data)
    written: list[int] = []
    with pytest.raises(BadFormat, match="original-damaged"):
        unpack(str(path), mirror_of(str(path)), str(tmp_path), "O-1", lambda done, _total: written.append(done))
    assert max(written) <= len(bak())
    assert [each.name for each in tmp_path.iterdir()] == ["a.zip"]


def test_stopping_at_any_moment_leaves_nothing(mdf: bytes, tmp_path: Path) -> None:
    path = cabinet(tmp_path / "a.ebu", ("a.mdf", mdf), README, ("a.ldf", LOG), packing="stored")
    mirror = mirror_of(path)
    calls: list[tuple[int, int]] = []
    unpack(path, mirror, str(tmp_path), "O-0", lambda *told: calls.append(told))
    assert calls[-1] == (len(mdf) + len(LOG),) * 2
    assert calls == sorted(calls)
    forget(str(tmp_path), "O-0")
    for stop in range(len(calls)):
        left = iter(range(stop))

        def tick(_done: int, _total: int, left: object = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise Cancelled("cancelled")

        with pytest.raises(Cancelled):
            unpack(path, mirror, str(tmp_path), "O-1", tick)
        assert [each.name for each in tmp_path.iterdir()] == ["a.ebu"]


def test_packing_can_be_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    path = cabinet(tmp_path / "a.ebu", ("a.bak", bak()))
    source = tmp_path / "source"
    source.write_bytes(bak())

    def tick(_done: int, _total: int) -> None:
        raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        pack_like(mirror_of(path), {"a.bak": str(source)}, str(tmp_path / "again"), tick)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.ebu", "source"]


def test_the_room_is_asked_before_anything_is_written(tmp_path: Path) -> None:
    path = cabinet(tmp_path / "a.ebu", ("a.bak", bak()))

    def room(need: int) -> None:
        assert need == len(bak())
        raise NoSpace("engine-full")

    with pytest.raises(NoSpace):
        unpack(path, mirror_of(path), str(tmp_path), "O-1", quiet, room=room)
    assert [each.name for each in tmp_path.iterdir()] == ["a.ebu"]


def test_nothing_is_overwritten_and_no_name_leaves_the_folder(tmp_path: Path) -> None:
    path = cabinet(tmp_path / "a.ebu", ("a.bak", bak()))
    mirror = mirror_of(path)
    (tmp_path / "O-1-1.bak").write_bytes(b"van een ander")
    with pytest.raises(Refused, match="exists"):
        unpack(path, mirror, str(tmp_path), "O-1", quiet)
    assert (tmp_path / "O-1-1.bak").read_bytes() == b"van een ander"
    with pytest.raises(Refused, match="exists"):
        pack_like(mirror, {"a.bak": path}, str(tmp_path / "O-1-1.bak"), quiet)
    for prefix in ("", "../x", "a/b", ".x"):
        with pytest.raises(Refused, match="administration-place"):
            unpack(path, mirror, str(tmp_path), prefix, quiet)


def test_only_what_is_ours_is_forgotten(tmp_path: Path) -> None:
    for name in ("O-1-1.bak", "O-1-2.ndf.part", "O-1-1.txt", "O-11-1.bak", "O-1.bak", "xO-1-1.bak"):
        (tmp_path / name).touch()
    forget(str(tmp_path), "O-1")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["O-1-1.txt", "O-1.bak", "O-11-1.bak", "xO-1-1.bak"]


def test_every_member_is_needed_and_no_other(mdf: bytes, tmp_path: Path) -> None:
    path = cabinet(tmp_path / "a.ebu", ("a.mdf", mdf), ("a.ldf", LOG))
    for files in ({"a.mdf": path}, {"a.mdf": path, "a.ldf": path, "x": path}, {}):
        with pytest.raises(Refused, match="original-members"):
            pack_like(mirror_of(path), files, str(tmp_path / "again"), quiet)


def sparse(path: Path, size: int) -> str:
    with path.open("wb") as out:
        out.write(bak()[:4096])
        out.truncate(size)
    return str(path)


def test_what_no_cabinet_holds_goes_back_bare(tmp_path: Path) -> None:
    mirror = mirror_of(cabinet(tmp_path / "a.ebu", ("a.bak", bak())))
    assert not bare_instead(mirror, {"a.bak": MAX_MEMBER})
    assert bare_instead(mirror, {"a.bak": MAX_MEMBER + 1})
    plain = mirror_of(cabinet(tmp_path / "b.ebu", ("a.bak", bak()), packing="stored"))
    assert bare_instead(plain, {"a.bak": MAX_MEMBER})
    assert not bare_instead(mirror_of(zipped(tmp_path / "a.zip", ("a.bak", bak()))), {"a.bak": MAX_MEMBER + 1})
    large = sparse(tmp_path / "large", MAX_MEMBER + 1)
    with pytest.raises(LimitExceeded, match="cabinet-2gb"):
        pack_like(mirror, {"a.bak": large}, str(tmp_path / "again"), quiet)
    (tmp_path / "small").write_bytes(bak())
    pack_like(mirror, {"": str(tmp_path / "small")}, str(tmp_path / "again"), quiet)
    assert (tmp_path / "again").read_bytes() == bak()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(cabinet(tmp_path / "a.ebu", ("a.bak", bak())))
    with pytest.raises(Unreadable):
        mirror_of(str(tmp_path / "link"))
