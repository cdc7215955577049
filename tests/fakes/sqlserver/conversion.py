"""Values from one type to another as SQL Server does it, with its errors; the result is what SQLite keeps."""

from __future__ import annotations

import math
import re
import struct
import uuid
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from fakes.sqlserver.answers import error
from fakes.sqlserver.seam import Value
from fakes.sqlserver.sqltypes import BYTES, EXACT, MOMENTS, OLD, WHOLE, WIDE, SqlType, of_value

Kept = int | float | str | bytes | None
_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?.*", re.DOTALL)
_MOMENT = re.compile(
    r"(?:(\d{4})-?(\d\d)-?(\d\d))?[T ]*(?:(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d\d:\d\d)?"
)
_MONEY = {"money": 2**63, "smallmoney": 2**31}


def kept(value: Value | Kept, to: SqlType, *, cast: bool = False, source: SqlType | None = None) -> Kept:
    """What SQLite keeps of it. `cast`: text that is too long is cut; otherwise that is error 8152."""
    if value is None:
        return None
    if to.text:
        return _text(value, to, cast=cast, source=source)
    if to.name in WHOLE:
        return _whole(value, to)
    if to.name in {"float", "real"}:
        return _float(value, to)
    if to.name in EXACT:
        return _exact(value, to)
    if to.name in MOMENTS:
        return _moment(value, to)
    if to.name == "uniqueidentifier":
        return _guid(value, to)
    if to.name in BYTES:
        return _bytes(value, to, cast=cast)
    return value if isinstance(value, int | float | str | bytes) else str(value)


def _named(value: object) -> str:
    found = of_value(value)  # type: ignore[arg-type]
    return found.name if found else "varchar"


def units(text: str) -> int:
    """Length as SQL Server counts it: in UTF-16."""
    return len(text) + sum(character > "\uffff" for character in text)


def _text(value: object, to: SqlType, *, cast: bool, source: SqlType | None) -> Kept:
    text = shown(value, source)
    if to.name not in WIDE:
        text = text.encode("cp1252", "replace").decode("cp1252")
    elif any("\ud800" <= character <= "\udfff" for character in text):
        return text.encode("utf-16-le", "surrogatepass")  # SQLite holds no half characters
    most = max(0, to.length)
    size = units(text) if to.name in WIDE else len(text)
    if most and size > most:
        if not cast and text[most:].strip(" "):
            raise error(8152)
        text = text[:most]
    return text.ljust(most) if to.name in {"char", "nchar"} else text


