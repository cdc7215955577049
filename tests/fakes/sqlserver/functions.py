"""Functions inside SQLite that behave as SQL Server's, and those that answer about the server."""

from __future__ import annotations

import math
import re
import sqlite3
import uuid
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any, Protocol

from fakes.sqlserver.answers import error
from fakes.sqlserver.codes import type_number
from fakes.sqlserver.conversion import Kept, kept, shown, units
from fakes.sqlserver.seam import ServerError
from fakes.sqlserver.sqltypes import WIDE, SqlType

_EXACT = Context(prec=76)


class Asked(Protocol):
    """Whoever answers about the server: a session."""

    failure: ServerError | None

    def variable(self, name: str) -> Kept: ...

    def function(self, name: str, args: tuple[Kept, ...]) -> Kept: ...

    def next_identity(self, table: str) -> int: ...

    def next_version(self) -> bytes: ...


def register(connection: sqlite3.Connection, session: Asked) -> None:
    """All of them. An error in one is kept in `session.failure`: SQLite says only that it failed."""

    def guarded(call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any) -> Any:
            try:
                return call(*args)
            except ServerError as problem:
                session.failure = problem
                raise

        return made

    simple: tuple[tuple[str, int, Callable[..., Any]], ...] = (
        ("convert_to", 4, _converted), ("exact_maths", 4, _maths), ("divided", 3, _divided), ("sql_like", 3, _like),
        ("sql_upper", 1, _null(str.upper)), ("sql_lower", 1, _null(str.lower)), ("sql_len", 1, _null(_len)),
        ("sql_datalength", 3, _datalength), ("sql_abs", 1, _abs), ("sql_round", 2, _round), ("fitting", 2, _fitting),
        ("sql_substring", 3, _substring), ("sql_left", 2, _null2(lambda text, n: text[:n])),
        ("sql_right", 2, _null2(lambda text, n: text[-n:] if n else "")),
    )  # fmt: skip
    for name, count, call in simple:
        connection.create_function(name, count, guarded(call), deterministic=True)
    connection.create_function("server_now", 0, now)
    connection.create_function("new_id", 0, lambda: str(uuid.uuid4()).upper())
    connection.create_function("server_variable", 1, guarded(session.variable))
    connection.create_function("server_function", -1, guarded(lambda name, *args: session.function(name, args)))
    connection.create_function("next_identity", 1, guarded(session.next_identity))
    connection.create_function("next_version", 0, guarded(session.next_version))
    connection.create_aggregate("exact_sum", 1, _ExactSum)  # type: ignore[arg-type]


def now() -> str:
    """The server's local time, as a `datetime`."""
    return str(kept(datetime.now(), SqlType("datetime")))  # noqa: DTZ005 - SQL Server's clock has no zone


def _null(call: Callable[[str], Any]) -> Callable[[str | None], Any]:
    return lambda text: None if text is None else call(str(text))


def _null2(call: Callable[[str, int], Any]) -> Callable[[str | None, int | None], Any]:
    return lambda text, number: None if text is None or number is None else call(str(text), number)


def _converted(to: int, source: int, style: int, value: Any) -> Kept:
    wanted, own = type_number(to), type_number(source) if source >= 0 else None
    if value is None:
        return None
    if own is not None and own.name == "datetime" and wanted.name == "datetime2" and isinstance(value, str):
        value += {"3": "3333", "7": "6667"}.get(value[-1], "")  # a datetime counts in thirds of 10 ms
    if (
        own is not None
        and own.kept == "exact"
        and isinstance(value, str)
        and wanted.kept in {"whole", "float", "exact"}
    ):
        value = Decimal(value)
    if style > 0 and wanted.text:
        value = shown(value, own, style)
    if wanted.kept == "bytes" and style == 1 and isinstance(value, str):
        value = bytes.fromhex(value.removeprefix("0x"))
    return kept(value, wanted, cast=style >= 0, source=own)


def _maths(sign: str, places: int, left: Any, right: Any) -> str | None:
    if left is None or right is None:
        return None
    one, other = Decimal(left), Decimal(right)
    if sign in "/%" and not other:
        raise error(8134)
    unit = Decimal((0, (1,), -places))
    made = {
        "+": lambda: _EXACT.add(one, other), "-": lambda: _EXACT.subtract(one, other),
        "*": lambda: _EXACT.multiply(one, other), "%": lambda: _EXACT.remainder(one, other),
        "/": lambda: _EXACT.divide(one, other).quantize(unit, ROUND_DOWN, _EXACT),
    }[sign]()  # fmt: skip
    return f"{made.quantize(unit, ROUND_HALF_UP, _EXACT):f}"


def _divided(sign: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if not right:
        raise error(8134)
    if isinstance(left, float) or isinstance(right, float):
        return left / right if sign == "/" else math.fmod(left, right)
    whole = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return whole if sign == "/" else left - whole * right


@lru_cache(maxsize=512)
def _pattern(pattern: str, mark: str) -> re.Pattern[str]:
    made, at = "", 0
    while at < len(pattern):
        each = pattern[at]
        if mark and each == mark and at + 1 < len(pattern):
            at += 1
            made += re.escape(pattern[at])
        elif each in "%_":
            made += ".*" if each == "%" else "."
        elif each == "[" and "]" in pattern[at:]:
            end = pattern.index("]", at)
            made += "[" + pattern[at + 1 : end].replace("\\", r"\\") + "]"
            at = end
        else:
            made += re.escape(each)
        at += 1
    return re.compile(made, re.DOTALL | re.IGNORECASE)


def _like(text: Any, pattern: Any, mark: str) -> int | None:
    if text is None or pattern is None:
        return None
    return int(_pattern(str(pattern), mark).fullmatch(str(text)) is not None)


def _len(text: str) -> int:
    return units(text.rstrip(" "))


def _datalength(value: Any, name: str, size: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, str) and name in {"varchar", "char", "text"}:
        return len(value)
    return 2 * units(value) if isinstance(value, str) and name in WIDE else size


def _abs(value: Any) -> Any:
    if isinstance(value, str):
        return value.removeprefix("-")
    return None if value is None else abs(value)


def _round(value: Any, places: int | None) -> Any:
    """Half away from zero."""
    if value is None or places is None:
        return None
    if isinstance(value, float):
        power = 10.0**places
        scaled = abs(value) * power
        return math.copysign(math.floor(scaled + 0.5) / power, value) if scaled < 2**52 else value
    made = Decimal(value).quantize(Decimal((0, (1,), -places)), ROUND_HALF_UP, _EXACT)
    own = Decimal(value)
    return int(made) if isinstance(value, int) else f"{made.quantize(own, context=_EXACT):f}"


def _fitting(value: Any, name: str) -> Any:
    return None if value is None else kept(value, SqlType(name))


def _substring(text: str | None, start: int | None, length: int | None) -> str | None:
    if text is None or start is None or length is None:
        return None
    return str(text)[max(0, start - 1) : max(0, start - 1 + length)]


class _ExactSum:
    def __init__(self) -> None:
        self.total: Decimal | None = None

    def step(self, value: str | None) -> None:
        if value is not None:
            self.total = _EXACT.add(self.total or Decimal(0), Decimal(value))

    def finalize(self) -> str | None:
        return None if self.total is None else f"{self.total:f}"
