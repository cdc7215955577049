"""The only atomic write, seal and hash. System errors leave here as errors of ours."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Self

from core.errors import Busy, Cancelled, NoSpace, NotFound, Refused, Unreadable, WisselError

AnyPath = str | bytes | os.PathLike[str] | os.PathLike[bytes]
CHUNK = 1 << 20
"""Bytes per read: large enough for the disk, small enough to stop soon."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SHARING_VIOLATIONS = {32, 33}
"""Windows: another program holds the file, or a range of it [Windows system error codes]."""
_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


def translated(problem: OSError, path: AnyPath) -> WisselError:
    """The error of ours for a system error on `path`."""
    shown = os.fsdecode(path).encode("utf-8", "backslashreplace").decode()
    if problem.errno in _FULL:
        return NoSpace("no-space", path=shown)
    if problem.errno == errno.ENOENT:
        return NotFound("file", path=shown)
    if problem.errno in {errno.ETXTBSY, errno.EBUSY} or getattr(problem, "winerror", None) in _SHARING_VIOLATIONS:
        return Busy("file-busy", path=shown)
    return Unreadable("file-unreadable", path=shown, reason=os.strerror(problem.errno or errno.EIO))


@contextlib.contextmanager
def speaking(path: AnyPath) -> Iterator[None]:
    """Turn each OSError of the block into an error of ours that names `path`."""
    try:
        yield
    except OSError as problem:
        raise translated(problem, path) from problem


def sync_folder(folder: AnyPath) -> None:
    """Make the names in `folder` durable. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def private_dir(path: AnyPath) -> None:
    """Make a folder that only we can enter (0700), with its parents; tighten one that exists.

    Raises Refused when the place is a link, not a folder, or somebody else's.
    """
    with speaking(path):
        with contextlib.suppress(FileExistsError):
            os.makedirs(path, mode=0o700)
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode):
            raise Refused("not-a-folder", path=os.fsdecode(path))
        if os.name == "nt":
            return
        if found.st_uid not in {os.geteuid(), 0}:
            raise Refused("foreign-folder", path=os.fsdecode(path))
        if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) != 0o700:
            os.chmod(path, 0o700)


def share(path: AnyPath) -> None:
    """Open a file or folder of ours to the group that its folder is open to, and to nobody else.

    For ground where another account of this machine works too: a folder of that group with its set-group-ID bit. What
    is of another group stays ours alone. Windows lets a file inherit the rights of its folder; a mount that keeps no
    rights of its own (SMB) decides by itself. Raises Unreadable for a link.
    """
    if os.name == "nt":
        return
    with speaking(path):
        above = os.stat(os.path.dirname(path) or os.curdir)
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            found = os.fstat(handle)
            given = above.st_mode & (0o2070 if stat.S_ISDIR(found.st_mode) else 0o060)
            ours = found.st_uid == os.geteuid() and found.st_gid == above.st_gid
            if ours and found.st_mode & given != given:
                with contextlib.suppress(PermissionError):
                    os.fchmod(handle, stat.S_IMODE(found.st_mode) | given)
        finally:
            os.close(handle)


class Folder:
    """An open folder on ground where others write too: by its handle, no link can lead us elsewhere.

    Raises Refused for a link, and OSError. Windows has no such handles; there the path stands for it.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._handle: int | None = None
        if not stat.S_ISDIR(os.lstat(place).st_mode):
            raise Refused("not-a-folder", path=place)
        if os.name != "nt":
            self._handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._handle is not None:
            os.close(self._handle)

    @property
    def handle(self) -> int | None:
        """What `dir_fd` wants; None where names are given as paths."""
        return self._handle

    def path(self, name: str) -> str:
        """The name as system calls want it beside `handle`."""
        return os.path.join(self._place, name) if self._handle is None else name

    def names(self) -> list[str]:
        """Everything in it."""
        return os.listdir(self._place if self._handle is None else self._handle)

    def look(self, name: str) -> os.stat_result:
        """What is there under this name; a link is not followed."""
        return os.stat(self.path(name), dir_fd=self._handle, follow_symlinks=False)

    def open(self, name: str) -> IO[bytes]:
        """Open for reading, unbuffered; a link is not followed."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(self.path(name), flags, dir_fd=self._handle), "rb", buffering=0)

    def take(self, source: str, name: str) -> None:
        """Rename `source` into it, in one step, whatever it is by now. Raises Refused when the name is taken.

        With `rename_new` somebody could put another file under the name `source` between its two steps.
        """
        with contextlib.suppress(FileNotFoundError):
            self.look(name)
            raise Refused("exists", path=name)
        os.rename(source, self.path(name), dst_dir_fd=self._handle)

    def remove(self, name: str) -> None:
        """Remove a file or a link."""
        os.unlink(self.path(name), dir_fd=self._handle)


def rename_new(source: AnyPath, target: AnyPath, *, source_folder: Folder | None = None) -> None:
    """Rename within one file system; never over an existing `target`. Raises Refused if there is one.

    `source` is a name inside `source_folder` when that is given.
    """
    handle = None
    if source_folder is not None:
        source, handle = source_folder.path(os.fsdecode(source)), source_folder.handle
    try:
        if os.name == "nt":
            os.rename(source, target)
            return
        try:
            os.link(source, target, src_dir_fd=handle, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError as problem:
            if problem.errno not in _NO_HARD_LINKS:
                raise
            _rename_held(source, target, handle)
            return
        os.unlink(source, dir_fd=handle)
    except FileExistsError as problem:
        raise Refused("exists", path=os.fsdecode(target)) from problem
    except OSError as problem:
        raise translated(problem, target) from problem


def _rename_held(source: AnyPath, target: AnyPath, handle: int | None) -> None:
    """Where there are no hard links (FAT, some shares, folders): something empty that we made holds the name."""
    if stat.S_ISDIR(os.stat(source, dir_fd=handle, follow_symlinks=False).st_mode):
        os.mkdir(target, 0o700)
        give_back: Callable[[AnyPath], None] = os.rmdir
    else:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        give_back = os.unlink
    try:
        os.replace(source, target, src_dir_fd=handle)
    except OSError:
        with contextlib.suppress(OSError):
            give_back(target)
        raise


def rename_aside(source: AnyPath, target: AnyPath) -> None:
    """Rename in one step. For a `target` in a folder that only we write to, where nothing is in the way."""
    os.rename(source, target)


def atomic_write(
    path: AnyPath, data: bytes | str | Iterable[bytes], *, mode: int = 0o600, overwrite: bool = False
) -> None:
    """Write a whole file or nothing: temporary file beside it, fsync, rename, fsync of the folder.

    `data` is bytes, text (UTF-8) or chunks. Raises Refused when `path` exists and `overwrite` is false.
    A link at `path` is replaced, never followed.
    """
    target = os.fsdecode(path)
    folder = os.path.dirname(target) or "."
    if not overwrite and os.path.lexists(target):
        raise Refused("exists", path=target)
    if isinstance(data, str):
        data = data.encode()
    with speaking(target):
        handle, draft = tempfile.mkstemp(prefix=".wissel-", suffix=".tmp", dir=folder)
        try:
            with os.fdopen(handle, "wb") as out:
                for chunk in (data,) if isinstance(data, bytes) else data:
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            os.chmod(draft, mode)
            if overwrite:
                os.replace(draft, target)
            else:
                rename_new(draft, target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft)
            raise
        sync_folder(folder)


def seal(path: AnyPath, *, mode: int = 0o400) -> None:
    """Make a regular file read-only and durable. A link is refused, never followed."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
    with speaking(path):
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise Refused("not-a-file", path=os.fsdecode(path))
        if os.name == "nt":
            _sync_on_windows(path)
            os.chmod(path, stat.S_IREAD)
            return
        handle = os.open(path, flags)
        try:
            os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)
        sync_folder(os.path.dirname(os.fspath(path)) or (b"." if isinstance(path, bytes) else "."))


