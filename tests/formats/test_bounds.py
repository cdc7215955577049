"""Small files that would take hours or gigabytes: each is bounded by what is counted, not by a clock."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zipfile
from itertools import repeat

import pytest
from factory.compressed import literals, record_sum
from factory.tape import Set, tape

from core.formats import compressed
from core.formats.backup import inspect_file
from core.formats.compressed import read_compressed
from core.formats.limits import LEAST, Limits
from core.formats.notes import NoteBook
from core.formats.report import Inspection
from core.formats.source import CHUNK, BytesStream

TAPE = tape(Set())
LOCAL = struct.Struct("<4sHHHHHIIIHH")


def look(data: bytes, *, whole: bool = True, limits: Limits | None = None) -> Inspection:
    return inspect_file(io.BytesIO(data), name="x.ebu", whole=whole, limits=limits)


def codes(inspection: Inspection) -> set[str]:
    return {note.code for note in inspection.notes}


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return out.getvalue()


def entries(count: int, name: bytes = b"x") -> bytes:
    """Local headers without content: a zip without a directory."""
    return (LOCAL.pack(b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name) * count


def empty_blocks(count: int) -> bytes:
    """A cabinet of blocks that hold nothing."""
    table = struct.pack("<IHH", 36 + 8 + 18, count, 0)
    member = struct.pack("<IIHHHH", 1, 0, 0, 0, 0, 0x20) + b"a\0"
    size = 36 + 8 + 18 + 8 * count
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, size, 0, 44, 0, 3, 1, 1, 1, 0, 1, 0)
    return head + table + member + bytes(8 * count)


def test_members_of_all_containers_count_together() -> None:
    inner = entries(300)
    found = look(zipped(*((f"{n}.zip", inner) for n in range(5))), limits=Limits(members=1000))
    assert "limit" in codes(found)
    assert len(found.members) == 5
    assert "limit" not in codes(look(zipped(*((f"{n}.zip", inner) for n in range(3))), limits=Limits(members=1000)))


def test_the_head_phase_looks_at_the_largest_entries_only() -> None:
    small = [(f"{n}.txt", b"words") for n in range(200)]
    found = look(zipped(*small, ("150.bak", TAPE)), whole=False)
    assert [payload.member for payload in found.payloads] == ["150.bak"]
    assert len(found.members) == 201


def test_long_names_of_a_zip_in_a_zip_take_no_memory() -> None:
    data = zipped(("inner.zip", entries(800, b"N" * 65_535)))
    tracemalloc.start()
    try:
        look(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


def test_a_long_name_is_kept_short() -> None:
    (member,) = look(entries(1, b"N" * 60_000)).members
    assert len(member.name) == Limits().zip_name_bytes


def test_empty_blocks_cost_something() -> None:
    bomb = zipped(("a.cab", empty_blocks(60_000)))
    assert "limit" in codes(look(bomb, limits=Limits(ratio_from=1000 * LEAST)))


def test_a_directory_of_many_small_entries_is_not_loaded() -> None:
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", *repeat(0, 16)) + b""
    count = (9 << 20) // len(entry)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(entry) * count, 31, 0)
    assert "limit" in codes(look(entries(1) + entry * count + end, whole=False))


@pytest.mark.parametrize("whole", [False, True])
def test_records_to_expand_are_counted(whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed, "MOST_EXPANDED", 3)
    monkeypatch.setattr(compressed, "MOST_EXPANDED_HEAD", 3)
    medium = bytearray(b"MSSQLBAK" + struct.pack("<II", 1, 1))
    for at in range(0, 512 * (len(TAPE) // 512), 512):
        packed = literals(TAPE[at : at + 512])
        medium += struct.pack("<BBH", 0x81, 1, len(packed)) + struct.pack("<I", record_sum(packed)) + packed
    result = read_compressed(BytesStream(bytes(medium)), whole=whole)
    assert [note.code for note in result.notes] == ["limit"]


def test_a_thousand_notes_of_one_kind_are_eight_and_a_number() -> None:
    book = NoteBook()
    for number in range(1000):
        book.add("unsafe-name", member=f"\x1b{number}")
    assert len(book.all()) == 8
    assert book.all()[-1].detail["more"] == 992


class Growing(io.BytesIO):
    """A file that somebody writes faster than we read."""

    def __init__(self) -> None:
        super().__init__(random.Random(1).randbytes(100))
        self.given = 0

    def read(self, n: int | None = -1, /) -> bytes:
        data = bytes(n or 0)
        self.given += len(data)
        return data


def test_a_file_that_grows_for_ever_is_not_read_for_ever() -> None:
    file = Growing()
    found = inspect_file(file, name="x")
    assert "changed" in codes(found)
    assert not found.complete
    assert file.given <= 2 * CHUNK
