"""What a stranger's database could do by itself, once it is open: switched off where it is an option, told where not.

An attached or restored database is somebody else's program (Microsoft Learn, *TRUSTWORTHY database property*,
*Cross-database ownership chaining*, *CLR strict security*). Its own objects are left as they are: they go back.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.administration.engine import Work
from core.administration.sqlserver import running, statements
from core.administration.sqlserver.connecting import Connector
from core.administration.sqlserver.instance import Line
from core.errors import NotFound

NAMED = 5
"""So many of a kind are named; the others are counted."""


def tidy(line: Line, name: str, work: Work) -> None:
    """Switch off what reaches beyond the database, and make it writable. Harmless when done. Told in `work.log`."""
    found = line.standing(name)
    if found is None or not found.whole:
        raise NotFound("administration-file", path=name)
    risks = (
        (found.trustworthy, "TRUSTWORTHY", statements.trustworthy_off),
        (found.chaining, "DB_CHAINING", statements.chaining_off),
        (found.broker, "ENABLE_BROKER", statements.broker_off),
    )
    for on, option, off in risks:
        if on:
            work.log("note", f"{name}: {option} was on")
            line.run(off(name), work)
    if found.read_only:
        line.run(statements.read_write(name), work)
    work.log("note", f"{name}: belongs to {found.owner or 'nobody known here'}")
    if found.encrypted:
        work.log("note", f"{name}: is encrypted (TDE)")


def told(connector: Connector, name: str, work: Work) -> None:
    """Note what else is in it that could act: assemblies, triggers, users whom nobody here knows."""
    connection = connector.connect(name)
    try:
        for what, question in _QUESTIONS.items():
            rows = running.rows(connection, question, target=connector.target)
            if rows:
                work.log("note", f"{name}: {what}: {', '.join(_named(rows))}")
    finally:
        connection.close()


_QUESTIONS = {
    "assemblies (CLR)": statements.ASSEMBLIES,
    "triggers on the database": statements.DATABASE_TRIGGERS,
    "triggers on tables": statements.TABLE_TRIGGERS,
    "users without a login here": statements.ORPHANS,
}


def _named(rows: list[running.Row]) -> Iterator[str]:
    for row in rows[:NAMED]:
        yield " ".join(str(value) for value in row.values())
    if len(rows) > NAMED:
        yield f"... ({len(rows)})"
