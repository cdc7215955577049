"""How a client's package is made up, so that what goes back is made up the same way."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Literal

from core.formats.archive import read_directory, walk_zip
from core.formats.backup import open_regular
from core.formats.cabinet import Cabinet
from core.formats.limits import Budget, Limits
from core.formats.notes import NoteBook
from core.formats.report import Note
from core.formats.sniff import HEAD, sniff
from core.formats.source import FileStream, GuardedFile, PeekStream, file_size

Role = Literal["backup", "data", "log", "package", "other"]
"""`backup`: a native back-up, compressed or not; `data`: `.mdf` or `.ndf`; `log`: `.ldf`; `package`: one in it."""
Kind = Literal["bare", "cabinet", "zip"]

OURS: Mapping[Kind, tuple[str, ...]] = {
    "bare": ("bare",),
    "cabinet": ("stored", "mszip"),
    "zip": ("stored", "deflate"),
}
"""Packings that we read and write."""
ROLES: Mapping[str, Role] = {
    "tape": "backup", "compressed": "backup", "data-file": "data", "cabinet": "package", "zip": "package",
}  # fmt: skip
"""What a file is by its first bytes -> what it is here."""
_ENDINGS: Mapping[str, Role] = {".bak": "backup", ".mdf": "data", ".ndf": "data", ".ldf": "log"}
_PRIMARY = 1
"""File id of the data file with the boot page; it stands at byte 36 of page 0 (`core.formats.pages`)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One member of the package, or the bare file itself."""

    name: str
    """As the package has it; of a bare file its own name. Never a path."""
    size: int | None
    """Unpacked bytes; None: the package does not say."""
    packing: str
    """`bare`, `stored`, `mszip`, `lzx`, `quantum`, `deflate` or another method's name."""
    role: Role
    primary: bool = False
    """The data file that the others hang on."""
    folder: int = 0
    """Of a cabinet: the folder it lies in."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """How a client's package is made up."""

    kind: Kind
    parts: tuple[Part, ...]
    """In the order of the package; folders of a zip are left out."""
    why: str = ""
    """Why nothing can be packed like it: `split`, `encrypted`, `damaged`, `limit`, `name` (it would leave its folder,
    or two have the same), `nested`, `no-database`, `many-databases`, `other-member`. Empty: it can."""
    member: str = ""
    """Which member is the reason."""

    @property
    def writable(self) -> bool:
        """Can a package be made like it?"""
        return not self.why

    @property
    def readable(self) -> bool:
        """Is it known what has to be unpacked? A member more that nobody knows does not hinder that."""
        return self.why in {"", "other-member"}

    @property
    def unread(self) -> str:
        """Why nobody here can read the database in it: a word of `why`, or a packing. Empty: we can."""
        return next((each for each in self.changes if each != "mixed"), "") if self.readable else self.why

    @property
    def holds(self) -> Literal["backup", "data", ""]:
        """A native back-up, data files, or neither."""
        roles = {part.role for part in self.files}
        return "backup" if "backup" in roles else "data" if "data" in roles else ""

    @property
    def files(self) -> tuple[Part, ...]:
        """The members that make up the database: the back-up, or data files and log, in their order."""
        return tuple(part for part in self.parts if part.role in {"backup", "data", "log"})

    @property
    def changes(self) -> tuple[str, ...]:
        """Packings that come back as another: `lzx` and `quantum` as MSZIP, a zip's own as deflate, and `mixed`."""
        packings = list(dict.fromkeys(part.packing for part in self.files))
        foreign = tuple(each for each in packings if each not in OURS[self.kind])
        return (*foreign, "mixed") if self.kind == "cabinet" and len(packings) > 1 else foreign


def mirror_of(path: str) -> Mirror:
    """What the package is made up of.

    Quick: what lies deep in a packed folder is told by its name's ending, and `unpack` proves it. Raises Unreadable;
    bad content is in `why`.
    """
    with open_regular(path) as file:
        size = file_size(file)
        stream = PeekStream(FileStream(GuardedFile(file), size=size))
        head = stream.peek(HEAD)
        kind = sniff(head, size).kind
        budget = Budget(Limits(), size, head_only=True)
        if kind == "cabinet":
            return _of_cabinet(Cabinet(stream, limits=budget.limits, budget=budget))
        if kind == "zip":
            return _of_zip(file, stream, budget)
        return _judged("bare", [_part(os.path.basename(path), size, "bare", head)], "", "")


