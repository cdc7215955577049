"""The one question of intake and `inspect`: what is this file, and what does it say of itself?

Looks through containers without unpacking. Bad content becomes notes; only a file that cannot be read
(Unreadable) and a request to stop (Cancelled) are raised.
"""

from __future__ import annotations

import os
import stat
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import IO

from core.errors import BadFormat, Cancelled, Unreadable
from core.formats.archive import read_directory, walk_zip
from core.formats.cabinet import Cabinet, CabinetMember
from core.formats.compressed import read_compressed
from core.formats.folder import MemberStream
from core.formats.limits import Budget, Limits
from core.formats.notes import NoteBook, printable
from core.formats.pages import read_data_file
from core.formats.report import Inspection, Member, Note, Payload
from core.formats.sniff import CONTAINERS, DATABASES, HEAD, Sniffed, sniff
from core.formats.source import FileStream, GuardedFile, HashingFile, PeekStream, ReadableFile, Stream, file_size
from core.formats.tape import TapeResult, read_tape
from core.formats.zip_entry import ZipEntry

MANIFEST = "wissel-practice.json"
"""First member of a practice package: nothing genuine has it."""
MANIFEST_MARK = "wissel_practice"
_MANIFEST_BYTES = 64 << 10
_MALFORMED = (BadFormat, struct.error, zlib.error, ValueError, LookupError, OverflowError, EOFError)
"""What a reader can run into on bytes that nobody foresaw; the file is bad then, not the programme."""


def inspect(
    path: str | bytes | os.PathLike[str],
    *,
    name: str | None = None,
    whole: bool = True,
    cancel: Callable[[], bool] | None = None,
    progress: Callable[[int], None] | None = None,
    limits: Limits | None = None,
) -> Inspection:
    """Inspect a file on disk. Raises Unreadable for what is no regular file, links included, and Cancelled.

    Without `whole` only what can be had in milliseconds. `progress` hears the bytes read so far.
    """
    with open_regular(path) as file:
        shown = name if name is not None else os.fsdecode(os.path.basename(os.fspath(path)))
        return inspect_file(file, name=shown, whole=whole, cancel=cancel, progress=progress, limits=limits)


def inspect_file(
    file: ReadableFile,
    *,
    name: str,
    whole: bool = True,
    cancel: Callable[[], bool] | None = None,
    progress: Callable[[int], None] | None = None,
    sink: Callable[[bytes], object] | None = None,
    limits: Limits | None = None,
) -> Inspection:
    """Inspect an open binary file. With `whole`, `sink` receives every byte once and in order: a copy in one pass."""
    size = file_size(file)
    hashing = HashingFile(file, cancel=cancel, progress=progress, sink=sink) if whole else None
    reading: ReadableFile = hashing or GuardedFile(file, cancel)
    look = _Look(file, Budget(limits or Limits(), size, head_only=not whole), cancel)
    kind = look.top(PeekStream(FileStream(reading, size=size)), size)
    sha256 = hashing.finish(size) if hashing else None
    if hashing and hashing.hashed < size:
        look.notes.add("truncated", proves_damage=True, what="file", stated=size, at=hashing.hashed)
    elif hashing and hashing.hashed > size:
        look.notes.add("changed", was=size, now=hashing.hashed)
    return Inspection(
        file=shown_name(name),
        size=size,
        kind=kind.kind,
        stranger=kind.stranger,
        packing=look.packing,
        members=look.members,
        payloads=tuple(look.payloads),
        manifest=look.manifest,
        notes=look.notes.all(),
        complete=whole and (hashing is None or hashing.hashed == size),
        sha256=sha256,
        checked=dict(look.checked),
    )


