"""What one check of `wissel check` found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import WisselError


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of the catalogue (`check.<key>`) and its parameters. `ok` None: not known, or worth a look."""

    ok: bool | None
    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    error: WisselError | None = None
