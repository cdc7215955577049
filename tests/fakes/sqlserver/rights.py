"""Logins, server roles, database users: who may do what. Fixed roles as Microsoft documents them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fakes.sqlserver.answers import error
from fakes.sqlserver.databases import Database
from fakes.sqlserver.schema import User
from fakes.sqlserver.scope import Plan
from fakes.sqlserver.seam import ServerError

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

SERVER_ROLES: Final = frozenset({
    "sysadmin", "serveradmin", "securityadmin", "processadmin", "setupadmin", "bulkadmin", "diskadmin", "dbcreator",
    "public",
})  # fmt: skip
GIVEN: Final[dict[str, frozenset[str]]] = {
    "dbcreator": frozenset({"CREATE ANY DATABASE", "ALTER ANY DATABASE", "VIEW ANY DATABASE"}),
    "processadmin": frozenset({"ALTER ANY CONNECTION", "ALTER SERVER STATE", "VIEW SERVER STATE"}),
    "serveradmin": frozenset({"ALTER SERVER STATE", "VIEW SERVER STATE", "ALTER SETTINGS", "SHUTDOWN"}),
    "securityadmin": frozenset({"ALTER ANY LOGIN"}),
    "public": frozenset({"VIEW ANY DATABASE", "CONNECT SQL"}),
}
"""What a role may do at the server."""
IMPLIED: Final = {
    "VIEW SERVER STATE": frozenset({"VIEW SERVER PERFORMANCE STATE", "VIEW SERVER SECURITY STATE"}),
    "ALTER SERVER STATE": frozenset({"VIEW SERVER STATE"}),
    "ALTER ANY DATABASE": frozenset({"CREATE ANY DATABASE"}),
}
"""Who has the one has the others."""
SINCE: Final = {
    "CONNECT ANY DATABASE": 12, "SELECT ALL USER SECURABLES": 12,
    "VIEW SERVER PERFORMANCE STATE": 16, "VIEW SERVER SECURITY STATE": 16,
}  # fmt: skip
"""Major version of the first release that knows a permission."""


@dataclass
class Login:
    """Somebody who can log in."""

    name: str
    password: str = ""
    roles: set[str] = field(default_factory=set)
    permissions: set[str] = field(default_factory=set)
    windows: bool = False
    disabled: bool = False
    sid: bytes = b""

    def __post_init__(self) -> None:
        if not self.sid:
            self.sid = b"\x01" if self.name == "sa" else hashlib.md5(self.name.casefold().encode()).digest()

    @property
    def all(self) -> bool:
        return "sysadmin" in self.roles

    def may(self, permission: str) -> bool:
        """A permission at the server."""
        own = self.permissions.union(*(GIVEN.get(role, frozenset()) for role in ("public", *self.roles)))
        return self.all or permission in own.union(*(IMPLIED.get(each, frozenset()) for each in own))


class Rights:
    """Answers for one instance."""

    @staticmethod
    def owns(login: Login, database: Database) -> bool:
        return login.all or database.owner_sid == login.sid

    def user(self, login: Login, database: Database) -> User | None:
        return next((each for each in database.schema.users if each.sid == login.sid), None)

    def enters(self, login: Login, database: Database) -> bool:
        known = database.guest or self.user(login, database) is not None
        return self.owns(login, database) or known or login.may("CONNECT ANY DATABASE")

    def enter(self, session: FakeSession, database: Database) -> None:
        """Raises ServerError 916, or why it cannot be opened."""
        refused = database.refusal(session)
        if refused is not None:
            raise refused
        if not self.enters(session.login, database):
            raise error(916, session.login.name, database.name)

    def user_in(self, session: FakeSession, database: Database) -> str:
        found = self.user(session.login, database)
        return "dbo" if self.owns(session.login, database) else found.name if found else "guest"

    def _has_role(self, login: Login, database: Database, *roles: str) -> bool:
        found = self.user(login, database)
        return self.owns(login, database) or (found is not None and bool({"db_owner", *roles} & found.roles))

    def check(self, session: FakeSession, database: Database, plan: Plan) -> None:
        """Raises ServerError 229."""
        wanted = dict.fromkeys(plan.reads, "SELECT")
        if plan.writes:
            wanted[plan.table] = plan.writes
        for full, permission in wanted.items():
            if permission == "SELECT" and session.login.may("SELECT ALL USER SECURABLES"):
                continue
            role = "db_datareader" if permission == "SELECT" else "db_datawriter"
            if not self._has_role(session.login, database, role):
                schema, _, name = full.partition(".")
                raise error(229, permission, name, database.name, schema)

    def define(self, session: FakeSession, database: Database) -> None:
        if not self._has_role(session.login, database, "db_ddladmin"):
            raise error(262, "CREATE TABLE", database.name)

    def create(self, session: FakeSession) -> None:
        if not session.login.may("CREATE ANY DATABASE"):
            raise error(262, "CREATE DATABASE", "master")

    def media(self, session: FakeSession) -> None:
        """HEADERONLY and its like."""
        if not session.login.may("CREATE ANY DATABASE"):
            raise error(262, "CREATE DATABASE", "master")

    def alters(self, login: Login, database: Database) -> bool:
        return login.may("ALTER ANY DATABASE") or self._has_role(login, database)

    def alter(self, session: FakeSession, database: Database | None, name: str) -> Database:
        """Raises ServerError 5011: there is none, or no right to it."""
        if database is None or not self.alters(session.login, database):
            raise error(5011, name, state=5)
        return database

    def bring_online(self, session: FakeSession, database: Database) -> None:
        """An offline database cannot say who is in its roles. Raises ServerError 5011."""
        if not session.login.may("ALTER ANY DATABASE"):
            raise error(5011, database.name, state=5)

    def see_state(self, session: FakeSession, what: str = "PERFORMANCE") -> bool:
        """May what goes on at the server be seen? From 2022 on there are smaller rights for parts of it."""
        since = session.instance.release.version[0] >= SINCE["VIEW SERVER PERFORMANCE STATE"]
        return session.login.may(f"VIEW SERVER {what} STATE" if since else "VIEW SERVER STATE")

    def backup(self, session: FakeSession, database: Database) -> None:
        if not self._has_role(session.login, database, "db_backupoperator"):
            raise error(262, "BACKUP DATABASE", database.name)

    def restore(self, session: FakeSession, database: Database | None, name: str) -> None:
        allowed = session.login.may("CREATE ANY DATABASE") and (
            database is None or session.login.may("ALTER ANY DATABASE") or self.owns(session.login, database)
        )
        if not allowed and not (database is not None and self.owns(session.login, database)):
            raise error(3110, name) if database is not None else error(262, "CREATE DATABASE", "master")

    def administrator(self, session: FakeSession) -> None:
        if not session.login.all:
            raise error(15247)

    def check_whole(self, session: FakeSession, database: Database) -> None:
        """DBCC CHECKDB: sysadmin or db_owner."""
        if not self._has_role(session.login, database):
            raise ServerError(7983, f"User '{self.user_in(session, database)}' does not have permission to run DBCC "
                              f"checkdb for database '{database.name}'.", 14)  # fmt: skip

    def in_role(self, login: Login | None, role: str) -> int | None:
        if login is None or role.casefold() not in SERVER_ROLES:
            return None
        return int(role.casefold() == "public" or login.all or role.casefold() in login.roles)

    def in_database_role(self, session: FakeSession, database: Database, role: str) -> int:
        found = self.user(session.login, database)
        if self.owns(session.login, database):
            return int(role.casefold() in {"db_owner", "public"})
        return int(role.casefold() == "public" or (found is not None and role.casefold() in found.roles))

    def has(self, session: FakeSession, securable: str | None, kind: str | None, permission: str | None) -> int | None:
        """HAS_PERMS_BY_NAME."""
        login, wanted = session.login, (permission or "").upper()
        if session.instance.release.version[0] < SINCE.get(wanted, 0):
            return None
        if kind is None or kind.upper() == "SERVER":
            return int(login.all or (wanted not in {"", "ANY"} and login.may(wanted)))
        if kind.upper() != "DATABASE":
            return None
        database = session.instance.find(securable) if securable else session.home
        if database is None:
            return 0
        if wanted == "CREATE DATABASE":
            return int(login.may("CREATE ANY DATABASE"))
        roles = {"BACKUP DATABASE": ("db_backupoperator",), "SELECT": ("db_datareader",),
                 "CREATE TABLE": ("db_ddladmin",), "INSERT": ("db_datawriter",),
                 "UPDATE": ("db_datawriter",), "DELETE": ("db_datawriter",)}  # fmt: skip
        if wanted in {"ALTER", "CONTROL"}:
            return int(login.may("ALTER ANY DATABASE") if wanted == "ALTER" else False) or int(
                self._has_role(login, database)
            )
        if wanted in {"CONNECT", "ANY"}:
            return int(self.enters(login, database))
        return int(self._has_role(login, database, *roles.get(wanted, ())))
