"""Parts of the text pages that several verbs print."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.model import Answer, Claim, CustodyLine, Finding, Verdict
from tui import wording
from tui.output import Output
from tui.tables import Cell, Column
from tui.verbs import forms


def heading(key: str, out: Output) -> None:
    """A blank line and what comes next."""
    out.line()
    out.line(out.text(f"say.heading.{key}"))


def members(pairs: Iterable[tuple[str, int]], out: Output) -> None:
    """What lies in a container."""
    rows = [[Cell(name), Cell(wording.size(size, out.language))] for name, size in pairs]
    if rows:
        heading("members", out)
        out.table(
            [Column(out.text("say.column.name"), least=10), Column(out.text("say.column.size"), right=True)], rows
        )


def claims(each: Iterable[Claim], out: Output) -> None:
    """The evidence: each fact with where it comes from."""
    rows = [
        [
            Cell(wording.fact(one.fact, out.language)),
            Cell(wording.value(one.fact, one.value, out.language)),
            Cell(wording.told(one, out.language)),
            Cell(one.fact),
        ]
        for one in sorted(each, key=lambda one: (one.fact, -one.source.strength))
    ]
    if rows:
        heading("claims", out)
        titles = [out.text(f"say.column.{name}") for name in ("fact", "value", "source", "key")]
        out.table([*(Column(title, least=10) for title in titles[:3]), Column(titles[3], optional=True)], rows)


def answer_cell(answer: Answer | None, out: Output) -> Cell:
    """One of the four answers, as a word; a dash while none was given."""
    return Cell(wording.answer(answer, out.language), str(answer or ""))


def time_text(at: datetime | None, out: Output) -> str:
    """Day and time in the reader's own zone; nothing for none."""
    if at is None:
        return ""
    here = wording.local(at, None)
    return f"{wording.day(here, out.language)} {here:%H:%M}"


def problems(each: Iterable[Finding], out: Output) -> None:
    """What the reader noticed, one a line."""
    told = [forms.problem(one, out.language) for one in each]
    if told:
        heading("problems", out)
        for one in told:
            out.line(f"- {one['text']} ({one['code']})")


def verdicts(each: Iterable[Verdict], best: str | None, out: Output) -> None:
    """The matrix: every target with its two answers and the rules that spoke."""
    rows = [
        [
            Cell("*" if verdict.target == best else ""),
            Cell(verdict.target),
            answer_cell(verdict.work, out),
            answer_cell(verdict.back, out),
            Cell(" ".join(str(rule) for rule in sorted({reason.rule for reason in verdict.reasons}))),
        ]
        for verdict in each
    ]
    if rows:
        heading("verdicts", out)
        titles = [out.text(f"say.column.{name}") for name in ("target", "work", "back", "rules")]
        out.table([Column(""), *(Column(title) for title in titles[:3]), Column(titles[3], least=10)], rows)


def reasons(each: Iterable[Verdict], out: Output) -> None:
    """Every reason once, with the targets it holds for."""
    holds: dict[tuple[int, str, str], list[str]] = {}
    for verdict in each:
        for reason in verdict.reasons:
            key = (reason.rule, str(reason.severity), wording.sentence(reason, out.language))
            targets = holds.setdefault(key, [])
            if verdict.target not in targets:
                targets.append(verdict.target)
    if holds:
        heading("reasons", out)
        for (rule, severity, text), targets in sorted(holds.items()):
            out.line(f"{rule} {out.text(f'word.severity.{severity}')} [{', '.join(targets)}]: {text}")


def custody(each: Iterable[CustodyLine], out: Output) -> None:
    """The log, as a table."""
    titles = [out.text(f"say.column.{name}") for name in ("when", "who", "delivery", "client", "event")]
    columns = [Column(titles[0]), *(Column(title, least=6) for title in titles[1:4]), Column(titles[4], least=20)]
    out.table(columns, [_custody_cells(line, out) for line in each])


def _custody_cells(line: CustodyLine, out: Output) -> list[Cell]:
    at = time_text(line.at, out)
    text = str(forms.custody(line, out.language)["text"])
    return [Cell(at), Cell(line.who), Cell(line.delivery or ""), Cell(line.client or ""), Cell(text)]
