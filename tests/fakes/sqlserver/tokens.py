"""Tokens: the words a server answers in, as bytes. Layout: MS-TDS 2.2.7."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from fakes.sqlserver.cells import COLLATION, WireColumn
from fakes.sqlserver.seam import ServerError

DONE, DONE_PROCEDURE, DONE_INSIDE = 0xFD, 0xFE, 0xFF
MORE, FAILED, COUNTED, STOPPED = 0x01, 0x02, 0x10, 0x20
"""Status bits of the three kinds of DONE."""
SELECTED = 0xC1
ROW = b"\xd1"
DATABASE, LANGUAGE, PACKET_SIZE, COLLATED, BEGUN, COMMITTED, ROLLED_BACK = 1, 2, 4, 7, 8, 9, 10
"""What an ENVCHANGE tells."""
FATAL = 20
"""Errors of this severity and above end the connection."""
LONGEST_MESSAGE = 2047


def short(text: str) -> bytes:
    """Text behind its length in one byte."""
    data = text.encode("utf-16-le", "surrogatepass")
    return bytes([len(data) // 2]) + data


def _message(token: int, what: ServerError, server: str) -> bytes:
    said = what.message[:LONGEST_MESSAGE].encode("utf-16-le", "surrogatepass")
    head = struct.pack("<iBBH", what.number, what.state, what.severity, len(said) // 2)
    return _sized(token, head + said + short(server) + short("") + struct.pack("<I", 1))


def _sized(token: int, body: bytes) -> bytes:
    return bytes([token]) + struct.pack("<H", len(body)) + body


def error(what: ServerError, server: str) -> bytes:
    """ERROR."""
    return _message(0xAA, what, server)


def info(number: int, text: str, server: str, severity: int = 0, state: int = 1) -> bytes:
    """INFO."""
    return _message(0xAB, ServerError(number, text, severity, state), server)


def done(status: int = 0, count: int | None = None, *, token: int = DONE, command: int = 0) -> bytes:
    """DONE, DONEPROC or DONEINPROC."""
    counted = status if count is None else status | COUNTED
    return struct.pack("<BHHQ", token, counted, command, count or 0)


def changed(what: int, new: bytes, old: bytes = b"\0") -> bytes:
    """ENVCHANGE: something the client keeps in mind has another value now."""
    return _sized(0xE3, bytes([what]) + new + old)


def database(new: str, old: str, server: str) -> bytes:
    """Another database, and the message that says so."""
    said = info(5701, f"Changed database context to '{new}'.", server, state=2)
    return changed(DATABASE, short(new), short(old)) + changed(COLLATED, bytes([len(COLLATION)]) + COLLATION) + said


def transaction(what: int, number: int) -> bytes:
    """A transaction has begun, or this one has ended."""
    descriptor = b"\x08" + struct.pack("<Q", number)
    return changed(what, descriptor) if what == BEGUN else changed(what, b"\0", descriptor)


def columns(said: Sequence[WireColumn]) -> bytes:
    """COLMETADATA."""
    return b"\x81" + struct.pack("<H", len(said)) + b"".join(each.announced for each in said)


def returned(handle: int) -> bytes:
    """RETURNVALUE: the handle of a prepared statement."""
    return b"\xac\x00\x00" + short("@handle") + b"\x01" + struct.pack("<IHBBBi", 0, 0, 0x26, 4, 4, handle)


def status(number: int) -> bytes:
    """RETURNSTATUS of a procedure."""
    return b"\x79" + struct.pack("<i", number)


def acknowledged(version: tuple[int, int, int], tds: bytes) -> bytes:
    """LOGINACK."""
    major, minor, build = version
    return _sized(
        0xAD, b"\x01" + tds + short("Microsoft SQL Server\0\0") + bytes([major, minor, build >> 8, build & 255])
    )
