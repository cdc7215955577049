"""Plans, orders and operations: what would be done, what was asked for, and what became of it."""

from __future__ import annotations

from core.errors import Busy, Refused
from core.model import Consent, Held, Kind, OperationDetail, OperationRow, Order, Plan
from core.office.opened import Opened, now

YES = "!yes"
"""Consent to what can be taken back. It is no client's code: those, typed, consent to what cannot."""

LINES = 200
"""Of an operation's own log, where nobody says how many."""


class Orders(Opened):
    """The part of the office that plans, takes orders and follows them. The worker carries them out."""

    def plan(self, order: Order) -> Plan:
        """What an order would do, on live facts. Nothing changes. Raises NotFound, UsageError, VaultError."""
        from core.operations.facts import gather
        from core.operations.plan import plan

        register, judge = self._desk()
        return plan(order, gather(order, register, judge, self._settings))

    def order(self, order: Order, *, consent: str = "") -> OperationRow:
        """Plan it again, and have it carried out: `consent` is `YES`, or the client's code where that is asked.

        Raises Busy (`operation-open`: pressed twice is ordered once), Refused (`read-only`, `plan-refused`, or the
        consent that is missing) and what `plan` raises.
        """
        from core.operations.refusals import refused

        register, _ = self._orders()
        self._free(order.delivery)
        plan = self.plan(order)
        if plan.refusal is not None:
            if plan.refusal.variant == "busy":
                raise Busy("operation-open", id=plan.refusal.params["operation"], delivery=order.delivery)
            raise refused(plan.refusal, self._settings.language)
        agree(plan, consent)
        made = register.order(plan.order, plan, who=self._who, at=now())
        self.ensure_worker()
        return register.operation(made).row

    def operations(
        self, *, open_only: bool = False, delivery: str | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[tuple[OperationRow, ...], int]:
        """A window of the list, newest first, and the number of all of them."""
        return self._desk()[0].operations(open_only=open_only, delivery=delivery, offset=offset, limit=limit)

    def operation(self, operation: str, *, lines: int = LINES) -> OperationDetail:
        """Everything of one, with the last lines of its own log. Raises NotFound."""
        return self._desk()[0].operation(operation, lines=lines)

    def cancel(self, operation: str) -> OperationRow:
        """Ask it to stop at the next safe point and to undo what was done; one that has not begun ends at once.

        Raises Refused (`read-only`, `operation-over`, `operation-too-late`), NotFound.
        """
        register, _ = self._orders()
        register.ask_cancel(operation, who=self._who)
        self.ensure_worker()
        return register.operation(operation).row

    def answer(self, operation: str, text: str) -> OperationRow:
        """What a person says to the step that waits for one. Raises Refused (`operation-not-waiting`), NotFound."""
        register, _ = self._orders()
        register.answer(operation, text, who=self._who)
        self.ensure_worker()
        return register.operation(operation).row

    def held(self) -> tuple[Held, ...]:
        """What is at our targets: with us, or returned and still standing there."""
        return self._desk()[0].held()

    def _free(self, delivery: str) -> None:
        """Raises Busy while an operation is open on this delivery; a hand-over touches nothing, and is none here."""
        found, _ = self._desk()[0].operations(open_only=True, delivery=delivery)
        for row in found:
            if row.kind is not Kind.HAND_OVER:
                raise Busy("operation-open", id=row.id, delivery=row.delivery)


def agree(plan: Plan, consent: str) -> None:
    """Is this the consent that the plan asks for? A typed code outdoes a yes; a wrong one is no consent at all."""
    given = consent.strip()
    if plan.consent is Consent.NONE or (plan.client and given.casefold() == plan.client.casefold()):
        return
    if plan.consent is Consent.YES and given in (YES, "Y"):
        return
    if given not in ("", YES):
        raise Refused("consent-typed", code=given, client=plan.client)
    raise Refused("consent-code" if plan.consent is Consent.TYPED else "consent-yes", client=plan.client)
