"""Values as text, with no loss: for CSV and JSON lines, and for a glimpse on the screen.

Exact numbers keep every digit, moments are ISO 8601 without a zone (the server's local time), bytes are hexadecimal,
and what cannot be decoded is shown as `<type:hex>`, never guessed.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any

from core.formats.inside.column import Column, Undecoded

Form = Callable[[Any], str]


def _undecoded(value: Undecoded) -> str:
    return f"<{value.type}:{value.raw.hex()}>"


def _real(value: float) -> str:
    """The shortest text that is the same 32-bit number."""
    if not math.isfinite(value):
        return repr(value)
    for digits in (6, 7, 8):
        text = f"{value:.{digits}g}"
        if struct.pack("<f", float(text)) == struct.pack("<f", value):
            return repr(float(text))
    return repr(float(f"{value:.9g}"))


_FORMS: dict[type, Form] = {
    str: str,
    bool: lambda value: "1" if value else "0",
    int: str,
    float: repr,
    Decimal: "{:f}".format,
    bytes: bytes.hex,
    date: date.isoformat,
    time: time.isoformat,
    datetime: datetime.isoformat,
    Undecoded: _undecoded,
}
_OF_TYPE: dict[str, dict[type, Form]] = {
    "real": {float: _real},
    "datetime": {datetime: lambda value: value.isoformat(timespec="milliseconds")},
}
_BARE = frozenset({int, bool, float})
"""Values that JSON has itself."""


_WHOLE = frozenset({"tinyint", "smallint", "int", "bigint"})
_EXACT = frozenset({"decimal", "numeric", "money", "smallmoney"})
_MOMENTS = {"date": "D", "datetime": "ms", "smalldatetime": "s"}
"""Type -> NumPy's name of its smallest unit."""


def text_of(value: object, kind: str = "") -> str:
    """One value that is not NULL."""
    form = _OF_TYPE.get(kind, {}).get(type(value)) or _FORMS.get(type(value), str)
    return form(value)


def texts(column: Column) -> list[str | None]:
    """All values of a column; None for NULL."""
    found = _at_once(column)
    if found is not None:
        return found
    forms = _forms(column.type.name)
    return [None if value is None else forms.get(type(value), str)(value) for value in column.to_list()]


def json_texts(column: Column) -> list[str]:
    """All values of a column as JSON: numbers that JSON holds exactly as they are, exact decimals as text."""
    found = _at_once(column)
    if found is not None:
        bare = column.type.name in _WHOLE and not column.odd
        return ["null" if text is None else text if bare else f'"{text}"' for text in found]
    forms: dict[type, Form] = {**_forms(column.type.name), bool: lambda value: "true" if value else "false"}

    def one(value: object) -> str:
        if value is None:
            return "null"
        text = forms.get(type(value), str)(value)
        bare = type(value) in _BARE and not (isinstance(value, float) and not math.isfinite(value))
        return text if bare else encode_basestring_ascii(text)

    return list(map(one, column.to_list()))


def plain(column: Column) -> bool:
    """No text of this column can need quotes."""
    return not isinstance(column.values, list) and not column.odd


def _at_once(column: Column) -> list[str | None] | None:
    """The texts of a column of numbers, without a Python value for each; None for any other column."""
    values, kind = column.values, column.type.name
    found: list[str | None]
    if isinstance(values, list) or column.odd:
        return None
    if kind in _WHOLE:
        found = list(map(str, values.tolist()))
    elif kind in _EXACT:
        found = _pointed(values.tolist(), column.type.places)
    elif kind in _MOMENTS:
        found = list(map(str, values.astype(f"M8[{_MOMENTS[kind]}]")))
    else:
        return None
    for row in column.null.nonzero()[0].tolist():
        found[row] = None
    return found


def _pointed(numbers: list[int], places: int) -> list[str | None]:
    if not places:
        return list(map(str, numbers))
    made: list[str | None] = []
    for number in numbers:
        digits = str(abs(number)).rjust(places + 1, "0")
        made.append(f"{'-' if number < 0 else ''}{digits[:-places]}.{digits[-places:]}")
    return made


def _forms(kind: str) -> dict[type, Form]:
    special = _OF_TYPE.get(kind)
    return {**_FORMS, **special} if special else _FORMS
