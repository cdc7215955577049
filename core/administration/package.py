"""The practice package: a manifest and an administration in a cabinet. Its layout: `core/practice/__init__.py`.

Both ways stream in constant memory. A package comes from outside: nothing in it is believed before it is compared,
and no name in it becomes a path.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from core.administration.plain_schema import refuse_more_than_tables
from core.administration.sqlite_file import Pulse, connect, speaking_sqlite
from core.errors import BadFormat, LimitExceeded
from core.files import CHUNK, rename_new, sha256_of, share, speaking, sync_folder
from core.formats.backup import MANIFEST, MANIFEST_MARK, open_regular
from core.formats.cabinet import Cabinet, CabinetMember
from core.formats.cabinet_writer import Packing, SeekableOutput, write_cabinet
from core.formats.limits import Budget, Limits
from core.formats.notes import printable
from core.formats.source import BytesStream, FileStream, GuardedFile, Stream

DATABASE = "administration.sqlite"
VERSION = 1

Manifest = Mapping[str, str | int]
Tick = Callable[[int, int], None]
"""Bytes done, and of how many. May raise, to stop."""
Create = Callable[[str], BinaryIO]
"""Makes a new file: the seam at which the tests break a disk."""

_MANIFEST_BYTES = 64 << 10
_MAGIC = b"SQLite format 3\0"
_ROLLBACK = b"\x01\x01"
"""File format 1 for writing and reading: no write-ahead log beside it."""
_NEEDED = {"client": str, "administration_number": str, "product_update": int, "data_bytes": int}


def new_file(path: str) -> BinaryIO:
    """A new private file; fails when anything has that name, a link included."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def shared_file(path: str) -> BinaryIO:
    """The same in a folder that another account works in: the folder's own group may read and write it as well."""
    made = new_file(path)
    try:
        share(path)
    except BaseException:
        made.close()
        raise
    return made


@contextlib.contextmanager
def whole_file(path: str, create: Create = new_file) -> Iterator[BinaryIO]:
    """A file that has its name only when the block was left well and it is on the platter.

    Half of one lies beside it as `.part`, and is thrown away by the next try. Raises Refused when `path` exists.
    """
    part = f"{path}.part"
    with speaking(path):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
        try:
            with create(part) as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            rename_new(part, path)
            sync_folder(os.path.dirname(path))
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise


def forget_part(path: str) -> None:
    """Take away the second name that a kill in `whole_file` leaves between the two steps of its rename."""
    with speaking(path), contextlib.suppress(FileNotFoundError):
        os.unlink(f"{path}.part")


def pack(out: SeekableOutput, manifest: Manifest, size: int, database: Stream, packing: Packing = "mszip") -> None:
    """Write a package at the start of `out`. What the manifest says of the layout and the size is said here."""
    text = json.dumps(_said(manifest, size), indent=1, ensure_ascii=False).encode()
    if len(text) > _MANIFEST_BYTES:
        raise LimitExceeded("limit", what=MANIFEST, found=len(text))
    write_cabinet(out, [(MANIFEST, len(text), BytesStream(text)), (DATABASE, size, database)], packing)


def _said(manifest: Manifest, size: int) -> dict[str, str | int]:
    return {MANIFEST_MARK: VERSION, **manifest, "data_bytes": size}


def write_package(path: str, database: str, manifest: Manifest, *, tick: Tick, create: Create = new_file) -> str:
    """Pack the administration `database` as a new file at `path`. Returns its SHA-256.

    Raises Refused when `path` exists, NoSpace, and LimitExceeded (`cabinet-2gb`); nothing is left behind then.
    """
    with _reading(database) as source:
        size = os.fstat(source.fileno()).st_size
        with whole_file(path, create) as out:
            pack(out, manifest, size, _Ticking(source, size, tick))
    return sha256_of(path)


def is_package_of(path: str, database: str, manifest: Manifest, *, tick: Tick) -> bool:
    """Is what lies at `path` the package of exactly this administration, with this manifest?"""
    with _reading(database) as source:
        size = os.fstat(source.fileno()).st_size
        theirs = hashlib.sha256()
        try:
            found = _unpack(path, theirs.update, lambda _need: None, tick)
        except BadFormat:
            return False
        ours = hashlib.sha256()
        while chunk := source.read(CHUNK):
            ours.update(chunk)
    return found == _said(manifest, size) and theirs.digest() == ours.digest()


def read_package(
    path: str,
    out_path: str,
    *,
    tick: Tick,
    room: Callable[[int], None] = lambda _need: None,
    create: Create = new_file,
) -> dict[str, str | int]:
    """Unpack the administration to a new file at `out_path`. Returns the manifest.

    `room` hears how many bytes are needed before the first is written. Raises BadFormat for whatever a package
    may not be or hold; nothing is left behind then.
    """
    with whole_file(out_path, create) as out:
        manifest = _unpack(path, out.write, room, tick)
        out.flush()
        size = int(manifest["data_bytes"])
        _look(f"{out_path}.part", path, manifest, Pulse(lambda: tick(size, size)))
    return manifest