def _of_cabinet(cabinet: Cabinet) -> Mirror:
    heads: dict[str, bytes] = {}
    largest = sorted(cabinet.members, key=lambda member: -member.size)[: cabinet.limits.peek_members]
    for stream in cabinet.walk(largest):
        heads[stream.name] = stream.read(HEAD)
    parts = []
    for member in cabinet.members:
        packing = "unknown" if member.folder is None else cabinet.folders[member.folder].packing
        parts.append(_part(member.name, member.size, packing, heads.get(member.name, b""), member.folder or 0))
    return _judged("cabinet", parts, *_hindrance(cabinet.notes, sound=cabinet.sound))


def _of_zip(file: IO[bytes], stream: PeekStream, budget: Budget) -> Mirror:
    notes = NoteBook()
    directory = read_directory(file, notes, budget) or ()
    heads = {
        entry.name: b"" if opened is None else opened.read(HEAD)
        for entry, opened in walk_zip(stream, directory, notes, budget)
    }
    named = [entry for entry in directory if not entry.folder]
    parts = [_part(entry.name, entry.size, entry.packing, heads.get(entry.name, b"")) for entry in named]
    return _judged("zip", parts, *_hindrance(notes.all(), sound=bool(directory)))


def _part(name: str, size: int | None, packing: str, head: bytes, folder: int = 0) -> Part:
    """What it is by its first bytes, where these were reached; else by the ending of its name."""
    ending = os.path.splitext(name)[1].casefold()
    role = _ENDINGS.get(ending, "other")
    primary = ending == ".mdf"
    if head:
        found = ROLES.get(sniff(head, size).kind, "other")
        if role != "log" or found in {"backup", "package"}:  # a log may look like a data file, and like nothing
            role = found
        primary = role == "data" and int.from_bytes(head[36:38], "little") == _PRIMARY
    return Part(name, size, packing, role, primary, folder)


def _hindrance(notes: Sequence[Note], *, sound: bool) -> tuple[str, str]:
    """What the reader noticed that keeps us from it, the worst first, and the member that it was about."""
    broken = [note for note in notes if note.proves_damage]
    told = {"cabinet-split": "split", "zip-encrypted": "encrypted", "limit": "limit", "unsafe-name": "name"}
    coded = {note.code: note for note in notes}
    found = [(why, coded[code]) for code, why in told.items() if code in coded]
    if broken and "cabinet-split" not in coded:
        found.insert(0, ("damaged", broken[0]))
    if found:
        return found[0][0], str(found[0][1].detail.get("member", ""))
    return ("", "") if sound else ("damaged", "")


def _judged(kind: Kind, parts: list[Part], why: str, member: str) -> Mirror:
    mirror = Mirror(kind, tuple(parts), why, member)
    if not why:
        why, member = _muddle(mirror)
    return Mirror(kind, mirror.parts, why, member)


def _muddle(mirror: Mirror) -> tuple[str, str]:
    """What is in it, but not as we could make it."""
    twice = [name for name, count in Counter(part.name.casefold() for part in mirror.parts).items() if count > 1]
    if twice:
        return "name", twice[0]
    nested = _named(mirror.parts, "package")
    backups, data, logs = (_named(mirror.parts, role) for role in ("backup", "data", "log"))
    if not backups and not data:
        return ("nested", nested[0]) if nested else ("no-database", "")
    primaries = [part.name for part in mirror.parts if part.primary]
    several = backups[1:] or primaries[1:] or (backups and [*data, *logs])
    if several:
        return "many-databases", several[0]
    if not backups and not primaries:
        return "no-database", data[0]
    others = [part.name for part in mirror.parts if part.role in {"other", "package"}]
    return ("other-member", others[0]) if others else ("", "")


def _named(parts: Iterable[Part], role: str) -> list[str]:
    return [part.name for part in parts if part.role == role]
