"""The databases in a file: itself, or members of a cabinet or a zip, unpacked once into a private scratch file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import IO

from core.errors import Cancelled
from core.files import speaking
from core.formats.archive import read_directory, walk_zip
from core.formats.backup import open_regular
from core.formats.cabinet import Cabinet
from core.formats.inside.medium import FileMedium, Medium
from core.formats.limits import Budget, Limits
from core.formats.notes import NoteBook
from core.formats.sniff import DATABASES, HEAD, sniff
from core.formats.source import CHUNK, FileStream, PeekStream, Stream, file_size

Progress = Callable[[int, int], None]
"""(done, of how many); 0 for a number that nobody knows yet."""


@dataclass(frozen=True, slots=True)
class Payload:
    """One database file or back-up."""

    name: str
    """Of the member; empty: the file itself."""
    kind: str
    """`tape`, `compressed` or `data-file`."""
    medium: Medium
    packed_well: bool = True
    """Nothing that was seen of the package around it proves damage."""


def payloads_of(
    path: str | bytes | os.PathLike[str],
    stack: contextlib.ExitStack,
    scratch: str | None,
    cancel: Callable[[], bool] | None,
    progress: Progress | None = None,
) -> list[Payload]:
    """Everything in the file that rows can come from. `stack` closes files and removes the scratch.

    `progress` hears how many bytes are unpacked, of how many.

    Raises Unreadable, Cancelled, NoSpace and LimitExceeded.
    """
    file = stack.enter_context(open_regular(path))
    size = file_size(file)
    stream = PeekStream(FileStream(file, size=size))
    kind = sniff(stream.peek(HEAD), size).kind
    if kind in DATABASES:
        return [Payload("", kind, FileMedium(file))]
    found: list[Payload] = []
    into = _Scratch(stack, scratch, cancel, progress)
    budget = Budget(Limits(), size, head_only=False)
    notes = NoteBook()
    if kind == "cabinet":
        cabinet = Cabinet(stream, limits=budget.limits, budget=budget)
        for data in cabinet.walk(None):
            _member(data, data.name, found, into)
        notes.extend(cabinet.notes)
    elif kind == "zip":
        for entry, opened in walk_zip(stream, read_directory(file, notes, budget), notes, budget):
            if opened is not None and not entry.folder:
                _member(opened, entry.name, found, into)
    if any(note.proves_damage for note in notes.all()):
        found = [replace(each, packed_well=False) for each in found]
    return found


@dataclass(frozen=True, slots=True)
class _Scratch:
    """Where packed members are expanded to."""

    stack: contextlib.ExitStack
    folder: str | None
    cancel: Callable[[], bool] | None
    progress: Progress | None


def _member(data: Stream, name: str, found: list[Payload], scratch: _Scratch) -> None:
    stream = PeekStream(data)
    kind = sniff(stream.peek(HEAD), stream.size).kind
    if kind not in DATABASES:
        return
    with speaking(scratch.folder or tempfile.gettempdir()):
        # Without a name wherever the system can: nothing is left behind, whatever happens.
        made = tempfile.TemporaryFile(dir=scratch.folder, prefix="wissel-")  # noqa: SIM115 - the stack closes it
        file: IO[bytes] = scratch.stack.enter_context(made)
        done = 0
        while piece := stream.read(CHUNK):
            if scratch.cancel is not None and scratch.cancel():
                raise Cancelled("stopped")
            file.write(piece)
            done += len(piece)
            if scratch.progress is not None:
                scratch.progress(done, stream.size or 0)
        file.flush()
    found.append(Payload(name, kind, FileMedium(file)))