def _sync_on_windows(path: AnyPath) -> None:
    # FlushFileBuffers wants a handle that may write.
    with open(path, "r+b") as file:
        os.fsync(file.fileno())


def chunks_of(
    file: IO[bytes], *, cancel: Callable[[], bool] | None = None, progress: Callable[[int], None] | None = None
) -> Iterator[bytes]:
    """The rest of a file in pieces. `progress` gets the bytes so far; `cancel` true raises Cancelled."""
    done = 0
    while chunk := file.read(CHUNK):
        if cancel is not None and cancel():
            raise Cancelled("cancelled")
        yield chunk
        done += len(chunk)
        if progress is not None:
            progress(done)


def sha256_of(
    path: AnyPath, *, cancel: Callable[[], bool] | None = None, progress: Callable[[int], None] | None = None
) -> str:
    """SHA-256 of a file as lower-case hex."""
    with speaking(path), open(path, "rb") as file:
        return sha256_of_file(file, cancel=cancel, progress=progress)


def sha256_of_file(
    file: IO[bytes], *, cancel: Callable[[], bool] | None = None, progress: Callable[[int], None] | None = None
) -> str:
    """SHA-256 of the rest of an open file."""
    digest = hashlib.sha256()
    for chunk in chunks_of(file, cancel=cancel, progress=progress):
        digest.update(chunk)
    return digest.hexdigest()


def copy_new(source: AnyPath, target: AnyPath, *, cancel: Callable[[], bool] | None = None) -> str:
    """Copy to a new file, durable when this returns. Returns the SHA-256 of what was written.

    Raises Refused when `target` exists, NoSpace when it does not fit; nothing is left behind then.
    """
    digest = hashlib.sha256()

    def hashed(file: IO[bytes]) -> Iterator[bytes]:
        with speaking(source):
            for chunk in chunks_of(file, cancel=cancel):
                digest.update(chunk)
                yield chunk

    with contextlib.ExitStack() as stack:
        with speaking(source):
            file = stack.enter_context(open(source, "rb"))
        atomic_write(target, hashed(file))
    return digest.hexdigest()
