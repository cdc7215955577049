"""Compressed Unicode text: SCSU, as nchar and nvarchar stand in compressed rows.

*Built from documentation*: Unicode Technical Standard #6; that SQL Server uses it, and fills up to an odd length with
the tag SC0, which writes nothing [documented: BusinessCentral.BakReader, mssqlbak, OrcaMDF]. No sample of our own.
"""

from __future__ import annotations

from typing import Final

_STATIC: Final = (0x0000, 0x0080, 0x0100, 0x0300, 0x2000, 0x2080, 0x2100, 0x3000)
_DYNAMIC: Final = (0x0080, 0x00C0, 0x0400, 0x0600, 0x0900, 0x3040, 0x30A0, 0xFF00)
_SPECIAL: Final = {0xF9: 0x00C0, 0xFA: 0x0250, 0xFB: 0x0370, 0xFC: 0x0530, 0xFD: 0x3040, 0xFE: 0x30A0, 0xFF: 0xFF60}
_SQ0, _SDX, _SQU, _SCU, _SC0, _SD0 = 0x01, 0x0B, 0x0E, 0x0F, 0x10, 0x18
_UC0, _UD0, _UQU, _UDX, _UNICODE_RESERVED = 0xE0, 0xE8, 0xF0, 0xF1, 0xF2
_PLAIN: Final = frozenset({0x00, 0x09, 0x0A, 0x0D})
"""Control characters that stand for themselves; the others below 0x20 are tags."""
_PRINTED: Final = bytes(range(0x20, 0x80))


def expand(raw: bytes) -> str:
    """The text, never more characters than bytes; lone surrogates stay.

    Raises ValueError where tags are reserved or lack what they need.
    """
    if raw.isascii() and not raw.translate(None, _PRINTED):
        return raw.decode("ascii")
    reader = _Expander(raw)
    return reader.units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


class _Expander:
    """Reads all of it when made."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0
        self._windows = list(_DYNAMIC)
        self._active = 0
        self._unicode = False
        self._made: list[str] = []
        while self._at < len(raw):
            if self._unicode:
                self._wide(self._take())
            else:
                self._narrow(self._take())

    @property
    def units(self) -> str:
        """What was read; pairs of surrogates not yet joined."""
        return "".join(self._made)

    def _take(self) -> int:
        if self._at >= len(self._raw):
            raise ValueError("SCSU text ends within a tag")
        self._at += 1
        return self._raw[self._at - 1]

    def _narrow(self, byte: int) -> None:
        """One byte mode."""
        if byte >= 0x80:
            self._made.append(chr(self._windows[self._active] + byte - 0x80))
        elif byte >= 0x20 or byte in _PLAIN:
            self._made.append(chr(byte))
        elif byte < _SQ0 + 8:
            quoted, window = self._take(), byte - _SQ0
            first = self._windows[window] - 0x80 if quoted >= 0x80 else _STATIC[window]
            self._made.append(chr(first + quoted))
        elif byte == _SDX:
            self._define_far()
        elif byte == _SQU:
            self._quote()
        elif byte == _SCU:
            self._unicode = True
        elif byte >= _SD0:
            self._define(byte - _SD0)
        elif byte >= _SC0:
            self._active = byte - _SC0
        else:
            raise ValueError("reserved SCSU tag")

    def _wide(self, byte: int) -> None:
        """Two byte mode."""
        if _UC0 <= byte < _UD0:
            self._active, self._unicode = byte - _UC0, False
        elif _UD0 <= byte < _UQU:
            self._define(byte - _UD0)
        elif byte == _UQU:
            self._quote()
        elif byte == _UDX:
            self._define_far()
        elif byte == _UNICODE_RESERVED:
            raise ValueError("reserved SCSU tag")
        elif self._at == len(self._raw) and byte == _SC0:
            pass  # the byte that fills up
        else:
            self._made.append(chr(byte << 8 | self._take()))

    def _quote(self) -> None:
        self._made.append(chr(self._take() << 8 | self._take()))

    def _define(self, window: int) -> None:
        offset = self._take()
        if 0x01 <= offset <= 0x67:
            first = offset << 7
        elif 0x68 <= offset <= 0xA7:
            first = (offset << 7) + 0xAC00
        elif offset in _SPECIAL:
            first = _SPECIAL[offset]
        else:
            raise ValueError("reserved SCSU window")
        self._windows[window], self._active, self._unicode = first, window, False

    def _define_far(self) -> None:
        """A window beyond the first 65,536 characters."""
        high, low = self._take(), self._take()
        self._windows[high >> 5] = 0x10000 + ((high & 0x1F) << 15 | low << 7)
        self._active, self._unicode = high >> 5, False
