"""Cabinets that lie, break off or want to do harm: notes, never an exception, never much memory."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import pytest
from factory.cabinet import Block, Raw, deflated, mszip, packed, stored
from hypothesis import given
from hypothesis import strategies as st

from core.formats.cabinet import Cabinet, unsafe_name
from core.formats.limits import Limits
from core.formats.report import Note
from core.formats.source import BytesStream, FileStream

SMALL = {
    "stored": packed([("a.bak", b"hello there, general"), ("b.bak", b"kenobi" * 9)]),
    "mszip": packed([("a.bak", b"hello there, general"), ("b.bak", b"kenobi" * 9)], "mszip", folder_each=True),
}


def read(data: bytes, *, limits: Limits | None = None) -> tuple[dict[str, bytes], tuple[Note, ...]]:
    """All that comes out, and what was noted."""
    cabinet = Cabinet(FileStream(BytesIO(data)), limits=limits)
    out = {stream.name: stream.read(1 << 20) for stream in cabinet.walk()}
    return out, cabinet.notes


def codes(notes: tuple[Note, ...]) -> set[str]:
    return {note.code for note in notes}


@pytest.mark.parametrize("packing", SMALL)
def test_cut_anywhere_it_is_noted_as_damage(packing: str) -> None:
    data = SMALL[packing]
    for end in range(len(data)):
        _, notes = read(data[:end])
        assert any(note.proves_damage for note in notes), end


@pytest.mark.parametrize("packing", SMALL)
def test_a_flipped_bit_never_raises_and_never_goes_unseen_in_the_data(packing: str) -> None:
    data = SMALL[packing]
    wanted, _ = read(data)
    for at in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[at] ^= 1 << bit
            out, notes = read(bytes(flipped))
            changed = {name: body for name, body in out.items() if name in wanted and body != wanted[name]}
            told = codes(notes) or set(out) != set(wanted)
            shifted = 36 <= at < 36 + 16 + 2 * 22  # folder and file tables carry no checksum
            assert not changed or told or shifted, (at, bit, changed)


@given(st.binary(max_size=400))
def test_rubbish_behind_a_signature(rubbish: bytes) -> None:
    read(b"MSCF" + rubbish)


@given(st.integers(0, 200), st.binary(min_size=1, max_size=12))
def test_rubbish_somewhere(at: int, rubbish: bytes) -> None:
    data = bytearray(SMALL["mszip"])
    data[at : at + len(rubbish)] = rubbish
    read(bytes(data))


@given(st.binary(max_size=300), st.integers(0, 0xFFFF))
def test_rubbish_instead_of_deflate(rubbish: bytes, size: int) -> None:
    read(Raw(blocks=[[Block(b"CK" + rubbish, size)]], files=[(b"a", size, 0, 0)], packing=[1]).build())


class TestLies:
    def test_a_member_larger_than_its_folder(self) -> None:
        out, notes = read(Raw(blocks=[stored(b"four")], files=[(b"a", 5, 0, 0)]).build())
        assert out == {"a": b"four"}
        assert notes == (Note("member-size", {"member": "a", "stated": 5, "delivered": 4}, proves_damage=True),)

    def test_a_member_that_starts_behind_its_folder(self) -> None:
        _, notes = read(Raw(blocks=[stored(b"four")], files=[(b"a", 5, 40_000, 0)]).build())
        assert "member-size" in codes(notes)

    def test_a_folder_that_is_not_there(self) -> None:
        out, notes = read(Raw(blocks=[stored(b"four")], files=[(b"a", 4, 0, 3)]).build())
        assert out == {}
        assert notes[0].code == "structure"
        assert notes[0].proves_damage

    def test_members_that_overlap(self) -> None:
        out, notes = read(Raw(blocks=[stored(b"four")], files=[(b"a", 3, 0, 0), (b"b", 3, 1, 0)]).build())
        assert out == {"a": b"fou"}
        assert codes(notes) == {"structure"}

    def test_folders_that_share_their_data_are_read_once(self) -> None:
        raw = Raw(
            blocks=[mszip(bytes(90_000))] * 3,
            files=[(b"a", 90_000, 0, n) for n in range(3)],
            packing=[1, 1, 1],
            places={1: 0, 2: 0},
        )
        cabinet = Cabinet(FileStream(BytesIO(raw.build())))
        assert len(list(cabinet.walk())) == 1
        assert "structure" in codes(cabinet.notes)

    def test_folders_out_of_order_are_read_where_they_lie(self) -> None:
        raw = Raw(
            blocks=[stored(b"one"), stored(b"two")], files=[(b"a", 3, 0, 0), (b"b", 3, 0, 1)], places={0: 1, 1: 0}
        )
        assert read(raw.build()) == ({"a": b"two", "b": b"one"}, ())

    def test_stored_and_packed_sizes_that_differ(self) -> None:
        _, notes = read(Raw(blocks=[[Block(b"four", 5)]], files=[(b"a", 4, 0, 0)]).build())
        assert codes(notes) == {"structure"}

    def test_a_block_larger_than_a_block_can_be(self) -> None:
        _, notes = read(Raw(blocks=[[Block(bytes(40_000), 40_000)]], files=[(b"a", 32_000, 0, 0)]).build())
        assert codes(notes) == {"structure"}

    def test_a_block_that_unpacks_to_another_size(self) -> None:
        for size in (3, 5):
            raw = Raw(blocks=[[Block(deflated(b"four"), size)]], files=[(b"a", size, 0, 0)], packing=[1])
            assert codes(read(raw.build())[1]) == {"structure"}

    def test_a_deflate_bomb_in_one_block_stays_small(self) -> None:
        bomb = Block(deflated(bytes(50 << 20))[:60_000], 32_768)
        tracemalloc.start()
        _, notes = read(Raw(blocks=[[bomb]], files=[(b"a", 32_768, 0, 0)], packing=[1]).build())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert codes(notes) == {"structure"}
        assert peak < 2 << 20

    def test_bytes_behind_the_end(self) -> None:
        _, notes = read(SMALL["stored"] + b"signature")
        assert notes == (Note("trailing", {"bytes": 9}),)

    def test_a_header_that_states_more_than_there_is(self) -> None:
        _, notes = read(Raw(blocks=[stored(b"four")], files=[(b"a", 4, 0, 0)], size=5000).build())
        assert codes(notes) == {"truncated"}

    def test_an_unknown_version(self) -> None:
        data = bytearray(SMALL["stored"])
        data[24] = 9
        assert codes(read(bytes(data))[1]) == {"newer-format"}


class TestTwoGigabytes:
    """gcab and others count blocks in 16 bits and go on: 2.3 GB listed, 152 MB counted."""

    def _cabinet(self, total: int, stated: int) -> bytes:
        first = mszip(bytes(65_536))
        full = first[1].pack()
        raw = Raw(blocks=[[first[0]]], files=[(b"k.bak", stated, 0, 0)], packing=[1], counts={0: total & 0xFFFF})
        data = raw.build() + full * (total - 1)
        return data[:8] + len(data).to_bytes(4, "little") + data[12:]

    def test_listed_in_full_and_counted_short(self) -> None:
        _, notes = read(self._cabinet(65_540, 65_540 * 32_768))
        assert codes(notes) == {"wrapped-2gb"}
        assert all(note.proves_damage for note in notes)

    def test_listed_short_as_well(self) -> None:
        out, notes = read(self._cabinet(65_540, 4 * 32_768))
        assert len(out["k.bak"]) == 4 * 32_768
        assert codes(notes) == {"wrapped-2gb"}


class TestSets:
    def test_a_part_of_a_set_is_said_to_be_one(self) -> None:
        raw = Raw(
            blocks=[[Block(deflated(b"tail"), 4)]],
            files=[(b"a", 9, 0, 0xFFFD), (b"b", 9, 0, 0xFFFE)],
            packing=[1],
            flags=3,
            set_names=b"one.cab\0disk 1\0three.cab\0disk 3\0",
        )
        out, notes = read(raw.build())
        assert out == {}
        assert notes == (Note("cabinet-split", {"part": 1, "set": 7, "other": "one.cab"}),)

    def test_a_member_that_goes_on_elsewhere_is_enough(self) -> None:
        out, notes = read(Raw(blocks=[stored(b"four")], files=[(b"a", 9, 0, 0xFFFF)]).build())
        assert out == {}
        assert codes(notes) == {"cabinet-split"}


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "..\\..\\windows\\system32\\evil.dll",
            "../../etc/passwd",
            "/etc/passwd",
            "\\\\host\\share\\a",
            "C:\\a.bak",
            "a.bak:stream",
            "a\nb",
            "a\x1b[2Jb",
            "faktuur\u202exe.bak",
            "a.bak ",
            "map./a.bak",
        ],
    )
    def test_tricks_are_noted_and_the_bytes_are_read(self, name: str) -> None:
        assert unsafe_name(name)
        out, notes = read(packed([(name, b"data")]))
        assert out == {name: b"data"}
        assert codes(notes) == {"unsafe-name"}
        assert str(notes[0].detail["member"]).isprintable()

    @pytest.mark.parametrize("name", ["150.bak", "map\\150_log.ldf", "Administratie één.bak", "CON", "-rf", "[red]"])
    def test_ordinary_names_pass(self, name: str) -> None:
        assert not unsafe_name(name)
        assert read(packed([(name, b"data")])) == ({name: b"data"}, ())

    def test_a_code_page_and_bytes_that_are_none(self) -> None:
        raw = Raw(blocks=[stored(b"abcd")], files=[(b"caf\xe9", 2, 0, 0), (b"\x81\xff\xfe", 2, 2, 0)])
        out, _ = read(raw.build())
        assert out == {"café": b"ab", "\\x81ÿþ": b"cd"}

    def test_bad_utf8_stays_visible(self) -> None:
        raw = Raw(blocks=[stored(b"ab")], files=[(b"a\xff", 2, 0, 0)], attributes=0x80)
        assert list(read(raw.build())[0]) == ["a\\xff"]

    def test_a_name_without_end(self) -> None:
        data = Raw(blocks=[stored(b"ab")], files=[(b"n" * 300, 2, 0, 0)]).build()
        out, notes = read(data)
        assert out == {}
        assert notes == (Note("structure", {"what": "name"}, proves_damage=True),)

    def test_ten_thousand_hostile_names_give_few_notes(self) -> None:
        _, notes = read(packed([(f"../{n}", b"") for n in range(10_000)]))
        assert len(notes) == 8
        assert notes[-1].detail["more"] == 9_992


class TestLimits:
    def test_members(self) -> None:
        _, notes = read(SMALL["stored"], limits=Limits(members=1))
        assert notes == (Note("limit", {"what": "members", "found": 2}),)

    def test_unpacked_bytes(self) -> None:
        data = packed([("a", bytes(500_000))], "mszip")
        cabinet = Cabinet(FileStream(BytesIO(data)), limits=Limits(total_bytes=100_000))
        (stream,) = cabinet.walk()
        assert len(stream.read(1 << 20)) <= 100_000
        assert stream.stopped
        assert codes(cabinet.notes) == {"limit"}

    def test_memory_does_not_grow_with_the_member(self) -> None:
        data = packed([("a", bytes(30 << 20))], "mszip")
        tracemalloc.start()
        cabinet = Cabinet(BytesStream(data))
        for stream in cabinet.walk():
            while stream.read(1 << 16):
                pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert cabinet.notes == ()
        assert peak < 2 << 20
