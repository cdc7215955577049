"""The pane: one delivery in a glance. Matrix of targets, the deciding reason, evidence, seal, what next."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len

from core.model import Answer, Claim, DeliveryDetail, Evidence, Reason, Severity, Source, StateWord, Target, Verdict
from core.texts import say
from tui import wording
from tui.actions import action
from tui.drawing import held
from tui.drawing.custody import custody_lines
from tui.drawing.frame import Facts
from tui.drawing.inks import ANSWER
from tui.drawing.listing import step_of
from tui.plain import plain
from tui.verbs import sentences
from tui.widgets.spans import BLANK, Line, Span, beside, fit, line, width_of, wrap

TWO_COLUMNS = 72
_MATRIX = 35
_LABEL = 9

_FIRST_FACTS = ("sql_release", "product_update", "administration_number", "last_booking", "started_at")
_NEXT = {
    "bind": frozenset({501, 502}),
    "tell": frozenset({100, 205, 207, 304, 306, 503}),
}
_AMBER = frozenset({Source.NAME})
PROVISIONAL = frozenset({StateWord.ARRIVING, StateWord.READING})
"""What is said of these may change by itself."""


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
    sure = detail.row.state not in PROVISIONAL
    title = say("screen.target" if sure else "screen.provisional", language)
    lines = [
        line(
            Span("  " + fit(title, name_cells + 11), "dim" if sure else "conditional"),
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


def labelled(label: str, lines: list[list[Span]], width: int = 1000) -> list[Line]:
    """Lines with a dim word before the first of them; what is wider goes on in the next line."""
    folded = [row for spans in lines if spans for row in _folded(spans, width - _LABEL)]
    return [(Span(fit(label if not place else "", _LABEL), "dim"), *row) for place, row in enumerate(folded)]


def _folded(spans: list[Span], width: int) -> list[Line]:
    rows: list[list[Span]] = [[]]
    for span in spans:
        if rows[-1] and width_of(tuple(rows[-1])) + cell_len(span.text.rstrip()) > width:
            rows.append([])
        rows[-1].append(span)
    return [tuple(row) for row in rows]


def deciding(detail: DeliveryDetail, language: str, width: int) -> list[Line]:
    """The answer that hurts and the sentence behind it."""
    verdict = first_verdict(detail)
    reason = verdict.deciding if verdict else None
    if verdict is None or reason is None:
        word = wording.state(detail.row.state, language)
        meaning = say(f"word.meaning.{detail.row.state}", language)
        ink = "yes-strong" if detail.row.state is StateWord.OK else "strong"
        return _lead(word, ink, meaning, "", width)
    sides = (("work", verdict.work, reason.work), ("back", verdict.back, reason.back))
    felt = [(side, answer) for side, answer, own in sides if own is answer and answer is not Answer.YES]
    hurt, answer = max(felt, key=lambda each: each[1].badness, default=("back", verdict.back))
    head = f"{say(f'screen.column.{hurt}', language)}: {wording.answer(answer, language)}"
    return _lead(head, f"{ANSWER[answer]}-strong", wording.sentence(reason, language), str(reason.rule), width)


def _lead(head: str, ink: str, text: str, rule: str, width: int) -> list[Line]:
    rows = wrap(" ".join(["x" * len(head), *(["·"] if len(head) > 1 else []), text, rule]).strip(), width)
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


def remarks(detail: DeliveryDetail, language: str, width: int, *, brief: bool = False) -> list[Line]:
    """The weightiest warning that leaves both answers alone, and how many more there are. `brief`: in one line.

    Later in the rule book is weightier here: what the rows say matters more than how the file is called.
    """
    verdict = first_verdict(detail)
    loud = [each for each in (verdict.reasons if verdict else ()) if _only_warns(each)]
    if not loud:
        return []
    first = max(loud, key=lambda each: each.rule)
    more = f" +{len(loud) - 1}" if len(loud) > 1 else ""
    text, rule = wording.sentence(first, language), f"{first.rule}{more}"
    if brief:
        text = fit(text, min(len(text), width - len(rule) - 3))
    return _lead("!", "conditional", text, rule, width)


def _only_warns(reason: Reason) -> bool:
    return reason.severity is Severity.WARNING and reason.work is None and reason.back is None


def underway(detail: DeliveryDetail, now: datetime, language: str, width: int) -> list[Line]:
    """What is at work on it, and where the administration is."""
    lines: list[Line] = []
    if (row := detail.row.operation) is not None:
        text = f"{plain(row.id)} {sentences.does(row.kind, language)}  {step_of(row, language)}"
        lines += [line(Span(part, "accent-strong")) for part in wrap(text, width)]
    if detail.held is not None:
        lines += [line(Span(part, "strong")) for part in wrap(held.sentence(detail.held, now, language), width)]
    return lines


def proof(detail: DeliveryDetail, language: str, width: int) -> list[list[Span]]:
    """The facts that decide, each with its source; what only the name says is amber."""
    evidence = evidence_of(detail)
    found = [claim for name in _FIRST_FACTS if (claim := evidence.claim(name)) is not None]
    rows = [_claim(claim, evidence, language, width - _LABEL) for claim in found]
    return rows or [[Span(kind(detail, language))]]


def _claim(claim: Claim, evidence: Evidence, language: str, room: int) -> list[Span]:
    said = wording.value(claim.fact, claim.value, language)
    match claim.fact:
        case "sql_release":
            internal, engine = evidence.value("internal_version"), evidence.value("engine_version")
            said = f"SQL {said}" + (f" ({internal})" if internal else "") + (f" {plain(str(engine))}" if engine else "")
        case "product_update":
            pack = evidence.value("service_pack")
            said = f"PU {said}" + (f" SP{pack}" if pack else "")
        case "administration_number":
            name = evidence.claim("company_name") or evidence.claim("administration_name")
            if name is None:
                said = f"{say('screen.column.number', language)} {said}"
            elif name.source in _AMBER and claim.source not in _AMBER:
                only = Span(plain(str(name.value)), "conditional")
                return [Span(said + " "), only, Span("  " + wording.told(claim, language), "dim")]
            else:
                said = f"{said} {plain(str(name.value))}"
        case "last_booking":
            said = f"{say('screen.booked-to', language)} {said}"
        case _:
            pass
    amber = claim.source in _AMBER or claim.inferred
    told = wording.told(claim, language)
    if claim.inferred and cell_len(said) + 2 + cell_len(told) > room:
        told = say("word.inferred", language)
    return [Span(said + "  "), Span(told, "conditional" if amber else "dim")]


def kind(detail: DeliveryDetail, language: str) -> str:
    """What the container is."""
    return wording.kind(detail.kind, language)


def seal(detail: DeliveryDetail, now: datetime, language: str, width: int) -> list[Line]:
    """The hash, when it was sealed, and how far it was read."""
    if detail.sha256 is None:
        return labelled(say("screen.seal", language), [[Span(say("screen.seal.not-yet", language), "dim")]])
    spans = [Span(f"{detail.sha256[:4]}…{detail.sha256[-2:]}  ")]
    if detail.sealed_at is not None:
        spans.append(Span(wording.when(detail.sealed_at, now, language) + "  "))
    spans.append(Span(say("screen.seal.whole" if detail.complete else "screen.seal.partly", language)))
    return labelled(say("screen.seal", language), [spans], width)


def problems(detail: DeliveryDetail, language: str, width: int) -> list[Line]:
    """What the reader noticed; of a file that still arrives it proves nothing yet."""
    arriving = detail.row.state is StateWord.ARRIVING
    rows = [
        [Span(row, "dim" if arriving else "no" if finding.proves_damage else "conditional")]
        for finding in detail.findings
        for row in wrap(wording.problem(finding, language), width - _LABEL)
    ]
    return labelled(say("screen.problems.so-far" if arriving else "screen.problems", language), rows)


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


def following(detail: DeliveryDetail, language: str, width: int, *, read_only: bool) -> list[Line]:
    """What the operator can do about this very delivery, when there is something."""
    rules = {reason.rule for verdict in detail.verdicts for reason in verdict.reasons}
    wanted = [] if read_only else [name for name, about in _NEXT.items() if rules & about]
    spans: list[Span] = []
    for name in wanted:
        spans += [Span(action(name).key or "", "accent-strong"), Span(f" {say(f'action.{name}', language)}  ")]
        if name == "bind" and detail.suggestions:
            spans.append(Span(plain(", ".join(detail.suggestions[:2])) + "?  ", "accent"))
    return labelled(say("screen.next", language), [spans], width)


def pane(detail: DeliveryDetail, facts: Facts, now: datetime, *, width: int, height: int) -> list[Line]:
    """The whole pane, cells and lines. Where there is not the height for all, evidence gives way first."""
    language, targets, wide = facts.language, facts.targets, width >= TWO_COLUMNS
    right_width = width - _MATRIX - 4 if wide else width - 2
    head = [*underway(detail, now, language, right_width), *deciding(detail, language, right_width)]
    verdict = first_verdict(detail)
    head += remarks(detail, language, right_width, brief=verdict is not None and verdict.deciding is not None)
    if detail.advice is not None:
        text = wording.sentence(detail.advice, language, "advice")
        head += [line(Span(row, "accent")) for row in wrap(text, right_width)]
    head += problems(detail, language, right_width)
    foot = seal(detail, now, language, right_width)
    foot += following(detail, language, right_width, read_only=facts.read_only)
    proofs = labelled(say("screen.proof", language), proof(detail, language, right_width), right_width)
    if wide:
        proofs = proofs[: max(height - len(head) - len(foot), 1)]
    right = head + proofs + foot
    if wide:
        left = matrix(detail, targets, language) + conditions(detail, language, _MATRIX)
        lines = beside(left, right, _MATRIX, Span(" │ ", "line"))
    else:
        left = matrix(detail, targets, language, min(width, 44)) + conditions(detail, language, width)
        lines = [*left, BLANK, *[(Span("  "), *row) for row in right]]
    room = height - len(lines) - 2
    if room > 1 and detail.custody:
        lines += [BLANK, line(Span("  " + say("screen.custody", language), "dim"))]
        lines += [(Span(" "), *row) for row in custody_lines(detail.custody, now, language, width - 1)][:room]
    return lines
