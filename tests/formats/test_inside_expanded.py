from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from factory.compressed import compress, literals
from factory.huffman import BLOCK, pack
from factory.sqlserver.backup import media_of, write_backup
from factory.sqlserver.model import Database, Table, columns
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadFormat
from core.formats.inside.expanded import ExpandedMedium
from core.formats.inside.medium import FileMedium
from core.formats.inside.opening import open_backup
from core.formats.inside.unpacking import LARGEST, expand, libwim, with_libfwnt, with_libwim
from core.formats.xpress import Expander

READERS = [
    with_libfwnt,
    pytest.param(with_libwim, marks=pytest.mark.skipif(libwim() is None, reason="the system has no libwim")),
]
LINES = Table("t", columns(nr="int", name="varchar(40)"), [[at, f"regel {at % 77}"] for at in range(9000)])
(TAPE,) = media_of([Database([LINES])], block=BLOCK)
PIECES = st.lists(st.one_of(st.binary(max_size=9), st.sampled_from([b"jansen", bytes(400), b"ab" * 9])), min_size=1)


@settings(deadline=None)
@given(PIECES.map(b"".join).filter(len))
def test_every_reader_expands_what_was_packed(data: bytes) -> None:
    packed = pack(data)
    assert bytes(Expander(packed, len(data)).upto(len(data))) == data
    assert expand(packed, len(data)) == with_libfwnt(packed, len(data)) == data


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("size", [1, 512, 20_000, 65_024, LARGEST])
def test_records_of_all_sizes(reader: Callable[[bytes, int], bytes], size: int) -> None:
    data = TAPE[len(TAPE) // 2 :][:size]
    assert reader(pack(data), size) == data


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("packed", [b"", bytes(100), bytes(300), b"\x11" * 256 + bytes(90)])
def test_what_is_no_record_is_refused(reader: Callable[[bytes, int], bytes], packed: bytes) -> None:
    with pytest.raises(BadFormat):
        reader(packed, 65_536)


def test_a_record_longer_than_usual_is_expanded() -> None:
    data = random.Random(4).randbytes(127 * 512)[:32_768]
    assert expand(literals(data), len(data)) == data


@pytest.fixture(scope="module")
def packed_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("expanded") / "t.bak"
    path.write_bytes(compress(TAPE, 2, packer=pack))
    return path


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("kept", [1, 4 << 16, 64 << 20])
def test_it_reads_the_same_at_any_place(packed_file: Path, threads: int, kept: int) -> None:
    chance = random.Random(f"{threads} {kept}")
    with packed_file.open("rb") as file:
        medium = ExpandedMedium(FileMedium(file), kept, threads)
        assert medium.size == len(TAPE)
        assert medium.read_at(0, medium.size + 9) == TAPE
        for _ in range(60):
            start, size = chance.randrange(len(TAPE)), chance.choice([0, 1, 100, 8192, 200_000])
            if chance.random() < 0.5:
                medium.expect(start, size)
            if chance.random() < 0.8:
                assert medium.read_at(start, size) == TAPE[start : start + size]
        assert medium.read_at(medium.size, 10) == medium.read_at(medium.size + 5, 10) == b""
        assert not medium.lost(0, medium.size)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_broken_record_is_zeros_and_named(packed_file: Path, tmp_path: Path, threads: int) -> None:
    raw = bytearray(packed_file.read_bytes())
    raw[len(raw) // 2] ^= 1
    path = tmp_path / "broken.bak"
    path.write_bytes(raw)
    with path.open("rb") as file:
        medium = ExpandedMedium(FileMedium(file), threads=threads)
        found = medium.read_at(0, medium.size)
        ((start, end),) = medium.lost(0, medium.size)
    assert found == TAPE[:start] + bytes(end - start) + TAPE[end:]


def test_rows_come_out_of_full_records(tmp_path: Path) -> None:
    (path,) = write_backup(tmp_path / "t.bak", Database([LINES]), container=1, packer=pack, block=BLOCK)
    with open_backup(path) as database:
        (table,) = database.tables()
        batches = [[column.to_list() for column in batch.columns] for batch in database.read(table)]
        checked = database.verify()
    assert [row for batch in batches for row in zip(*batch, strict=True)] == [tuple(row) for row in LINES.rows]
    assert checked.good
    assert checked.summed == checked.pages > 0
