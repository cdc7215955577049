"""One leg of an operation, over a register: from where it stands to its end, or to where it waits for a person.

The register has the truth; whoever runs a leg again, after a crash or by mistake, finds there what happened.
Every act goes through `act`, which may keep its outcome (the durable engine) or just do it (tests). Between acts
nothing is decided on anything but their outcomes, so that a leg can be played again from them.

An error turns the operation back: what was done is undone, the last first. After a final step there is no way
back: the leg ends with `again`, and somebody runs another one later. So does a leg that a passing trouble stopped,
where the whole plan has nothing to take back: a package that waits to be handed over would be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import Cancelled, Refused, WisselError
from core.files import translated
from core.model import OperationDetail, OperationState, Output, Params, Step, StepState
from core.operations.journal import log
from core.operations.recorder import Recorder, Stopped
from core.operations.step import Bench, Guided, Steps, StepWork
from core.register.register import Register

BACK = "back"
"""Under this name the register keeps why an operation turned back, and from which step."""
PAUSES = (0.2, 1.0, 3.0)
"""Seconds before an undo that met a passing trouble (a full disk, a busy file) is tried once more."""


class Word(StrEnum):
    """How an act, or a whole leg, came out."""

    ON = "on"
    BACK = "back"
    OVER = "over"
    WAITING = "waiting"
    AGAIN = "again"
    """Past the point of no return, and it does not succeed now: try later."""


Outcome = dict[str, str | int]
"""Small and JSON: the word, and the step to begin at."""
Act = Callable[[str, Callable[[], Outcome]], Outcome]
BenchMaker = Callable[[OperationDetail, Step, Recorder], Bench]


def plainly(_name: str, act: Callable[[], Outcome]) -> Outcome:
    """Just do it."""
    return act()


@dataclass(frozen=True, slots=True)
class Leg:
    """Everything that a leg needs, whichever operation it is."""

    register: Register
    steps: Steps
    bench: BenchMaker
    stopping: Callable[[], bool]
    """Does the worker end? A step finds out at its next check; a leg before its next step."""
    pause: Callable[[float], object]
    """Wait; returns sooner when the worker ends."""
    explain: Callable[[WisselError], str]
    """An error as a sentence."""
    log_place: str = ""
    """Where the details of an error stand that nobody foresaw."""

    def run(self, operation: str, act: Act = plainly) -> Word:
        """Run the leg. Raises Stopped; errors of the register, after which it may be run again."""
        begun = act("begin", lambda: self._begin(operation))
        word, at = Word(str(begun["word"])), int(begun["at"])
        steps = self.register.operation(operation, lines=0).steps
        if word is Word.ON:
            for step in steps[at - 1 :]:
                came = act(step.name, lambda step=step: self._forward(operation, step.number))  # type: ignore[misc]
                word, at = Word(str(came["word"])), int(came["at"])
                if word is not Word.ON:
                    break
            else:
                return Word(str(act("end", lambda: self._end(operation))["word"]))
        if word is not Word.BACK:
            return word
        for step in reversed(steps[:at]):
            came = act(f"undo {step.name}", lambda step=step: self._undo(operation, step.number))  # type: ignore[misc]
            if came["word"] != Word.ON:
                break
        return Word(str(act("end", lambda: self._end(operation))["word"]))

    def _begin(self, operation: str) -> Outcome:
        detail = self.register.operation(operation, lines=0)
        if detail.row.state.over:
            return _outcome(Word.OVER)
        back = self.register.kept(operation, BACK)
        if back is not None:
            given_up = back["state"] == OperationState.FAILED
            return _outcome(Word.BACK, 0 if given_up else _number(back["from"]))
        try:
            self.register.begin(operation)
        except Refused as error:
            if error.key != "operation-over":
                raise
            return _outcome(Word.OVER)
        done = (step.number for step in detail.steps if step.state is not StepState.DONE)
        return _outcome(Word.ON, next(done, len(detail.steps) + 1))

    def _forward(self, operation: str, number: int) -> Outcome:
        detail = self.register.operation(operation, lines=0)
        step = detail.steps[number - 1]
        if step.state is StepState.DONE:
            return _outcome(Word.ON, number)
        back = self.register.kept(operation, BACK)
        if back is not None:
            # It turned back, and the outcome that said so was lost.
            return _outcome(Word.BACK, _number(back["from"]))
        settled = self._settled(detail, step)
        recorder = self._recorder(operation, number, cancellable=not step.final and not settled)
        if not self._may_begin(detail, step, settled=settled):
            return self._turn(operation, step, Cancelled("cancelled"), cancelled=True)
        try:
            result = self._made(self._work(detail, step), self.bench(detail, step, recorder), recorder)
        except Exception as problem:
            if self.stopping():
                raise Stopped from problem
            recorder.flush()
            error = self._ours(problem)
            if settled or _patient(detail, error) or (step.final and self._passed(detail, step)):
                self._note(operation, number, error)
                return _outcome(Word.AGAIN, number)
            return self._turn(operation, step, error, cancelled=recorder.cancelled)
        recorder.flush()
        if result is None:
            self.register.wait(operation, number)
            return _outcome(Word.WAITING, number)
        self.register.step(operation, number, StepState.DONE, result=result)
        return _outcome(Word.ON, number)

    def _may_begin(self, detail: OperationDetail, step: Step, *, settled: bool) -> bool:
        """False: somebody wants to cancel. Once the register has it that a final step runs, nobody can any more."""
        operation = detail.row.id
        if not settled and not step.final and self.register.cancel_wanted(operation):
            return False
        if not step.guided and (detail.row.kind, step.name) in self.steps:
            self.register.step(operation, step.number, StepState.RUNNING)
        return settled or not step.final or not self.register.cancel_wanted(operation)

    def _made(self, work: StepWork, bench: Bench, recorder: Recorder) -> Params | None:
        """Let a step happen; what came of it, or None: it is a person's turn."""
        step = bench.step
        if step.guided:
            return self._guided(work, bench, recorder)
        if not step.final and work.did(bench):
            return step.result
        return work.do(bench)

    def _guided(self, work: StepWork, bench: Bench, recorder: Recorder) -> Params | None:
        answer = self.register.answered(bench.id, bench.step.number)
        if answer is None or bench.operation.row.state is OperationState.WAITING:
            work.do(bench)
            return None
        if not isinstance(work, Guided):
            raise _Unknown("step-unknown", kind=bench.order.kind, name=bench.step.name)
        try:
            return work.prove(bench, answer[1])
        except Cancelled:
            raise
        except WisselError as error:
            # What was answered does not hold: it is said, after what was done to find out, and asked again.
            recorder.flush()
            self._note(bench.id, bench.step.number, error)
            return None

    def _turn(self, operation: str, step: Step, error: WisselError, *, cancelled: bool) -> Outcome:
        """No further: keep why, so that any later leg goes the way back too."""
        wish = self.register.cancel_wanted(operation)
        cancelled = bool(wish) and (cancelled or isinstance(error, Cancelled))
        # What we do not know never ran here, unless it did under another version: then its undo says so.
        at = step.number - 1 if isinstance(error, _Unknown) and step.started_at is None else step.number
        back: dict[str, object] = {"from": at, "state": OperationState.CANCELLED.value, "who": wish}
        if not cancelled:
            self._note(operation, step.number, error)
            back |= {"state": OperationState.UNDONE.value, "key": error.key, "params": dict(error.params)}
        self.register.keep(operation, BACK, back)
        if not cancelled:
            self.register.step(operation, step.number, StepState.FAILED)
        return _outcome(Word.BACK, at)

    def _undo(self, operation: str, number: int) -> Outcome:
        detail = self.register.operation(operation, lines=0)
        step = detail.steps[number - 1]
        if step.state in {StepState.TODO, StepState.UNDONE}:
            return _outcome(Word.ON, number)
        recorder = self._recorder(operation, number, cancellable=False)
        try:
            self._patiently(lambda: self._work(detail, step).undo(self.bench(detail, step, recorder)))
        except Exception as problem:
            if self.stopping():
                raise Stopped from problem
            recorder.flush()
            error = self._ours(problem)
            self._note(operation, number, error)
            back = dict(self.register.kept(operation, BACK) or {})
            back |= {"state": OperationState.FAILED.value, "key": error.key, "params": dict(error.params)}
            self.register.keep(operation, BACK, back)
            self.register.step(operation, number, StepState.FAILED)
            return _outcome(Word.BACK, number)
        recorder.flush()
        if step.state is not StepState.FAILED:
            self.register.step(operation, number, StepState.UNDONE)
        return _outcome(Word.ON, number)

    def _patiently(self, act: Callable[[], None]) -> None:
        for seconds in PAUSES:
            try:
                return act()
            except WisselError as error:
                if not error.retry_is_safe:
                    raise
                self.pause(seconds)
                if self.stopping():
                    raise Stopped from error
        return act()

    def _end(self, operation: str) -> Outcome:
        back = self.register.kept(operation, BACK)
        if back is None:
            kind = self.register.operation(operation, lines=0).row.kind
            words = _params(self.register.kept(operation, "outcome"))
            self.register.end(operation, OperationState.DONE, f"outcome.{kind}", words, self._outputs(operation))
            return _outcome(Word.OVER)
        state = OperationState(str(back["state"]))
        if state is OperationState.CANCELLED:
            self.register.end(operation, state, "outcome.cancelled", {"who": str(back["who"])}, ())
        else:
            self.register.end(operation, state, f"error.{back['key']}", _params(back["params"]), ())
        return _outcome(Word.OVER)

    def _outputs(self, operation: str) -> tuple[Output, ...]:
        kept = self.register.kept(operation, "outputs") or {}
        return tuple(Output(path, str(sha256)) for path, sha256 in kept.items())

    def _settled(self, detail: OperationDetail, step: Step) -> bool:
        """Is there no way back any more, before this step begins?"""
        behind = detail.steps[: step.number - 1]
        if any(each.final and each.state is StepState.DONE for each in behind):
            return True
        return step.final and step.started_at is not None and self._passed(detail, step)

    def _passed(self, detail: OperationDetail, step: Step) -> bool:
        """Is a final step past the point of no return? When nobody can tell, it is: nothing is undone on a guess."""
        recorder = self._recorder(detail.row.id, step.number, cancellable=False)
        try:
            return self._work(detail, step).did(self.bench(detail, step, recorder))
        except Exception as problem:  # noqa: BLE001 - as above
            self._note(detail.row.id, step.number, self._ours(problem))
            return True

    def _recorder(self, operation: str, number: int, *, cancellable: bool) -> Recorder:
        return Recorder(self.register, operation, number, stopping=self.stopping, cancellable=cancellable)

    def _work(self, detail: OperationDetail, step: Step) -> StepWork:
        try:
            return self.steps[detail.row.kind, step.name]
        except KeyError as problem:
            raise _Unknown("step-unknown", kind=detail.row.kind, name=step.name) from problem

    def _ours(self, problem: Exception) -> WisselError:
        if isinstance(problem, WisselError):
            return problem
        log.error("%r", problem, exc_info=problem)
        if isinstance(problem, OSError):
            return translated(problem, problem.filename or "?")
        return WisselError("unexpected", kind=type(problem).__name__, text=str(problem), log=self.log_place)

    def _note(self, operation: str, number: int, error: WisselError) -> None:
        self.register.log_operation(operation, number, (("note", self.explain(error)),))


class _Unknown(WisselError):
    """A plan of another version asks for a step that we do not have."""


def _patient(detail: OperationDetail, error: WisselError) -> bool:
    """A passing trouble is waited out where going back gains nothing, or would cost a person what they did."""
    passing = error.retry_is_safe and not isinstance(error, Cancelled)
    in_vain = any(step.guided and step.state is StepState.DONE for step in detail.steps)
    return passing and (in_vain or not any(step.undo for step in detail.steps))


def _outcome(word: Word, at: int = 1) -> Outcome:
    return {"word": word.value, "at": at}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 1


def _params(values: object) -> Params:
    known = values if isinstance(values, Mapping) else {}
    return {name: value for name, value in known.items() if isinstance(value, str | int)}
