"""What a correction would book: its lines, and the trial balance before and after."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

from core.model import DryRun, EntryLine
from core.texts import say
from tui import wording
from tui.plain import plain
from tui.verbs.sentences import amount
from tui.widgets.spans import BLANK, Line, Span, fit, line

_ACCOUNT, _AMOUNT = 10, 14


def dry_run(run: DryRun, language: str, width: int) -> list[Line]:
    """Entry by entry, then account by account."""
    lines: list[Line] = []
    for _, group in groupby(run.lines, key=lambda each: each.entry):
        lines += _entry(list(group), language, width)
    return [*lines, *_trial(run, language, width)]


def _entry(booked: list[EntryLine], language: str, width: int) -> list[Line]:
    first = booked[0]
    place = say(
        "screen.trial.entry",
        language,
        entry=plain(first.entry),
        journal=plain(first.journal).strip(),
        date=wording.iso(first.date, language),
        year=first.year,
        period=first.period,
    )
    lines = [line(Span(f" {place}", "strong")), _columns("screen.trial.debit", "screen.trial.credit", language, width)]
    room = _named(width, 2)
    for each in booked:
        account = plain(each.account).strip()
        more = " ".join(plain(part).strip() for part in (each.cost_centre, each.cost_unit) if part.strip())
        text = " · ".join(part for part in (plain(each.account_name), plain(each.description), more) if part)
        debit, credit = (each.amount, None) if each.amount >= 0 else (None, -each.amount)
        lines.append(
            line(
                Span("   " + fit(account, _ACCOUNT), "strong"),
                Span(fit(text, room)),
                Span(_money(debit, language)),
                Span(_money(credit, language)),
            )
        )
    return [*lines, BLANK]


def _trial(run: DryRun, language: str, width: int) -> list[Line]:
    title = say("screen.trial.account", language)
    room = _named(width, 3)
    spans = [Span("   " + fit(title, _ACCOUNT + room), "heading")]
    spans += [
        Span(fit(say(f"screen.trial.{name}", language), _AMOUNT, right=True), "heading")
        for name in ("before", "change", "after")
    ]
    lines = [line(*spans)]
    lines += [
        line(
            Span("   " + fit(plain(each.account).strip(), _ACCOUNT), "strong"),
            Span(fit(plain(each.name), room)),
            Span(_money(each.before, language), "dim"),
            Span(_money(each.after - each.before, language), "accent"),
            Span(_money(each.after, language)),
        )
        for each in run.trial
    ]
    total = say("screen.trial.total", language)
    change = run.total_after - run.total_before
    balanced = run.total_after == 0
    lines.append(
        line(
            Span("   " + fit(total, _ACCOUNT + room), "dim"),
            Span(_money(run.total_before, language), "dim"),
            Span(_money(change, language), "dim"),
            Span(_money(run.total_after, language), "yes" if balanced else "no-strong"),
        )
    )
    return lines


def _columns(debit: str, credit: str, language: str, width: int) -> Line:
    titles = (say(debit, language), say(credit, language))
    spans = [Span(" " * (3 + _ACCOUNT + _named(width, 2)), "heading")]
    return (*spans, *[Span(fit(each, _AMOUNT, right=True), "heading") for each in titles])


def _named(width: int, amounts: int) -> int:
    return max(width - 4 - _ACCOUNT - amounts * _AMOUNT, 6)


def _money(value: Decimal | None, language: str) -> str:
    return " " * _AMOUNT if value is None else fit(amount(value, language), _AMOUNT, right=True)