def open_regular(path: str | bytes | os.PathLike[str]) -> IO[bytes]:
    """Open a regular file for reading, unbuffered, following no link. Raises Unreadable with the reason."""
    shown = shown_name(os.fsdecode(os.path.basename(os.fspath(path))))
    flags = os.O_RDONLY
    for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY", "O_NOINHERIT"):
        flags |= getattr(os, flag, 0)  # each system has some of them
    try:
        if stat.S_ISLNK(os.lstat(path).st_mode):
            raise Unreadable("file-link", file=shown)
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise Unreadable("file-missing", file=shown) from None
    except PermissionError as error:
        key = "file-folder" if os.path.isdir(path) else "file-denied"
        raise Unreadable(key, file=shown) from error
    except (OSError, ValueError) as error:
        raise Unreadable("file-open", file=shown, reason=getattr(error, "strerror", None) or str(error)) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise Unreadable("file-folder" if stat.S_ISDIR(mode) else "file-special", file=shown)
    return os.fdopen(descriptor, "rb", buffering=0)


def shown_name(name: str) -> str:
    """A file name that is safe to print: bytes that are no text and characters that steer a terminal are escaped."""
    try:
        return printable(os.fsencode(name).decode("utf-8", "backslashreplace"))
    except UnicodeEncodeError:
        return printable(name)


