"""The one question: what is this file? Bare, wrapped, cut, changed, hostile."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from factory.cabinet import Raw, packed, stored
from factory.compressed import compress
from factory.datafile import data_file
from factory.tape import File, Medium, Set, tape
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Cancelled, Unreadable
from core.formats.backup import MANIFEST, inspect, inspect_file, open_regular, shown_name
from core.formats.limits import Limits
from core.formats.report import Inspection, Note, Payload
from core.texts import has

TAPE = tape(Set(database="150", files=(File(pages=48, size_pages=640),)))
LEAD = random.Random(9).randbytes(100_000)
INSIDE = {"tape": TAPE, "compressed": compress(TAPE), "data-file": data_file()}


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return out.getvalue()


WRAPS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "stored": ("150.bak", lambda body: packed([("150.bak", body)])),
    "mszip": ("150.bak", lambda body: packed([("150.bak", body)], "mszip")),
    "behind another, stored": ("150.bak", lambda body: packed([("lees mij.txt", LEAD), ("150.bak", body)])),
    "behind another, mszip": ("150.bak", lambda body: packed([("lees mij.txt", LEAD), ("150.bak", body)], "mszip")),
    "a folder each": (
        "150.bak",
        lambda body: packed([("lees mij.txt", LEAD), ("150.bak", body)], "mszip", folder_each=True),
    ),
    "zip": ("150.bak", lambda body: zipped(("150.bak", body))),
    "zip of cabinet": ("150.ebu/150.bak", lambda body: zipped(("150.ebu", packed([("150.bak", body)], "mszip")))),
    "zip of zip": ("150.zip/150.bak", lambda body: zipped(("150.zip", zipped(("150.bak", body))))),
    "cabinet of zip": ("150.zip/150.bak", lambda body: packed([("150.zip", zipped(("150.bak", body)))])),
}


def look(data: bytes, *, whole: bool = True, name: str = "a.ebu", limits: Limits | None = None) -> Inspection:
    return inspect_file(io.BytesIO(data), name=name, whole=whole, limits=limits)


def codes(found: Inspection) -> list[str]:
    return [note.code for note in found.notes]


def facts(payload: Payload) -> tuple[object, object]:
    return payload.media, payload.data_file


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("kind", INSIDE)
@pytest.mark.parametrize("wrap", WRAPS)
def test_wrapped_or_bare_the_facts_are_the_same(wrap: str, kind: str, whole: bool) -> None:
    member, make = WRAPS[wrap]
    bare = look(INSIDE[kind], whole=whole)
    data = make(INSIDE[kind])
    found = look(data, whole=whole)
    assert bare.kind == kind
    assert found.kind == ("zip" if wrap.startswith("zip") else "cabinet")
    assert [(payload.kind, payload.member) for payload in found.payloads] == [(kind, member)]
    assert facts(found.payloads[0]) == facts(bare.payloads[0])
    assert found.notes == bare.notes == ()
    assert found.complete is whole
    assert found.sha256 == (hashlib.sha256(data).hexdigest() if whole else None)


def test_the_container_lists_its_own_members() -> None:
    found = look(packed([("lees mij.txt", b"hallo"), ("150.bak", TAPE)], "mszip"))
    assert [(member.name, member.size) for member in found.members] == [("lees mij.txt", 5), ("150.bak", len(TAPE))]
    assert found.packing == "mszip"
    assert found.checked["blocks"] > 0


def test_data_file_and_log_in_one_package() -> None:
    found = look(packed([("150.mdf", data_file()), ("150_log.ldf", data_file(file_id=2, pages=4))], "mszip"))
    assert [(payload.member, payload.kind) for payload in found.payloads] == [
        ("150.mdf", "data-file"),
        ("150_log.ldf", "data-file"),
    ]
    primary = [payload.data_file and payload.data_file.primary for payload in found.payloads]
    assert primary == [True, False]


def test_two_stripes_in_one_package() -> None:
    parts = [tape(Set(), medium=Medium(stripes=2, stripe=number)) for number in (1, 2)]
    found = look(packed([("1.bak", parts[0]), ("2.bak", parts[1])]))
    assert [payload.media and payload.media.family_ordinal for payload in found.payloads] == [1, 2]


def test_containers_in_containers_end_somewhere() -> None:
    data = TAPE
    for _ in range(4):
        data = zipped(("deeper.zip", data))
    found = look(data)
    assert found.payloads == ()
    assert codes(found) == ["limit"]
    assert look(data, limits=Limits(depth=4)).payloads[0].kind == "tape"


def test_a_package_without_database_says_what_is_in_it() -> None:
    found = look(packed([("brief.txt", b"Beste collega,"), ("foto.png", b"\x89PNG\r\n\x1a\n" + bytes(99))]))
    assert found.notes == (Note("no-database-inside", {"found": "picture, text"}),)


def test_strangers_are_named_and_hashed() -> None:
    data = b"EMAIL~~parts@example.com~~Purchase Order 20114~~~~~OW20114-1.xml"
    found = look(data)
    assert (found.kind, found.stranger, found.payloads) == ("autopart-order", True, ())
    assert found.sha256 == hashlib.sha256(data).hexdigest()


def test_nothing_and_nothing_but_zeros() -> None:
    assert (look(b"").kind, codes(look(b""))) == ("unknown", ["empty"])
    assert (look(bytes(9000)).kind, codes(look(bytes(9000)))) == ("unknown", ["zeros"])


MANIFEST_FACTS = {"wissel_practice": 1, "database": "150", "product_update": 421}


class TestPractice:
    def _package(self, manifest: bytes) -> bytes:
        return packed([(MANIFEST, manifest), ("administration.sqlite", b"SQLite format 3\0" + bytes(500))])

    @pytest.mark.parametrize("whole", [True, False])
    def test_a_practice_package_is_one_by_its_first_member(self, whole: bool) -> None:
        found = look(self._package(json.dumps(MANIFEST_FACTS).encode()), whole=whole)
        assert (found.kind, found.manifest, found.notes) == ("practice", MANIFEST_FACTS, ())

    @pytest.mark.parametrize(
        "manifest", [b"", b"{", b"[]", b'{"other": 1}', b"\xff\xfe", b"[" * 60_000, b" " * 70_000 + b"{}"]
    )
    def test_a_bad_manifest_is_noted_and_it_stays_a_practice_package(self, manifest: bytes) -> None:
        found = look(self._package(manifest))
        assert (found.kind, found.manifest, codes(found)) == ("practice", None, ["manifest-bad"])

    def test_a_later_member_of_that_name_means_nothing(self) -> None:
        found = look(packed([("150.bak", TAPE), (MANIFEST, json.dumps(MANIFEST_FACTS).encode())]))
        assert (found.kind, found.manifest) == ("cabinet", None)

    def test_a_zipped_practice_package_is_still_one_inside(self) -> None:
        found = look(zipped(("p.ebu", self._package(json.dumps(MANIFEST_FACTS).encode()))))
        assert found.kind == "zip"
        assert [payload.kind for payload in found.payloads] == ["practice"]
        assert found.manifest == MANIFEST_FACTS


class TestDamage:
    @pytest.mark.parametrize("wrap", WRAPS)
    def test_cut_anywhere_it_proves_damage(self, wrap: str) -> None:
        data = WRAPS[wrap][1](TAPE)
        for part in range(1, 40):
            found = look(data[: len(data) * part // 40])
            assert found.damaged, part

    @pytest.mark.parametrize("wrap", ["stored", "mszip", "zip", "zip of cabinet"])
    def test_one_flipped_bit_in_the_data_proves_damage(self, wrap: str) -> None:
        data = bytearray(WRAPS[wrap][1](TAPE))
        data[len(data) // 2] ^= 0x10
        assert look(bytes(data)).damaged

    def test_the_head_phase_of_a_long_packed_member_does_not_call_it_truncated(self) -> None:
        long = tape(Set(files=(File(pages=2000, size_pages=2000),)))
        for data in (packed([("150.bak", long)], "mszip"), zipped(("150.bak", long))):
            found = look(data, whole=False, limits=Limits(peek_bytes=1 << 20))
            assert found.notes == ()
            assert found.payloads[0].media is not None
            assert look(data).notes == ()

    def test_two_reasons_are_not_given_for_one_damage(self) -> None:
        data = packed([("150.bak", TAPE)])
        found = look(data[: len(data) // 2])
        assert [note.detail["what"] for note in found.notes if note.code == "truncated"] == ["cabinet", "block 6"]

    def test_every_note_has_its_sentence(self) -> None:
        raw = Raw(blocks=[stored(b"ab")], files=[(b"../a", 5, 0, 0), (b"b", 1, 0, 9)], packing=[2]).build()
        for data in (raw, raw[:50], raw + b"x", b"", bytes(5000), zipped(("a", b"b"))[:-4]):
            for note in look(data).notes:
                assert has(f"problem.{note.code}"), note.code

    @given(st.integers(0, 3000), st.binary(min_size=1, max_size=30), st.sampled_from(sorted(WRAPS)))
    def test_rubbish_anywhere_is_only_ever_noted(self, at: int, rubbish: bytes, wrap: str) -> None:
        data = bytearray(_wrapped_once(wrap))
        data[at : at + len(rubbish)] = rubbish
        look(bytes(data))
        look(bytes(data), whole=False)


_ONCE: dict[str, bytes] = {}


def _wrapped_once(wrap: str) -> bytes:
    if wrap not in _ONCE:
        _ONCE[wrap] = WRAPS[wrap][1](tape(Set(files=(File(pages=2),))))
    return _ONCE[wrap]


class TestFiles:
    def test_a_file_on_disk(self, tmp_path: Path) -> None:
        path = tmp_path / "20091001-394-SQL2008-Mijn Administratie.ebu"
        path.write_bytes(TAPE)
        found = inspect(path)
        assert (found.file, found.kind, found.size) == (path.name, "tape", len(TAPE))
        assert inspect(os.fsencode(path), name="other.ebu").file == "other.ebu"

    def test_a_name_that_is_no_text(self, tmp_path: Path) -> None:
        path = os.path.join(os.fsencode(tmp_path), b"a\xff\x1b[2J\xe2\x80\xaeb.ebu")
        try:
            with open(path, "wb") as file:
                file.write(TAPE)
        except OSError:
            pytest.skip("this file system wants names to be text")
        assert inspect(path).file == "a\\xff\\x1b[2J\\u202eb.ebu"

    def test_names_are_printable_whatever_they_are(self) -> None:
        for name in ("a\ud800b", "a\udcffb", "a\nb", "a\u200eb", "x" * 5000, "één.ebu"):
            assert shown_name(name).isprintable()
            assert len(shown_name(name)) <= 300
        assert shown_name("één.ebu") == "één.ebu"

    def test_links_folders_and_devices_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "real.bak").write_bytes(TAPE)
        (tmp_path / "link.bak").symlink_to(tmp_path / "real.bak")
        (tmp_path / "gone.bak").symlink_to(tmp_path / "nowhere")
        os.mkfifo(tmp_path / "pipe.bak")
        wanted = {
            "link.bak": "file-link",
            "gone.bak": "file-link",
            "pipe.bak": "file-special",
            ".": "file-folder",
            "none.bak": "file-missing",
            "real.bak/inside": "file-open",
            "x" * 300: "file-open",
            "nul\0.bak": "file-open",
        }
        for name, key in wanted.items():
            with pytest.raises(Unreadable) as caught:
                open_regular(os.path.join(tmp_path, name))
            assert caught.value.key == key, name
            assert has(f"error.{key}")
            assert has(f"hint.{key}")

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_a_file_that_may_not_be_read(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.bak"
        path.write_bytes(TAPE)
        path.chmod(0)
        with pytest.raises(Unreadable) as caught:
            inspect(path)
        assert caught.value.key == "file-denied"


class _Changing(io.BytesIO):
    """A file whose length is another one after it was opened."""

    def __init__(self, data: bytes, later: bytes) -> None:
        super().__init__(data)
        self._later = later
        self._reads = 0

    def read(self, n: int | None = -1, /) -> bytes:
        self._reads += 1
        if self._reads == 2:
            here = self.tell()
            super().seek(0)
            self.truncate()
            self.write(self._later)
            super().seek(here)
        return super().read(n)


class TestWhileReading:
    def test_a_file_that_shrinks_is_truncated(self) -> None:
        found = inspect_file(_Changing(TAPE, TAPE[:3000]), name="a.bak")
        assert found.damaged
        assert "truncated" in codes(found)

    def test_a_file_that_grows_is_said_to_have_changed(self) -> None:
        data = b"\x00\x01" + bytes(3 << 20)
        found = inspect_file(_Changing(data, data + b"more"), name="a.bak")
        assert found.notes == (Note("changed", {"was": len(data), "now": len(data) + 4}),)

    def test_a_copy_is_made_in_the_same_pass(self) -> None:
        for make in (wrap[1] for wrap in WRAPS.values()):
            data = make(TAPE)
            copy = bytearray()
            told: list[int] = []
            inspect_file(io.BytesIO(data), name="a", sink=copy.extend, progress=told.append)
            assert bytes(copy) == data
            assert told == sorted(told)
            assert told[-1] == len(data)

    @pytest.mark.parametrize("whole", [True, False])
    def test_a_request_to_stop_is_obeyed_at_once(self, whole: bool) -> None:
        with pytest.raises(Cancelled):
            inspect_file(io.BytesIO(TAPE), name="a", whole=whole, cancel=lambda: True)

    def test_a_disk_that_fails_is_unreadable(self) -> None:
        class Failing(io.BytesIO):
            def read(self, n: int | None = -1, /) -> bytes:
                if self.tell() > 5000:
                    raise OSError(5, "Input/output error")
                return super().read(n)

        with pytest.raises(Unreadable) as caught:
            inspect_file(Failing(TAPE), name="a.bak")
        assert caught.value.key == "file-read"

    def test_a_full_disk_under_the_copy_is_not_blamed_on_the_file(self) -> None:
        def full(_: bytes) -> None:
            raise OSError(28, "No space left on device")

        with pytest.raises(OSError, match="No space") as caught:
            inspect_file(io.BytesIO(TAPE), name="a.bak", sink=full)
        assert caught.value.errno == 28
