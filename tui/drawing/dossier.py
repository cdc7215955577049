"""The page of one delivery: every target with every reason, every claim, contents, seal, log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.model import DeliveryDetail, Evidence, OperationRow, Reason, Source, Target, Verdict
from core.texts import say
from tui import wording
from tui.drawing import detail as pane
from tui.drawing.custody import custody_lines
from tui.drawing.inks import ANSWER, SEVERITY, badge, operation_badge
from tui.drawing.listing import BADGE_CELLS, step_of
from tui.plain import plain
from tui.verbs import sentences
from tui.widgets.spans import BLANK, Line, Span, fit, line, wrap

_FACT, _VALUE = 24, 28
_RULE, _SEVERITY = 7, 14
_MOST_MEMBERS = 40


def dossier(
    detail: DeliveryDetail, targets: tuple[Target, ...], now: datetime, language: str, width: int
) -> list[Line]:
    """Everything there is."""
    width = max(width - 1, 20)
    lines = [*_head(detail, now, language, width), BLANK]
    if detail.operations:
        lines += [*_titled("screen.tab.operations", language, width)]
        lines += [_operation(row, now, language) for row in detail.operations]
        lines += [BLANK]
    lines += [*_titled("screen.verdict", language, width)]
    lines += [(Span(" "), *row) for row in pane.matrix(detail, targets, language, min(width, 44))]
    if detail.advice is not None:
        advice = wording.sentence(detail.advice, language, "advice")
        lines += [BLANK, *[line(Span("   " + row, "accent")) for row in wrap(advice, width - 4)]]
    for verdict in sorted(detail.verdicts, key=lambda each: each.target != detail.row.best_target):
        own = [reason for reason in verdict.reasons if not reason.whole_target]
        lines += [BLANK, _target_line(verdict, detail.row.best_target, language)]
        lines += _reasons(own, language, width) or [line(Span("   " + say("screen.no-objection", language), "dim"))]
    lines += _whole_targets(detail.verdicts, language, width)
    lines += _evidence(detail, language, width)
    if detail.findings:
        lines += [BLANK, *_titled("screen.problems.title", language, width)]
        for finding in detail.findings:
            ink = "no" if finding.proves_damage else "conditional"
            lines += [line(Span("   " + row, ink)) for row in wrap(wording.problem(finding, language), width - 4)]
    lines += [BLANK, *_titled("screen.contents", language, width), *_contents(detail, now, language)]
    lines += [BLANK, *_titled("screen.custody", language, width)]
    return lines + [(Span("  "), *row) for row in custody_lines(detail.custody, now, language, width - 3)]


def _titled(key: str, language: str, width: int) -> list[Line]:
    title = f" {say(key, language)} "
    return [line(Span(" ─", "line"), Span(title, "strong"), Span("─" * max(width - 2 - len(title), 0), "line"))]


def _operation(row: OperationRow, now: datetime, language: str) -> Line:
    said = sentences.outcome(row, language) if row.state.over else step_of(row, language)
    return line(
        Span("   " + fit(row.id, 8), "strong"),
        Span(fit(say(f"word.does.{row.kind}", language), 13)),
        Span(say(f"word.operation.{row.state}", language).center(8), operation_badge(row.state)),
        Span("  " + wording.when(row.finished_at or row.requested_at, now, language) + "  ", "dim"),
        Span(said, "dim" if row.state.over else "accent"),
    )


def _head(detail: DeliveryDetail, now: datetime, language: str, width: int) -> list[Line]:
    row = detail.row
    word = wording.state(row.state, language)
    first = line(
        Span(" "),
        Span(word.center(BADGE_CELLS), badge(row.state)),
        Span("  " + say(f"word.meaning.{row.state}", language)),
    )
    name = fit(plain(row.file), min(width - 12, len(plain(row.file))))
    return [
        first,
        *[(Span(" "), *each) for each in pane.underway(detail, now, language, width - 2)],
        *[(Span(" "), *each) for each in (pane.deciding(detail, language, width - 2) if _decided(detail) else [])],
        *[(Span(" "), *each) for each in pane.remarks(detail, language, width - 2)],
        line(Span(f" {name}  ", "dim")),
    ]


def _decided(detail: DeliveryDetail) -> bool:
    verdict = pane.first_verdict(detail)
    return verdict is not None and verdict.deciding is not None


def _target_line(verdict: Verdict, best: str | None, language: str) -> Line:
    spans = [
        Span(" ▸ " if verdict.target == best else "   ", "accent"),
        Span(plain(verdict.target), "strong"),
    ]
    for name, answer in (("work", verdict.work), ("back", verdict.back)):
        spans.append(Span(f"   {say(f'screen.column.{name}', language)} ", "dim"))
        spans.append(Span(say(f"word.answer.long.{answer}", language), ANSWER[answer]))
    if verdict.target == best:
        spans.append(Span("   " + say("screen.recommended", language), "accent"))
    return tuple(spans)


def _reasons(reasons: Iterable[Reason], language: str, width: int) -> list[Line]:
    lines: list[Line] = []
    margin = 3 + _RULE + _SEVERITY
    for reason in reasons:
        head = (
            Span("   " + fit(str(reason.rule), _RULE), "strong"),
            Span(fit(say(f"word.severity.{reason.severity}", language), _SEVERITY), SEVERITY[reason.severity]),
        )
        for place, row in enumerate(wrap(wording.sentence(reason, language), width - margin)):
            lines.append((*head, Span(row)) if not place else line(Span(" " * margin), row))
        for claim in reason.evidence:
            held = wording.value(claim.fact, claim.value, language)
            text = f"{wording.fact(claim.fact, language)} {held} ({wording.told(claim, language)})"
            lines += [line(Span(" " * margin + row, "dim")) for row in wrap(text, width - margin)]
    return lines


def _whole_targets(verdicts: Iterable[Verdict], language: str, width: int) -> list[Line]:
    found: dict[tuple[int, str], tuple[Reason, list[str]]] = {}
    for verdict in verdicts:
        for reason in verdict.reasons:
            if reason.whole_target:
                key = (reason.rule, reason.variant)
                found.setdefault(key, (reason, []))[1].append(plain(verdict.target))
    if not found:
        return []
    lines = [BLANK, *_titled("screen.whole-targets", language, width)]
    for reason, names in found.values():
        lines.append(line(Span("   "), Span(", ".join(names), "strong")))
        lines += _reasons([reason], language, width)
    return lines


def _evidence(detail: DeliveryDetail, language: str, width: int) -> list[Line]:
    """What the pages inside say comes first: there an accountant begins."""
    evidence = pane.evidence_of(detail)
    facts = dict.fromkeys(claim.fact for claim in detail.claims)
    inside = [each for each in facts if evidence.claims_of(each)[0].source is Source.PAGES]
    around = [each for each in facts if each not in inside]
    parts = (("screen.evidence.inside", inside), ("screen.evidence.file" if inside else "screen.evidence", around))
    lines: list[Line] = []
    for title, names in parts:
        if names:
            lines += [BLANK, *_titled(title, language, width), *_claims(evidence, names, language, width)]
    return lines


def _claims(evidence: Evidence, facts: Iterable[str], language: str, width: int) -> list[Line]:
    lines: list[Line] = []
    for name in facts:
        for place, claim in enumerate(evidence.claims_of(name)):
            amber = claim.source is Source.NAME or claim.inferred
            said = wording.value(name, claim.value, language)
            lines.append(
                line(
                    Span("   " + fit(wording.fact(name, language) if not place else "", _FACT - 1) + " ", "dim"),
                    Span(fit(said, _VALUE) if len(said) <= _VALUE else said, "dim" if place else "text"),
                    Span("  " + wording.told(claim, language), "conditional" if amber else "dim"),
                )
            )
    return [row for each in lines for row in _folded(each, width)]


def _folded(row: Line, width: int) -> list[Line]:
    if sum(len(span.text) for span in row) <= width:
        return [row]
    head, said, source = row
    rows = wrap(said.text, width - _FACT - 4)
    lines = [line(head if not at else Span(" " * len(head.text)), Span(part, said.ink)) for at, part in enumerate(rows)]
    return [*lines, line(Span(" " * (len(head.text) - 2)), source)]


def _contents(detail: DeliveryDetail, now: datetime, language: str) -> list[Line]:
    rows = [("screen.kind", pane.kind(detail, language)), ("screen.size", wording.size(detail.row.size, language))]
    rows.append(("screen.inbox", plain(detail.inbox)))
    rows.append(("screen.arrived", wording.when(detail.row.arrived_at, now, language)))
    if detail.sealed_at is not None:
        rows.append(("screen.sealed", wording.when(detail.sealed_at, now, language)))
    rows.append(("screen.read", say("screen.seal.whole" if detail.complete else "screen.seal.partly", language)))
    lines = [line(Span("   " + fit(say(key, language), _FACT), "dim"), text) for key, text in rows]
    if detail.sha256:
        lines.append(line(Span("   " + fit("SHA-256", _FACT), "dim"), detail.sha256[:32]))
        lines.append(line(Span("   " + " " * _FACT), detail.sha256[32:]))
    for name, size in detail.members[:_MOST_MEMBERS]:
        lines.append(line(Span("   " + fit(wording.size(size, language), _FACT, right=False), "dim"), plain(name)))
    if len(detail.members) > _MOST_MEMBERS:
        lines.append(line(Span("   " + say("screen.more", language, count=len(detail.members) - _MOST_MEMBERS), "dim")))
    return lines
