"""Values without loss: each type alone, and a whole column at once, give the same."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats.inside import types as kinds
from core.formats.inside.collation import UNKNOWN, encoding_of
from core.formats.inside.column import Column, Undecoded
from core.formats.inside.fixed import fixed_of
from core.formats.inside.text import text_of, texts_of
from core.formats.inside.types import ColumnType, type_of
from core.formats.inside.values import decoder_of, variant_of

LATIN, GREEK, SQL_LATIN, SQL_CP437 = 0x0000_D008, 0x0000_D007, 0x3400_D008, 0x1F00_C008
PADDING = bytes(8192)
LAST_TICK, LAST_DAY = (863_999_999_999).to_bytes(5, "little"), (3_652_058).to_bytes(3, "little")
moment = datetime.fromisoformat


def typed(number: int, length: int = 0, precision: int = 0, scale: int = 0, collation: int = LATIN) -> ColumnType:
    return type_of(number, length, precision, scale, collation)


def at_once(kind: ColumnType, raws: list[bytes]) -> list[object]:
    """A column of the fixed part, as `Database.read` makes it."""
    data = np.frombuffer(b"".join([*raws, PADDING]), dtype=np.uint8)
    null = np.zeros(len(raws), dtype=bool)
    places = np.arange(len(raws), dtype=np.int64) * (kind.width or 0)
    return Column("c", kind, null, lambda: fixed_of(data, places, kind, null)).to_list()


FIXED = [
    typed(kinds.TINYINT), typed(kinds.SMALLINT), typed(kinds.INT), typed(kinds.BIGINT), typed(kinds.MONEY),
    typed(kinds.SMALLMONEY), typed(kinds.GUID), typed(kinds.DATE), typed(kinds.DATETIME), typed(kinds.SMALLDATETIME),
    typed(kinds.TIMESTAMP), typed(kinds.BINARY, 5), typed(kinds.CHAR, 7), typed(kinds.NCHAR, 6),
    *(typed(kinds.TIME, scale=scale) for scale in range(8)),
    *(typed(kinds.DATETIME2, scale=scale) for scale in range(8)),
    *(typed(kinds.OFFSET, scale=scale) for scale in (0, 3, 7)),
    *(typed(kinds.DECIMAL, 0, *shape) for shape in ((9, 0), (9, 4), (18, 18), (19, 2), (38, 10))),
]  # fmt: skip


@given(st.sampled_from(FIXED), st.data())
def test_a_column_at_once_gives_what_each_value_gives(kind: ColumnType, data: st.DataObject) -> None:
    width = kind.width or 0
    raws = data.draw(st.lists(st.binary(min_size=width, max_size=width), min_size=1, max_size=12))
    if kind.id in {*kinds.DECIMALS, kinds.DATETIME2, kinds.TIME, kinds.OFFSET, kinds.DATE, kinds.DATETIME}:
        # Random bytes are hardly ever a value: small ones are.
        raws += [bytes([1]) + raw[1:2] + bytes(width - 2) for raw in raws]
    decode = decoder_of(kind)
    assert at_once(kind, raws) == [decode(raw) for raw in raws]


@given(
    st.sampled_from(["utf-16-le", "cp1252", "cp1251", "cp932", "cp437", UNKNOWN]),
    st.lists(
        st.one_of(st.binary(max_size=9), st.text(max_size=30).map(lambda text: text.encode("utf-16-le", "replace"))),
        max_size=40,
    ),
)
def test_texts_at_once(encoding: str, raws: list[bytes]) -> None:
    lengths = np.cumsum([0, *map(len, raws)]).astype(np.int64)
    data = np.frombuffer(b"".join([*raws, PADDING]), dtype=np.uint8)
    assert texts_of(data, lengths[:-1], lengths[1:], encoding)[0] == [text_of(raw, encoding) for raw in raws]


def test_one_very_long_text_does_not_cost_the_others() -> None:
    raws = [b"kort"] * 5000 + [b"x" * 7000]
    lengths = np.cumsum([0, *map(len, raws)]).astype(np.int64)
    data = np.frombuffer(b"".join([*raws, PADDING]), dtype=np.uint8)
    values = texts_of(data, lengths[:-1], lengths[1:], "cp1252")[0]
    assert isinstance(values, list)
    assert values[0] == "kort"
    assert values[-1] == "x" * 7000


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (typed(kinds.MONEY), struct.pack("<q", -(2**63)), Decimal("-922337203685477.5808")),
        (typed(kinds.SMALLMONEY), struct.pack("<i", 1), Decimal("0.0001")),
        (typed(kinds.DECIMAL, precision=38), b"\1" + (10**38 - 1).to_bytes(16, "little"), Decimal("9" * 38)),
        (typed(kinds.DECIMAL, 0, 38, 38), b"\0" + (10**38 - 1).to_bytes(16, "little"), Decimal("-0." + "9" * 38)),
        (typed(kinds.DECIMAL, precision=9, scale=2), b"\1" + struct.pack("<I", 1200), Decimal("12.00")),
        (typed(kinds.DECIMAL, precision=18), b"\0" + struct.pack("<Q", 7), Decimal(-7)),
        (typed(kinds.DATE), (3_652_058).to_bytes(3, "little"), date.max),
        (typed(kinds.DATE), bytes(3), date.min),
        (typed(kinds.DATETIME), struct.pack("<Ii", 25_919_999, 2_958_463), moment("9999-12-31T23:59:59.997")),
        (typed(kinds.DATETIME), struct.pack("<Ii", 2, -53_690), moment("1753-01-01T00:00:00.007")),
        (typed(kinds.SMALLDATETIME), struct.pack("<HH", 1439, 65_535), moment("2079-06-06T23:59:00")),
        (typed(kinds.DATETIME2, scale=7), LAST_TICK + LAST_DAY, "9999-12-31T23:59:59.9999999"),
        (typed(kinds.DATETIME2, scale=0), (86_399).to_bytes(3, "little") + bytes(3), moment("0001-01-01T23:59:59")),
        (typed(kinds.TIME, scale=7), (10).to_bytes(5, "little"), time(0, 0, 0, 1)),
        (typed(kinds.TIME, scale=7), (1).to_bytes(5, "little"), "00:00:00.0000001"),
        (typed(kinds.GUID), bytes(range(16)), "03020100-0504-0706-0809-0A0B0C0D0E0F"),
        (typed(kinds.CHAR, 4), b"a\x81\0 ", "a\x81\0 "),
        (typed(kinds.NCHAR, 4), "\0\0".encode("utf-16-le"), "\0\0"),
        (typed(kinds.NCHAR, 4), b"\0\xd8a\0", "\ud800a"),
        (typed(kinds.NCHAR, 4), "\U0001f600".encode("utf-16-le"), "\U0001f600"),
    ],
)  # fmt: skip
def test_the_ends_of_the_range(kind: ColumnType, raw: bytes, value: object) -> None:
    for found in (decoder_of(kind)(raw), at_once(kind, [raw])[0]):
        assert found == value
        assert str(found) == str(value)


def test_the_hour_stays_with_its_zone() -> None:
    kind = typed(kinds.OFFSET, scale=7)
    day = (date(2020, 6, 1).toordinal() - 1).to_bytes(3, "little")
    half = (23 * 36_000_000_000).to_bytes(5, "little")
    zone = timezone(timedelta(hours=2))
    assert decoder_of(kind)(half + day + struct.pack("<h", 120)) == datetime(2020, 6, 2, 1, tzinfo=zone)
    assert decoder_of(kind)(half + day + bytes(2)) == datetime(2020, 6, 1, 23, tzinfo=UTC)
    odd = (1).to_bytes(5, "little") + day + struct.pack("<h", -90)
    assert decoder_of(kind)(odd) == "2020-05-31T22:30:00.0000001-01:30"


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (typed(kinds.DATETIME), struct.pack("<Ii", 25_920_000, 0)),
        (typed(kinds.DATETIME), struct.pack("<Ii", 0, -53_691)),
        (typed(kinds.SMALLDATETIME), struct.pack("<HH", 1440, 0)),
        (typed(kinds.DATE), b"\xff\xff\xff"),
        (typed(kinds.TIME, scale=7), b"\xff" * 5),
        (typed(kinds.DATETIME2, scale=7), b"\xff" * 8),
        (typed(kinds.OFFSET, scale=7), bytes(8) + struct.pack("<h", 900)),
        (typed(kinds.OFFSET, scale=7), bytes(8) + struct.pack("<h", -60)),
        (typed(kinds.DECIMAL, precision=9), b"\2" + bytes(4)),
        (typed(kinds.DECIMAL, precision=4), b"\1" + struct.pack("<I", 10_000)),
        (typed(kinds.CHAR, 1, collation=0x0000_D011), b"\xe9"),
    ],
)
def test_what_is_no_value_is_never_guessed(kind: ColumnType, raw: bytes) -> None:
    for found in (decoder_of(kind)(raw), at_once(kind, [raw])[0]):
        assert isinstance(found, Undecoded)
        assert found.raw == raw


@pytest.mark.parametrize("number", [kinds.XML, kinds.CLR, kinds.JSON, kinds.VECTOR, 250])
def test_types_without_a_decoder(number: int) -> None:
    found = decoder_of(typed(number))(b"abc")
    assert isinstance(found, Undecoded)
    assert found.raw == b"abc"


@pytest.mark.parametrize(
    ("collation", "encoding"),
    [
        (LATIN, "cp1252"), (GREEK, "cp1253"), (0x0000_D015, "cp1251"), (0x0000_D001, "cp1256"), (0x0000_D024, "cp936"),
        (SQL_LATIN, "cp1252"), (SQL_CP437, "cp437"), (0x2A00_D008, "cp850"), (0x6A00_D008, "cp1251"),
        (0x0001_0008, "cp1252"), (0x0004_D008, "cp1252"), (0x0000_D0FE, UNKNOWN), (0x0004_D208, UNKNOWN),
    ],
)  # fmt: skip
def test_code_pages(collation: int, encoding: str) -> None:
    assert encoding_of(collation) == encoding


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (bytes.fromhex("380102000000"), 2),
        (bytes.fromhex("7f011000000000000000"), 16),
        (bytes.fromhex("680100"), False),
        (bytes.fromhex("e701080208d0003431002e003000"), "1.0"),
        (bytes.fromhex("6c010902010a000000"), Decimal("0.10")),
        (bytes.fromhex("a701080008d0003461e9"), "a\u00e9"),
        (bytes.fromhex("28010a0000"), date(1, 1, 11)),
    ],
)
def test_variants(raw: bytes, value: object) -> None:
    assert variant_of(raw) == value


@given(st.binary(max_size=24))
def test_a_variant_of_any_bytes(raw: bytes) -> None:
    variant_of(raw)
    variant_of(bytes([raw[0] if raw else 56, 1]) + raw)