def shown(value: object, source: SqlType | None = None, style: int = 0) -> str:
    """As text. `source`: its type, where SQLite keeps a text of its own for it."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.6g}" if value != int(value) or abs(value) >= 1e6 else str(int(value))
    if isinstance(value, bytes):
        return _hex(value, style) if style else value.decode("cp1252", "replace")
    if isinstance(value, uuid.UUID):
        return str(value).upper()
    if isinstance(value, datetime | date | time):
        source = source or of_value(value)
        value = _moment(value, source or SqlType("datetime"))
    if isinstance(value, str) and source is not None and source.name in MOMENTS:
        return _styled(value, source, style)
    return str(value)


def _hex(value: bytes, style: int) -> str:
    return ("0x" if style == 1 else "") + value.hex().upper()


def _styled(text: str, source: SqlType, style: int) -> str:
    if source.name in {"date", "time"}:
        return text.replace("-", "") if style == 112 else text
    moment = datetime.fromisoformat(text[:26])
    match style:
        case 20 | 120:
            return text[:19]
        case 21 | 25 | 121:
            return text
        case 23:
            return text[:10]
        case 112:
            return f"{moment:%Y%m%d}"
        case 126 | 127:
            return text.replace(" ", "T").removesuffix(".000")
        case 0 | 100 if source.name in {"datetime", "smalldatetime"}:
            return f"{moment:%b} {moment.day:>2} {moment.year} {moment.hour % 12 or 12:>2}:{moment:%M%p}"
        case 0:
            return text
    raise error(102, style)


def _whole(value: object, to: SqlType) -> int:
    low, high = WHOLE[to.name]
    if isinstance(value, str):
        try:
            number = int(value.strip() or "0")
        except ValueError:
            if to.name == "bit" and value.strip().casefold() in {"true", "false"}:
                return int(value.strip().casefold() == "true")
            raise error(245, _named(value), value, to.name) from None
    elif isinstance(value, int | float | Decimal):
        number = math.trunc(value) if to.name != "bit" else int(value != 0)
    elif isinstance(value, bytes) and len(value) <= 8:
        number = int.from_bytes(value, "big", signed=len(value) in {4, 8})
    else:
        raise error(257, _named(value), to.name)
    if to.name == "bit":
        return int(number != 0)
    if low <= number <= high:
        return number
    if to.name in {"tinyint", "smallint"}:
        raise error(220, to.name, number)
    raise error(8115, "expression", to.name)


def _float(value: object, to: SqlType) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except ValueError:
        raise error(8114, _named(value), to.name) from None
    except TypeError:
        raise error(257, _named(value), to.name) from None
    if not math.isfinite(number):
        raise error(8115, "expression", to.name)
    return float(struct.unpack("<f", struct.pack("<f", number))[0]) if to.name == "real" else number


def _exact(value: object, to: SqlType) -> str:
    places = 4 if to.name in _MONEY else to.scale
    try:
        number = Decimal(repr(value) if isinstance(value, float) else str(value).strip() if value != "" else "0")
        made = number.quantize(Decimal((0, (1,), -places)), ROUND_HALF_UP) if number.is_finite() else None
    except InvalidOperation:
        if isinstance(value, str):
            raise error(8114, _named(value), to.name) from None
        made = None
    limit = Decimal(_MONEY[to.name]) / 10_000 if to.name in _MONEY else Decimal(10) ** (to.precision - to.scale)
    if made is None or abs(made) >= limit:
        raise error(8115, "numeric" if isinstance(value, Decimal) else _named(value), to.name)
    return f"{made + 0:f}"


def _moment(value: object, to: SqlType) -> str:
    day, ticks, zone = _taken(value, to)
    if to.name == "date":
        return day.isoformat()
    places = {"datetime": 3, "smalldatetime": 0, "datetimeoffset": to.scale, "datetime2": to.scale}.get(
        to.name, to.scale
    )
    if to.name == "datetime":
        ticks = _rounded(ticks * 300, 10_000_000) * 10_000_000 // 300
        ticks = _rounded(ticks, 10_000) * 10_000
    elif to.name == "smalldatetime":
        ticks = _rounded(ticks, 600_000_000) * 600_000_000
    else:
        step: int = 10 ** (7 - to.scale)
        ticks = _rounded(ticks, step) * step
    days, ticks = divmod(ticks, 864_000_000_000)
    clock = _clock(ticks, places)
    if to.name == "time":
        return clock
    try:
        day += timedelta(days=days)
    except OverflowError:
        raise error(242, _named(value), to.name) from None
    lowest = {"datetime": 1753, "smalldatetime": 1900}.get(to.name, 1)
    if day.year < lowest or (to.name == "smalldatetime" and day > date(2079, 6, 6)):
        raise error(242, _named(value), to.name)
    return f"{day.isoformat()} {clock}" + (f" {zone or '+00:00'}" if to.name == "datetimeoffset" else "")


def _rounded(value: int, step: int) -> int:
    return (2 * value + step) // (2 * step)


def _clock(ticks: int, places: int) -> str:
    seconds, part = divmod(ticks, 10_000_000)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{f'{part:07d}'[:places]}" if places else text


def _taken(value: object, to: SqlType) -> tuple[date, int, str]:
    """(day, units of 100 ns since midnight, zone)."""
    if isinstance(value, datetime):
        text = value.isoformat(" ")
    elif isinstance(value, date | time):
        text = value.isoformat()
    elif isinstance(value, int | float) and to.name in {"datetime", "smalldatetime"}:
        text = (datetime.fromisoformat("1900-01-01") + timedelta(days=value)).isoformat(" ")
    elif isinstance(value, str):
        text = value.strip()
    else:
        raise error(257, _named(value), to.name)
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise error(241)
    year, month, number, hour, minute, second, part, zone = found.groups()
    if isinstance(value, str) and to.name in {"datetime", "smalldatetime"} and len((part or "").rstrip("0")) > 3:
        raise error(241)
    try:
        day = date(int(year), int(month), int(number)) if year else date(1900, 1, 1)
        time(int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        raise error(241) from None
    seconds = int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    return day, seconds * 10_000_000 + int((part or "").ljust(7, "0")[:7] or 0), zone or ""


def _guid(value: object, to: SqlType) -> str:
    if isinstance(value, uuid.UUID):
        return str(value).upper()
    if isinstance(value, bytes) and len(value) == 16:
        return str(uuid.UUID(bytes_le=value)).upper()
    found = _GUID.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise error(8169) if isinstance(value, str) else error(257, _named(value), to.name)
    return found[1].upper()


def _bytes(value: object, to: SqlType, *, cast: bool) -> bytes:
    if isinstance(value, str) and cast:
        value = value.encode("utf-16-le")
    if isinstance(value, int) and to.name in {"binary", "varbinary"}:
        value = value.to_bytes(4 if abs(value) < 2**31 else 8, "big", signed=True)
    if not isinstance(value, bytes):
        raise error(257, _named(value), "varbinary" if to.name in OLD else to.name)
    size = 8 if to.name == "timestamp" else max(0, to.length)
    if size and len(value) > size:
        if not cast:
            raise error(8152)
        value = value[:size]
    return value.ljust(size, b"\0") if to.name in {"binary", "timestamp"} else value


def cell(stored: object, of: SqlType) -> Value:
    """What goes over the wire."""
    if isinstance(stored, bytes) and of.text:
        return stored.decode("utf-16-le", "surrogatepass")
    return stored  # type: ignore[return-value]
