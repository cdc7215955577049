"""Where a register may live: SQLite's locks cannot be trusted on a network share."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre",
     "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "davfs", "fuse.davfs2"}
)  # fmt: skip
"""File systems whose locks or shared memory other machines do not see [SQLite: How To Corrupt, 2.1]."""

MOUNTS = "/proc/self/mountinfo"
REMOTE_DRIVE = 4
"""What Windows' GetDriveType says of a mapped share."""


def network_of(folder: str) -> str | None:
    """The network file system that holds `folder`; None: a local one, or the system does not say."""
    real = os.path.realpath(folder)
    if sys.platform == "win32":
        import ctypes

        drive = os.path.splitdrive(real)[0]
        remote = drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == REMOTE_DRIVE
        return "smb" if remote else None
    try:
        with open(MOUNTS, encoding="utf-8", errors="surrogateescape") as file:
            kind = kind_at(real, file)
    except OSError:
        return None
    return kind if kind in NETWORK else None


def kind_at(path: str, mounts: Iterable[str]) -> str | None:
    """The file system type of `path`, by lines as in /proc/self/mountinfo [proc(5)]; the last mount wins."""
    best: tuple[int, str] | None = None
    for line in mounts:
        before, _, after = line.partition(" - ")
        parts = before.split(" ")
        if len(parts) < 6 or not after:
            continue
        point = re.sub(r"\\(\d{3})", lambda match: chr(int(match.group(1), 8)), parts[4])
        holds = path == point or path.startswith(point.rstrip("/") + "/")
        if holds and (best is None or len(point) >= best[0]):
            best = (len(point), after.split(" ", 1)[0])
    return best[1] if best else None
