"""`wissel targets`: where administrations can go, and what is known of each place."""

from __future__ import annotations

from collections.abc import Sequence

from core.model import Target
from tui import wording
from tui.context import Context
from tui.output import Output
from tui.parser import Parser
from tui.tables import Cell, Column
from tui.verbs import forms


def arguments(_parser: Parser) -> None:
    """None of its own."""


def run(context: Context) -> int:
    """Prints the targets."""
    targets, out = context.office().targets(), context.out
    if out.json:
        out.array(forms.target(target) for target in targets)
    elif targets:
        _table(targets, out)
    else:
        out.talk("say.targets.none")
    return 0


def _table(targets: Sequence[Target], out: Output) -> None:
    names = ("target", "engine", "sql", "product-update", "family", "edition", "isolated", "free", "instance")
    columns = [Column(out.text(f"say.column.{name}"), right=name in ("product-update", "free")) for name in names[:-1]]
    columns.append(Column(out.text("say.column.instance"), least=8))
    rows = (
        [
            Cell(target.name),
            Cell(target.engine),
            Cell(target.sql_release or "?"),
            Cell("?" if target.product_update is None else str(target.product_update)),
            Cell(target.family or "?"),
            Cell(target.edition or "?"),
            Cell(out.text("say.yes" if target.isolated else "say.no")),
            Cell("?" if target.free_bytes is None else wording.size(target.free_bytes, out.language)),
            Cell(target.instance or ""),
        ]
        for target in targets
    )
    out.table(columns, rows)
