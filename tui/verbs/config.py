"""`wissel config init|check|show`: the settings, made, checked, explained."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Protocol

from tui.context import Context
from tui.output import Output
from tui.parser import Parser
from tui.tables import Cell, Column

COMMANDS = ("init", "check", "show")


class Origin(Protocol):
    """One setting in effect: dotted key, its value (secrets masked; empty = none), and where it came from."""

    @property
    def key(self) -> str:
        """Dotted."""

    @property
    def value(self) -> str:
        """As it is written in TOML."""

    @property
    def source(self) -> str:
        """`default`, file and line, a variable, an option."""


def arguments(parser: Parser) -> None:
    """What to do, and where a new file goes."""
    parser.own.add_argument("command", choices=COMMANDS, help=parser.say("config.command"))
    parser.own.add_argument("path", nargs="?", metavar="PATH", help=parser.say("config.path"))


def run(context: Context) -> int:
    """Opens no office: the settings may be what keeps it shut."""
    from core import office

    args, out = context.args, context.out
    if args.command == "init":
        written = os.fspath(office.config_init(args.path or args.config or "wissel.toml"))
        _answer(out, "setting.written", written)
    elif args.command == "check":
        _answer(out, "setting.good", str(office.config_check(args.config or args.path)))
    else:
        _show(office.config_show(args.config or args.path), out)
    return 0


def _answer(out: Output, key: str, path: str) -> None:
    if out.json:
        out.data({"path": path})
    else:
        out.talk(key, path=path)


def _show(origins: Iterable[Origin], out: Output) -> None:
    if out.json:
        out.array({"key": each.key, "value": each.value, "source": each.source} for each in origins)
        return
    columns = [Column(out.text("say.column.setting")), Column(out.text("say.column.value"), least=12)]
    columns.append(Column(out.text("say.column.origin"), least=10))
    out.table(columns, [[Cell(each.key), Cell(each.value or "-"), Cell(each.source)] for each in origins])
