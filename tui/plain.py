"""The one place where text from outside becomes safe to show: names are data, never orders to a terminal."""

from __future__ import annotations

import unicodedata

from core.texts.shown import shown

_MARKS = frozenset({"Mn", "Me", "Mc"})
_MARKS_IN_A_ROW = 2
"""More marks than this on one letter run over the lines above and below."""


def plain(text: str) -> str:
    """One line without anything a terminal would obey, or that would reorder or overrun what is around it."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for letter in shown(text):
        category = unicodedata.category(letter)
        marks = marks + 1 if category in _MARKS else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(" " if category == "Zs" else letter)
    return "".join(kept)
