"""From the settings to the engine of a target.

An embedded administration is a file in `<office>/administrations/<target>`, a working copy one in `<office>/work`.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from core.administration.engine import Engine
from core.errors import NotFound, Refused
from core.model.profile import PRACTICE, IdentityProfile
from core.operations.outbox import tidy
from core.settings import Settings, TargetSettings

ADMINISTRATIONS, WORK = "administrations", "work"


def target_of(settings: Settings, target: str) -> TargetSettings:
    """What the settings say of a target. Raises NotFound (`target`)."""
    found = next((each for each in settings.targets if each.name == target), None)
    if found is None:
        raise NotFound("target", name=target)
    return found


def engine_of(settings: Settings, target: str) -> Engine:
    """The engine of a target. Raises NotFound (`target`), SettingsError and DriverMissing for a SQL Server."""
    found = target_of(settings, target)
    if found.engine == "embedded":
        from core.administration.embedded import EmbeddedEngine

        office = os.fspath(settings.office)
        return EmbeddedEngine(os.path.join(office, ADMINISTRATIONS, tidy(found.name)), work_folder(settings))
    from core.administration.sqlserver.connecting import access_of
    from core.administration.sqlserver.engine import SqlServerEngine

    return SqlServerEngine(access_of(found))


def profile_of(settings: Settings, target: str) -> IdentityProfile:
    """Where users and licence stand in what is at a target. Raises NotFound."""
    found = target_of(settings, target)
    return PRACTICE if found.engine == "embedded" else found.profile or IdentityProfile()


def engines(settings: Settings) -> Callable[[str], Engine]:
    """The same, for a bench."""
    return lambda target: engine_of(settings, target)


def work_folder(settings: Settings) -> str:
    """Where working copies and packages are made."""
    return os.path.join(os.fspath(settings.office), WORK)


def exchange_of(settings: Settings, target: str) -> str:
    """The folder that a SQL Server target and this console both see. Raises NotFound, Refused (`exchange-none`)."""
    found = target_of(settings, target)
    if found.exchange_here is None:
        raise Refused("exchange-none", target=target)
    return os.fspath(found.exchange_here)
