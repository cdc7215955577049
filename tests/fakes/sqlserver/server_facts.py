"""What the server says of itself: properties, identifiers, rights. Names and types: as documented for each function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.sqlserver.answers import unlisted
from fakes.sqlserver.conversion import Kept
from fakes.sqlserver.databases import Database

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

EDITIONS = {
    "Express": ("Express Edition (64-bit)", 4), "Standard": ("Standard Edition (64-bit)", 2),
    "Enterprise": ("Enterprise Edition (64-bit)", 3), "Developer": ("Developer Edition (64-bit)", 3),
    "Web": ("Web Edition (64-bit)", 2),
}  # fmt: skip
"""Name -> what SERVERPROPERTY('Edition') and ('EngineEdition') say."""


def server_property(session: FakeSession, name: str) -> Kept:
    """None for a property that this release does not know."""
    instance = session.instance
    major, minor, build = instance.release.version
    edition, engine = EDITIONS[instance.edition]
    facts: dict[str, Kept] = {
        "productversion": f"{major}.{minor}.{build}.0", "productlevel": "RTM", "productmajorversion": str(major),
        "productminorversion": str(minor), "productbuild": str(build), "edition": edition, "engineedition": engine,
        "servername": instance.name, "machinename": instance.machine, "instancename": instance.service or None,
        "collation": instance.collation, "sqlcharsetname": "iso_1", "isclustered": 0, "issingleuser": 0,
        "isintegratedsecurityonly": 0, "isfulltextinstalled": 0, "ishadrenabled": 0, "islocaldb": 0,
        "computernamephysicalnetbios": instance.machine, "licensetype": "DISABLED", "processid": 1234,
        "resourceversion": f"{major}.{minor:02d}.{build}", "lcid": 1033, "filestreamconfiguredlevel": 0,
    }  # fmt: skip
    if major >= 11:
        facts |= {
            "instancedefaultdatapath": instance.disk.data + instance.disk.separator,
            "instancedefaultlogpath": instance.disk.log + instance.disk.separator,
        }
    if major >= 15:
        facts["instancedefaultbackuppath"] = instance.disk.backup
    return facts.get(name.casefold())


def database_property(database: Database, name: str) -> Kept:
    facts: dict[str, Kept] = {
        "version": database.internal, "status": database.state, "collation": database.collation,
        "recovery": database.recovery, "useraccess": database.access,
        "updateability": "READ_ONLY" if database.read_only else "READ_WRITE",
        "isinstandby": 0, "isautoclose": int(database.options.get("AUTO_CLOSE", False)), "sqlsortorder": 52,
        "isautoshrink": int(database.options.get("AUTO_SHRINK", False)), "edition": None,
    }  # fmt: skip
    if database.state != "ONLINE":
        facts |= {"collation": None, "version": None}
    return facts.get(name.casefold())


def variable(session: FakeSession, name: str) -> Kept:
    instance = session.instance
    major, minor, build = instance.release.version
    facts: dict[str, Kept] = {
        "VERSION": f"Microsoft SQL Server {instance.release.name} (RTM) - {major}.{minor}.{build}.0 (X64) \n\t"
        f"{EDITIONS[instance.edition][0]} on {'Windows Server' if instance.disk.shape == 'windows' else 'Linux'}",
        "SPID": session.number, "SERVERNAME": instance.name, "SERVICENAME": instance.service or "MSSQLSERVER",
        "TRANCOUNT": session.trancount, "ROWCOUNT": session.rowcount, "ERROR": session.last_error,
        "IDENTITY": session.last_identity, "LOCK_TIMEOUT": session.lock_timeout, "LANGUAGE": "us_english",
        "MICROSOFTVERSION": major << 24 | minor << 16 | build, "MAX_PRECISION": 38,
        "DBTS": session.home.schema.counter.to_bytes(8, "big"),
    }  # fmt: skip
    return facts[name]


def function(session: FakeSession, name: str, args: tuple[Kept, ...]) -> Kept:  # noqa: C901, PLR0912 - a list
    """The answer of one function."""
    first = args[0] if args else None
    text = str(first) if first is not None else ""
    instance, home = session.instance, session.home
    simple: dict[str, Kept] = {
        "ORIGINAL_LOGIN": session.login.name, "USER_NAME": session.rights.user_in(session, home),
        "SCOPE_IDENTITY": session.last_identity, "XACT_STATE": int(session.trancount > 0), "HOST_NAME": "CONSOLE",
        "APP_NAME": session.app,
    }  # fmt: skip
    if name in simple:
        return simple[name]
    match name:
        case "SERVERPROPERTY":
            return server_property(session, text)
        case "DATABASEPROPERTYEX":
            found = instance.find(text)
            return None if found is None else database_property(found, str(args[1]))
        case "DB_ID" | "DB_NAME":
            return _database(session, name, args)
        case "SUSER_SNAME":
            return session.login.name if not args else instance.login_name(first if isinstance(first, bytes) else b"")
        case "SUSER_SID":
            return instance.sid(text) if args else session.login.sid
        case "SCHEMA_NAME":
            return "dbo" if not args else {1: "dbo", 2: "guest", 4: "sys"}.get(int(text))
        case "SCHEMA_ID":
            return {"dbo": 1, "guest": 2, "sys": 4}.get(text.casefold() if args else "dbo")
        case "OBJECT_ID" | "IDENT_CURRENT":
            schema, _, table = text.replace("[", "").replace("]", "").rpartition(".")
            found_table = home.schema.find(schema.rpartition(".")[2] or "dbo", table)
            if found_table is None:
                return None
            return found_table.object_id if name == "OBJECT_ID" else found_table.last or 1
        case "OBJECT_NAME":
            named = home.schema.by_id(int(text or 0))
            return None if named is None else named.name
        case "HAS_PERMS_BY_NAME":
            return session.rights.has(
                session, *(None if each is None else str(each) for each in (*args, None, None)[:3])
            )
        case "HAS_DBACCESS":
            asked = instance.find(text)
            return (
                None if asked is None else int(session.rights.enters(session.login, asked) and asked.state == "ONLINE")
            )
        case "IS_SRVROLEMEMBER":
            return session.rights.in_role(session.login if len(args) < 2 else instance.login_of(str(args[1])), text)
        case "IS_ROLEMEMBER":
            return session.rights.in_database_role(session, home, text)
        case "CONNECTIONPROPERTY":
            return {"net_transport": "TCP", "auth_scheme": "SQL", "protocol_type": "TSQL"}.get(text.casefold())
        case "FILEPROPERTY":
            file = next((each for each in home.files if each.logical.casefold() == text.casefold()), None)
            return None if file is None else file.size // 8192 if str(args[1]).casefold() == "spaceused" else 1
    raise unlisted(name)


def _database(session: FakeSession, name: str, args: tuple[Kept, ...]) -> Kept:
    if not args:
        return session.home.number if name == "DB_ID" else session.home.name
    if name == "DB_ID":
        found = session.instance.find(str(args[0]))
        return None if found is None else found.number
    return next((each.name for each in session.instance.all() if each.number == args[0]), None)
