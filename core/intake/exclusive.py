"""Does nobody have the file open for writing? Asked of the system, never guessed."""

from __future__ import annotations

import errno
import sys
from typing import IO


def free(path: str, file: IO[bytes]) -> bool | None:
    """True: nobody writes it. False: somebody has it open for writing. None: this system cannot tell.

    Linux: a read lease is refused while the file is open for writing anywhere on this machine (fcntl(2),
    F_SETLEASE). Windows: opening without any sharing fails while anybody else has it open.
    """
    return _free(path, file.fileno())


if sys.platform == "win32":
    import ctypes

    _GENERIC_READ, _OPEN_EXISTING, _SHARING_VIOLATION, _INVALID = 0x80000000, 3, 32, ctypes.c_void_p(-1).value

    def _free(path: str, _handle: int) -> bool | None:
        # Sharing only reads makes the open fail exactly while somebody holds it for writing; our own
        # read handle does not disturb it.
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateFileW.restype = ctypes.c_void_p
        handle = kernel.CreateFileW(path, _GENERIC_READ, 1, None, _OPEN_EXISTING, 0, None)
        if handle == _INVALID:
            return False if ctypes.get_last_error() == _SHARING_VIOLATION else None
        kernel.CloseHandle(ctypes.c_void_p(handle))
        return True

else:
    import fcntl
    import signal

    def _free(_path: str, handle: int) -> bool | None:
        lease = getattr(fcntl, "F_SETLEASE", None)
        if lease is None:
            return None
        try:
            # A writer that comes in this very moment breaks the lease by a signal to us: SIGURG is one
            # that is ignored unless asked for, the default SIGIO would end the process.
            fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(handle, lease, fcntl.F_RDLCK)
        except OSError as error:
            return False if error.errno in {errno.EAGAIN, errno.EWOULDBLOCK} else None
        fcntl.fcntl(handle, lease, fcntl.F_UNLCK)
        return True
