"""What the targets' instances last said of themselves. A probe that fails leaves the one before, and says why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.errors import WisselError
from core.model import Probe, Probed, ServerDatabase, Volume
from core.register import codec
from core.register.codec import typed
from core.register.engine import Writing
from core.register.schema import probes

_TEXTS = (
    "version", "edition_said", "collation", "data_path", "log_path", "backup_path", "separator", "login", "account",
    "exchange", "driver",
)  # fmt: skip


def probed(connection: sa.Connection) -> dict[str, Probed]:
    """All of them, by target."""
    return {row.target: _probed(row) for row in connection.execute(sa.select(probes))}


def save(work: Writing, target: str, instance: str, at: datetime, found: Probe | WisselError) -> None:
    """Keep what came of a probe. One of another instance than before forgets what that one said."""
    same = probes.c.target == target
    before = work.connection.execute(sa.select(probes.c.instance).where(same)).scalar()
    if isinstance(found, Probe):
        values = {"at": at, "probe": dump_probe(found), "problem": "", "params": codec.dump_params({})}
    else:
        params = {name: value for name, value in found.params.items() if isinstance(value, str | int)}
        values = {"problem": found.key, "params": codec.dump_params(params)}
        if before != instance:
            values |= {"at": None, "probe": None}
    values |= {"instance": instance, "tried_at": at}
    if before is None:
        work.execute(sa.insert(probes).values(target=target, **values))
    else:
        work.execute(sa.update(probes).where(same).values(values))


def dump_probe(probe: Probe) -> str:
    """A probe as a paper."""
    return codec.pack(
        **{name: getattr(probe, name) for name in _TEXTS},
        internal_version=probe.internal_version,
        edition=probe.edition,
        volumes=[[each.mount, each.free] for each in probe.volumes],
        free_bytes=probe.free_bytes,
        rights=dict(probe.rights),
        databases=[[each.name, each.state, each.globe] for each in probe.databases],
        options=dict(probe.options),
        certificate_checked=probe.certificate_checked,
        gaps=list(probe.gaps),
    )


def load_probe(text: str) -> Probe:
    """The probe of `dump_probe`. Raises RegisterError."""
    return codec.unpack(text, _read)


def _read(data: dict[str, Any]) -> Probe:
    return Probe(
        **{name: typed(data[name], str) for name in _TEXTS},
        internal_version=_maybe(data["internal_version"], int),
        edition=_maybe(data["edition"], str),
        volumes=tuple(Volume(typed(mount, str), typed(free, int)) for mount, free in data["volumes"]),
        free_bytes=_maybe(data["free_bytes"], int),
        rights={typed(name, str): typed(has, bool) for name, has in typed(data["rights"], dict).items()},
        databases=tuple(
            ServerDatabase(typed(name, str), typed(state, str), _maybe(globe, bool))
            for name, state, globe in data["databases"]
        ),
        options={typed(name, str): typed(value, int) for name, value in typed(data["options"], dict).items()},
        certificate_checked=typed(data["certificate_checked"], bool),
        gaps=tuple(typed(each, str) for each in data["gaps"]),
    )


def _maybe(value: object, kind: type[codec.T]) -> codec.T | None:
    return None if value is None else typed(value, kind)


def _probed(row: sa.Row[Any]) -> Probed:
    return Probed(
        target=row.target,
        instance=row.instance,
        at=row.at,
        probe=None if row.probe is None else load_probe(row.probe),
        tried_at=row.tried_at,
        problem=row.problem,
        params=codec.load_params(row.params),
    )
