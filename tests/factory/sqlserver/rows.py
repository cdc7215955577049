"""Records of a table (FixedVar): where each column stands, and the bytes of each row."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol

from factory.sqlserver.kinds import Raw, Value, encode
from factory.sqlserver.model import Column, Row, Table
from factory.sqlserver.page import Address

PRIMARY, FORWARDED, STUB, INDEX, GHOST = 0, 1, 2, 3, 6
MOST = 8060
"""Bytes of one record."""
COMPLEX = 0x8000
UNIQUIFIER = Column("", "int")
JUNK = 0x5A
"""What stands in the fixed part under a NULL."""


class Outside(Protocol):
    """Where values go that stand outside the row."""

    def pointer(self, value: bytes | None) -> bytes:
        """The 16 bytes of text, ntext and image."""

    def inline(self, value: bytes, *, overflow: bool = False) -> bytes:
        """What stands in the record instead."""


class NullRoot(Raw):
    """A text, ntext or image whose pointer leads to a record that says NULL."""


@dataclass(frozen=True)
class Spot:
    """Where a column stands in the records."""

    number: int
    """Of the column, from 1; 0: the uniquifier."""
    column: Column
    offset: int
    """In the fixed part; negative: ordinal among the variable ones."""
    null_bit: int
    """From 1."""
    bit: int = 0
    key: int = 0
    """Position in the key; 0: not part of it."""


class RowLayout:
    """The places of all columns of a table: keys first, those that were added later last."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.spots: list[Spot] = []
        numbered = list(enumerate(table.columns, 1))
        keys = [next(each for each in numbered if each[1].name == name) for name in table.clustered]
        hidden = [(0, UNIQUIFIER)] if table.clustered and not table.unique else []
        rest = sorted((each for each in numbered if each not in keys), key=lambda each: each[1].since)
        self._end, self._ordinal, self._bits = 4, 0, (0, 8)
        self._ends: list[int] = []
        for number, column in [*hidden, *keys, *rest]:
            key = len(keys) + 1 if not number else keys.index((number, column)) + 1 if (number, column) in keys else 0
            self._place(number, column, key)

    def _place(self, number: int, column: Column, key: int) -> None:
        null_bit = len(self.spots) + 1
        if column.name and column.kind.name == "bit":
            at, bit = self._bits
            if bit == 8:
                at, bit = self._end, 0
                self._end += 1
            self._bits = (at, bit + 1)
            self.spots.append(Spot(number, column, at, null_bit, bit, key))
        elif number and column.kind.fixed:
            self.spots.append(Spot(number, column, self._end, null_bit, 0, key))
            self._end += column.kind.length
        else:
            self._ordinal += 1
            self.spots.append(Spot(number, column, -self._ordinal, null_bit, 0, key))
        self._ends.append(self._end)

    @property
    def low(self) -> int:
        """Length of the fixed part of a record with all columns."""
        return self._end

    def known(self, index: int) -> int:
        """How many of the columns there were when this row was written."""
        return sum(spot.column.since <= index for spot in self.spots)

    def record(
        self,
        index: int,
        row: Row,
        lob: Outside,
        overflow: Outside,
        *,
        uniquifier: int = 0,
        kind: int = PRIMARY,
        back: tuple[Address, int] | None = None,
    ) -> bytes:
        """The bytes of row `index`. `back`: where its stub is, when it was forwarded."""
        known = self.known(index)
        spots = self.spots[:known]
        values = self._values(index, row, uniquifier)
        end = self._ends[known - 1] if known else 4
        fixed = bytearray([JUNK]) * (end - 4)
        nulls = bytearray(b"\xff" * ((known + 7) // 8))
        variable: list[tuple[bytes, bool, bool]] = []
        for spot in spots:
            value = values[spot.number]
            if value is not None:
                nulls[(spot.null_bit - 1) // 8] &= ~(1 << (spot.null_bit - 1) % 8)
            if spot.offset >= 0:
                _put_fixed(fixed, spot, value)
            else:
                variable.append(_variable(spot, value, lob))
        if back is not None:
            (file_id, number), slot = back
            variable.append((struct.pack("<HIHH", 0x400, number, file_id, slot), True, False))
        else:
            while variable and not variable[-1][0]:
                variable.pop()
        status = 0x10 | (0x20 if variable else 0) | kind << 1
        head = struct.pack("<BBH", status, 0, end) + fixed + struct.pack("<H", known) + nulls
        return head + _variable_part(len(head), variable, overflow)

    def _values(self, index: int, row: Row, uniquifier: int) -> dict[int, Value | Raw]:
        visible = iter(row)
        values: dict[int, Value | Raw] = {0: uniquifier or None}
        for number, column in enumerate(self.table.columns, 1):
            values[number] = (_relic(column) if index % 2 else None) if column.dropped else next(visible)
            early = (None, column.default)
            if index < column.since and not column.dropped and values[number] not in early:
                raise ValueError(f"row {index} is older than column {column.name}")
        return values


def _relic(column: Column) -> Raw:
    """What stands under a dropped column: any bytes of the right length."""
    width = column.kind.length if column.kind.fixed else 7
    return Raw(b"\x01" if column.kind.name == "bit" else b"\x77" * width)


def _put_fixed(fixed: bytearray, spot: Spot, value: Value | Raw) -> None:
    at, kind = spot.offset - 4, spot.column.kind
    if kind.name == "bit":
        mask = 1 << spot.bit
        on = bool(value.data[0] if isinstance(value, Raw) else value)
        fixed[at] = fixed[at] | mask if on else fixed[at] & ~mask
    elif value is not None:
        fixed[at : at + kind.length] = encode(kind, value, spot.column.encoding)


def _variable(spot: Spot, value: Value | Raw, lob: Outside) -> tuple[bytes, bool, bool]:
    """(bytes, they are a pointer, they may flow over)."""
    if value is None:
        return b"", False, False
    if not spot.number:
        return struct.pack("<i", value), False, False
    kind = spot.column.kind
    if kind.pointer:
        if isinstance(value, Raw):
            return (lob.pointer(None) if isinstance(value, NullRoot) else value.data), True, False
        return lob.pointer(encode(kind, value, spot.column.encoding)), True, False
    data = encode(kind, value, spot.column.encoding)
    if kind.unlimited and len(data) > 8000:
        return lob.inline(data), True, False
    return data, False, not spot.key


def _variable_part(start: int, variable: list[tuple[bytes, bool, bool]], overflow: Outside) -> bytes:
    if not variable:
        return b""
    room = MOST - start - 2 - 2 * len(variable)
    while sum(len(data) for data, _, _ in variable) > room:
        at = max(range(len(variable)), key=lambda each: len(variable[each][0]) if variable[each][2] else -1)
        data, _, may = variable[at]
        if not may or len(data) <= 24:
            raise ValueError("the row is too long")
        variable[at] = (overflow.inline(data, overflow=True), True, False)
    end = start + 2 + 2 * len(variable)
    ends = []
    for data, pointer, _ in variable:
        end += len(data)
        ends.append(end | COMPLEX if pointer else end)
    return struct.pack(f"<H{len(ends)}H", len(ends), *ends) + b"".join(data for data, _, _ in variable)
