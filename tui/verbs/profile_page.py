"""`wissel target profile T NNN`: how a target's identity profile fits one administration there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from core.model.profile import Candidate, ProfileView, TrialView
from tui.output import Output

_WIDTH = 22
GOOD, LACKING = 0, 14
"""Exit codes; the second is that of a check that found something."""


def show(view: ProfileView, out: Output) -> int:
    """Prints it. The exit code says whether a swap by it would be taken on."""
    if out.json:
        out.data({**dataclasses.asdict(view), "good": view.good})
    else:
        _page(view, out)
    return GOOD if view.good else LACKING


def _page(view: ProfileView, out: Output) -> None:
    out.line(out.text("profile.title", target=view.target, number=view.number), tone="title")
    undeclared = {"": "profile.licence.undeclared", "none": "profile.licence.none"}.get(view.licence)
    _field("profile.users", ", ".join(view.users) or "?", out)
    _field("profile.roles", ", ".join(view.roles) or "-", out)
    _field("profile.licences", ", ".join(view.licences) or "-", out)
    _field("profile.licence", view.licence if undeclared is None else out.text(undeclared), out)
    for key, tables in (("profile.missing", view.missing), ("profile.wanted", view.wanted)):
        for table, columns in tables:
            out.line(out.text(key, table=table, columns=", ".join(columns)), tone="no")
    for each in view.like_licences:
        key = "profile.log" if each.log else "profile.candidate"
        _field("profile.like-licence", out.text(key, **_said(each)), out)
    for each in view.like_users:
        said = out.text("profile.user-table", table=each.table, rows=each.rows, columns=_listed(each.columns))
        _field("profile.like-users", said, out)
    if view.trial is not None:
        _trial(view.trial, out)
    if not view.complete:
        out.line(out.text("profile.guided"), tone="unknown")
    elif view.good:
        out.line(out.text("profile.good"), tone="yes")


def _said(each: Candidate) -> dict[str, str | int]:
    return {
        "table": each.table,
        "rows": each.rows,
        "number": _listed(each.numbers),
        "active": _listed(each.active),
        "data": _listed(each.data),
    }


def _trial(trial: TrialView, out: Output) -> None:
    if trial.good:
        out.line(out.text("profile.trial-good", logins=", ".join(trial.firm)), tone="yes")
        return
    out.line(out.text("profile.trial-bad"), tone="no")
    if trial.touched:
        out.line(out.text("profile.touched", tables=", ".join(trial.touched)), tone="no")
    if trial.count:
        out.line(out.text("profile.differs", count=trial.count, first="; ".join(trial.first)), tone="no")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "?"


def _field(key: str, text: str, out: Output) -> None:
    out.line(f"{out.text(key):<{_WIDTH}} {text}")
