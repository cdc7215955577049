"""The app's own errands, made in threads."""

from __future__ import annotations

from textual.message import Message
from textual.message_pump import MessagePump

from core.texts import has
from tui.desk import Desk, OpenOffice
from tui.messages import LeavingCounted, OfficeOpened, OfficeRefused, PulseFelt, WorkerStarted


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
        left_at=since.at,
        view=since.view,
        total=desk.deliveries("", 0, 1)[1] if since.view else None,
        since={what: count for what, count in since.counts.items() if count and has(f"word.since.{what}")},
    )


def feel(desk: Desk) -> PulseFelt:
    """The register's counter and the worker."""
    return PulseFelt(desk.pulse(), desk.worker_alive())


def start_worker(desk: Desk) -> WorkerStarted:
    """Starts the worker."""
    desk.ensure_worker()
    return WorkerStarted()


def count_leaving(desk: Desk) -> LeavingCounted:
    """What is under way."""
    return LeavingCounted(desk.deliveries("state:arriving", 0, 1)[1], desk.deliveries("state:reading", 0, 1)[1])
