"""What goes back, packed the way the client's own package was."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import BinaryIO, Protocol

from core.administration.original.mirror import Mirror
from core.administration.package import Create, Tick, new_file, whole_file
from core.errors import BadFormat, LimitExceeded, Refused
from core.files import CHUNK, sha256_of
from core.formats.backup import open_regular
from core.formats.cabinet import MAX_MEMBER
from core.formats.cabinet_writer import MAX_CABINET, Packing, write_cabinet
from core.formats.folder import BLOCK
from core.formats.source import FileStream, GuardedFile, ReadableFile, file_size

_STAMP = (2000, 1, 1, 0, 0, 0)
"""Date of the members of a zip: same members, same zip."""
_OVERHEAD = 400
"""Bytes of tables that a member costs at most."""


def bare_instead(mirror: Mirror, sizes: Mapping[str, int]) -> bool:
    """Must files of these sizes (by member name) go back as a bare native back-up? It came so, or no cabinet holds it.

    A member of a cabinet has at most 2,147,450,880 bytes, a cabinet 2,147,483,647. For data files that are too large it
    is true as well: then the caller makes a back-up of the database and packs that, as `{"": path}`. A packed cabinet
    may still turn out too large while it is written: `cabinet-2gb`.
    """
    if mirror.kind != "cabinet":
        return mirror.kind == "bare" and mirror.holds == "backup"
    if any(size > MAX_MEMBER for size in sizes.values()):
        return True
    whole = sum(size + 8 * (size // BLOCK + 1) + _OVERHEAD for size in sizes.values())
    return _cabinet_packing(mirror) == "stored" and whole > MAX_CABINET


def pack_like(mirror: Mirror, files: Mapping[str, str], out_path: str, tick: Tick, *, create: Create = new_file) -> str:
    """Pack files (member name -> path) as a new file at `out_path` the way the original was; its SHA-256.

    Every part of `mirror.files` has to be given; where `bare_instead` says so only the back-up, as `{"": path}`, which
    goes out as it is. Raises Refused (`original-guided`, `original-members`, `exists`), LimitExceeded (`cabinet-2gb`),
    NoSpace, Unreadable; nothing is left behind then.
    """
    if not mirror.writable:
        raise Refused("original-guided", path=out_path, why=mirror.why, member=mirror.member or "-")
    wanted = [""] if "" in files else [part.name for part in mirror.files]
    if {*files} != {*wanted}:
        raise Refused("original-members", path=out_path, wanted=", ".join(wanted)[:200])
    with contextlib.ExitStack() as stack:
        sources = {name: stack.enter_context(open_regular(files[name])) for name in wanted}
        sizes = {name: file_size(source) for name, source in sources.items()}
        bare = wanted == [""] or mirror.kind == "bare"
        if not bare and bare_instead(mirror, sizes):
            largest = max(sizes, key=lambda name: sizes[name])
            raise LimitExceeded("cabinet-2gb", name=largest, size=sizes[largest])
        pace = _Pace(tick, sum(sizes.values()))
        streams = {name: _Paced(source, sizes[name], pace) for name, source in sources.items()}
        with whole_file(out_path, create) as out:
            if bare:
                _copy(streams[wanted[0]], out, wanted[0])
            elif mirror.kind == "cabinet":
                each = len({part.folder for part in mirror.files}) > 1 or pace.total > MAX_MEMBER
                entries = [(name, sizes[name], streams[name]) for name in wanted]
                write_cabinet(out, entries, _cabinet_packing(mirror), folder_each=each)
            else:
                _write_zip(out, mirror, streams)
    return sha256_of(out_path)


def _cabinet_packing(mirror: Mirror) -> Packing:
    """What is packed comes back packed, even where we know another way of it only."""
    return "stored" if all(part.packing == "stored" for part in mirror.files) else "mszip"


def _write_zip(out: BinaryIO, mirror: Mirror, streams: Mapping[str, _Paced]) -> None:
    import zipfile  # late: few packages are one

    with zipfile.ZipFile(out, "w") as made:
        for part in mirror.files:
            info = zipfile.ZipInfo(part.name, _STAMP)
            info.compress_type = zipfile.ZIP_STORED if part.packing == "stored" else zipfile.ZIP_DEFLATED
            info.file_size = streams[part.name].size
            with made.open(info, "w") as member:
                _copy(streams[part.name], member, part.name)


def _copy(stream: _Paced, out: Writable, name: str) -> None:
    while chunk := stream.read(CHUNK):
        out.write(chunk)
    if stream.tell() != stream.size:
        raise BadFormat("member-short", name=name, missing=stream.size - stream.tell())


class Writable(Protocol):
    """The part of a file that is written here."""

    def write(self, data: bytes, /) -> object:
        """Append bytes."""


class _Pace:
    """How far all files together are."""

    def __init__(self, tick: Tick, total: int) -> None:
        self.total = total
        self._tick = tick
        self._done = 0
        self._told = 0

    def passed(self, count: int) -> None:
        """So many bytes more; zero: a file is at its end. Raises what the listener raises."""
        self._done += count
        if self._done - self._told >= CHUNK or not count:
            self._told = self._done
            self._tick(self._done, self.total)


class _Paced(FileStream):
    """A file as a stream that says how far it is, and stops when the answer raises."""

    def __init__(self, file: ReadableFile, size: int, pace: _Pace) -> None:
        super().__init__(GuardedFile(file), size=size)
        self._pace = pace

    def read(self, n: int, /) -> bytes:
        """The next `n` bytes; fewer only at the end."""
        data = super().read(n)
        self._pace.passed(len(data))
        return data
