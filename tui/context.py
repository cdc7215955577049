"""What a verb gets: its arguments, the output, and the office, which is opened when it is first asked for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from core.errors import UsageError
from core.model import Client, CustodyLine, DeliveryRow, OperationDetail, OperationRow, TargetView, Verdict
from core.model.profile import ProfileView
from tui.desk import Desk
from tui.output import Output


class Office(Desk, Protocol):
    """What the verbs ask beyond what the screen asks. `core.office.Office` fits it."""

    def export(
        self, filter_text: str = "", offset: int = 0, limit: int | None = None
    ) -> Iterator[tuple[DeliveryRow, Sequence[Verdict]]]:
        """The list with every verdict, newest first; all of it unless a limit is given."""

    def save_client(self, client: Client, /) -> object:
        """Notes a client, or what changed of it."""

    def custody(
        self,
        limit: int = 200,
        before: int | None = None,
        delivery: str | None = None,
        client: str | None = None,
    ) -> Sequence[CustodyLine]:
        """The log, newest first, of a delivery or a client where one is named."""

    def operation(self, operation: str, /, *, lines: int = 200) -> OperationDetail:
        """Everything of one, with the last lines of its own log."""

    def cancel(self, operation: str, /) -> OperationRow:
        """Asks it to stop at the next safe point; how it stands then."""

    def answer(self, operation: str, text: str, /) -> OperationRow:
        """Tells the step that waits for a person what was done."""

    def original(self, delivery: str, /) -> str:
        """Path of the sealed original, to be read only."""

    def target(self, name: str, /) -> TargetView:
        """Everything that is known of a target."""

    def probe_target(self, name: str, /) -> TargetView:
        """The same, after its instance was asked."""

    def profile_at(self, name: str, number: str, /, *, trial: bool = False) -> ProfileView:
        """How the target's identity profile fits one administration there; `trial` tries a swap on a scratch copy."""

    def taken(self, delivery: str, /) -> tuple[int | None, str | None]:
        """Of several back-up sets, and of several databases, what the verdict speaks of."""

    def verify_custody(self) -> int | None:
        """The first line of the log that does not fit, or None."""

    def close(self) -> None:
        """Gives the register back."""

    def work(self) -> int:
        """Runs the worker here until it is stopped; its exit code."""


OpenOffice = Callable[[argparse.Namespace], Office]


class Context:
    """One run of one verb. `opener` is another way to an office, for tests."""

    def __init__(self, args: argparse.Namespace, out: Output, opener: OpenOffice | None = None) -> None:
        self.args = args
        self.out = out
        self._opener = opener
        self._opened: list[Office] = []

    def office(self, *, worker: bool = True) -> Office:
        """Opens the office in the language and mode of the command line; finds or starts its worker."""
        office = (self._opener or open_office)(self.args)
        self._opened.append(office)
        self.out.language = office.language
        if worker:
            office.ensure_worker()
        return office

    def closed(self) -> Office:
        """The office without opening or making it, for what must be able to look at a broken one."""
        office = (self._opener or closed_office)(self.args)
        self.out.language = office.language
        return office

    def close(self) -> None:
        """Closes what was opened."""
        while self._opened:
            self._opened.pop().close()


def open_office(args: argparse.Namespace) -> Office:
    """The office that the settings describe."""
    import gc

    gc.disable()  # what is imported here stays: looking for garbage among it costs a tenth of a short run
    try:
        from core.office import Office as TheOffice

        return TheOffice.open(args.config, **overrides(args))
    finally:
        gc.enable()


def closed_office(args: argparse.Namespace) -> Office:
    """The same office, closed."""
    from core import office

    return office.closed_office(args.config, **overrides(args))


def overrides(args: argparse.Namespace) -> dict[str, object]:
    """The settings that the command line gives."""
    given: dict[str, object] = {}
    if args.lang:
        given["language"] = args.lang
    if args.read_only:
        given["read_only"] = True
    return given


def is_operation(text: str) -> bool:
    """Was an operation named, and not a delivery? `O-0003`, `o3`."""
    return text[:1] in ("o", "O")


def operation_id(text: str) -> str:
    """`O-0003`, `o3` and `3` name the same operation."""
    found = re.fullmatch(r"(?:[oO]-?)?0*([1-9][0-9]{0,11})", text)
    if not found:
        raise UsageError("operation-id", text=text)
    return f"O-{int(found[1]):04d}"


def delivery_id(text: str) -> str:
    """`D-0007`, `d7` and `7` name the same delivery."""
    found = re.fullmatch(r"(?:[dD]-?)?0*([1-9][0-9]{0,11})", text)
    if not found:
        raise UsageError("delivery-id", text=text)
    return f"D-{int(found[1]):04d}"
