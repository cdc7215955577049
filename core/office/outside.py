"""What needs no office: looking into a file, the settings file, making a practice office."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.files import speaking
from core.model import Claim, FactValue, Finding
from core.texts.shown import shown

if TYPE_CHECKING:
    from core.office.desk import Office
    from core.practice.client_side import ClientView
    from core.settings import Origin

DEFAULT_CONFIG = "wissel.toml"


@dataclass(frozen=True, slots=True)
class InspectView:
    """What one file says of itself. Names are safe to show; sizes are bytes."""

    file: str
    size: int
    kind: str
    """`cabinet tape compressed data-file zip practice unknown` or a stranger's name."""
    members: tuple[tuple[str, int], ...]
    facts: Mapping[str, FactValue]
    """The strongest value of each fact that is known."""
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    complete: bool
    """Read to the end: every checksum seen."""


def inspect_file(
    path: str | os.PathLike[str],
    set_number: int | None = None,
    *,
    whole: bool = True,
    progress: Callable[[int], None] | None = None,
) -> InspectView:
    """What a file says of itself, without any office. `set_number` chooses a back-up set by its position.

    `progress` hears the bytes read so far. Raises NotFound (no such file, no such set) and Unreadable.
    """
    from core.formats.backup import inspect
    from core.triage.evidence import evidence_of, facts_of
    from core.triage.releases import load_tables

    if not os.path.lexists(path):
        raise NotFound("file", path=os.fspath(path))
    inspection = inspect(path, whole=whole, progress=progress)
    evidence = evidence_of(inspection, load_tables(), set_number=set_number)
    return InspectView(
        file=inspection.file,
        size=inspection.size,
        kind=inspection.kind,
        members=tuple((member.name, member.size) for member in inspection.members),
        facts=facts_of(evidence),
        claims=evidence.claims,
        findings=evidence.findings,
        complete=inspection.complete,
    )


def entry_file(path: str | os.PathLike[str]) -> tuple[str, str]:
    """The text of an entry file, and the name by which it is known. What it says is found out when it is planned.

    Raises NotFound, Unreadable, UsageError (`entry-large`, `entry-encoding`).
    """
    from core.administration.corrections.entries import MOST_BYTES, decode
    from core.formats.backup import open_regular

    if not os.path.lexists(path):
        raise NotFound("file", path=os.fspath(path))
    name = os.path.basename(os.fspath(path))
    with speaking(path), open_regular(path) as file:
        data = file.read(MOST_BYTES + 1)
    return decode(data, name), shown(name)


def open_as_client(
    path: str | os.PathLike[str], *, login: str, product_update: int, sql_release: str, licence: str | None = None
) -> ClientView:
    """Open a returned practice package the way the client's own Exact would. Raises Refused, NotFound, BadFormat."""
    from core.practice.client_side import open_as_client as opened

    if not os.path.lexists(path):
        raise NotFound("file", path=os.fspath(path))
    return opened(path, login=login, product_update=product_update, sql_release=sql_release, licence=licence)


def make_practice(folder: str | os.PathLike[str]) -> Path:
    """Make a practice office in `folder`, or find the one that is there; the path of its settings.

    Raises Refused (key `practice-folder`) for a folder that holds anything else.
    """
    from core.practice.office import make_practice as make

    return make(folder)


def config_init(path: str | os.PathLike[str] | None = None) -> Path:
    """Write a commented settings file where there is none. Raises Refused."""
    from core.settings import config_init as write

    return write(path or DEFAULT_CONFIG)


def closed_office(config: str | None = None, **overrides: object) -> Office:
    """The office that the settings describe, not opened and not made: to check one that cannot be opened.

    Raises SettingsError, NotFound or Unreadable: without settings there is nothing to look at.
    """
    from core.office.desk import Office
    from core.settings import load

    return Office(load(config, overrides))


def config_check(config: str | None = None, **overrides: object) -> Path | None:
    """Read the settings and everything they name that rules need; the file that was read.

    Raises SettingsError, NotFound or Unreadable.
    """
    from core.intake.rooms import tables_of
    from core.settings import load

    settings = load(config, overrides)
    tables_of(settings)
    return settings.config_path


def config_show(config: str | None = None, **overrides: object) -> tuple[Origin, ...]:
    """Every setting in effect, secrets masked, and where it came from."""
    from core.settings import load, origins

    return origins(load(config, overrides))
