"""What a SQL Server instance said of itself when it was last asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.model.around import Target
from core.model.operation import Params


@dataclass(frozen=True, slots=True)
class Volume:
    """A disk of the server, as far as SQL Server tells."""

    mount: str
    r"""`D:\`, a mount point, or `/var/opt/mssql`."""
    free: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class ServerDatabase:
    """A database beside the system's own."""

    name: str
    state: str
    """As the server says it: `ONLINE`, `RESTORING`, ..."""
    globe: bool | None = None
    """Does it have Globe's tables? None: our login may not look."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One instance, asked once. None or empty = it did not say; `gaps` names what could not be asked."""

    version: str
    """Product version: `15.0.4382.1`."""
    internal_version: int | None = None
    """Of the databases it makes."""
    edition: str | None = None
    """In the words of the settings: `express`, `standard`, ..."""
    edition_said: str = ""
    """In the server's own: `Express Edition (64-bit)`."""
    collation: str = ""
    data_path: str = ""
    """Default folder at the server for data files; `log_path` and `backup_path` alike."""
    log_path: str = ""
    backup_path: str = ""
    separator: str = ""
    r"""`\` or `/`."""
    volumes: tuple[Volume, ...] = ()
    free_bytes: int | None = None
    """On the volume where data files go."""
    login: str = ""
    """Who we are there."""
    account: str = ""
    """Who the service of SQL Server is on its own machine: it opens back-ups and data files."""
    rights: Mapping[str, bool] = field(default_factory=dict)
    """Server permission or role of our login -> does it have it?"""
    databases: tuple[ServerDatabase, ...] = ()
    options: Mapping[str, int] = field(default_factory=dict)
    """Server option in use (`sys.configurations`), as far as it concerns us."""
    exchange: str = ""
    """The exchange folder as the service sees it: `seen`, `missing`, `denied`, `unknown`; empty: none was asked for."""
    driver: str = ""
    """The ODBC driver that was used."""
    certificate_checked: bool = False
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Probed:
    """What the register keeps of a target's probes: the last one that worked, and the trouble since, if any."""

    target: str
    instance: str
    """Where it was asked: another instance in the settings makes an old probe worthless."""
    at: datetime | None = None
    """When `probe` was made."""
    probe: Probe | None = None
    tried_at: datetime | None = None
    """When it was last asked, whatever came of it."""
    problem: str = ""
    """Key of the error of that last time; empty: it worked."""
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target as the rules see it, and what its instance said."""

    target: Target
    probed: Probed | None = None
    differs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Fact -> what the settings say, what the server says; where they differ."""
    release: str | None = None
    """SQL Server release by the server's own answer."""
    limit_bytes: int | None = None
    """What the data files of one database may hold there (Express); None: no such limit, or not known."""
