"""Asking one instance about itself. Only looks, in short questions; what may not be asked is a gap, no error."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from core.administration.sqlserver import paths, running, statements
from core.administration.sqlserver.connecting import Connector, checks_certificate
from core.administration.sqlserver.running import Row
from core.errors import BadFormat, Cancelled, NotFound, Refused, SettingsError, Unreadable, WisselError
from core.model import Probe, ServerDatabase, Volume
from core.texts.shown import shown

if TYPE_CHECKING:
    import pyodbc

SECONDS = 10
"""Of one question."""
DATABASES = 200
"""At most so many databases are looked into for Globe's tables."""
OPTIONS = (
    "xp_cmdshell", "clr enabled", "clr strict security", "cross db ownership chaining", "Ole Automation Procedures",
    "external scripts enabled", "Ad Hoc Distributed Queries", "scan for startup procs",
    "contained database authentication", "backup compression default",
)  # fmt: skip
RISKY = tuple(each for each in OPTIONS if each not in {"clr strict security", "backup compression default"})
"""Through these a stranger's database could reach beyond itself when they are on."""
NEEDED = ("create_any_database",)
"""Without these rights nothing can be restored."""
WISHED = ("view_server_state", "view_server_performance_state")
"""Without any of these, progress and free bytes stay unknown; the first shows the service's account as well."""
_SYSTEM = frozenset(
    {"master", "tempdb", "model", "msdb", "distribution", "ssisdb", "reportserver", "reportservertempdb"}
)
_EDITIONS = (
    ("express", "express"), ("business intelligence", "business-intelligence"), ("datacenter", "datacenter"),
    ("data center", "datacenter"), ("workgroup", "workgroup"), ("evaluation", "evaluation"),
    ("developer", "developer"), ("enterprise", "enterprise"), ("standard", "standard"), ("web", "web"),
)  # fmt: skip
_UNHEARD = ("connection-lost", "server-timeout", "server-no-answer", "server-unreachable", "server-deaf")
_GLOBE_TABLES = 4


def probe(connector: Connector, seconds: int = SECONDS) -> Probe:
    """Ask the instance everything that we want to know; each question may take so many seconds.

    Raises what `Connector.connect` raises, and Unreadable when the line drops on the way.
    """
    with closing(connector.connect(seconds=seconds)) as connection:
        return _Probing(connector, connection).probe()


