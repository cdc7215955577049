"""`wissel rows FILE TABLE`: the rows of one table, written as they are read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from core.errors import UsageError
from tui import wording
from tui.context import Context
from tui.output import Output
from tui.parser import Parser, count
from tui.verbs import looking

if TYPE_CHECKING:
    from core.office.inside.exports import Export

FORMATS = ("csv", "jsonl", "parquet")
STEP = 0.5
"""Seconds between two times that it is said how far it is."""


def arguments(parser: Parser) -> None:
    """What to look into, which table, and how it is written."""
    looking.arguments(parser)
    add, say = parser.own.add_argument, parser.say
    add("table", metavar="TABLE", help=say("rows.table"))
    add("--format", choices=FORMATS, help=say("rows.format"))
    add("--limit", type=count, metavar="N", help=say("rows.limit"))
    add("--output", metavar="FILE", help=say("rows.output"))


def run(context: Context) -> int:
    """Streams the rows; ends with 6, after everything that is undamaged, where something was lost."""
    args, out = context.args, context.out
    form = args.format or ("jsonl" if out.json else "csv")
    if form == "parquet" and args.output is None and out.stdout.isatty():
        raise UsageError("parquet-terminal")
    with looking.opened(context) as inside:
        table = inside.find(args.table)
        export = inside.export(table, form, args.limit, Meter(out, shown=args.output is None).heard)
        try:
            if args.output is not None:
                export.save(args.output)
            else:
                for piece in export:
                    out.raw(piece)
                out.flush()
        finally:
            out.passing("")
        _say(export, table.full_name, args.output, out)
        read = export.table
        looking.complain(inside, out, [read] if read.differs else [])
    return 0


class Meter:
    """How far it is, for whoever waits and does not see the rows."""

    def __init__(self, out: Output, *, shown: bool) -> None:
        self._out = out
        self._quiet = shown and out.stdout.isatty()
        self._due = time.monotonic() + STEP

    def heard(self, rows: int) -> None:
        """So many rows were read."""
        if not self._quiet and time.monotonic() > self._due:
            self._due = time.monotonic() + STEP
            self._out.passing(self._out.text("inside.reading", count=wording.grouped(rows, self._out.language)))


def _say(export: Export, name: str, path: str | None, out: Output) -> None:
    if path is not None:
        out.talk("inside.written", count=wording.grouped(export.rows, out.language), table=name, path=path)
    if export.emptied:
        out.talk("inside.emptied", count=export.emptied)
    elif export.undecoded:
        out.talk("inside.undecoded", count=export.undecoded)
