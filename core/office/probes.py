"""What each check of `wissel check` looks at. Probes only look: nothing is made or repaired here."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib import import_module

from core.errors import VaultError, WisselError
from core.intake.inbox import scan
from core.intake.reading import whole
from core.intake.rooms import log_file, open_register, tables_of, targets_of, vault_of
from core.model import Target
from core.office.finding import Finding
from core.office.servers import server, server_names
from core.operations.lock import WorkerLock
from core.register.register import Register
from core.settings import Settings
from core.triage.releases import Tables

LOW_BYTES = 5 << 30
"""Below this much room the vault could not take two large deliveries."""
SAMPLE_BYTES = 64 << 20
"""Originals proven by `check`: the newest, until this much was read."""
SAMPLES = 20
BEHIND_SECONDS = 120.0


def _register(settings: Settings) -> Iterator[Finding]:
    started = time.monotonic()
    try:
        register = _open(settings)
    except WisselError as error:
        yield Finding(ok=False, key="register.bad", error=error)
        return
    try:
        register.pulse()
        yield Finding(ok=True, key="register.ok", params={"seconds": f"{time.monotonic() - started:.2f}"})
    finally:
        register.close()


def _custody(settings: Settings) -> Iterator[Finding]:
    with _opened(settings) as register:
        broken = register.verify_custody()
        if broken is not None:
            yield Finding(ok=False, key="custody.broken", params={"seq": broken})
            return
        lines = register.custody(1)
        yield Finding(ok=True, key="custody.ok", params={"lines": lines[0].seq if lines else 0})


def _office(settings: Settings) -> Iterator[Finding]:
    path = os.fspath(settings.office)
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        yield Finding(ok=None, key="office.missing", params={"path": path})
        return
    if os.name != "nt" and mode & 0o077:
        yield Finding(ok=False, key="office.open", params={"path": path, "mode": f"{mode:03o}"})
    elif not os.access(path, os.W_OK | os.X_OK):
        yield Finding(ok=False, key="office.unwritable", params={"path": path})
    else:
        yield Finding(ok=True, key="office.ok", params={"path": path})


def _settings(settings: Settings) -> Iterator[Finding]:
    path = settings.config_path
    if path is None:
        yield Finding(ok=None, key="settings.none")
        return
    mode = stat.S_IMODE(os.stat(path).st_mode)
    bad = os.name != "nt" and bool(mode & 0o022)
    params = {"path": str(path), "mode": f"{mode:03o}"}
    yield Finding(ok=not bad, key="settings.open" if bad else "settings.ok", params=params)


def _space(settings: Settings) -> Iterator[Finding]:
    place = settings.office if os.path.isdir(settings.office) else os.path.dirname(settings.office)
    free = shutil.disk_usage(place).free
    enough = free >= LOW_BYTES
    yield Finding(ok=enough, key="space.ok" if enough else "space.low", params={"free": f"{free / (1 << 30):.1f} GB"})


def _inboxes(settings: Settings) -> Iterator[Finding]:
    if not settings.inboxes:
        yield Finding(ok=False, key="inbox.none")
    for inbox in settings.inboxes:
        path = os.fspath(inbox.path)
        if not os.path.isdir(path):
            yield Finding(ok=False, key="inbox.missing", params={"path": path})
            continue
        try:
            listing = scan(path)
        except WisselError as error:
            yield Finding(ok=False, key="inbox.unreadable", params={"path": path}, error=error)
            continue
        if settings.after_sealing == "move" and not os.access(path, os.W_OK | os.X_OK):
            yield Finding(ok=False, key="inbox.unwritable", params={"path": path})
        elif listing.strays:
            names = ", ".join(f"{stray.name!a} ({stray.what})" for stray in listing.strays[:5])
            yield Finding(
                ok=None, key="inbox.strays", params={"path": path, "count": len(listing.strays), "names": names}
            )
        else:
            yield Finding(ok=True, key="inbox.ok", params={"path": path, "files": len(listing.files)})


def _outbox(settings: Settings) -> Iterator[Finding]:
    if settings.outbox is None:
        yield Finding(ok=None, key="outbox.none")
        return
    path = os.fspath(settings.outbox)
    if not os.path.isdir(path):
        yield Finding(ok=False, key="outbox.missing", params={"path": path})
    elif not os.access(path, os.W_OK | os.X_OK):
        yield Finding(ok=False, key="outbox.unwritable", params={"path": path})
    else:
        yield Finding(ok=True, key="outbox.ok", params={"path": path})


def _worker(settings: Settings) -> Iterator[Finding]:
    alive = WorkerLock(os.fspath(settings.office)).held()
    yield Finding(ok=alive, key="worker.ok" if alive else "worker.dead", params={"log": log_file(settings)})


def _clock(settings: Settings) -> Iterator[Finding]:
    with _opened(settings) as register:
        last = next(iter(register.custody(1)), None)
        behind = (last.at - datetime.now(UTC)).total_seconds() if last else 0.0
        bad = behind > BEHIND_SECONDS
        yield Finding(ok=not bad, key="clock.back" if bad else "clock.ok", params={"seconds": int(behind)})


def _targets(settings: Settings) -> Iterator[Finding]:
    if not settings.targets:
        yield Finding(ok=False, key="targets.none")
        return
    for target, tables in _known(settings):
        needed = {"sql_release": target.sql_release, "product_update": target.product_update, "family": target.family}
        if target.engine == "sqlserver":
            needed |= {"edition": target.edition, "accountancy": target.accountancy}
        gaps = [name for name, value in needed.items() if value is None]
        if target.sql_release and tables.of_label(target.sql_release) is None:
            params = {"name": target.name, "release": target.sql_release}
            yield Finding(ok=False, key="target.release", params=params)
        elif gaps:
            yield Finding(ok=None, key="target.gaps", params={"name": target.name, "facts": ", ".join(gaps)})
        elif target.engine == "sqlserver" and not target.isolated:
            yield Finding(ok=None, key="target.shared", params={"name": target.name})
        else:
            release, update = target.sql_release or "?", target.product_update or 0
            yield Finding(ok=True, key="target.ok", params={"name": target.name, "release": release, "update": update})


def _known(settings: Settings) -> Iterator[tuple[Target, Tables]]:
    """The targets with what their instances last said, where there is a register that knows."""
    tables = tables_of(settings)
    try:
        with _opened(settings) as register:
            targets = targets_of(settings, register, tables)
    except WisselError:  # the check of the register itself says why
        targets = settings.all_targets()
    yield from ((target, tables) for target in targets)


def _tables(settings: Settings) -> Iterator[Finding]:
    try:
        tables = tables_of(settings)
    except WisselError as error:
        yield Finding(ok=False, key="tables.bad", error=error)
        return
    newest = tables.releases[-1].label
    yield Finding(ok=True, key="tables.ok", params={"releases": len(tables.releases), "newest": newest})


def _driver(settings: Settings) -> Iterator[Finding]:
    servers = [target.name for target in settings.targets if target.engine == "sqlserver"]
    params = {"names": ", ".join(servers)}
    if not servers:
        yield Finding(ok=True, key="driver.unneeded")
    elif settings.practice:
        yield Finding(ok=True, key="driver.practice", params=params)
    else:
        what, todo = missing_driver()
        if what:
            yield Finding(ok=False, key="driver.missing", params={**params, "what": what, "todo": todo})
        else:
            yield Finding(ok=True, key="driver.ok", params=params)


def missing_driver() -> tuple[str, str]:
    """What a SQL Server target lacks on this machine, and the command that brings it; empty: nothing.

    Only an import tells: some builds of pyodbc bring their own libodbc, others need the system's.
    """
    try:
        import_module("pyodbc")
    except ModuleNotFoundError:
        return "pyodbc", "pip install pyodbc"
    except ImportError:
        return "libodbc", "apt install unixodbc"
    return "", ""


def _arrivals(settings: Settings) -> Iterator[Finding]:
    with _opened(settings) as register:
        now = datetime.now(UTC)
        longest = max(settings.patience_seconds, 60.0)
        old = [each for each in register.open_arrivals() if (now - each.arrived_at).total_seconds() > longest]
        if old:
            params: dict[str, str | int] = {"count": len(old), "minutes": int(longest // 60), "id": old[0].id}
            yield Finding(ok=False, key="arrivals.stale", params=params)
        else:
            yield Finding(ok=True, key="arrivals.ok")


def _vault(settings: Settings) -> Iterator[Finding]:
    vault, count, room = vault_of(settings), 0, SAMPLE_BYTES
    with _opened(settings) as register:
        for row in register.page(limit=SAMPLES)[0]:
            record = register.delivery(row.id)
            if record.sha256 is None or row.size > room:
                continue
            try:
                vault.verify(row.id, record.sha256, whole(record.file_name))
            except VaultError as error:
                key = "vault.changed" if error.key == "vault-changed" else "vault.missing"
                yield Finding(ok=False, key=key, params={"id": row.id})
                return
            count, room = count + 1, room - row.size
    yield Finding(ok=True, key="vault.ok", params={"count": count})


PROBES: dict[str, Callable[[Settings], Iterable[Finding]]] = {
    "register": _register,
    "custody": _custody,
    "office": _office,
    "settings": _settings,
    "space": _space,
    "inbox": _inboxes,
    "outbox": _outbox,
    "worker": _worker,
    "clock": _clock,
    "targets": _targets,
    "tables": _tables,
    "driver": _driver,
    "arrivals": _arrivals,
    "vault": _vault,
}
"""Name -> probe, in the order in which they are shown."""


def all_probes(settings: Settings) -> dict[str, Callable[[Settings], Iterable[Finding]]]:
    """Those, and one for each SQL Server instance: `server:NAME`."""
    servers = {f"server:{name}": partial(server, name=name) for name in server_names(settings)}
    return PROBES | servers


@contextmanager
def _opened(settings: Settings) -> Iterator[Register]:
    """A register for the length of a block; each probe has its own, for each may hang."""
    register = _open(settings)
    try:
        yield register
    finally:
        register.close()


def _open(settings: Settings) -> Register:
    return open_register(settings, who="wissel", create=False)
