"""Databases by chance, for Hypothesis: every type, and every way that a record can look."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from factory.sqlserver.kinds import Value, kind
from factory.sqlserver.model import Column, Database, Table
from hypothesis import strategies as st

VERSIONS = (611, 612, 655, 660, 661, 684, 705, 706, 782, 852, 868, 869, 895, 904, 950, 957)
_LATIN = "".join(chr(each) for each in [*range(32, 127), *range(0xA0, 0x100)]) + "€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ"
_WIDE = st.characters(exclude_categories=["Cs"])
_RANGES = {"tinyint": (0, 255), "smallint": (-(2**15), 2**15 - 1), "int": (-(2**31), 2**31 - 1)}
_RANGES |= {"bigint": (-(2**63), 2**63 - 1)}
NUMBER = "nr"
"""The first column of every table: the row's own number."""

_PLAIN = (
    "tinyint", "smallint", "int", "bigint", "bit", "real", "float", "money", "smallmoney", "datetime", "date",
    "smalldatetime", "uniqueidentifier", "timestamp", "text", "ntext", "image", "varchar(max)", "nvarchar(max)",
    "varbinary(max)",
)  # fmt: skip
types = st.one_of(
    st.sampled_from(_PLAIN),
    st.builds("{}({})".format, st.sampled_from(["varchar", "nvarchar", "varbinary"]), st.integers(1, 90)),
    st.builds("{}({})".format, st.sampled_from(["char", "nchar", "binary"]), st.integers(1, 30)),
    st.builds("{}({})".format, st.sampled_from(["time", "datetime2", "datetimeoffset"]), st.integers(0, 7)),
    st.integers(1, 38).flatmap(
        lambda precision: st.builds(
            "{}({},{})".format, st.sampled_from(["decimal", "numeric"]), st.just(precision), st.integers(0, precision)
        )
    ),
)


def values(declaration: str) -> st.SearchStrategy[Value]:
    """Values that a column of this type can hold, NULL left out."""
    what = kind(declaration)
    if what.name in _RANGES:
        return st.integers(*_RANGES[what.name])
    if what.text:
        return _texts(what.length, wide=what.wide)
    if what.name in {"binary", "varbinary", "image", "timestamp"}:
        least = what.length if what.name in {"binary", "timestamp"} else 0
        return _bytes() if what.length < 0 else st.binary(min_size=least, max_size=what.length)
    if what.name in {"decimal", "numeric"}:
        most = 10**what.precision - 1
        return st.integers(-most, most).map(lambda whole: exact(whole, what.scale))
    if what.name in {"money", "smallmoney"}:
        most = 2**63 - 1 if what.name == "money" else 2**31 - 1
        return st.integers(-most - 1, most).map(lambda whole: exact(whole, 4))
    plain: dict[str, st.SearchStrategy[Value]] = {
        "bit": st.booleans(),
        "real": st.floats(width=32, allow_nan=False, allow_infinity=False),
        "float": st.floats(allow_nan=False, allow_infinity=False),
        "uniqueidentifier": st.uuids().map(uuid.UUID.__str__),
        "date": st.dates(),
        "datetime": st.builds(_ticks, st.integers(-53_690, 2_958_463), st.integers(0, 25_919_999)),
        "smalldatetime": st.builds(
            _ticks, st.integers(0, 65_535), st.integers(0, 1439).map(lambda each: each * 18_000)
        ),
    }
    return plain[what.name] if what.name in plain else _moments(what.name, what.scale)


def exact(whole: int, scale: int) -> Decimal:
    """A decimal without rounding: the context does not count here."""
    return Decimal((int(whole < 0), tuple(map(int, str(abs(whole)))), -scale))


def _ticks(days: int, ticks: int) -> datetime:
    return datetime.fromisoformat("1900-01-01T00:00:00") + timedelta(days, microseconds=round(ticks * 10_000 / 3))


def _texts(length: int, *, wide: bool) -> st.SearchStrategy[Value]:
    most = 4 * (length if length > 0 else 200)
    plain = st.text(_WIDE if wide else st.sampled_from(_LATIN), max_size=min(most, 60))
    if length < 0:
        long = st.builds(lambda each, times: each * times, plain, st.sampled_from([1, 1, 150, 3000]))
        return long.filter(lambda each: len(each) < 60_000)
    room = length // 2 if wide else length

    def cut(text: str) -> str:
        while len(text.encode("utf-16-le")) // 2 > room:
            text = text[:-1]
        return text

    return plain.map(cut)


def _bytes() -> st.SearchStrategy[Value]:
    return st.builds(lambda each, times: each * times, st.binary(max_size=80), st.sampled_from([1, 1, 130, 900]))


def _moments(name: str, scale: int) -> st.SearchStrategy[Value]:
    clock = st.integers(0, 86_400 * 10**scale - 1).map(lambda ticks: _clock(ticks, scale))
    if name == "time":
        return clock
    if name == "datetime2":
        return st.builds("{}T{}".format, st.dates(), clock)
    zones = st.builds("{}{:02d}:{:02d}".format, st.sampled_from("+-"), st.integers(0, 13), st.sampled_from([0, 30, 45]))
    return st.builds("{}T{}{}".format, st.dates(date(2, 1, 1), date(9998, 12, 31)), clock, zones)


def _clock(ticks: int, scale: int) -> str:
    seconds, part = divmod(ticks, 10**scale)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{part:0{scale}}" if scale else text


@st.composite
def tables(draw: st.DrawFn, name: str = "t") -> Table:
    """A table whose first column numbers its rows."""
    count = draw(st.integers(0, 12))
    columns = [Column(NUMBER, "int", nullable=False)]
    late = 0
    for number in range(draw(st.integers(0, 9))):
        if draw(st.integers(0, 7)) == 0:
            late = draw(st.integers(late, count))
        dropped = draw(st.integers(0, 7)) == 0
        columns.append(Column(f"c{number} é", draw(types), since=late, dropped=dropped))
    rows = [
        [index, *(_value(draw, column, index) for column in columns[1:] if not column.dropped)]
        for index in range(count)
    ]
    table = Table(name, columns, rows, mixed=draw(st.booleans()), ghosts=draw(st.sampled_from([0, 0, 0, 2])))
    if draw(st.booleans()):
        keys = [
            column.name
            for column in columns
            if not (column.dropped or column.since or column.kind.pointer or column.kind.unlimited)
            and column.kind.name != "bit"
        ]
        chosen = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=2, unique=True))
        return replace(table, clustered=tuple(chosen), unique=draw(st.booleans()))
    moved = draw(st.frozensets(st.integers(0, count - 1), max_size=3)) if count else frozenset()
    return replace(table, forwarded=moved)


def _value(draw: st.DrawFn, column: Column, index: int) -> Value:
    if index < column.since or draw(st.integers(0, 4)) == 0:
        return None
    return draw(values(column.type))


@st.composite
def databases(draw: st.DrawFn) -> Database:
    """One to three tables, of any version."""
    made = [draw(tables(name)) for name in ["t", "Bestel regels", "ünï"][: draw(st.integers(1, 3))]]
    return Database(
        made,
        version=draw(st.sampled_from(VERSIONS)),
        protection=draw(st.sampled_from(["checksum", "torn", "none"])),
        leftovers=draw(st.booleans()),
    )
