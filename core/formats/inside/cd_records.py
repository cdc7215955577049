"""One record of a compressed row ("column descriptor" format): its columns as bytes.

*Built from documentation*: BusinessCentral.BakReader and mssqlbak, which checked it against a server; OrcaMDF; Kalen
Delaney, "SQL Server Internals". No sample of our own holds compressed rows. The record:

    u8      1 = this format, 2 = 14 bytes of versioning at the end, bits 2-4 kind, 0x20 = long region
    u8      number of columns; from 128 on two bytes, high one first, with 0x80
    u4 ...  one code for each column, low half of a byte first
    u8 ...  bytes in the short region, for each cluster of 30 columns but the last
            short region
    u8      bit 0 = ends of two bytes, bit 1 = some point outside      } the long region
    u16     number of values; u16 ... ends (0x8000: points outside)    }
    u8 ...  number of values, for each cluster but the last            }
            the values                                                 }
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import pairwise
from typing import Final

from core.formats.inside.cells import Cell, Pointer

PRIMARY, STUB, FORWARDED, INDEX = 0, 2, 4, 6
"""Kinds; 1, 3, 5 and 7 are ghosts: rows that were deleted [documented: OrcaMDF; 3 by BusinessCentral.BakReader]."""
_FORMAT, _LONG_REGION = 0x01, 0x20
_CLUSTER: Final = 30
_NULL, _EMPTY, _LONGEST_SHORT, _LONG, _TRUE, _SYMBOL = 0, 1, 9, 10, 11, 12
_SIZES: Final = (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 1)
"""Bytes in the short region, by code."""
_TWO_BYTES: Final = 0x01
_COMPLEX: Final = 0x8000
_WIDE_COUNT: Final = 0x80

Resolve = Callable[[int, bytes], bytes]
"""From what stands in the row for a column (numbered from 0) to its bytes: puts back what the page shares."""
Lookup = Callable[[int, int], bytes]
"""(column, symbol) -> the bytes that the symbol stands for."""


class BadRecord(Exception):
    """The bytes contradict each other."""


def kind_of(record: bytes) -> int:
    """What kind of record. Raises BadRecord where it is none of this format."""
    if not record or not record[0] & _FORMAT:
        raise BadRecord
    return record[0] >> 2 & 7


def cells_of(record: bytes, resolve: Resolve | None = None, lookup: Lookup | None = None) -> list[Cell]:
    """One for each column that the record was written with, in physical order.

    `record` starts with the record and may go on behind it. Raises BadRecord.
    """
    try:
        return _cells(record, resolve or _same, lookup or _no_symbol)
    except (IndexError, struct.error):
        raise BadRecord from None


def _same(_column: int, stored: bytes) -> bytes:
    return stored


def _no_symbol(_column: int, _symbol: int) -> bytes:
    raise BadRecord


def _cells(record: bytes, resolve: Resolve, lookup: Lookup) -> list[Cell]:
    kind = kind_of(record)
    codes, at = _codes(record)
    clusters = max(0, (len(codes) - 1) // _CLUSTER)
    sizes, at = record[at : at + clusters], at + clusters
    starts = [at]
    cells: list[Cell] = []
    long: list[int] = []
    for column, code in enumerate(codes):
        if column and column % _CLUSTER == 0:
            starts.append(at)
        end = at + _SIZES[code]
        if code in {_NULL, _LONG}:
            cells.append(None)
            if code == _LONG:
                long.append(column)
        elif code <= _LONGEST_SHORT:
            cells.append(resolve(column, record[at:end]))
        elif code == _TRUE:
            cells.append(b"\1")
        else:
            cells.append(lookup(column, record[at]))
        at = end
    if at > len(record) or [b - a for a, b in pairwise(starts)] != list(sizes):
        raise BadRecord
    if record[0] & _LONG_REGION:
        _long(record, at, cells, long, resolve, spare=kind == FORWARDED)
    elif long:
        raise BadRecord
    return cells


def _codes(record: bytes) -> tuple[list[int], int]:
    """The codes of all columns, and where they end."""
    count, at = record[1], 2
    if count & _WIDE_COUNT:
        count, at = (count & ~_WIDE_COUNT) << 8 | record[2], 3
    packed = record[at : at + (count + 1) // 2]
    if len(packed) < (count + 1) // 2:
        raise BadRecord
    codes = [half for byte in packed for half in (byte & 15, byte >> 4)][:count]
    if codes and max(codes) > _SYMBOL:
        raise BadRecord
    return codes, at + len(packed)


def _long(record: bytes, at: int, cells: list[Cell], columns: list[int], resolve: Resolve, *, spare: bool) -> None:
    """Fill in the columns that stand in the long region.

    `spare`: a record that moved has one value more, which says where its stub is [documented: OrcaMDF].
    """
    flags, count = struct.unpack_from("<BH", record, at)
    if not flags & _TWO_BYTES or count not in ({len(columns), len(columns) + 1} if spare else {len(columns)}):
        raise BadRecord
    ends = struct.unpack_from(f"<{count}H", record, at + 3)
    clusters = max(0, (len(cells) - 1) // _CLUSTER)
    data = at + 3 + 2 * count + clusters
    told = list(record[data - clusters : data])
    if told != [sum(column // _CLUSTER == cluster for column in columns) for cluster in range(clusters)]:
        raise BadRecord
    before = 0
    for column, raw in zip(columns, ends, strict=False):
        end = raw & ~_COMPLEX
        if end < before or data + end > len(record):
            raise BadRecord
        stored = record[data + before : data + end]
        cells[column] = Pointer(stored) if raw & _COMPLEX else resolve(column, stored)
        before = end
