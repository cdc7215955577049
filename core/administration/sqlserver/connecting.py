"""The line to one instance: which driver, how each driver spells what we want, and a connection set up our way."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from core.administration.sqlserver import messages, statements
from core.errors import DriverMissing, NotFound, Refused, SettingsError, WisselError
from core.texts.shown import shown

if TYPE_CHECKING:
    import pyodbc
    import sqlalchemy as sa

    from core.settings import TargetSettings

MICROSOFT = ("ODBC Driver 18 for SQL Server", "ODBC Driver 17 for SQL Server")
FREETDS = "FreeTDS"
"""As Debian's `tdsodbc` calls itself."""
SYSTEM = "master"
NO_DATABASE = 4060
APPLICATION = "wissel"
"""What a DBA sees in `sys.dm_exec_sessions.program_name`."""


@dataclass(frozen=True, slots=True)
class Access:
    """How one instance is reached and what is agreed with it: what the settings of its target say."""

    target: str
    """Name of the target, for messages."""
    instance: str
    r"""`host`, `host\instance` or `host,port`."""
    driver: str | None = None
    """Name in odbcinst.ini, or path of a driver; None: the best that is installed."""
    authentication: Literal["windows", "sql"] = "windows"
    user: str | None = None
    password: Callable[[], str] | None = field(default=None, repr=False)
    """Asked for at each login; it is kept nowhere."""
    encrypt: Literal["yes", "no", "strict"] = "yes"
    trust_certificate: bool = False
    login_seconds: int = 15
    exchange_here: str | None = None
    """The exchange folder as the console sees it."""
    exchange_there: str | None = None
    """The same folder as the server sees it."""
    data_path: str | None = None
    """Folder at the server for data files; None: the instance's default."""
    log_path: str | None = None
    check_database: Literal["physical", "full", "none"] = "physical"
    compress: bool = False
    """Back-ups that go back may be compressed, where the client can read that."""


def access_of(target: TargetSettings) -> Access:
    """How the instance of a target is reached.

    Raises Refused (`target-no-instance`): it is no SQL Server, or the settings do not say where it is.
    """
    if target.engine != "sqlserver" or target.instance is None:
        raise Refused("target-no-instance", target=target.name)
    return Access(
        target=target.name,
        instance=target.instance,
        driver=target.driver,
        authentication=target.authentication,
        user=target.user,
        password=None if target.password is None else target.password.read,
        encrypt=target.encrypt,
        trust_certificate=target.trust_certificate,
        login_seconds=target.login_seconds,
        exchange_here=None if target.exchange_here is None else os.fspath(target.exchange_here),
        exchange_there=target.exchange_there,
        data_path=target.data_path,
        log_path=target.log_path,
        check_database=target.check_database,
        compress=target.compress,
    )


class Connector:
    """Makes connections to one instance. Nothing is kept open; safe in several threads."""

    def __init__(self, access: Access) -> None:
        self.access = access

    @property
    def target(self) -> str:
        """Name of the target, for messages."""
        return self.access.target

    def driver(self) -> str:
        """Name or path of the driver that is used. Raises DriverMissing (`driver-library`, `driver-none`)."""
        return choose(self.access.driver, load().drivers())

    def connect(self, database: str = SYSTEM, *, autocommit: bool = True, seconds: int = 0) -> pyodbc.Connection:
        """A new connection; the caller closes it.

        `autocommit` for everything administrative: BACKUP, RESTORE and ALTER DATABASE are refused in a transaction
        (3021). `seconds`: how long one statement may take; 0, any time: for these too. The login has its own limit.
        Raises DriverMissing, SettingsError, Refused (`server-login`, `server-certificate`), NotFound
        (`server-database-closed`), Unreadable (`server-unreachable`, `server-no-answer`), Busy.
        """
        library = load()
        text = connection_string(self.access, self.driver(), database)
        try:
            made = library.connect(text, autocommit=autocommit, timeout=self.access.login_seconds)
        except library.Error as problem:
            error = messages.error(problem, self.target, connecting=True)
            if error.key == "server-login" and database.casefold() != SYSTEM:
                self._tell_apart(error, database)
            raise error from None
        try:
            made.timeout = seconds
            # As wide characters, whatever code page the console's own locale has.
            made.setdecoding(library.SQL_CHAR, encoding="utf-16le", ctype=library.SQL_WCHAR)
            cursor = made.cursor()
            cursor.execute(statements.SESSION)
            cursor.close()
            if not autocommit:
                made.rollback()
        except library.Error as problem:
            made.close()
            raise messages.error(problem, self.target, connecting=True) from None
        return made

    def _tell_apart(self, error: WisselError, database: str) -> None:
        """Raises NotFound when it is only the database: FreeTDS reports 18456 where the server said 4060 before."""
        self.connect().close()
        said: dict[str, str | int] = {"number": NO_DATABASE, "text": shown(database)}
        raise NotFound("server-database-closed", **{**error.params, **said}) from None

    def sqlalchemy_engine(self, database: str) -> sa.Engine:
        """SQLAlchemy over such connections, each with a transaction and none kept. Dispose of it.

        At its first connection SQLAlchemy asks statements.SQLALCHEMY_START, and nothing else by itself. The sizes of
        parameters are pyodbc's own affair: as SQLAlchemy declares texts, they would be varchar, and the driver would
        lose what the console's code page lacks; FreeTDS refuses its size 0 (HY090).
        """
        import sqlalchemy as sa
        from sqlalchemy.pool import NullPool

        theirs = logging.getLogger("sqlalchemy")
        if not theirs.handlers:
            # Of a line that drops it would print a traceback; we say it in our own words.
            theirs.addHandler(logging.NullHandler())
        return sa.create_engine(
            "mssql+pyodbc://",
            creator=lambda: self.connect(database, autocommit=False),
            poolclass=NullPool,
            pool_reset_on_return=None,  # who hangs up has undone it; a ROLLBACK that fails there would only be logged
            use_setinputsizes=False,
            fast_executemany=False,  # ends the whole process over FreeTDS
            use_insertmanyvalues=False,
        )


