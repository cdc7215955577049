"""What makes up the database, unpacked into new files under names of ours."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from core.administration.original.mirror import OURS, ROLES, Mirror, Part
from core.administration.package import Create, Tick, new_file, whole_file
from core.errors import BadFormat, LimitExceeded, Refused
from core.files import CHUNK, speaking
from core.formats.archive import read_directory, walk_zip
from core.formats.backup import open_regular
from core.formats.cabinet import Cabinet
from core.formats.limits import Budget, Limits
from core.formats.notes import NoteBook
from core.formats.report import Note
from core.formats.sniff import HEAD, sniff
from core.formats.source import FileStream, GuardedFile, PeekStream, Stream, file_size

_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FILE = r"-\d{1,5}\.(?:bak|mdf|ndf|ldf)(?:\.part)?"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file of ours with the content of one member."""

    part: Part
    path: str
    size: int
    """In bytes."""


def unpack(
    path: str,
    mirror: Mirror,
    folder: str,
    prefix: str,
    tick: Tick,
    *,
    room: Callable[[int], None] = lambda _need: None,
    create: Create = new_file,
) -> tuple[Unpacked, ...]:
    """Every part of `mirror.files` as a new file `<folder>/<prefix>-<n>.<bak|mdf|ndf|ldf>`, in their order.

    `tick` hears bytes done and all of them, and may raise; `room` hears how many bytes are needed before the first is
    written, and may raise. Every checksum and length of the package is compared, and the first bytes of each file with
    its role. Whatever goes wrong, nothing is left behind. Raises Refused (`original-guided`, `exists`), BadFormat
    (`original-damaged`, `original-not`, `packing-unknown`), LimitExceeded, NoSpace, Unreadable.
    """
    if mirror.why in {"damaged", "limit"}:
        error = BadFormat if mirror.why == "damaged" else LimitExceeded
        raise error("original-damaged", path=path, what=mirror.member or mirror.why)
    if not mirror.readable:
        raise Refused("original-guided", path=path, why=mirror.why, member=mirror.member or "-")
    for part in mirror.files:
        if part.packing not in OURS[mirror.kind] or part.size is None:
            raise BadFormat("packing-unknown", member=part.name)
    total = sum(part.size or 0 for part in mirror.files)
    room(total)
    job = _Job(path, {part.name: part for part in mirror.files}, _targets(mirror, folder, prefix), tick, total, create)
    with job.all_or_none():
        job.refuse(job.run(mirror.kind))
        tick(total, total)
    return tuple(job.made[part.name] for part in mirror.files)


def forget(folder: str, prefix: str) -> None:
    """Remove what `unpack` made under this prefix, halves of a killed one too. Harmless when there is nothing."""
    ours = re.compile(re.escape(_named(prefix)) + _FILE)
    with speaking(folder):
        for name in os.listdir(folder):
            if ours.fullmatch(name):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(folder, name))


def _named(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix):
        raise Refused("administration-place", path=ascii(prefix)[:80])
    return prefix


def _targets(mirror: Mirror, folder: str, prefix: str) -> Mapping[str, str]:
    """Member name -> path of ours. What our file is called follows from its role alone."""
    found = {}
    for number, part in enumerate(mirror.files, 1):
        ending = {"backup": "bak", "log": "ldf"}.get(part.role, "mdf" if part.primary else "ndf")
        found[part.name] = os.path.join(folder, f"{_named(prefix)}-{number}.{ending}")
    return found


@dataclass(slots=True)
class _Job:
    """One package on its way into files."""

    path: str
    wanted: Mapping[str, Part]
    targets: Mapping[str, str]
    tick: Tick
    total: int
    create: Create
    done: int = 0
    made: dict[str, Unpacked] = field(default_factory=dict)

    @contextlib.contextmanager
    def all_or_none(self) -> Iterator[None]:
        """What was made goes away again when the block is not left well."""
        try:
            yield
        except BaseException:
            for each in self.made.values():
                with contextlib.suppress(OSError):
                    os.unlink(each.path)
            raise

    def run(self, kind: str) -> Sequence[Note]:
        """Write every wanted member; what the reader noticed."""
        with open_regular(self.path) as file:
            size = file_size(file)
            stream = PeekStream(FileStream(GuardedFile(file, self._breathe), size=size))
            if kind == "bare":
                self._write(next(iter(self.wanted.values())), stream)
                return ()
            budget = Budget(Limits(), size, head_only=False)
            return self._cabinet(stream, budget) if kind == "cabinet" else self._zip(file, stream, budget)

    def refuse(self, notes: Sequence[Note]) -> None:
        """Raise for what was noticed, and for what did not come out whole."""
        for note in notes:
            if note.code == "limit":
                raise LimitExceeded("original-damaged", path=self.path, what=note.code)
            if note.proves_damage:
                raise BadFormat("original-damaged", path=self.path, what=note.code)
        for name, part in self.wanted.items():
            if name not in self.made or self.made[name].size != part.size:
                raise BadFormat("original-damaged", path=self.path, what=name)

    def _breathe(self) -> bool:
        """Asked at every read of the package: also where members are passed over that nobody wants."""
        self.tick(self.done, self.total)
        return False

    def _cabinet(self, stream: PeekStream, budget: Budget) -> Sequence[Note]:
        cabinet = Cabinet(stream, limits=budget.limits, budget=budget)
        for member in cabinet.walk():
            if member.name in self.wanted:
                self._write(self.wanted[member.name], member)
        return cabinet.notes

    def _zip(self, file: IO[bytes], stream: PeekStream, budget: Budget) -> Sequence[Note]:
        notes = NoteBook()
        for entry, opened in walk_zip(stream, read_directory(file, notes, budget) or (), notes, budget):
            if opened is not None and entry.name in self.wanted:
                self._write(self.wanted[entry.name], opened)
        return notes.all()

    def _write(self, part: Part, stream: Stream) -> None:
        if part.name in self.made:  # two of one name: the package is another one than the mirror was made of
            raise BadFormat("original-damaged", path=self.path, what=part.name)
        path, size = self.targets[part.name], 0
        with whole_file(path, self.create) as out:
            chunk = stream.read(HEAD)
            if part.role != "log" and ROLES.get(sniff(chunk, part.size).kind) != part.role:
                raise BadFormat("original-not", path=self.path, member=part.name, role=part.role)
            while chunk:
                size += len(chunk)
                if size > (part.size or 0):  # the room was asked for what the package states
                    raise BadFormat("original-damaged", path=self.path, what=part.name)
                out.write(chunk)
                self.done += len(chunk)
                self.tick(min(self.done, self.total), self.total)
                chunk = stream.read(CHUNK)
        self.made[part.name] = Unpacked(part, path, size)
