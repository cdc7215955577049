from __future__ import annotations

import random
import struct
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from factory.tape import LOG, Builder, File, Medium, Set, tape, write_sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Cancelled
from core.formats.report import DatabaseFile
from core.formats.source import BytesStream, FileStream
from core.formats.tape import TapeResult, read_tape

SMALL = Set(files=(File(pages=1), LOG), log_pages=0)


def read(data: bytes, *, whole: bool = True, reach: int | None = None) -> TapeResult:
    return read_tape(BytesStream(data), whole=whole, reach=reach)


def codes(result: TapeResult) -> list[str]:
    return [note.code for note in result.notes]


def damaged(result: TapeResult) -> bool:
    return any(note.proves_damage for note in result.notes)


def find(data: bytes, kind: bytes, nth: int = 0) -> int:
    """Where the nth header of this kind starts; the factory's pages hold no such names."""
    at = -1
    for _ in range(nth + 1):
        at = data.index(kind, at + 1)
    return at


@pytest.mark.parametrize("whole", [False, True])
def test_every_field_of_a_full_backup(whole: bool) -> None:
    result = read(tape(Set(previous_guid=uuid.UUID(int=4))), whole=whole)

    assert result.notes == ()
    media = result.media
    assert media is not None
    assert (media.guid, media.family_count, media.family_ordinal, media.mirrors) == (str(uuid.UUID(int=0x99)), 1, 1, 1)
    assert (media.software, media.name, media.description, media.block_size) == ("Microsoft SQL Server", "", "", 512)
    assert (media.password, media.container_version) == (False, None)
    (one,) = media.sets
    assert (one.position, one.name, one.description, one.user) == (
        1,
        "150-Full Database Backup",
        "nightly",
        "KLANT\\beheer",
    )
    assert (one.backup_type, one.database, one.server) == ("full", "150", "KLANT\\EXACT")
    assert one.started_at == datetime.fromisoformat("2017-06-01T12:59:12")
    assert one.finished_at == datetime.fromisoformat("2017-06-01T12:59:13")
    assert one.database_created_at == datetime.fromisoformat("2016-01-02T03:04:06")
    assert (one.engine_version, one.internal_version, one.compatibility_level) == ("13.0.4001", 852, 130)
    assert (one.collation, one.lcid) == ("00d00409/34", 0x409)
    assert (one.checksums, one.password, one.encrypted, one.ended) == (False, False, False, True)
    assert one.files == (
        DatabaseFile("150", "C:\\Exact\\150.mdf", "data", 1, 640 * 8192, 2),
        DatabaseFile("150_log", "C:\\Exact\\150_log.ldf", "log", 2, 128 * 8192, 0),
    )
    assert (one.set_guid, one.base_guid, one.previous_full_guid) == (
        str(uuid.UUID(int=0x51)),
        None,
        str(uuid.UUID(int=4)),
    )
    assert (one.family_guid, one.recovery_fork) == (str(uuid.UUID(int=0x52)), str(uuid.UUID(int=0x53)))
    assert (one.first_lsn, one.last_lsn) == ("36:3528:37", "36:3545:2")
    assert (one.checkpoint_lsn, one.database_lsn) == ("36:3528:37", "36:3430:210")
    assert (one.backup_bytes, one.status) == (123_456, 0x10008)


def test_a_differential_names_the_full_it_needs() -> None:
    result = read(tape(Set(letter="I", base_guid=uuid.UUID(int=7))))
    assert result.media is not None
    assert (result.media.sets[0].backup_type, result.media.sets[0].base_guid) == ("differential", str(uuid.UUID(int=7)))


def test_a_log_has_no_pages() -> None:
    result = read(tape(Set(letter="L", log_pages=3)))
    assert result.media is not None
    assert (result.notes, result.media.sets[0].backup_type, result.checked["page-counts"]) == ((), "log", 0)


def test_several_sets_on_one_medium() -> None:
    sets = (Set(database="001"), Set(database="002", letter="L"), Set(database="003", letter="I", checksums=True))
    result = read(tape(*sets))
    assert result.notes == ()
    assert result.media is not None
    assert [(one.position, one.database, one.ended) for one in result.media.sets] == [
        (1, "001", True),
        (2, "002", True),
        (3, "003", True),
    ]


def test_a_stripe_says_which_one_it_is_and_misses_no_pages() -> None:
    result = read(tape(Set(files=(File(pages=40), LOG)), medium=Medium(stripes=3, stripe=2, block=4096)))
    assert result.media is not None
    assert (result.media.family_count, result.media.family_ordinal, result.media.block_size) == (3, 2, 4096)
    assert result.notes == ()


def test_passwords_and_checksums_are_told() -> None:
    medium = tape(Set(password=True, checksums=True), medium=Medium(password=True, name="week 12", description="d"))
    result = read(medium)
    assert result.notes == ()
    assert result.media is not None
    assert (result.media.password, result.media.name, result.media.description) == (True, "week 12", "d")
    assert (result.media.sets[0].password, result.media.sets[0].checksums) == (True, True)
    assert result.checked["checksums"] == 2