class _Probing:
    """One connection, one question after the other."""

    def __init__(self, connector: Connector, connection: pyodbc.Connection) -> None:
        self._connector = connector
        self._connection = connection
        self._gaps: list[str] = []

    def probe(self) -> Probe:
        server = self._ask("server", statements.SERVER)
        said = next(iter(server), {})
        rights = next(iter(self._ask("rights", statements.RIGHTS)), {})
        data, log = self._folders(said)
        volumes = self._volumes()
        driver = self._connector.driver()
        there = data or log
        return Probe(
            version=_text(said.get("version")),
            internal_version=said.get("internal_version"),
            edition=edition_of(_text(said.get("edition"))),
            edition_said=_text(said.get("edition")),
            collation=_text(said.get("collation")),
            data_path=data,
            log_path=log,
            backup_path=_text(said.get("backup_path")),
            separator=paths.separator_of(there) if there else "",
            volumes=volumes,
            free_bytes=free_at(self._connector.access.data_path or data, volumes),
            login=_text(said.get("login")),
            account=self._account(),
            rights={name: bool(value) for name, value in rights.items() if value is not None},
            databases=self._databases(),
            options={
                row["name"]: int(row["value"])
                for row in self._ask("options", statements.OPTIONS)
                if row["name"] in OPTIONS and row["value"] is not None
            },
            exchange=self._exchange(),
            driver=shown(driver),
            certificate_checked=checks_certificate(self._connector.access, driver),
            gaps=tuple(self._gaps),
        )

    def _ask(self, gap: str, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        """The rows, or none and a gap: a right or a view that is not there. A line that is down goes on as an error."""
        try:
            return running.rows(self._connection, statement, parameters, target=self._connector.target)
        except Cancelled:
            raise
        except WisselError as error:
            if error.key in _UNHEARD:
                raise
            self._gaps.append(gap)
            return []

    def _folders(self, said: Row) -> tuple[str, str]:
        """Where data and log files go by default: before 2012 only where the system's own are."""
        data, log = _text(said.get("data_path")), _text(said.get("log_path"))
        if data and log:
            return data, log
        files = self._ask("paths", statements.FILES_OF, (1,))
        found = {row["type_desc"]: paths.folder(_text(row["physical_name"])) for row in files}
        return data or found.get("ROWS", ""), log or found.get("LOG", "")

    def _volumes(self) -> tuple[Volume, ...]:
        found = self._ask("volumes", statements.FREE_BYTES)
        if found:
            return tuple(Volume(_text(row["volume_mount_point"]), int(row["available_bytes"])) for row in found)
        drives = self._ask("drives", statements.FIXED_DRIVES)
        # By place: the column of free megabytes is called after its unit, `MB free`.
        pairs = [tuple(row.values())[:2] for row in drives]
        return tuple(Volume(f"{_text(letter)}:\\", int(free) << 20) for letter, free in pairs)

    def _account(self) -> str:
        for row in self._ask("account", statements.SERVICES):
            # The instance asks for itself: of several services only its own engine runs sqlservr.
            if "sqlservr" in _text(row.get("filename")).casefold():
                return _text(row.get("service_account"))
        return ""

    def _databases(self) -> tuple[ServerDatabase, ...]:
        rows = self._ask("databases", statements.DATABASES)
        own = [row for row in rows if row["name"].casefold() not in _SYSTEM]
        return tuple(
            ServerDatabase(
                shown(row["name"]),
                _text(row["state_desc"]),
                self._globe(row["name"]) if place < DATABASES and row["may_look"] else None,
            )
            for place, row in enumerate(own)
        )

    def _globe(self, name: str) -> bool | None:
        """Has it Globe's tables? None: it cannot be told."""
        try:
            found = running.one(self._connection, statements.globe_tables(name), target=self._connector.target)
        except WisselError as error:
            if error.key in _UNHEARD:
                raise
            return None
        return bool(found.get("tables_found") == _GLOBE_TABLES)

    def _exchange(self) -> str:
        """Does the service see the exchange folder? A file is asked for that cannot be there, and nothing is written.

        Windows tells *no such file* (2) from *no such folder* (3); on Linux 2 is both.
        """
        there = self._connector.access.exchange_there
        if there is None:
            return ""
        try:
            path = paths.join(there, f"wissel-{uuid.uuid4().hex}.bak")
            running.rows(self._connection, statements.label_only(path), target=self._connector.target)
        except NotFound as error:
            windows = paths.separator_of(there) == paths.WINDOWS
            return "seen" if windows and error.params.get("system") == 2 else "missing" if windows else "unknown"
        except (Refused, SettingsError) as error:
            return "denied" if error.key == "server-file-denied" else "unknown"
        except BadFormat:
            return "seen"
        except Unreadable as error:
            if error.key in _UNHEARD:
                raise
        return "unknown"


def edition_of(said: str) -> str | None:
    """The edition in the words of the settings. None: none that we know."""
    folded = said.casefold()
    return next((word for sign, word in _EDITIONS if sign in folded), None)


def free_at(path: str, volumes: Sequence[Volume]) -> int | None:
    """Free bytes on the volume that this path of the server is on: the longest mount point that it lies under."""
    folded = re.sub(r"[\\/]+", "/", path).casefold().rstrip("/") + "/"
    best: tuple[int, int] | None = None
    for volume in volumes:
        mount = re.sub(r"[\\/]+", "/", volume.mount).casefold().rstrip("/") + "/"
        if folded.startswith(mount) and (best is None or len(mount) > best[0]):
            best = (len(mount), volume.free)
    return None if best is None else best[1]


def missing_rights(probe: Probe) -> tuple[str, ...]:
    """Rights without which nothing can be restored and that our login lacks, as Microsoft spells them."""
    if probe.rights.get("sysadmin") or probe.rights.get("dbcreator"):
        return ()
    return tuple(each.replace("_", " ").upper() for each in NEEDED if not probe.rights.get(each, False))


def missing_wishes(probe: Probe) -> tuple[str, ...]:
    """The right without which we are blind, where our login has none that will do: the smallest one of its release."""
    known = [each for each in WISHED if each in probe.rights]
    if probe.rights.get("sysadmin") or any(probe.rights[each] for each in known):
        return ()
    return tuple(each.replace("_", " ").upper() for each in (known or WISHED)[-1:])


def strangers(probe: Probe) -> tuple[str, ...]:
    """Databases that do not belong on an exchange instance: no administration by number, and none of our own making."""
    return tuple(each.name for each in probe.databases if not re.fullmatch(r"\d{3}|wissel-.+", each.name))


def risky(probe: Probe) -> tuple[str, ...]:
    """Options that are on and let a stranger's database reach beyond itself."""
    return tuple(each for each in RISKY if probe.options.get(each))


def _text(value: object) -> str:
    return shown(str(value)) if value is not None else ""
