"""EXEC of the few procedures that anybody here calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from fakes.sqlserver.answers import error
from fakes.sqlserver.attaching import shut_down
from fakes.sqlserver.lexer import Reader, parameter
from fakes.sqlserver.seam import ColumnOut, Columns, Done, Event, Row, Value

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

Args = dict[str, Value]


def execute(session: FakeSession, read: Reader) -> Iterator[Event]:
    """`EXEC name value, @name = value`."""
    if not (read.has("EXEC") or read.has("EXECUTE")) and not read.peek().startswith(("SP_", "XP_")):
        raise read.wrong()
    name = read.dotted()[-1].casefold()
    known = PROCEDURES.get(name)
    if known is None:
        raise error(2812, name)
    names, call = known
    args: Args = {}
    while not read.done:
        token = read.take()
        if token.kind == "variable" and read.has("="):
            key = token.raw[1:].casefold()
            token = read.take()
        else:
            key = names[len(args)] if len(args) < len(names) else ""
        if key not in names:
            raise error(201, name, key)
        args[key] = (
            parameter(token.raw, read.params)
            if token.kind == "variable"
            else (None if token.upper == "NULL" else int(token.raw) if token.kind == "number" else token.value)
        )
        if not read.done and not read.has(","):
            raise read.wrong()
    yield from call(session, args)


def _detach(session: FakeSession, args: Args) -> Iterator[Event]:
    name = str(args.get("dbname"))
    instance = session.instance
    database = instance.find(name)
    if database is None:
        raise error(15010, name)
    if not session.rights.owns(session.login, database):
        raise error(15247)
    with instance.lock:
        if database.inside:
            raise error(3703, name)
        if database.state == "ONLINE":
            shut_down(session, database)
        instance.remove(database, files=False)
    yield Done(None)


def _add_property(session: FakeSession, args: Args) -> Iterator[Event]:
    _database_level(args)
    session.rights.define(session, session.home)
    found = session.home.schema.properties
    name = str(args.get("name"))
    if name in found:
        raise error(15233, name)
    found[name] = str(args.get("value"))
    yield Done(None)


def _update_property(session: FakeSession, args: Args) -> Iterator[Event]:
    _database_level(args)
    session.rights.define(session, session.home)
    name = str(args.get("name"))
    if name not in session.home.schema.properties:
        raise error(15217, name)
    session.home.schema.properties[name] = str(args.get("value"))
    yield Done(None)


def _drop_property(session: FakeSession, args: Args) -> Iterator[Event]:
    _database_level(args)
    session.rights.define(session, session.home)
    name = str(args.get("name"))
    if session.home.schema.properties.pop(name, None) is None:
        raise error(15217, name)
    yield Done(None)


def _database_level(args: Args) -> None:
    if any(args.get(f"level{number}{part}") is not None for number in range(3) for part in ("type", "name")):
        raise error(102, "@level0type")


def _file_exists(session: FakeSession, args: Args) -> Iterator[Event]:
    real = session.instance.disk.here(str(args.get("filename")))
    names = ("File Exists", "File is a Directory", "Parent Directory Exists")
    yield Columns(tuple(ColumnOut(name, "tinyint") for name in names))
    yield Row([int(real.is_file()), int(real.is_dir()), int(real.parent.is_dir())])
    yield Done(1)


def _fixed_drives(session: FakeSession, args: Args) -> Iterator[Event]:
    disk = session.instance.disk
    yield Columns((ColumnOut("drive", "char(1)"), ColumnOut("MB free", "int")))
    letter = disk.data[:1].upper() if disk.shape == "windows" else "/"
    yield Row([letter, disk.left() >> 20])
    yield Done(1)


def _registry(session: FakeSession, args: Args) -> Iterator[Event]:
    """Default folders of releases whose SERVERPROPERTY does not know them."""
    disk = session.instance.disk
    value = {"backupdirectory": disk.backup, "defaultdata": disk.data, "defaultlog": disk.log}.get(
        str(args.get("value_name")).casefold()
    )
    yield Columns((ColumnOut("Value", "nvarchar(260)"), ColumnOut("Data", "nvarchar(260)")))
    if value is not None:
        yield Row([args.get("value_name"), value])
    yield Done(int(value is not None))


Procedure = Callable[["FakeSession", Args], Iterator[Event]]
_LEVELS = ("name", "value", "level0type", "level0name", "level1type", "level1name", "level2type", "level2name")
PROCEDURES: dict[str, tuple[tuple[str, ...], Procedure]] = {
    "sp_detach_db": (("dbname", "skipchecks", "keepfulltextindexfile"), _detach),
    "sp_addextendedproperty": (_LEVELS, _add_property), "sp_updateextendedproperty": (_LEVELS, _update_property),
    "sp_dropextendedproperty": (("name", *_LEVELS[2:]), _drop_property),
    "xp_fileexist": (("filename",), _file_exists), "xp_fixeddrives": ((), _fixed_drives),
    "xp_instance_regread": (("rootkey", "key", "value_name"), _registry),
}  # fmt: skip
