"""`wissel target show|probe|profile T`: what is known of one target, what its SQL Server said, its identity profile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from core.errors import UsageError
from core.model import Probe, TargetView
from core.texts import has, say
from tui import wording
from tui.context import Context
from tui.output import Output
from tui.parser import Parser
from tui.verbs import forms, profile_page

COMMANDS = ("show", "probe", "profile")
_WIDTH = 22
NAMED = 12
"""Databases that are named; JSON has all of them."""


def arguments(parser: Parser) -> None:
    """What to do, and at which target."""
    parser.own.add_argument("command", choices=COMMANDS, metavar="|".join(COMMANDS), help=parser.say("target.command"))
    parser.own.add_argument("target", metavar="T", help=parser.say("target.target"))
    parser.own.add_argument("number", metavar="NNN", nargs="?", default="", help=parser.say("target.number"))
    parser.own.add_argument("--trial", action="store_true", help=parser.say("target.trial"))


def run(context: Context) -> int:
    """Prints the target; `probe` asks its instance first."""
    args, out = context.args, context.out
    office = context.office()
    if args.command == "profile":
        if not args.number:
            raise UsageError("argument-missing", what="NNN", prog="wissel target")
        return profile_page.show(office.profile_at(args.target, args.number, trial=args.trial), out)
    view = office.probe_target(args.target) if args.command == "probe" else office.target(args.target)
    if out.json:
        out.data(forms.target_view(view))
    else:
        _page(view, out)
    return 0


def _page(view: TargetView, out: Output) -> None:
    target = view.target
    out.line(target.name, tone="title")
    known = {
        "instance": target.instance or "",
        "sql": target.sql_release or "",
        "edition": target.edition or "",
        "update": "" if target.product_update is None else str(target.product_update),
        "isolated": out.text("say.yes" if target.isolated else "say.no"),
    }
    for name, text in known.items():
        _field(f"server.{name}", text or "?", out)
    for fact, (declared, said) in view.differs.items():
        out.line(out.text("server.differs", fact=fact, declared=declared, said=said), tone="no")
    probed = view.probed
    if probed is None:
        out.talk("server.never" if target.engine == "sqlserver" else "server.none")
        return
    if probed.problem and probed.tried_at is not None:
        _field("server.tried", _when(probed.tried_at, out), out)
        out.line(_trouble(view, out), tone="no")
    if probed.probe is None or probed.at is None:
        return
    _field("server.asked", _when(probed.at, out), out)
    if target.stale:
        out.line(out.text("server.stale"), tone="unknown")
    for key, text in _said(view, probed.probe, out):
        _field(key, text, out)


def _trouble(view: TargetView, out: Output) -> str:
    probed = view.probed
    if probed is None or not has(f"error.{probed.problem}"):
        return probed.problem if probed else ""
    return say(f"error.{probed.problem}", out.language, **probed.params)


def _said(view: TargetView, probe: Probe, out: Output) -> Iterator[tuple[str, str]]:
    """What the instance said, a line each."""
    release = f" ({view.release})" if view.release else ""
    internal = "" if probe.internal_version is None else f", {probe.internal_version}"
    yield "server.version", f"{probe.version or '?'}{release}{internal}"
    yield "server.said-edition", probe.edition_said or "?"
    if view.limit_bytes is not None:
        yield "server.limit", wording.size(view.limit_bytes, out.language)
    yield "server.collation", probe.collation or "?"
    yield "server.data", probe.data_path or "?"
    yield "server.log", probe.log_path or "?"
    yield "server.backup", probe.backup_path or "?"
    for volume in probe.volumes:
        yield "server.free", f"{volume.mount} {wording.size(volume.free, out.language)}"
    if probe.exchange:
        yield "server.exchange", out.text(f"server.exchange.{probe.exchange}")
    yield "server.login", probe.login or "?"
    yield "server.rights", ", ".join(name for name, has_it in probe.rights.items() if has_it) or "-"
    yield "server.account", probe.account or "?"
    yield "server.options", ", ".join(name for name, value in probe.options.items() if value) or "-"
    names = [f"{each.name} ({each.state})" if each.state != "ONLINE" else each.name for each in probe.databases]
    more = "" if len(names) <= NAMED else f", ... ({len(names)})"
    yield "server.databases", (", ".join(names[:NAMED]) + more) or "-"
    yield "server.globe", ", ".join(each.name for each in probe.databases[:NAMED] if each.globe) or "-"
    checked = out.text("say.yes" if probe.certificate_checked else "say.no")
    yield "server.driver", f"{probe.driver} ({out.text('server.certificate')}: {checked})"
    if probe.gaps:
        yield "server.gaps", ", ".join(probe.gaps)


def _when(moment: datetime, out: Output) -> str:
    return wording.when(moment, datetime.now().astimezone(), out.language)


def _field(key: str, text: str, out: Output) -> None:
    out.line(f"{out.text(key):<{_WIDTH}} {text}")
