"""An instance of SQL Server: an administration is one database, its number is its name.

    120                              has its place
    wissel-aside-<name>              set aside, read-only
    wissel-<operation>-<name>        a working copy
    wissel-<operation>-<name>-part   what is to become one: from another process nobody knows how far it is
    wissel-<operation>-<name>-files  data files, opened for as long as it takes to copy them

A name stands for a whole database: what is being made gets its name last, by a rename, which happens or does not. So a
restore that was cut off is told from one that came to its end by nothing but its name; nothing is written into a
client's database to say so.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from core.administration import catalog, own
from core.administration.engine import FOREIGN, Copy, Mark, Work
from core.administration.ledger.digest import digests
from core.administration.original import forget, mirror_of, pack_like, unpack
from core.administration.package import forget_part, shared_file
from core.administration.sqlserver import attaching, backing_up, folders, hygiene, restoring, sessions, statements
from core.administration.sqlserver.connecting import Access, Connector
from core.administration.sqlserver.instance import Instance, Standing, measured, quiet, ticking
from core.administration.sqlserver.media import Medium
from core.administration.sqlserver.paths import base
from core.administration.sqlserver.transacting import transaction
from core.administration.sqlserver.verifying import is_back_up_of
from core.errors import (
    BadFormat,
    Busy,
    Cancelled,
    DriverMissing,
    NotFound,
    Refused,
    SettingsError,
    Unreadable,
    WisselError,
)
from core.files import sha256_of, speaking

PATIENCE = 30.0
"""Seconds that others get to leave a database."""
_NUMBER = re.compile(r"\d{3}", re.ASCII)
_WORKING = re.compile(r"wissel-(?P<operation>O-\d{4,15})-[a-z]{1,20}", re.ASCII)
_ASIDE = "wissel-aside-"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PART, _FILES = "-part", "-files"
_OUR_TROUBLE = (Busy, Cancelled, DriverMissing, SettingsError, Unreadable)
"""They say nothing of what stands there."""


class SqlServerEngine:
    """One target on SQL Server. See `core.administration.engine.Engine`, which says what each method promises.

    `patience` is in seconds, for others who are in a database.
    """

    def __init__(self, access: Access, *, patience: float = PATIENCE) -> None:
        self._access = access
        self._instance = Instance(Connector(access), patience)

    def room(self) -> int | None:
        """Free bytes on the server's volume of new databases; None: our login may not know."""
        with self._instance.line() as line:
            return folders.free(line, folders.folders(line, self._access).data)

    def databases(self) -> Mapping[str, str]:
        """Every database there but the server's own: name -> what tells it from another one of that name."""
        with self._instance.line() as line:
            rows = line.rows(statements.DATABASES_MADE)
        return {str(row["name"]): f"{row['database_id']} {row['create_date']}" for row in rows}

    def occupied(self, number: str) -> Mark | None:
        """Whose administration has this number here; None: the number is free; FOREIGN: somebody else's.

        One of ours that a killed rename left in single-user mode is opened again.
        """
        found = self._instance.standing(self.place(number))
        if found is None:
            return None
        mark = self._mark(found) if found.name == number else None
        if mark is None or mark.number != number:
            return FOREIGN
        self._let_in(found)
        return mark

    def place(self, number: str) -> Copy:
        """What the administration with this number is called here."""
        if not _NUMBER.fullmatch(number):
            raise Refused("administration-number", text=ascii(number)[:80])
        return number

    def draft(self, operation: str, name: str = "draft") -> Copy:
        """What a working copy of this operation is called."""
        copy = f"wissel-{operation}-{name}"
        self._working(copy)
        return copy

    def exists(self, copy: Copy) -> bool:
        """Is there a whole one?"""
        return self._whole(copy) is not None

    def bring_in(self, package: str, copy: Copy, work: Work) -> None:
        """Unpack the sealed package into a new working copy; what could act by itself in it is switched off."""
        self._working(copy)
        if not self.exists(copy):
            self._clear(copy, work)
            with self._swept(copy, work):
                self._unpacked(package, copy, work)
                self._named(copy, work)
        self._clear_beside(copy, work)

    def _unpacked(self, package: str, copy: Copy, work: Work) -> None:
        exchange, part = self._instance.exchange, copy + _PART
        work.log("file", f"unpack {package} -> {exchange.path_here(copy)}-*")
        unpacking = ticking(measured(work, 0, 30))
        with speaking(exchange.here):
            room = backing_up.room_in(exchange)
            files = unpack(package, mirror_of(package), exchange.here, copy, unpacking, room=room, create=shared_file)
        restored = measured(work, 30, 90)
        here = [each.path for each in files]
        if files[0].part.role == "backup":
            restoring.restore(self._instance, part, here, [exchange.path_there(base(each)) for each in here], restored)
        else:
            known = attaching.attach(self._instance, copy + _FILES, files, restored)
            medium = self._laid_down(copy + _FILES, copy, len(files) + 1, restored)
            if medium.family and known.family_guid and medium.family != known.family_guid:
                fact = {"fact": "FamilyGUID", "said": medium.family, "found": known.family_guid}
                raise BadFormat("media-differs", path=package, **fact)
            backing_up.release(self._instance, copy + _FILES, work)
        with self._instance.line() as line:
            hygiene.tidy(line, part, work)
            restoring.checked(line, part, self._access.check_database, measured(work, 90, 100))
        hygiene.told(self._instance.connector, part, work)

    def _laid_down(self, source: str, copy: Copy, number: int, work: Work) -> Medium:
        """A back-up of a database restored as the part of a working copy."""
        exchange, file = self._instance.exchange, f"{copy}-{number}.bak"
        path = backing_up.back_up(self._instance, source, file, measured(work, 0, 50))
        there = [exchange.path_there(file)]
        resting = measured(work, 50, 100)
        return restoring.restore(self._instance, copy + _PART, [path], there, resting, verified=True)

    @contextlib.contextmanager
    def open(self, copy: Copy, work: Work | None = None, *, write: bool = False) -> Iterator[sa.Connection]:
        """One transaction on it, committed at the end of the block. Each statement goes to `work.log`."""
        aside = copy.startswith(_ASIDE)
        if not aside and not _NUMBER.fullmatch(copy):
            self._working(copy)
        if self._whole(copy) is None:
            raise NotFound("administration-file", path=copy)
        if write and aside:
            raise Refused("administration-read-only", path=copy)
        with transaction(self._instance.connector, copy, work, write=write) as connection:
            yield connection

    def put(self, copy: Copy, number: str, work: Work) -> None:
        """Give a working copy its place, never over anything. Harmless when done."""
        operation = self._working(copy)
        place = self.place(number)
        here = self._whole(copy)
        if here is not None:
            self._rename(here, place, number, work)
            return
        there = self._whole(place)
        mark = self._mark(there)
        if there is None or mark is None or mark.operation != operation:
            raise NotFound("administration-file", path=copy)
        self._let_in(there, work)

    def take_back(self, number: str, copy: Copy, mark: Mark, work: Work) -> None:
        """The other way round: away from its place, if it carries this mark. Harmless when done."""
        self._working(copy)
        there = self._whole(self.place(number))
        if there is None:
            self.exists(copy)
            return
        if self._mark(there) == mark:
            self._rename(there, copy, number, work)
        elif not self.exists(copy):
            raise Refused("administration-foreign", path=number)

    def set_aside(self, number: str, name: str, mark: Mark, work: Work) -> Copy:
        """Rename and make read-only; its number is free then. Returns what it is called now. Harmless when done."""
        place, aside = self.place(number), _aside(name)
        there, put_by = self._whole(place), self._whole(aside)
        if there is not None and self._mark(there) == mark:
            self._rename(there, aside, number, work, sessions.to_read_only())
        elif put_by is None:
            if there is not None:
                raise Refused("administration-foreign", path=place)
            raise NotFound("administration-file", path=place)
        elif self._mark(put_by) != mark:
            raise Refused("administration-foreign", path=aside)
        elif not put_by.read_only:
            sessions.alone(self._instance, put_by, [sessions.to_read_only()], work)
        else:
            self._let_in(put_by, work)
        return aside

    def bring_back(self, name: str, number: str, work: Work) -> None:
        """Undo `set_aside`. Refused (`number-taken`) when the number is in use by now. Harmless when done."""
        place, aside = self.place(number), _aside(name)
        put_by = self._whole(aside)
        if put_by is None:
            there = self._whole(place)
            if there is None:
                raise NotFound("administration-file", path=aside)
            if self._mark(there) is not None:
                self._let_in(there, work)
            return
        mark = self._mark(put_by)
        if mark is None or mark.number != number:
            raise Refused("administration-foreign", path=aside)
        self._rename(put_by, place, number, work, first=(sessions.to_read_write(),))

    def duplicate(self, number: str, copy: Copy, work: Work) -> str:
        """A consistent working copy of what stands under this number; the SHA-256 of all that its tables hold."""
        self._working(copy)
        place = self.place(number)
        if not self.exists(copy):
            if self._whole(place) is None:
                raise NotFound("administration-file", path=place)
            self._clear(copy, work)
            with self._swept(copy, work):
                self._laid_down(place, copy, 1, measured(work, 0, 80))
                self._named(copy, work)
        self._clear_beside(copy, work)
        with self.open(copy) as connection:
            found = digests(connection, work.check)
        work.progress(100, 100)
        told = [f"{name} {each.rows} {each.sha256}" for name, each in sorted(found.items())]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def pack(self, copy: Copy, path: str, manifest: Mapping[str, str | int], work: Work, *, like: str) -> str:  # noqa: ARG002 - nothing of ours goes into a client's package
        """Pack a working copy as a new file at `path`, the way the client's own at `like` is; its SHA-256."""
        self._working(copy)
        if not self.exists(copy):
            raise NotFound("administration-file", path=copy)
        with self.open(copy) as connection:
            left = [name for name in catalog.names(connection) if catalog.ours(name)]
        if left:
            raise Refused("administration-ours", path=copy, table=left[0])
        self._clear_beside(copy, work)
        if os.path.lexists(path):
            if not is_back_up_of(path, copy, work):
                raise Refused("exists", path=path)
            forget_part(path)
            return sha256_of(path)
        mirror = mirror_of(like)
        with self._swept(copy, work):
            files = backing_up.files_like(self._instance, copy, copy + _FILES, mirror, measured(work, 0, 60))
            work.log("file", f"pack {', '.join(files.values())} -> {path}")
            sha256 = pack_like(mirror, files, path, ticking(measured(work, 60, 100)))
        self._clear_beside(copy, work)
        return sha256

    def discard(self, copy: Copy, work: Work) -> None:
        """Remove a working copy. Never one that has its place. Harmless when it is gone."""
        self._working(copy)
        self._clear(copy, work)

    def _working(self, copy: Copy) -> str:
        """The operation of a working copy; whatever else carries the name is refused: names come from a database."""
        found = _WORKING.fullmatch(copy)
        if found is None:
            raise Refused("administration-place", path=ascii(copy)[:160])
        return found["operation"]

    def _whole(self, name: str) -> Standing | None:
        """What stands under exactly this name and can be worked in. A working copy is let everybody in again."""
        found = self._instance.standing(name)
        if found is None or found.name != name or not found.whole:
            return None
        if _WORKING.fullmatch(name):
            self._let_in(found)
        return found

    def _let_in(self, found: Standing, work: Work | None = None) -> None:
        if found.single:
            sessions.let_in(self._instance, found, work or _UNHEARD)

    def _mark(self, found: Standing | None) -> Mark | None:
        """Whose a database is; None: nobody's, or nothing that can be read as an administration."""
        if found is None or not found.whole:
            return None
        try:
            with transaction(self._instance.connector, found.name, None, write=False) as connection:
                return own.read_mark(connection)
        except _OUR_TROUBLE:
            raise
        except WisselError as problem:
            if found.single:
                # Somebody has the only place in it: whose it is, nobody can say now.
                said: dict[str, str | int] = {"target": self._instance.target, "number": 924, "text": found.name}
                raise Busy("server-database-single", **said, system=0) from problem
            return None

    def _rename(
        self,
        found: Standing,
        new: str,
        number: str,
        work: Work,
        *last: sessions.Turn,
        first: tuple[sessions.Turn, ...] = (),
    ) -> None:
        """Never over anything: the server itself refuses a name that is in use."""
        if self._instance.standing(new) is not None:
            raise Refused("number-taken", number=number, path=new)
        turns = [*first, sessions.to_name(new), *last]
        try:
            sessions.alone(self._instance, found, turns, work)
        except Refused as problem:
            if problem.key == "server-database-exists":
                raise Refused("number-taken", number=number, path=new) from problem
            raise

    def _named(self, copy: Copy, work: Work) -> None:
        """What was made becomes the working copy."""
        part = self._instance.standing(copy + _PART)
        if part is None or not part.whole:
            raise Unreadable("restore-state", name=copy + _PART, state=part.state if part else "-")
        sessions.alone(self._instance, part, [sessions.to_name(copy)], work)

    @contextlib.contextmanager
    def _swept(self, copy: Copy, work: Work) -> Iterator[None]:
        """What the block leaves half is thrown away when it raises; where even that fails, the next call does it."""
        try:
            yield
        except BaseException:
            try:
                self._clear_beside(copy, quiet(work))
            except WisselError as problem:
                work.log("note", f"{copy}: {problem}")
            raise

    def _clear(self, copy: Copy, work: Work) -> None:
        """Remove a working copy and all that a killed step left beside it."""
        for name in (copy + _PART, copy + _FILES, copy):
            backing_up.release(self._instance, name, work)
        self._forget(copy)

    def _clear_beside(self, copy: Copy, work: Work) -> None:
        """What lies beside a working copy while it is made: a step that was killed after the rename left it."""
        for name in (copy + _PART, copy + _FILES):
            backing_up.release(self._instance, name, work)
        self._forget(copy)

    def _forget(self, copy: Copy) -> None:
        exchange = self._instance.exchange
        with speaking(exchange.here):
            forget(exchange.here, copy)


def _aside(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Refused("administration-place", path=ascii(name)[:80])
    return _ASIDE + name


def _nothing(*_said: object) -> None:
    pass


_UNHEARD: Work = Work(log=_nothing, progress=_nothing, check=_nothing)
