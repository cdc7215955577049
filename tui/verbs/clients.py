"""`wissel clients`: the clients and what is noted of each."""

from __future__ import annotations

from collections.abc import Sequence

from core.model import Client
from tui.context import Context
from tui.output import Output
from tui.parser import Parser
from tui.tables import Cell, Column
from tui.verbs import forms


def arguments(_parser: Parser) -> None:
    """None of its own."""


def run(context: Context) -> int:
    """Prints the clients."""
    clients, out = context.office().clients(), context.out
    if out.json:
        out.array(forms.client(client) for client in clients)
    elif clients:
        _table(clients, out)
    else:
        out.talk("say.clients.none")
    return 0


def _table(clients: Sequence[Client], out: Output) -> None:
    names = ("client", "product-update", "sql", "family", "edition", "administrations", "name")
    titles = {name: out.text(f"say.column.{name}") for name in names}
    columns = (
        Column(titles["client"]),
        Column(titles["product-update"], right=True),
        Column(titles["sql"]),
        Column(titles["family"]),
        Column(titles["edition"]),
        Column(titles["administrations"], least=7),
        Column(titles["name"], least=10),
    )
    rows = (
        [
            Cell(client.code),
            Cell("?" if client.product_update is None else str(client.product_update)),
            Cell(client.sql_release or "?"),
            Cell(client.family or "?"),
            Cell(client.edition or "?"),
            Cell(" ".join(each.number for each in client.administrations)),
            Cell(client.name),
        ]
        for client in clients
    )
    out.table(columns, rows)
