"""LZ77+Huffman ([MS-XCA] 2.1, 2.2) expanded in C where there is a library for it, without holding Python's lock.

`libwim` (wimlib, of the system: Debian's `libwim15`) does it some seven times as fast as `libfwnt-python`, which comes
with this package; without either it is done in Python.
"""

from __future__ import annotations

import ctypes
import threading
from functools import cache

from core.errors import BadFormat
from core.formats.xpress import TABLE, Expander

_LIBWIM = "libwim.so.15"
_XPRESS = 1
"""WIMLIB_COMPRESSION_TYPE_XPRESS: the same packing, in archives of Windows."""
LARGEST = 1 << 16
"""Bytes that `libwim` expands at once."""


def expand(raw: bytes, size: int) -> bytes:
    """One record expanded to `size` bytes. Raises BadFormat where it does not give as many."""
    return (with_libwim if size <= LARGEST and libwim() is not None else with_libfwnt)(raw, size)


def with_libwim(raw: bytes, size: int) -> bytes:
    """By `libwim`, which is there."""
    library, own = libwim(), _of_thread
    if library is None or not any(raw[:TABLE]):  # it takes a table without any code for an empty archive's
        raise BadFormat("structure", what="record")
    if not hasattr(own, "decompressor"):
        own.decompressor = _Decompressor(library)
    out = ctypes.create_string_buffer(size)
    if library.wimlib_decompress(raw, len(raw), out, size, own.decompressor.handle):
        raise BadFormat("structure", what="record")
    return out.raw


def with_libfwnt(raw: bytes, size: int) -> bytes:
    """By `libfwnt-python`, or in Python without it."""
    try:
        import pyfwnt
    except ImportError:
        return bytes(Expander(raw, size).upto(size))
    try:
        data = bytes(pyfwnt.lzxpress_huffman_decompress(raw, size))
    except OSError as error:
        raise BadFormat("structure", what="record") from error
    if len(data) != size:
        raise BadFormat("structure", what="record")
    return data


@cache
def libwim() -> ctypes.CDLL | None:
    """The library, when the system has it. Declarations: `wimlib.h`, 1.10 and later."""
    try:
        library = ctypes.CDLL(_LIBWIM)
        pointer, count = ctypes.c_void_p, ctypes.c_size_t
        library.wimlib_create_decompressor.argtypes = [ctypes.c_int, count, ctypes.POINTER(pointer)]
        library.wimlib_decompress.argtypes = [ctypes.c_char_p, count, pointer, count, pointer]
        library.wimlib_free_decompressor.argtypes = [pointer]
        library.wimlib_free_decompressor.restype = None
    except (OSError, AttributeError):
        return None
    return library


class _Decompressor:
    """What `libwim` works with: one for each thread."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self.handle = ctypes.c_void_p()
        if library.wimlib_create_decompressor(_XPRESS, LARGEST, ctypes.byref(self.handle)):
            raise MemoryError

    def __del__(self) -> None:
        self._library.wimlib_free_decompressor(self.handle)


_of_thread = threading.local()