def test_two_data_files_and_two_regions() -> None:
    files = (File(pages=3, again=2), LOG, File("extra", "D:\\150.ndf", file_id=3, pages=4, again=1))
    result = read(tape(Set(files=files)))
    assert result.notes == ()
    assert result.media is not None
    assert [file.pages for file in result.media.sets[0].files] == [5, 0, 5]
    assert result.checked["page-counts"] == 2


def test_filler_pages_are_no_contradiction_but_missing_pages_are() -> None:
    assert codes(read(tape(Set(filler=100)))) == []
    assert codes(read(tape(Set(filler=128)))) == ["page-count"]
    assert not damaged(read(tape(Set(filler=128))))
    short = read(tape(Set(filler=-1)))
    assert codes(short) == ["page-count"]
    assert damaged(short)


def test_an_encrypted_stream_is_told() -> None:
    result = read(tape(Set(encryption=1)))
    assert "encrypted" in codes(result)
    assert result.media is not None
    assert result.media.sets[0].encrypted


def test_an_unended_set_is_truncated_and_keeps_its_opening_facts() -> None:
    result = read(tape(Set(ended=False)))
    assert codes(result) == ["truncated"]
    assert result.media is not None
    one = result.media.sets[0]
    assert (one.ended, one.finished_at, one.started_at) == (False, None, datetime.fromisoformat("2017-06-01T12:59:12"))


def test_a_set_that_was_cut_off_by_the_next_one() -> None:
    result = read(tape(Set(ended=False), Set()))
    assert codes(result) == ["truncated"]
    assert result.media is not None
    assert [one.ended for one in result.media.sets] == [False, True]


def test_a_preallocated_copy_shows_zeros() -> None:
    data = tape(Set())
    for kind in (b"MSDA", b"MSTL", b"MSLS"):
        result = read(data[: find(data, kind)] + bytes(len(data)))
        assert codes(result) == ["zeros"], kind
        assert damaged(result)
    middle = find(data, b"MQDA") + 5000
    assert codes(read(data[:middle] + bytes(50_000))) == ["zeros"]


def test_bytes_behind_the_end_are_trailing_and_no_damage() -> None:
    data = tape(Set())
    for whole in (False, True):
        result = read(data + b"x" * 700, whole=whole)
        assert codes(result) == ["trailing"]
        assert result.notes[0].detail == {"at": len(data), "bytes": 700}
        assert not damaged(result)


def test_head_mode_stays_within_its_reach() -> None:
    data = tape(Set(files=(File(pages=64), LOG)))
    result = read(data, whole=False, reach=100_000)
    assert result.notes == ()
    assert result.media is not None
    assert (result.media.sets[0].database, result.media.sets[0].ended) == ("150", False)


def test_head_facts_of_two_gigabytes_need_few_bytes(tmp_path: Path) -> None:
    size = write_sparse(tmp_path / "big.bak", Set(files=(File(pages=260_000), LOG)))
    taken: list[int] = []
    with (tmp_path / "big.bak").open("rb") as file:
        result = read_tape(FileStream(file), whole=False, tick=taken.append)
    assert size > 2_000_000_000
    assert result.notes == ()
    assert result.media is not None
    assert result.media.sets[0].ended
    assert sum(taken) < 50_000


def test_tick_counts_every_byte_and_may_stop_the_walk() -> None:
    data = tape(Set())
    taken: list[int] = []
    read_tape(BytesStream(data), whole=True, tick=taken.append)
    assert sum(taken) > len(data) * 0.95

    def stop(_: int) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        read_tape(BytesStream(data), whole=True, tick=stop)


def test_truncation_anywhere_is_proved() -> None:
    data = tape(SMALL)
    for cut in [*range(0, len(data), 37), *(len(data) - back for back in (1, 2, 511, 512, 513))]:
        for whole in (False, True):
            assert damaged(read(data[:cut], whole=whole)), (cut, whole)


def test_a_changed_header_is_noticed() -> None:
    data = tape(replace(SMALL, checksums=True))
    for kind in (b"TAPE", b"SSET", b"VOLB", b"MSCI", b"MSDA", b"MSTL", b"MSLS", b"ESET", b"SFMB"):
        start = find(data, kind)
        for place in range(4, 52, 3):
            changed = bytearray(data)
            changed[start + place] ^= 0x10
            assert damaged(read(bytes(changed))), (kind, place)
    for kind in (b"RAID", b"APAD", b"MQCI", b"MQDA", b"MQTL", b"CSUM", b"SPAD"):
        start = find(data, kind)
        for place in range(4, 22):
            changed = bytearray(data)
            changed[start + place] ^= 0x10
            assert damaged(read(bytes(changed))), (kind, place)


def test_a_changed_page_is_noticed_where_the_backup_has_checksums() -> None:
    data = bytearray(tape(Set(checksums=True)))
    data[find(bytes(data), b"MQDA") + 9000] ^= 1
    result = read(bytes(data))
    assert [(note.code, note.detail["what"]) for note in result.notes] == [("checksum", "MSDA CSUM")]
    assert read(bytes(data), whole=False).notes == ()