@contextlib.contextmanager
def _reading(path: str) -> Iterator[BinaryIO]:
    with contextlib.ExitStack() as stack:
        with speaking(path):
            file = stack.enter_context(open(path, "rb"))
        yield file


class _Ticking(FileStream):
    """A file as a stream that says how far it is, and stops when the answer raises."""

    def __init__(self, file: BinaryIO, size: int, tick: Tick) -> None:
        super().__init__(GuardedFile(file), size=size)
        self._tick = tick
        self._told = 0

    def read(self, n: int, /) -> bytes:
        """The next `n` bytes; fewer only at the end."""
        data = super().read(n)
        if self.tell() - self._told >= CHUNK or len(data) < n:
            self._told = self.tell()
            self._tick(self._told, self.size)
        return data


def _unpack(
    path: str, sink: Callable[[bytes], object], room: Callable[[int], None], tick: Tick
) -> dict[str, str | int]:
    """Every byte of the database to the sink; every block and length of the cabinet proven. Returns the manifest."""
    with open_regular(path) as file:
        packed = os.fstat(file.fileno()).st_size
        limits = Limits()
        cabinet = Cabinet(FileStream(GuardedFile(file)), limits=limits, budget=Budget(limits, packed, head_only=False))
        database = _members(cabinet, path)
        if database.size > max(limits.ratio_from, packed * limits.ratio):
            raise LimitExceeded("limit", what=DATABASE, found=database.size)
        manifest: dict[str, str | int] | None = None
        for member in cabinet.walk():
            if member.name == MANIFEST:
                manifest = _manifest(member.read(_MANIFEST_BYTES + 1), path)
                _agree(path, "data_bytes", manifest["data_bytes"], database.size)
                room(database.size)
                continue
            if manifest is None:
                raise BadFormat("package-members", path=path, found=member.name)
            _database(member, database.size, path, sink, tick)
        for note in cabinet.notes:
            raise (LimitExceeded if note.code == "limit" else BadFormat)("package-damaged", path=path, what=note.code)
        if manifest is None:
            raise BadFormat("package-members", path=path, found="-")
        return manifest


def _members(cabinet: Cabinet, path: str) -> CabinetMember:
    names = [member.name for member in cabinet.members[:3]]
    if not cabinet.sound or names != [MANIFEST, DATABASE]:
        raise BadFormat("package-members", path=path, found=", ".join(map(repr, names))[:200] or "-")
    return cabinet.members[1]


def _manifest(raw: bytes, path: str) -> dict[str, str | int]:
    try:
        said = json.loads(raw.decode("utf-8")) if len(raw) <= _MANIFEST_BYTES else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.get(MANIFEST_MARK) != VERSION:
        raise BadFormat("package-manifest", path=path, fact=MANIFEST_MARK)
    for fact, kind in _NEEDED.items():
        if type(said.get(fact)) is not kind:
            raise BadFormat("package-manifest", path=path, fact=fact)
    return {fact: value for fact, value in said.items() if type(value) in {str, int}}


def _database(stream: Stream, size: int, path: str, sink: Callable[[bytes], object], tick: Tick) -> None:
    head = stream.read(100)
    if not head.startswith(_MAGIC) or head[18:20] != _ROLLBACK:
        raise BadFormat("package-database", path=path, reason="no SQLite file")
    sink(head)
    done = len(head)
    while chunk := stream.read(min(CHUNK, size - done)):
        sink(chunk)
        done += len(chunk)
        tick(done, size)


def _look(database: str, path: str, manifest: Manifest, pulse: Pulse) -> None:
    """Refuse what has no place in an administration, and a manifest that says something else than it."""
    with speaking_sqlite(path, pulse), contextlib.closing(connect(database, "ro", pulse, look=True)) as connection:
        refuse_more_than_tables(connection, path)
        verdict = connection.execute("pragma integrity_check(1)").fetchone()[0]
        if verdict != "ok":
            raise BadFormat("administration-damaged", path=path, reason=printable(str(verdict)[:200]))
        companies = connection.execute("select bedrnr, Batchlevel from bedryf limit 2").fetchall()
        if len(companies) != 1:
            raise BadFormat("package-database", path=path, reason="bedryf")
        _agree(path, "administration_number", manifest["administration_number"], companies[0][0])
        _agree(path, "product_update", manifest["product_update"], companies[0][1])


def _agree(path: str, fact: str, said: object, found: object) -> None:
    if type(said) is not type(found) or said != found:
        raise BadFormat(
            "package-lies", path=path, fact=fact, said=printable(str(said)[:80]), found=printable(str(found)[:80])
        )
