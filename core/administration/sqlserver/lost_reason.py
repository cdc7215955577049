"""Why a statement was refused, where the driver shows only that it was.

Of several errors FreeTDS hands on the most severe, and not the first: *you may not* and *it is single-user* have
severity 14, the *it did not work* behind them 16, and pyodbc on Linux shows one. Then the server is asked what it said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.administration.sqlserver import messages, running, statements
from core.errors import Busy, Refused, Unreadable, WisselError

if TYPE_CHECKING:
    import pyodbc

MAY_NOT = {"RESTORE": 262, "CREATE": 262, "BACKUP": 262, "ALTER": 5011}
"""First word of a statement -> the number by which the server refuses it to somebody without the right."""
STATES: dict[str, tuple[type[WisselError], str, int]] = {
    "RESTORING": (Busy, "server-database-restoring", 927),
    "RECOVERING": (Busy, "server-database-restoring", 922),
    "OFFLINE": (Refused, "server-database-offline", 942),
    "RECOVERY_PENDING": (Unreadable, "server-database-broken", 945),
    "SUSPECT": (Unreadable, "server-database-broken", 926),
}
SINGLE = 924
_NAMED = re.compile(r"(?:BACKUP|ALTER) DATABASE \[((?:[^\]]|\]\])+)\]")
_ONLINE = " SET ONLINE"


def found_again(problem: WisselError, connection: pyodbc.Connection, statement: str, target: str) -> WisselError:
    """The same problem, or the one that was lost behind it. Never raises: the first one counts."""
    number = MAY_NOT.get(statement.split(maxsplit=1)[0])
    if number is None or problem.params.get("number") not in messages.GENERIC:
        return problem
    said: dict[str, str | int] = {"target": target, "text": str(problem.params.get("text", "")), "system": 0}
    try:
        rights = running.one(connection, statements.RIGHTS, target=target)
        named = _NAMED.match(statement)
        if named is None:
            return problem if rights.get("create_any_database") else Refused("server-rights", **said, number=number)
        there = running.one(connection, statements.DATABASE, (named[1].replace("]]", "]"),), target=target)
        login = running.one(connection, statements.SERVER, target=target).get("login")
    except WisselError:
        return problem
    online = statement.endswith(_ONLINE)
    state = STATES.get(str(there.get("state_desc")))
    if not there or rights.get("sysadmin"):
        owner = True
    else:
        any_of_them = rights.get("alter_any_database") and number == MAY_NOT["ALTER"]
        owner = any_of_them or (there.get("owner_name") == login and not online)
    if not owner:
        return Refused("server-rights", **said, number=number)
    if state is not None and not online:
        kind, key, number = state
        return kind(key, **said, number=number)
    if there.get("user_access_desc") == "SINGLE_USER":
        return Busy("server-database-single", **said, number=SINGLE)
    return problem
