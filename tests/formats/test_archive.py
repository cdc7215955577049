"""Zips are looked through; what hides, lies or bursts is noted."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats.archive import read_directory, walk_zip
from core.formats.limits import Budget, Limits
from core.formats.notes import NoteBook
from core.formats.report import Note
from core.formats.source import BytesStream, FileStream, PeekStream

NOISE = random.Random(5).randbytes(300_000)
MEMBERS = [("a.bak", NOISE), ("map/", b""), ("b.bak", bytes(200_000)), ("leeg", b"")]
FILES = {name: body for name, body in MEMBERS if not name.endswith("/")}


class Unseekable(io.BytesIO):
    """A pipe: zipfile then writes sizes behind the data."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


def zipped(
    members: Sequence[tuple[str, bytes]] = MEMBERS, method: int = zipfile.ZIP_DEFLATED, *, pipe: bool = False
) -> bytes:
    out: io.BytesIO = Unseekable() if pipe else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return out.getvalue()


def read(
    data: bytes, *, directory: bool = True, limits: Limits | None = None, head_only: bool = False
) -> tuple[dict[str, bytes | None], tuple[Note, ...]]:
    notes = NoteBook()
    budget = Budget(limits or Limits(), len(data), head_only=head_only)
    entries = read_directory(io.BytesIO(data), notes, budget) if directory else None
    stream = PeekStream(FileStream(io.BytesIO(data)) if directory else BytesStream(data))
    out = {
        entry.name: None if body is None else body.read(1 << 30)
        for entry, body in walk_zip(stream, entries, notes, budget)
        if not entry.folder
    }
    return out, notes.all()


def codes(notes: tuple[Note, ...]) -> list[str]:
    return [note.code for note in notes]


@pytest.mark.parametrize("directory", [True, False])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_with_and_without_directory(method: int, directory: bool) -> None:
    assert read(zipped(method=method), directory=directory) == (FILES, ())


def test_sizes_behind_the_data() -> None:
    data = zipped(pipe=True)
    assert read(data) == (FILES, ())
    assert read(data, directory=False) == (FILES, ())


def test_bytes_in_front_and_a_comment_behind() -> None:
    out = io.BytesIO()
    out.write(b"#!/bin/sh\n")
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("a.bak", b"data")
        archive.comment = b"with love"
    assert read(out.getvalue()) == ({"a.bak": b"data"}, ())


def test_sixty_four_bit_sizes() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("a.bak", "w", force_zip64=True) as member:
        member.write(b"data" * 100)
    assert read(out.getvalue()) == ({"a.bak": b"data" * 100}, ())
    assert read(out.getvalue(), directory=False) == ({"a.bak": b"data" * 100}, ())


