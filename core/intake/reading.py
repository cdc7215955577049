"""Reading a file for intake: its head while it arrives, the whole of it once while it is sealed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import IO

from core.errors import Unreadable
from core.formats.backup import inspect_file
from core.formats.report import Inspection
from core.intake.vault import Reader, Sink

_UNFINISHED = frozenset({"truncated", "zeros", "empty"})
"""Notes of a file that is not all there yet: too short, or room that was claimed and not written."""
_ENDLESS = frozenset({"unknown"})
"""Kinds whose end nobody can recognise."""
_NEVER_BLANK = frozenset({"cabinet", "practice", "compressed"})
"""Kinds whose last bytes are never all zero: packed data, or a record's trailer."""
_TAIL = 512
_MAGICS = (b"TAPE", b"MSSQLBAK", b"MSCF", b"PK\x03\x04", b"\x01\x0f")


@dataclass(frozen=True, slots=True)
class Peek:
    """What can be had in milliseconds."""

    inspection: Inspection
    ended: bool | None
    """Is the end there that its format demands? None: its format has none."""


def whole(
    name: str, *, cancel: Callable[[], bool] | None = None, progress: Callable[[int], None] | None = None
) -> Reader:
    """A reader for the vault: every byte once, in order, hashed, inspected and handed on."""

    def read(file: IO[bytes], sink: Sink | None) -> Inspection:
        try:
            return inspect_file(file, name=name, whole=True, cancel=cancel, progress=progress, sink=sink)
        except OSError as error:
            raise Unreadable("intake-read", path=name, why=error.strerror or str(error)) from error

    return read


def peek(file: IO[bytes], name: str) -> Peek:
    """Head facts of a file that may still be growing, and whether its end is there. Raises Unreadable.

    What only says that bytes are missing *so far* is left out: nothing is damaged while it arrives.
    """
    try:
        inspection = inspect_file(file, name=name, whole=False)
        ended = _ended(file, inspection)
    except OSError as error:
        raise Unreadable("intake-read", path=name, why=error.strerror or str(error)) from error
    kept = tuple(note for note in inspection.notes if not note.proves_damage and note.code not in _UNFINISHED)
    return Peek(replace(inspection, notes=kept), ended)


def _ended(file: IO[bytes], inspection: Inspection) -> bool | None:
    if any(note.code in _UNFINISHED for note in inspection.notes) or _first_bytes_only(file, inspection.size):
        return False
    if inspection.stranger or inspection.kind in _ENDLESS:
        return None
    if inspection.kind in _NEVER_BLANK and inspection.size >= _TAIL:
        file.seek(-_TAIL, os.SEEK_END)
        return file.read(_TAIL).strip(b"\0") != b""
    return True


def _first_bytes_only(file: IO[bytes], size: int) -> bool:
    """So short that it may yet become anything that begins so."""
    if size >= max(map(len, _MAGICS)):
        return False
    file.seek(0)
    head = file.read(size)
    return any(magic.startswith(head) for magic in _MAGICS)
