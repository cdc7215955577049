"""The pane: one delivery in a glance. Matrix of targets, the deciding reason, evidence, seal, what next."""

from __future__ import annotations

from datetime import datetime

from core.model import Answer, Claim, DeliveryDetail, Evidence, Source, StateWord, Target, Verdict
from core.texts import say
from tui import wording
from tui.actions import action
from tui.drawing.custody import custody_lines
from tui.drawing.frame import Facts
from tui.drawing.inks import ANSWER
from tui.plain import plain
from tui.widgets.spans import BLANK, Line, Span, beside, fit, line, wrap

TWO_COLUMNS = 72
_MATRIX = 35
_LABEL = 9

_FIRST_FACTS = ("sql_release", "product_update", "administration_number", "started_at")
_NEXT = {
    "bind": frozenset({501, 502}),
    "tell": frozenset({100, 205, 207, 304, 306, 503}),
}
_AMBER = frozenset({Source.NAME})


def title(detail: DeliveryDetail) -> str:
    """Delivery, client and administration in one line."""
    row = detail.row
    administration = " ".join(part for part in (row.administration_number, row.administration_name) if part)
    return " · ".join(plain(part) for part in (row.id, row.client or "?", administration or row.file))


def evidence_of(detail: DeliveryDetail) -> Evidence:
    """The claims, ready to be asked for their strongest."""
    return Evidence(detail.kind, detail.claims, detail.findings)


def first_verdict(detail: DeliveryDetail) -> Verdict | None:
    """The verdict a row speaks of: of the recommended target, else of the one whose reason the row shows."""
    for verdict in detail.verdicts:
        if verdict.target == detail.row.best_target:
            return verdict
    for verdict in detail.verdicts:
        if verdict.deciding and verdict.deciding.rule == detail.row.rule:
            return verdict
    return next(iter(detail.verdicts), None)


def matrix(detail: DeliveryDetail, targets: tuple[Target, ...], language: str, width: int = _MATRIX) -> list[Line]:
    """Every target with both answers; the recommended one is marked."""
    names = {target.name: target for target in targets}
    name_cells = max(width - 2 - 11 - 12, 6)
    lines = [
        line(
            Span("  " + fit(say("screen.target", language), name_cells + 11), "dim"),
            Span(fit(say("screen.column.work", language), 6), "dim"),
            Span(fit(say("screen.column.back", language), 6), "dim"),
        )
    ]
    for verdict in detail.verdicts:
        best = verdict.target == detail.row.best_target
        target = names.get(verdict.target)
        lines.append(
            line(
                Span("▸ " if best else "  ", "accent"),
                Span(fit(plain(verdict.target), name_cells - 1) + " ", "strong" if best else "text"),
                Span(fit(pair(target), 11), "dim"),
                Span(fit(wording.answer(verdict.work, language), 6), ANSWER[verdict.work]),
                Span(fit(wording.answer(verdict.back, language), 6), ANSWER[verdict.back]),
            )
        )
    return lines


def pair(target: Target | None) -> str:
    """SQL release and product update of a target: `2014/418`."""
    if target is None:
        return ""
    update = "?" if target.product_update is None else str(target.product_update)
    return f"{wording.release(target.sql_release) or '?'}/{update}"


def labelled(label: str, lines: list[list[Span]]) -> list[Line]:
    """Lines with a dim word before the first of them."""
    return [
        (Span(fit(label if not place else "", _LABEL), "dim"), *spans) for place, spans in enumerate(lines) if spans
    ]


def deciding(detail: DeliveryDetail, language: str, width: int) -> list[Line]:
    """The answer that hurts and the sentence behind it."""
    verdict = first_verdict(detail)
    reason = verdict.deciding if verdict else None
    if verdict is None or reason is None:
        word = wording.state(detail.row.state, language)
        meaning = say(f"word.meaning.{detail.row.state}", language)
        ink = "yes-strong" if detail.row.state is StateWord.OK else "strong"
        return _lead(word, ink, meaning, "", width)
    hurt, answer = ("back", verdict.back) if reason.back is verdict.back else ("work", verdict.work)
    if verdict.work is Answer.NO and reason.work is Answer.NO:
        hurt, answer = "work", verdict.work
    head = f"{say(f'screen.column.{hurt}', language)}: {wording.answer(answer, language)}"
    return _lead(head, f"{ANSWER[answer]}-strong", wording.sentence(reason, language), str(reason.rule), width)


def _lead(head: str, ink: str, text: str, rule: str, width: int) -> list[Line]:
    rows = wrap(" ".join(["x" * len(head), text, rule]).strip(), width)
    lines: list[Line] = []
    for place, row in enumerate(rows):
        spans = [Span(head, ink)] if not place else []
        rest = row[len(head) :] if not place else row
        if place == len(rows) - 1 and rule and rest.endswith(rule):
            spans += [Span(rest[: -len(rule)]), Span(rule, "dim")]
        else:
            spans.append(Span(rest))
        lines.append(tuple(spans))
    return lines


