"""The register's methods for operations, and for what is at a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from core.model import (
    Held,
    OperationDetail,
    OperationLine,
    OperationRow,
    OperationState,
    Order,
    Output,
    Params,
    Plan,
    StepState,
)
from core.register import carrying, holdings, operation_rows, operations
from core.register.access import Access
from core.register.ids import operation_number

LINES = 200
"""Of an operation's log, where nobody says how many."""


class Operating(Access):
    """What fronts order and see, and what the worker notes while it works."""

    # Ordering

    def order(self, order: Order, plan: Plan, *, who: str | None = None, at: datetime | None = None) -> str:
        """Note an order with its plan: the id of the operation. Raises Busy (`operation-open`)."""
        with self._write() as work:
            return operations.order(work, order, plan, who=who or self._who, at=at or self._clock())

    def answer(self, operation: str, text: str, *, who: str | None = None, at: datetime | None = None) -> None:
        """What a person says to the step that waits. Raises Refused (`operation-not-waiting`), also the second time."""
        with self._write() as work:
            operations.answer(work, operation, text, who=who or self._who, at=at or self._clock())

    def ask_cancel(self, operation: str, *, who: str | None = None, at: datetime | None = None) -> None:
        """Ask to cancel; over at once where nothing is to be taken back.

        Raises Refused: `operation-over`, or `operation-too-late` once a final step has begun.
        """
        with self._write() as work:
            operations.ask_cancel(work, operation, who=who or self._who, at=at or self._clock())

    # Looking

    def operations(
        self, *, open_only: bool = False, delivery: str | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[tuple[OperationRow, ...], int]:
        """Operations, newest first, and how many there are in all."""
        with self._read() as connection:
            return operation_rows.page(connection, open_only=open_only, delivery=delivery, offset=offset, limit=limit)

    def open_operations(self) -> tuple[OperationRow, ...]:
        """Those that are not over, oldest first. Cheap: for every round of the worker."""
        with self._read() as connection:
            return operation_rows.open_operations(connection)

    def operation(self, operation: str, *, lines: int = LINES) -> OperationDetail:
        """Everything of one, with the last lines of its log. `O-0007`, `o7` and `7` are the same."""
        with self._read() as connection:
            return operation_rows.detail(connection, operation, lines)

    def operation_log(
        self, operation: str, *, before: int | None = None, limit: int = LINES
    ) -> tuple[OperationLine, ...]:
        """The last lines of an operation's log, before line `before` when asked; oldest first."""
        with self._read() as connection:
            number = operation_number(operation)
            return operation_rows.log(connection, number, limit=limit, before=before)

    def plan(self, operation: str) -> Plan:
        """The plan that was consented to."""
        with self._read() as connection:
            return operation_rows.plan_of(connection, operation)

    # Carrying out

    def begin(self, operation: str, *, at: datetime | None = None) -> None:
        """It runs; one that waits for an answer goes on waiting. Raises Refused (`operation-over`)."""
        with self._write() as work:
            carrying.begin(work, operation, at or self._clock())

    def step(
        self,
        operation: str,
        number: int,
        state: StepState,
        *,
        percent: int | None = None,
        result: Params | None = None,
        at: datetime | None = None,
    ) -> None:
        """Where a step stands. Each change redraws screens: tell of a percentage twice a second at most.

        Raises Refused (`operation-over`). Once a final step runs, nobody can ask to cancel any more: look at
        `cancel_wanted` after saying that it runs.
        """
        with self._write() as work:
            carrying.step(work, operation, number, state, at=at or self._clock(), percent=percent, result=result)

    def log_operation(
        self, operation: str, step: int, lines: Iterable[tuple[str, str]], *, at: datetime | None = None
    ) -> None:
        """Add lines (`sql`, `file` or `note`, and the text) to an operation's log; many at once are cheaper."""
        with self._write() as work:
            carrying.write_log(work, operation, step, lines, at or self._clock())

    def wait(self, operation: str, number: int) -> None:
        """It waits for a person at this step. An earlier answer is thrown away: ask `answered` first."""
        with self._write() as work:
            carrying.wait(work, operation, number)

    def answered(self, operation: str, number: int) -> tuple[str, str, datetime] | None:
        """Who answered what to this step, and when; None: nobody."""
        with self._read() as connection:
            return operation_rows.answered(connection, operation, number)

    def cancel_wanted(self, operation: str) -> str:
        """Who asked to cancel; empty: nobody."""
        with self._read() as connection:
            return str(operation_rows.stored(connection, operation)["cancelling"])

    def end(
        self,
        operation: str,
        state: OperationState,
        outcome: str,
        params: Params | None = None,
        outputs: Iterable[Output] = (),
        *,
        at: datetime | None = None,
    ) -> None:
        """It is over, with `outcome.<key>` or `error.<key>`. One that was over before stays as it ended."""
        with self._write() as work:
            moment = at or self._clock()
            operations.end(work, operation, state, outcome, at=moment, params=params or {}, outputs=outputs)

    def keep(self, operation: str, name: str, value: Mapping[str, Any]) -> None:
        """Keep a JSON object for a later step; an earlier one of that name yields."""
        with self._write() as work:
            carrying.keep(work, operation, name, dict(value))

    def kept(self, operation: str, name: str) -> dict[str, Any] | None:
        """What was kept under this name; None: nothing."""
        with self._read() as connection:
            return operation_rows.kept(connection, operation, name)

    def once(
        self,
        operation: str,
        step: int,
        what: str,
        *,
        who: str | None = None,
        delivery: str | None = None,
        client: str | None = None,
        detail: Params | None = None,
        at: datetime | None = None,
    ) -> int:
        """A line in the custody log, exactly once for each operation, step and word. Returns its number."""
        with self._write() as work:
            return carrying.once(
                work, operation, step, what, at=at or self._clock(), who=who, delivery=delivery, client=client,
                detail=detail or {},
            )  # fmt: skip

    # What is at a target

    def hold(
        self,
        target: str,
        number: str,
        *,
        name: str,
        client: str,
        delivery: str,
        operation: str,
        at: datetime | None = None,
    ) -> None:
        """The administration stands there and its delivery is with us; one returned to the same client yields.

        Raises Refused (`number-held`).
        """
        with self._write() as work:
            holdings.hold(
                work, target, number, name=name, client=client, delivery=delivery, operation=operation,
                at=at or self._clock(),
            )  # fmt: skip

    def held(self, delivery: str | None = None) -> tuple[Held, ...]:
        """What is at a target, by target and number; of one delivery when asked."""
        with self._read() as connection:
            return holdings.held(connection, delivery)

    def returned(self, target: str, number: str, *, at: datetime | None = None) -> None:
        """What stands there went back to the client, and its delivery is returned."""
        with self._write() as work:
            holdings.returned(work, target, number, at or self._clock())

    def let_go(self, target: str, number: str, *, delivery: str | None = None) -> None:
        """The number is free again. With `delivery`: only if that one stands there. Its word stays: see `life`."""
        with self._write() as work:
            holdings.let_go(work, target, number, delivery)

    def life(self, delivery: str, word: str) -> None:
        """What was done with a delivery: `with-us`, `returned`, `set-aside`; empty: its verdict speaks again."""
        with self._write() as work:
            holdings.life(work, delivery, word)
