"""Text in SCSU, the compressed form of Unicode Technical Standard #6. Shares nothing with `core.formats.inside`."""

from __future__ import annotations

import random

_WINDOWS = (0x0080, 0x00C0, 0x0400, 0x0600, 0x0900, 0x3040, 0x30A0, 0xFF00)
_PLAIN = {0x00, 0x09, 0x0A, 0x0D, *range(0x20, 0x80)}


def unicode_compressed(text: str, chance: random.Random) -> bytes:
    """Plain when that is shorter, else SCSU, filled up to an odd length."""
    made = squeezed(text, chance)
    made += b"\x10" if len(made) % 2 == 0 and text else b""
    plain = text.encode("utf-16-le")
    return made if len(made) < len(plain) else plain


def squeezed(text: str, chance: random.Random) -> bytes:
    """SCSU; where it leaves a choice, `chance` takes it, so all tags come to be used."""
    writer = _Writer(chance)
    for character in text:
        writer.add(character)
    return bytes(writer.made)


class _Writer:
    def __init__(self, chance: random.Random) -> None:
        self.made = bytearray()
        self._chance = chance
        self._windows = list(_WINDOWS)
        self._active = 0
        self._wide = False

    def add(self, character: str) -> None:
        code = ord(character)
        if self._wide and not self._leave(code):
            self.made += _units(character)
        elif code in _PLAIN:
            self.made.append(code)
        elif code < 0x20:
            self.made += bytes([0x01, code])
        elif not self._near(code):
            self._far(character, code)

    def _leave(self, code: int) -> bool:
        """Out of the mode of two bytes, in one of the three ways; most of the time not."""
        way = self._chance.randrange(6)
        if way > 2:
            return False
        window = self._chance.randrange(8)
        if way == 0:
            self.made.append(0xE0 + window)
        elif way == 1:
            self.made += bytes([0xE8 + window]) + self._narrow(window, 0x0080)
        else:
            self.made += bytes([0xF1]) + self._beyond(window, max(code, 0x10000))
        self._active, self._wide = window, False
        return True

    def _near(self, code: int) -> bool:
        """In a window that there is."""
        known = [at for at, first in enumerate(self._windows) if first <= code < first + 0x80]
        if self._active in known:
            self.made.append(0x80 + code - self._windows[self._active])
        elif known:
            quoted = self._chance.random() < 0.5
            self.made += bytes([(0x01 if quoted else 0x10) + known[0], 0x80 + code - self._windows[known[0]]])
            self._active = self._active if quoted else known[0]
        return bool(known)

    def _far(self, character: str, code: int) -> None:
        """In a window to be made, quoted, or in the mode of two bytes."""
        window = self._chance.randrange(8)
        if code > 0xFFFF:
            self.made += bytes([0x0B]) + self._beyond(window, code) + bytes([0x80 + (code & 0x7F)])
            self._active = window
        elif code < 0x3400 or code >= 0xE000:
            self.made += bytes([0x18 + window]) + self._narrow(window, code) + bytes([0x80 + (code & 0x7F)])
            self._active = window
        elif self._chance.random() < 0.5:
            self.made += bytes([0x0E]) + code.to_bytes(2, "big")
        else:
            self._wide = True
            self.made += bytes([0x0F]) + _units(character)

    def _narrow(self, window: int, code: int) -> bytes:
        self._windows[window] = code & ~0x7F
        return bytes([code >> 7 if code < 0x3400 else (code - 0xAC00) >> 7])

    def _beyond(self, window: int, code: int) -> bytes:
        self._windows[window] = code & ~0x7F
        return (window << 13 | ((code & ~0x7F) - 0x10000) >> 7).to_bytes(2, "big")


def _units(character: str) -> bytes:
    units = character.encode("utf-16-be")
    return b"".join(
        (b"\xf0" if 0xE0 <= units[at] <= 0xF2 else b"") + units[at : at + 2] for at in range(0, len(units), 2)
    )
