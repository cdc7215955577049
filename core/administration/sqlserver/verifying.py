"""Is a package that lies there already the one that we made of a working copy? A killed step asks, and no other."""

from __future__ import annotations

from core.administration.engine import Work
from core.formats.backup import inspect
from core.formats.report import Payload


def is_back_up_of(path: str, name: str, work: Work) -> bool:
    """Whole, undamaged, and of the database `name` or one that was laid down from it: no other ever had that name."""
    found = inspect(path, whole=True, cancel=work.stopping)
    names = {each for payload in found.payloads for each in _names(payload)}
    return bool(names) and names <= {name, f"{name}-files"} and found.complete and not found.damaged


def _names(payload: Payload) -> list[str | None]:
    if payload.data_file is not None:
        # A second data file does not say whose it is.
        return [payload.data_file.database] if payload.data_file.primary else []
    return [each.database for each in payload.media.sets] if payload.media else []
