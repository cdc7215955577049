"""Packages in and out of the embedded engine: byte for byte, on a full disk, and stopped half-way."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Self

import pytest
from factory.administrations import random_package
from factory.engines import Watched, engine_in, mark_of, small

from core.administration import own
from core.administration.embedded import EmbeddedEngine
from core.administration.package import new_file
from core.errors import Cancelled, NoSpace, Refused
from core.files import sha256_of

MARK = mark_of()
MANIFEST: dict[str, str | int] = {"client": "BAK-001", "administration_number": "120", "product_update": 421}


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    return engine_in(tmp_path)


def names(engine: EmbeddedEngine) -> set[str]:
    """Every file of it: folders `at`, `aside` and `work`."""
    folder = Path(engine.place("120")).parent
    places = {"at": folder, "aside": folder / "aside", "work": Path(engine.draft("x")).parent}
    return {f"{word}/{each.name}" for word, place in places.items() if place.is_dir() for each in place.iterdir()} - {
        "at/aside"
    }


class FullDisk:
    """Takes so many bytes, and no more."""

    def __init__(self, path: str, most: int) -> None:
        self._file = new_file(path)
        self._left = most
        self._file.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._file.write(data)


def full_after(most: int) -> Callable[[str], BinaryIO]:
    return lambda path: FullDisk(path, most)  # type: ignore[return-value]


def on_full_disk(folder: Path, most: int) -> EmbeddedEngine:
    return EmbeddedEngine(
        str(folder / "administrations" / "oefen16"), str(folder / "work"), reserve=0, create=full_after(most)
    )


class TestPackages:
    def test_in_and_out_again_byte_for_byte(self, engine: EmbeddedEngine, tmp_path: Path) -> None:
        package = str(tmp_path / "in.ebu")
        random_package(package, lines=400, firm_users=2)
        copy = engine.draft("O-0001")
        watched = Watched()
        for _ in range(2):
            engine.bring_in(package, copy, watched.work)
        assert watched.said("file") == [f"unpack {package} -> {copy}"]
        assert names(engine) == {"work/O-0001-draft.sqlite"}
        out = str(tmp_path / "out.ebu")
        made = {engine.pack(copy, out, MANIFEST, watched.work) for _ in range(2)}
        assert made == {sha256_of(out)}
        engine.bring_in(out, engine.draft("O-0002"), Watched().work)
        assert sha256_of(engine.draft("O-0002")) == sha256_of(copy)

    def test_another_file_under_the_packages_name_is_left_alone(self, engine: EmbeddedEngine, tmp_path: Path) -> None:
        package = str(tmp_path / "in.ebu")
        random_package(package, lines=40)
        copy = engine.draft("O-0001")
        engine.bring_in(package, copy, Watched().work)
        out = tmp_path / "out.ebu"
        out.write_bytes(b"somebody's")
        with pytest.raises(Refused):
            engine.pack(copy, str(out), MANIFEST, Watched().work)
        assert out.read_bytes() == b"somebody's"
        out.unlink()
        engine.pack(copy, str(out), MANIFEST, Watched().work)
        with pytest.raises(Refused):
            engine.pack(copy, str(out), MANIFEST | {"client": "XYZ-100"}, Watched().work)

    def test_what_is_ours_does_not_leave(self, engine: EmbeddedEngine, tmp_path: Path) -> None:
        copy = small(engine, engine.draft("O-0001"), mark=MARK)
        with pytest.raises(Refused) as caught:
            engine.pack(copy, str(tmp_path / "out.ebu"), MANIFEST, Watched().work)
        assert caught.value.key == "administration-ours"
        assert not (tmp_path / "out.ebu").exists()
        with engine.open(copy, write=True) as connection:
            own.leave(connection)
        engine.pack(copy, str(tmp_path / "out.ebu"), MANIFEST, Watched().work)
        assert b"ab" * 32 not in Path(copy).read_bytes(), "nor in a free page"

    @pytest.mark.parametrize("most", [0, 10, 5000, 200_000])
    def test_a_full_disk_leaves_nothing_and_works_when_there_is_room(self, tmp_path: Path, most: int) -> None:
        package = str(tmp_path / "in.ebu")
        random_package(package, lines=2000)
        full, engine = on_full_disk(tmp_path, most), engine_in(tmp_path)
        copy = engine.draft("O-0001")
        with pytest.raises(NoSpace):
            full.bring_in(package, copy, Watched().work)
        assert names(engine) == set()
        engine.bring_in(package, copy, Watched().work)
        out = str(tmp_path / "out.ebu")
        with pytest.raises(NoSpace):
            full.pack(copy, out, MANIFEST, Watched().work)
        assert sorted(each.name for each in tmp_path.iterdir()) == ["in.ebu", "work"]
        assert engine.pack(copy, out, MANIFEST, Watched().work) == sha256_of(out)

    def test_too_little_room_is_said_before_the_first_byte(self, tmp_path: Path) -> None:
        package = str(tmp_path / "in.ebu")
        random_package(package, lines=40)
        made: list[str] = []

        def create(path: str) -> BinaryIO:
            made.append(path)
            return new_file(path)

        poor = EmbeddedEngine(
            str(tmp_path / "a"), str(tmp_path / "work"), reserve=1 << 20, create=create, free=lambda _: 1 << 20
        )
        assert poor.room() == 0
        with pytest.raises(NoSpace) as caught:
            poor.bring_in(package, poor.draft("O-0001"), Watched().work)
        assert caught.value.key == "engine-full"
        assert names(poor) == set()

    def test_it_stops_on_request_and_leaves_nothing(self, engine: EmbeddedEngine, tmp_path: Path) -> None:
        package = str(tmp_path / "in.ebu")
        random_package(package, lines=4000)
        with pytest.raises(Cancelled):
            engine.bring_in(package, engine.draft("O-0001"), Watched(stop_at=2).work)
        assert names(engine) == set()
        engine.bring_in(package, engine.draft("O-0001"), Watched().work)
        with pytest.raises(Cancelled):
            engine.pack(engine.draft("O-0001"), str(tmp_path / "out.ebu"), MANIFEST, Watched(stop_at=1).work)
        assert sorted(each.name for each in tmp_path.iterdir()) == ["in.ebu", "work"]
