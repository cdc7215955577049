"""Makes a practice office: its settings, folders, clients, and deliveries in the inboxes."""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import tomli_w

from core.errors import Refused
from core.files import atomic_write, private_dir
from core.practice.samples import CLIENTS, Sample, samples
from core.register.register import Register, register_file

CONFIG = "wissel.toml"
COMMON_INBOX = "inbox"
CLIENT_INBOXES = "inboxes"

TARGETS: tuple[dict[str, object], ...] = (
    {"name": "oefen14", "engine": "embedded", "product_update": 418, "sql_release": "2014", "isolated": True},
    {"name": "oefen16", "engine": "embedded", "product_update": 421, "sql_release": "2016", "isolated": True},
    {"name": "oefen19", "engine": "embedded", "product_update": 424, "sql_release": "2019", "isolated": True},
    {"name": "sql16", "instance": "OEFEN\\SQL16", "product_update": 421, "sql_release": "2016", "isolated": True},
    {"name": "sql19", "instance": "OEFEN\\SQL19", "product_update": 424, "sql_release": "2019", "isolated": False},
)
"""Three of the embedded engine, and two SQL Server instances for real back-ups that somebody drops in."""


def make_practice(folder: str | os.PathLike[str], now: datetime | None = None) -> Path:
    """Make a practice office in `folder`, or find the one that is there. Returns the path of its settings.

    `now` (aware) dates the samples; default: this moment. Raises Refused (key `practice-folder`) for a folder
    that holds anything else.
    """
    place = Path(os.path.abspath(folder))
    config = place / CONFIG
    if _is_practice(config):
        return config
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise Refused("practice-folder", path=str(place))
    moment = now or datetime.now(UTC)
    private_dir(place)
    for name in ("office", "outbox", COMMON_INBOX, CLIENT_INBOXES):
        private_dir(place / name)
    _fill(place, moment)
    # Last: without it the folder is no practice office, and the next try says so.
    atomic_write(config, _HEAD + tomli_w.dumps(_settings()))
    return config


_HEAD = """\
# A practice office of wissel: everything in it is made up. Drop back-ups into its inbox and see what becomes of them.
"""


def inbox_of(client: str | None) -> str:
    """The inbox of a client, relative to the practice office; None: the common one."""
    return COMMON_INBOX if client is None else f"{CLIENT_INBOXES}/{client}"


def _settings() -> dict[str, object]:
    inboxes = [{"path": inbox_of(None)}, *({"path": inbox_of(each.code), "client": each.code} for each in CLIENTS)]
    targets = [
        {"family": "next", "edition": "standard", "accountancy": True, "service_pack": 0, **each} for each in TARGETS
    ]
    return {
        "office": "office",
        "outbox": "outbox",
        "practice": True,
        "settle_seconds": 0.5,
        "patience_seconds": 3.0,
        "rescan_seconds": 0.5,
        "idle_seconds": 600.0,
        "firm": {"name": "Oefenkantoor", "licence": "9999001", "users": ["KANTOOR\\jansen", "KANTOOR\\devries"]},
        "inboxes": inboxes,
        "targets": targets,
    }


def _fill(place: Path, now: datetime) -> None:
    """Clients first, so that their inboxes bind; then the deliveries, each noted at once: no list starts empty."""
    register = Register.open(Path(register_file(place / "office")), create=True)
    try:
        for client in CLIENTS:
            register.save_client(client, at=now)
            private_dir(place / inbox_of(client.code))
        for sample in samples(now.astimezone().replace(tzinfo=None)):
            inbox = place / inbox_of(sample.client)
            _drop(inbox / sample.file, sample, now)
            register.arrive(str(inbox), sample.file, "", len(sample.data), now, client=sample.client)
    finally:
        register.close()


def _drop(path: Path, sample: Sample, now: datetime) -> None:
    atomic_write(path, sample.data)
    made = (now - sample.age).timestamp()
    os.utime(path, (made, made))


def _is_practice(config: Path) -> bool:
    try:
        return bool(tomllib.loads(config.read_text(encoding="utf-8")).get("practice"))
    except (OSError, ValueError):
        return False
