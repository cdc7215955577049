"""Cabinets as they should be: written, read again, and unpacked by other people's tools."""

from __future__ import annotations

import random
import shutil
import subprocess
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from factory.cabinet import Block, Raw, checksum, deflated, mszip, packed, stored
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadFormat, LimitExceeded, UsageError
from core.formats.cabinet import MAX_MEMBER, Cabinet, open_cabinet
from core.formats.cabinet_writer import Packing, write_cabinet
from core.formats.source import BytesStream, FileStream

WORDS = b"".join(random.Random(3).choice((b"debet", b"credit", b"saldo")) for _ in range(60_000))
NOISE = random.Random(4).randbytes(150_000)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.integers(0, 140_000).map(lambda n: WORDS[:n]),
    st.integers(0, 140_000).map(lambda n: NOISE[:n]),
    st.integers(0, 140_000).map(bytes),
)
NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=60)
PACKINGS: list[Packing] = ["stored", "mszip"]


def contents(data: bytes) -> list[tuple[str, bytes]]:
    """All members, read in one forward pass without any seek."""
    cabinet = Cabinet(BytesStream(data))
    read = {member.name: stream.read(1 << 30) for stream in cabinet.walk() for member in [stream]}
    assert cabinet.notes == ()
    return [(member.name, read.get(member.name, b"")) for member in cabinet.members]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(NAMES, BODIES), max_size=5, unique_by=lambda member: member[0]),
    st.sampled_from(PACKINGS),
    st.booleans(),
)
def test_round_trip(members: list[tuple[str, bytes]], packing: Packing, folder_each: bool) -> None:
    data = packed(members, packing, folder_each=folder_each)
    cabinet = open_cabinet(BytesIO(data))
    assert [(member.name, member.size) for member in cabinet.members] == [(name, len(body)) for name, body in members]
    assert not [note for note in cabinet.notes if note.code != "unsafe-name"]
    for member, (_, body) in zip(cabinet.members, members, strict=True):
        assert cabinet.open(member).read(1 << 30) == body
    walked = {stream.name: stream.read(1 << 30) for stream in Cabinet(BytesStream(data)).walk()}
    assert all(walked.get(name, b"") == body for name, body in members)


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("tool", ["cabextract", "gcab"])
@pytest.mark.parametrize("folder_each", [False, True])
def test_other_tools_unpack_what_we_write(tool: str, packing: Packing, folder_each: bool, tmp_path: Path) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    members = [("150.mdf", WORDS), ("administratie één.txt", b"hallo"), ("150_log.ldf", NOISE), ("leeg.txt", b"")]
    path = tmp_path / "package.ebu"
    path.write_bytes(packed(members, packing, folder_each=folder_each))
    into = tmp_path / "out"
    into.mkdir()
    options = ["-q", "-d"] if tool == "cabextract" else ["-x", "-C"]
    subprocess.run([tool, *options, str(into), str(path)], check=True, capture_output=True)
    assert {entry.name: entry.read_bytes() for entry in into.iterdir()} == dict(members)


@pytest.mark.parametrize("flag", [["-n"], ["-z"]])
def test_we_read_what_gcab_writes(flag: list[str], tmp_path: Path) -> None:
    if shutil.which("gcab") is None:
        pytest.skip("gcab is not installed")
    (tmp_path / "a.bak").write_bytes(WORDS)
    (tmp_path / "b.bak").write_bytes(NOISE)
    if subprocess.run(["gcab", "-c", *flag, "p.cab", "a.bak", "b.bak"], cwd=tmp_path, check=False).returncode:
        pytest.skip("this gcab knows no such packing")
    assert contents((tmp_path / "p.cab").read_bytes()) == [("a.bak", WORDS), ("b.bak", NOISE)]


def test_the_same_members_give_the_same_bytes() -> None:
    assert packed([("a", WORDS)], "mszip") == packed([("a", WORDS)], "mszip")


def test_the_date_of_the_members_is_the_callers() -> None:
    out = BytesIO()
    write_cabinet(out, [("a", 1, BytesStream(b"x"))], stamp=datetime.fromisoformat("2017-06-01T12:59:12"))
    assert out.getvalue()[44 + 10 : 44 + 14] == bytes.fromhex("c14a6667")


def test_every_reserved_area_is_passed_over() -> None:
    for blocks in (stored(WORDS), mszip(WORDS)):
        body = [type(block)(block.data, block.size, reserve=b"rsv") for block in blocks]
        raw = Raw(
            blocks=[body],
            files=[(b"a", len(WORDS), 0, 0)],
            packing=[1 if blocks[0].data[:2] == b"CK" else 0],
            head_reserve=b"signature" * 9,
            folder_reserve=b"12",
            data_reserve=3,
        )
        assert contents(raw.build()) == [("a", WORDS)]


def test_a_checksum_may_cover_the_reserved_area_too() -> None:
    sizes = b"\x04\x00\x04\x00"
    block = Block(b"data", 4, sum=checksum(sizes + b"rsrv", checksum(b"data")), reserve=b"rsrv")
    raw = Raw(blocks=[[block]], files=[(b"a", 4, 0, 0)], data_reserve=4)
    assert contents(raw.build()) == [("a", b"data")]


