"""Rows as a Parquet file, with types that lose nothing; needs the extra `parquet` (pyarrow)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from core.errors import DriverMissing
from core.formats.inside.column import Column
from core.formats.inside.database import Batch
from core.model.inside import ColumnInside, TableInside
from core.office.inside.forms import text_of

_SEVEN = 7
"""Digits of a second that neither microseconds nor the years of nanoseconds can hold: such columns are text."""

_AS_STORED = frozenset({bool, int, float, date, datetime})
"""Python types of columns that NumPy holds the way Parquet does."""


class _Sink(io.RawIOBase):
    """Takes what is written until it is fetched."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        return len(piece)

    def fetch(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def ready() -> None:
    """Raises DriverMissing (`parquet-missing`) where pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise DriverMissing("parquet-missing") from error


def parquet(table: TableInside, batches: Iterator[tuple[Batch, int]], heard: Callable[[int], None]) -> Iterator[bytes]:
    """The file in pieces, one row group for each batch. Raises DriverMissing."""
    ready()
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    kinds = [_kind(pa, each) for each in table.columns]
    schema = pa.schema([pa.field(each.name, kind) for each, (kind, _) in zip(table.columns, kinds, strict=True)])
    sink = _Sink()
    with ParquetWriter(pa.PythonFile(sink, mode="w"), schema) as writer:
        for batch, count in batches:
            arrays = []
            for column, (kind, python) in zip(batch.columns, kinds, strict=True):
                array, lost = _array(pa, column, kind, python)
                heard(lost)
                arrays.append(array)
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema).slice(0, count))
            yield sink.fetch()
    yield sink.fetch()


def _kind(pa: Any, column: ColumnInside) -> tuple[Any, type | None]:
    """The Parquet type, and the Python type of its values; None: text of whatever it is."""
    simple = {
        "bit": (pa.bool_(), bool),
        "tinyint": (pa.uint8(), int),
        "smallint": (pa.int16(), int),
        "int": (pa.int32(), int),
        "bigint": (pa.int64(), int),
        "real": (pa.float32(), float),
        "float": (pa.float64(), float),
        "money": (pa.decimal128(19, 4), Decimal),
        "smallmoney": (pa.decimal128(10, 4), Decimal),
        "date": (pa.date32(), date),
        "datetime": (pa.timestamp("us"), datetime),
        "smalldatetime": (pa.timestamp("us"), datetime),
    }
    if column.type in simple:
        return simple[column.type]
    if column.type in {"decimal", "numeric"}:
        return pa.decimal128(column.precision, column.scale), Decimal
    if column.type in {"binary", "varbinary", "image", "timestamp"}:
        return pa.binary(), bytes
    if column.scale < _SEVEN and column.type in {"datetime2", "time"}:
        return (pa.timestamp("us"), datetime) if column.type == "datetime2" else (pa.time64("us"), time)
    return pa.string(), None


def _array(pa: Any, column: Column, kind: Any, python: type | None) -> tuple[Any, int]:
    """The values as the Parquet column takes them, and how many it cannot hold."""
    stored = column.values
    if python in _AS_STORED and not isinstance(stored, list) and not column.odd:
        return pa.array(stored, type=kind, mask=column.null), 0
    values, name = column.to_list(), column.type.name
    if python is None:
        return pa.array([None if value is None else _text(value, name) for value in values], type=kind), 0
    held = [value if isinstance(value, python) else None for value in values]
    lost = sum(value is not None and kept is None for value, kept in zip(values, held, strict=True))
    return pa.array(held, type=kind), lost


def _text(value: object, kind: str) -> str:
    text = value if isinstance(value, str) else text_of(value, kind)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