def load() -> ModuleType:
    """pyodbc, with its pooling off: a session that was closed is gone. Raises DriverMissing (`driver-library`)."""
    try:
        import pyodbc
    except ModuleNotFoundError:
        raise DriverMissing("driver-library", what="pyodbc", todo="pip install pyodbc") from None
    except ImportError:
        raise DriverMissing("driver-library", what="libodbc", todo="apt install unixodbc") from None
    pyodbc.pooling = False
    library: ModuleType = pyodbc
    return library


def choose(wanted: str | None, installed: list[str]) -> str:
    """The driver to use: the one in the settings, else Microsoft's newest, else FreeTDS.

    A path is taken as it is. Raises DriverMissing (`driver-none`, `driver-unknown`).
    """
    if wanted is not None:
        if os.path.isabs(wanted):
            if not os.path.isfile(wanted):
                raise DriverMissing("driver-unknown", driver=shown(wanted), installed=", ".join(installed) or "-")
            return wanted
        found = next((each for each in installed if each.casefold() == wanted.casefold()), None)
        if found is None:
            raise DriverMissing("driver-unknown", driver=shown(wanted), installed=", ".join(installed) or "-")
        return found
    for name in (*MICROSOFT, FREETDS):
        if name in installed:
            return name
    raise DriverMissing("driver-none", installed=", ".join(installed) or "-")


def is_freetds(driver: str) -> bool:
    """Does this driver speak FreeTDS' dialect of connection strings?"""
    name = os.path.basename(driver).casefold()
    return "freetds" in name or "tdsodbc" in name


def checks_certificate(access: Access, driver: str) -> bool:
    """Is the server's certificate checked? FreeTDS encrypts, but takes any certificate."""
    return access.encrypt != "no" and not access.trust_certificate and not is_freetds(driver)


def connection_string(access: Access, driver: str, database: str) -> str:
    """What this driver wants to hear. The password is in it: never to be shown or kept.

    Raises SettingsError (`driver-strict`, `server-user`, `server-value`), and what reading the password raises.
    """
    free = is_freetds(driver)

    def value(what: str, text: str) -> str:
        # FreeTDS ends a value at the first `};` and keeps doubled braces; the others want them doubled.
        if "\0" in text or (free and "};" in text):
            raise SettingsError("server-value", what=what, target=access.target, driver=shown(driver))
        return "{" + (text if free else text.replace("}", "}}")) + "}"

    host, port = _host(access.instance)
    pairs: dict[str, str] = {"DRIVER": value("driver", driver)}
    if free:
        if access.encrypt == "strict":
            raise SettingsError("driver-strict", target=access.target)
        pairs["SERVER"] = _plain(host, access)
        if port is not None:
            pairs["PORT"] = port
        # FreeTDS ignores `Encrypt=`, without a word.
        pairs |= {"TDS_Version": "7.4", "Encryption": "require" if access.encrypt == "yes" else "off"}
    else:
        pairs["SERVER"] = _plain(f"{host},{port}" if port is not None else host, access)
        pairs["Encrypt"] = access.encrypt
        pairs["TrustServerCertificate"] = "yes" if access.trust_certificate else "no"
    pairs |= {"DATABASE": value("database", database), "APP": APPLICATION}
    if access.authentication == "windows":
        pairs["Trusted_Connection"] = "yes"
    elif not access.user or access.password is None:
        raise SettingsError("server-user", target=access.target)
    else:
        pairs |= {"UID": value("user", access.user), "PWD": value("password", access.password())}
    # FreeTDS finds the end of a last value only with the semicolon behind it.
    return "".join(f"{key}={text};" for key, text in pairs.items())


def _host(instance: str) -> tuple[str, str | None]:
    host, comma, port = instance.rpartition(",")
    return (host.strip(), port.strip()) if comma else (instance.strip(), None)


def _plain(server: str, access: Access) -> str:
    """A server's name goes in as it is: in braces not every driver finds the port."""
    if any(char in server for char in ";{}=") or not server.isprintable() or not server:
        raise SettingsError("server-instance", target=access.target, instance=shown(server))
    return server
