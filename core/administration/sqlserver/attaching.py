"""A client's data files become a database. They are opened where they were unpacked, and laid down anew from there."""

from __future__ import annotations

from collections.abc import Sequence

from core.administration.engine import Work
from core.administration.original import Unpacked
from core.administration.sqlserver import folders, hygiene, statements
from core.administration.sqlserver.instance import Instance
from core.administration.sqlserver.paths import base
from core.administration.sqlserver.restoring import arrived, checked
from core.errors import BadFormat, Refused
from core.formats.backup import inspect
from core.formats.report import DataFile


def attach(instance: Instance, name: str, files: Sequence[Unpacked], work: Work) -> DataFile:
    """Attach data files and log, unpacked in the exchange folder, as the database `name`; what its first file says.

    Without a log the server makes a new one, and only where the files were shut down cleanly. It writes in the files:
    they are copies of ours. Raises BadFormat (`media-none`), Refused (`server-newer`), and what the server says.
    """
    data = sorted((each for each in files if each.part.role == "data"), key=lambda each: not each.part.primary)
    logs = [each for each in files if each.part.role == "log"]
    known = _boot_page(data[0].path)
    with instance.line() as line:
        newest = folders.folders(line, instance.connector.access).version
        version = known.internal_version or 0
        if newest and version > newest:
            raise Refused("server-newer", target=instance.target, number=948, text=f"{version} > {newest}", system=0)
        there = [instance.exchange.path_there(base(each.path)) for each in (*data, *logs)]
        line.run(statements.attach(name, there, rebuild_log=not logs), work)
        arrived(line, name)
        # Before a page of it is copied: what is wrong now would go along.
        checked(line, name, instance.connector.access.check_database, work)
        hygiene.tidy(line, name, work)
    return known


def _boot_page(path: str) -> DataFile:
    payloads = inspect(path, whole=False).payloads
    known = payloads[0].data_file if payloads else None
    if known is None or not known.primary:
        raise BadFormat("media-none", path=path)
    return known
