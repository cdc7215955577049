"""The folded checksums equal the plain loops of the format descriptions."""

from __future__ import annotations

import itertools
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats.xor import SectorChecksum, cabinet_checksum, rol32, rolling_dwords, xor16

DATA = st.binary(max_size=5000)
BIG = bytes(range(251)) * 5000


def plain_cabinet(data: bytes, seed: int) -> int:
    whole = len(data) & ~3
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        seed ^= word
    rest = 0
    for byte in data[whole:]:
        rest = rest << 8 | byte
    return seed ^ rest


def plain_rolling(data: bytes) -> int:
    value = 0
    for (word,) in struct.iter_unpack("<I", data + bytes(-len(data) % 4)):
        value = rol32(value, 1) ^ word
    return value


def plain_sectors(data: bytes) -> int:
    value = 0
    for at in range(0, len(data) - len(data) % 512, 512):
        value = rol32(value, 1) ^ plain_cabinet(data[at : at + 512], 0)
    return value


@given(DATA, st.integers(0, 0xFFFFFFFF))
def test_cabinet(data: bytes, seed: int) -> None:
    assert cabinet_checksum(data, seed) == plain_cabinet(data, seed)


@given(DATA)
def test_rolling(data: bytes) -> None:
    assert rolling_dwords(data) == plain_rolling(data)


@given(st.binary(max_size=700), st.lists(st.integers(0, 40_000), max_size=6))
def test_sectors_in_any_pieces(seed: bytes, cuts: list[int]) -> None:
    data = (seed * (40_000 // (len(seed) or 1) + 1))[:40_000] if seed else b""
    checksum = SectorChecksum()
    edges = [0, *sorted(cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        checksum.update(data[start:end])
    assert checksum.value == plain_sectors(data)


@pytest.mark.parametrize(
    "size", [0, 1, 2, 3, 4, 127, 128, 129, 511, 512, 513, 16384, 262_143, 262_144, 262_149, 1_255_000]
)
def test_sizes_around_the_borders(size: int) -> None:
    data = BIG[:size]
    sectors = SectorChecksum()
    sectors.update(memoryview(data))
    assert cabinet_checksum(memoryview(data), 7) == plain_cabinet(data, 7)
    assert rolling_dwords(data) == plain_rolling(data)
    assert sectors.value == plain_sectors(data)


def test_header_words() -> None:
    assert xor16(struct.pack("<3H", 0x1234, 0xFF00, 0x00FF)) == 0x1234 ^ 0xFF00 ^ 0x00FF
    assert xor16(b"") == 0


def test_fast_enough_for_whole_files() -> None:
    data = BIG * 8
    started = time.perf_counter()
    cabinet_checksum(data)
    rolling_dwords(data)
    SectorChecksum().update(data)
    rate = 3 * len(data) / (time.perf_counter() - started) / 1e6
    assert rate > 50, f"{rate:.0f} MB/s"
