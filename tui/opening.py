"""The app's own errands, made in threads."""

from __future__ import annotations

from textual.message import Message
from textual.message_pump import MessagePump

from core.texts import has
from tui.desk import Desk, OpenOffice
from tui.messages import Counts, LeavingCounted, OfficeOpened, OfficeRefused, PulseFelt, WorkerStarted


def open_desk(open_office: OpenOffice, reply_to: MessagePump) -> None:
    """Opens the office and starts its worker when there is none; `OfficeOpened` or `OfficeRefused` comes of it."""
    try:
        answer: Message = _opened(open_office())
    except Exception as error:  # noqa: BLE001 - whatever it is, the command line tells it
        answer = OfficeRefused(error)
    reply_to.post_message(answer)


def _opened(desk: Desk) -> OfficeOpened:
    desk.ensure_worker()
    since = desk.since_left()
    return OfficeOpened(
        desk=desk,
        language=desk.language,
        read_only=desk.read_only,
        practice=desk.practice,
        firm_name=desk.firm_name,
        targets=tuple(desk.targets()),
        worker_alive=desk.worker_alive(),
        pulse=desk.pulse(),
        counts=counts(desk),
        left_at=since.at,
        view=since.view,
        total=desk.deliveries("", 0, 1)[1] if since.view else None,
        since={what: count for what, count in since.counts.items() if count and has(f"word.since.{what}")},
    )


def feel(desk: Desk, last: int | None) -> PulseFelt:
    """The register's counter and the worker; what the tabs count, when the counter is another one than `last`."""
    pulse = desk.pulse()
    return PulseFelt(pulse, desk.worker_alive(), None if pulse == last else counts(desk))


def counts(desk: Desk) -> Counts:
    """What the tabs count."""
    return Counts(
        operations=desk.operations(open_only=True, limit=1)[1],
        held=sum(each.returned_at is None for each in desk.held()),
    )


def start_worker(desk: Desk) -> WorkerStarted:
    """Starts the worker."""
    desk.ensure_worker()
    return WorkerStarted()


def count_leaving(desk: Desk) -> LeavingCounted:
    """What is under way."""
    return LeavingCounted(
        arriving=desk.deliveries("state:arriving", 0, 1)[1],
        reading=desk.deliveries("state:reading", 0, 1)[1],
        operations=desk.operations(open_only=True, limit=1)[1],
    )