class _Look:
    """One look at one file: what was found so far."""

    def __init__(self, file: ReadableFile, budget: Budget, cancel: Callable[[], bool] | None) -> None:
        self._file = file
        self._budget = budget
        self._cancel = cancel
        self.whole = not budget.head_only
        self.notes = NoteBook()
        self.checked: Counter[str] = Counter()
        self.payloads: list[Payload] = []
        self.members: tuple[Member, ...] = ()
        self.packing: str | None = None
        self.manifest: Mapping[str, object] | None = None
        self._others: Counter[str] = Counter()

    def top(self, stream: PeekStream, size: int) -> Sniffed:
        """Look at the file itself."""
        head = stream.peek(HEAD)
        if not size:
            self.notes.add("empty")
        elif head and not head.strip(b"\0"):
            self.notes.add("zeros", what="file", at=0)
        found = sniff(head, size)
        kind = self._inside(stream, found.kind, None, 0)
        if kind in CONTAINERS and self.whole and not self.payloads and not self._unlooked():
            self.notes.add("no-database-inside", found=", ".join(sorted(self._others)) or "-")
        return Sniffed(kind, found.stranger)

    def _unlooked(self) -> bool:
        """Was there something that we could not look into?"""
        closed = ("packing-unknown", "zip-encrypted", "cabinet-split", "limit")
        return any(map(self.notes.has, closed)) or any(note.proves_damage for note in self.notes.all())

    def _inside(self, stream: PeekStream, kind: str, member: str | None, depth: int) -> str:
        """Read what is of a kind that we know; the kind, which is `practice` for a practice package."""
        if kind in CONTAINERS and depth >= self._budget.limits.depth:
            self.notes.add("limit", what="depth", found=depth + 1)
            return kind
        if kind == "cabinet":
            return self._cabinet(stream, member, depth)
        if kind == "zip":
            self._zip(stream, member, depth)
        elif kind in DATABASES:
            self._database(stream, kind, member)
        elif member is not None:
            self._others[kind] += 1
        return kind

    def _member(self, stream: Stream, name: str, outer: str | None, depth: int) -> None:
        """Look into one member of a container."""
        inner = PeekStream(stream)
        full_name = name if outer is None else f"{outer}/{name}"
        kind = sniff(inner.peek(HEAD), inner.size).kind
        self._inside(inner, kind, full_name, depth + 1)

    def _tick(self, _bytes: int) -> None:
        if self._cancel is not None and self._cancel():
            raise Cancelled("stopped")

    def _database(self, stream: PeekStream, kind: str, member: str | None) -> None:
        notes: tuple[Note, ...]
        payload = Payload(kind=kind, member=member, size=stream.size)
        try:
            if kind == "data-file":
                page = read_data_file(stream, size=stream.size, whole=self.whole, tick=self._tick)
                payload = Payload(kind=kind, member=member, size=stream.size, data_file=page.data_file)
                notes, checked = page.notes, page.checked
            else:
                reader: Callable[..., TapeResult] = read_tape if kind == "tape" else read_compressed
                tape = reader(stream, whole=self.whole, tick=self._tick)
                payload = Payload(kind=kind, member=member, size=stream.size, media=tape.media)
                notes, checked = tape.notes, tape.checked
        except _MALFORMED as error:
            notes, checked = (Note("structure", {"what": kind, "error": type(error).__name__}, proves_damage=True),), {}
        self.payloads.append(payload)
        self.checked.update(checked)
        self.notes.extend(
            (note for note in notes if not (stream.cut_short and note.code == "truncated")), member=member
        )

    def _cabinet(self, stream: PeekStream, outer: str | None, depth: int) -> str:
        cabinet = Cabinet(stream, limits=self._budget.limits, budget=self._budget)
        kind = "cabinet"
        try:
            if cabinet.members and cabinet.members[0].name == MANIFEST:
                kind = "practice"
            for data in cabinet.walk(None if self.whole else self._worth_a_look(cabinet.members)):
                if kind == "practice" and self.manifest is None and data.name == MANIFEST:
                    self._read_manifest(data)
                elif data.size:
                    self._member(data, data.name, outer, depth)
        except _MALFORMED as error:
            self.notes.add("structure", proves_damage=True, what="cabinet", error=type(error).__name__)
        self.notes.extend(cabinet.notes, member=outer)
        if cabinet.blocks_checked:
            self.checked["blocks"] += cabinet.blocks_checked
        if outer is None:
            self.members = tuple(Member(member.name, member.size) for member in cabinet.members)
            self.packing = cabinet.packing
        elif kind == "practice":
            self.payloads.append(Payload(kind=kind, member=outer, size=stream.size))
        return kind

    def _worth_a_look(self, members: tuple[CabinetMember, ...]) -> tuple[CabinetMember, ...]:
        """Head phase: the largest ones, where databases are, and the first, where a manifest would be."""
        largest = sorted(members, key=lambda member: -member.size)[: self._budget.limits.peek_members]
        return tuple(dict.fromkeys((*members[:1], *largest)))

    def _read_manifest(self, data: MemberStream) -> None:
        import json  # late: only a practice package has a manifest

        raw = data.read(_MANIFEST_BYTES + 1)
        try:
            manifest = json.loads(raw.decode("utf-8")) if len(raw) <= _MANIFEST_BYTES else None
        except (ValueError, RecursionError):
            manifest = None
        if isinstance(manifest, dict) and MANIFEST_MARK in manifest:
            self.manifest = {key: value for key, value in manifest.items() if isinstance(value, str | int | None)}
        else:
            self.notes.add("manifest-bad")

    def _worth_walking(self, directory: tuple[ZipEntry, ...] | None) -> tuple[ZipEntry, ...] | None:
        """Head phase: the largest entries, in the order of the file."""
        if directory is None or self.whole:
            return directory
        largest = sorted(directory, key=lambda entry: -(entry.size or 0))[: self._budget.limits.peek_members]
        return tuple(sorted(largest, key=lambda entry: entry.offset or 0))

    def _zip(self, stream: PeekStream, outer: str | None, depth: int) -> None:
        directory = read_directory(self._file, self.notes, self._budget) if depth == 0 else None
        packings: set[str] = set()
        members: list[Member] = []
        try:
            for entry, data in walk_zip(stream, self._worth_walking(directory), self.notes, self._budget):
                if entry.folder:
                    continue
                packings.add(entry.packing)
                if data is not None:
                    self._member(data, entry.name, outer, depth)
                if outer is None and directory is None:
                    size = entry.size if entry.size is not None else data.delivered if data else 0
                    members.append(Member(entry.name, size))
        except _MALFORMED as error:
            self.notes.add("structure", proves_damage=True, what="zip", error=type(error).__name__)
        if outer is None:
            if directory is not None:
                members = [Member(entry.name, entry.size or 0) for entry in directory if not entry.folder]
            self.members = tuple(members)
            self.packing = "mixed" if len(packings) > 1 else next(iter(packings), None)
