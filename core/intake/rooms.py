"""What the settings mean for the rooms below: where register, vault and log are, and the tables in force."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import RegisterError
from core.files import private_dir
from core.intake.judging import Judge
from core.intake.probed import known_targets
from core.model import Firm, Target
from core.register.register import Register, register_file
from core.settings import Settings
from core.triage.releases import Tables, load_tables

if TYPE_CHECKING:
    from core.intake.settle import Patience
    from core.intake.vault import Vault


def open_register(settings: Settings, *, who: str, create: bool) -> Register:
    """The office's register; `create` makes the office folder and the register when they are not there.

    Looking comes first: making would wait for whoever writes just now.
    """
    if settings.register_url is None:
        url: str | Path = Path(register_file(settings.office))
    else:
        url = settings.register_url
    password = settings.register_password.read() if settings.register_password else None
    try:
        return Register.open(url, password=password, who=who)
    except RegisterError as error:
        if not create or error.key not in {"register-missing", "register-older"}:
            raise
        if error.key == "register-older":
            return Register.open(url, create=True, password=password, who=who)
    private_dir(settings.office)
    if settings.register_url is None and _has_originals(settings):
        # A new register would count from D-0001 again, over the originals of others.
        raise RegisterError("register-lost", place=register_file(settings.office))
    return Register.open(url, create=True, password=password, who=who)


def register_stamp(settings: Settings) -> tuple[int, int] | None:
    """The file that the register is now; another answer later: somebody took it away, or put another one there."""
    if settings.register_url is not None:
        return None
    try:
        info = os.stat(register_file(settings.office))
    except OSError:
        return None
    return info.st_dev, info.st_ino


def _has_originals(settings: Settings) -> bool:
    try:
        with os.scandir(vault_of(settings).folder) as entries:
            return any(os.path.lexists(os.path.join(entry.path, "original")) for entry in entries)
    except OSError:
        return False


def vault_of(settings: Settings) -> Vault:
    """The vault, inside the office folder."""
    from core.intake.vault import Vault

    return Vault(os.path.join(settings.office, "vault"))


def log_file(settings: Settings) -> str:
    """The worker's log."""
    return os.path.join(settings.office, "worker.log")


def patience_of(settings: Settings) -> Patience:
    """How long to wait for the rest of a file."""
    from core.intake.settle import Patience

    return Patience(settings.settle_seconds, settings.patience_seconds)


def tables_of(settings: Settings) -> Tables:
    """The shipped tables with the firm's rows over them. Raises SettingsError."""
    return load_tables(settings.tables)


def judge_of(settings: Settings, register: Register) -> Judge:
    """Who gives the verdicts of this office."""
    tables = tables_of(settings)
    return Judge(register, targets_of(settings, register, tables), tables, firm_of(settings))


def targets_of(
    settings: Settings, register: Register, tables: Tables, at: datetime | None = None
) -> tuple[Target, ...]:
    """The targets in the order of the settings, with what their instances last said where the settings are silent."""
    if all(target.engine != "sqlserver" for target in settings.targets):
        return settings.all_targets()
    return known_targets(settings, register.probed(), tables, at or datetime.now(UTC))


def firm_of(settings: Settings) -> Firm:
    """The firm's own identity, which has no business in what a client sends."""
    return Firm(settings.firm.users, settings.firm.licence)


def looking_folder(settings: Settings) -> str:
    """Where rows are looked into: scratch files, inside the office folder."""
    return os.path.join(settings.office, "looking")
