"""`wissel check` at each SQL Server target: asked now, what it says against what we need. Nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from core.errors import WisselError
from core.intake.probed import differences
from core.intake.rooms import tables_of
from core.model import Probe, Probed, Target
from core.office.finding import Finding
from core.settings import Settings, TargetSettings

LOGIN_SECONDS = 8
"""Longer than this a check does not wait for a login, whatever the settings allow."""
SECONDS = 15.0
"""After this long the check of one instance has failed."""
NAMED = 5
"""Of databases that do not belong there."""
_UNSEEN = {"missing": "server.exchange.missing", "denied": "server.exchange.denied"}
LOW_BYTES = 5 << 30
"""Below this much room two large administrations would not fit."""


def server_names(settings: Settings) -> tuple[str, ...]:
    """The targets whose instance is asked: a practice office calls nobody."""
    if settings.practice:
        return ()
    return tuple(each.name for each in settings.targets if each.engine == "sqlserver" and each.instance is not None)


def server(settings: Settings, name: str) -> Iterator[Finding]:
    """Everything there is to say of one instance, a finding each."""
    from core.operations.engines import target_of
    from core.operations.servers import ask

    declared = target_of(settings, name)
    target = declared.to_target()
    try:
        found = ask(settings, name, login_seconds=LOGIN_SECONDS)
    except WisselError as error:
        yield Finding(ok=False, key="server.silent", params={"name": name}, error=error)
        return
    yield Finding(ok=True, key="server.ok", params=_summary(name, found))
    findings = [
        *_differs(settings, target, found),
        *_rights(name, found),
        *_isolation(target, found),
        *_line(name, declared, found),
        *_exchange(name, declared, found),
    ]
    if found.free_bytes is not None and found.free_bytes < LOW_BYTES:
        findings.append(Finding(ok=None, key="server.low", params={"name": name, "free": _size(found.free_bytes)}))
    yield from findings


def _summary(name: str, found: Probe) -> dict[str, str | int]:
    return {
        "name": name,
        "version": found.version or "?",
        "edition": found.edition_said or "?",
        "collation": found.collation or "?",
        "free": "?" if found.free_bytes is None else _size(found.free_bytes),
    }


def _differs(settings: Settings, target: Target, found: Probe) -> Iterator[Finding]:
    probed = Probed(target.name, target.instance or "", datetime.now(UTC), found)
    for fact, (declared, said) in differences(target, probed, tables_of(settings)).items():
        params = {"name": target.name, "fact": fact, "declared": declared, "said": said}
        yield Finding(ok=False, key="server.differs", params=params)


def _rights(name: str, found: Probe) -> Iterator[Finding]:
    from core.administration.sqlserver.probe import missing_rights, missing_wishes

    missing = missing_rights(found)
    login = {"name": name, "login": found.login or "?"}
    if missing:
        yield Finding(ok=False, key="server.rights", params={**login, "rights": ", ".join(missing)})
    wished = missing_wishes(found)
    if wished:
        yield Finding(ok=None, key="server.blind", params={**login, "rights": ", ".join(wished)})
    if found.rights.get("sysadmin"):
        yield Finding(ok=None, key="server.sysadmin", params=login)


def _isolation(target: Target, found: Probe) -> Iterator[Finding]:
    from core.administration.sqlserver.probe import risky, strangers

    others = strangers(found)
    if others:
        named = ", ".join(others[:NAMED]) + ("" if len(others) <= NAMED else ", ...")
        params: dict[str, str | int] = {"name": target.name, "count": len(others), "names": named}
        key = "server.strangers" if target.isolated else "server.company"
        yield Finding(ok=False if target.isolated else None, key=key, params=params)
    options = risky(found)
    if options:
        yield Finding(ok=None, key="server.options", params={"name": target.name, "options": ", ".join(options)})


def _line(name: str, declared: TargetSettings, found: Probe) -> Iterator[Finding]:
    if declared.encrypt == "no":
        yield Finding(ok=None, key="server.plain", params={"name": name})
    elif not found.certificate_checked:
        yield Finding(ok=None, key="server.unchecked", params={"name": name, "driver": found.driver})


def _exchange(name: str, declared: TargetSettings, found: Probe) -> Iterator[Finding]:
    if declared.route == "guided":
        return
    here, there = declared.exchange_here, declared.exchange_there
    if here is None or there is None:
        yield Finding(ok=None, key="server.exchange.none", params={"name": name})
        return
    folder = os.fspath(here)
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(ok=False, key="server.exchange.here", params={"name": name, "path": folder})
    if found.exchange in _UNSEEN:
        params = {"name": name, "path": there, "account": found.account or "?"}
        yield Finding(ok=False, key=_UNSEEN[found.exchange], params=params)


def _size(size: int) -> str:
    return f"{size / (1 << 30):.1f} GB"
