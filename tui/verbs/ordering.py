"""What the verbs that order an operation share: the plan, the consent, the order, and waiting for its end."""

from __future__ import annotations

from core.errors import Refused
from core.model import Consent, OperationDetail, OperationRow, Order
from tui.context import Context, Office
from tui.parser import Parser, word
from tui.verbs import awaiting, operation_forms, operation_pages, plans, sentences

MISSING = frozenset({"consent-yes", "consent-code"})
"""Refused because no consent was given at all: where a person sits, it can be asked for."""


def arguments(parser: Parser) -> None:
    """Plan only, the two consents, and whether to wait."""
    add, say = parser.own.add_argument, parser.say
    add("--plan", action="store_true", help=say("order.plan"))
    add("--yes", action="store_true", help=say("order.yes"))
    add("--yes-i-mean", type=word, metavar="CLIENT", help=say("order.yes-i-mean"))
    add("--wait", action="store_true", help=say("order.wait"))


def office_for(context: Context) -> Office:
    """The office; one that only plans starts no worker."""
    return context.office(worker=not context.args.plan)


def run(context: Context, office: Office, order: Order) -> int:
    """Prints the plan, or has it carried out with the operator's consent, and waits for its end where asked."""
    args, out = context.args, context.out
    if args.plan:
        plan = office.plan(order)
        if out.json:
            out.data(operation_forms.plan(plan, out.language))
        else:
            plans.page(plan, office.targets(), out)
        if plan.refusal is not None:
            raise Refused("plan-refused", rule=plan.refusal.rule, text=plans.against(plan.refusal, out))
        return 0
    made = _placed(context, office, order)
    out.talk("say.ordered", id=made.id, what=sentences.does(made.kind, out.language), delivery=made.delivery)
    if args.wait:
        detail = awaiting.until_over(office, made.id, out)
        answer(context, detail)
        awaiting.well(detail, out)
    elif out.json:
        answer(context, office.operation(made.id))
    else:
        out.line(made.id)
        out.talk("say.ordered.look", id=made.id)
    return 0


def answer(context: Context, detail: OperationDetail) -> None:
    """The operation as the fixed contract, or as a page."""
    if context.out.json:
        context.out.data(operation_forms.finished(detail, context.out.language))
    else:
        operation_pages.page(detail, context.out)


def _placed(context: Context, office: Office, order: Order) -> OperationRow:
    """With the consent of the command line; where it gives none and a person sits there, with the one asked for."""
    from core.office import YES

    args, out = context.args, context.out
    given = args.yes_i_mean or (YES if args.yes else "")
    if given or not out.asks:
        try:
            return office.order(order, consent=given)
        except Refused as refused:
            if refused.key not in MISSING or not out.asks:
                raise
    plan = office.plan(order)
    plans.page(plan, office.targets(), out)
    if plan.refusal is not None or plan.consent is Consent.NONE:
        return office.order(order)
    said = out.ask(f"say.ask.{plan.consent}", code=plan.client)
    return office.order(plan.order, consent=YES if said == "Y" and plan.consent is Consent.YES else said)
