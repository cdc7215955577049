"""`wissel tables FILE`: the user tables of a database, with their rows counted and held against the catalog."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.model.inside import TableInside
from tui import wording
from tui.context import Context
from tui.inside_words import unread_text
from tui.output import Output
from tui.parser import Parser
from tui.tables import Cell, Column
from tui.verbs import forms, looking

if TYPE_CHECKING:
    from core.office import Inside

STEP = 0.2
"""Seconds between two times that it is said how far it is."""


def arguments(parser: Parser) -> None:
    """What to look into."""
    looking.arguments(parser)


def run(context: Context) -> int:
    """Prints each table when it is counted; ends with 6 where something was lost."""
    out = context.out
    with looking.opened(context) as inside:
        found: list[TableInside] = []
        counted = _counted(inside, found, out)
        if out.json:
            out.array(form(table) for table in counted)
        else:
            _page(list(counted), out)
        for table in found:
            if table.rows is None:
                out.note(unread_text(table, out.language))
        looking.complain(inside, out, [table for table in found if table.differs])
    return 0


def _counted(inside: Inside, found: list[TableInside], out: Output) -> Iterator[TableInside]:
    tables, due = inside.tables(), time.monotonic() + STEP
    for place, table in enumerate(tables):
        if time.monotonic() > due:
            due = time.monotonic() + STEP
            out.passing(out.text("inside.counting", done=place, total=len(tables)))
        found.append(inside.counted(table))
        yield found[-1]
    out.passing("")


def form(table: TableInside) -> forms.Form:
    """One element of `tables --json`: a fixed contract."""
    return {
        "schema": table.schema,
        "name": table.name,
        "rows": table.rows,
        "catalog_rows": table.catalog_rows,
        "columns": [
            {
                "name": each.name,
                "type": each.type,
                "declared": each.declared,
                "length": each.length,
                "precision": each.precision,
                "scale": each.scale,
            }
            for each in table.columns
        ],
        "ms_shipped": table.ms_shipped,
        "storage": table.storage,
    }


def _page(tables: list[TableInside], out: Output) -> None:
    if not tables:
        out.talk("inside.none")
        return
    differs = any(table.rows != table.catalog_rows for table in tables)
    say = out.text
    columns = [
        Column(say("inside.column.table"), least=12),
        Column(say("inside.column.rows"), right=True),
        *([Column(say("inside.column.catalog"), right=True)] if differs else []),
        Column(say("inside.column.columns"), right=True),
        Column(say("inside.column.names"), least=10, optional=True),
    ]
    out.table(columns, (_cells(table, out, differs=differs) for table in tables))


def _cells(table: TableInside, out: Output, *, differs: bool) -> list[Cell]:
    name = out.text("inside.shipped", name=table.full_name) if table.ms_shipped else table.full_name
    catalog = Cell(wording.grouped(table.catalog_rows, out.language), "no" if table.differs else "dim")
    return [
        Cell(name),
        Cell("?" if table.rows is None else wording.grouped(table.rows, out.language), "no" if table.differs else ""),
        *([catalog] if differs else []),
        Cell(str(len(table.columns))),
        Cell(", ".join(each.name for each in table.columns), "dim"),
    ]
