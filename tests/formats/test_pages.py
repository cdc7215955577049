from __future__ import annotations

import random
import uuid
from datetime import datetime

import pytest
from factory.datafile import PAGE, data_file, page_sum
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Cancelled
from core.formats.pages import DataFileResult, page_checksum, read_data_file
from core.formats.report import DataFile
from core.formats.source import BytesStream


def read(data: bytes, *, whole: bool = True) -> DataFileResult:
    return read_data_file(BytesStream(data), size=len(data), whole=whole)


def found(result: DataFileResult) -> DataFile:
    assert result.data_file is not None
    return result.data_file


def codes(result: DataFileResult) -> list[str]:
    return [note.code for note in result.notes]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("protection", ["checksum", "torn", "none"])
def test_every_field_of_a_primary_file(protection: str, whole: bool) -> None:
    result = read(data_file("Bakkerij Jansen", protection=protection), whole=whole)
    assert result.notes == ()
    assert result.checked == {"pages": 0 if protection == "none" else 2}
    assert result.data_file == DataFile(
        internal_version=852,
        creation_version=611,
        compatibility_level=130,
        database="Bakkerij Jansen",
        database_id=7,
        created_at=datetime.fromisoformat("2016-01-02T03:04:05"),
        size_bytes=16 * PAGE,
        collation="3400d008",
        family_guid=str(uuid.UUID(int=0x52)),
        recovery_fork=str(uuid.UUID(int=0x53)),
        encrypted=False,
        primary=True,
    )


def test_a_secondary_file_has_no_boot_page() -> None:
    result = read(data_file(file_id=3, pages=4))
    assert result.notes == ()
    assert result.data_file == DataFile(size_bytes=4 * PAGE, primary=False)


@pytest.mark.parametrize("pages", [16, 17, 40])
def test_shorter_than_the_file_header_says_is_truncated(pages: int) -> None:
    data = data_file(pages=pages, stated=pages + 1)
    for whole in (False, True):
        result = read(data, whole=whole)
        assert codes(result) == ["truncated"]
        assert result.notes[0].proves_damage


def test_longer_than_the_file_header_says_is_trailing() -> None:
    result = read(data_file(pages=20, stated=16))
    assert [(note.code, note.detail) for note in result.notes] == [
        ("trailing", {"at": 16 * PAGE, "bytes": 4 * PAGE}),
    ]
    assert not result.notes[0].proves_damage


@pytest.mark.parametrize("protection", ["checksum", "torn"])
@pytest.mark.parametrize("number", [0, 9])
def test_a_changed_page_is_noticed(protection: str, number: int) -> None:
    data = bytearray(data_file(protection=protection))
    data[number * PAGE + 3 * 512 + 511] ^= 1
    result = read(bytes(data))
    assert [(note.code, note.detail["what"]) for note in result.notes] == [("checksum", f"page {number}")]


def test_encryption_is_told_and_nothing_is_guessed() -> None:
    result = read(data_file(flags=0x08))
    assert codes(result) == ["encrypted"]
    assert found(result).encrypted
    data = bytearray(data_file(flags=0x08, protection="none"))
    data[9 * PAGE + 96 : 10 * PAGE] = random.Random(3).randbytes(PAGE - 96)
    result = read(bytes(data))
    assert codes(result) == ["encrypted"]
    assert (found(result).database, found(result).encrypted) == (None, True)


def test_truncation_anywhere_is_proved() -> None:
    data = data_file()
    for cut in [*range(0, len(data), 777), *range(PAGE, len(data), PAGE)]:
        for whole in (False, True):
            assert any(note.proves_damage for note in read(data[:cut], whole=whole).notes), cut


def test_a_preallocated_copy_shows_zeros() -> None:
    data = data_file()
    assert codes(read(data[:PAGE] + bytes(len(data) - PAGE))) == ["zeros"]
    assert codes(read(bytes(len(data)))) == ["zeros"]


def test_a_wrong_boot_page_is_a_contradiction() -> None:
    data = bytearray(data_file(protection="none"))
    data[9 * PAGE + 1] = 1
    assert codes(read(bytes(data))) == ["structure"]
    data = bytearray(data_file(protection="none"))
    data[9 * PAGE + 0x194 : 9 * PAGE + 0x196] = b"\xff\xff"
    assert codes(read(bytes(data))) == ["structure"]
    assert found(read(bytes(data))).database is None


def test_an_unknown_page_version_is_a_newer_format() -> None:
    data = bytearray(data_file(protection="none"))
    data[0] = 2
    assert codes(read(bytes(data))) == ["newer-format"]


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_the_checksum_is_the_one_of_the_factory(seed: int) -> None:
    page = random.Random(seed).randbytes(PAGE)
    assert page_checksum(page) == page_sum(page)


def test_cancelled_comes_through() -> None:
    def stop(_: int) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        read_data_file(BytesStream(data_file()), size=None, whole=True, tick=stop)


FILES = [data_file(protection=protection) for protection in ("checksum", "torn", "none")]


@settings(deadline=None)
@given(st.sampled_from(FILES), st.randoms(use_true_random=False), st.integers(1, 400))
def test_no_flip_makes_it_fail(data: bytes, chance: random.Random, times: int) -> None:
    changed = bytearray(data)
    for _ in range(times):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    read(bytes(changed))


@settings(deadline=None)
@given(st.binary(max_size=3000))
def test_no_garbage_makes_it_fail(data: bytes) -> None:
    read(b"\x01\x0f\0\0" + data)
    read((b"\x01\x0f\0\0" + data).ljust(10 * PAGE, b"\xa5"))
