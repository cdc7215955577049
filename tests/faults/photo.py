"""An exchange office and the test server beneath it, put back exactly as they were: so often as there are cases."""

from __future__ import annotations

import copy
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from factory.exchange import Exchange
from fakes.sqlserver.databases import Database
from fakes.sqlserver.storage import Storage

from core.intake.rooms import open_register


@dataclass(frozen=True)
class Photo:
    """Files and databases at one moment at which nobody was at work."""

    place: Path
    databases: tuple[Database, ...]


def taken(office: Exchange, place: Path) -> Photo:
    """Now."""
    office.server.server.quiet()
    for each in ROOMS:
        if (office.folder / each).exists():
            shutil.copytree(office.folder / each, place / each, dirs_exist_ok=True)
    return Photo(place, tuple(_kept(each) for each in office.server.instance.all()))


ROOMS = ("office", "outbox", "server")
"""Folders that an operation changes."""


def put_back(office: Exchange, photo: Photo) -> None:
    """As it was then."""
    office.register.close()
    office.server.server.quiet()
    instance = office.server.instance
    for each in instance.all():
        instance.remove(each, files=False)
    for room in ROOMS:
        shutil.rmtree(office.folder / room, ignore_errors=True)
        if (photo.place / room).exists():
            shutil.copytree(photo.place / room, office.folder / room)
    instance.catalogs.clear()
    instance.plans.clear()
    for each in photo.databases:
        made = _kept(each)
        if made.place.exists():
            made._storage = _opened(made)
        instance.add(made)
    office.register = open_register(office.settings, who="jansen", create=False)


def _kept(database: Database) -> Database:
    mine = ("schema", "files", "options", "approximate")
    copied = {name: copy.deepcopy(getattr(database, name)) for name in mine}
    return replace(database, **copied, inside=set(), _storage=None)


def _opened(database: Database) -> Storage:
    """The file that is there, not an empty one."""
    made = Storage.__new__(Storage)
    made.path, made.collation = database.place, database.collation
    made._kept = made.opened()
    return made
