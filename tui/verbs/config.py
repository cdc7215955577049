"""`wissel config init|check|show`: the settings, made, checked, explained."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Protocol

from tui.context import Context, overrides
from tui.output import Output
from tui.parser import Parser
from tui.tables import Cell, Column

COMMANDS = ("init", "check", "show")
_LINE = re.compile(r"(.+):([0-9]+)", re.DOTALL)
"""A line of the settings file, as the settings name it."""


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
    parser.own.add_argument("command", choices=COMMANDS, metavar="|".join(COMMANDS), help=parser.say("config.command"))
    parser.own.add_argument("path", nargs="?", metavar="PATH", help=parser.say("config.path"))


def run(context: Context) -> int:
    """Opens no office: the settings may be what keeps it shut."""
    from core import office

    args, out = context.args, context.out
    if args.command == "init":
        written = os.fspath(office.config_init(args.path or args.config or "wissel.toml"))
        _answer(out, "setting.written", written)
    elif args.command == "check":
        _answer(out, "setting.good", str(office.config_check(args.config or args.path, **overrides(args))))
    else:
        _show(office.config_show(args.config or args.path, **overrides(args)), out)
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
    listed = list(origins)
    out.table(columns, [[Cell(each.key), Cell(each.value or "-"), Cell(_place(each.source, out))] for each in listed])
    file = next((match[1] for each in listed if (match := _LINE.fullmatch(each.source))), None)
    if file is not None:
        out.talk("setting.file", path=file)


def _place(source: str, out: Output) -> str:
    """Where a value came from, short enough for a terminal: a line of the file, which is named once."""
    if match := _LINE.fullmatch(source):
        return out.text("setting.line", line=match[2])
    return out.text("setting.default") if source == "default" else source