def test_a_password_is_said() -> None:
    data = bytearray(zipped([("a.bak", b"secret")]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert read(bytes(data)) == ({"a.bak": None}, (Note("zip-encrypted", {"member": "a.bak"}),))


@pytest.mark.parametrize(("method", "name"), [(zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "lzma")])
def test_other_packings_are_named(method: int, name: str) -> None:
    out, notes = read(zipped([("a.bak", b"x" * 99), ("b.txt", b"y")], method))
    assert out == {"a.bak": None, "b.txt": None}
    assert [note.detail["packing"] for note in notes] == [name, name]


def test_a_changed_byte_shows_in_the_checksum() -> None:
    data = bytearray(zipped([("a.bak", NOISE)], zipfile.ZIP_STORED))
    data[5000] ^= 4
    _, notes = read(bytes(data))
    assert notes == (Note("checksum", {"what": "a.bak", "member": "a.bak"}, proves_damage=True),)


def test_broken_deflate() -> None:
    data = bytearray(zipped([("a.bak", bytes(100_000))]))
    data[40:60] = b"\xff" * 20
    _, notes = read(bytes(data))
    assert codes(notes) == ["structure"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_cut_off_it_is_read_as_far_as_it_goes(method: int) -> None:
    data = zipped([("a.bak", b"first"), ("b.bak", NOISE)], method)
    out, notes = read(data[: len(data) // 2])
    assert out["a.bak"] == b"first"
    assert set(codes(notes)) == {"truncated"}
    assert all(note.proves_damage for note in notes)


def test_entries_that_share_their_data_are_read_once() -> None:
    data = bytearray(zipped([("a.bak", NOISE), ("b.bak", NOISE)]))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)
    out, notes = read(bytes(data))
    assert list(out) == ["a.bak"]
    assert codes(notes) == ["structure"]


def test_a_bomb_stops_at_the_limit() -> None:
    data = zipped([("a.bak", bytes(3 << 20))])
    out, notes = read(data, limits=Limits(total_bytes=1 << 20))
    assert len(out["a.bak"] or b"") <= 1 << 20
    assert codes(notes) == ["limit"]


def test_a_bomb_in_a_bomb_stops_at_the_ratio() -> None:
    inner = zipped([("a.bak", bytes(120 << 20))])
    outer = zipped([("inner.zip", inner)])
    notes = NoteBook()
    budget = Budget(Limits(ratio_from=1 << 20), len(outer), head_only=False)
    for _, body in walk_zip(PeekStream(BytesStream(outer)), None, notes, budget):
        assert body is not None
        for _, deeper in walk_zip(PeekStream(body), None, notes, budget):
            assert deeper is not None
            deeper.drain()
    assert "limit" in codes(notes.all())
    assert budget.spent < 3 << 20


def test_too_many_members() -> None:
    out, notes = read(zipped([(str(n), b"") for n in range(50)]), limits=Limits(members=10))
    assert len(out) == 10
    assert codes(notes) == ["limit"]


def test_a_directory_larger_than_any_memory_is_not_read() -> None:
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, 0x7FFFFFFF, 0, 0)
    notes = NoteBook()

    class Huge(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            return (4 << 30) if whence == 2 else super().seek(max(0, offset - (4 << 30) + 65_557))

    file = Huge(bytes(65_557 - len(end)) + end)
    assert read_directory(file, notes, Budget(Limits(), None, head_only=False)) is None
    assert codes(notes.all()) == ["limit"]


def test_tricky_names() -> None:
    out, notes = read(zipped([("../../etc/passwd", b"x"), ("gewoon.bak", b"y")]))
    assert set(out) == {"../../etc/passwd", "gewoon.bak"}
    assert codes(notes) == ["unsafe-name"]


def test_the_head_phase_reads_only_the_beginnings() -> None:
    data = zipped([("a.bak", bytes(30 << 20)), ("b.bak", NOISE)])
    budget = Budget(Limits(), len(data), head_only=True)
    notes = NoteBook()
    entries = read_directory(io.BytesIO(data), notes, budget)
    seen = {}
    for entry, body in walk_zip(PeekStream(FileStream(io.BytesIO(data))), entries, notes, budget):
        assert body is not None
        seen[entry.name] = body.read(100)
        assert body.skip(1 << 30) == 0
    assert seen == {"a.bak": bytes(100), "b.bak": NOISE[:100]}
    assert notes.all() == ()
    assert budget.spent < 2 << 20


@given(st.integers(0, 700), st.binary(min_size=1, max_size=8), st.booleans())
def test_rubbish_somewhere(at: int, rubbish: bytes, directory: bool) -> None:
    data = bytearray(zipped([("a.bak", b"first" * 40), ("b.bak", b"second")]))
    data[at : at + len(rubbish)] = rubbish
    read(bytes(data), directory=directory)


def test_cut_anywhere() -> None:
    data = zipped([("a.bak", b"first" * 40), ("b.bak", b"second")])
    for end in range(4, len(data)):
        _, notes = read(data[:end])
        assert any(note.proves_damage for note in notes), end
