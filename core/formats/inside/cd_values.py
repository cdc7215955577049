"""Values as compressed rows hold them: shortened, each type in its own way.

*Built from documentation*: BusinessCentral.BakReader and mssqlbak, which checked it against a server; OrcaMDF for
money and datetime; Microsoft, "Row compression implementation". Nothing at all is zero, or blanks, in every type.
Where the first two disagree (whether date and time types lose zero bytes at their end) both are read right.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from core.formats.inside import types as kinds
from core.formats.inside.column import Undecoded
from core.formats.inside.scsu import expand
from core.formats.inside.text import WIDE, text_of
from core.formats.inside.types import ColumnType
from core.formats.inside.values import decoder_of

Inflate = Callable[[bytes, ColumnType], bytes | None]
"""From what stands in a compressed row to what an uncompressed one would hold; None: no value of the type."""
_EXPONENT_OF_ONE: Final = 63
_MOST_DECIMAL: Final = 1 + 17
"""Bytes of a decimal: 38 digits in groups of three, of which the first may have leading zeros and the last trailing."""


def inflate(raw: bytes, kind: ColumnType) -> bytes | None:
    """The `kind.width` bytes of a value of a type of fixed width; None: no value of the type."""
    width = kind.width or 0
    if not raw and kind.id not in kinds.DECIMALS:
        return bytes(width)
    made = _INFLATERS.get(kind.id, _as_it_is)(raw, kind)
    return made if made is not None and len(made) == width else None


def decoder_in_row(kind: ColumnType) -> Callable[[bytes], object]:
    """From the bytes in a compressed row to the value, for text, bytes and what has no fixed width."""
    plain = decoder_of(kind)
    if kind.id in kinds.PADDED and kind.width is None:
        return lambda raw: Undecoded(kind.name, raw)
    if kind.id in {kinds.NVARCHAR, kinds.NCHAR} and kind.length != -1:
        return partial(_unicode, kind)
    filler = {kinds.CHAR: b" ", kinds.BINARY: b"\0"}.get(kind.id)
    if filler is None:
        return plain

    def padded(raw: bytes) -> object:
        return Undecoded(kind.name, raw) if len(raw) > kind.length else plain(raw.ljust(kind.length, filler))

    return padded


def _unicode(kind: ColumnType, raw: bytes) -> object:
    """An odd number of bytes is SCSU, an even one is plain."""
    if len(raw) % 2:
        try:
            text: object = expand(raw)
        except ValueError:
            return Undecoded(kind.name, raw)
    else:
        text = text_of(raw, WIDE)
    if not isinstance(text, str):
        return Undecoded(kind.name, raw)
    units = len(text) + sum(each > "\uffff" for each in text) if not text.isascii() else len(text)
    if 2 * units > kind.length:
        return Undecoded(kind.name, raw)
    return text + " " * (kind.length // 2 - units) if kind.id == kinds.NCHAR else text


def _as_it_is(raw: bytes, _kind: ColumnType) -> bytes | None:
    return raw


def _bit(raw: bytes, _kind: ColumnType) -> bytes | None:
    return raw if raw in {b"\0", b"\1"} else None


def _low_zeros(raw: bytes, kind: ColumnType) -> bytes | None:
    """What float and real lose are zero bytes of the fraction; smalldatetime, one source says, loses them too."""
    return raw.rjust(kind.width or 0, b"\0")


def _high_zeros(raw: bytes, kind: ColumnType) -> bytes | None:
    return raw.ljust(kind.width or 0, b"\0")


def _signed(raw: bytes) -> int:
    """Highest byte first, moved up by half of what so many bytes can hold."""
    return int.from_bytes(raw, "big") - (1 << 8 * len(raw) - 1)


def _integer(raw: bytes, kind: ColumnType) -> bytes | None:
    width = kind.width or 0
    return _signed(raw).to_bytes(width, "little", signed=True) if len(raw) <= width else None


def _datetime(raw: bytes, _kind: ColumnType) -> bytes | None:
    """One number: days in its upper 32 bits, 1/300 seconds in the lower."""
    if len(raw) > 8:
        return None
    days, ticks = divmod(_signed(raw), 1 << 32)
    return ticks.to_bytes(4, "little") + days.to_bytes(4, "little", signed=True)


def _decimal(raw: bytes, kind: ColumnType) -> bytes | None:
    """Sign and exponent in one byte, then digits by threes in ten bits each: 0.digits x 10**exponent."""
    width = kind.width or 0
    if not raw:
        return b"\1" + bytes(width - 1)
    bits = 8 * (len(raw) - 1)
    if not 0 < bits <= 8 * (_MOST_DECIMAL - 1):
        return None
    packed, groups = int.from_bytes(raw[1:], "big") << -bits % 10, -(-bits // 10)
    digits = 0
    for at in reversed(range(groups)):
        group = packed >> 10 * at & 0x3FF
        if group > 999:
            return None
        digits = digits * 1000 + group
    power = (raw[0] & 0x7F) - _EXPONENT_OF_ONE - 3 * groups + kind.scale
    ten: int = 10 ** abs(power)
    number, rest = (digits * ten, 0) if power >= 0 else divmod(digits, ten)
    if rest or number >= 10**kind.precision or number >> 8 * (width - 1):
        return None
    return bytes([raw[0] >> 7]) + number.to_bytes(width - 1, "little")


_INFLATERS: Final[dict[int, Inflate]] = {
    **dict.fromkeys((kinds.SMALLINT, kinds.INT, kinds.BIGINT, *kinds.MONEYS), _integer),
    **dict.fromkeys((kinds.REAL, kinds.FLOAT, kinds.SMALLDATETIME, kinds.TIMESTAMP), _low_zeros),
    **dict.fromkeys((kinds.DATE, kinds.TIME, kinds.DATETIME2, kinds.OFFSET), _high_zeros),
    **dict.fromkeys(kinds.DECIMALS, _decimal),
    kinds.BIT: _bit,
    kinds.DATETIME: _datetime,
}
