"""From the settings to the engine of a target.

An embedded administration is a file in `<office>/administrations/<target>`, a working copy one in `<office>/work`.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from core.administration.engine import Engine
from core.errors import NotFound, Refused
from core.operations.outbox import tidy
from core.settings import Settings

ADMINISTRATIONS, WORK = "administrations", "work"


def engine_of(settings: Settings, target: str) -> Engine:
    """The engine of a target. Raises NotFound (`target`), Refused (`target-guided`: Globe's wizard works there)."""
    from core.administration.embedded import EmbeddedEngine

    found = next((each for each in settings.targets if each.name == target), None)
    if found is None:
        raise NotFound("target", name=target)
    if found.engine != "embedded":
        raise Refused("target-guided", target=target)
    office = os.fspath(settings.office)
    return EmbeddedEngine(os.path.join(office, ADMINISTRATIONS, tidy(found.name)), work_folder(settings))


def engines(settings: Settings) -> Callable[[str], Engine]:
    """The same, for a bench."""
    return lambda target: engine_of(settings, target)


def work_folder(settings: Settings) -> str:
    """Where working copies and packages are made."""
    return os.path.join(os.fspath(settings.office), WORK)
