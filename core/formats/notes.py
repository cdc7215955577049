"""Collects what a reader notices: bounded, whatever a hostile file does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from core.formats.report import Note

_LONGEST = 300
_EACH = 8
"""Notes kept of one code; the rest is counted in `more` of the last."""


class NoteBook:
    """Notes in the order they were made."""

    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._seen: Counter[str] = Counter()

    def add(self, code: str, *, proves_damage: bool = False, **detail: str | int) -> None:
        """Note something; the same words twice count once."""
        self.take(Note(code, detail, proves_damage))

    def take(self, note: Note) -> None:
        """Keep a note of another reader; its words become safe to print."""
        if self._seen[note.code] >= _EACH:
            self._seen[note.code] += 1
            return
        safe = {key: printable(value) if isinstance(value, str) else value for key, value in note.detail.items()}
        note = Note(note.code, safe, note.proves_damage)
        if note in self._notes:
            return
        self._seen[note.code] += 1
        self._notes.append(note)

    def extend(self, notes: Iterable[Note], *, member: str | None = None) -> None:
        """Keep the notes of another reader, said of a member."""
        for note in notes:
            inside = {"member": member, **note.detail} if member is not None else note.detail
            self.take(Note(note.code, inside, note.proves_damage))

    def has(self, code: str) -> bool:
        """Was it noted?"""
        return self._seen[code] > 0

    def all(self) -> tuple[Note, ...]:
        """The notes; the last of a code says how many more there were."""
        last = {note.code: at for at, note in enumerate(self._notes)}
        notes = list(self._notes)
        for code, at in last.items():
            more = self._seen[code] - _EACH
            if more > 0:
                notes[at] = Note(code, {**notes[at].detail, "more": more}, notes[at].proves_damage)
        return tuple(notes)


def printable(text: str) -> str:
    """Text of strangers, shortened, with whatever would steer a terminal or hide itself written as an escape."""
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
