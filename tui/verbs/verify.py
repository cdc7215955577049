"""`wissel verify FILE`: every checksum, page and row of a database checked, and how many there were."""

from __future__ import annotations

import time

from core.errors import BadFormat
from core.model.inside import Verified
from tui import wording
from tui.context import Context
from tui.inside_words import counted_name, damage_text, differing_text, unread_text
from tui.output import Output
from tui.parser import Parser
from tui.verbs import forms, looking, pages

STEP = 0.2
"""Seconds between two times that it is said how far it is."""


def arguments(parser: Parser) -> None:
    """What to check."""
    looking.arguments(parser)


def run(context: Context) -> int:
    """Prints the counts and what does not hold; ends with 6 where something does not."""
    out = context.out
    with looking.opened(context) as inside:
        try:
            verified = inside.verify(Meter(out).heard)
        finally:
            out.passing("")
    if out.json:
        out.data(form(verified, context.args.file, out.language))
    else:
        _page(verified, out)
    if not verified.whole:
        damage = len(verified.damage) + verified.more + verified.broken
        raise BadFormat("inside-damage", damage=damage, differing=len(verified.differing))
    return 0


class Meter:
    """How far it is, for the person at the terminal."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._due = time.monotonic() + STEP

    def heard(self, done: int, total: int) -> None:
        """So much of so much."""
        if not total:
            self._out.passing(self._out.text("inside.checking.rows"))
        elif time.monotonic() >= self._due:
            self._due = time.monotonic() + STEP
            self._out.passing(self._out.text("inside.checking", percent=min(100, done * 100 // total)))


def form(verified: Verified, file: str, language: str) -> forms.Form:
    """`verify --json`: a fixed contract."""
    return {
        "file": file,
        "whole": verified.whole,
        "checked": dict(verified.checked),
        "damage": [
            {
                "code": each.code,
                "file_id": each.file_id,
                "page": each.page,
                "slot": each.slot,
                "table": each.table or None,
                "text": damage_text(each, language),
            }
            for each in verified.damage
        ],
        "more_damage": verified.more,
        "differing": [
            {"schema": each.schema, "name": each.name, "rows": each.rows, "catalog_rows": each.catalog_rows}
            for each in verified.differing
        ],
        "unread": [
            {"schema": each.schema, "name": each.name, "storage": each.storage, "catalog_rows": each.catalog_rows}
            for each in verified.unread
        ],
        "problems": [forms.problem(each, language) for each in verified.findings],
    }


def _page(verified: Verified, out: Output) -> None:
    language = out.language
    counts = [(counted_name(name, language), wording.grouped(n, language)) for name, n in verified.checked.items()]
    room = max((len(count) for _, count in counts), default=0)
    out.fields([(name, count.rjust(room)) for name, count in counts])
    pages.problems(verified.findings, out)
    wrong = [damage_text(each, language) for each in verified.damage]
    wrong += [differing_text(each, language) for each in verified.differing]
    rest = len(wrong[looking.SAID :]) + verified.more
    wrong = wrong[: looking.SAID] + ([out.text("inside.more", count=rest)] if rest else [])
    wrong += [unread_text(each, language) for each in verified.unread]
    if wrong:
        out.line()
        out.line(f"{out.text('inside.damaged')}:")
    for text in wrong:
        out.line(f"- {text}")
    out.line()
    out.line(out.text("inside.whole" if verified.whole else "inside.not-whole"), "yes" if verified.whole else "no")
