"""From the settings to the SQL Server instance of a target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import Refused
from core.model import Probe
from core.operations.engines import target_of
from core.settings import Settings

if TYPE_CHECKING:
    from core.administration.sqlserver.connecting import Connector


def connector_of(settings: Settings, target: str) -> Connector:
    """The line to a target's instance; nothing is connected yet.

    Raises NotFound (`target`), Refused (`target-no-instance`; `target-practice`: a practice office calls nobody).
    """
    from core.administration.sqlserver.connecting import Connector, access_of

    found = target_of(settings, target)
    access = access_of(found)
    if settings.practice:
        raise Refused("target-practice", target=found.name)
    return Connector(access)


def ask(settings: Settings, target: str, *, login_seconds: int | None = None) -> Probe:
    """Ask a target's instance about itself, now. `login_seconds`: at most so long for the login.

    Raises what `connector_of` and `probe` raise.
    """
    from core.administration.sqlserver.connecting import Connector
    from core.administration.sqlserver.probe import probe

    connector = connector_of(settings, target)
    if login_seconds is not None:
        access = connector.access
        connector = Connector(replace(access, login_seconds=min(login_seconds, access.login_seconds)))
    return probe(connector)
