"""The embedded engine: an administration is one SQLite file, its number is its name.

    <folder>/120.sqlite            has its place
    <folder>/aside/<name>.sqlite   set aside, read-only
    <work>/<operation>-<name>.sqlite   a working copy

A name stands for a whole file: what is being made is called `.part`, and what has no name yet never gets another's.
Between two steps no journal lies beside a file, so that a rename takes all of it along.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping

import sqlalchemy as sa

from core.administration import catalog, own
from core.administration.engine import FOREIGN, Copy, Mark, Work
from core.administration.package import Create, forget_part, is_package_of, new_file, read_package, write_package
from core.administration.spoken import spoken
from core.administration.sqlite_file import (
    BESIDE,
    BUSY_SECONDS,
    Mode,
    Pulse,
    copy_whole,
    drop_empty,
    settle,
    taken,
    transaction,
)
from core.errors import BadFormat, NoSpace, NotFound, Refused
from core.files import private_dir, rename_new, sha256_of, speaking, sync_folder

RESERVE = 64 << 20
"""Bytes that stay free for the register and its log, whatever comes in."""
_SUFFIX = ".sqlite"
_NUMBER = re.compile(r"\d{3}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def free_bytes(folder: str) -> int:
    """Room left on the disk of a folder, or of where it will be made."""
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return shutil.disk_usage(folder).free


class EmbeddedEngine:
    """One target of the embedded engine. See `core.administration.engine.Engine`, which says what each method promises.

    `create` and `free` are the seams at which the tests break a disk; `patience` is in seconds, for somebody else
    who holds a file.
    """

    def __init__(
        self,
        folder: str,
        work: str,
        *,
        reserve: int = RESERVE,
        create: Create = new_file,
        free: Callable[[str], int] = free_bytes,
        patience: float = BUSY_SECONDS,
    ) -> None:
        self._folder = os.path.abspath(folder)
        self._aside = os.path.join(self._folder, "aside")
        self._work = os.path.abspath(work)
        self._reserve = reserve
        self._create = create
        self._free = free
        self._patience = patience

    def room(self) -> int:
        """Free bytes for administrations and working copies."""
        with speaking(self._folder):
            free = min(self._free(self._folder), self._free(self._work))
        return max(0, free - self._reserve)

    def occupied(self, number: str) -> Mark | None:
        """Whose administration has this number here; None: the number is free; FOREIGN: somebody else's."""
        path = self.place(number)
        if not taken(path):
            return None
        mark = self._mark(path)
        return mark if mark is not None and mark.number == number else FOREIGN

    def place(self, number: str) -> Copy:
        """What the administration with this number is called here."""
        if not _NUMBER.fullmatch(number):
            raise Refused("administration-number", text=ascii(number)[:80])
        return os.path.join(self._folder, number + _SUFFIX)

    def draft(self, operation: str, name: str = "draft") -> Copy:
        """What a working copy of this operation is called."""
        return os.path.join(self._work, _named(f"{operation}-{name}") + _SUFFIX)

    def exists(self, copy: Copy) -> bool:
        """Is there a whole one? A link is none, and nothing is in an empty file."""
        with speaking(copy), contextlib.suppress(FileNotFoundError):
            found = os.lstat(copy)
            return stat.S_ISREG(found.st_mode) and found.st_size > 0
        return False

    def bring_in(self, package: str, copy: Copy, work: Work) -> None:
        """Unpack the sealed package into a new working copy, and refuse what has no place in one."""
        self._working(copy)
        if self.exists(copy):
            forget_part(copy)
            return
        private_dir(self._work)
        self._clear(copy)
        work.log("file", f"unpack {package} -> {copy}")
        read_package(package, copy, tick=_tick(work), room=self._room_for, create=self._create)

    @contextlib.contextmanager
    def open(self, copy: Copy, work: Work | None = None, *, write: bool = False) -> Iterator[sa.Connection]:
        """One transaction on it, committed at the end of the block. Each statement goes to `work.log`."""
        aside = os.path.dirname(copy) == self._aside
        if not aside:
            self._ours(copy)
        if not self.exists(copy):
            raise NotFound("administration-file", path=copy)
        if write and aside:
            raise Refused("administration-read-only", path=copy)
        pulse = Pulse(work.check) if work is not None else Pulse()
        with transaction(copy, "ro" if aside else "rw", pulse, write=write, patience=self._patience) as connection:
            if work is not None:
                sa.event.listen(connection, "before_cursor_execute", spoken(work.log))
            yield connection

    def put(self, copy: Copy, number: str, work: Work) -> None:
        """Give a working copy its place, never over anything. Harmless when done."""
        self._working(copy)
        place = self.place(number)
        private_dir(self._folder)
        if not self.exists(copy):
            mark = self._mark(place)
            if mark is None or not os.path.basename(copy).startswith(f"{mark.operation}-"):
                raise NotFound("administration-file", path=copy)
            return
        self._rename(copy, place, number, work)

    def take_back(self, number: str, copy: Copy, mark: Mark, work: Work) -> None:
        """The other way round: away from its place, if it carries this mark. Harmless when done."""
        self._working(copy)
        place = self.place(number)
        if not self.exists(place):
            return
        if self._mark(place) != mark:
            if self.exists(copy):
                return
            raise Refused("administration-foreign", path=place)
        self._rename(place, copy, number, work)

    def set_aside(self, number: str, name: str, mark: Mark, work: Work) -> Copy:
        """Rename and make read-only; its number is free then. Returns what it is called now."""
        place, aside = self.place(number), self._aside_path(name)
        if self.exists(place) and self._mark(place) == mark:
            private_dir(self._folder)
            private_dir(self._aside)
            self._rename(place, aside, number, work)
        elif not self.exists(aside):
            if self.exists(place):
                raise Refused("administration-foreign", path=place)
            raise NotFound("administration-file", path=place)
        if self._mark(aside) != mark:
            raise Refused("administration-foreign", path=aside)
        with speaking(aside):
            os.chmod(aside, 0o400)
        return aside

    def bring_back(self, name: str, number: str, work: Work) -> None:
        """Undo `set_aside`. Refused (`number-taken`) when the number is in use by now. Harmless when done."""
        place, aside = self.place(number), self._aside_path(name)
        if not self.exists(aside):
            if self.exists(place):
                return
            raise NotFound("administration-file", path=aside)
        mark = self._mark(aside)
        if mark is None or mark.number != number:
            raise Refused("administration-foreign", path=aside)
        with speaking(aside):
            os.chmod(aside, 0o600)
        self._rename(aside, place, number, work)

    def duplicate(self, number: str, copy: Copy, work: Work) -> str:
        """A consistent working copy of what stands under this number; its SHA-256."""
        self._working(copy)
        place = self.place(number)
        if not self.exists(copy):
            if not self.exists(place):
                raise NotFound("administration-file", path=place)
            private_dir(self._work)
            self._clear(copy)
            with speaking(place):
                self._room_for(os.stat(place).st_size)
            work.log("file", f"copy {place} -> {copy}")
            copy_whole(place, f"{copy}.part", _tick(work))
            rename_new(f"{copy}.part", copy)
            with speaking(copy):
                sync_folder(self._work)
        forget_part(copy)
        return sha256_of(copy)

    def pack(
        self,
        copy: Copy,
        path: str,
        manifest: Mapping[str, str | int],
        work: Work,
        *,
        like: str = "",  # noqa: ARG002 - practice packages are all made up alike
    ) -> str:
        """Pack a working copy as a new file at `path`; its SHA-256."""
        self._working(copy)
        if not self.exists(copy):
            raise NotFound("administration-file", path=copy)
        settle(copy, self._patience)
        with self.open(copy) as connection:
            left = [name for name in catalog.names(connection) if catalog.ours(name)]
        if left:
            raise Refused("administration-ours", path=copy, table=left[0])
        tick = _tick(work)
        drop_empty(path)
        if not os.path.lexists(path):
            with speaking(copy):
                self._room_for(os.stat(copy).st_size, os.path.dirname(path))
            work.log("file", f"pack {copy} -> {path}")
            return write_package(path, copy, manifest, tick=tick, create=self._create)
        if not is_package_of(path, copy, manifest, tick=tick):
            raise Refused("exists", path=path)
        forget_part(path)
        return sha256_of(path)

    def discard(self, copy: Copy, work: Work) -> None:
        """Remove a working copy. Never one that has its place. Harmless when it is gone."""
        self._working(copy)
        if os.path.lexists(copy):
            work.log("file", f"remove {copy}")
        self._clear(copy)

    def _ours(self, copy: Copy) -> None:
        if os.path.dirname(copy) != self._folder or not copy.endswith(_SUFFIX):
            self._working(copy)

    def _working(self, copy: Copy) -> None:
        """Refuse what is no working copy's name: paths come from operations, which come from a database."""
        name = os.path.basename(copy)
        if copy != os.path.join(self._work, name) or not name.endswith(_SUFFIX) or not _NAME.fullmatch(name):
            raise Refused("administration-place", path=copy)

    def _aside_path(self, name: str) -> str:
        return os.path.join(self._aside, _named(name) + _SUFFIX)

    def _mark(self, path: str) -> Mark | None:
        """Whose a file is; None: nobody's, or nothing that can be read as an administration."""
        if not self.exists(path):
            return None
        mode: Mode = "ro" if os.path.dirname(path) == self._aside else "rw"
        try:
            with transaction(path, mode, patience=self._patience) as connection:
                return own.read_mark(connection)
        except BadFormat:
            return None

    def _rename(self, source: str, target: str, number: str, work: Work) -> None:
        """In two steps, of which the second may be missing after a crash: both names are the same file then."""
        settle(source, self._patience)
        if not (self.exists(target) and os.path.samefile(source, target)):
            if taken(target):
                raise Refused("number-taken", number=number, path=target)
            drop_empty(target)
            work.log("file", f"rename {source} -> {target}")
            try:
                rename_new(source, target)
            except Refused as problem:
                raise Refused("number-taken", number=number, path=target) from problem
        else:
            with speaking(source):
                os.unlink(source)
        with speaking(target):
            sync_folder(os.path.dirname(target))
            sync_folder(os.path.dirname(source))

    def _room_for(self, need: int, folder: str | None = None) -> None:
        room = self.room()
        if folder is not None:
            with speaking(folder):
                room = min(room, self._free(folder) - self._reserve)
        if room < need:
            raise NoSpace("engine-full", need=need, free=max(0, room), path=folder or self._folder)

    def _clear(self, copy: str) -> None:
        """Remove a working copy and all that a killed step left beside it."""
        with speaking(copy):
            for beside in ("", *BESIDE, ".part", ".part-journal"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(copy + beside)


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Refused("administration-place", path=ascii(name)[:80])
    return name


def _tick(work: Work) -> Callable[[int, int], None]:
    def tick(done: int, total: int) -> None:
        work.check()
        work.progress(done, total)

    return tick
