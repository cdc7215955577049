"""`wissel check`: named checks, each with what to do; exit code 14 when something is red."""

from __future__ import annotations

from core.errors import CheckFailed
from core.model import Check
from tui.context import Context
from tui.output import Output
from tui.parser import Parser
from tui.verbs import forms

WORDS = {True: ("say.check.good", "yes"), False: ("say.check.bad", "no"), None: ("say.check.unknown", "unknown")}


def arguments(_parser: Parser) -> None:
    """None of its own."""


def run(context: Context) -> int:
    """Prints the checks. Raises `CheckFailed` when one of them is red."""
    out = context.out
    checks = context.closed().check()
    if out.json:
        out.array(forms.check(check) for check in checks)
    else:
        for check in checks:
            _lines(check, out)
    red = [check.name for check in checks if check.ok is False]
    if red:
        raise CheckFailed("check", count=len(red), names=", ".join(red))
    return 0


def _lines(check: Check, out: Output) -> None:
    key, tone = WORDS[check.ok]
    out.line(f"{out.text(key)} {check.name}: {check.text}", tone=tone)
    if check.hint and check.ok is not True:
        out.line(f"    {check.hint}")
