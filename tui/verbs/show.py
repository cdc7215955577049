"""`wissel show ID`: one delivery, with its evidence, the verdict for every target and its history."""

from __future__ import annotations

from core.model import DeliveryDetail, Held, OperationRow
from tui import wording
from tui.context import Context, delivery_id
from tui.output import Output
from tui.parser import Parser
from tui.verbs import delivery_form, operation_pages, pages, sentences, why
from tui.verbs.pages import time_text


def arguments(parser: Parser) -> None:
    """Which delivery, and whether its rules are explained."""
    parser.own.add_argument("id", metavar="ID", help=parser.say("id"))
    parser.own.add_argument("--why", action="store_true", help=parser.say("show.why"))


def run(context: Context) -> int:
    """Prints the delivery."""
    args, out = context.args, context.out
    wanted = delivery_id(args.id)
    answer(context.office().delivery(wanted), out, explain=args.why)
    return 0


def answer(detail: DeliveryDetail, out: Output, *, explain: bool = False) -> None:
    """A delivery as JSON or as a page; `explain` adds what each of its rules means."""
    rules = sorted({reason.rule for verdict in detail.verdicts for reason in verdict.reasons})
    if out.json:
        form = delivery_form.detail(detail, out.language)
        if explain:
            form["why"] = {str(rule): why.lines(rule, out.language) for rule in rules}
        out.data(form)
        return
    _page(detail, out)
    if explain:
        for rule in rules:
            out.line()
            why.page(rule, out)


def _page(detail: DeliveryDetail, out: Output) -> None:
    row = detail.row
    advice = wording.sentence(detail.advice, out.language, "advice") if detail.advice else ""
    state = wording.state(row.state, out.language)
    administration = " ".join(part for part in (row.administration_number, row.administration_name) if part)
    sealed = time_text(detail.sealed_at, out)
    out.fields(
        [
            (out.text("say.field.delivery"), f"{row.id}  {state}"),
            (out.text("say.field.file"), row.file),
            (out.text("say.field.client"), row.client or out.text("say.client.unbound")),
            (out.text("say.field.fits"), ", ".join(detail.suggestions) if not row.client else ""),
            (out.text("say.field.administration"), administration or "?"),
            (out.text("say.field.size"), wording.size(row.size, out.language)),
            (out.text("say.field.kind"), wording.kind(detail.kind, out.language)),
            (out.text("say.field.read"), out.text("say.read.whole" if detail.complete else "say.read.part")),
            (out.text("say.field.arrived"), f"{time_text(row.arrived_at, out)}  {detail.inbox}"),
            (out.text("say.field.sealed"), f"{sealed}  SHA-256 {detail.sha256}" if detail.sha256 else ""),
            (out.text("say.field.with-us"), _held(detail.held, out)),
            (out.text("say.field.operation"), _running(row.operation, out)),
            (out.text("say.field.target"), row.best_target or "-"),
            (out.text("say.field.advice"), advice),
        ]
    )
    if detail.operations:
        pages.heading("operations", out)
        operation_pages.table(reversed(detail.operations), out)
    pages.members(detail.members, out)
    pages.problems(detail.findings, out)
    pages.verdicts(detail.verdicts, row.best_target, out)
    pages.reasons(detail.verdicts, out)
    pages.claims(detail.claims, out)
    if detail.custody:
        pages.heading("custody", out)
        pages.custody(reversed(detail.custody), out)


def _held(held: Held | None, out: Output) -> str:
    if held is None:
        return ""
    key = "say.held.with-us" if held.returned_at is None else "say.held.returned"
    at, back = time_text(held.since, out), time_text(held.returned_at, out)
    return out.text(key, target=held.target, number=held.number, since=at, back=back)


def _running(row: OperationRow | None, out: Output) -> str:
    if row is None:
        return ""
    return f"{row.id} {sentences.does(row.kind, out.language)}: {sentences.where(row, out.language)}"
