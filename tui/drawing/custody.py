"""The log: when, who, which delivery, what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.model import CustodyLine
from core.texts import has, say
from tui import wording
from tui.plain import plain
from tui.widgets.spans import Line, Span, fit, wrap

_WHO, _ID = 10, 8
_ROOM_FOR_WHO = 60


def sentence(entry: CustodyLine, language: str) -> str:
    """What happened, in words."""
    key = f"custody.{entry.what}"
    if not has(key):
        return plain(entry.what)
    named: dict[str, object] = {"delivery": entry.delivery or "", "client": entry.client or "", "who": entry.who}
    shown = {name: _worded(name, value, language) for name, value in entry.detail.items()}
    return plain(say(key, language, **{**named, **shown}))


def _worded(name: str, value: str | int, language: str) -> object:
    """Answers, states, facts and kinds of operation as words; a hash by its beginning."""
    keys = {
        "word": f"word.state.{value}",
        "work": f"word.answer.{value}",
        "back": f"word.answer.{value}",
        "fact": f"word.fact.{value}",
        "order": f"operation.{value}",
    }
    if name in keys and has(keys[name]):
        return say(keys[name], language)
    if name == "size" and isinstance(value, int):
        return wording.grouped(value, language)
    if name == "sha256":
        return f"{str(value)[:8]}…"
    return "–" if value == "" else value


def time_cells(entries: Iterable[CustodyLine], now: datetime, language: str) -> int:
    """Cells for the times: few when all of it was today."""
    return max((len(wording.when(entry.at, now, language)) for entry in entries), default=0) + 2


def custody_line(entry: CustodyLine, now: datetime, language: str, at_cells: int) -> Line:
    """One line of the whole log."""
    return (
        Span(" " + fit(wording.when(entry.at, now, language), at_cells), "dim"),
        Span(fit(plain(entry.who), _WHO - 1) + " ", "dim"),
        Span(fit(plain(entry.delivery or ""), _ID), "strong"),
        Span(sentence(entry, language)),
    )


def custody_lines(entries: Iterable[CustodyLine], now: datetime, language: str, width: int) -> list[Line]:
    """The log of one delivery, long sentences wrapped; who did it falls away where there is no room."""
    listed = list(entries)
    at_cells = time_cells(listed, now, language)
    who_cells = max((len(plain(entry.who)) for entry in listed), default=0) + 2 if width >= _ROOM_FOR_WHO else 0
    lines: list[Line] = []
    for entry in listed:
        head = " " + fit(wording.when(entry.at, now, language), at_cells) + fit(plain(entry.who), who_cells)
        for place, row in enumerate(wrap(sentence(entry, language), max(width - len(head), 10))):
            lines.append((Span(head if not place else " " * len(head), "dim"), Span(row)))
    return lines


def timeline(entries: Iterable[CustodyLine], now: datetime, language: str, width: int) -> list[Line]:
    """The log of a client, newest first: when, who, which delivery, and the whole sentence."""
    listed = list(entries)
    at_cells = time_cells(listed, now, language)
    lines: list[Line] = []
    for entry in listed:
        at = " " + fit(wording.when(entry.at, now, language), at_cells) + fit(plain(entry.who), _WHO - 1) + " "
        delivery = fit(plain(entry.delivery or ""), _ID)
        margin = len(at) + _ID
        for place, row in enumerate(wrap(sentence(entry, language), max(width - margin - 1, 10))):
            head = (Span(at, "dim"), Span(delivery, "strong")) if not place else (Span(" " * margin),)
            lines.append((*head, Span(row)))
    return lines or [(Span("   –", "dim"),)]
