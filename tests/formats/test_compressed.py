from __future__ import annotations

import random
from dataclasses import replace

import pytest
from factory.compressed import compress, encode, literals
from factory.tape import LOG, File, Medium, Set, tape
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadFormat, Cancelled
from core.formats.compressed import CompressedStream, read_compressed
from core.formats.source import BytesStream
from core.formats.tape import TapeResult, read_tape
from core.formats.xpress import Expander

TAPE = tape(Set(files=(File(pages=12), LOG)))
SMALL = tape(Set(files=(File(pages=1), LOG), log_pages=0))


def read(data: bytes, *, whole: bool = True) -> TapeResult:
    return read_compressed(BytesStream(data), whole=whole)


def codes(result: TapeResult) -> list[str]:
    return [note.code for note in result.notes]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("whole", [False, True])
def test_the_same_report_as_the_tape_inside(version: int, whole: bool) -> None:
    medium = tape(Set(checksums=True), Set(letter="I"), medium=Medium(stripes=2, stripe=2, name="week"))
    plain = read_tape(BytesStream(medium), whole=True).media
    result = read(compress(medium, version), whole=whole)
    assert result.notes == ()
    assert plain is not None
    assert result.media == replace(plain, container_version=version)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("dense", [False, True])
def test_it_expands_to_the_same_bytes(version: int, dense: bool) -> None:
    stream = CompressedStream(BytesStream(compress(SMALL, version, dense=dense)), whole=True)
    assert stream.read(len(SMALL) + 1) == SMALL
    assert (stream.tell(), stream.notes.all()) == (len(SMALL), ())


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40_000)), max_size=12))
def test_reading_and_skipping_agree_with_the_tape(steps: list[tuple[bool, int]]) -> None:
    plain, packed = BytesStream(TAPE), CompressedStream(BytesStream(_PACKED), whole=False)
    for reading, n in steps:
        if reading:
            assert packed.read(n) == plain.read(n)
        else:
            assert packed.skip(n) == plain.skip(n)
        assert packed.tell() == plain.tell()


_PACKED = compress(TAPE)


def test_passing_over_data_does_not_read_it() -> None:
    taken: list[int] = []
    data = compress(tape(Set(files=(File(pages=100), LOG))))
    result = read_compressed(BytesStream(data), whole=False, tick=taken.append)
    assert result.media is not None
    assert result.media.sets[0].ended
    assert sum(taken) < len(data) / 4


def test_whole_mode_compares_every_record_and_trailer() -> None:
    result = read(_PACKED)
    assert result.checked["checksums"] == result.checked["records"] + 1
    assert read(_PACKED, whole=False).checked["checksums"] < result.checked["checksums"]


def test_truncation_anywhere_is_proved_unless_it_is_no_such_file() -> None:
    data = compress(SMALL)
    for cut in [*range(0, len(data), 61), *(len(data) - back for back in (1, 2, 512, 513))]:
        for whole in (False, True):
            result = read(data[:cut], whole=whole)
            assert any(note.proves_damage for note in result.notes), (cut, whole)
            assert all(int(note.detail.get("at", 0)) <= cut for note in result.notes)


def test_a_preallocated_copy_shows_zeros() -> None:
    data = compress(SMALL)
    at = data.index(b"SFMB") + 512
    assert codes(read(data[:at] + bytes(5000))) == ["zeros"]


def test_a_changed_record_is_noticed() -> None:
    changed = bytearray(_PACKED)
    changed[len(changed) // 2] ^= 1
    assert codes(read(bytes(changed))) == ["checksum"]
    changed = bytearray(_PACKED)
    changed[_PACKED.rindex(b"\x2c\0\0\0") + 24 + 20] ^= 1
    assert [(note.code, note.detail["what"]) for note in read(bytes(changed)).notes] == [("checksum", "trailer")]


def test_an_unknown_record_or_container_is_refused_with_a_reason() -> None:
    at = _PACKED.index(b"SFMB") + 512
    result = read(_PACKED[:at] + b"\x31\0\0\0" + _PACKED[at + 4 :])
    assert [(note.code, note.detail) for note in result.notes] == [("record-unknown", {"what": "record 31", "at": at})]
    assert not any(note.proves_damage for note in result.notes)
    result = read(_PACKED[:8] + b"\3" + _PACKED[9:])
    assert [(note.code, note.detail) for note in result.notes] == [("newer-format", {"what": "MSSQLBAK", "version": 3})]
    assert result.media is None


def test_cancelled_comes_through() -> None:
    def stop(_: int) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        read_compressed(BytesStream(_PACKED), whole=True, tick=stop)


@settings(deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 20), st.booleans(), st.sampled_from([1, 2]))
def test_no_flip_makes_it_fail(chance: random.Random, times: int, whole: bool, version: int) -> None:
    changed = bytearray(_DENSE[version])
    for _ in range(times):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    read(bytes(changed), whole=whole)


_DENSE = {version: compress(SMALL, version, dense=True) for version in (1, 2)}


@settings(deadline=None)
@given(st.binary(max_size=1500), st.sampled_from([1, 2]))
def test_no_garbage_makes_it_fail(data: bytes, version: int) -> None:
    head = _PACKED[:480] if version == 2 else b"MSSQLBAK\1\0\0\0\1\0\0\0"
    read(head + data)
    read(b"MSSQLBAK" + data)


# -- LZ77 + Huffman --------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text("ab", max_size=4000).map(str.encode)))
def test_what_was_encoded_comes_back(data: bytes) -> None:
    assert Expander(encode(data), len(data)).upto(len(data)) == data
    assert Expander(literals(data), len(data)).upto(len(data)) == data


@pytest.mark.parametrize("run", [3, 17, 18, 19, 272, 273, 274, 40_000])
def test_matches_of_every_length_form(run: int) -> None:
    data = b"x" + b"yz" * run + b"x"
    assert Expander(encode(data), len(data)).upto(len(data)) == data


def test_it_expands_no_more_than_it_is_asked_for() -> None:
    data = random.Random(1).randbytes(60_000)
    expander = Expander(literals(data), len(data))
    assert expander.upto(100) == data[:100]
    assert len(expander.out) == 100
    assert expander.upto(70_000) == data


def test_the_example_of_the_specification() -> None:
    # [MS-XCA] 3.2: "abcdefghijklmnopqrstuvwxyz"
    table = bytearray(256)
    table[0x30:0x3E] = bytes.fromhex("50" + "55" * 10 + "454404")
    table[0x80] = 0x04
    packed = bytes(table) + bytes.fromhex("d852 3ed7 9411 5be9 195f f9d6 7cdf 8d04 0000 0000")
    assert Expander(packed, 26).upto(26) == b"abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("packed", [b"", b"\x11" * 256 + bytes(8), bytes(300), b"\x88" * 100, b"\x88" * 128])
def test_what_no_compressor_wrote_is_refused(packed: bytes) -> None:
    with pytest.raises(BadFormat):
        Expander(packed, 50).upto(50)


def test_a_match_before_the_start_is_refused() -> None:
    from factory.compressed import _Bits

    bits = _Bits()
    bits.put(65, 9)
    bits.match(2, 5)
    with pytest.raises(BadFormat):
        Expander(b"\x99" * 256 + bits.finish(), 6).upto(6)
