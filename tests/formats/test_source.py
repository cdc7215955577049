"""Streams and the file that is hashed while it is read."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Cancelled, Unreadable
from core.formats.source import BytesStream, FileStream, GuardedFile, HashingFile, PeekStream, read_all

DATA = bytes(range(256)) * 40


@given(st.lists(st.tuples(st.integers(0, len(DATA) + 50), st.integers(0, 3000)), max_size=12))
def test_every_byte_is_hashed_once_and_in_order_whatever_is_read(steps: list[tuple[int, int]]) -> None:
    copied = bytearray()
    file = HashingFile(BytesIO(DATA), sink=copied.extend)
    for place, n in steps:
        file.seek(place)
        assert file.read(n) == DATA[place : place + n]
    assert file.finish(len(DATA)) == hashlib.sha256(DATA).hexdigest()
    assert bytes(copied) == DATA
    assert file.hashed == len(DATA)


def test_progress_is_told_and_a_request_to_stop_is_obeyed() -> None:
    told: list[int] = []
    file = HashingFile(BytesIO(DATA), progress=told.append, cancel=lambda: len(told) >= 2)
    file.read(100)
    file.read(100)
    assert told == [100, 200]
    with pytest.raises(Cancelled):
        file.read(100)


def test_relative_seeks() -> None:
    file = HashingFile(BytesIO(DATA))
    assert file.seek(-6, 2) == len(DATA) - 6
    assert file.seek(2, 1) == len(DATA) - 4
    assert file.read(10) == DATA[-4:]
    assert file.tell() == len(DATA)


def test_a_disk_that_fails_is_unreadable() -> None:
    class Failing(BytesIO):
        def read(self, n: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(Unreadable) as caught:
        GuardedFile(Failing(b"x")).read(1)
    assert caught.value.key == "file-read"
    assert caught.value.params == {"reason": "Input/output error"}


def test_short_reads_are_completed() -> None:
    class Dripping(BytesIO):
        def read(self, n: int | None = -1, /) -> bytes:
            return super().read(min(3, n or 0))

    assert read_all(Dripping(DATA), 100) == DATA[:100]
    assert read_all(Dripping(b"abcde"), 100) == b"abcde"
    assert read_all(Dripping(b""), 100) == b""


@pytest.mark.parametrize("make", [lambda: FileStream(BytesIO(DATA)), lambda: BytesStream(DATA)])
def test_streams_read_skip_and_end(make: Any) -> None:
    stream = make()
    assert stream.size == len(DATA)
    assert stream.read(4) == DATA[:4]
    assert stream.skip(96) == 96
    assert stream.read(4) == DATA[100:104]
    assert stream.tell() == 104
    assert stream.skip(1 << 40) == len(DATA) - 104
    assert stream.read(1) == b""
    assert stream.read(-1) == b""
    assert stream.skip(-5) == 0


def test_a_stream_over_a_part_of_a_file() -> None:
    stream = FileStream(BytesIO(DATA), start=10, size=5)
    assert stream.read(99) == DATA[10:15]


@given(st.lists(st.tuples(st.sampled_from(["peek", "read", "skip", "go"]), st.integers(0, 9000)), max_size=20))
def test_looking_ahead_changes_nothing(steps: list[tuple[str, int]]) -> None:
    stream = PeekStream(FileStream(BytesIO(DATA)))
    at = 0
    for what, n in steps:
        if what == "peek":
            assert stream.peek(n) == DATA[at : at + n]
        elif what == "read":
            assert stream.read(n) == DATA[at : at + n]
            at = min(len(DATA), at + n)
        elif what == "skip":
            assert stream.skip(n) == min(n, len(DATA) - at)
            at = min(len(DATA), at + n)
        else:
            assert stream.go(n)
            at = n
        assert stream.tell() == at


def test_a_forward_stream_does_not_go_back() -> None:
    stream = PeekStream(BytesStream(DATA))
    assert stream.go(500)
    assert not stream.go(100)
    assert not stream.go(len(DATA) + 1)
