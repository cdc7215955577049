"""Waiting for the end of an operation. Whoever stops waiting stops nothing else: the worker goes on."""

from __future__ import annotations

import time

from core.errors import Cancelled, WisselError
from core.model import OperationDetail, OperationState, Step, StepState
from tui.context import Office
from tui.output import Output
from tui.verbs import sentences

PROBE = 0.2
"""Seconds between two looks at the pulse."""
LATEST = 5.0
"""Seconds after which it is looked at all the same, and a worker that died is started again."""
HOPELESS = 60.0
"""Seconds without any worker after which none is expected any more."""


def until_over(office: Office, operation: str, out: Output) -> OperationDetail:
    """The operation once nothing more happens to it; meanwhile the person at the terminal sees how far it is.

    Raises Cancelled when Ctrl-C ends the waiting, WisselError (`no-worker`) when nobody is there to do it.
    """
    told = Teller(out)
    try:
        detail = _followed(office, operation, told)
    except KeyboardInterrupt:
        raise Cancelled("wait-left", id=operation) from None
    finally:
        out.passing("")
    return detail


def well(detail: OperationDetail, out: Output) -> None:
    """Raises what kept an operation from being done, with the exit code of its own class where it names one."""
    row = detail.row
    if row.state is OperationState.DONE:
        return
    if row.state is OperationState.CANCELLED:
        raise Cancelled("operation-cancelled", id=row.id, who=row.cancelling)
    kind = error_class(row.params.get("exit_code"))
    key = "operation-undone" if row.state is OperationState.UNDONE else "operation-failed"
    raise kind(key, id=row.id, why=sentences.outcome(row, out.language))


def error_class(code: object, base: type[WisselError] = WisselError) -> type[WisselError]:
    """The class of the tree with this exit code; the base where there is none."""
    if base.exit_code == code:
        return base
    found = (error_class(code, each) for each in base.__subclasses__())
    return next((each for each in found if each.exit_code == code), base)


class Teller:
    """How far it is: a line that changes in place on a terminal, else a line for each step that ended."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._said: set[tuple[int, StepState]] = set()

    def hear(self, detail: OperationDetail) -> None:
        """This is how it stands now."""
        out, row = self._out, detail.row
        for step in detail.steps:
            self._step(detail, step)
        if row.state in (OperationState.REQUESTED, OperationState.RUNNING):
            current = next((each for each in detail.steps if each.number == row.step), None)
            title = sentences.title(row.kind, current, out.language) if current else ""
            out.passing(f"{row.id}  {sentences.where(row, out.language)}  {title}"[:78].rstrip())

    def _step(self, detail: OperationDetail, step: Step) -> None:
        spoken = (step.number, step.state)
        if step.state in (StepState.TODO, StepState.RUNNING) or spoken in self._said:
            return
        self._said.add(spoken)
        out, kind = self._out, detail.row.kind
        out.passing("")
        word = sentences.step_state(step.state, out.language)
        out.talk("say.wait.step", number=step.number, title=sentences.title(kind, step, out.language), state=word)
        if step.state is StepState.WAITING:
            guide = " ".join(sentences.to_do(detail, step, out.language))
            out.talk("say.wait.person", id=detail.row.id, guide=guide)


def _followed(office: Office, operation: str, told: Teller) -> OperationDetail:
    pulse, looked = office.pulse(), time.monotonic()
    alive = looked
    detail = office.operation(operation)
    told.hear(detail)
    while not detail.row.state.over:
        time.sleep(PROBE)
        now, seen = time.monotonic(), office.pulse()
        if seen == pulse and now - looked < LATEST:
            continue
        pulse, looked = seen, now
        detail = office.operation(operation)
        told.hear(detail)
        if office.worker_alive():
            alive = now
        elif now - alive > HOPELESS:
            raise WisselError("no-worker", id=operation)
        else:
            office.ensure_worker()
    return detail
