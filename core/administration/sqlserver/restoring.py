"""A back-up becomes a new database: under a name of its own, into files of its own, over nothing."""

from __future__ import annotations

from collections.abc import Sequence

from core.administration.engine import Work
from core.administration.sqlserver import folders, media, statements
from core.administration.sqlserver.instance import Instance, Line, measured
from core.administration.sqlserver.media import Medium
from core.errors import BadFormat, Busy, Cancelled, NoSpace, Refused, Unreadable, WisselError

PASSING = (Busy, Cancelled, NoSpace, Refused, Unreadable)
"""What says nothing of the database that is checked."""


def restore(
    instance: Instance, name: str, here: Sequence[str], there: Sequence[str], work: Work, *, verified: bool = False
) -> Medium:
    """Restore the files of one back-up, seen from `here` and `there`, as the new database `name`.

    The server's reading of them is compared with ours first; `verified`: we wrote them a moment ago, so VERIFYONLY is
    left out. Raises what media.py raises, NoSpace, Refused (`server-newer`, ...), Unreadable (`restore-state`: the
    server says that it is done, and the database is not there). Half of it stays behind then.
    """
    with instance.line() as line:
        medium = media.examined(line, here, there, work)
        place = folders.folders(line, instance.connector.access)
        if place.version and medium.version > place.version:
            said = f"{medium.version} > {place.version}"
            raise Refused("server-newer", target=instance.target, number=3169, text=said, system=0)
        folders.room_for(line, place.data, medium.need)
        if not verified:
            media.verify(line, medium, measured(work, 0, 30))
        token = folders.token()
        moves = [(each.logical, place.place(name, each.type, each.file_id, token)) for each in medium.files]
        told = statements.restore(name, medium.paths, medium.position, moves, checksum=medium.checksums)
        line.run(told, measured(work, 0 if verified else 30, 100))
        arrived(line, name)
    return medium


def arrived(line: Line, name: str) -> None:
    """Is the database there, whole? That a statement came to its end does not say so. Raises Unreadable."""
    found = line.standing(name)
    if found is None or not found.whole or found.name != name:
        raise Unreadable("restore-state", name=name, state=found.state if found else "-")


def checked(line: Line, name: str, how: str, work: Work) -> None:
    """Ask the server whether the database is in order: `physical`, `full` or `none`. What was asked is noted.

    Raises BadFormat (`administration-damaged`).
    """
    if how == "none":
        work.log("note", f"{name}: CHECKDB was left out, as the settings say")
        return
    try:
        line.run(statements.check_database(name, physical=how == "physical"), work)
    except PASSING:
        raise
    except WisselError as problem:
        raise BadFormat("administration-damaged", path=name, reason=str(problem.params.get("text", problem))) from None
    work.log("note", f"{name}: CHECKDB ({how}) found nothing")
