"""`wissel list`: the deliveries, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.model import DeliveryRow
from tui import wording
from tui.context import Context, Office
from tui.output import Output
from tui.parser import Parser, count, word
from tui.tables import Cell, Column
from tui.verbs import forms, sentences
from tui.verbs.pages import answer_cell, time_text

NEWEST = 50
"""Rows of the text list when no limit is given."""


def arguments(parser: Parser) -> None:
    """Filter words, and which part of the list."""
    parser.own.add_argument("filter", nargs="*", type=word, metavar="FILTER", help=parser.say("list.filter"))
    parser.own.add_argument("--limit", type=count, metavar="N", help=parser.say("list.limit"))
    parser.own.add_argument("--offset", type=count, default=0, metavar="N", help=parser.say("list.offset"))


def run(context: Context) -> int:
    """Prints the list."""
    args, out = context.args, context.out
    show(context.office(), out, " ".join(args.filter), args.offset, args.limit)
    return 0


def show(office: Office, out: Output, filter_text: str = "", offset: int = 0, limit: int | None = None) -> None:
    """The list as JSON (everything, unless a limit is given) or as a table (the newest, and how many more)."""
    if out.json:
        out.array(json_rows(office, filter_text, offset, limit))
        return
    rows, total = office.deliveries(filter_text, offset, NEWEST if limit is None else limit)
    if rows:
        print_rows(rows, out)
    if total == 0:
        out.talk("say.list.nothing" if filter_text else "say.list.empty")
    elif total <= offset:
        out.talk("say.list.past", total=total)
    elif total > offset + len(rows):
        out.talk("say.list.more", shown=len(rows), total=total)


def json_rows(office: Office, filter_text: str = "", offset: int = 0, limit: int | None = None) -> Iterator[forms.Form]:
    """The rows of `list --json` with the verdict of every target."""
    for row, verdicts in office.export(filter_text, offset, limit):
        yield forms.row(row, verdicts)


def print_rows(rows: Iterable[DeliveryRow], out: Output) -> None:
    """The table: state, who, which, what it was made with, where it should go, the two answers, why."""
    say = out.text
    columns = (
        Column(say("say.column.state")),
        Column(say("say.column.id")),
        Column(say("say.column.client"), least=4),
        Column(say("say.column.administration"), right=True),
        Column(say("say.column.name"), least=7, optional=True),
        Column(say("say.column.product-update"), right=True),
        Column(say("say.column.sql")),
        Column(say("say.column.size"), right=True),
        Column(say("say.column.target"), least=6),
        Column(say("say.column.work")),
        Column(say("say.column.back")),
        Column(say("say.column.why")),
        Column(say("say.column.file"), least=10, optional=True),
        Column(say("say.column.arrived"), optional=True),
    )
    out.table(columns, [_cells(row, out) for row in rows])


def _cells(row: DeliveryRow, out: Output) -> list[Cell]:
    why = "" if row.rule is None else f"{row.rule} +{row.more}" if row.more else str(row.rule)
    if row.operation is not None:
        why = sentences.where(row.operation, out.language)
    state = str(row.state)
    return [
        Cell(wording.state(row.state, out.language), TONE_OF_STATE.get(state, "dim")),
        Cell(row.id),
        Cell(row.client or "?"),
        Cell(row.administration_number or "?"),
        Cell(row.administration_name or ""),
        Cell("?" if row.product_update is None else str(row.product_update)),
        Cell(wording.release(row.sql_release) or "?"),
        Cell(wording.size(row.size, out.language)),
        Cell(row.held_at or row.best_target or "-"),
        answer_cell(row.work, out),
        answer_cell(row.back, out),
        Cell(why),
        Cell(row.file),
        Cell(time_text(row.arrived_at, out)),
    ]


TONE_OF_STATE = {"ok": "yes", "warn": "conditional", "oneway": "oneway", "no": "no", "unknown": "unknown"}