def test_a_name_is_whole_or_absent() -> None:
    data = bytearray(tape(Set()))
    record = find(bytes(data), b"SCIN", 1)
    struct.pack_into("<H", data, record + 106, 0xFFF0)
    result = read(bytes(data))
    assert codes(result) == ["structure"]
    assert result.media is not None
    assert result.media.sets[0].database is None


@pytest.mark.parametrize(
    ("kind", "nth", "patch"),
    [
        (b"SCIN", 0, (4, b"\x10\0\0\0")),
        (b"SCIN", 1, (4, b"\xff\xff\xff\xff")),
        (b"SFIN", 0, (4, b"\x0c\0\0\0")),
        (b"SFIN", 3, (48, b"\xff\xff\xff\xff")),
    ],
)
def test_lying_record_lengths_are_contradictions(kind: bytes, nth: int, patch: tuple[int, bytes]) -> None:
    data = bytearray(tape(Set()))
    at = find(bytes(data), kind, nth) + patch[0]
    data[at : at + len(patch[1])] = patch[1]
    assert "structure" in codes(read(bytes(data)))


def test_unknown_things_are_named_not_guessed() -> None:
    assert codes(read(tape(Set(letter="F")))) == ["record-unknown", "record-unknown"]
    data = tape(Set()).replace(b"SFGI", b"SFXX")
    assert [note.detail["what"] for note in read(data).notes] == ["SFXX", "SFXX"]
    assert codes(read(tape(Set(), medium=Medium(version=2)))) == ["newer-format"]


def test_impossible_dates_are_unknown_dates() -> None:
    data = bytearray(tape(Set()))
    at = find(bytes(data), b"SCIN", 1) + 77
    data[at : at + 5] = b"\xff" * 5
    result = read(bytes(data))
    assert result.media is not None
    assert result.media.sets[0].started_at is None


def test_an_older_header_leaves_the_release_of_the_engine() -> None:
    data = bytearray(tape(replace(SMALL, letter="L")))
    for nth in (0, 1):
        start = find(bytes(data), b"SCIN", nth)
        length = int.from_bytes(data[start + 4 : start + 8], "little")
        data[start + 4 : start + 8] = (300).to_bytes(4, "little")
        data[start + 300 : start + 308] = b"SFGI" + (length - 300).to_bytes(4, "little")
    result = read(bytes(data))
    assert codes(result) == ["record-unknown", "record-unknown"]
    assert result.media is not None
    assert (result.media.sets[0].engine_version, result.media.sets[0].internal_version) == ("13.0", None)


def bounded(builder: Builder) -> TapeResult:
    result = read(b"".join(bytes(part) if isinstance(part, int) else part for part in builder.parts), whole=False)
    assert "limit" in codes(result)
    return result


def test_endless_headers_reach_a_bound() -> None:
    builder = Builder(Medium(), None)
    builder.header()
    builder.filemark(52)
    builder.parts += [builder.parts[-1]] * 300_000
    bounded(builder)


def test_endless_sets_reach_a_bound() -> None:
    builder = Builder(Medium(), None)
    builder.header()
    start = len(builder.parts)
    builder.label(SMALL, 1)
    builder.parts += builder.parts[start:] * 5000
    assert len(bounded(builder).media.sets) == 5000  # type: ignore[union-attr]


def test_endless_files_reach_a_bound() -> None:
    builder = Builder(Medium(), None)
    builder.header()
    builder.backup(Set(files=(File(pages=0),) * 21_000), 1)
    assert bounded(builder).media.sets[0].database == "150"  # type: ignore[union-attr]


TAPES = [tape(replace(SMALL, checksums=True)), tape(SMALL, Set(letter="L")), tape(medium=Medium(stripes=2))]


def _flip(data: bytes, draw: Callable[[int], int], times: int) -> bytes:
    changed = bytearray(data)
    for _ in range(times):
        changed[draw(len(changed))] ^= 1 << draw(8)
    return bytes(changed)


@settings(deadline=None)
@given(st.sampled_from(TAPES), st.randoms(use_true_random=False), st.integers(1, 30), st.booleans())
def test_no_flip_makes_it_fail(data: bytes, chance: random.Random, times: int, whole: bool) -> None:
    read(_flip(data, chance.randrange, times), whole=whole)


@settings(deadline=None)
@given(st.sampled_from(TAPES), st.randoms(use_true_random=False), st.binary(max_size=300))
def test_no_splice_makes_it_fail(data: bytes, chance: random.Random, piece: bytes) -> None:
    at = chance.randrange(min(len(data), 9000))
    for whole in (False, True):
        read(data[:at] + piece + data[at + chance.randrange(len(piece) + 1) :], whole=whole)


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_no_garbage_makes_it_fail(data: bytes) -> None:
    assert damaged(read(b"TAPE" + data))