def test_a_checksum_of_zero_is_not_compared() -> None:
    cabinet = Cabinet(BytesStream(Raw(blocks=[[Block(b"data", 4, sum=0)]], files=[(b"a", 4, 0, 0)]).build()))
    assert [stream.read(9) for stream in cabinet.walk()] == [b"data"]
    assert cabinet.blocks_checked == 0


def test_short_blocks_in_the_middle_keep_the_dictionary() -> None:
    first, second, third = WORDS[:20_000], WORDS[20_000:25_000], WORDS[:30_000]
    history = (first + second)[-32768:]
    blocks = [
        Block(deflated(first), len(first)),
        Block(deflated(second, first), len(second)),
        Block(deflated(third, history), len(third)),
    ]
    whole = first + second + third
    assert contents(Raw(blocks=[blocks], files=[(b"a", len(whole), 0, 0)], packing=[1]).build()) == [("a", whole)]


@pytest.mark.parametrize("sizes", [[32768] * 9, [32768, 1, 32768, 500, 32768, 7, 32768]])
def test_the_head_phase_leaps_over_stored_blocks_even_and_uneven(sizes: list[int]) -> None:
    data = NOISE * 2
    blocks, at = [], 0
    for size in sizes:
        blocks.append(Block(data[at : at + size], size))
        at += size
    cabinet = open_cabinet(BytesIO(Raw(blocks=[blocks], files=[(b"a", at, 0, 0)]).build()))
    for place in (1, 32768, 32769, 70_000, at - 3):
        (stream,) = cabinet.walk(cabinet.members)
        assert stream.skip(place) == place
        assert stream.read(10) == data[place : min(at, place + 10)]
        assert stream.skip(1 << 40) == max(0, at - place - 10)
    assert cabinet.notes == ()


@pytest.mark.parametrize("packing", PACKINGS)
def test_only_the_members_that_are_wanted_are_offered(packing: Packing) -> None:
    data = packed([("a", WORDS), ("b", NOISE), ("c", b"last")], packing)
    cabinet = Cabinet(FileStream(BytesIO(data)))
    wanted = cabinet.members[1:]
    assert [(stream.name, stream.read(4)) for stream in cabinet.walk(wanted)] == [("b", NOISE[:4]), ("c", b"last")]


def test_packing_says_mixed_where_folders_differ() -> None:
    raw = Raw(blocks=[stored(b"a"), mszip(b"b")], files=[(b"a", 1, 0, 0), (b"b", 1, 0, 1)], packing=[0, 1])
    assert open_cabinet(BytesIO(raw.build())).packing == "mixed"
    assert open_cabinet(BytesIO(packed([]))).packing == "stored"


class TestRefusals:
    def test_a_member_beyond_two_gigabytes(self) -> None:
        with pytest.raises(LimitExceeded) as caught:
            write_cabinet(BytesIO(), [("a", MAX_MEMBER + 1, BytesStream(b""))], "mszip")
        assert caught.value.key == "cabinet-2gb"

    def test_members_that_together_pass_the_limit(self) -> None:
        half = MAX_MEMBER // 2 + 1
        with pytest.raises(LimitExceeded):
            write_cabinet(BytesIO(), [("a", half, BytesStream(b"")), ("b", half, BytesStream(b""))], "mszip")
        entries = [("a", half, BytesStream(b"")), ("b", half, BytesStream(b""))]
        with pytest.raises(LimitExceeded):
            write_cabinet(BytesIO(), entries, "stored", folder_each=True)

    @pytest.mark.parametrize("name", ["", "a\0b", "x" * 256, "é" * 128])
    def test_names_that_do_not_fit(self, name: str) -> None:
        with pytest.raises(LimitExceeded) as caught:
            packed([(name, b"")])
        assert caught.value.key == "member-name"

    def test_too_many_members(self) -> None:
        with pytest.raises(LimitExceeded):
            packed([("a", b"")] * 65_536)

    @pytest.mark.parametrize(("stated", "key"), [(5, "member-short"), (3, "member-long")])
    def test_a_member_of_another_size_than_stated(self, stated: int, key: str) -> None:
        with pytest.raises(BadFormat) as caught:
            write_cabinet(BytesIO(), [("a", stated, BytesStream(b"four"))])
        assert caught.value.key == key

    def test_a_packing_that_we_cannot_write(self) -> None:
        with pytest.raises(UsageError):
            write_cabinet(BytesIO(), [], "lzx")  # type: ignore[arg-type]

    def test_a_packing_that_we_cannot_read(self) -> None:
        cabinet = open_cabinet(BytesIO(Raw(blocks=[stored(b"a")], files=[(b"a", 1, 0, 0)], packing=[0x1503]).build()))
        assert [note.code for note in cabinet.notes] == ["packing-unknown"]
        assert cabinet.packing == "lzx"
        assert list(cabinet.walk()) == []
        with pytest.raises(BadFormat):
            cabinet.open(cabinet.members[0])