def proof(detail: DeliveryDetail, language: str) -> list[list[Span]]:
    """The facts that decide, each with its source; what only the name says is amber."""
    evidence = evidence_of(detail)
    found = [claim for name in _FIRST_FACTS if (claim := evidence.claim(name)) is not None]
    rows = [_claim(claim, evidence, language) for claim in found]
    return rows or [[Span(kind(detail, language))]]


def _claim(claim: Claim, evidence: Evidence, language: str) -> list[Span]:
    said = wording.value(claim.fact, claim.value, language)
    match claim.fact:
        case "sql_release":
            internal, engine = evidence.value("internal_version"), evidence.value("engine_version")
            said = f"SQL {said}" + (f" ({internal})" if internal else "") + (f" {plain(str(engine))}" if engine else "")
        case "product_update":
            pack = evidence.value("service_pack")
            said = f"PU {said}" + (f" SP{pack}" if pack else "")
        case "administration_number":
            name = evidence.value("administration_name")
            said = f"{said} {plain(str(name))}" if name else f"{say('screen.column.number', language)} {said}"
        case _:
            pass
    amber = claim.source in _AMBER or claim.inferred
    return [Span(said + "  "), Span(wording.told(claim, language), "conditional" if amber else "dim")]


def kind(detail: DeliveryDetail, language: str) -> str:
    """What the container is."""
    return wording.kind(detail.kind, language)


def seal(detail: DeliveryDetail, now: datetime, language: str) -> list[Line]:
    """The hash, when it was sealed, and how far it was read."""
    if detail.sha256 is None:
        return labelled(say("screen.seal", language), [[Span(say("screen.seal.not-yet", language), "dim")]])
    spans = [Span(f"{detail.sha256[:4]}…{detail.sha256[-2:]}  ")]
    if detail.sealed_at is not None:
        spans.append(Span(wording.when(detail.sealed_at, now, language) + "  "))
    spans.append(Span(say("screen.seal.whole" if detail.complete else "screen.seal.partly", language)))
    return labelled(say("screen.seal", language), [spans])


def problems(detail: DeliveryDetail, language: str, width: int) -> list[Line]:
    """What the reader noticed."""
    rows = [
        [Span(row, "no" if finding.proves_damage else "conditional")]
        for finding in detail.findings
        for row in wrap(wording.problem(finding, language), width - _LABEL)
    ]
    return labelled(say("screen.problems", language), rows)


def conditions(detail: DeliveryDetail, language: str, width: int) -> list[Line]:
    """Conditions of whole targets, once each: the rule and the targets it holds for."""
    found: dict[int, list[str]] = {}
    for verdict in detail.verdicts:
        for reason in verdict.reasons:
            if reason.whole_target:
                found.setdefault(reason.rule, []).append(plain(verdict.target))
    if not found:
        return []
    everywhere = len(detail.verdicts)
    parts = [
        f"{rule} {say('screen.everywhere', language) if len(names) == everywhere else ' '.join(names)}"
        for rule, names in sorted(found.items())
    ]
    text = say("screen.whole-target", language, rules=", ".join(parts))
    return [line(Span("  " + row, "dim")) for row in wrap(text, width - 3)]


def following(detail: DeliveryDetail, language: str, *, read_only: bool) -> list[Line]:
    """What the operator can do about this very delivery, when there is something."""
    rules = {reason.rule for verdict in detail.verdicts for reason in verdict.reasons}
    wanted = [] if read_only else [name for name, about in _NEXT.items() if rules & about]
    spans: list[Span] = []
    for name in wanted:
        spans += [Span(action(name).key or "", "accent-strong"), Span(f" {say(f'action.{name}', language)}  ")]
        if name == "bind" and detail.suggestions:
            spans.append(Span(plain(", ".join(detail.suggestions[:2])) + "?  ", "accent"))
    return labelled(say("screen.next", language), [spans])


def pane(detail: DeliveryDetail, facts: Facts, now: datetime, *, width: int, height: int) -> list[Line]:
    """The whole pane, cells and lines. Where there is not the height for all, evidence gives way first."""
    language, targets, wide = facts.language, facts.targets, width >= TWO_COLUMNS
    right_width = width - _MATRIX - 4 if wide else width - 2
    head = deciding(detail, language, right_width)
    if detail.advice is not None:
        text = wording.sentence(detail.advice, language, "advice")
        head += [line(Span(row, "accent")) for row in wrap(text, right_width)]
    head += problems(detail, language, right_width)
    foot = seal(detail, now, language) + following(detail, language, read_only=facts.read_only)
    proofs = proof(detail, language)
    if wide:
        proofs = proofs[: max(height - len(head) - len(foot), 1)]
    right = head + labelled(say("screen.proof", language), proofs) + foot
    if wide:
        left = matrix(detail, targets, language) + conditions(detail, language, _MATRIX)
        return beside(left, right, _MATRIX, Span(" │ ", "line"))
    left = matrix(detail, targets, language, min(width, 44)) + conditions(detail, language, width)
    lines = [*left, BLANK, *[(Span("  "), *row) for row in right]]
    room = height - len(lines) - 2
    if room > 0 and detail.custody:
        lines += [BLANK, line(Span("  " + say("screen.custody", language), "dim"))]
        lines += [(Span(" "), *row) for row in custody_lines(detail.custody, now, language, width - 1)][:room]
    return lines
